"""What is known of a batch of rows while it is read: numbered facts, and what is wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from reasoner.intake import BLANKS
from reasoner.record import OUT_OF_SCOPE

Numbers = NDArray[np.uint32]

BEYOND = "a relapse that the article speaks of"


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


@dataclass(repr=False)
class Texts:
    """A column as its distinct texts, and the number of the text of every row."""

    distinct: pl.Series
    numbers: Numbers

    def stripped(self) -> Texts:
        """Leave out blanks around texts, of which some may then be alike."""
        return Texts(self.distinct.str.strip_chars(BLANKS), self.numbers)

    def gather(self, rows: NDArray[np.intp]) -> pl.Series:
        """Return the texts of some rows."""
        return self.distinct.gather(pl.Series(self.numbers.take(rows)))


def number_texts(column: pl.Series) -> Texts:
    """Give the distinct texts of a column numbers; a missing one is empty."""
    if column.dtype != pl.String:
        column = column.cast(pl.String)
    # Every batch has categories of its own, so that nothing of it outlasts it.
    hashed = column.cast(pl.Categorical(pl.Categories.random()))
    found = hashed.unique().drop_nulls()
    texts = found.cast(pl.String).gather(found.to_physical().arg_sort())
    numbers = hashed.to_physical().cast(pl.UInt32)
    if numbers.null_count():
        texts = pl.concat([texts, pl.Series([""])])
        numbers = numbers.fill_null(len(texts) - 1)
    return Texts(texts, numbers.to_numpy())


class ProblemLog:
    """What is wrong in a batch, gathered by columns and joined by rows at the end."""

    def __init__(self, first_row: int) -> None:
        """Count rows from the number of the first one."""
        self.first_row = first_row
        self._pieces: list[pl.DataFrame] = []
        self._beyond: list[pl.DataFrame] = []
        # Values by column and by what is allowed there, for reports that show no value.
        self.counts: Counter[tuple[str, str]] = Counter()

    def add(self, rows: NDArray[np.intp], column: str, values: pl.Series, allowed: str) -> None:
        """Note that the values of a column could not be used in some rows."""
        self.counts[column, allowed] += int(rows.size)
        self._add(self._pieces, rows, column, values, f"' not used; allowed: {allowed}")

    def add_out_of_scope(self, rows: NDArray[np.intp], column: str, values: pl.Series) -> None:
        """Note that the values of a column put some rows outside the article."""
        self.counts[column, BEYOND] += int(rows.size)
        self._add(self._beyond, rows, column, values, OUT_OF_SCOPE)

    def _add(
        self,
        pieces: list[pl.DataFrame],
        rows: NDArray[np.intp],
        column: str,
        values: pl.Series,
        after: str,
    ) -> None:
        if rows.size:
            frame = pl.DataFrame({"place": rows, "value": values})
            text = pl.concat_str(
                pl.lit("row "),
                (pl.col("place") + self.first_row).cast(pl.String),
                pl.lit(f", {column}: '"),
                pl.col("value"),
                pl.lit(after),
            )
            pieces.append(frame.select(pl.col("place").cast(pl.Int64), text=text))

    def column(self, rows: int) -> pl.Series:
        """Return the problems of each row as one text."""
        texts = pl.Series("problems", [""], dtype=pl.String).new_from_index(0, rows)
        pieces = [*self._pieces, *self._beyond]
        if not pieces:
            return texts
        joined = (
            pl.concat(pieces)
            .group_by("place", maintain_order=True)
            .agg(pl.col("text").str.join(" | "))
        )
        return texts.scatter(joined["place"], joined["text"])


@dataclass(repr=False)
class Batch:
    """The facts of a batch by column, its numbers where facts are compared, and what is wrong."""

    log: ProblemLog
    outside: NDArray[np.bool_]
    facts: dict[str, Numbers] = field(default_factory=dict)
    values: dict[str, NDArray[np.float64]] = field(default_factory=dict)
