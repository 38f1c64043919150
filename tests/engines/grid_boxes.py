"""The grid of a question as expressions: a cell, a box of cells, the boxes of a set of cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod

from reasoner.axes import Axis
from reasoner.expressions import And, Expression, Or
from reasoner.questions import Outcome, Question
from reasoner.structure import Dimension

Box = tuple[tuple[int, ...], ...]


def both(parts: list[Expression]) -> Expression:
    """Join expressions, one alone as itself."""
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def either(parts: list[Expression]) -> Expression:
    """Leave a choice between expressions, one alone as itself."""
    return parts[0] if len(parts) == 1 else Or(tuple(parts))


def holders(question: Question) -> list[Outcome]:
    """Return the outcome of every cell; fail unless each has exactly one."""
    found: list[Outcome | None] = [None] * question.space.size
    for cells, outcome in question.outcomes:
        for cell, bit in enumerate(reversed(f"{cells:b}")):
            if bit == "1":
                assert found[cell] is None, f"cell {cell} of {question.name} has two outcomes"
                found[cell] = outcome
    assert None not in found
    return [o for o in found if o is not None]


def entry(dimensions: Mapping[str, Dimension], axis: Axis, position: int) -> Expression:
    """Write one entry of an axis as an expression."""
    atoms = axis.entries[position]
    pairs = zip(axis.dimensions, atoms, strict=True)
    return both([dimensions[name].atoms[atom] for name, atom in pairs])


def boxes(cells: int, axes: tuple[Axis, ...]) -> Iterator[Box]:
    """Cut a set of cells into boxes that do not overlap: some positions on every axis."""
    if not axes:
        yield ()
        return
    axis, width = axes[-1], (1 << axes[-1].stride) - 1
    slices: dict[int, list[int]] = {}
    for position in range(len(axis.entries)):
        if part := cells >> (position * axis.stride) & width:
            slices.setdefault(part, []).append(position)
    for part, positions in slices.items():
        yield from ((*rest, tuple(positions)) for rest in boxes(part, axes[:-1]))


def cells_of(box: Box, axes: list[Axis]) -> int:
    """Return the cells of a box, counted one by one from its positions."""
    places = [[p * a.stride for p in wanted] for wanted, a in zip(box, axes, strict=True)]
    found = bytearray(prod(len(a.entries) for a in axes) // 8 + 1)
    for offsets in product(*places):
        cell = sum(offsets)
        found[cell >> 3] |= 1 << (cell & 7)
    return int.from_bytes(found, "little")
