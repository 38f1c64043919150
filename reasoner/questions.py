"""Questions a table answers: the category of a scheme, or the answer of a decision.

A question holds, for every complete cell of its space, what the OWL gives there.  The answer for a
partial record is read off all its completions at once: certain in all, possible in some, excluded
in none.  Nothing here knows a scheme; words, order, scope and advice come from the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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


class Question:
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
        """Return, for each reading with a clause here, the cells in which one of them holds."""
        found: dict[str, int] = {}
        for name in self.order:
            reading = self.view.table.terms[name]["reading"]
            if reading in self.view.readings and self.vector(name):
                found[reading] = found.get(reading, 0) | self.vector(name)
        return sorted(found.items())

    def _in_scope(self, scope: int) -> Iterator[tuple[int, Outcome]]:
        raise NotImplementedError

    def verdict(self, outcomes: Iterable[Outcome]) -> Verdict:
        """Return the answer where the completions of a record have these outcomes."""
        raise NotImplementedError

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
        found = []
        for number in range(len(self.space.axes)):
            seen = 0
            for cells in groups.values():
                collapsed = self.space.collapse(cells, number)
                if collapsed & seen:
                    found.append(number)
                    break
                seen |= collapsed
        return found


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


class YesNoQuestion(Question):
    """Ask whether an action is indicated."""

    def __init__(self, view: View, entry: dict[str, Any]) -> None:
        """Prepare the question from a decision of the table and the advice on it."""
        self.advice = [a for a in view.table.advice if a["decision"] == entry["name"]]
        super().__init__(view, entry, [a["situation"] for a in self.advice])

    def _in_scope(self, scope: int) -> Iterator[tuple[int, Outcome]]:
        by_name = {a["name"]: a for a in self.advice}
        for cells, names in split(
            scope, [(n, self.vector(by_name[n]["situation"])) for n in by_name]
        ):
            answer, reason = _combine([by_name[n] for n in names])
            yield cells, Outcome(True, (answer,), reason, (), names)

    def verdict(self, outcomes: Iterable[Outcome]) -> Verdict:
        """Return yes, no, or undetermined with its reason."""
        outcomes = list(outcomes)
        inside = [o for o in outcomes if o.in_scope]
        if not inside:
            return Verdict(NOT_APPLICABLE, NOT_APPLICABLE)
        answers = {o.values[0] for o in inside}
        possible = tuple(a for a in ("yes", "no", UNDETERMINED) if a in answers)
        if len(inside) < len(outcomes):
            return Verdict(UNDETERMINED, UNDETERMINED, possible, MISSING)
        shared = set.intersection(*(set(o.grounds) for o in inside))
        grounds = tuple(a["name"] for a in self.advice if a["name"] in shared)
        if answers == {UNDETERMINED}:
            reasons = {o.reason for o in inside}
            # Where facts decide why the answer is open, those facts come first.
            reason = reasons.pop() if len(reasons) == 1 else MISSING
            return Verdict(UNDETERMINED, UNDETERMINED, possible, reason, grounds)
        if len(answers) == 1:
            return Verdict(possible[0], "entailed", possible, "", grounds)
        return Verdict(UNDETERMINED, UNDETERMINED, possible, MISSING, grounds)


def _combine(advice: list[dict[str, Any]]) -> tuple[str, str]:
    """Join what several pieces of advice say of one cell.

    For and against together is a conflict of the text; a deferral keeps the answer open; silence of
    all is silence of the text.
    """
    polarities = {a["polarity"] for a in advice}
    if {"for", "against"} <= polarities:
        return UNDETERMINED, CONFLICT
    reasons = {a["reason"] for a in advice if a["polarity"] == "deferred"}
    if reasons or not polarities:
        return UNDETERMINED, next((r for r in REASONS if r in reasons), SILENT)
    return ("no" if polarities == {"against"} else "yes"), ""


class OptionsQuestion(Question):
    """Ask which options there are."""

    def __init__(self, view: View, entry: dict[str, Any]) -> None:
        """Prepare the question from a decision of the table and the advice that names options."""
        self.advice = [a for a in view.table.advice if a["decision"] == entry["name"]]
        super().__init__(view, entry, [a["situation"] for a in self.advice])

    def _in_scope(self, scope: int) -> Iterator[tuple[int, Outcome]]:
        vectors = [(a["name"], self.vector(a["situation"])) for a in self.advice]
        options = {a["name"]: a["option"] for a in self.advice}
        for cells, names in split(scope, vectors):
            yield cells, Outcome(True, tuple(options[n] for n in names), "", (), names)

    def verdict(self, outcomes: Iterable[Outcome]) -> Verdict:
        """Return the options joined, or what they might be."""
        outcomes = list(outcomes)
        inside = [o for o in outcomes if o.in_scope]
        if not inside:
            return Verdict(NOT_APPLICABLE, NOT_APPLICABLE)
        sets = {o.values for o in inside}
        shared = set.intersection(*(set(o.grounds) for o in inside))
        grounds = tuple(a["name"] for a in self.advice if a["name"] in shared)
        listed = {option for options in sets for option in options}
        possible = tuple(a["option"] for a in self.advice if a["option"] in listed)
        if len(inside) == len(outcomes) and len(sets) == 1:
            if not possible:
                return Verdict(UNDETERMINED, UNDETERMINED, (), SILENT)
            value = self.entry["join"].join(possible)
            return Verdict(value, "entailed", possible, "", grounds)
        value = f"{UNDETERMINED}:{'|'.join(possible)}"
        return Verdict(value, UNDETERMINED, possible, MISSING, grounds)


class SituationQuestion(Question):
    """Ask whether the relapse is in the situation of one piece of advice."""

    def __init__(self, view: View, advice: dict[str, Any]) -> None:
        """Prepare the question from a piece of advice."""
        self.advice = advice
        super().__init__(view, {"name": advice["name"], "scope": None}, [advice["situation"]])

    def _in_scope(self, scope: int) -> Iterator[tuple[int, Outcome]]:
        held = [("yes", self.vector(self.advice["situation"]))]
        for cells, values in split(scope, held):
            yield cells, Outcome(True, values or ("no",))

    def verdict(self, outcomes: Iterable[Outcome]) -> Verdict:
        """Return whether the situation is given."""
        answers = {o.values[0] for o in outcomes}
        if len(answers) == 1:
            return Verdict(answers.pop(), "entailed")
        return Verdict(UNDETERMINED, UNDETERMINED, ("yes", "no"), MISSING)


def scheme_questions(view: View) -> dict[str, SchemeQuestion]:
    """Return the question of every scheme, by the scheme's name."""
    return {e["name"]: SchemeQuestion(view, e) for e in view.table.schemes}


def decision_questions(view: View) -> dict[str, Question]:
    """Return the question of every decision, by the decision's name."""
    kinds = {"yes-or-no": YesNoQuestion, "options": OptionsQuestion}
    return {e["name"]: kinds[e["kind"]](view, e) for e in view.table.decisions}
