"""A question spread over the completions of one record, as an array.

One axis for each axis of the question, one entry for each position that the record leaves there; in
each cell one bit, which stands for what the answer shows.  Joining cells is joining bits.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from reasoner.axes import Axis
from reasoner.grid import bits
from reasoner.questions import Outcome, Question, Verdict
from reasoner.record import BlockState

Bits = NDArray[np.uint64]


class Spread:
    """The cells of a question that some states of the blocks leave."""

    def __init__(self, question: Question, states: Iterable[BlockState]) -> None:
        """Cut what is left out of the whole question."""
        self.question = question
        self.states = {id(s.block): s for s in states}
        self.axes: list[Axis] = question.space.axes
        self.left = [sorted(a.project(self.states[id(a.block)].cells)) for a in self.axes]
        cells, self.keys = _labels(question)
        self.cells: Bits = cells[np.ix_(*self.left)]
        self._verdicts: dict[int, Verdict] = {}

    @property
    def present(self) -> int:
        """The bits of all that the answer can show."""
        return int(np.bitwise_or.reduce(self.cells, axis=None))

    def verdict(self, bits: int) -> Verdict:
        """Return the answer where the completions show these bits."""
        if bits not in self._verdicts:
            outcomes = [o for number, o in enumerate(self.keys) if bits >> number & 1]
            self._verdicts[bits] = self.question.verdict(outcomes)
        return self._verdicts[bits]

    def within(self, other: Spread, bits: int) -> int:
        """Return the bits left where another question shows certain bits for the same record.

        What the other answer leaves of the facts that both rest on is laid over this question;
        facts that only one of them rests on are independent of it and stay as they are.
        """
        inside = (other.cells & np.uint64(bits)) != 0
        blocks = {id(a.block): n for n, a in enumerate(self.axes)}
        shared = [
            (n, blocks[id(a.block)]) for n, a in enumerate(other.axes) if id(a.block) in blocks
        ]
        alone = tuple(n for n in range(len(other.axes)) if n not in dict(shared))
        inside = inside.any(axis=alone)
        for place, (number, own) in enumerate(shared):
            link = self._link(other, number, own)
            inside = np.moveaxis(np.tensordot(inside, link, axes=(place, 0)) > 0, -1, place)
        # Axes follow the order of the blocks in every question.
        shape = [1] * len(self.axes)
        for place, (_, own) in enumerate(shared):
            shape[own] = inside.shape[place]
        return int(
            np.bitwise_or.reduce(
                np.where(inside.reshape(shape), self.cells, np.uint64(0)), axis=None
            )
        )

    def _link(self, other: Spread, number: int, own: int) -> NDArray[np.intp]:
        """Tell which positions of two axes of one block occur together in what is left of it."""
        first, second = other.axes[number], self.axes[own]
        link = np.zeros((len(other.left[number]), len(self.left[own])), dtype=np.intp)
        for cell in self.states[id(second.block)].cells:
            (row,), (column,) = first.project([cell]), second.project([cell])
            link[other.left[number].index(row), self.left[own].index(column)] = 1
        return link


@lru_cache(maxsize=128)
def _labels(question: Question) -> tuple[Bits, list[Outcome]]:
    """Return the bit of every cell of a question, and one outcome for each bit.

    Cells get one bit where the answer shows the same; what an open boundary lies between counts.
    """
    keys: dict[object, Outcome] = {}
    cells: dict[object, int] = {}
    for part, outcome in question.outcomes:
        key = (outcome.key, outcome.neighbours)
        keys.setdefault(key, outcome)
        cells[key] = cells.get(key, 0) | part
    if len(keys) > 64:
        raise ValueError(f"{question.name} shows {len(keys)} answers, more than a word has bits")
    size = question.space.size
    flat = np.zeros(size, dtype=np.uint64)
    for number, part in enumerate(cells.values()):
        flat[bits(part, size)] = np.uint64(1 << number)
    # The first axis varies fastest in the integers.
    shape = [len(a.entries) for a in question.space.axes]
    return flat.reshape(shape[::-1]).transpose(), list(keys.values())
