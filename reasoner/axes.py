"""Blocks of facts, and the axes that a question cuts out of them.

All completions of a record form a product of axes.  A set of cells of that product is one integer,
a bit a cell; intersection, union and complement of classes are then single operations on integers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import and_, or_

Cell = tuple[int, ...]


@dataclass(frozen=True)
class Block:
    """Facts tied by constraints, and the combinations of their atoms that can occur.

    ``switches`` names the facts that each reading speaks of; ``without`` holds the combinations
    that can occur when one of the active readings is left out.
    """

    dimensions: list[str]
    cells: list[Cell]
    switches: Mapping[str, list[str]] = field(default_factory=dict)
    without: Mapping[str, list[Cell]] = field(default_factory=dict)

    def consistent(self, masks: Mapping[str, int]) -> list[Cell]:
        """Return the cells that agree with what is known; a fact without a mask is unknown."""
        return self._among(self.cells, masks)

    def turns_on(self, reading: str, dimensions: Iterable[str], masks: Mapping[str, int]) -> bool:
        """Tell whether some facts would be left otherwise if an active reading were not there."""
        places = [self.dimensions.index(d) for d in dimensions]
        now, then = (
            {tuple(c[p] for p in places) for c in self._among(cells, masks)}
            for cells in (self.cells, self.without[reading])
        )
        return now != then

    def _among(self, cells: list[Cell], masks: Mapping[str, int]) -> list[Cell]:
        wanted = [masks.get(d, -1) for d in self.dimensions]
        return [c for c in cells if all(m >> a & 1 for a, m in zip(c, wanted, strict=True))]


@dataclass(frozen=True)
class Axis:
    """A block seen through the facts that a question refers to."""

    block: Block
    dimensions: tuple[str, ...]
    entries: tuple[Cell, ...]
    stride: int

    def project(self, cells: list[Cell]) -> frozenset[int]:
        """Return the positions on the axis that some cells of the block fall on."""
        places = [self.block.dimensions.index(d) for d in self.dimensions]
        return frozenset(self._position[tuple(c[p] for p in places)] for c in cells)

    @cached_property
    def _position(self) -> dict[Cell, int]:
        return {entry: index for index, entry in enumerate(self.entries)}

    def position(self, entry: Cell) -> int | None:
        """Return where an entry stands, or ``None`` where it cannot occur."""
        return self._position.get(entry)


class Space:
    """The product of some axes; sets of its cells are integers."""

    def __init__(self, blocks: list[Block], facts: set[str]) -> None:
        """Cut an axis out of every block that holds one of the facts."""
        self.axes: list[Axis] = []
        stride = 1
        for block in blocks:
            dimensions = tuple(d for d in block.dimensions if d in facts)
            if dimensions:
                places = [block.dimensions.index(d) for d in dimensions]
                entries = tuple(sorted({tuple(c[p] for p in places) for c in block.cells}))
                self.axes.append(Axis(block, dimensions, entries, stride))
                stride *= len(entries)
        self.size = stride
        self.full = (1 << stride) - 1
        self._patterns = [[self._pattern(a, e) for e in range(len(a.entries))] for a in self.axes]
        self._axis_of = {d: (i, a) for i, a in enumerate(self.axes) for d in a.dimensions}

    def _pattern(self, axis: Axis, entry: int) -> int:
        pattern = ((1 << axis.stride) - 1) << (entry * axis.stride)
        width = axis.stride * len(axis.entries)
        # Doubling costs far less than dividing the full space by its period.
        while width < self.size:
            pattern |= pattern << width
            width *= 2
        return pattern & self.full

    def atom(self, dimension: str, index: int) -> int:
        """Return the cells in which a fact has a certain atom."""
        number, axis = self._axis_of[dimension]
        place = axis.dimensions.index(dimension)
        found = 0
        for position, entry in enumerate(axis.entries):
            if entry[place] == index:
                found |= self._patterns[number][position]
        return found

    def select(self, positions: list[frozenset[int]]) -> int:
        """Return the cells whose position on every axis is among those given."""
        mask = self.full
        for number, wanted in enumerate(positions):
            if len(wanted) < len(self.axes[number].entries):
                part = 0
                for position in wanted:
                    part |= self._patterns[number][position]
                mask &= part
        return mask

    def collapse(self, cells: int, number: int) -> int:
        """Forget an axis: move all cells to its first position."""
        axis, found = self.axes[number], 0
        for position, pattern in enumerate(self._patterns[number]):
            found |= (cells & pattern) >> (position * axis.stride)
        return found

    def squeeze(self, cells: int, number: int, wanted: Iterable[int], *, every: bool) -> int:
        """Forget an axis: keep, at its first position, what holds at every or some wanted one."""
        stride, parts = self.axes[number].stride, self._patterns[number]
        moved = [(cells & parts[p]) >> (p * stride) for p in wanted]
        return reduce(and_ if every else or_, moved)

    def move(self, cells: int, number: int, source: int, target: int) -> int:
        """Move the cells at one position of an axis to another."""
        axis = self.axes[number]
        picked = cells & self._patterns[number][source]
        shift = (target - source) * axis.stride
        return picked << shift if shift >= 0 else picked >> -shift

    def essential(self, groups: Iterable[int]) -> list[int]:
        """Return the axes on which it depends to which of some disjoint sets of cells one belongs.

        An axis counts when two cells of different sets differ on it alone.
        """
        groups, found = list(groups), []
        for number in range(len(self.axes)):
            seen = 0
            for cells in groups:
                collapsed = self.collapse(cells, number)
                if collapsed & seen:
                    found.append(number)
                    break
                seen |= collapsed
        return found
