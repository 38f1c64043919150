"""Many relapses at once: the same tables, asked by columns.

A batch of rows is reduced step by step to few distinct things: texts of a column to facts, facts of
a row to a combination of facts.  Combinations are kept from batch to batch, and only those not met
before are answered: their facts of a block become states, and states codes on the axes of each
question.  Rows are joined to all these by index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from reasoner.answers import Answerer, blocked_value
from reasoner.axes import Block
from reasoner.batches import Batch, Interner, Numbers
from reasoner.columns import ColumnReader
from reasoner.combinations import AnswerStore, Combinations
from reasoner.decisions import YesNoQuestion
from reasoner.grid import Grid, Tabulated
from reasoner.intake import BLANKS
from reasoner.questions import MISSING, NOT_APPLICABLE, SILENT, Question
from reasoner.record import (
    CONTRADICTION,
    BlockState,
    Record,
    asks,
    block_state,
    masks_of,
    touched,
)

Masks = NDArray[np.int64]


@dataclass(frozen=True, repr=False)
class State:
    """A state of a block with the facts that led to it."""

    record: Record
    block: BlockState
    contradictory: bool


class BlockReader:
    """Turns the facts of a block's columns into its states."""

    def __init__(self, answerer: Answerer, block: Block) -> None:
        """Find the columns that speak of the block."""
        self.intake, self.block = answerer.intake, block
        self.columns = [
            name
            for name, spec in answerer.intake.columns.items()
            if set(spec.dimensions) & set(block.dimensions) and spec.kind != "limit"
        ]
        self.states = Interner()

    def read(self, facts: dict[str, Numbers], reader: ColumnReader, rows: int) -> Numbers:
        """Return the number of the state of each row."""
        given = [c for c in self.columns if c in facts]
        numbers = [facts[c] for c in given]
        return distinct(numbers, rows, lambda key: self._state(given, key, reader))

    def contradictory(self) -> NDArray[np.bool_]:
        """Tell of every state whether the facts that led to it exclude each other."""
        return np.array([s.contradictory for s in self.states.things], dtype=bool)

    def _state(self, given: Sequence[str], key: tuple[int, ...], reader: ColumnReader) -> int:
        facts = {c: reader.facts[c].things[n] for c, n in zip(given, key, strict=True) if n}
        known = tuple(facts.items())
        if known not in self.states.numbers:
            state, contradictory = block_state(self.intake, self.block, masks_of(facts.values()))
            record = Record(0, {}, facts, masks_of(facts.values()), [], [], [])
            self.states.number(known, State(record, state, contradictory))
        return self.states.numbers[known]


class QuestionReader:
    """Answers one question for the states of its axes."""

    def __init__(self, answerer: Answerer, question: Question, readings: Interner) -> None:
        """Tabulate nothing yet: codes are collected as they come."""
        self.answerer, self.question = answerer, question
        self.grid = Grid(question)
        self.readings = readings
        axes = question.space.axes
        self.codes = [Interner() for _ in axes]
        self.by_state: list[list[tuple[int, int, int, int]]] = [[] for _ in axes]
        self._table: Tabulated | None = None

    def _describe(self, axis_number: int, states: Interner) -> NDArray[np.int64]:
        """Return for every state: its code, columns to ask, reason when open, readings used."""
        axis, known = self.question.space.axes[axis_number], self.by_state[axis_number]
        intake = self.answerer.intake
        for state in states.things[len(known) :]:
            code = self.grid.code(axis_number, axis.project(state.block.cells))
            columns = asks(intake, state.record, axis.dimensions, state.block)
            asked = sum(1 << intake.rank[c] for c in set(columns))
            reasons = [intake.dimensions[d]["open_because"] for d in axis.dimensions]
            reason = next((r for r in reasons if r), "") if not columns else ""
            used = self.answerer.readings_of(axis, state.block, state.record.masks)
            known.append(
                (
                    self.codes[axis_number].number(code),
                    asked,
                    OPEN_REASONS.number(reason),
                    self._mask(used),
                )
            )
        return np.array(known, dtype=np.int64)

    def _mask(self, readings: Iterable[str]) -> int:
        return sum(1 << self.readings.number(r) for r in readings)

    def answer(
        self, readers: Sequence[BlockReader], states: Sequence[Numbers], rows: int
    ) -> Answers:
        """Return the answers of all rows, given the state of every axis."""
        described = [self._describe(i, r.states).T for i, r in enumerate(readers)]
        codes: list[list[frozenset[int]]] = [c.things for c in self.codes]
        if self._table is None or self._table.verdict.shape != tuple(len(c) for c in codes):
            self._table = self.grid.tabulate(codes)
        index = np.zeros(rows, dtype=np.int64)
        used = np.zeros(rows, dtype=np.int64)
        for number, ((code, _, _, readings), state) in enumerate(
            zip(described, states, strict=True)
        ):
            index *= len(codes[number])
            index += code.take(state)
            if readings.any():
                used |= readings.take(state)
        verdicts = self._table.verdict.reshape(-1).take(index)
        missing = np.array([v.reason == MISSING for v, _ in self._table.verdicts]).take(verdicts)
        open_rows = np.flatnonzero(missing)
        essential = self._table.essential.reshape(-1).take(index[open_rows])
        asked = np.zeros(rows, dtype=np.int64)
        reason = np.zeros(rows, dtype=np.int64)
        some_asked, some_reason = asked[open_rows], reason[open_rows]
        for number in reversed(range(len(described))):
            _, asks_for, opens, _ = described[number]
            state = states[number][open_rows]
            depends = (essential >> number & 1).astype(bool)
            some_asked |= np.where(depends, asks_for.take(state), 0)
            if opens.any():
                why = opens.take(state)
                some_reason = np.where(depends & (why > 0), why, some_reason)
        asked[open_rows], reason[open_rows] = some_asked, some_reason
        return self._join(verdicts, asked, missing & (asked == 0), reason, used)

    def _join(
        self,
        verdicts: Numbers,
        asked: Masks,
        still_open: NDArray[np.bool_],
        reason: Masks,
        used: Masks,
    ) -> Answers:
        assert self._table is not None
        entries = self._table.verdicts
        place = pl.Series(verdicts)
        values = pl.Series([v.value for v, _ in entries]).gather(place)
        used |= np.array([self._mask(r) for _, r in entries], dtype=np.int64).take(verdicts)
        reasons = None
        if isinstance(self.question, YesNoQuestion):
            reasons = pl.Series([v.reason or ";".join(v.certain) for v, _ in entries]).gather(place)
            if still_open.any():
                texts = pl.Series([r or SILENT for r in OPEN_REASONS.things])
                instead = texts.gather(pl.Series(reason))
                reasons = pl.select(
                    pl.when(pl.Series(still_open)).then(instead).otherwise(reasons)
                ).to_series()
        return Answers(values, reasons, asked, used)


@dataclass(repr=False)
class Answers:
    """Answers of a batch: values, reasons, columns to ask and readings used, a bit each."""

    values: pl.Series
    reasons: pl.Series | None
    asked: Masks
    readings: Masks


OUTSIDE = "out of scope"
OPEN_REASONS = Interner()
OPEN_REASONS.number("")


class CohortClassifier:
    """Classifies batches of rows; what it has learnt of one batch serves the next."""

    def __init__(self, answerer: Answerer) -> None:
        """Prepare a reader for each block and each question that has a column."""
        self.answerer = answerer
        self.reader = ColumnReader(answerer.intake)
        self.blocks = [BlockReader(answerer, b) for b in answerer.view.blocks]
        self.readings = Interner()
        for name in sorted(answerer.view.readings):
            self.readings.number(name)
        self.questions = [
            QuestionReader(answerer, q, self.readings)
            for q in answerer.questions
            if q.entry["column"] is not None
        ]
        self.combinations = Combinations()
        self.answers = AnswerStore(self.output_columns()[:-1])

    def output_columns(self) -> list[str]:
        """List the columns that are appended, in their order."""
        names = []
        for reader in self.questions:
            column = reader.question.entry["column"]
            yes_no = isinstance(reader.question, YesNoQuestion)
            names += [column, f"{column}_reason"] if yes_no else [column]
        return [*names, "settled_by", "readings", "problems"]

    def classify(self, frame: pl.DataFrame, first_row: int = 1) -> pl.DataFrame:
        """Append the output columns to a batch whose columns hold text.

        ``first_row`` is the number by which problems name the first row of the batch.
        """
        rows = frame.height
        if not rows:
            return frame.with_columns(
                pl.lit(None, dtype=pl.String).alias(name) for name in self.output_columns()
            )
        batch = self.reader.read(frame, first_row)
        if self.combinations.full or self.combinations.names != (*batch.facts, OUTSIDE):
            self.combinations = Combinations((*batch.facts, OUTSIDE))
            self.answers = AnswerStore(self.output_columns()[:-1])
        held = [*batch.facts.values(), batch.outside.astype(np.uint32)]
        numbers, fresh = self.combinations.number(held)
        if fresh.size:
            facts = {name: column.take(fresh) for name, column in batch.facts.items()}
            self.answers.add(*self._answer(facts, batch.outside.take(fresh)))
        self._report(numbers, batch, frame)
        columns = self.answers.columns(numbers)
        return frame.with_columns(*columns, batch.log.column(rows))

    def _answer(
        self, facts: dict[str, Numbers], outside: NDArray[np.bool_]
    ) -> tuple[dict[str, pl.Series], NDArray[np.bool_]]:
        """Return the output columns of combinations of facts, and which are contradictory."""
        rows = outside.size
        states: dict[int, Numbers] = {}
        readers: dict[int, BlockReader] = {}
        contradictory = np.zeros(rows, dtype=bool)
        for block in self.blocks:
            numbers = block.read(facts, self.reader, rows)
            states[id(block.block)], readers[id(block.block)] = numbers, block
            contradictory |= block.contradictory().take(numbers)
        columns: dict[str, pl.Series] = {}
        asked, used = np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.int64)
        answers: dict[str, pl.Series] = {}
        for reader in self.questions:
            question = reader.question
            keys = [id(a.block) for a in question.space.axes]
            found = reader.answer([readers[k] for k in keys], [states[k] for k in keys], rows)
            values = _where(outside, NOT_APPLICABLE, found.values)
            values = _blocked(question, answers, values)
            answers[question.name] = columns[question.entry["column"]] = values
            if found.reasons is not None:
                reasons = _where(outside, "out-of-scope", found.reasons)
                columns[f"{question.entry['column']}_reason"] = reasons
            used |= np.where(outside, 0, found.readings)
            if question.entry["asked_for"]:
                asked |= np.where(outside, 0, found.asked)
        names = list(self.answerer.intake.columns)
        columns["settled_by"] = spell(asked, names)
        order = sorted(range(len(self.readings.things)), key=self.readings.things.__getitem__)
        columns["readings"] = spell(used, self.readings.things, order)
        return columns, contradictory

    def _report(self, numbers: Numbers, batch: Batch, frame: pl.DataFrame) -> None:
        """Note the rows whose facts of a block exclude each other."""
        places = np.flatnonzero(self.answers.contradictory(numbers))
        if not places.size:
            return
        facts = {name: column.take(places) for name, column in batch.facts.items()}
        for block in self.blocks:
            states = block.read(facts, self.reader, places.size)
            for number in np.unique(states[block.contradictory().take(states)]).tolist():
                rows = places[states == number]
                columns = touched(block.block, block.states.things[number].record.facts)
                texts = [
                    frame[c]
                    .gather(pl.Series(rows))
                    .cast(pl.String)
                    .fill_null("")
                    .str.strip_chars(BLANKS)
                    .replace("", "from dates")
                    if c in frame.columns
                    else pl.Series(["from dates"]).new_from_index(0, rows.size)
                    for c in columns
                ]
                values = pl.select(pl.concat_str(texts, separator=" + ")).to_series()
                batch.log.add(rows, " + ".join(columns), values, CONTRADICTION)


def distinct(
    columns: Sequence[Numbers], rows: int, compute: Callable[[tuple[int, ...]], int]
) -> Numbers:
    """Compute one number for each distinct combination of numbers, and spread it over the rows."""
    if not columns:
        return np.full(rows, compute(()), dtype=np.uint32)
    sizes = [int(column.max(initial=0)) + 1 for column in columns]
    key = np.zeros(rows, dtype=np.int64)
    for column, size in zip(columns, sizes, strict=True):
        key = key * size + column
    total = int(np.prod(sizes, dtype=np.float64))
    if total > 4_000_000:
        unique, place = np.unique(key, return_inverse=True)
    else:
        # Few combinations are possible: marking those that occur is far cheaper than sorting rows.
        seen = np.zeros(total, dtype=bool)
        seen[key] = True
        unique = np.flatnonzero(seen)
        place = (np.cumsum(seen) - 1)[key]
    parts = []
    for size in reversed(sizes):
        parts.append(unique % size)
        unique = unique // size
    combinations = zip(*(p.tolist() for p in reversed(parts)), strict=True)
    return np.array([compute(c) for c in combinations], dtype=np.uint32)[place]


def spell(masks: Masks, names: Sequence[str], order: Iterable[int] | None = None) -> pl.Series:
    """Write each mask as the names of its bits, joined by semicolons."""
    places = list(order) if order is not None else list(range(len(names)))
    unique, inverse = np.unique(masks, return_inverse=True)
    texts = [";".join(names[p] for p in places if int(m) >> p & 1) for m in unique]
    return pl.Series(texts, dtype=pl.String).gather(pl.Series(inverse))


def _where(mask: NDArray[np.bool_], text: str, values: pl.Series) -> pl.Series:
    if not mask.any():
        return values
    return pl.select(pl.when(pl.Series(mask)).then(pl.lit(text)).otherwise(values)).to_series()


def _blocked(question: Question, answers: dict[str, pl.Series], values: pl.Series) -> pl.Series:
    blocker = question.entry.get("only_if_not")
    if blocker not in answers:
        return values
    needless = [v for v in answers[blocker].unique() if blocked_value(question.entry, {blocker: v})]
    mask = answers[blocker].is_in(needless).to_numpy()
    return _where(mask, NOT_APPLICABLE, values)
