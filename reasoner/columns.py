"""The columns of a batch as numbered facts: distinct texts are read once, plain numbers by arithmetic."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from reasoner.intake import EMPTY, Column, Fact, InputError, Intake, months_between, read_date
from reasoner.intervals import Interval
from reasoner.record import Problem, out_of_scope_text

Numbers = NDArray[np.uint32]

PLAIN = r"^\+?\d{1,12}(\.\d{1,20})?([eE][+-]?\d{1,2})?$"


class Interner:
    """Numbers things by the order in which they first come."""

    def __init__(self) -> None:
        """Begin empty."""
        self.numbers: dict[Any, int] = {}
        self.things: list[Any] = []

    def number(self, key: Any, thing: Any = None) -> int:
        """Return the number of a key, new or known; ``thing`` is what is kept for it."""
        found = self.numbers.get(key)
        if found is None:
            found = self.numbers[key] = len(self.things)
            self.things.append(key if thing is None else thing)
        return found


@dataclass
class Batch:
    """The facts of a batch by column, its numbers where facts are compared, and what is wrong."""

    facts: dict[str, Numbers] = field(default_factory=dict)
    values: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    problems: dict[int, list[str]] = field(default_factory=dict)
    outside: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    out_of_scope: dict[int, list[str]] = field(default_factory=dict)

    def problem_column(self, rows: int) -> pl.Series:
        """Return the problems of each row as one text."""
        texts = pl.Series("problems", [""], dtype=pl.String).new_from_index(0, rows)
        touched = sorted({*self.problems, *self.out_of_scope})
        if touched:
            joined = [
                " | ".join([*self.problems.get(r, []), *self.out_of_scope.get(r, [])])
                for r in touched
            ]
            texts = texts.scatter(touched, joined)
        return texts


class ColumnReader:
    """Reads the input columns of batches; facts keep their numbers from batch to batch."""

    def __init__(self, intake: Intake) -> None:
        """Number the empty fact zero."""
        self.intake = intake
        self.facts = Interner()
        self.facts.number(EMPTY)
        self._cuts = {n: self._cut_points(n) for n in intake.dimensions}
        self._compared = {
            column
            for entry in intake.dimensions.values()
            if entry["not_more_than"]
            for column in (entry["column"], intake.dimensions[entry["not_more_than"]]["column"])
        }

    def read(self, frame: pl.DataFrame, first_row: int) -> Batch:
        """Read every input column that the batch has."""
        batch = Batch(outside=np.zeros(frame.height, dtype=bool))
        present = {
            c: frame[c].cast(pl.String).fill_null("").str.strip_chars()
            for c in self.intake.columns
            if c in frame.columns
        }
        limits = self._limits(present, batch, first_row)
        for name, texts in present.items():
            spec = self.intake.columns[name]
            if spec.kind in ("value", "tokens"):
                batch.facts[name] = self._distinct(name, texts, None, batch, first_row)
            elif spec.kind == "number":
                batch.facts[name] = self._number(spec, texts, limits.get(name), batch, first_row)
        self._clocks(present, batch, first_row, frame.height)
        self._compare(present, batch, first_row)
        return batch

    # -- texts ------------------------------------------------------------------------------------

    def _distinct(
        self,
        name: str,
        texts: pl.Series,
        limits: pl.Series | None,
        batch: Batch,
        first_row: int,
    ) -> Numbers:
        """Read each distinct text of a column, with its detection limit where there is one."""
        keys = pl.DataFrame({"text": texts})
        if limits is not None:
            keys = keys.with_columns(limit=limits)
        unique = keys.unique(maintain_order=True)
        numbers, wrong, outside = [], [], []
        for row in unique.iter_rows():
            limit = Decimal(row[1]) if limits is not None and row[1] else None
            try:
                fact = self.intake.read(name, row[0], limit)
            except InputError as error:
                numbers.append(0)
                wrong.append(str(error))
                outside.append(False)
            else:
                numbers.append(self._intern(fact))
                wrong.append("")
                outside.append(fact.out_of_scope)
        found = unique.with_columns(
            number=pl.Series(numbers, dtype=pl.UInt32),
            wrong=pl.Series(wrong, dtype=pl.String),
            outside=pl.Series(outside, dtype=pl.Boolean),
        )
        joined = keys.join(found, on=keys.columns, how="left", maintain_order="left")
        if any(wrong):
            mask = (joined["wrong"] != "").to_numpy()
            for row in np.flatnonzero(mask):
                problem = Problem(first_row + int(row), name, texts[int(row)], joined["wrong"][int(row)])
                batch.problems.setdefault(int(row), []).append(str(problem))
        if any(outside):
            for row in np.flatnonzero(joined["outside"].to_numpy()):
                batch.outside[row] = True
                batch.out_of_scope.setdefault(int(row), []).append(
                    out_of_scope_text(first_row + int(row), name, texts[int(row)])
                )
        return joined["number"].to_numpy()

    def _intern(self, fact: Fact) -> int:
        """Number a fact by what it says of classes; its exact number is kept apart."""
        plain = Fact(fact.masks, None, fact.several, fact.needs, fact.out_of_scope)
        return self.facts.number(plain)

    # -- numbers ----------------------------------------------------------------------------------

    def _cut_points(self, dimension: str) -> list[Decimal]:
        entry = self.intake.dimensions[dimension]
        if not entry["is_number"]:
            return []
        bounds = [a.get(side) for a in entry["atoms"] for side in ("low", "high")]
        return sorted({Decimal(b) for b in bounds if b is not None})

    def _number(
        self,
        spec: Column,
        texts: pl.Series,
        limits: pl.Series | None,
        batch: Batch,
        first_row: int,
    ) -> Numbers:
        """Read a column of numbers.

        A plain number is binned as a float.  Rounding a decimal to a float never changes the order of
        two numbers, it can only make them equal: so a float that differs from every limit lies in the
        same piece as its text, and one that equals a limit is read again from the text.
        """
        (dimension,) = spec.dimensions
        entry, cuts = self.intake.dimensions[dimension], self._cuts[dimension]
        numbers = texts.cast(pl.Float64, strict=False).fill_nan(None)
        edges = [*map(float, cuts), float(entry["minimum"]), float(entry["maximum"])]
        plain = (
            texts.str.contains(PLAIN)
            & numbers.is_between(float(entry["minimum"]), float(entry["maximum"]), closed="none")
            & ~numbers.is_in(edges)
        ).fill_null(False)
        if entry["decimals"] == "0":
            plain = plain & False
        found = np.zeros(len(texts), dtype=np.uint32)
        mask = plain.to_numpy()
        values = numbers.to_numpy()
        piece = np.searchsorted(np.array([float(c) for c in cuts]), values[mask])
        pieces = np.array([self._piece(dimension, cuts, i) for i in range(len(cuts) + 1)])
        found[mask] = pieces[piece].astype(np.uint32)
        rest = np.flatnonzero(~mask)
        if rest.size:
            part = Batch(outside=np.zeros(rest.size, dtype=bool))
            some = None if limits is None else limits.gather(pl.Series(rest))
            found[rest] = self._distinct(spec.name, texts.gather(pl.Series(rest)), some, part, 0)
            for row in part.problems:
                whole = int(rest[row])
                problem = Problem(
                    first_row + whole, spec.name, texts[whole], self.intake.allowed(spec.name)
                )
                batch.problems.setdefault(whole, []).append(str(problem))
        if spec.name in self._compared:
            batch.values[spec.name] = np.where(found > 0, values.astype(np.float64), np.nan)
        return found

    def _piece(self, dimension: str, cuts: list[Decimal], index: int) -> int:
        low = cuts[index - 1] if index else None
        high = cuts[index] if index < len(cuts) else None
        mask = self.intake.mask(dimension, Interval(low, False, high, False))
        return self._intern(Fact(((dimension, mask),)))

    def _limits(
        self, present: dict[str, pl.Series], batch: Batch, first_row: int
    ) -> dict[str, pl.Series]:
        """Return the usable detection limits as text, by the column whose values they qualify."""
        found = {}
        for name, spec in self.intake.columns.items():
            if spec.kind == "limit" and name in present:
                texts = present[name]
                before = {r: len(p) for r, p in batch.problems.items()}
                self._distinct(name, texts, None, batch, first_row)
                wrong = [r for r, p in batch.problems.items() if len(p) > before.get(r, 0)]
                column = self.intake.dimensions[spec.dimensions[0]]["column"]
                found[column] = texts.scatter(wrong, [""] * len(wrong)) if wrong else texts
        return found

    # -- dates and comparisons --------------------------------------------------------------------

    def _clocks(
        self, present: dict[str, pl.Series], batch: Batch, first_row: int, rows: int
    ) -> None:
        """Turn pairs of dates into intervals, a distinct pair at a time."""
        dates: dict[str, dict[str, Any]] = {}
        for name in (c for c, s in self.intake.columns.items() if s.kind == "date" and c in present):
            dates[name] = {}
            for text in present[name].unique():
                if text:
                    try:
                        dates[name][text] = read_date(text)
                    except InputError as error:
                        self._report_text(present[name], text, name, str(error), batch, first_row)
        for dimension, start, end in self.intake.clocks():
            if start not in dates or end not in dates:
                continue
            column = self.intake.dimensions[dimension]["column"]
            held = batch.facts.get(column, np.zeros(rows, dtype=np.uint32))
            values = batch.values.get(column, np.full(rows, np.nan))
            held, values = held.copy(), values.copy()
            cache: dict[tuple[str, str], tuple[int, Decimal] | None] = {}
            both = (present[start] != "") & (present[end] != "")
            for row in np.flatnonzero(both.to_numpy()):
                pair = present[start][int(row)], present[end][int(row)]
                first, last = dates[start].get(pair[0]), dates[end].get(pair[1])
                if first is None or last is None:
                    continue
                if first > last:
                    self._report(int(row), start, pair[0], f"a date not after {end}", batch, first_row)
                    continue
                if pair not in cache:
                    months = months_between(first, last)
                    mask = self.intake.interval_mask(dimension, months)
                    cache[pair] = self._intern(Fact(((dimension, mask),))), months
                known = cache[pair]
                assert known is not None
                number, months = known
                if not held[row]:
                    held[row], values[row] = number, float(months)
                elif held[row] != number:
                    text = present[column][int(row)]
                    allowed = f"the interval from {start} to {end}"
                    self._report(int(row), column, text, allowed, batch, first_row)
                    held[row], values[row] = 0, np.nan
            batch.facts[column], batch.values[column] = held, values

    def _compare(self, present: dict[str, pl.Series], batch: Batch, first_row: int) -> None:
        """Set aside intervals of which one exceeds another that it lies within."""
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
            for row in bad:
                text = present[column][int(row)] if column in present else ""
                text = text or str(Decimal(str(inner[row])))
                self._report(int(row), column, text, f"not more than {other}", batch, first_row)
            if bad.size:
                for name in (column, other):
                    batch.facts[name] = batch.facts[name].copy()
                    batch.facts[name][bad], batch.values[name][bad] = 0, np.nan

    def _report(
        self, row: int, column: str, text: str, allowed: str, batch: Batch, first_row: int
    ) -> None:
        problem = Problem(first_row + row, column, text, allowed)
        batch.problems.setdefault(row, []).append(str(problem))

    def _report_text(
        self, texts: pl.Series, text: str, name: str, allowed: str, batch: Batch, first_row: int
    ) -> None:
        for row in np.flatnonzero((texts == text).to_numpy()):
            self._report(int(row), name, text, allowed, batch, first_row)
