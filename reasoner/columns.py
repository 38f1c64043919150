"""The columns of a batch as numbered facts: each distinct text is read once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from reasoner.batches import Batch, Interner, Numbers, ProblemLog
from reasoner.intake import (
    BLANKS,
    EMPTY,
    Column,
    Fact,
    InputError,
    Intake,
    months_between,
    read_date,
)
from reasoner.intervals import Interval

PLAIN = r"^\+?[0-9]{1,12}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?$"


class ColumnReader:
    """Reads the input columns of batches; facts keep their numbers from batch to batch."""

    def __init__(self, intake: Intake) -> None:
        """Begin with the empty fact, which has the number zero."""
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
        batch = Batch(ProblemLog(first_row), np.zeros(frame.height, dtype=bool))
        names = [c for c in self.intake.columns if c in frame.columns]
        stripped = frame.select(pl.col(names).cast(pl.String).fill_null("").str.strip_chars(BLANKS))
        present = {c: stripped[c] for c in names}
        plain = self._plain_numbers(stripped)
        limits = self._limits(present, batch)
        for name, texts in present.items():
            spec = self.intake.columns[name]
            if spec.kind in ("value", "tokens"):
                batch.facts[name] = self._distinct(name, texts, None, batch)
            elif spec.kind == "number":
                batch.facts[name] = self._number(spec, texts, plain[name], limits.get(name), batch)
        self._clocks(present, batch, frame.height)
        self._compare(present, batch)
        return batch

    # -- texts ------------------------------------------------------------------------------------

    def _distinct(
        self,
        name: str,
        texts: pl.Series,
        limits: pl.Series | None,
        batch: Batch,
        rows: NDArray[np.intp] | None = None,
    ) -> Numbers:
        """Read each distinct text of a column, with its detection limit where there is one.

        ``rows`` are the places of the texts in the batch, all in order where left out.
        """
        keys = pl.DataFrame({"text": texts})
        if limits is not None:
            keys = keys.with_columns(limit=limits)
        unique = keys.unique(maintain_order=True)
        numbers: list[int] = []
        wrong: list[str] = []
        outside: list[bool] = []
        for row in unique.iter_rows():
            limit = Decimal(row[1]) if limits is not None and row[1] else None
            fact = EMPTY
            try:
                fact = self.intake.read(name, row[0], limit)
            except InputError as error:
                wrong.append(str(error))
            else:
                wrong.append("")
            numbers.append(self._intern(fact))
            outside.append(fact.out_of_scope)
        found = unique.with_columns(
            number=pl.Series(numbers, dtype=pl.UInt32),
            wrong=pl.Series(wrong, dtype=pl.String),
            outside=pl.Series(outside, dtype=pl.Boolean),
        )
        joined = keys.join(found, on=keys.columns, how="left", maintain_order="left")
        places = np.arange(len(texts)) if rows is None else rows
        for allowed in sorted({w for w in wrong if w}):
            bad = np.flatnonzero((joined["wrong"] == allowed).to_numpy())
            batch.log.add(places[bad], name, texts.gather(bad), allowed)
        if any(outside):
            beyond = np.flatnonzero(joined["outside"].to_numpy())
            batch.outside[places[beyond]] = True
            batch.log.add_out_of_scope(places[beyond], name, texts.gather(beyond))
        return joined["number"].to_numpy()

    def _intern(self, fact: Fact) -> int:
        """Return the number of a fact by what it says of classes; exact values are kept apart."""
        number = None if fact.masks else fact.number
        return self.facts.number(
            Fact(fact.masks, number, fact.several, fact.needs, fact.out_of_scope)
        )

    # -- numbers ----------------------------------------------------------------------------------

    def _cut_points(self, dimension: str) -> list[Decimal]:
        entry = self.intake.dimensions[dimension]
        if not entry["is_number"]:
            return []
        bounds = [a.get(side) for a in entry["atoms"] for side in ("low", "high")]
        return sorted({Decimal(b) for b in bounds if b is not None})

    def _plain_numbers(self, stripped: pl.DataFrame) -> dict[str, pl.Series]:
        """Return each column of numbers as floats, null where the text has to be read instead.

        Rounding a decimal to a float never changes the order of two numbers, it can only make them
        equal: so a float that differs from every limit lies in the same piece as its text, and one
        that equals a limit is read again from the text.
        """
        expressions = []
        for name in stripped.columns:
            spec = self.intake.columns[name]
            if spec.kind != "number":
                continue
            (dimension,) = spec.dimensions
            entry = self.intake.dimensions[dimension]
            low, high = float(entry["minimum"]), float(entry["maximum"])
            number = pl.col(name).cast(pl.Float64, strict=False)
            keep = number.is_between(low, high, closed="none") & pl.col(name).str.contains(PLAIN)
            for cut in self._cuts[dimension]:
                keep &= number != float(cut)
            if entry["decimals"] == "0":
                keep = pl.lit(False)
            expressions.append(pl.when(keep).then(number).alias(name))
        return {c.name: c for c in stripped.select(expressions)} if expressions else {}

    def _number(
        self,
        spec: Column,
        texts: pl.Series,
        numbers: pl.Series,
        limits: pl.Series | None,
        batch: Batch,
    ) -> Numbers:
        """Read a column of numbers: plain ones by where they fall, the others from their text."""
        (dimension,) = spec.dimensions
        cuts = self._cuts[dimension]
        plain = numbers.is_not_null()
        found = np.zeros(len(texts), dtype=np.uint32)
        mask = plain.to_numpy()
        values = numbers.to_numpy()
        piece = np.searchsorted(np.array([float(c) for c in cuts]), values[mask])
        pieces = np.array([self._piece(dimension, cuts, i) for i in range(len(cuts) + 1)])
        found[mask] = pieces[piece].astype(np.uint32)
        rest = np.flatnonzero(~mask)
        if rest.size:
            some = None if limits is None else limits.gather(rest)
            found[rest] = self._distinct(spec.name, texts.gather(rest), some, batch, rest)
        if spec.name in self._compared:
            every = texts.cast(pl.Float64, strict=False).to_numpy()
            batch.values[spec.name] = np.where(found > 0, every.astype(np.float64), np.nan)
        return found

    def _piece(self, dimension: str, cuts: list[Decimal], index: int) -> int:
        low = cuts[index - 1] if index else None
        high = cuts[index] if index < len(cuts) else None
        mask = self.intake.mask(dimension, Interval(low, False, high, False))
        return self._intern(Fact(((dimension, mask),)))

    def _limits(self, present: dict[str, pl.Series], batch: Batch) -> dict[str, pl.Series]:
        """Return the usable detection limits as text, by the column whose values they qualify."""
        found = {}
        for name, spec in self.intake.columns.items():
            if spec.kind == "limit" and name in present:
                texts = present[name]
                usable = self._distinct(name, texts, None, batch) > 0
                column = self.intake.dimensions[spec.dimensions[0]]["column"]
                found[column] = pl.select(
                    pl.when(pl.Series(usable)).then(texts).otherwise(pl.lit(""))
                ).to_series()
        return found

    # -- dates and comparisons --------------------------------------------------------------------

    def _clocks(self, present: dict[str, pl.Series], batch: Batch, rows: int) -> None:
        """Turn pairs of dates into intervals, a distinct pair at a time."""
        dates: dict[str, dict[str, date]] = {}
        for name, spec in self.intake.columns.items():
            if spec.kind == "date" and name in present:
                dates[name] = self._dates(name, present[name], batch)
        for dimension, start, end in self.intake.clocks():
            if start in dates and end in dates:
                self._clock(dimension, start, end, dates, present, batch, rows)

    def _dates(self, name: str, texts: pl.Series, batch: Batch) -> dict[str, date]:
        found: dict[str, date] = {}
        wrong: dict[str, list[str]] = {}
        for text in texts.unique():
            if text:
                try:
                    found[text] = read_date(text)
                except InputError as error:
                    wrong.setdefault(str(error), []).append(text)
        for allowed, bad in wrong.items():
            places = np.flatnonzero(texts.is_in(bad).to_numpy())
            batch.log.add(places, name, texts.gather(places), allowed)
        return found

    def _clock(
        self,
        dimension: str,
        start: str,
        end: str,
        dates: dict[str, dict[str, date]],
        present: dict[str, pl.Series],
        batch: Batch,
        rows: int,
    ) -> None:
        column = self.intake.dimensions[dimension]["column"]
        pairs = pl.DataFrame({"first": present[start], "last": present[end]})
        known = []
        for first, last in pairs.unique().iter_rows():
            if first in dates[start] and last in dates[end]:
                if dates[start][first] > dates[end][last]:
                    known.append((first, last, 0, np.nan))
                else:
                    months = months_between(dates[start][first], dates[end][last])
                    mask = self.intake.interval_mask(dimension, months)
                    number = self._intern(Fact(((dimension, mask),)))
                    known.append((first, last, number, float(months)))
        schema = {"first": pl.String, "last": pl.String, "number": pl.Int64, "months": pl.Float64}
        table = pl.DataFrame(known, schema=schema, orient="row")
        joined = pairs.join(table, on=["first", "last"], how="left", maintain_order="left")
        numbers = joined["number"].fill_null(-1).to_numpy()
        months_known = joined["months"].fill_null(np.nan).to_numpy()
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

    def _compare(self, present: dict[str, pl.Series], batch: Batch) -> None:
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
