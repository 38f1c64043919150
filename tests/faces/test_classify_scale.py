"""Prove that a large cohort is answered as its rows are: by batches, and whole or not at all."""

from __future__ import annotations

import csv
import os
import random
import signal
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from faces import OUTPUT, ROOT, process, rallo
from hypothesis import given, settings
from hypothesis import strategies as st
from scale_cases import cohort

import queries.knowledge
import reasoner.combinations
from queries.cohorts import Cohort, _quote
from queries.knowledge import Knowledge
from reasoner.batches import number_texts
from reasoner.cohort import CohortClassifier
from reasoner.combinations import Combinations

Row = dict[str, str]


KNOWLEDGE = Knowledge()


@pytest.fixture
def knowledge() -> Knowledge:
    """Return the tables under the default readings."""
    return KNOWLEDGE


def rows_of(path: Path) -> list[Row]:
    """Read a CSV file by the standard library."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_rows_of_a_large_cohort_equal_the_completions_of_each(
    knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 40,000 rows in batches, a random 800 say what one record at a time says by completions."""
    monkeypatch.setattr(queries.knowledge, "BATCH", 7_000)
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    cohort(40_000, seed=3).write_csv(source)
    knowledge.classify(source, target)
    given, found = rows_of(source), rows_of(target)
    assert len(found) == len(given) == 40_000
    for place in random.Random(12).sample(range(40_000), 800):
        expected = knowledge.answerer.columns(knowledge.record(given[place], place + 1))
        assert {c: found[place][c] for c in OUTPUT} == expected, place
        assert {c: found[place][c] for c in given[place]} == given[place]


def test_combinations_that_were_forgotten_are_answered_anew(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cohort of more combinations than are kept is answered as if all were."""
    frame = cohort(1_000, seed=31)

    def by_parts() -> pl.DataFrame:
        classifier = CohortClassifier(knowledge.answerer)
        parts = [classifier.classify(frame.slice(n, 100), n + 1) for n in range(0, 1_000, 100)]
        return pl.concat(p.cast(pl.String) for p in parts)

    whole = CohortClassifier(knowledge.answerer).classify(frame).cast(pl.String)
    assert by_parts().equals(whole)
    monkeypatch.setattr(reasoner.combinations, "KEPT", 150)
    assert by_parts().equals(whole)


NUMBERS = st.integers(min_value=0, max_value=9)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1), min_size=1))
def test_rows_have_the_same_number_when_they_are_the_same_combination(
    batches: list[list[tuple[int, int, int]]],
) -> None:
    """Over any batches, numbers are one to one with combinations, and new ones come with a row."""
    combinations = Combinations("abc")
    known: dict[tuple[int, int, int], int] = {}
    for batch in batches:
        columns = pl.DataFrame(batch, schema=list("abc"), orient="row").cast(pl.UInt32)
        numbers, fresh = combinations.number([c.to_numpy() for c in columns])
        new = [batch[row] for row in fresh]
        assert len(set(new)) == len(new) and not set(new) & set(known)
        known.update(zip(new, range(len(known), len(known) + len(new)), strict=True))
        assert [known[row] for row in batch] == numbers.tolist()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.none() | st.sampled_from(["", " ", "a", "ä", "\x00"]) | st.text(), max_size=40))
def test_numbered_texts_are_the_texts(texts: list[str | None]) -> None:
    """Each row's number leads back to its text, a missing one to the empty text."""
    column = pl.Series("x", texts, dtype=pl.String)
    numbered = number_texts(column)
    assert [numbered.distinct[n] for n in numbered.numbers.tolist()] == [t or "" for t in texts]


KILLED = """
import os, signal, sys
from pathlib import Path
import queries.knowledge
from reasoner.cohort import CohortClassifier

queries.knowledge.BATCH = 500
whole, calls = CohortClassifier.classify, iter(range(100))

def killed(self, frame, first_row=1):
    if next(calls) == 6:
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(self, frame, first_row)

CohortClassifier.classify = killed
queries.knowledge.Knowledge().classify(*map(Path, sys.argv[1:]))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill outright")
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_run_that_is_killed_leaves_nothing_under_the_final_name(
    form: str, knowledge: Knowledge, tmp_path: Path
) -> None:
    """Killed in the seventh batch the target is absent; the next run replaces what was left."""
    source, target = tmp_path / "in.csv", tmp_path / f"out.{form}"
    cohort(4_000).write_csv(source)
    said = process(KILLED, source, target, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert said.status == -signal.SIGKILL
    assert not target.exists()
    assert rallo("classify", source, "-o", target).status == 0
    assert set(tmp_path.iterdir()) == {source, target}
    other = tmp_path / "other" / target.name
    other.parent.mkdir()
    knowledge.classify(source, other)
    assert other.read_bytes() == target.read_bytes()


CELLS = st.text(st.sampled_from("ab ä'\\\t;"), max_size=4) | st.sampled_from(["-3", "x", "none"])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8), st.booleans())
def test_quotes_are_put_where_a_csv_reader_needs_them(
    cells: list[tuple[str, str]], quoted: bool
) -> None:
    """With and without quotes in the cohort, every cell and every answer reads back as it was."""
    with TemporaryDirectory() as folder:
        source, target = Path(folder, "in.csv"), Path(folder, "out.csv")
        mark = '"' if quoted else ""
        lines = [f"{mark}p{mark},{one},{other}" for one, other in cells]
        source.write_text("\n".join(["my id,testis,note", *lines, ""]), encoding="utf-8")
        given_rows = rows_of(source)
        KNOWLEDGE.classify(source, target)
        for number, (row, found) in enumerate(zip(given_rows, rows_of(target), strict=True), 1):
            assert {c: found[c] for c in row} == row
            answers = KNOWLEDGE.answerer.columns(KNOWLEDGE.record(row, number))
            assert {c: found[c] for c in OUTPUT} == answers
        assert Cohort(source, KNOWLEDGE.intake, [], as_text=True).unquoted is not quoted


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.text(st.sampled_from("a \",\r\n'ä")) | st.none(), min_size=1))
def test_texts_are_quoted_as_polars_does_it(texts: list[str | None]) -> None:
    """Quoted beforehand and written plainly, texts give the bytes that polars gives by itself."""
    column = pl.Series("x", texts, dtype=pl.String)
    by_polars = column.to_frame().write_csv()
    assert _quote(column).to_frame().write_csv(quote_style="never") == by_polars
    kinds = pl.Enum(column.unique(maintain_order=True).drop_nulls())
    assert _quote(column.cast(kinds)).to_frame().write_csv(quote_style="never") == by_polars
