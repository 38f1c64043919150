"""Sets of cells as boxes in words: facts joined by commas, alternatives beside each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reasoner.axes import Axis, Space
from reasoner.grid import bits
from reasoner.intervals import Interval
from reasoner.names import Names
from reasoner.schemes import SchemeQuestion, scheme_questions
from reasoner.table import View

Mask = NDArray[np.bool_]
Box = dict[int, tuple[int, ...]]


@dataclass(frozen=True)
class _Facet:
    """An axis of the boxes: how some of its entries are said, and where that stands in a box."""

    words: Callable[[Sequence[int]], str]
    rank: int


def cells_of(cells: int, space: Space, target: Space) -> Mask:
    """Return a set of cells as an array over the axes of a space with no more facts.

    A cell of the target is in it where some cell over it is in the set.
    """
    # The first axis varies fastest in the integers.
    shape = [len(a.entries) for a in space.axes][::-1]
    array: Mask = bits(cells, space.size).reshape(shape).transpose()
    wanted = {id(a.block): a for a in target.axes}
    for number in reversed(range(len(space.axes))):
        axis = space.axes[number]
        narrow = wanted.get(id(axis.block))
        if narrow is None:
            array = np.logical_or.reduce(array, axis=number)
        elif narrow.dimensions != axis.dimensions:
            array = _narrowed(array, number, axis, narrow)
    return array


def _narrowed(array: Mask, number: int, axis: Axis, narrow: Axis) -> Mask:
    """Join the entries of an axis that a narrower one does not tell apart."""
    places = [axis.dimensions.index(d) for d in narrow.dimensions]
    short = [tuple(e[p] for p in places) for e in axis.entries]
    parts = [
        np.take(array, [i for i, s in enumerate(short) if s == entry], axis=number).any(axis=number)
        for entry in narrow.entries
    ]
    return np.stack(parts, axis=number)


def regions(view: View, space: Space, masks: Sequence[Mask]) -> list[tuple[str, ...]]:
    """Write sets of cells of one space as boxes in words.

    Facts that a scheme of patterns sorts without rest are said by its categories, where none of the
    sets divides one of them.
    """
    rank = {n: e["rank"] for n, e in view.table.dimensions.items()}
    facets = [_Facet(_words(view, a), min(rank[d] for d in a.dimensions)) for a in space.axes]
    for scheme in scheme_questions(view).values():
        numbers = _numbers(scheme, space)
        folded = _folded(scheme, numbers, masks) if len(numbers) > 1 else None
        if folded is not None:
            masks = folded
            pattern = _Facet(_pattern(view, scheme), min(facets[n].rank for n in numbers))
            facets = [pattern, *(f for n, f in enumerate(facets) if n not in numbers)]
            break
    return [tuple(_said(b, facets) for b in _boxes(m, range(m.ndim))) for m in masks]


def _numbers(scheme: SchemeQuestion, space: Space) -> list[int]:
    """Return the places in a space of a scheme's axes, none unless all are there."""
    found = {(id(a.block), a.dimensions): n for n, a in enumerate(space.axes)}
    numbers = [found.get((id(a.block), a.dimensions)) for a in scheme.space.axes]
    return [n for n in numbers if n is not None] if None not in numbers else []


def _folded(scheme: SchemeQuestion, numbers: list[int], masks: Sequence[Mask]) -> list[Mask] | None:
    """Put the categories of a scheme in the place of its axes, unless that would lose cells."""
    categories = [cells_of(scheme.vector(c), scheme.space, scheme.space) for _, c in _all(scheme)]
    if not (np.sum(categories, axis=0) == 1).all():
        return None
    folded = []
    for mask in masks:
        front = np.moveaxis(mask, numbers, range(len(numbers)))
        parts = []
        for category in categories:
            rows = front[category]
            if (rows != rows[0]).any():
                return None
            parts.append(rows[0])
        folded.append(np.stack(parts))
    return folded


def _all(scheme: SchemeQuestion) -> list[tuple[str, str]]:
    return [(v, c) for v, c in scheme.categories if scheme.vector(c)]


def _boxes(mask: Mask, axes: Sequence[int]) -> Iterator[Box]:
    """Cut a set into boxes that do not overlap, along the axis that takes fewest cuts."""
    if mask.all():
        yield {}
        return
    best: tuple[int, list[list[int]]] | None = None
    for place in range(mask.ndim):
        groups: dict[bytes, list[int]] = {}
        for position, part in enumerate(np.moveaxis(mask, place, 0)):
            groups.setdefault(part.tobytes() if part.any() else b"", []).append(position)
        empty = groups.pop(b"", [])
        if (len(groups) > 1 or empty) and (best is None or len(groups) < len(best[1])):
            best = place, list(groups.values())
    if best is None:
        return
    place, parts = best
    rest = [a for n, a in enumerate(axes) if n != place]
    for positions in parts:
        for box in _boxes(np.take(mask, positions[0], axis=place), rest):
            yield {**box, axes[place]: tuple(positions)}


def _said(box: Box, facets: Sequence[_Facet]) -> str:
    order = sorted(box, key=lambda n: facets[n].rank)
    return ", ".join(facets[n].words(box[n]) for n in order) or "any relapse"


def _pattern(view: View, scheme: SchemeQuestion) -> Callable[[Sequence[int]], str]:
    """Return how some patterns are said: by as few classes of the same facts as there can be."""
    facts = set(scheme.facts)
    classes = {}
    for name in view.table.classes:
        if view.closure([name])[1] <= facts and (vector := scheme.vector(name)):
            classes[name] = vector
    patterns = [scheme.vector(c) for _, c in _all(scheme)]
    plainness = Names(view).plainness

    def say(chosen: Sequence[int]) -> str:
        left = sum(patterns[n] for n in chosen)
        inside = sorted((n for n, v in classes.items() if not v & ~left), key=plainness)
        labels = []
        while left:
            name = max(inside, key=lambda n: (classes[n] & left).bit_count())
            labels.append(str(view.table.terms[name]["label"]))
            left &= ~classes[name]
        return " or ".join(labels)

    return say


def _words(view: View, axis: Axis) -> Callable[[Sequence[int]], str]:
    """Return how entries of an axis are said: a scope of schemes by name, else facts in words."""
    dimensions = view.table.dimensions

    def say(chosen: Sequence[int]) -> str:
        entries = [axis.entries[n] for n in chosen]
        if len(axis.dimensions) == 1:
            for scheme in view.table.schemes:
                scope = view.table.classes.get(scheme["scope"], {})
                told = sorted(r[0] for r in scope.get("true", ()))
                if scope.get("references") == [f"@{axis.dimensions[0]}"] and told == sorted(
                    e[0] for e in entries
                ):
                    return str(view.table.terms[scheme["scope"]]["label"])
        stated: dict[str, None] = {}
        spans: dict[str, list[int]] = {}
        for entry in entries:
            for dimension, index in zip(axis.dimensions, entry, strict=True):
                atoms = dimensions[dimension]["atoms"]
                if "low" in atoms[index]:
                    spans.setdefault(dimension, []).append(index)
                elif atoms[index].get("absent"):
                    stated.update(dict.fromkeys(_instead(view, axis, entry)))
                elif not any(
                    "low" in dimensions[d]["atoms"][i]
                    for d, i in zip(axis.dimensions, entry, strict=True)
                ):
                    stated[atoms[index]["label"]] = None
        parts = list(stated)
        for dimension, indexes in spans.items():
            label, atoms = dimensions[dimension]["label"], dimensions[dimension]["atoms"]
            parts += [f"{label} {i.words()}" for i in _stretches(sorted(set(indexes)), atoms)]
        return " or ".join(parts)

    return say


def _instead(view: View, axis: Axis, entry: tuple[int, ...]) -> Iterator[str]:
    """Yield what holds wherever a number does not exist."""
    cells = [c for c in axis.block.cells if axis.project([c]) == {axis.position(entry)}]
    for dimension, column in zip(axis.block.dimensions, zip(*cells, strict=True), strict=True):
        atom = view.table.dimensions[dimension]["atoms"][column[0]]
        if len(set(column)) == 1 and not atom.get("absent"):
            yield atom["label"]


def _stretches(indexes: Iterable[int], atoms: Sequence[dict[str, Any]]) -> Iterator[Interval]:
    """Join neighbouring pieces of a number line."""
    for _, run in groupby(enumerate(indexes), key=lambda pair: pair[1] - pair[0]):
        pieces = [Interval.read(atoms[index]) for _, index in run]
        yield pieces[0].up_to(pieces[-1])
