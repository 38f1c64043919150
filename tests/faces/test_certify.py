"""Prove that the certificate is written, shown, checked and drawn on the command line."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from faces import rallo

from loaders.certificate import COLUMNS, PLACES, certificate_files, read_rows
from ontology.files import HOME
from queries.certifying import texts
from queries.pictures import draw_all
from reasoner.certificate import Certificate, certificate
from reasoner.partition import HOLE, OVERLAP
from reasoner.table import Table

SVG = "{http://www.w3.org/2000/svg}"
GROUPS = "bfm-table-1-groups"


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """Copy the shipped tables."""
    folder = tmp_path / "certificate"
    folder.mkdir()
    for path in certificate_files():
        shutil.copy(path, folder)
    return folder


@pytest.fixture(scope="module")
def made(table: Table) -> Certificate:
    """Make the certificate once."""
    return certificate(table)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ElementTree.Element]:
    """Draw all schemes."""
    folder = tmp_path_factory.mktemp("drawn")
    said = rallo("certify", "-o", str(folder / "tables"), "--pictures", str(folder / "pictures"))
    assert said.status == 0, said.err
    drawn = {p.stem: p.read_text(encoding="utf-8") for p in (folder / "pictures").glob("*")}
    for text in drawn.values():
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|href|@import|<script", text)
    return {name: ElementTree.fromstring(text) for name, text in drawn.items()}


def test_the_tables_are_written_anew_and_then_right(tmp_path: Path) -> None:
    """Into an empty folder come the two shipped tables to the letter, and nothing else."""
    folder = tmp_path / "new" / "folder"
    assert rallo("certify", "--check", "-o", str(folder)).status == 1
    assert not folder.exists()
    assert rallo("certify", "-o", str(folder)).status == 0
    assert {p.name for p in folder.iterdir()} == set(COLUMNS)
    for path in certificate_files():
        assert (folder / path.name).read_bytes() == path.read_bytes()
    assert rallo("certify", "--check", "-o", str(folder)).status == 0


def test_check_passes_on_what_is_shipped() -> None:
    """`rallo certify --check` says that the certificate is right, with its checksum."""
    said = rallo("certify", "--check")
    assert (said.status, said.err) == (0, "")
    assert re.fullmatch(r"the certificate is what the tables give \([0-9a-f]{64}\)\n", said.out)


@pytest.mark.parametrize("name", COLUMNS)
def test_check_names_the_row_that_differs(shipped: Path, name: str) -> None:
    """One number changed by hand: status 1, both rows named, and the file left as it was."""
    path = shipped / name
    changed = path.read_text(encoding="utf-8").replace("\tdefault\t", "\tusual\t", 1)
    path.write_text(changed, encoding="utf-8")
    said = rallo("certify", "--check", "-o", str(shipped))
    assert said.status == 1
    assert f"{name}: - " in said.err and "| usual |" in said.err
    assert f"{name}: + " in said.err and "| default |" in said.err
    assert path.read_text(encoding="utf-8") == changed


def test_check_notices_lines_out_of_order_and_a_missing_table(shipped: Path) -> None:
    """A table with its rows swapped, or away, is told by name."""
    path = shipped / PLACES
    head, one, two, *rest = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([head, two, one, *rest]), encoding="utf-8")
    said = rallo("certify", "--check", "-o", str(shipped))
    assert (said.status, f"{PLACES}: order of rows" in said.err) == (1, True)
    path.unlink()
    said = rallo("certify", "--check", "-o", str(shipped))
    assert (said.status, f"{PLACES}: missing" in said.err) == (1, True)


def test_a_scheme_without_flaw_is_said_to_be_whole_and_others_say_where_not(shipped: Path) -> None:
    """The text proves the site pattern, and lists holes of the timing with passage and locator."""
    said = rallo("certify", "-o", str(shipped)).out
    assert "16 cases: each is in exactly one category. Exhaustive and exclusive." in said
    assert "28 cases: 19 in exactly one category, 8 in none, 1 in several." in said
    assert "very early and late" in said
    assert "Without B8, with A11: 1039 in exactly one category, 268 in none, 37 in several" in said
    assert "two clocks of Table 1: Very early counts from diagnosis" in " ".join(said.split())


def test_one_scheme_is_shown_under_every_set_of_readings(shipped: Path) -> None:
    """With --scheme the holes under other readings are listed too, and no other scheme is."""
    said = rallo("certify", "--scheme", "bfm-table-1-timing", "-o", str(shipped)).out
    assert "  With A04\n" in said and "  Without B2, with A05\n" in said
    assert "site-patterns" not in said
    assert "relapse on treatment" in " ".join(said.split())


def test_json_holds_all_counts_places_and_passages(shipped: Path, made: Certificate) -> None:
    """What the tables hold is in the JSON, with the words of every passage that is named."""
    found = json.loads(rallo("certify", "--format", "json", "-o", str(shipped)).out)
    assert found["checksum"] == made.checksum
    assert [c["in_holes"] for c in found["counts"]] == [c.in_holes for c in made.counts]
    assert [p["criteria"] for p in found["places"]] == [p.criteria for p in made.places]
    named = {cause for place in found["places"] for cause in place["causes"]}
    assert all(found["passages"][cause]["definition"] for cause in named)
    assert {c["scheme"] for c in found["counts"]} == set(found["schemes"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--scheme", "no-such"), "allowed: site-patterns, bfm-table-1-timing"),
        (("--format", "xml"), "allowed: text, json"),
        (("-o", __file__), "is a file; name a folder"),
        (("--pictures", __file__), "is a file; name a folder"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_can(
    arguments: tuple[str, ...], told: str
) -> None:
    """An unknown scheme or format, or a file for a folder: status 2 and one line."""
    said = rallo("certify", *arguments)
    assert (said.status, said.out) == (2, "")
    assert told in said.err and said.err.count("\n") == 1


def test_every_row_survives_the_table(made: Certificate) -> None:
    """No cell of a table holds what would break it: a tab, a line end, or a joining semicolon."""
    for name, text in texts(made).items():
        lines = text.split("\n")
        assert lines.pop() == ""
        assert {line.count("\t") for line in lines} == {len(COLUMNS[name]) - 1}
    for place in made.places:
        assert not any(";" in word for word in (*place.categories, *place.causes, place.criteria))
    assert len(read_rows(certificate_files()[1])) == len(made.places)


def test_every_scheme_is_drawn_with_title_and_words(
    pictures: dict[str, ElementTree.Element], table: Table, made: Certificate
) -> None:
    """Each picture has a title and a text alternative that tells all its holes and overlaps."""
    assert pictures.keys() == {s["name"] for s in table.schemes}
    for name, picture in pictures.items():
        assert picture.get("role") == "img" and picture.get("aria-labelledby") == "title text"
        assert (picture.findtext(f"{SVG}title") or "").endswith("holes and overlaps")
        told = picture.findtext(f"{SVG}desc") or ""
        default = [p for p in made.places if (p.scheme, p.readings) == (name, "default")]
        assert all(f"{place.criteria}: in " in told for place in default)


def test_a_picture_marks_what_the_certificate_counts(
    pictures: dict[str, ElementTree.Element], made: Certificate
) -> None:
    """Holes and overlaps are drawn where there are some, and only there."""
    counts = {c.scheme: c for c in made.counts if c.readings == "default"}
    for name, picture in pictures.items():
        drawn = [r.get("class") for r in picture.iter(f"{SVG}rect")]
        assert (HOLE in drawn) == (counts[name].in_holes > 0)
        assert (OVERLAP in drawn) == (counts[name].in_overlaps > 0)


def test_the_shipped_pictures_are_those_drawn(table: Table) -> None:
    """The pictures beside the tables are what the cells give today, of every scheme."""
    folder = HOME / "certificate" / "pictures"
    assert {p.stem: p.read_text(encoding="utf-8") for p in folder.iterdir()} == draw_all(table)


def test_the_groups_are_drawn_row_by_row(pictures: dict[str, ElementTree.Element]) -> None:
    """Six rows of nine columns: sites and lineages that Table 1 tells apart, by its two clocks."""
    rects = [r for r in pictures[GROUPS].iter(f"{SVG}rect") if r.get("class") in CELLS]
    assert len({r.get("y") for r in rects}) == 6
    assert len({r.get("x") for r in rects}) == 9
    assert len([r for r in rects if r.get("class") == OVERLAP]) == 3
    assert len([r for r in rects if r.get("class") == HOLE]) == 9 + 2 + 3 + 0 + 2 + 6


CELLS = {HOLE, OVERLAP, "one", "impossible"}


def test_nothing_is_drawn_beyond_the_sheet(pictures: dict[str, ElementTree.Element]) -> None:
    """Every box and every line of text lies within the picture."""
    for picture in pictures.values():
        width, height = (float(picture.get(k) or 0) for k in ("width", "height"))
        for shape in [*picture.iter(f"{SVG}rect"), *picture.iter(f"{SVG}text")]:
            x, y = (shape.get(k) for k in ("x", "y"))
            if x is not None and y is not None:
                right = float(x) + float(shape.get("width") or 0)
                assert float(x) >= 0 and right <= width
                assert 0 <= float(y) <= float(y) + float(shape.get("height") or 0) <= height
