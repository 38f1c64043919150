"""Every complete case of a scheme: in no category, in one, or in several, and by which passage.

The space of a scheme holds all facts that any reading brings in, so that counts under two sets of
readings are counts of the same cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from typing import Any

from reasoner.axes import Space
from reasoner.questions import split
from reasoner.schemes import SchemeQuestion
from reasoner.table import Table, View

HOLE, OVERLAP = "hole", "overlap"
OUT, IMPOSSIBLE, ONE = "out of scope", "impossible", "one category"
BOUNDARY = "boundary"


@dataclass(frozen=True)
class Flaw:
    """Cells that are in no category or in the same several ones, for the same causes.

    ``categories`` are those of an overlap, or those beside a hole; ``causes`` names of passages.
    """

    kind: str
    categories: tuple[str, ...]
    causes: tuple[str, ...]
    cells: int


class Partition(SchemeQuestion):
    """A scheme over all its complete cases, under one set of readings."""

    def __init__(self, view: View, entry: dict[str, Any]) -> None:
        """Prepare the space."""
        self.passages = [p for p in view.table.passages if entry["name"] in p["schemes"]]
        super().__init__(view, entry)
        self.facts = _facts(view.table, self)
        self.space = Space(view.blocks, self.facts)
        self._vectors = {"Relapse": self.space.full}

    @cached_property
    def impossible(self) -> int:
        """Cells in which an interval exceeds one it lies within; OWL cannot compare the two."""
        return impossible(self.view, self.space)

    @cached_property
    def occurring(self) -> int:
        """Cells that the scheme speaks of and that can occur."""
        return self.vector(self.scope) & ~self.impossible

    @cached_property
    def flaws(self) -> list[Flaw]:
        """Holes and overlaps by what holds in them and why; in the order of the categories."""
        found: dict[tuple[str, tuple[str, ...], tuple[str, ...]], int] = {}
        for cells, outcome in self._in_scope(self.occurring):
            if len(outcome.values) != 1:
                kind = OVERLAP if outcome.values else HOLE
                categories = outcome.values or outcome.neighbours
                for piece, causes in self._causes(kind, cells, bool(outcome.neighbours)):
                    key = kind, categories, causes
                    found[key] = found.get(key, 0) | piece
        rank = {value: n for n, (value, _) in enumerate(self.categories)}
        order = sorted(found, key=lambda k: (k[0], [rank[v] for v in k[1]], k[2]))
        return [Flaw(*key, found[key]) for key in order]

    def _causes(
        self, kind: str, cells: int, has_neighbours: bool
    ) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Split cells by the passages that are at work in them.

        One that gives no reason, for nothing is left open, is named alone; a limit that leads
        nowhere on either side only where nothing else is.
        """
        working = [
            p
            for p in self.passages
            if p["leaves"] == kind and p["closed_by"] not in self.view.readings
        ]
        reasons = {p["name"]: p["reason"] for p in working}
        for piece, names in split(cells, [(p["name"], self._found_in(p)) for p in working]):
            alone = tuple(n for n in names if reasons[n] is None)
            others = tuple(n for n in names if reasons[n] != BOUNDARY)
            yield piece, alone or names if has_neighbours else alone or others or names

    def _found_in(self, passage: dict[str, Any]) -> int:
        found = 0
        for name in passage["classes"]:
            found |= self.vector(name)
        return found

    def count(self, kind: str) -> int:
        """Return how many cells are in holes, or in overlaps."""
        return sum(f.cells.bit_count() for f in self.flaws if f.kind == kind)

    @cached_property
    def said(self) -> list[tuple[str, tuple[str, ...]]]:
        """What the scheme says of every cell: its kind, and the categories it is in or beside."""
        scope = self.vector(self.scope)
        parts: list[tuple[int, str, tuple[str, ...]]] = [
            (self.space.full & ~scope, OUT, ()),
            (scope & self.impossible, IMPOSSIBLE, ()),
        ]
        found: list[tuple[str, tuple[str, ...]]] = [("", ())] * self.space.size
        for cells, outcome in self._in_scope(self.occurring):
            kind = HOLE if not outcome.values else OVERLAP if len(outcome.values) > 1 else ONE
            parts.append((cells, kind, outcome.values or outcome.neighbours))
        for cells, kind, categories in parts:
            for number in numbers_of(cells):
                found[number] = kind, categories
        return found

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the facts with their atoms, and what the scheme says of every cell."""
        atoms = self.view.table.dimensions
        head = [
            f"{d}: {[a['label'] for a in atoms[d]['atoms']]}"
            for axis in self.space.axes
            for d in axis.dimensions
        ]
        cells = [f"{kind}: {', '.join(categories)}" for kind, categories in self.said]
        return sha256("\n".join([self.name, *head, *cells]).encode("utf-8")).hexdigest()


def numbers_of(cells: int) -> Iterator[int]:
    """Yield the numbers of the cells of a set, from the lowest."""
    while cells:
        low = cells & -cells
        yield low.bit_length() - 1
        cells ^= low


def _facts(table: Table, question: Partition) -> set[str]:
    """Return the facts that a scheme or the passages on it rest on under any reading."""
    targets = [name for _, name in question.categories]
    targets += [name for p in question.passages for name in p["classes"]]
    return View(table, frozenset(table.readings)).closure([*targets, question.scope])[1]


def impossible(view: View, space: Space) -> int:
    """Return the cells in which an interval exceeds one it lies within.

    The OWL cannot compare two numbers: that one interval cannot exceed another is an annotation.
    """
    found = 0
    dimensions = view.table.dimensions
    held = {d for axis in space.axes for d in axis.dimensions}
    for inner in held:
        outer = dimensions[inner]["not_more_than"]
        if outer in held:
            for i, small in enumerate(dimensions[inner]["atoms"]):
                for j, large in enumerate(dimensions[outer]["atoms"]):
                    if _exceeds(small, large):
                        found |= space.atom(inner, i) & space.atom(outer, j)
    return found


def _exceeds(small: dict[str, Any], large: dict[str, Any]) -> bool:
    """Tell whether every number of one atom is above every number of another."""
    if small.get("low") is None or large.get("high") is None:
        return False
    low, high = Decimal(small["low"]), Decimal(large["high"])
    return low > high or (low == high and not (small["low_closed"] and large["high_closed"]))


def partitions(view: View) -> dict[str, Partition]:
    """Return every scheme over all its complete cases, by the scheme's name."""
    return {e["name"]: Partition(view, e) for e in view.table.schemes}
