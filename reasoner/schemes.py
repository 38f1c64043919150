"""Schemes as questions: the category of a relapse in a published classification.

A relapse on an open boundary of a scheme is in no category of it; the categories one step
across are its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from reasoner.questions import (
    MISSING,
    NOT_APPLICABLE,
    SILENT,
    UNDETERMINED,
    Outcome,
    Question,
    Verdict,
    split,
)
from reasoner.table import View


class SchemeQuestion(Question):
    """Ask in which category of a published scheme the relapse is."""

    def __init__(self, view: View, entry: dict[str, Any]) -> None:
        """Prepare the question from a scheme of the table."""
        self.categories: list[tuple[str, str]] = [
            (c["value"], c["class"]) for c in entry["categories"]
        ]
        super().__init__(view, entry, [c for _, c in self.categories])

    def _in_scope(self, scope: int) -> Iterator[tuple[int, Outcome]]:
        held = [(value, self.vector(name)) for value, name in self.categories]
        near = [(value, self._reached_from(vector)) for value, vector in held]
        for cells, values in split(scope, held):
            if values:
                yield cells, Outcome(True, values)
            else:
                for piece, neighbours in split(cells, near):
                    yield piece, Outcome(True, (), "", neighbours)

    def _reading_vectors(self) -> list[tuple[str, int]]:
        """Return where each reading takes part: across an open boundary, too, by the neighbours."""
        empty = self.space.full
        for _, name in self.categories:
            empty &= ~self.vector(name)
        return [(r, v | self._reached_from(v) & empty) for r, v in super()._reading_vectors()]

    def _reached_from(self, vector: int) -> int:
        """Return the cells on an open boundary from which one step leads into a set."""
        reached = vector
        for number, axis in enumerate(self.space.axes):
            for place, dimension in enumerate(axis.dimensions):
                atoms = self.view.table.dimensions[dimension]["atoms"]
                for source, entry in enumerate(axis.entries):
                    atom = atoms[entry[place]]
                    if atom.get("low") is None or atom["low"] != atom.get("high"):
                        continue
                    for step in (-1, 1):
                        moved = (*entry[:place], entry[place] + step, *entry[place + 1 :])
                        target = axis.position(moved)
                        if target is not None:
                            reached |= self.space.move(reached, number, target, source)
        return reached

    def verdict(self, outcomes: Iterable[Outcome]) -> Verdict:
        """Return the category, or why there is none."""
        outcomes = list(outcomes)
        inside = [o for o in outcomes if o.in_scope]
        if not inside:
            return Verdict(NOT_APPLICABLE, NOT_APPLICABLE)
        possible = self._ordered({v for o in inside for v in o.values})
        certain = self._ordered(set.intersection(*(set(o.values) for o in inside)))
        if len(inside) == len(outcomes):
            if len(certain) == 1:
                return Verdict(certain[0], "entailed", possible, "", certain)
            if certain:
                return Verdict(f"overlap:{'|'.join(certain)}", "overlap", possible, "", certain)
            if not possible:
                near = self._ordered({v for o in inside for v in o.neighbours})
                value = f"gap:{'|'.join(near)}" if near else "gap"
                return Verdict(value, "gap", near, "boundary" if near else SILENT)
        value = f"{UNDETERMINED}:{'|'.join(possible)}" if possible else UNDETERMINED
        return Verdict(value, UNDETERMINED, possible, MISSING)

    def _ordered(self, values: set[str]) -> tuple[str, ...]:
        return tuple(value for value, _ in self.categories if value in values)


def scheme_questions(view: View) -> dict[str, SchemeQuestion]:
    """Return the question of every scheme, by the scheme's name."""
    return {e["name"]: SchemeQuestion(view, e) for e in view.table.schemes}
