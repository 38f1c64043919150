"""Combinations of facts that occur in a cohort, and the answers to each, kept between batches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from reasoner.batches import Interner, Numbers, number_texts

# So many combinations are kept before all are forgotten: a bound on memory, not on cohorts.
KEPT = 2_000_000


class Combinations:
    """Numbers the combinations of numbers that occur, in the order in which they first come.

    Columns are joined one after the other: the number of what came before and the next column's
    number are looked up in a table of those two, so that tables grow with what occurs and not with
    what is possible.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Begin without any, for columns of these names."""
        self.names = tuple(names)
        self._levels = [_Level() for _ in self.names]

    @property
    def full(self) -> bool:
        """Whether it is time to forget and begin anew."""
        return bool(self._levels) and self._levels[-1].count > KEPT

    def number(self, columns: Sequence[Numbers]) -> tuple[Numbers, NDArray[np.intp]]:
        """Return the number of the combination in each row, and a row for each new one in order."""
        found = np.zeros(columns[0].size, dtype=np.uint32)
        before = self._levels[-1].count
        for level, column in zip(self._levels, columns, strict=True):
            found = level.number(found, column)
        fresh = np.zeros(self._levels[-1].count - before, dtype=np.intp)
        if fresh.size:
            rows = np.flatnonzero(found >= before)
            fresh[found[rows] - before] = rows
        return found, fresh


class _Level:
    """Numbers pairs of numbers; a pair not met has the number -1 in the table."""

    def __init__(self) -> None:
        self.count = 0
        self._table = np.full((1, 1), -1, dtype=np.int32)

    def number(self, first: Numbers, second: Numbers) -> Numbers:
        self._make_room(int(first.max()), int(second.max()))
        key = first.astype(np.int64)
        key *= self._table.shape[1]
        key += second
        flat = self._table.reshape(-1)
        found = flat.take(key)
        if found.min() < 0:
            fresh = np.unique(key[found < 0])
            flat[fresh] = np.arange(self.count, self.count + fresh.size)
            self.count += fresh.size
            found = flat.take(key)
        return found.view(np.uint32)

    def _make_room(self, first: int, second: int) -> None:
        height, width = self._table.shape
        if first >= height or second >= width:
            tall = height if first < height else max(first + 1, 2 * height)
            wide = width if second < width else second + 1
            table = np.full((tall, wide), -1, dtype=np.int32)
            table[:height, :width] = self._table
            self._table = table


class AnswerStore:
    """The answers to numbered combinations: of every output column the number of its text."""

    def __init__(self, names: Sequence[str]) -> None:
        """Begin without any, for output columns of these names."""
        self._texts = {name: Interner() for name in names}
        self._types = {name: pl.Enum([]) for name in names}
        self._numbers = {name: np.zeros(0, dtype=np.uint32) for name in names}
        self._contradictory = np.zeros(0, dtype=bool)
        self._count = 0

    def add(self, columns: dict[str, pl.Series], contradictory: NDArray[np.bool_]) -> None:
        """Keep the output columns of combinations that follow those already held."""
        end = self._count + contradictory.size
        for name, column in columns.items():
            texts = number_texts(column)
            known = [self._texts[name].number(t) for t in texts.distinct]
            self._numbers[name] = _with_room(self._numbers[name], end)
            self._numbers[name][self._count : end] = np.array(known).take(texts.numbers)
            if len(self._types[name].categories) < len(self._texts[name].things):
                self._types[name] = pl.Enum(self._texts[name].things)
        self._contradictory = _with_room(self._contradictory, end)
        self._contradictory[self._count : end] = contradictory
        self._count = end

    def contradictory(self, numbers: Numbers) -> NDArray[np.bool_]:
        """Tell of every row whether its facts exclude each other."""
        return self._contradictory.take(numbers)

    def columns(self, numbers: Numbers) -> list[pl.Series]:
        """Return the output columns of rows, given the combination in each."""
        found = []
        for name, kind in self._types.items():
            texts = pl.Series(name, self._texts[name].things, dtype=kind)
            found.append(texts.gather(pl.Series(self._numbers[name].take(numbers))))
        return found


def _with_room(array: NDArray, size: int) -> NDArray:  # type: ignore[type-arg]
    if size <= array.size:
        return array
    grown = np.zeros(max(size, 2 * array.size), dtype=array.dtype)
    grown[: array.size] = array
    return grown
