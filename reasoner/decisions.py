"""Decisions as questions: what the advice of the ontology answers together, and each one alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from reasoner.questions import (
    CONFLICT,
    MISSING,
    NOT_APPLICABLE,
    REASONS,
    SILENT,
    UNDETERMINED,
    Outcome,
    Question,
    Verdict,
    split,
)
from reasoner.table import View


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
            answer, reason = combine([by_name[n] for n in names])
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


def combine(advice: list[dict[str, Any]]) -> tuple[str, str]:
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


def decision_questions(view: View) -> dict[str, Question]:
    """Return the question of every decision, by the decision's name."""
    kinds = {"yes-or-no": YesNoQuestion, "options": OptionsQuestion}
    return {e["name"]: kinds[e["kind"]](view, e) for e in view.table.decisions}
