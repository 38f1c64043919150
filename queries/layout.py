"""The cells of a scheme in rows and columns, as few as tell them all apart.

rows     what is observed: sites, lineage, residual disease
columns  the clocks
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from reasoner.boxes import Boxes, Position
from reasoner.partition import OUT, Partition, numbers_of

Said = tuple[str, tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True)
class Grid:
    """A scheme laid out.

    ``rows`` are the boxes of each row in words; ``heads`` a title and, from left to right, words
    with how many columns they span; ``cells`` kind, categories and causes, row by row.
    """

    rows: list[list[str]]
    heads: list[tuple[str, list[tuple[str, int]]]]
    cells: list[list[Said]]


def lay_out(partition: Partition) -> Grid:
    """Put the cells of a scheme into rows and columns, as few as tell them all apart."""
    scope = partition.vector(partition.scope)
    boxes = Boxes(partition.view, partition.space, scope)
    causes = {n: flaw.causes for flaw in partition.flaws for n in numbers_of(flaw.cells)}
    clocks = [n for n, facet in enumerate(boxes.facets) if facet.is_clock]
    others = [n for n, facet in enumerate(boxes.facets) if not facet.is_clock]
    if len(clocks) > 1 and all(len(boxes.whole[n]) == 1 for n in others):
        others.append(clocks.pop(0))  # nothing else makes rows
    stretches = [sorted(boxes.whole[n]) for n in clocks]
    rows = [*product(*(sorted(boxes.whole[n]) for n in others))]

    def cell(row: Sequence[Position], column: Sequence[Position]) -> int:
        point = dict(zip([*others, *clocks], [*row, *column], strict=True))
        return boxes.number([point[n] for n in range(len(boxes.facets))])

    def said(number: int) -> Said:
        return (*partition.said[number], causes.get(number, ()))

    columns = [*product(*stretches)]
    signs = {row: tuple(said(cell(row, column)) for column in columns) for row in rows}
    rows = [row for row in rows if any(s[0] != OUT for s in signs[row])]
    alike: dict[tuple[Said, ...], list[tuple[Position, ...]]] = {}
    for row in rows:
        alike.setdefault(signs[row], []).append(row)
    steps = [_steps(columns, n, s, list(alike)) for n, s in enumerate(stretches)]
    kept = [columns.index(tuple(g[0] for g in chosen)) for chosen in product(*steps)]
    labels = []
    for members in alike.values():
        cells = sum(1 << cell(row, column) for row, column in product(members, columns))
        told = [boxes.words(box) for box in boxes.cut(cells & scope)]
        labels.append([text if n == 0 else f"or {text}" for n, text in enumerate(told)])
    heads = _heads(boxes, clocks, steps)
    return Grid(labels, heads, [[sign[n] for n in kept] for sign in alike])


def _steps(
    columns: list[tuple[Position, ...]],
    clock: int,
    stretches: list[Position],
    signs: list[tuple[Said, ...]],
) -> list[list[Position]]:
    """Join neighbours on a clock that no cell tells apart."""

    def plane(position: Position) -> list[Said]:
        places = [n for n, column in enumerate(columns) if column[clock] == position]
        return [sign[n] for sign in signs for n in places]

    groups: list[list[Position]] = []
    for position in stretches:
        if groups and plane(groups[-1][-1]) == plane(position):
            groups[-1].append(position)
        else:
            groups.append([position])
    return groups


def _heads(
    boxes: Boxes, clocks: list[int], steps: list[list[list[Position]]]
) -> list[tuple[str, list[tuple[str, int]]]]:
    """Return for each clock its title, and the words of its columns with how many they span."""
    heads, repeated = [], 1
    for number, (clock, groups) in enumerate(zip(clocks, steps, strict=True)):
        facet = boxes.facets[clock]
        span = 1
        for later in steps[number + 1 :]:
            span *= len(later)
        dimensions = [d for n in facet.axes for d in boxes.space.axes[n].dimensions]
        title = next(boxes.dimensions[d]["label"] for d in dimensions if boxes.is_number(d))
        words = [boxes.named(facet, frozenset(g)).replace(f"{title} ", "") for g in groups]
        heads.append((title, [(w, span) for w in words] * repeated))
        repeated *= len(groups)
    return heads
