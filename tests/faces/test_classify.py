"""Prove that `rallo classify` keeps its contract: columns, problems, batches, whole files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from faces import EXAMPLES, INPUT, OUTPUT, Said, rallo

import queries.knowledge
from queries.knowledge import Knowledge
from reasoner.cohort import CohortClassifier

FACTS = "months_from_diagnosis,marrow_status,immunophenotype"
ROWS = [
    ["a", "20", "involved", "T", "kept  as it is"],
    ["b", "17,9", "involved", "T", "Ünïcode ✓"],
    ["c", "20", "blue", "T", "with, comma"],
    ["d", "", "clear", "mature-B", 'with "quotes"'],
    ["e", "18", "involved", "BCP", "two\nlines"],
    ["f", "20", "involved", "T", "007"],
]
HEADER = ["patient_id", "months_from_diagnosis", "marrow_status", "immunophenotype", "my note"]


def write(path: Path, rows: list[list[str]], header: list[str] = HEADER, end: str = "\n") -> Path:
    """Write a CSV file."""
    text = io.StringIO()
    csv.writer(text, lineterminator=end).writerows([header, *rows])
    path.write_bytes(text.getvalue().encode())
    return path


def classify(source: Path, *switches: str) -> tuple[Said, list[str], list[dict[str, str]]]:
    """Classify a file; return what was said, the header, and the rows."""
    target = source.with_name("out.csv")
    said = rallo("classify", source, "-o", target, *switches)
    with target.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        rows = list(reader)
        return said, list(reader.fieldnames or ()), rows


def test_output_columns_follow_all_input_columns(tmp_path: Path) -> None:
    """The output columns are exactly the contract's, in its order, after every input column."""
    _, header, rows = classify(write(tmp_path / "in.csv", ROWS))
    assert header == [*HEADER, *OUTPUT]
    assert [[r[c] for c in HEADER] for r in rows] == ROWS


def test_all_input_columns_in_any_order_are_read(tmp_path: Path) -> None:
    """Every input column is taken at any place, and nothing of a full record is refused."""
    header = sorted(INPUT, reverse=True)
    _, found, (row,) = classify(write(tmp_path / "in.csv", [[INPUT[c] for c in header]], header))
    assert found == [*header, *OUTPUT]
    assert row["problems"] == ""
    assert row["site_pattern"] == "combined BM+CNS+testis"


def test_values_are_those_of_the_contract(tmp_path: Path) -> None:
    """Shipped examples get the categories of Table 1 in the words of DESIGN 5."""
    said, _, rows = classify(write_examples(tmp_path))
    groups = {r["patient_id"]: r["bfm_group"] for r in rows}
    assert groups == {
        "late-marrow": "S2",
        "t-marrow-timing-unknown": "S4",
        "early-and-late": "S3",
        "stopped-early": "overlap:S2|S4",
        "on-the-boundary": "gap:S3|S4",
        "cns-late": "S1",
        "testis-early": "S2",
        "second-relapse": "not-applicable",
    }
    by_name = {r["patient_id"]: r for r in rows}
    assert by_name["early-and-late"]["timing_table1"] == "early"
    assert by_name["early-and-late"]["timing_abstract"] == "late"
    assert by_name["early-and-late"]["timing_cog"] == "early"
    assert by_name["early-and-late"]["timing_bfm_narrative"].startswith("undetermined:")
    assert by_name["on-the-boundary"]["timing_table1"] == "gap:very early|early"
    assert {r["hsct"] for r in rows} == {"yes", "no", "undetermined"}
    assert said.status == 0


def write_examples(folder: Path) -> Path:
    """Copy the shipped examples to where files may be written."""
    target = folder / "in.csv"
    target.write_bytes(EXAMPLES.read_bytes())
    return target


def test_problems_name_row_column_value_and_what_is_allowed(tmp_path: Path) -> None:
    """A refused value is named with its place and what is allowed; the other rows are answered."""
    said, _, rows = classify(write(tmp_path / "in.csv", ROWS))
    named = {
        "b": ["row 2", "months_from_diagnosis", "'17,9'", "0", "1200"],
        "c": ["row 3", "marrow_status", "'blue'", "clear", "involved"],
        "d": ["row 4", "immunophenotype", "'mature-B'", "out of scope"],
    }
    for row in rows:
        parts = named.get(row["patient_id"], [])
        assert bool(parts) == bool(row["problems"])
        assert [p for p in parts if p not in row["problems"]] == []
        assert all(row[c] for c in OUTPUT[:9])
    assert (said.status, said.out) == (0, "")
    assert "3 rows" in said.err
    assert {r["bfm_group"] for r in rows if r["patient_id"] == "d"} == {"not-applicable"}


def test_strict_ends_with_three_and_still_writes(tmp_path: Path) -> None:
    """--strict ends with status 3 where a value was refused, and 0 where none was."""
    troubled, _, rows = classify(write(tmp_path / "in.csv", ROWS), "--strict")
    assert (troubled.status, len(rows)) == (3, len(ROWS))
    assert classify(write(tmp_path / "in.csv", ROWS[:1]), "--strict")[0].status == 0


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "BOM": lambda text: b"\xef\xbb\xbf" + text,
    "CRLF": lambda text: text.replace(b"\n", b"\r\n"),
    "BOM and CRLF": lambda text: b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"),
    "no newline at the end": lambda text: text.rstrip(b"\n"),
    "all quoted": lambda text: b"\n".join(
        b",".join(b'"%s"' % cell for cell in line.split(b",")) for line in text.splitlines()
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_other_forms_of_the_same_csv_give_the_same_answer(form: str, tmp_path: Path) -> None:
    """Byte order mark, line ends and quoting change nothing."""
    source = write_examples(tmp_path)
    expected = classify(source)
    source.write_bytes(FORMS[form](source.read_bytes()))
    assert classify(source) == expected


def test_several_batches_give_the_same_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows answered a few at a time read the same, numbers of rows in problems included."""
    source = write(tmp_path / "in.csv", ROWS * 50)
    whole = classify(source)
    monkeypatch.setattr(queries.knowledge, "BATCH", 7)
    assert classify(source) == whole
    assert "row 300" not in whole[2][0]["problems"] and "row 297" in whole[2][296]["problems"]


def test_an_empty_cohort_gives_the_header_alone(tmp_path: Path) -> None:
    """A header without rows is answered by a header without rows."""
    said, header, rows = classify(write(tmp_path / "in.csv", []))
    assert (said.status, header, rows) == (0, [*HEADER, *OUTPUT], [])


def test_a_name_of_an_output_column_in_the_cohort_is_never_overwritten(tmp_path: Path) -> None:
    """A cohort with a column of its own called hsct is refused by its name, or keeps it."""
    source = write(tmp_path / "in.csv", [["involved", "done 2009"]], ["marrow_status", "hsct"])
    said = rallo("classify", source, "-o", tmp_path / "out.csv")
    if said.status == 0:
        assert "done 2009" in (tmp_path / "out.csv").read_text(encoding="utf-8")
    else:
        assert said.status == 2 and "hsct" in said.err


def test_a_column_given_twice_is_refused(tmp_path: Path) -> None:
    """Two columns of one name could contradict each other unseen: both faces refuse them."""
    source = write(tmp_path / "in.csv", [["involved", "clear"]], ["marrow_status"] * 2)
    for said in (rallo("classify", source, "-o", tmp_path / "out.csv"), rallo("recommend", source)):
        assert said.status == 2 and "marrow_status" in said.err
    assert not (tmp_path / "out.csv").exists()


def test_blanks_around_a_name_of_a_column_are_read_alike_by_both_faces(tmp_path: Path) -> None:
    """A header `` marrow_status`` is the same column to recommend and to classify."""
    source = write(tmp_path / "in.csv", [["T", "involved"]], ["immunophenotype", " marrow_status"])
    one = rallo("recommend", source, "--format=json").json["classification"]["cog_group"]["value"]
    _, _, (row,) = classify(source)
    assert row["cog_group"] == one


REFUSED: dict[str, tuple[bytes, str]] = {
    "no known column": (b"foo,bar\n1,2\n", "marrow_status"),
    "nothing at all": (b"", "in.csv"),
    "not UTF-8": (b"patient_id,marrow_status\na,involved\nM\xfcller,clear\n", "in.csv"),
    "a row too long": (b"patient_id,marrow_status\n" + b"a,clear\n" * 9 + b"a,b,c\n", "in.csv"),
    "an open quote": (b"patient_id,marrow_status\n" + b"a,clear\n" * 9 + b'"a,clear\n', "in.csv"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_read_is_refused_and_nothing_is_left(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A malformed line late in a file ends with status 2 and no file, whole or part, beside it."""
    monkeypatch.setattr(queries.knowledge, "BATCH", 2)
    content, named = REFUSED[case]
    source = tmp_path / "in.csv"
    source.write_bytes(content)
    said = rallo("classify", source, "-o", tmp_path / "out.csv")
    assert (said.status, said.out) == (2, "")
    assert named in said.err
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize("already", [False, True])
def test_an_interrupted_write_leaves_the_target_as_it_was(
    already: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted between batches, the target is absent or the old file, and no part stays."""
    source, target = write(tmp_path / "in.csv", ROWS * 5), tmp_path / "out.csv"
    if already:
        target.write_text("old", encoding="utf-8")
    monkeypatch.setattr(queries.knowledge, "BATCH", 4)
    whole, calls = CohortClassifier.classify, iter(range(3))

    def interrupted(self: CohortClassifier, frame: pl.DataFrame, first_row: int = 1) -> Any:
        if next(calls) == 2:
            raise KeyboardInterrupt
        return whole(self, frame, first_row)

    monkeypatch.setattr(CohortClassifier, "classify", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Knowledge().classify(source, target)
    expected = {source, target} if already else {source}
    assert set(tmp_path.iterdir()) == expected
    assert not already or target.read_text(encoding="utf-8") == "old"


def bad_calls(folder: Path) -> Iterator[tuple[list[str | Path], str]]:
    """List what must be refused before anything is read or written, and what is named."""
    source, missing = folder / "in.csv", folder / "no" / "out.csv"
    yield [source, "-o", source], "overwrite"
    yield [source, "-o", missing], "folder"
    yield [source, "-o", folder], folder.name
    yield [folder / "none.csv", "-o", folder / "out.csv"], "none.csv"
    yield [source, "-o", folder / "out.csv", "--engine", "duck"], "polars"
    yield [source, "-o", folder / "out.csv", "--with", "B99"], "B99"


@pytest.mark.parametrize("number", range(6))
def test_a_call_that_cannot_be_right_is_refused(number: int, tmp_path: Path) -> None:
    """Wrong paths, engines and readings end with status 2, a word of why, and nothing written."""
    source = write(tmp_path / "in.csv", ROWS)
    before = source.read_bytes()
    arguments, named = list(bad_calls(tmp_path))[number]
    said = rallo("classify", *arguments)
    assert said.status == 2 and named in said.err
    assert list(tmp_path.iterdir()) == [source] and source.read_bytes() == before
