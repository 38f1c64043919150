"""Categories and answers that somebody may ask about, found by the name they go by.

A target is one answer to one question: a category of a scheme, the answer of a decision, a class of
the ontology, or a piece of advice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from reasoner.answers import Answerer, key, select
from reasoner.decisions import OptionsQuestion, SituationQuestion, YesNoQuestion
from reasoner.questions import Question
from reasoner.record import Record
from reasoner.schemes import SchemeQuestion


class CategoryError(ValueError):
    """Say that a category is not known, and which are."""


@dataclass(frozen=True)
class Target:
    """One answer to one question; ``value`` is how the question writes it."""

    question: Question
    column: str
    value: str

    @property
    def label(self) -> str:
        """How the target is written: ``bfm_group=S1``, or a name alone."""
        alone = isinstance(self.question, SituationQuestion)
        return self.column if alone else f"{self.column}={self.value}"

    @cached_property
    def vector(self) -> int:
        """The cells in which it holds."""
        return self._cells(self.value)

    @cached_property
    def rivals(self) -> list[int]:
        """The cells of every other category that can hold along with it.

        An answer in which one of them is certain as well is an overlap, not the category.
        """
        if not isinstance(self.question, SchemeQuestion):
            return []
        others = [self._cells(v) for v, _ in self.question.categories if v != self.value]
        return [cells for cells in others if cells & self.vector]

    def _cells(self, value: str) -> int:
        found = 0
        for cells, outcome in self.question.outcomes:
            if outcome.in_scope and value in outcome.values:
                found |= cells
        return found

    def reached(self, mask: int) -> bool:
        """Tell whether it is the answer where some completions are left."""
        return not mask & ~self.vector and all(mask & ~cells for cells in self.rivals)

    def status(self, record: Record) -> str:
        """Say whether it is certain, possible or excluded for a record."""
        if record.out_of_scope:
            return "excluded"
        mask = select(self.question, record.states)
        if not mask & self.vector:
            return "excluded"
        return "possible" if mask & ~self.vector else "certain"


def find_targets(answerer: Answerer, text: str) -> list[Target]:
    """Return every target of a name.

    ``text`` is a value (``S1``), a column or question with a value (``bfm_group=S1``,
    ``bfm-table-1-groups:S1``), the name of a class, or that of a piece of advice.  A value that
    several schemes have stands for all of them.

    Raises:
        CategoryError: nothing has the name.
    """
    wanted = _folded(text)
    named, sign, value = wanted.partition("=" if "=" in wanted else ":")
    found = []
    for question in answerer.questions:
        names = {_folded(question.name), _folded(key(question.entry))}
        for answer, class_name in _answers(question):
            words = {_folded(answer)} | ({_folded(class_name)} if class_name else set())
            if (named in names and value in words) if sign else wanted in words:
                found.append(Target(question, key(question.entry), answer))
    if not found and not sign:
        found = _of_names(answerer, wanted)
    if not found:
        raise CategoryError(f"unknown category {text!r}; known are {_known(answerer)}")
    return found


def _of_names(answerer: Answerer, wanted: str) -> list[Target]:
    """Return the class or the advice of a name, as a question of its own."""
    for name, question in answerer.situations.items():
        if _folded(name) == wanted:
            return [Target(question, name, "yes")]
    for name in answerer.view.table.classes:
        if _folded(name) == wanted:
            own = SituationQuestion(answerer.view, {"name": name, "situation": name})
            return [Target(own, name, "yes")]
    return []


def _answers(question: Question) -> list[tuple[str, str]]:
    """List the answers of a question as written, each with the class it is, or with nothing."""
    if isinstance(question, SchemeQuestion):
        return question.categories
    if isinstance(question, OptionsQuestion):
        return [(option, "") for option in dict.fromkeys(a["option"] for a in question.advice)]
    return [("yes", ""), ("no", "")] if isinstance(question, YesNoQuestion) else []


def _folded(text: str) -> str:
    return " ".join(text.replace("_", "-").split()).casefold()


def _known(answerer: Answerer) -> str:
    """List what may be asked about."""
    lines = [f"{key(q.entry)}={'|'.join(a for a, _ in _answers(q))}" for q in answerer.questions]
    return ", ".join([*lines, "the name of a class, the name of a piece of advice"])
