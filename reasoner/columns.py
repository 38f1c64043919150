"""The columns of a batch as numbered facts: each distinct text is read once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from reasoner.batches import Batch, Interner, Numbers, ProblemLog, Texts, number_texts
from reasoner.dates import months_between, read_date
from reasoner.intake import EMPTY, Fact, InputError, Intake
from reasoner.intervals import Interval

PLAIN = r"^\+?[0-9]{1,12}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?$"


@dataclass(repr=False)
class Reading:
    """What was read of distinct texts: the fact's number, what is allowed instead, scope."""

    numbers: Numbers
    wrong: list[str]
    outside: NDArray[np.bool_]


class ColumnReader:
    """Reads the input columns of batches; facts keep their numbers from batch to batch."""

    def __init__(self, intake: Intake) -> None:
        """Begin every column with the empty fact, which has the number zero."""
        self.intake = intake
        self.facts: dict[str, Interner] = {}
        for name in intake.columns:
            self.facts[name] = Interner()
            self.facts[name].number(EMPTY)
        self._cuts = {n: self._cut_points(n) for n in intake.dimensions}
        self._compared = {
            column
            for entry in intake.dimensions.values()
            if entry["not_more_than"]
            for column in (entry["column"], intake.dimensions[entry["not_more_than"]]["column"])
        }

    def read(self, frame: pl.DataFrame, first_row: int) -> Batch:
        """Read every input column that the batch has."""
        batch = Batch(ProblemLog(first_row), np.zeros(frame.height, dtype=bool))
        present = {
            name: number_texts(frame[name]).stripped()
            for name, spec in self.intake.columns.items()
            if name in frame.columns and spec.kind != "text"
        }
        limits = self._limits(present, batch)
        for name, texts in present.items():
            kind = self.intake.columns[name].kind
            if kind in ("value", "tokens"):
                batch.facts[name] = self._spread(
                    name, texts, self._read(name, texts.distinct), batch
                )
            elif kind == "number":
                batch.facts[name] = self._number(name, texts, limits.get(name), batch)
        self._clocks(present, batch, frame.height)
        self._compare(present, batch)
        return batch

    # -- texts ------------------------------------------------------------------------------------

    def _read(self, name: str, texts: Iterable[str]) -> Reading:
        """Read distinct texts of a column."""
        return self._read_each(name, ((text, None) for text in texts))

    def _read_each(self, name: str, given: Iterable[tuple[str, Decimal | None]]) -> Reading:
        """Read texts one by one, each with its detection limit where there is one."""
        numbers: list[int] = []
        wrong: list[str] = []
        outside: list[bool] = []
        for text, limit in given:
            fact, allowed = EMPTY, ""
            try:
                fact = self.intake.read(name, text, limit)
            except InputError as error:
                allowed = str(error)
            numbers.append(self._intern(name, fact))
            wrong.append(allowed)
            outside.append(fact.out_of_scope)
        return Reading(np.array(numbers, dtype=np.uint32), wrong, np.array(outside, dtype=bool))

    def _spread(
        self,
        name: str,
        texts: Texts,
        found: Reading,
        batch: Batch,
        rows: NDArray[np.intp] | None = None,
    ) -> Numbers:
        """Give every row what was read of its text, and note what could not be used.

        ``rows`` are the places of the texts in the batch, all in order where left out.
        """
        for allowed in sorted({w for w in found.wrong if w}):
            bad = np.flatnonzero(np.array([w == allowed for w in found.wrong]).take(texts.numbers))
            places = bad if rows is None else rows[bad]
            batch.log.add(places, name, texts.gather(bad), allowed)
        if found.outside.any():
            beyond = np.flatnonzero(found.outside.take(texts.numbers))
            places = beyond if rows is None else rows[beyond]
            batch.outside[places] = True
            batch.log.add_out_of_scope(places, name, texts.gather(beyond))
        return found.numbers.take(texts.numbers)

    def _intern(self, column: str, fact: Fact) -> int:
        """Return the number of a fact by what it says of classes; exact values are kept apart."""
        number = None if fact.masks else fact.number
        return self.facts[column].number(
            Fact(fact.masks, number, fact.several, fact.needs, fact.out_of_scope)
        )

    # -- numbers ----------------------------------------------------------------------------------

    def _cut_points(self, dimension: str) -> list[Decimal]:
        entry = self.intake.dimensions[dimension]
        if not entry["is_number"]:
            return []
        bounds = [a.get(side) for a in entry["atoms"] for side in ("low", "high")]
        return sorted({Decimal(b) for b in bounds if b is not None})

    def _number(self, name: str, texts: Texts, limits: Texts | None, batch: Batch) -> Numbers:
        """Read a column of numbers: plain ones by where they fall, the others from their text."""
        plain, pieces = self._plain_numbers(name, texts.distinct)
        rest = np.flatnonzero(~plain)
        read = self._read(name, texts.distinct.gather(pl.Series(rest)))
        found = Reading(pieces, [""] * plain.size, np.zeros(plain.size, dtype=bool))
        found.numbers[rest], found.outside[rest] = read.numbers, read.outside
        for place, allowed in zip(rest.tolist(), read.wrong, strict=True):
            found.wrong[place] = allowed
        if limits is None:
            numbers = self._spread(name, texts, found, batch)
        else:
            limited = (limits.numbers > 0) & ~plain.take(texts.numbers)
            without, rows = np.flatnonzero(~limited), np.flatnonzero(limited)
            numbers = np.zeros(texts.numbers.size, dtype=np.uint32)
            some = Texts(texts.distinct, texts.numbers[without])
            numbers[without] = self._spread(name, some, found, batch, without)
            numbers[rows] = self._limited(name, texts, limits, batch, rows)
        if name in self._compared:
            every = texts.distinct.cast(pl.Float64, strict=False).to_numpy().astype(np.float64)
            batch.values[name] = np.where(numbers > 0, every.take(texts.numbers), np.nan)
        return numbers

    def _plain_numbers(self, name: str, texts: pl.Series) -> tuple[NDArray[np.bool_], Numbers]:
        """Tell which texts are plain numbers, and read these by where they fall.

        Rounding a decimal to a float never changes the order of two numbers, it can only make them
        equal: so a float that differs from every limit lies in the same piece as its text, and one
        that equals a limit is read again from the text.
        """
        (dimension,) = self.intake.columns[name].dimensions
        entry, cuts = self.intake.dimensions[dimension], self._cuts[dimension]
        found = np.zeros(len(texts), dtype=np.uint32)
        if entry["decimals"] == "0":
            return np.zeros(len(texts), dtype=bool), found
        numbers = texts.cast(pl.Float64, strict=False)
        low, high = float(entry["minimum"]), float(entry["maximum"])
        keep = numbers.is_between(low, high, closed="none") & texts.str.contains(PLAIN)
        plain = keep.fill_null(False).to_numpy() & ~np.isin(
            numbers.to_numpy(), [float(c) for c in cuts]
        )
        piece = np.searchsorted(np.array([float(c) for c in cuts]), numbers.to_numpy()[plain])
        pieces = np.zeros(len(cuts) + 1, dtype=np.uint32)
        for place in np.unique(piece).tolist():
            pieces[place] = self._piece(name, dimension, cuts, place)
        found[plain] = pieces.take(piece)
        return plain, found

    def _piece(self, column: str, dimension: str, cuts: list[Decimal], index: int) -> int:
        low = cuts[index - 1] if index else None
        high = cuts[index] if index < len(cuts) else None
        mask = self.intake.mask(dimension, Interval(low, False, high, False))
        return self._intern(column, Fact(((dimension, mask),)))

    def _limits(self, present: dict[str, Texts], batch: Batch) -> dict[str, Texts]:
        """Return the usable detection limits, by the column whose values they qualify.

        The first of the texts is the empty one, for rows without a usable limit.
        """
        found = {}
        for name, spec in self.intake.columns.items():
            if spec.kind == "limit" and name in present:
                texts = present[name]
                read = self._read(name, texts.distinct)
                self._spread(name, texts, read, batch)
                usable = np.flatnonzero(read.numbers)
                place = np.zeros(read.numbers.size, dtype=np.uint32)
                place[usable] = np.arange(1, usable.size + 1)
                kept = pl.concat([pl.Series([""]), texts.distinct.gather(pl.Series(usable))])
                column = self.intake.dimensions[spec.dimensions[0]]["column"]
                found[column] = Texts(kept, place.take(texts.numbers))
        return found

    def _limited(
        self, name: str, texts: Texts, limits: Texts, batch: Batch, rows: NDArray[np.intp]
    ) -> Numbers:
        """Read values of which each has a detection limit, a distinct pair at a time."""
        values, bounds, pair = pairs(texts.numbers[rows], limits.numbers[rows])
        shown = texts.distinct.gather(pl.Series(values))
        smallest = [Decimal(t) for t in limits.distinct.gather(pl.Series(bounds))]
        read = self._read_each(name, zip(shown, smallest, strict=True))
        return self._spread(name, Texts(shown, pair), read, batch, rows)

    # -- dates and comparisons --------------------------------------------------------------------

    def _clocks(self, present: dict[str, Texts], batch: Batch, rows: int) -> None:
        """Turn pairs of dates into intervals, a distinct pair at a time."""
        dates: dict[str, list[date | None]] = {}
        for name, spec in self.intake.columns.items():
            if spec.kind == "date" and name in present:
                dates[name] = self._dates(name, present[name], batch)
        for dimension, start, end in self.intake.clocks():
            if start in dates and end in dates:
                self._clock(dimension, start, end, dates, present, batch, rows)

    def _dates(self, name: str, texts: Texts, batch: Batch) -> list[date | None]:
        """Read each distinct date of a column; there is none where the text is empty or wrong."""
        found: list[date | None] = []
        wrong: list[str] = []
        for text in texts.distinct:
            day, allowed = None, ""
            try:
                day = read_date(text) if text else None
            except InputError as error:
                allowed = str(error)
            found.append(day)
            wrong.append(allowed)
        nothing = np.zeros(len(found), dtype=np.uint32)
        self._spread(name, texts, Reading(nothing, wrong, nothing.astype(bool)), batch)
        return found

    def _clock(
        self,
        dimension: str,
        start: str,
        end: str,
        dates: dict[str, list[date | None]],
        present: dict[str, Texts],
        batch: Batch,
        rows: int,
    ) -> None:
        column = self.intake.dimensions[dimension]["column"]
        firsts, lasts, pair = pairs(present[start].numbers, present[end].numbers)
        number_of = np.full(firsts.size, -1, dtype=np.int64)
        months_of = np.full(firsts.size, np.nan)
        for place, (one, other) in enumerate(zip(firsts.tolist(), lasts.tolist(), strict=True)):
            first, last = dates[start][one], dates[end][other]
            if first is not None and last is not None:
                if first > last:
                    number_of[place] = 0
                else:
                    months = months_between(first, last)
                    mask = self.intake.interval_mask(dimension, months)
                    number_of[place] = self._intern(column, Fact(((dimension, mask),)))
                    months_of[place] = float(months)
        numbers, months_known = number_of.take(pair), months_of.take(pair)
        backwards = np.flatnonzero(numbers == 0)
        batch.log.add(backwards, start, present[start].gather(backwards), f"a date not after {end}")
        held = batch.facts.get(column, np.zeros(rows, dtype=np.uint32)).copy()
        values = batch.values.get(column, np.full(rows, np.nan)).copy()
        differs = np.flatnonzero((numbers > 0) & (held > 0) & (held != numbers))
        if differs.size:
            allowed = f"the interval from {start} to {end}"
            batch.log.add(differs, column, present[column].gather(differs), allowed)
        fresh = (numbers > 0) & (held == 0)
        held[fresh], values[fresh] = numbers[fresh], months_known[fresh]
        held[differs], values[differs] = 0, np.nan
        batch.facts[column], batch.values[column] = held, values

    def _compare(self, present: dict[str, Texts], batch: Batch) -> None:
        """Set aside intervals of which one exceeds another that it lies within."""
        impossible: dict[str, list[NDArray[np.intp]]] = {}
        for entry in self.intake.dimensions.values():
            if entry["not_more_than"] is None:
                continue
            column = entry["column"]
            other = self.intake.dimensions[entry["not_more_than"]]["column"]
            if column not in batch.values or other not in batch.values:
                continue
            inner, outer = batch.values[column], batch.values[other]
            with np.errstate(invalid="ignore"):
                bad = np.flatnonzero(inner > outer)
            if not bad.size:
                continue
            texts = present.get(column)
            given = [""] * bad.size if texts is None else texts.gather(bad).to_list()
            shown = [g or f"{v:.2f} from dates" for g, v in zip(given, inner[bad], strict=True)]
            batch.log.add(bad, column, pl.Series(shown, dtype=pl.String), f"not more than {other}")
            for name in (column, other):
                impossible.setdefault(name, []).append(bad)
        for name, places in impossible.items():
            batch.facts[name] = batch.facts[name].copy()
            batch.facts[name][np.concatenate(places)] = 0


def pairs(first: Numbers, second: Numbers) -> tuple[NDArray[np.int64], NDArray[np.int64], Numbers]:
    """Return the two numbers of each distinct pair, and the pair of every row."""
    width = int(second.max(initial=0)) + 1
    unique, place = np.unique(first.astype(np.int64) * width + second, return_inverse=True)
    return unique // width, unique % width, place.astype(np.uint32)
