"""Questions a table answers: the category of a scheme, or the answer of a decision.

A question holds, for every complete cell of its space, what the OWL gives there.  The answer for a
partial record is read off all its completions at once: certain in all, possible in some, excluded
in none.  Nothing here knows a scheme; words, order, scope and advice come from the table.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from reasoner.axes import Space
from reasoner.table import View

UNDETERMINED = "undetermined"
NOT_APPLICABLE = "not-applicable"
MISSING = "missing-facts"
CONFLICT = "text-conflict"
SILENT = "text-silent"

# Where several reasons keep an answer open, the one named first is given.
REASONS = (CONFLICT, "boundary", "figure-only", SILENT)


@dataclass(frozen=True)
class Outcome:
    """What holds in one complete cell.

    ``values`` are categories of a scheme, options of a decision, or the one answer of a yes-or-no
    decision; ``neighbours`` the categories across an open boundary; ``grounds`` the advice or
    clauses that hold; ``readings`` the readings that take part.
    """

    in_scope: bool
    values: tuple[str, ...] = ()
    reason: str = ""
    neighbours: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[bool, tuple[str, ...], str]:
        """What an answer shows of the outcome."""
        return self.in_scope, self.values, self.reason


@dataclass(frozen=True)
class Verdict:
    """The answer to a question for a record: as written in a column, and its parts."""

    value: str
    status: str
    possible: tuple[str, ...] = ()
    reason: str = ""
    certain: tuple[str, ...] = ()


class Question(ABC):
    """A scheme or decision over the space of the facts it depends on."""

    def __init__(self, view: View, entry: dict[str, Any], targets: Iterable[str]) -> None:
        """Prepare the space of a question whose answer rests on some classes."""
        self.view = view
        self.entry = entry
        self.name: str = entry["name"]
        self.scope: str = entry["scope"] or "Relapse"
        order, facts = view.closure([*targets, self.scope])
        self.order, self.facts = order, facts
        self.space = Space(view.blocks, facts)
        self._vectors: dict[str, int] = {"Relapse": self.space.full}

    def vector(self, name: str) -> int:
        """Return the cells that lie in a class."""
        if name not in self._vectors:
            self._vectors[name] = self._compose(name)
        return self._vectors[name]

    def _compose(self, name: str) -> int:
        entry, found = self.view.table.classes[name], 0
        if "clauses" in entry:
            for clause in self.view.clauses(name):
                found |= self.vector(clause)
            return found
        return self.within(entry)

    def within(self, entry: Mapping[str, Any]) -> int:
        """Return the cells that lie in a definition, or in one condition of it, of the table."""
        found = 0
        for row in entry["true"]:
            part = self.space.full
            for reference, index in zip(entry["references"], row, strict=True):
                if reference[0] == "@":
                    part &= self.space.atom(reference[1:], index)
                else:
                    held = self.vector(reference)
                    part &= held if index else self.space.full ^ held
            found |= part
        return found

    @cached_property
    def outcomes(self) -> list[tuple[int, Outcome]]:
        """Distinct outcomes and the cells in which each holds; the cells cover the space."""
        scope = self.vector(self.scope)
        parts: list[tuple[int, Outcome]] = []
        if outside := self.space.full ^ scope:
            parts.append((outside, Outcome(False)))
        for cells, outcome in self._in_scope(scope):
            parts.extend(
                (piece, _with_readings(outcome, names))
                for piece, names in split(cells, self._reading_vectors())
            )
        return parts

    def _reading_vectors(self) -> list[tuple[str, int]]:
        """Return the cells in which each reading lets a clause in, or keeps one out."""
        found: dict[str, int] = {}
        for name in self.order:
            reading = self.view.table.terms[name]["reading"]
            if reading in self.view.readings:
                found[reading] = found.get(reading, 0) | self.vector(name)
            for keeper, clause in self._kept_out(name):
                found[keeper] = found.get(keeper, 0) | self.vector(clause) & ~self.vector(name)
        return sorted((reading, cells) for reading, cells in found.items() if cells)

    def _kept_out(self, name: str) -> Iterator[tuple[str, str]]:
        """Yield the active readings in whose stead another would add a clause, and that clause."""
        entries = self.view.table.readings
        for clause in self.view.table.classes[name].get("clauses", ()):
            for keeper in sorted(self.view.readings):
                instead = entries[keeper]["falls_back_to"]
                if instead is None or instead in self.view.readings or clause["reading"] != instead:
                    continue
                if self.view.closure([clause["name"]])[1] <= self.facts:
                    yield keeper, clause["name"]

    @abstractmethod
    def _in_scope(self, scope: int) -> Iterator[tuple[int, Outcome]]:
        """Yield the outcomes within the scope, each with its cells."""

    @abstractmethod
    def verdict(self, outcomes: Iterable[Outcome]) -> Verdict:
        """Return the answer where the completions of a record have these outcomes."""

    def outcomes_in(self, mask: int) -> list[Outcome]:
        """Return the outcomes that some cell of a mask has."""
        return [outcome for cells, outcome in self.outcomes if cells & mask]

    def essential(self, mask: int) -> list[int]:
        """Return the axes on which the answer depends within a mask.

        An axis counts when two cells of the mask differ on it alone and in what the answer shows.
        All of them together always settle the answer, and no smaller set always does.
        """
        groups: dict[object, int] = {}
        for cells, outcome in self.outcomes:
            if cells & mask:
                groups[outcome.key] = groups.get(outcome.key, 0) | (cells & mask)
        return self.space.essential(groups.values())


def split(cells: int, vectors: Iterable[tuple[str, int]]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Split a set of cells by named sets; yield each piece with the names that hold in it."""
    pieces: list[tuple[int, tuple[str, ...]]] = [(cells, ())]
    for name, vector in vectors:
        following = []
        for piece, names in pieces:
            if inside := piece & vector:
                following.append((inside, (*names, name)))
            if outside := piece & ~vector:
                following.append((outside, names))
        pieces = following
    yield from ((piece, names) for piece, names in pieces if piece)


def _with_readings(outcome: Outcome, names: tuple[str, ...]) -> Outcome:
    return Outcome(
        outcome.in_scope,
        outcome.values,
        outcome.reason,
        outcome.neighbours,
        outcome.grounds,
        names,
    )
