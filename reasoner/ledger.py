"""What a question answers for everything that asking could tell of a record.

One array for each question: an axis for each component of the input, an entry for each thing that
knowing all its columns can leave.  Asking fewer columns joins entries; nothing is sampled.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reasoner.asking import Inquiry, Told
from reasoner.intervals import Interval
from reasoner.questions import MISSING, SILENT, Question
from reasoner.spread import Spread

# So many columns that are none of them indispensable are tried in all combinations.
OPTIONAL = 12


@dataclass(frozen=True)
class Decided:
    """The values of a column that alone settle an answer, how many of how many, and whether all.

    ``values`` is empty for a column of lists, which has too many.  ``share`` counts alike all that
    can come of asking, the case included in which the column has no word for what is so.
    """

    values: list[str]
    settling: int
    of: int
    share: float
    always: bool


class Ledger:
    """What a question answers for everything that can come to be known of a record."""

    def __init__(self, question: Question, parts: list[Inquiry]) -> None:
        """Spread the outcomes over what knowing all columns can leave."""
        spread = Spread(question, (s for part in parts for s in part.states))
        self.spread, axes = spread, spread.axes
        pairs = [
            (part, numbers)
            for part in parts
            if (numbers := [i for i, a in enumerate(axes) if a.block in part.component.blocks])
        ]
        cells = spread.cells.transpose([n for _, numbers in pairs for n in numbers])
        self.parts: list[Inquiry] = []
        self.entry_of: list[list[int]] = []
        for place, (part, numbers) in enumerate(pairs):
            cells, entries = self._known(cells, place, part, numbers)
            self.parts.append(part)
            self.entry_of.append(entries)
        self._merge(cells)

    def _known(
        self, cells: NDArray[np.uint64], place: int, part: Inquiry, numbers: list[int]
    ) -> tuple[NDArray[np.uint64], list[int]]:
        """Turn the axes of a component into one: an entry for each thing full knowledge leaves."""
        axes = [self.spread.axes[n] for n in numbers]
        lefts_on = [self.spread.left[n] for n in numbers]
        shape = [len(left) for left in lefts_on]
        flat = cells.reshape(*cells.shape[:place], -1, *cells.shape[place + len(axes) :])
        stand = part.positions(axes, lefts_on)
        left_of: dict[frozenset[int], frozenset[tuple[int, ...]]] = {}
        lefts = [frozenset[int]()] * len(part.truths)
        for left, _ in part.classes(frozenset(part.columns)):
            left_of[left] = frozenset().union(*(stand[t] for t in left))
            for truth in left:
                # What is told of a truth is the narrowest of what fits it.
                if not lefts[truth] or len(left) < len(lefts[truth]):
                    lefts[truth] = left
        known = dict.fromkeys(left_of[left] for left in lefts)
        slices = [
            np.bitwise_or.reduce(
                flat.take([int(np.ravel_multi_index(p, shape)) for p in sorted(entry)], axis=place),
                axis=place,
            )
            for entry in known
        ]
        index = {entry: number for number, entry in enumerate(known)}
        return np.stack(slices, axis=place), [index[left_of[left]] for left in lefts]

    def _merge(self, cells: NDArray[np.uint64]) -> None:
        """Join entries that no answer tells apart, and drop components that tell nothing."""
        for place in reversed(range(len(self.parts))):
            slices = [part.tobytes() for part in np.moveaxis(cells, place, 0)]
            kept = {part: number for number, part in enumerate(dict.fromkeys(slices))}
            cells = cells.take([slices.index(part) for part in kept], axis=place)
            self.entry_of[place] = [kept[slices[entry]] for entry in self.entry_of[place]]
            if len(kept) == 1:
                cells = cells.squeeze(axis=place)
                del self.parts[place], self.entry_of[place]
        self.cells = cells
        found, where = np.unique(cells, return_inverse=True)
        self.verdicts = [self.spread.verdict(int(m)) for m in found]
        written = {(v.value, v.reason): n for n, v in enumerate(self.verdicts)}
        numbers = np.array([written[v.value, v.reason] for v in self.verdicts])
        self.answers: NDArray[np.intp] = numbers[where].reshape(cells.shape)

    @property
    def columns(self) -> list[str]:
        """Columns that bear on the answer."""
        return [c for part in self.parts for c in part.columns]

    def left_open(self) -> list[str]:
        """List the reasons for which knowing every column may still leave the answer open."""
        shown = {int(n) for n in np.unique(self.answers)}
        reasons = {self.verdicts[n].reason for n in shown}
        # No column is left to ask there: it is the text that says no more.
        return sorted({SILENT if r == MISSING else r for r in reasons} - {""})

    def settled(self, asked: frozenset[str]) -> NDArray[np.bool_]:
        """Tell for everything that asking some columns can say whether the answer is settled."""
        cells, least, most = self.cells, self.answers, self.answers
        for place, (part, entry_of) in enumerate(zip(self.parts, self.entry_of, strict=True)):
            groups = [sorted({entry_of[t] for t in left}) for left, _ in part.classes(asked)]
            cells = _fold(cells, place, groups, np.bitwise_or)
            least = _fold(least, place, groups, np.minimum)
            most = _fold(most, place, groups, np.maximum)
        found, where = np.unique(cells, return_inverse=True)
        told = np.array([self.spread.verdict(int(m)).reason != MISSING for m in found], dtype=bool)
        settled: NDArray[np.bool_] = told[where].reshape(cells.shape) | (least == most)
        return settled

    def settling_sets(self) -> tuple[list[list[str]], str | None]:
        """Return all smallest sets of columns that settle the answer, and the bound if reached."""
        everything = frozenset(self.columns)
        needed = frozenset(c for c in self.columns if not self.settled(everything - {c}).all())
        if self.settled(needed).all():
            return [self._ordered(needed)], None
        spare = [c for c in self.columns if c not in needed]
        bound = None
        if len(spare) > OPTIONAL:
            bound = f"sets with {len(spare)} exchangeable columns were not all tried"
            spare = spare[:OPTIONAL]
        found: list[frozenset[str]] = []
        for count in range(1, len(spare) + 1):
            for chosen in combinations(spare, count):
                asked = needed | frozenset(chosen)
                if not any(f <= asked for f in found) and self.settled(asked).all():
                    found.append(asked)
        return [self._ordered(f) for f in found], bound

    def _ordered(self, columns: frozenset[str]) -> list[str]:
        rank = self.parts[0].intake.rank if self.parts else {}
        return sorted(columns, key=rank.__getitem__)

    def decided_by(self, column: str) -> Decided:
        """Return what a column decides when it alone is asked for."""
        asked = frozenset({column})
        settled = self.settled(asked)
        place = next(n for n, part in enumerate(self.parts) if column in part.columns)
        part = self.parts[place]
        said = [told for _, told in part.classes(asked)]
        pairs = [(t[0], bool(s)) for t, s in zip(said, settled.reshape(-1), strict=True) if t]
        return Decided(
            values=_values([t for t, s in pairs if s]) if part.speaks_plainly(column) else [],
            settling=sum(s for _, s in pairs),
            of=len(pairs),
            share=float(settled.mean()),
            always=bool(settled.all()),
        )


def _values(told: list[Told]) -> list[str]:
    """Write what was told, numbers that follow each other joined."""
    joined: list[Interval] = []
    for said in told:
        if said.interval is None:
            continue
        if joined and joined[-1].touches(said.interval):
            joined[-1] = joined[-1].up_to(said.interval)
        else:
            joined.append(said.interval)
    return [i.phrase() for i in joined] or [said.words for said in told]


def _fold(cells: NDArray[Any], place: int, groups: list[list[int]], join: np.ufunc) -> NDArray[Any]:
    parts = [join.reduce(cells.take(group, axis=place), axis=place) for group in groups]
    return np.stack(parts, axis=place)
