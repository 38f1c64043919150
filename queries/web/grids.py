"""A scheme drawn as a grid of site, timing and lineage, read off the compiled tables.

    rows     combinations of the facts on which the scheme of sites rests
    columns  combinations of the clocks: facts that run from one date to another
    layers   what else decides, the fact that is asked first
    cells    what the scheme answers for a relapse that stands for the cell

Rows, columns and layers that no cell tells apart are one. A fact that is drawn nowhere stays
unknown, so a cell that depends on it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product

from queries.knowledge import Knowledge
from queries.web.cells import IMPOSSIBLE, Cell, Cells
from reasoner.axes import Axis
from reasoner.grid import Grid as Merging
from reasoner.names import Names
from reasoner.questions import Question
from reasoner.schemes import SchemeQuestion


@dataclass(frozen=True)
class Layer:
    """One table of the grid."""

    label: str
    rows: list[tuple[str, list[Cell]]]


@dataclass(frozen=True)
class Grid:
    """A scheme drawn."""

    clocks: list[str]
    heads: list[list[tuple[str, int]]]
    layers: list[Layer]
    undrawn: list[str]


class Drawing:
    """Draws the schemes of RALLO under one set of readings."""

    def __init__(self, knowledge: Knowledge) -> None:
        """Prepare the names of facts and the answers of cells."""
        self.dimensions = knowledge.intake.dimensions
        self.names, self.cells = Names(knowledge.view), Cells(knowledge)

    def draw(self, question: SchemeQuestion) -> Grid:
        """Draw one scheme."""
        axes = question.space.axes
        site = [a for a in axes if set(a.dimensions) <= self.names.site_facts]
        clocks = sorted(filter(self.names.is_clock, axes), key=self.names.rank)
        others = [a for a in axes if a not in site and a not in clocks]
        others = [a for a in others if self._matters(question, a)]
        others.sort(key=self.names.rank)
        drawn = others[:1]
        parts = [[a.entries for a in group] for group in (drawn, site, clocks)]
        layers, rows, columns = ([*product(*entries)] for entries in parts)
        axes_of = (drawn, site, clocks)
        merged = dict(zip(map(id, axes), Merging(question).merged, strict=True))
        known: dict[object, Cell] = {}
        cells = {}
        for x, y, z in product(range(len(layers)), range(len(rows)), range(len(columns))):
            entries = (layers[x], rows[y], columns[z])
            # Entries that no outcome tells apart need one relapse between them.
            alike = tuple(
                int(merged[id(a)][a.entries.index(e)])
                for group, chosen in zip(axes_of, entries, strict=True)
                for a, e in zip(group, chosen, strict=True)
            )
            cell = known.get(alike) or self.cells.stand_in(question, axes_of, entries)
            if cell.status != IMPOSSIBLE:
                known[alike] = cell
            cells[x, y, z] = cell
        xs = _merged(len(layers), lambda x: _slice(cells, 0, x))
        ys = _merged(len(rows), lambda y: _slice(cells, 1, y))
        steps = self._steps(cells, [len(a.entries) for a in clocks])
        return Grid(
            [self._title(a) for a in clocks],
            self._heads(clocks, steps),
            [
                Layer(
                    self.names.of(drawn, [layers[x] for x in group]) if drawn else "",
                    [
                        (
                            self.names.of(site, [rows[y] for y in line]) if site else "any relapse",
                            [_first(cells, group, line, z) for z in _columns(steps)],
                        )
                        for line in ys
                    ],
                )
                for group in xs
            ],
            [self.dimensions[d]["label"] for a in others[1:] for d in a.dimensions],
        )

    def _matters(self, question: Question, axis: Axis) -> bool:
        """Tell whether an axis decides anything for a relapse of which nothing else is known."""
        number = question.space.axes.index(axis)
        scope = question.vector(question.scope)
        return number in question.essential(scope)

    def _steps(
        self, cells: Mapping[tuple[int, int, int], Cell], sizes: list[int]
    ) -> list[list[list[int]]]:
        """Merge neighbours on each clock that no cell tells apart."""
        steps = []
        for number, size in enumerate(sizes):
            groups: list[list[int]] = []
            for position in range(size):
                if groups and _plane(cells, sizes, number, groups[-1][-1]) == _plane(
                    cells, sizes, number, position
                ):
                    groups[-1].append(position)
                else:
                    groups.append([position])
            steps.append(groups)
        return steps

    def _title(self, axis: Axis) -> str:
        return " and ".join(self.dimensions[d]["label"] for d in axis.dimensions)

    def _heads(
        self, clocks: list[Axis], steps: list[list[list[int]]]
    ) -> list[list[tuple[str, int]]]:
        """Return the rows of column heads: words, and how many columns they span."""
        heads = []
        repeated = 1
        for number, (axis, groups) in enumerate(zip(clocks, steps, strict=True)):
            span = 1
            for later in steps[number + 1 :]:
                span *= len(later)
            words = [(self.names.clock(axis, [axis.entries[p] for p in g]), span) for g in groups]
            heads.append(words * repeated)
            repeated *= len(groups)
        return heads


def _said(cell: Cell) -> tuple[str, str]:
    return cell.status, cell.value


def _slice(
    cells: Mapping[tuple[int, int, int], Cell], axis: int, position: int
) -> tuple[object, ...]:
    return tuple(_said(c) for key, c in sorted(cells.items()) if key[axis] == position)


def _plane(
    cells: Mapping[tuple[int, int, int], Cell], sizes: list[int], clock: int, position: int
) -> tuple[object, ...]:
    """Return what all cells say that stand at one position of a clock."""
    return tuple(
        _said(c) for key, c in sorted(cells.items()) if _digits(key[2], sizes)[clock] == position
    )


def _merged(count: int, seen: Callable[[int], object]) -> list[list[int]]:
    """Group positions that look the same."""
    groups: dict[object, list[int]] = {}
    for position in range(count):
        groups.setdefault(seen(position), []).append(position)
    return list(groups.values())


def _digits(number: int, sizes: list[int]) -> list[int]:
    """Take a column's number apart into its positions on the clocks."""
    found = []
    for size in reversed(sizes):
        found.append(number % size)
        number //= size
    return found[::-1]


def _columns(steps: list[list[list[int]]]) -> list[list[int]]:
    """Return for every merged column the numbers of the columns it stands for."""
    sizes = [sum(map(len, groups)) for groups in steps]
    columns = []
    for chosen in product(*steps):
        numbers = []
        for positions in product(*chosen):
            number = 0
            for position, size in zip(positions, sizes, strict=True):
                number = number * size + position
            numbers.append(number)
        columns.append(numbers)
    return columns


def _first(
    cells: Mapping[tuple[int, int, int], Cell], xs: list[int], ys: list[int], zs: list[int]
) -> Cell:
    """Return the cell that stands for a merged place; one that can occur, if any can."""
    places = [cells[x, y, z] for x in xs for y in ys for z in zs]
    return next((c for c in places if c.status != IMPOSSIBLE), places[0])
