"""Prove that the column-wise engine answers every row as a single record is answered."""

from __future__ import annotations

import polars as pl
import pytest
from faces import INPUT, OUTPUT
from generated import Generator

from queries.knowledge import Knowledge
from reasoner.cohort import CohortClassifier

ROWS = 20_000
Row = dict[str, str]


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    """Open the tables under the default readings."""
    return Knowledge()


def by_rows(knowledge: Knowledge, records: list[Row], first: int = 1) -> list[Row]:
    """Answer records one at a time."""
    answerer = knowledge.answerer
    return [answerer.columns(answerer.read(r, n)) for n, r in enumerate(records, first)]


def differences(
    records: list[Row], expected: list[Row], found: list[Row]
) -> list[tuple[Row, dict[str, tuple[str, str | None]]]]:
    """List, for the first rows that differ, what was put in and what came out on both sides."""
    different = []
    for record, one, other in zip(records, expected, found, strict=True):
        if one != other:
            given = {c: t for c, t in record.items() if t.strip()}
            answers = {c: (one[c], other.get(c)) for c in one if one[c] != other.get(c)}
            different.append((given, answers))
    return different[:5]


def test_column_wise_answers_equal_row_wise_answers(knowledge: Knowledge) -> None:
    """On 20,000 generated rows, refused and contradictory ones too, both engines say the same."""
    generator = Generator(knowledge.table, seed=2012)
    records = [generator.record() for _ in range(ROWS)]
    classifier = CohortClassifier(knowledge.answerer)
    found: list[Row] = []
    for start in range(0, ROWS, 4_000):
        frame = pl.DataFrame(records[start : start + 4_000])
        found += classifier.classify(frame, start + 1).select(OUTPUT).to_dicts()
    expected = by_rows(knowledge, records)
    assert differences(records, expected, found) == []
    kinds = {kind: sum(kind in r["problems"] for r in found) for kind in ("not used", "scope")}
    assert min(kinds.values()) > 100
    assert sum(not r["problems"] for r in found) > 1000


def test_other_readings_are_followed_by_both_engines(knowledge: Knowledge) -> None:
    """With every default reading off and all others on, both engines still say the same."""
    default = knowledge.table.data["default_readings"]
    others = [name for name in knowledge.table.readings if name not in default]
    for switched in (Knowledge(with_=others), Knowledge(without=default)):
        generator = Generator(switched.table, seed=5)
        records = [generator.record() for _ in range(1_000)]
        frame = CohortClassifier(switched.answerer).classify(pl.DataFrame(records))
        found = frame.select(OUTPUT).to_dicts()
        assert differences(records, by_rows(switched, records), found) == []


def test_values_on_every_limit_are_told_from_those_beside_it(knowledge: Knowledge) -> None:
    """A number of twenty decimals on a limit differs from the one hardly beside it, as in text."""
    generator = Generator(knowledge.table, seed=7)
    for column in generator.limits:
        records = [
            {"marrow_status": "involved", column: generator.number(column)} for _ in range(300)
        ]
        if column == "mrd_sensitivity":
            records = [{**r, "mrd": "not-detected"} for r in records]
        frame = CohortClassifier(knowledge.answerer).classify(pl.DataFrame(records))
        found = frame.select(OUTPUT).to_dicts()
        assert differences(records, by_rows(knowledge, records), found) == []


def test_columns_that_are_missing_are_unknown(knowledge: Knowledge) -> None:
    """A cohort with one column of facts, or nulls in it, is answered like empty cells."""
    classifier = CohortClassifier(knowledge.answerer)
    for column, text in INPUT.items():
        records = [{column: text}, {column: ""}]
        frame = pl.DataFrame({column: [text, None]}, schema={column: pl.String})
        found = classifier.classify(frame).select(OUTPUT).to_dicts()
        assert differences(records, by_rows(knowledge, records), found) == []


def test_extra_columns_stay_as_they_are(knowledge: Knowledge) -> None:
    """Columns that RALLO does not know come out first, in order, of the same type and content."""
    frame = pl.DataFrame(
        {
            "note": ["ä", None, "'"],
            "n": [1, 2, None],
            "marrow_status": ["clear"] * 3,
            "x": [0.5] * 3,
        }
    )
    found = CohortClassifier(knowledge.answerer).classify(frame)
    assert found.columns == [*frame.columns, *OUTPUT]
    assert found.select(frame.columns).equals(frame)
