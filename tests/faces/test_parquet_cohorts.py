"""Prove that a cohort in Parquet is read as the text that a CSV file would have, and written."""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from faces import EXAMPLES, INPUT, OUTPUT, Said, rallo
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.cohorts import Cohort
from queries.knowledge import Knowledge
from reasoner.cohort import CohortClassifier

KNOWLEDGE = Knowledge()
ADDED = CohortClassifier(KNOWLEDGE.answerer).output_columns()

# Columns with types, and beside each the texts that they stand for.
TYPED: dict[str, tuple[list[Any], pl.DataType, list[str]]] = {
    "relapse_number": ([1, 2, None], pl.Int8(), ["1", "2", ""]),
    "marrow_blasts_percent": ([25, 24.9, None], pl.Float64(), ["25.0", "24.9", ""]),
    "cns_status": (["CNS1", "CNS3", None], pl.Categorical(), ["CNS1", "CNS3", ""]),
    "testis": (
        ["none", None, "bilateral"],
        pl.Enum(["none", "bilateral"]),
        ["none", "", "bilateral"],
    ),
    "immunophenotype": (["T", "BCP", "BCP"], pl.String(), ["T", "BCP", "BCP"]),
    "months_from_diagnosis": (
        [Decimal("18.00"), Decimal("17.99"), None],
        pl.Decimal(10, 2),
        ["18.00", "17.99", ""],
    ),
    "on_treatment": ([True, False, None], pl.Boolean(), ["yes", "no", ""]),
    "mrd": ([0.0005, 1e-4, 0.00001], pl.Float32(), ["0.0005", "0.0001", "0.00001"]),
    "chromosomes": ([43, 46, None], pl.UInt16(), ["43", "46", ""]),
    "marrow_pcr": ([None, None, None], pl.Null(), ["", "", ""]),
    "donors": (
        [["matched-sibling"], ["unrelated-7/8", "cord-blood"], []],
        pl.List(pl.String()),
        ["matched-sibling", "unrelated-7/8;cord-blood", ""],
    ),
    "diagnosis_date": (
        [date(2010, 1, 15), date(2012, 2, 29), None],
        pl.Date(),
        ["2010-01-15", "2012-02-29", ""],
    ),
    "relapse_date": (
        [datetime(2011, 7, 15), datetime(2013, 8, 31), datetime(2013, 8, 31, 0, 0, 1)],
        pl.Datetime("ns"),
        ["2011-07-15", "2013-08-31", "2013-08-31 00:00:01.000000000"],
    ),
}
TYPED_FRAME = pl.DataFrame(
    {name: pl.Series(values, dtype=kind) for name, (values, kind, _) in TYPED.items()}
).with_columns(visit=pl.Series([{"a": 1}, None, {"a": 2}]), seen=pl.Series([True, None, False]))


def text_rows() -> list[dict[str, str]]:
    """Return the same rows as texts."""
    return [{name: texts[n] for name, (_, _, texts) in TYPED.items()} for n in range(3)]


def classify(source: Path, target: Path) -> Said:
    """Classify one file into another."""
    return rallo("classify", source, "-o", target)


def texts_of(path: Path) -> list[dict[str, str]]:
    """Read a CSV file by the standard library."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_typed_columns_are_read_as_the_text_of_a_csv_file(tmp_path: Path) -> None:
    """Numbers, decimals, yes and no, dates and lists are answered like their texts."""
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    TYPED_FRAME.write_parquet(source)
    assert classify(source, target).status == 0
    answerer = KNOWLEDGE.answerer
    expected = [answerer.columns(answerer.read(r, n)) for n, r in enumerate(text_rows(), 1)]
    found = pl.read_parquet(target)
    assert found.select(OUTPUT).to_dicts() == expected
    problems = found["problems"].to_list()
    assert "row 3, relapse_date: '2013-08-31 00:00:01" in problems[2]
    assert ", relapse_date:" not in problems[0] + problems[1]


def test_parquet_keeps_the_types_of_a_cohort_and_csv_has_their_texts(tmp_path: Path) -> None:
    """Into Parquet every column goes as it came; into CSV as the text that was read."""
    source = tmp_path / "in.parquet"
    TYPED_FRAME.write_parquet(source)
    assert classify(source, tmp_path / "out.parquet").status == 0
    found = pl.read_parquet(tmp_path / "out.parquet")
    assert found.select(TYPED_FRAME.columns).equals(TYPED_FRAME)
    assert found.select(TYPED_FRAME.columns).schema == TYPED_FRAME.schema
    assert set(found.select(OUTPUT).dtypes) == {pl.String}
    refused = classify(source, tmp_path / "out.csv")
    assert refused.status == 2 and "visit" in refused.err and "Struct" in refused.err
    TYPED_FRAME.drop("visit").write_parquet(source)
    assert classify(source, tmp_path / "out.csv").status == 0
    rows = texts_of(tmp_path / "out.csv")
    assert [Decimal(r["mrd"]) for r in rows] == [Decimal(t) for t in TYPED["mrd"][2]]
    shown = [c for c in TYPED if c != "mrd"]
    assert [[r[c] for c in shown] for r in rows] == [[r[c] for c in shown] for r in text_rows()]
    assert [r["seen"] for r in rows] == ["true", "", "false"]
    assert [{c: r[c] for c in OUTPUT} for r in rows] == found.select(OUTPUT).to_dicts()


@pytest.mark.parametrize("first", ["csv", "parquet"])
@pytest.mark.parametrize("last", ["csv", "parquet"])
def test_either_form_gives_the_same_rows(first: str, last: str, tmp_path: Path) -> None:
    """The examples are answered alike whether they come or go as CSV or as Parquet."""
    source, target = tmp_path / f"in.{first}", tmp_path / f"out.{last}"
    if first == "csv":
        source.write_bytes(EXAMPLES.read_bytes())
    else:
        pl.read_csv(EXAMPLES, infer_schema=False).write_parquet(source)
    said = classify(source, target)
    rows = texts_of(target) if last == "csv" else pl.read_parquet(target).to_dicts()
    expected = texts_of(EXAMPLES)
    answerer = KNOWLEDGE.answerer
    for number, (row, texts) in enumerate(zip(rows, expected, strict=True), 1):
        assert {c: row[c] or "" for c in texts} == texts
        assert {c: row[c] for c in OUTPUT} == answerer.columns(answerer.read(texts, number))
    assert said.status == 0 and set(tmp_path.iterdir()) == {source, target}


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_an_empty_parquet_cohort_gives_columns_without_rows(form: str, tmp_path: Path) -> None:
    """A cohort without rows is answered by the columns alone."""
    source, target = tmp_path / "in.parquet", tmp_path / f"out.{form}"
    TYPED_FRAME.drop("visit").clear().write_parquet(source)
    assert classify(source, target).status == 0
    frame = pl.read_csv(target) if form == "csv" else pl.read_parquet(target)
    assert (frame.height, frame.columns) == (0, [*TYPED, "seen", *OUTPUT])


NUMBER_COLUMNS = [c for c, text in INPUT.items() if text.replace(".", "").isdigit()]


@settings(max_examples=500, deadline=None, derandomize=True)
@given(
    st.sampled_from([c for c in NUMBER_COLUMNS if c not in ("relapse_number", "chromosomes")]),
    st.decimals(min_value=0, max_value=1, allow_nan=False, allow_infinity=False, places=12),
)
def test_a_float_says_the_decimal_that_was_written(column: str, number: Decimal) -> None:
    """A number of up to fifteen digits kept as a float is read as that very number."""
    frame = pl.DataFrame({column: [float(number)]}, schema={column: pl.Float64})
    text = frame.select(pl.col(column).cast(pl.String)).item()
    answerer = KNOWLEDGE.answerer
    assert Decimal(text) == number
    assert answerer.read({column: text}).facts == answerer.read({column: f"{number:f}"}).facts


def bad_files(folder: Path) -> dict[str, tuple[Path, str]]:
    """Write Parquet files that must be refused; return each with what has to be named."""
    frames = {
        "no known column": (pl.DataFrame({"foo": [1]}), "marrow_status"),
        "an output column": (pl.DataFrame({"testis": ["none"], "hsct": ["done"]}), "hsct"),
        "twice": (pl.DataFrame({"testis": ["none"], " testis ": ["none"]}), "testis"),
        "nested": (pl.DataFrame({"testis": [{"left": "none"}]}), "testis"),
        "binary": (pl.DataFrame({"testis": [b"none"]}), "testis"),
    }
    found = {}
    for case, (frame, named) in frames.items():
        found[case] = folder / f"{case}.parquet", named
        frame.write_parquet(found[case][0])
    for case, content in {"not Parquet": b"testis\nnone\n", "nothing at all": b""}.items():
        found[case] = folder / f"{case}.parquet", "not a readable Parquet file"
        found[case][0].write_bytes(content)
    return found


@pytest.mark.parametrize(
    "case",
    [
        *("no known column", "an output column", "twice", "nested", "binary"),
        *("not Parquet", "nothing at all"),
    ],
)
def test_a_parquet_file_that_cannot_be_read_is_refused(case: str, tmp_path: Path) -> None:
    """Bad columns, types and files end with status 2, name what is wrong, and leave nothing."""
    files = bad_files(tmp_path)
    source, named = files[case]
    before = set(tmp_path.iterdir())
    for target in (tmp_path / "out.parquet", tmp_path / "out.csv"):
        said = classify(source, target)
        assert (said.status, said.out) == (2, "")
        assert source.name in said.err and named in said.err
    assert set(tmp_path.iterdir()) == before


def test_a_failure_amid_parquet_is_told_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes wrong while batches are answered is raised as it is, and no part stays."""

    def failing(*_: object) -> None:
        raise KeyboardInterrupt

    source = tmp_path / "in.parquet"
    TYPED_FRAME.write_parquet(source)
    monkeypatch.setattr(Cohort, "answer", failing)
    with pytest.raises(KeyboardInterrupt):
        KNOWLEDGE.classify(source, tmp_path / "out.parquet")
    assert list(tmp_path.iterdir()) == [source]
