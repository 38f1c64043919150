"""Explanations as plain English, one sentence each, from the words of the tables alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from queries.text import REASONS, source
from reasoner.conclusions import Conclusion, Explanation
from reasoner.explain import CASES, CLAUSE, GAP
from reasoner.intake import Intake
from reasoner.questions import NOT_APPLICABLE, UNDETERMINED
from reasoner.table import Table

# UCUM codes as words, and those that are written after the number as they are.
UNIT_WORDS = {"mo": "months"}
UNIT_SIGNS = {"%": "%", "Gy": "Gy"}
FROM_DATES = " (from dates)"


class Sentences:
    """Says of a conclusion why it holds, or why it is open."""

    def __init__(self, intake: Intake) -> None:
        """Take the input columns, whose facts are named."""
        self.intake = intake
        self.table: Table = intake.view.table

    def say(self, conclusion: Conclusion, explanation: Explanation) -> str:
        """Say in one sentence why a conclusion holds."""
        head = _head(conclusion)
        facts = [self.fact(column, value) for column, value in explanation.facts.items()]
        why = f"because {_and(facts)}" if facts else "without any given fact"
        clauses = self._clauses(conclusion, explanation)
        return f"{head} {why}{clauses}{self._readings(explanation)}."

    def open(self, conclusion: Conclusion) -> str:
        """Say in one sentence that an answer is open, why, and what would settle it."""
        reason = REASONS.get(conclusion.reason, conclusion.reason)
        text = f"{_head(conclusion)}: {reason}"
        if conclusion.settled_by:
            text += f"; it would be settled by {_and(conclusion.settled_by)}"
        return f"{text}."

    def fact(self, column: str, value: str) -> str:
        """Name a fact and its value, with its unit."""
        dimensions = self.intake.dimensions
        if column in dimensions:
            atoms = {a.get("value"): a["label"] for a in dimensions[column]["atoms"]}
            return str(atoms[value])
        spec = self.intake.columns[column]
        words = column.replace("_", " ")
        if len(spec.dimensions) != 1:
            return f"{words} {value}"
        entry = dimensions[spec.dimensions[0]]
        if spec.kind == "number":
            return _measured(entry["label"], value, entry["unit"])
        if _bare(entry["label"]) == _bare(words):
            words = entry["label"]
        return f"{words} {value}"

    def _clauses(self, conclusion: Conclusion, explanation: Explanation) -> str:
        if explanation.by == CLAUSE:
            return f", by {_and(_clause(g) for g in explanation.clauses)}"
        if explanation.by == CASES:
            named = _and(explanation.varying, "and")
            whatever = f"whatever is true of {named}" if named else "in every case"
            listed = _and((_clause(g) for g in explanation.clauses), "or")
            return f", since {whatever}, one of these holds: {listed}"
        entry = conclusion.entry
        place = source(
            {
                "locator": entry["locator"] or entry["source"],
                "citations": entry["citations"],
                "cited_as": entry["cited_as"] or "none",
            }
        )
        if conclusion.reason == "out-of-scope":
            return ", which is out of scope of the article"
        if conclusion.status == NOT_APPLICABLE:
            scope = self.table.terms[entry["scope"]]["label"]
            return f", while it speaks of this alone: {scope} ({place})"
        if conclusion.status == GAP:
            return f", which none of its definitions covers ({place})"
        return f", on which there is no advice ({place})"

    def _readings(self, explanation: Explanation) -> str:
        if not explanation.readings:
            return ""
        named = _and(f"{r} ({self.table.readings[r]['label']})" for r in explanation.readings)
        alone = "" if explanation.facts else " alone"
        return f"; read with {named}{alone}"


def _head(conclusion: Conclusion) -> str:
    label, value = conclusion.label, conclusion.value
    _, _, listed = value.partition(":")
    options = listed.split("|") if listed else []
    if conclusion.kind != "category":
        if value == UNDETERMINED:
            reason = REASONS.get(conclusion.reason, conclusion.reason)
            told = f", {reason}," if conclusion.explanations else ""
            return f"{label}: cannot be said{told}"
        answer = "not applicable" if value == NOT_APPLICABLE else value
        modality = conclusion.entry.get("modality")
        return f"{label}{f' ({modality})' if modality else ''}: {answer}"
    if conclusion.status == UNDETERMINED:
        return f"{label} cannot be said yet" + (f" ({_and(options, 'or')})" if options else "")
    if conclusion.status == GAP:
        return f"No category of {label}" + (f" (between {_and(options)})" if options else "")
    if conclusion.status == NOT_APPLICABLE:
        return f"{label} does not apply"
    return f"{value} ({label})"


def _clause(ground: Mapping[str, Any]) -> str:
    return f"{ground['clause']} ({source(ground)})"


def _measured(label: str, value: str, unit: str | None) -> str:
    dated = FROM_DATES if value.endswith(FROM_DATES) else ""
    number = value.removesuffix(FROM_DATES)
    if (word := UNIT_WORDS.get(str(unit))) and label.startswith(word):
        return f"{number} {label}{dated}"
    sign = UNIT_SIGNS.get(str(unit))
    return f"{label} {number}{f' {sign}' if sign else ''}{dated}"


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())


def _and(words: Iterable[str], last: str = "and") -> str:
    words = list(words)
    return (
        f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
    )
