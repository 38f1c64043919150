"""A question tabulated over partial codes, for cohorts.

``Question`` answers one record by sets of cells.  A grid turns the same outcomes into one array and
folds it axis by axis: the entry of a partial code is the union over its completions.  The arrays
are exact, and looking a row up costs one index.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reasoner.questions import Outcome, Question, Verdict

Codes = list[list[frozenset[int]]]


@dataclass(frozen=True)
class Tabulated:
    """The answers to a question for every combination of codes.

    ``verdict`` and ``readings`` are positions in the lists beside them, ``essential`` a bit per
    axis; all have one dimension per axis and the length of that axis's codes.
    """

    verdict: NDArray[np.uint32]
    verdicts: list[tuple[Verdict, tuple[str, ...]]]
    essential: NDArray[np.uint32]


class Grid:
    """The outcomes of a question over its axes, with entries merged that no answer tells apart."""

    def __init__(self, question: Question) -> None:
        """Spread the outcomes over the cells."""
        self.question = question
        shape = [len(a.entries) for a in question.space.axes]
        flat = np.zeros(question.space.size, dtype=np.uint16)
        self.outcomes: list[Outcome] = []
        for number, (cells, outcome) in enumerate(question.outcomes):
            self.outcomes.append(outcome)
            flat[bits(cells, question.space.size)] = number
        # The first axis varies fastest in the integers.
        self.array: NDArray[np.uint16] = flat.reshape(shape[::-1]).transpose().copy()
        self.merged: list[NDArray[np.intp]] = []
        for axis in range(len(shape)):
            slices = [part.tobytes() for part in np.moveaxis(self.array, axis, 0)]
            kept = {part: number for number, part in enumerate(dict.fromkeys(slices))}
            self.array = np.take(self.array, [slices.index(part) for part in kept], axis=axis)
            self.merged.append(np.array([kept[part] for part in slices]))

    def code(self, axis: int, positions: frozenset[int]) -> frozenset[int]:
        """Return the merged entries that some positions of an axis fall on."""
        return frozenset(int(self.merged[axis][p]) for p in positions)

    def tabulate(self, codes: Codes) -> Tabulated:
        """Fold the outcomes over the codes of every axis."""
        planes = _one_hot(self.array, len(self.outcomes))
        for axis, axis_codes in enumerate(codes):
            planes = _fold(planes, axis, axis_codes, np.bitwise_or)
        shape = tuple(len(c) for c in codes)
        rows = planes.reshape(-1, planes.shape[-1])
        inverse = np.zeros(len(rows), dtype=np.int64)
        for plane in range(rows.shape[1]):
            column, place = np.unique(rows[:, plane], return_inverse=True)
            # One plane after the other: sorting whole rows costs far more.
            inverse = np.unique(inverse * len(column) + place, return_inverse=True)[1]
        first = np.zeros(int(inverse.max()) + 1, dtype=np.int64)
        first[inverse[::-1]] = np.arange(len(rows))[::-1]
        verdicts = [self._verdict(row) for row in rows[first]]
        essential = np.zeros(shape, dtype=np.uint32)
        for axis in range(len(codes)):
            essential |= self._depends(axis, codes).astype(np.uint32) << np.uint32(axis)
        return Tabulated(inverse.reshape(shape).astype(np.uint32), verdicts, essential)

    def _verdict(self, row: NDArray[np.uint64]) -> tuple[Verdict, tuple[str, ...]]:
        held = [o for i, o in enumerate(self.outcomes) if int(row[i // 64]) >> (i % 64) & 1]
        readings = sorted({r for o in held for r in o.readings})
        return self.question.verdict(held), tuple(readings)

    def _depends(self, axis: int, codes: Codes) -> NDArray[np.bool_]:
        """Tell for every combination of codes whether the answer depends on one axis."""
        keys = {key: n for n, key in enumerate(dict.fromkeys(o.key for o in self.outcomes))}
        shown = np.array([keys[o.key] for o in self.outcomes], dtype=np.uint16)
        planes = _one_hot(shown[self.array], len(keys))
        planes = _fold(planes, axis, codes[axis], np.bitwise_or)
        found = (np.bitwise_count(planes).sum(axis=-1) > 1)[..., np.newaxis]
        for other, other_codes in enumerate(codes):
            if other != axis:
                found = _fold(found, other, other_codes, np.logical_or)
        result: NDArray[np.bool_] = found[..., 0]
        return result


def bits(cells: int, size: int) -> NDArray[np.bool_]:
    """Return a set of cells as an array, one entry for each cell of the space."""
    raw = np.frombuffer(cells.to_bytes((size + 7) // 8, "little"), dtype=np.uint8)
    return np.unpackbits(raw, count=size, bitorder="little").astype(bool)


def _one_hot(numbers: NDArray[np.uint16], count: int) -> NDArray[np.uint64]:
    planes = np.zeros((*numbers.shape, (count + 63) // 64), dtype=np.uint64)
    for plane in range(planes.shape[-1]):
        inside = (numbers // 64) == plane
        places = np.uint64(1) << (numbers % 64).astype(np.uint64)
        planes[..., plane] = np.where(inside, places, np.uint64(0))
    return planes


def _fold(array: NDArray, axis: int, codes: list[frozenset[int]], join: np.ufunc) -> NDArray:  # type: ignore[type-arg]
    parts = [join.reduce(np.take(array, sorted(code), axis=axis), axis=axis) for code in codes]
    return np.stack(parts, axis=axis)
