"""Where two schemes differ in consequence for the same relapse.

Two schemes answer the same thing where the ontology gives their categories words of one subject: a
time word, or a level of risk.  What a difference leads to is read off the advice: some of its words
are defined nowhere in the text, each scheme is one way to fill them, and an answer turns on the
scheme where two fillings give two answers.  Nothing here knows a word; all stand in the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reasoner.decisions import YesNoQuestion, decision_questions
from reasoner.partition import impossible
from reasoner.questions import (
    MISSING,
    NOT_APPLICABLE,
    UNDETERMINED,
    Outcome,
    Question,
    Verdict,
    split,
)
from reasoner.regions import cells_of, regions
from reasoner.schemes import SchemeQuestion, scheme_questions
from reasoner.table import View

SAME, DIFFER, IN_PART = "same", "differ", "in part"
FINER, NOT_COMPARED = "finer", "not compared"
RELATIONS = (DIFFER, IN_PART, FINER, SAME, NOT_COMPARED)
# Relations of which the words exclude each other, in whole or for one of several categories.
DISCORDANT = (DIFFER, IN_PART)

Classes = tuple[str, ...]


@dataclass(frozen=True)
class Side:
    """What one scheme says of a cell: whether it applies, its categories, and their clauses."""

    applies: bool
    categories: Classes = ()
    clauses: Classes = ()


@dataclass(frozen=True)
class Turn:
    """An answer that turns on the scheme: the decision, and the answer by either scheme."""

    decision: str
    first: str
    second: str


@dataclass(frozen=True)
class Discordance:
    """A region in which two schemes stand to each other in one way, in words and counted.

    ``boxes`` are the facts of the region, joined within a box, alternatives of each other;
    ``turns`` the answers that turn on the scheme for some relapses of the region.
    """

    first: Side
    second: Side
    relation: str
    reason: str
    turns: tuple[Turn, ...]
    boxes: tuple[str, ...]
    cells: int


class SharedWords:
    """The words of the table in which categories can be compared, under the readings of a view."""

    def __init__(self, view: View) -> None:
        """Keep the comparisons that the readings let stand."""
        self.words: Mapping[str, Mapping[str, Any]] = view.table.data["words"]
        self.comparisons = view.table.data["comparisons"]
        self._said: dict[str, str] = {
            c["category"]: c["word"]
            for c in self.comparisons
            if c["reading"] is None or c["reading"] in view.readings
        }

    def subject(self, scheme: SchemeQuestion) -> str | None:
        """Return what the words of a scheme speak of, under whatever readings."""
        names = {name for _, name in scheme.categories}
        said = {c["word"] for c in self.comparisons if c["category"] in names}
        return next((str(self.words[w]["subject"]) for w in sorted(said)), None)

    def word(self, category: str) -> str | None:
        """Return the word in which a category speaks, if a passage or an active reading says so."""
        return self._said.get(category)

    def vocabulary(self, scheme: SchemeQuestion) -> frozenset[str]:
        """Return all words that a scheme has."""
        return frozenset(w for _, c in scheme.categories if (w := self.word(c)) is not None)

    def plainer(self, word: str, vocabulary: frozenset[str]) -> str:
        """Return the word that takes the place of another in a scheme that lacks it."""
        broader = self.words[word]["finer_than"]
        return word if word in vocabulary or broader is None else str(broader)

    def filled(self, scheme: SchemeQuestion) -> dict[str, list[str]]:
        """Return the undefined classes of the advice, each as the categories that a scheme puts."""
        found: dict[str, list[str]] = {}
        for name, word in self.words.items():
            if word["fills"] is not None and name in self.vocabulary(scheme):
                said = [c for _, c in scheme.categories if self.word(c) == name]
                found[word["fills"]] = said
        return found


class PairQuestion(Question):
    """Ask how two schemes of one subject stand to each other for a relapse."""

    def __init__(
        self, view: View, words: SharedWords, first: SchemeQuestion, second: SchemeQuestion
    ) -> None:
        """Prepare the question over all facts to which either scheme refers."""
        self.words, self.first, self.second = words, first, second
        entry = {
            "name": f"{first.name}/{second.name}",
            "label": f"{first.entry['label']} and {second.entry['label']}",
            "column": f"{first.name}/{second.name}",
            "scope": None,
            "asked_for": False,
        }
        targets = [c for s in (first, second) for _, c in s.categories]
        super().__init__(view, entry, [*targets, first.scope, second.scope])

    @cached_property
    def pieces(self) -> list[tuple[int, Side, Side]]:
        """What both schemes say of every cell."""
        found = []
        for cells, one in self._sides(self.first, self.space.full):
            found += [(part, one, other) for part, other in self._sides(self.second, cells)]
        return found

    def _sides(self, scheme: SchemeQuestion, cells: int) -> Iterator[tuple[int, Side]]:
        inside = self.vector(scheme.scope)
        if beyond := cells & ~inside:
            yield beyond, Side(False)
        held = [(name, self.vector(name)) for _, name in scheme.categories]
        for part, names in split(cells & inside, held):
            clauses = [(c, self.vector(c)) for n in names for c in self._clauses(n)]
            for piece, told in split(part, clauses):
                yield piece, Side(True, names, told)

    def _clauses(self, category: str) -> list[str]:
        closed = "clauses" in self.view.table.classes[category]
        return self.view.clauses(category) if closed else [category]

    def relation(self, first: Side, second: Side) -> tuple[str, str]:
        """Return how two sides stand to each other, and why they are not compared."""
        words = []
        for side, scheme in ((first, self.first), (second, self.second)):
            label = scheme.entry["label"]
            if not side.applies:
                scope = self.view.table.terms[scheme.scope]["label"]
                return NOT_COMPARED, f"{label} speaks of {scope} only"
            if not side.categories:
                return NOT_COMPARED, f"{label} has no category here"
            said = {self.words.word(c) for c in side.categories}
            if None in said:
                return NOT_COMPARED, f"no reading that is on gives {label} a word to compare"
            words.append({w for w in said if w is not None})
        one, other = words
        if one == other:
            return SAME, ""
        one = {self.words.plainer(w, self.words.vocabulary(self.second)) for w in one}
        other = {self.words.plainer(w, self.words.vocabulary(self.first)) for w in other}
        if one == other:
            return FINER, ""
        return (IN_PART if one & other else DIFFER), ""

    def _in_scope(self, scope: int) -> Iterator[tuple[int, Outcome]]:
        found: dict[tuple[str, str], int] = {}
        for cells, first, second in self.pieces:
            key = self.relation(first, second)
            found[key] = found.get(key, 0) | (cells & scope)
        for (relation, reason), cells in found.items():
            yield cells, Outcome(True, (relation,), reason)

    def verdict(self, outcomes: Iterable[Outcome]) -> Verdict:
        """Return the relation, or those that are possible."""
        given = {o.values[0] for o in outcomes}
        possible = tuple(r for r in RELATIONS if r in given)
        if len(possible) == 1:
            return Verdict(possible[0], "entailed", possible, "", possible)
        return Verdict(f"{UNDETERMINED}:{'|'.join(possible)}", UNDETERMINED, possible, MISSING)

    @cached_property
    def turns(self) -> list[tuple[Turn, NDArray[np.bool_]]]:
        """Answers that turn on the scheme, and the cells some completion of which they turn in."""
        found: dict[Turn, NDArray[np.bool_]] = {}
        sides = [self.words.filled(s) for s in (self.first, self.second)]
        beside = [c for s in (self.first, self.second) for _, c in s.categories]
        for decision in decision_questions(self.view).values():
            if not isinstance(decision, YesNoQuestion) or sides[0].keys() != sides[1].keys():
                continue
            if not sides[0].keys() & set(decision.order):
                continue
            one, other = (_Filled(self.view, decision.entry, s, beside) for s in sides)
            occurs = one.space.full & ~impossible(self.view, one.space)
            for cells, before in one.outcomes:
                for other_cells, after in other.outcomes:
                    both = cells & other_cells & occurs
                    if both and before.key != after.key:
                        turn = Turn(decision.name, _answer(before), _answer(after))
                        here = cells_of(both, one.space, self.space)
                        found[turn] = found[turn] | here if turn in found else here
        return sorted(found.items(), key=lambda item: str(item[0]))

    @cached_property
    def discordances(self) -> list[Discordance]:
        """All regions of the joint grid but those where the words are the same, in order."""
        occurs = self.space.full & ~impossible(self.view, self.space)
        keys: dict[tuple[Side, Side, str, str], int] = {}
        for cells, first, second in self.pieces:
            relation, reason = self.relation(first, second)
            if relation == NOT_COMPARED:
                # Why is all that can be said; what either says alone its own grid shows.
                first = second = Side(False)
            if relation != SAME and cells & occurs:
                key = (first, second, relation, reason)
                keys[key] = keys.get(key, 0) | (cells & occurs)
        masks = [cells_of(cells, self.space, self.space) for cells in keys.values()]
        found = []
        for key, mask, boxes in zip(
            keys, masks, regions(self.view, self.space, masks), strict=True
        ):
            compared = key[2] != NOT_COMPARED
            turns = [t for t, where in self.turns if compared and (mask & where).any()]
            found.append(Discordance(*key, tuple(turns), boxes, int(mask.sum())))
        return sorted(found, key=self._place)

    def _place(self, found: Discordance) -> tuple[object, ...]:
        order = [c for s in (self.first, self.second) for _, c in s.categories]
        ranks = [[order.index(c) for c in s.categories] for s in (found.first, found.second)]
        return RELATIONS.index(found.relation), ranks, found.reason, found.boxes


class _Filled(YesNoQuestion):
    """A decision with words of its advice filled by the categories of one scheme."""

    def __init__(
        self,
        view: View,
        entry: dict[str, Any],
        filled: Mapping[str, Iterable[str]],
        beside: Iterable[str],
    ) -> None:
        """Prepare the decision over its own facts and those of the categories beside it."""
        self.filled = filled
        self.advice = [a for a in view.table.advice if a["decision"] == entry["name"]]
        Question.__init__(self, view, entry, [*(a["situation"] for a in self.advice), *beside])

    def _compose(self, name: str) -> int:
        if name not in self.filled:
            return super()._compose(name)
        found = 0
        for category in self.filled[name]:
            found |= self.vector(category)
        return found


def _answer(outcome: Outcome) -> str:
    if not outcome.in_scope:
        return NOT_APPLICABLE
    return f"{outcome.values[0]} ({outcome.reason})" if outcome.reason else outcome.values[0]


def pair_questions(view: View) -> dict[str, PairQuestion]:
    """Return the question of every two schemes of one subject, by the names of both."""
    words = SharedWords(view)
    found = {}
    for one, other in combinations(scheme_questions(view).values(), 2):
        subject = words.subject(one)
        if subject is not None and subject == words.subject(other):
            pair = PairQuestion(view, words, one, other)
            found[pair.name] = pair
    return found
