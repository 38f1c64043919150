"""A cohort counted: every answer, every missing fact and every difference of schemes, no row kept.

Batches pass through the cohort classifier; of each only counts are kept, so that memory does not
grow with rows.  No value of a single relapse is kept either: problems are counted by column and by
what is allowed there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from reasoner.answers import Answerer
from reasoner.batches import Batch, Numbers, ProblemLog
from reasoner.cohort import Answers, BlockReader, CohortClassifier, QuestionReader
from reasoner.columns import ColumnReader
from reasoner.combinations import AnswerStore
from reasoner.discordance import DISCORDANT, PairQuestion, pair_questions
from reasoner.intake import BLANKS
from reasoner.questions import UNDETERMINED

Counts = Counter[str]


@dataclass(repr=False)
class Tally:
    """The counts of a cohort.

    ``answers`` count the values of every output column; ``lacking`` the rows without a column;
    ``asked`` the open answers, by output column, that ask for a column, and ``asked_alone`` those
    that ask for no other; ``problems`` values by column and by what is allowed; ``pairs`` the
    relations of every two schemes; ``differing`` the rows by in how many pairs they differ.
    """

    rows: int = 0
    answers: dict[str, Counts] = field(default_factory=dict)
    reasons: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    lacking: Counts = field(default_factory=Counter)
    asked: dict[str, Counts] = field(default_factory=dict)
    asked_alone: dict[str, Counts] = field(default_factory=dict)
    rows_asking: Counts = field(default_factory=Counter)
    readings: Counts = field(default_factory=Counter)
    problems: Counter[tuple[str, str]] = field(default_factory=Counter)
    troubled: int = 0
    pairs: dict[str, Counts] = field(default_factory=dict)
    differing: Counter[int] = field(default_factory=Counter)
    possibly_differing: int = 0


class CohortTally(CohortClassifier):
    """Counts batches of rows."""

    def __init__(self, answerer: Answerer) -> None:
        """Prepare the classifier and a question for every two schemes of one subject."""
        super().__init__(answerer)
        self.reader: _Reader = _Reader(answerer.intake)
        self.questions = [_Heard(answerer, r.question, self.readings) for r in self.questions]
        self.shown = super().output_columns()
        self.pairs: list[PairQuestion] = list(pair_questions(answerer.view).values())
        self.tally = Tally()
        self.questions += [_Silent(answerer, p, self.readings) for p in self.pairs]
        self.answers = AnswerStore(self.output_columns()[:-1])

    def output_columns(self) -> list[str]:
        """List what is counted: the answers, and the columns that each of them asks for."""
        return [*map(_asked, self._heard()), *super().output_columns()]

    def _heard(self) -> list[str]:
        return [r.question.entry["column"] for r in self.questions if isinstance(r, _Heard)]

    def _answer(
        self, facts: dict[str, Numbers], outside: NDArray[np.bool_]
    ) -> tuple[dict[str, pl.Series], NDArray[np.bool_]]:
        """Return the columns of combinations of facts, and which are contradictory."""
        columns, contradictory = super()._answer(facts, outside)
        for reader in self.questions:
            if isinstance(reader, _Heard):
                bits = pl.Series(reader.last).cast(pl.String)
                columns[_asked(reader.question.entry["column"])] = bits
        return columns, contradictory

    def add(self, frame: pl.DataFrame) -> None:
        """Count the rows of a batch whose columns hold text."""
        if not frame.height:
            return
        inputs = frame.select([c for c in self.answerer.intake.columns if c in frame.columns])
        answered = self.classify(inputs, self.tally.rows + 1)
        self.tally.rows += frame.height
        self._count_answers(answered)
        self._count_asked(answered)
        self._count_lacking(inputs)
        self._count_pairs(answered)
        self.tally.troubled += int((answered["problems"] != "").sum())
        self.tally.problems.update(+self.reader.log.counts)

    def _count_answers(self, answered: pl.DataFrame) -> None:
        for column in self.shown:
            if column not in ("settled_by", "readings", "problems"):
                self.tally.answers.setdefault(column, Counter()).update(_counted(answered[column]))
            if f"{column}_reason" in self.shown:
                both = answered.select(column, f"{column}_reason").group_by(pl.all()).len()
                for value, reason, number in both.iter_rows():
                    found = self.tally.reasons.setdefault(column, Counter())
                    found[value, reason or ""] += number

    def _count_asked(self, answered: pl.DataFrame) -> None:
        """Count what open answers ask for, by the bits of the columns."""
        names = list(self.answerer.intake.columns)
        for name, counts in (
            ("settled_by", self.tally.rows_asking),
            ("readings", self.tally.readings),
        ):
            for text, number in _counted(answered[name]).items():
                for part in filter(None, text.split(";")):
                    counts[part] += number
        for output in self._heard():
            every = self.tally.asked.setdefault(output, Counter())
            alone = self.tally.asked_alone.setdefault(output, Counter())
            both = answered.select(output, _asked(output)).group_by(pl.all()).len()
            for value, bits, number in both.iter_rows():
                if value.startswith(UNDETERMINED):
                    columns = [n for place, n in enumerate(names) if int(bits) >> place & 1]
                    for column in columns:
                        every[column] += number
                    if len(columns) == 1:
                        alone[columns[0]] += number

    def _count_lacking(self, inputs: pl.DataFrame) -> None:
        for column in self.answerer.intake.columns:
            if column not in inputs.columns:
                self.tally.lacking[column] += inputs.height
            else:
                text = inputs[column].cast(pl.String).fill_null("").str.strip_chars(BLANKS)
                self.tally.lacking[column] += int((text == "").sum())

    def _count_pairs(self, answered: pl.DataFrame) -> None:
        certain: NDArray[np.int64] = np.zeros(answered.height, dtype=np.int64)
        perhaps: NDArray[np.bool_] = np.zeros(answered.height, dtype=bool)
        for pair in self.pairs:
            values = answered[pair.name].cast(pl.String)
            self.tally.pairs.setdefault(pair.name, Counter()).update(_counted(values))
            # An open answer that leaves only ways to differ is a difference all the same.
            told = {v: set(v.removeprefix(f"{UNDETERMINED}:").split("|")) for v in values.unique()}
            surely = [v for v, parts in told.items() if parts <= set(DISCORDANT)]
            maybe = [v for v, parts in told.items() if parts & set(DISCORDANT)]
            certain += values.is_in(surely).to_numpy()
            perhaps |= values.is_in(maybe).to_numpy()
        counts = np.bincount(certain)
        self.tally.differing.update({n: int(k) for n, k in enumerate(counts) if k})
        self.tally.possibly_differing += int((perhaps & (certain == 0)).sum())


class _Heard(QuestionReader):
    """Answers a question, and keeps which columns the last batch asked for."""

    last: NDArray[np.int64]

    def answer(
        self, readers: Sequence[BlockReader], states: Sequence[Numbers], rows: int
    ) -> Answers:
        """Return the answers of all rows, given the state of every axis."""
        found = super().answer(readers, states, rows)
        self.last = found.asked
        return found


class _Silent(QuestionReader):
    """Compares two schemes without a say in which readings the answers of a row used."""

    def answer(
        self, readers: Sequence[BlockReader], states: Sequence[Numbers], rows: int
    ) -> Answers:
        """Return the relation of all rows, given the state of every axis."""
        found = super().answer(readers, states, rows)
        return Answers(found.values, found.reasons, found.asked, np.zeros_like(found.readings))


class _Reader(ColumnReader):
    """Reads columns as ever, and keeps the log of the last batch, which counts its problems."""

    log: ProblemLog

    def read(self, frame: pl.DataFrame, first_row: int) -> Batch:
        """Read every input column that the batch has."""
        batch = super().read(frame, first_row)
        self.log = batch.log
        return batch


def _asked(output: str) -> str:
    """Name the column that holds, as bits, which columns an answer asks for."""
    return f"asked for by {output}"


def _counted(values: pl.Series) -> dict[str, int]:
    counts = values.cast(pl.String).fill_null("").value_counts()
    return dict(zip(counts[values.name].to_list(), counts["count"].to_list(), strict=True))
