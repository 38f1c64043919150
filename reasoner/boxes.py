"""Sets of cells as boxes, a set of values for each fact, and boxes in words.

The sites are taken together as one fact, so that a box can say *combined relapse*. Boxes of one set
share no cell, and no two of them make one box: whatever can be told in one line is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from reasoner.axes import Axis, Cell, Space
from reasoner.intervals import Interval
from reasoner.names import Names
from reasoner.partition import numbers_of
from reasoner.table import View

Position = tuple[int, ...]
Box = tuple[frozenset[Position], ...]


@dataclass(frozen=True)
class Facet:
    """Axes that are told together, by their numbers in a space."""

    axes: tuple[int, ...]
    is_clock: bool


class Boxes:
    """Cuts sets of cells of a space into boxes, and words them."""

    def __init__(self, view: View, space: Space, scope: int) -> None:
        """Sort the axes into facets: sites, what else is observed, clocks."""
        self.space, self.names = space, Names(view)
        self.dimensions = view.table.dimensions
        sites = self.names.site_facts
        together = [n for n, a in enumerate(space.axes) if set(a.dimensions) <= sites]
        alone = [n for n in range(len(space.axes)) if n not in together]
        is_clock, rank = self.names.is_clock, self.names.rank
        alone.sort(key=lambda n: (is_clock(space.axes[n]), rank(space.axes[n])))
        self.facets = [Facet(tuple(together), False)] if together else []
        self.facets += [Facet((n,), is_clock(space.axes[n])) for n in alone]
        # What every cell of the scope shares goes without saying.
        self.whole = self._hull(scope)
        self.named = cache(self._named)

    def is_number(self, dimension: str) -> bool:
        """Tell whether a fact is a number."""
        return bool(self.dimensions[dimension]["is_number"])

    # -- cells and boxes --------------------------------------------------------------------------

    def points(self, cells: int) -> Iterator[tuple[Position, ...]]:
        """Yield every cell of a set as its positions on the facets."""
        for number in numbers_of(cells):
            digits = [number // a.stride % len(a.entries) for a in self.space.axes]
            yield tuple(tuple(digits[n] for n in facet.axes) for facet in self.facets)

    def cells(self, box: Box) -> int:
        """Return the cells of a box."""
        found = 0
        for point in product(*box):
            found |= 1 << self.number(point)
        return found

    def number(self, point: Sequence[Position]) -> int:
        """Return the number of the cell at some positions, one for each facet."""
        found = 0
        for facet, position in zip(self.facets, point, strict=True):
            for place, entry in zip(facet.axes, position, strict=True):
                found += entry * self.space.axes[place].stride
        return found

    def _hull(self, cells: int) -> Box:
        points = list(self.points(cells))
        return tuple(frozenset(p[n] for p in points) for n in range(len(self.facets)))

    def cut(self, cells: int) -> list[Box]:
        """Cut a set of cells into boxes that share none, the first cell's box first."""
        boxes: list[Box] = [tuple(frozenset({p}) for p in point) for point in self.points(cells)]
        while True:
            merged = [self._joined(boxes, n) for n in range(len(self.facets))]
            fewest = min(merged, key=len, default=boxes)
            if len(fewest) == len(boxes):
                return boxes
            boxes = fewest

    def _joined(self, boxes: Iterable[Box], facet: int) -> list[Box]:
        """Join boxes that differ on one facet alone."""
        found: dict[Box, frozenset[Position]] = {}
        for box in boxes:
            rest = (*box[:facet], *box[facet + 1 :])
            found[rest] = found.get(rest, frozenset()) | box[facet]
        return [(*rest[:facet], chosen, *rest[facet:]) for rest, chosen in found.items()]

    # -- words ------------------------------------------------------------------------------------

    def words(self, box: Box) -> str:
        """Say what a box holds; a fact that is not named may have any value in the scope."""
        told = [
            self.named(facet, chosen)
            for facet, chosen, whole in zip(self.facets, box, self.whole, strict=True)
            if chosen != whole
        ]
        return ", ".join(told) or "every case"

    def _named(self, facet: Facet, chosen: frozenset[Position]) -> str:
        axes = [self.space.axes[n] for n in facet.axes]
        entries = [
            tuple(a.entries[i] for a, i in zip(axes, position, strict=True))
            for position in sorted(chosen)
        ]
        if len(axes) == 1 and any(self.is_number(d) for d in axes[0].dimensions):
            return self._measured(axes[0], [e for (e,) in entries])
        return self.names.of(axes, entries)

    def _measured(self, axis: Axis, entries: list[Cell]) -> str:
        """Word entries of an axis that holds a number: what is stated, then each stretch."""
        stated: dict[str, None] = {}
        stretches: dict[str, list[tuple[int, int]]] = {}
        for entry in entries:
            atoms = {d: self._atoms(d)[i] for d, i in zip(axis.dimensions, entry, strict=True)}
            number = next((d for d, a in atoms.items() if "low" in a), None)
            if number is None:
                told = (a["label"] for a in atoms.values() if not a.get("absent"))
                stated |= dict.fromkeys(told)
                continue
            index = entry[axis.dimensions.index(number)]
            runs = stretches.setdefault(number, [])
            if runs and runs[-1][1] == index - 1:
                runs[-1] = runs[-1][0], index
            else:
                runs.append((index, index))
        words = list(stated)
        for dimension, runs in stretches.items():
            atoms_of = self._atoms(dimension)
            label = self.dimensions[dimension]["label"]
            if runs == [_whole(atoms_of)]:
                words += self._beside(axis, dimension, entries)
                continue
            told = (_stretch(atoms_of[first], atoms_of[last]) for first, last in runs)
            words.append(f"{label} {' or '.join(told)}")
        return " or ".join(words)

    def _beside(self, axis: Axis, number: str, entries: list[Cell]) -> list[str]:
        """Return what else is stated wherever a number, whichever it is, exists."""
        place = axis.dimensions.index(number)
        labels = [
            self._atoms(d)[i]["label"]
            for entry in entries
            if "low" in self._atoms(number)[entry[place]]
            for d, i in zip(axis.dimensions, entry, strict=True)
            if d != number
        ]
        return list(dict.fromkeys(labels)) or [f"any {self.dimensions[number]['label']}"]

    def _atoms(self, dimension: str) -> list[dict[str, Any]]:
        atoms: list[dict[str, Any]] = self.dimensions[dimension]["atoms"]
        return atoms


def _stretch(first: dict[str, Any], last: dict[str, Any]) -> str:
    """Word the numbers from one atom of a line to another."""
    whole = Interval.read(first).up_to(Interval.read(last))
    if whole.low is not None and whole.low == whole.high:
        return f"exactly {whole.low}"
    return whole.words()


def _whole(atoms: list[dict[str, Any]]) -> tuple[int, int]:
    """Return the first and the last atom of a line of numbers."""
    numbers = [n for n, a in enumerate(atoms) if "low" in a]
    return numbers[0], numbers[-1]
