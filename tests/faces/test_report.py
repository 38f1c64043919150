"""Prove that `rallo report` counts what `rallo classify` writes, and shows nothing of a patient."""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from faces import INPUT, rallo
from generated import Generator
from playwright.sync_api import sync_playwright

import queries.report
from reasoner.table import Table
from reasoner.tally import CohortTally

NAME: Final = "Kanarienvogel"
ROWS: Final = 400
CHROMIUM: Final = shutil.which("chromium")
VOID: Final = {"meta", "rect", "link", "br"}
Counts = dict[tuple[str, str, str], str]


class Reader(HTMLParser):
    """Checks that elements close in the order they open, and gathers text and addresses."""

    def __init__(self) -> None:
        """Begin outside any element."""
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.tags: Counter[str] = Counter()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element and what it points to."""
        self.tags[tag] += 1
        self.addresses += [v or "" for k, v in attrs if k in ("href", "src", "srcset", "action")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last, and no other."""
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that closes itself."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text.append(data)


@pytest.fixture(scope="module")
def cohort(table: Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generate relapses of every kind, each with a name and a value that no other text holds."""
    generator = Generator(table, 11)
    path = tmp_path_factory.mktemp("cohort") / "cohort.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, [*INPUT, "ward"])
        writer.writeheader()
        for number in range(ROWS):
            record = generator.record()
            if number % 3 == 0:
                record["immunophenotype"] = f"<b>{NAME}|{number}</b>"
            if number % 4 == 0:
                record["months_from_diagnosis"] = f"17.13579{number:04}"
            writer.writerow({**record, "patient_id": f"{NAME}-{number}", "ward": f"{NAME} ward"})
    return path


def read(path: Path) -> Counts:
    """Read the counts of a report."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {(r["section"], r["key"], r["value"]): r["count"] for r in csv.DictReader(lines)}


@pytest.fixture(scope="module")
def report(cohort: Path) -> tuple[str, Counts]:
    """Make the report once."""
    page, table = cohort.with_name("report.html"), cohort.with_name("report.csv")
    said = rallo("report", cohort, "-o", page, "--csv", table)
    assert (said.status, said.out) == (0, "")
    return page.read_text(encoding="utf-8"), read(table)


@pytest.fixture(scope="module")
def rows(cohort: Path) -> list[dict[str, str]]:
    """Classify the same cohort."""
    target = cohort.with_name("out.csv")
    assert rallo("classify", cohort, "-o", target).status == 0
    with target.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


ANSWERS: Final = (
    *("site_pattern", "timing_table1", "timing_abstract", "timing_bfm_narrative", "timing_cog"),
    *("bfm_group", "uk_r3_group", "cog_group", "hsct", "local_therapy", "donor_choice"),
)


def of(counts: Counts, section: str, key: str) -> dict[str, int]:
    """Return the counts above zero of one part of a report."""
    return {v: int(n) for (s, k, v), n in counts.items() if (s, k) == (section, key) and n != "0"}


@pytest.mark.parametrize("column", ANSWERS)
def test_answers_are_those_of_classify_counted(
    column: str, report: tuple[str, Counts], rows: list[dict[str, str]]
) -> None:
    """Each value of each output column is counted as often as classify writes it."""
    assert of(report[1], "answer", column) == Counter(r[column] for r in rows)
    words = Counter(
        w if (w := r[column].split(":")[0]) in queries.report.STATUSES else "determined"
        for r in rows
    )
    assert of(report[1], "status", column) == words


def test_everything_else_is_that_of_classify_counted(
    report: tuple[str, Counts], rows: list[dict[str, str]]
) -> None:
    """Rows, reasons, asked columns, readings and rows with problems are counts over the rows."""
    counts = report[1]
    assert counts["cohort", "relapses", ""] == str(ROWS) == str(len(rows))
    troubled = sum(r["problems"] != "" for r in rows)
    assert counts["cohort", "with a value that was not used", ""] == str(troubled)
    reasons = Counter(f"{r['hsct']}: {r['hsct_reason']}" for r in rows)
    assert of(counts, "reason", "hsct") == reasons
    for section, column in (("asked for", "settled_by"), ("reading", "readings")):
        found = Counter(p for r in rows for p in r[column].split(";") if p)
        told = {k: int(n) for (s, k, _), n in counts.items() if s == section and n != "0"}
        assert told == found


def test_missing_facts_are_counted_and_what_they_cost(
    report: tuple[str, Counts], rows: list[dict[str, str]]
) -> None:
    """A column lacks where it is blank; what an answer asks for alone, it asks for at least."""
    counts = report[1]
    blank = re.compile(r"[\s\x1c-\x1f\x85\xa0]*")
    for column in INPUT:
        if column != "patient_id":
            lacking = sum(blank.fullmatch(r[column]) is not None for r in rows)
            assert counts["lacking", column, ""] == str(lacking)
    alone = {k[1:]: int(n) for k, n in counts.items() if k[0] == "settles alone"}
    asked = {k[1:]: int(n) for k, n in counts.items() if k[0] == "asked for by"}
    assert alone.keys() == asked.keys() and any(alone.values())
    assert all(alone[k] <= asked[k] for k in alone)
    # Group and transplant are what settled_by gathers.
    for column in INPUT:
        both = [asked.get((output, column), 0) for output in ("bfm_group", "hsct")]
        if column != "patient_id":
            assert max(both) <= int(counts["asked for", column, ""]) <= sum(both)


def test_a_column_that_settles_alone_does_so(
    cohort: Path, rows: list[dict[str, str]], tmp_path: Path
) -> None:
    """One relapse lacking residual disease alone: told it, the answer is no longer open."""
    facts = "marrow_status,cns_status,testis,other_extramedullary,immunophenotype,"
    facts += "months_from_diagnosis,months_from_treatment_end,remission,genetics,mrd\n"
    path, table = tmp_path / "in.csv", tmp_path / "r.csv"
    for mrd, expected in (("", "1"), ("5e-5", None), ("5e-4", None)):
        path.write_text(facts + f"involved,CNS1,none,none,BCP,40,12,yes,none-adverse,{mrd}\n")
        assert rallo("report", path, "-o", tmp_path / "r.html", "--csv", table).status == 0
        found = read(table)
        assert found.get(("settles alone", "hsct", "mrd")) == expected
        assert (("answer", "hsct", "undetermined") in found) == (expected is not None)


def test_schemes_that_differ_are_counted_by_pair_and_by_row(tmp_path: Path) -> None:
    """Worked by hand: month 34 on treatment is early, late and early (A01); its risk agrees."""
    path, table = tmp_path / "in.csv", tmp_path / "r.csv"
    path.write_text(
        "relapse_number,marrow_status,cns_status,testis,other_extramedullary,immunophenotype,"
        "months_from_diagnosis,on_treatment,months_from_treatment_end\n"
        "1,involved,CNS1,none,none,BCP,34,yes,\n"  # differs: Table 1, abstract; abstract, COG
        "1,involved,CNS1,none,none,BCP,10,yes,\n"  # very early: finer than the early of two
        "1,clear,CNS3,none,none,BCP,10,yes,\n"  # S2 and UK high risk
        "2,involved,CNS1,none,none,BCP,34,yes,\n"  # not a first relapse
        "1,involved,CNS1,none,none,BCP,,,\n"  # depends on the time
    )
    assert rallo("report", path, "-o", tmp_path / "r.html", "--csv", table).status == 0
    counts = read(table)
    assert of(counts, "schemes", "bfm-table-1-timing/abstract-timing") == {
        "differ": 1, "finer": 2, "not compared": 1, "undetermined": 1,
    }  # fmt: skip
    assert of(counts, "schemes", "abstract-timing/cog-timing") == {
        "differ": 1, "same": 1, "not compared": 2, "undetermined": 1,
    }  # fmt: skip
    assert of(counts, "schemes", "bfm-table-1-groups/uk-r3") == {
        "differ": 1, "same": 2, "not compared": 1, "undetermined": 1,
    }  # fmt: skip
    # Row 1 differs in two pairs of times, row 3 in one of risks; rows 2 and 4 in none for certain.
    differing = of(counts, "rows that differ", "pairs of schemes")
    assert sum(differing.values()) == 5 and differing["2"] == 1


def test_relations_of_a_pair_add_up_to_all_rows(report: tuple[str, Counts]) -> None:
    """Every relapse is counted once in every pair."""
    pairs = {k for s, k, _ in report[1] if s == "schemes"}
    assert len(pairs) == 12
    assert all(sum(of(report[1], "schemes", p).values()) == ROWS for p in pairs)


def test_batches_give_the_same_report(
    cohort: Path, report: tuple[str, Counts], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cohort counted some rows at a time gives the same page to the letter."""
    monkeypatch.setattr(queries.report, "BATCH", 37)
    assert rallo("report", cohort, "-o", tmp_path / "r.html").status == 0
    assert (tmp_path / "r.html").read_text(encoding="utf-8") == report[0]


def test_nothing_of_a_patient_is_in_the_report(cohort: Path, report: tuple[str, Counts]) -> None:
    """No identifier, no value that was refused, no own column and no exact number is in it."""
    for text in (report[0], cohort.with_name("report.csv").read_text(encoding="utf-8")):
        assert NAME not in text and "17.13579" not in text and "ward" not in text.split()
        assert not re.search(r"\brow \d", text)


def test_the_page_is_well_formed_and_needs_nothing_beside_it(report: tuple[str, Counts]) -> None:
    """Elements nest, no script is in it, and every address is one of the page itself."""
    reader = Reader()
    reader.feed(report[0])
    reader.close()
    assert reader.open == [] and reader.tags["script"] == 0 and reader.tags["svg"] > 50
    assert all(a.startswith("#") for a in reader.addresses)
    assert "@import" not in report[0] and "url(" not in report[0]
    assert report[0].count("<svg") == len(
        re.findall(r'<svg[^>]*role="img" aria-label="[^"]+"', report[0])
    )


def test_small_counts_can_be_withheld(cohort: Path, tmp_path: Path) -> None:
    """With --smallest 5 no count of 1 to 4 is shown, and none alone can be taken from a sum."""
    table, whole = tmp_path / "r.csv", read(cohort.with_name("report.csv"))
    said = rallo("report", cohort, "-o", tmp_path / "r.html", "--csv", table, "--smallest", "5")
    assert said.status == 0
    held = read(table)
    assert {k for k, n in whole.items() if 0 < int(n) < 5} - held.keys() <= {
        k for k in whole if k[0] == "status"
    }
    assert all(n in ("0", "<5", "withheld") or int(n) >= 5 for n in held.values())
    for column in ANSWERS:
        hidden = [n for k, n in held.items() if k[:2] == ("answer", column) and not n.isdigit()]
        assert len(hidden) != 1
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "&lt;5" in page and not re.search(r": [1-4] of", page)


def test_an_empty_cohort_says_so(tmp_path: Path) -> None:
    """A header without rows gives a page that says there is nothing to count."""
    (tmp_path / "in.csv").write_text("marrow_status\n")
    assert rallo("report", tmp_path / "in.csv", "-o", tmp_path / "r.html").status == 0
    assert "nothing to count" in (tmp_path / "r.html").read_text(encoding="utf-8")


def bad_calls(folder: Path) -> Iterator[tuple[list[Any], str]]:
    """List what must be refused before anything is written, and what is named."""
    source, page = folder / "in.csv", folder / "r.html"
    yield [source, "-o", source], "overwrite"
    yield [source, "-o", page, "--csv", source], "overwrite"
    yield [source, "-o", page, "--csv", page], "r.html"
    yield [source, "-o", folder], folder.name
    yield [source, "-o", folder / "no" / "r.html"], "folder"
    yield [folder / "none.csv", "-o", page], "none.csv"
    yield [source, "-o", page, "--with", "B99"], "B99"


@pytest.mark.parametrize("number", range(7))
def test_a_call_that_cannot_be_right_is_refused(number: int, tmp_path: Path) -> None:
    """It ends with status 2 and a word of why, and nothing is written."""
    (tmp_path / "in.csv").write_text("marrow_status\ninvolved\n")
    arguments, named = list(bad_calls(tmp_path))[number]
    said = rallo("report", *arguments)
    assert said.status == 2 and named in said.err
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize(
    "content", [b"foo\n1\n", b"", b"mrd,mrd\n1,1\n", b"mrd\n" + b"0.1\n" * 9 + b"a,b\n"]
)
def test_a_file_that_cannot_be_read_is_refused_without_its_content(
    content: bytes, tmp_path: Path
) -> None:
    """Unknown columns, doubled ones and broken lines end with status 2 and no file."""
    (tmp_path / "in.csv").write_bytes(content)
    said = rallo("report", tmp_path / "in.csv", "-o", tmp_path / "r.html")
    assert said.status == 2 and "in.csv" in said.err and "a,b" not in said.err
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


def test_parquet_is_counted_as_csv_is(tmp_path: Path) -> None:
    """A cohort in Parquet gives the same counts; a broken file is refused as what it is."""
    (tmp_path / "in.csv").write_text("marrow_status\ninvolved\n", encoding="utf-8")
    pl.read_csv(tmp_path / "in.csv").write_parquet(tmp_path / "in.parquet")
    made = {}
    for name in ("in.csv", "in.parquet"):
        target = tmp_path / f"{name}.counts"
        said = rallo("report", tmp_path / name, "-o", tmp_path / "r.html", "--csv", target)
        assert said.status == 0
        made[name] = target.read_text(encoding="utf-8")
    assert made["in.csv"] == made["in.parquet"]
    (tmp_path / "in.parquet").write_bytes(b"marrow_status\ninvolved\n")
    said = rallo("report", tmp_path / "in.parquet", "-o", tmp_path / "r.html")
    assert said.status == 2 and "in.parquet: not a readable Parquet file" in said.err


@pytest.mark.parametrize("folder", [False, True])
def test_an_interrupted_report_leaves_nothing(
    folder: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped while rows are counted, or while files are written, no part of a file stays."""
    (tmp_path / "in.csv").write_text("marrow_status\ninvolved\n")
    place, name = (queries.report, "render_csv") if folder else (CohortTally, "add")

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(place, name, interrupted)
    rallo("report", tmp_path / "in.csv", "-o", tmp_path / "r.html", "--csv", tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.skipif(CHROMIUM is None, reason="Debian's package chromium is absent")
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_opens_in_a_browser_without_a_request(
    width: int, cohort: Path, report: tuple[str, Counts]
) -> None:
    """It fits the window, asks for nothing beside itself, and the console stays empty."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        page = browser.new_page(viewport={"width": width, "height": 800})
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda r: asked.append(r.url))
        page.on("console", lambda m: said.append(m.text))
        address = cohort.with_name("report.html").as_uri()
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("h1").inner_text() == "Cohort report"
        browser.close()
    assert asked == [address] and said == []
