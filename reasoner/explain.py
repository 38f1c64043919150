"""Why: for every conclusion on a relapse its clauses, readings, and the facts that entail it.

    Record -> Conclusion (a category, the answer of a decision, an advice) -> Explanation

An explanation is a set of given facts that entails the conclusion and loses it with any one of
them.  All such sets are found.  A conclusion is tested without each reading that takes part in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from reasoner.answers import Answerer, Finding, key
from reasoner.conclusions import Conclusion, Explanation
from reasoner.decisions import SituationQuestion, YesNoQuestion, combine
from reasoner.intake import Fact, InputError
from reasoner.minimal import Columns, Evidence, minimal_sets
from reasoner.questions import MISSING, NOT_APPLICABLE, UNDETERMINED, Question, split
from reasoner.record import Record, shown
from reasoner.schemes import SchemeQuestion

CLAUSE, CASES, NO_CLAUSE = "clause", "cases", "none"
GAP = "gap"


@dataclass(frozen=True)
class _Goal:
    """A conclusion that can be put to any set of readings."""

    question: str
    kind: str
    status: str
    value: str
    reason: str
    term: str


class Explainer:
    """Explains what an answerer concludes; other readings are opened when they are needed."""

    def __init__(self, answerer: Answerer) -> None:
        """Take the answerer whose conclusions are explained."""
        self.answerer = answerer
        self._others: dict[str, Answerer] = {}
        self._bearing: dict[str, list[str]] = {}
        self._targets: dict[tuple[int, _Goal], int] = {}

    def explain(self, record: Record, only: Iterable[str] = ()) -> list[Conclusion]:
        """Explain every category and every advice, or those of some columns or names."""
        return _Case(self, record).conclusions(frozenset(only))

    @property
    def names(self) -> list[str]:
        """Every column or name by which conclusions may be chosen."""
        answerer = self.answerer
        schemes = [key(q.entry) for q in answerer.schemes.values()]
        decisions = [key(q.entry) for q in answerer.decisions.values()]
        return list(dict.fromkeys([*schemes, *decisions, *answerer.situations]))

    def target(self, question: Question, goal: _Goal) -> int:
        """Return the cells of a question's space in which a conclusion holds."""
        place = id(question), goal
        if place not in self._targets:
            self._targets[place] = _target(question, goal)
        return self._targets[place]

    def bearing_on(self, question: Question) -> list[str]:
        """Return the active readings that can change what a question concludes.

        They let a clause in or keep one out, tie facts, or assume one.
        """
        if question.name not in self._bearing:
            view = self.answerer.view
            found = {r for a in question.space.axes for r in a.block.switches}
            for axis in question.space.axes:
                found |= {view.defaults[d][1] for d in axis.block.dimensions if d in view.defaults}
            for name in question.order:
                clauses = view.table.classes[name].get("clauses", ())
                found |= {c["reading"] for c in clauses if c["reading"] is not None}
            entries = view.table.readings
            self._bearing[question.name] = sorted(
                r
                for r in view.readings
                if found & {r, entries[r]["falls_back_to"], entries[r]["replaces"]}
            )
        return self._bearing[question.name]

    def without(self, reading: str) -> Answerer:
        """Return the answerer whose readings differ by one that is switched off."""
        if reading not in self._others:
            view = self.answerer.view
            changed = view.table.changed(view.readings, without=(reading,))
            self._others[reading] = Answerer(changed)
        return self._others[reading]


class _Case:
    """One record under explanation."""

    def __init__(self, explainer: Explainer, record: Record) -> None:
        self.explainer, self.answerer, self.record = explainer, explainer.answerer, record
        self.evidence = Evidence(self.answerer, record)
        self._other: dict[str, Evidence] = {}

    def conclusions(self, only: frozenset[str]) -> list[Conclusion]:
        found: list[Conclusion] = []
        for scheme in self.answerer.schemes.values():
            if not only or key(scheme.entry) in only:
                found += self._categories(scheme)
        answers: dict[str, str] = {}
        for name, decision in self.answerer.decisions.items():
            finding = self.answerer.find(decision, self.record)
            answers[name] = finding.verdict.value
            if isinstance(decision, YesNoQuestion) and (not only or key(decision.entry) in only):
                found.append(self._decision(decision, finding))
        for advice in self._single_advice(answers):
            if not only or only & self._names_of(advice):
                found += self._advice(advice)
        return found

    def _single_advice(self, answers: dict[str, str]) -> Iterator[dict[str, Any]]:
        """Yield the advice that stands on its own, as an answer lists it."""
        decisions = self.answerer.decisions
        covered = {n for n, q in decisions.items() if isinstance(q, YesNoQuestion)}
        for advice in self.answerer.view.table.advice:
            blocked = answers.get(advice["only_if_not"]) in ("no", NOT_APPLICABLE)
            if advice["decision"] not in covered and not blocked and not self.record.out_of_scope:
                yield advice

    def _names_of(self, advice: dict[str, Any]) -> set[str]:
        decision = self.answerer.decisions.get(advice["decision"])
        return {advice["name"]} | ({key(decision.entry)} if decision is not None else set())

    # -- what is concluded ------------------------------------------------------------------------

    def _categories(self, scheme: SchemeQuestion) -> Iterator[Conclusion]:
        finding = self.answerer.find(scheme, self.record)
        verdict, classes = finding.verdict, dict(scheme.categories)
        common = (scheme.name, "category", verdict.status)
        if verdict.certain:
            for value in verdict.certain:
                goal = _Goal(*common, value, "", classes[value])
                yield self._conclusion(scheme, finding, goal)
        else:
            yield self._conclusion(
                scheme, finding, _Goal(*common, verdict.value, finding.reason, scheme.name)
            )

    def _decision(self, decision: YesNoQuestion, finding: Finding) -> Conclusion:
        verdict = finding.verdict
        goal = _Goal(
            decision.name, "decision", verdict.status, verdict.value, verdict.reason, decision.name
        )
        return self._conclusion(decision, finding, goal)

    def _advice(self, advice: dict[str, Any]) -> Iterator[Conclusion]:
        question = self.answerer.situations[advice["name"]]
        finding = self.answerer.find(question, self.record)
        if finding.verdict.value != "no":
            goal = _Goal(
                advice["name"],
                "advice",
                finding.verdict.status,
                finding.verdict.value,
                finding.reason,
                advice["name"],
            )
            yield self._conclusion(question, finding, goal)

    def _conclusion(self, question: Question, finding: Finding, goal: _Goal) -> Conclusion:
        entry, value, reason = _entry(question), goal.value, finding.reason
        if goal.kind == "advice" and goal.status != UNDETERMINED:
            value = {"deferred": UNDETERMINED, "against": "no"}.get(entry["polarity"], "yes")
            reason = entry["reason"] or "" if value == UNDETERMINED else ""
        explanations = list(self._explanations(question, goal))
        readings: dict[str, str] = {}
        needs: list[str] = []
        clauses: list[dict[str, Any]] = []
        if explanations and not self.record.out_of_scope:
            needs = self._needs(question, goal, frozenset(self.record.facts))
            named = {*needs, *finding.readings, *(r for e in explanations for r in e.readings)}
            readings = {r: self._value_without(goal, r) for r in sorted(named)}
            by, found, _ = self._clauses(question, goal, finding.mask)
            clauses = found if by == CLAUSE else []
        return Conclusion(
            of=entry["name"] if goal.kind == "advice" else key(entry),
            kind=goal.kind,
            label=(goal.kind == "decision" and entry["action"]) or entry["label"],
            entry=entry,
            status=goal.status,
            value=value,
            term=goal.term,
            possible=list(finding.verdict.possible),
            reason=reason,
            settled_by=finding.settled_by,
            clauses=clauses,
            explanations=explanations,
            readings=readings,
            needs=needs,
        )

    # -- why --------------------------------------------------------------------------------------

    def _explanations(self, question: Question, goal: _Goal) -> Iterator[Explanation]:
        if self.record.out_of_scope:
            for column in self.record.out_of_scope:
                facts = {column: self.record.given[column]}
                yield Explanation(facts, NO_CLAUSE, [], [], [])
            return
        if goal.status == UNDETERMINED and (goal.kind != "decision" or goal.reason == MISSING):
            return
        target = self.explainer.target(question, goal)
        evidence = self.evidence

        def entails(columns: Columns) -> bool:
            return not evidence.mask(question, columns) & ~target

        found = minimal_sets(evidence.columns(question), entails)
        asked = sorted(evidence.used, key=lambda c: (self.answerer.rank(c), c))
        order = {column: place for place, column in enumerate(asked)}
        for columns in sorted(found, key=lambda s: (len(s), sorted(order[c] for c in s))):
            mask = evidence.mask(question, columns)
            by, clauses, varying = self._clauses(question, goal, mask)
            yield Explanation(
                self._facts(sorted(columns, key=order.__getitem__)),
                by,
                clauses,
                varying,
                self._needs(question, goal, columns),
            )

    def _facts(self, columns: Iterable[str]) -> dict[str, str]:
        """Return what was given in some columns, and beside it the limit that it was read by."""
        found: dict[str, str] = {}
        for column in columns:
            fact = self.record.facts[column]
            found[column] = shown(self.record.given.get(column), fact)
            if limit := self._limit(column, fact):
                found[limit] = self.record.given[limit]
        return found

    def _limit(self, column: str, fact: Fact) -> str | None:
        """Return the column of the detection limit by which a value was read, if it was."""
        intake = self.answerer.intake
        for name, spec in intake.columns.items():
            if spec.kind == "limit" and name in self.record.given and fact.masks:
                (dimension,) = spec.dimensions
                if intake.dimensions[dimension]["column"] == column:
                    try:
                        bare = intake.read(column, self.record.given[column])
                    except InputError:
                        return name
                    return name if bare.masks != fact.masks else None
        return None

    def _clauses(
        self, question: Question, goal: _Goal, mask: int
    ) -> tuple[str, list[dict[str, Any]], list[str]]:
        """Return how clauses lead from a set of cells to a conclusion, and which they are."""
        if isinstance(question, YesNoQuestion):
            return self._advice_clauses(question, goal, mask)
        if goal.term == question.name and not isinstance(question, SituationQuestion):
            return NO_CLAUSE, [], []
        advice = question.advice if isinstance(question, SituationQuestion) else None
        name = advice["situation"] if advice is not None else goal.term
        held = _held(question, name, mask)
        if held != [name] or "clauses" not in question.view.table.classes[name]:
            return CLAUSE, [_ground(question, c, advice) for c in held], []
        parts = [c for c in question.view.clauses(name) if mask & question.vector(c)]
        vectors = [(c, question.vector(c)) for c in parts]
        return (
            CASES,
            [_ground(question, c, advice) for c in parts],
            _varying(question, mask, vectors),
        )

    def _advice_clauses(
        self, question: YesNoQuestion, goal: _Goal, mask: int
    ) -> tuple[str, list[dict[str, Any]], list[str]]:
        if goal.status == NOT_APPLICABLE:
            return NO_CLAUSE, [], []
        vectors = {a["name"]: question.vector(a["situation"]) for a in question.advice}
        held = [a for a in question.advice if not mask & ~vectors[a["name"]]]
        if combine(held) == (goal.value, goal.reason):
            grounds = [
                _ground(question, c, a) for a in held for c in _held(question, a["situation"], mask)
            ]
            return (CLAUSE if grounds else NO_CLAUSE), grounds, []
        some = [a for a in question.advice if mask & vectors[a["name"]]]
        varying = _varying(question, mask, [(a["name"], vectors[a["name"]]) for a in some])
        return CASES, [_ground(question, a["situation"], a) for a in some], varying

    # -- readings ---------------------------------------------------------------------------------

    def _needs(self, question: Question, goal: _Goal, columns: Columns) -> list[str]:
        """Return the readings without which some facts no longer entail a conclusion."""
        found = []
        for reading in self.explainer.bearing_on(question):
            other, evidence = self._without(goal, reading)
            if evidence.mask(other, columns) & ~self.explainer.target(other, goal):
                found.append(reading)
        return found

    def _value_without(self, goal: _Goal, reading: str) -> str:
        question, evidence = self._without(goal, reading)
        found = question.outcomes_in(evidence.mask(question, frozenset(self.record.facts)))
        value = question.verdict(found).value
        return NOT_APPLICABLE if goal.kind == "advice" and value == "no" else value

    def _without(self, goal: _Goal, reading: str) -> tuple[Question, Evidence]:
        other = self.explainer.without(reading)
        if reading not in self._other:
            self._other[reading] = Evidence(other, self.record)
        return _question(other, goal), self._other[reading]


def _question(answerer: Answerer, goal: _Goal) -> Question:
    if goal.kind == "category":
        return answerer.schemes[goal.question]
    found = answerer.decisions if goal.kind == "decision" else answerer.situations
    return found[goal.question]


def _entry(question: Question) -> dict[str, Any]:
    return question.advice if isinstance(question, SituationQuestion) else question.entry


def _target(question: Question, goal: _Goal) -> int:
    """Return the cells in which a conclusion holds."""
    scope = question.vector(question.scope)
    if goal.status == NOT_APPLICABLE:
        return question.space.full ^ scope
    if isinstance(question, SituationQuestion):
        return question.vector(question.advice["situation"])
    if isinstance(question, YesNoQuestion):
        wanted = True, (goal.value,), goal.reason
        return _joined(cells for cells, outcome in question.outcomes if outcome.key == wanted)
    if goal.status == GAP and isinstance(question, SchemeQuestion):
        return scope & ~_joined(question.vector(name) for _, name in question.categories)
    return scope & question.vector(goal.term)


def _joined(parts: Iterable[int]) -> int:
    found = 0
    for part in parts:
        found |= part
    return found


def _held(question: Question, name: str, mask: int) -> list[str]:
    """Return the clauses of a class that hold in all cells, or the class itself if none does."""
    if "clauses" in question.view.table.classes[name]:
        held = [c for c in question.view.clauses(name) if not mask & ~question.vector(c)]
        if held:
            return [part for c in held for part in _held(question, c, mask)]
    return [name]


def _varying(question: Question, mask: int, vectors: list[tuple[str, int]]) -> list[str]:
    """Return the labels of the facts on which it depends which clause holds."""
    groups: dict[tuple[str, ...], int] = {}
    for cells, names in split(mask, vectors):
        groups[names] = groups.get(names, 0) | cells
    dimensions = question.view.table.dimensions
    axes = question.space.essential(groups.values())
    return [dimensions[d]["label"] for n in axes for d in question.space.axes[n].dimensions]


def _ground(question: Question, name: str, advice: dict[str, Any] | None) -> dict[str, Any]:
    """Describe a clause; where it carries an advice, place and citations are the advice's."""
    term = question.view.table.terms[name]
    entry = question.view.table.classes[name]
    source = advice or term
    found = {
        "name": name,
        "clause": term["label"],
        "criterion": entry.get("criterion") or "every possible case leads here",
        "locator": source["locator"] or source["source"],
        "citations": source["citations"],
        "cited_as": source["cited_as"] or "none",
        "reading": term["reading"],
    }
    if advice is not None:
        found |= {"advice": advice["name"], "says": advice["definition"]}
        found["polarity"] = advice["polarity"]
    return found
