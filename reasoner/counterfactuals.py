"""Why a relapse is not in a category: the criterion of each clause that fails, and on which facts.

A clause is excluded where no completion of the record lies in it.  What fails is named by the
smallest part of its definition that cannot hold, and by given facts of which none can be left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from reasoner.answers import Answerer, select
from reasoner.decisions import OptionsQuestion, SituationQuestion, YesNoQuestion
from reasoner.intake import Fact
from reasoner.questions import Question
from reasoner.record import Record, block_state, masks_of, shown
from reasoner.schemes import SchemeQuestion
from reasoner.targets import Target, find_targets


def why_not(answerer: Answerer, record: Record, category: str) -> list[dict[str, Any]]:
    """Say of every clause of a category whether it is certain, possible or excluded, and why.

    Returns one entry for every question in which the category exists, as plain data.

    Raises:
        reasoner.targets.CategoryError: the category is not known.
    """
    return [_explained(answerer, record, t) for t in find_targets(answerer, category)]


def _explained(answerer: Answerer, record: Record, target: Target) -> dict[str, Any]:
    question = target.question
    found = answerer.find(question, record)
    entry: dict[str, Any] = {
        "category": target.label,
        "column": target.column,
        "value": target.value,
        "question": question.entry.get("label") or question.name,
        "answer": found.verdict.value,
        "status": target.status(record),
        "reason": found.reason,
        "settled_by": found.settled_by,
        "readings": found.readings,
        "out_of_scope": {c: record.given[c] for c in record.out_of_scope},
        "scope": None,
        "clauses": [],
        "in_the_way": [],
        "switched_off": [],
    }
    if record.out_of_scope:
        return entry
    if question.scope != "Relapse":
        entry["scope"] = _clause(answerer, record, question, question.scope)
    for name, said in _grounds(target):
        for leaf in _leaves(answerer, name):
            entry["clauses"].append({**_clause(answerer, record, question, leaf), **said})
        entry["switched_off"] += _switched_off(answerer, name)
    entry["in_the_way"] = list(_in_the_way(answerer, record, target))
    return entry


def _grounds(target: Target) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the classes by which a target can hold, each with the advice that rests on it."""
    question = target.question
    if isinstance(question, SchemeQuestion):
        yield dict(question.categories)[target.value], {}
    elif isinstance(question, SituationQuestion):
        yield question.advice["situation"], {}
    elif isinstance(question, YesNoQuestion | OptionsQuestion):
        for advice in question.advice:
            if _speaks_for(question, advice, target.value):
                yield advice["situation"], _said(advice)


def _speaks_for(question: Question, advice: dict[str, Any], value: str) -> bool:
    if isinstance(question, OptionsQuestion):
        return bool(advice["option"] == value)
    if value == "no":
        return bool(advice["polarity"] == "against")
    return advice["polarity"] not in ("against", "deferred")


def _said(advice: dict[str, Any]) -> dict[str, Any]:
    return {
        "advice": advice["name"],
        "says": advice["definition"],
        "polarity": advice["polarity"],
        "locator": advice["locator"],
        "citations": advice["citations"],
        "cited_as": advice["cited_as"] or "none",
    }


def _in_the_way(answerer: Answerer, record: Record, target: Target) -> Iterator[dict[str, Any]]:
    """Yield the advice that is given and keeps a decision from a plain yes or no."""
    question = target.question
    if not isinstance(question, YesNoQuestion):
        return
    mask = select(question, record.states)
    for advice in question.advice:
        if _speaks_for(question, advice, target.value):
            continue
        if mask & ~question.vector(advice["situation"]):
            continue
        for ground in answerer.grounds(question, advice["situation"], record):
            yield {**ground, **_said(advice)}


def _leaves(answerer: Answerer, name: str) -> list[str]:
    """List the clauses of a class that the readings let stand, or the class itself."""
    if "clauses" not in answerer.view.table.classes[name]:
        return [name]
    terms = answerer.view.table.terms
    # What is printed stands before what a reading adds.
    clauses = sorted(answerer.view.clauses(name), key=lambda c: terms[c]["reading"] is not None)
    return [leaf for clause in clauses for leaf in _leaves(answerer, clause)]


def _switched_off(answerer: Answerer, name: str) -> list[dict[str, Any]]:
    table = answerer.view.table
    return [
        {"clause": table.terms[c["name"]]["label"], "reading": c["reading"]}
        for c in table.classes[name].get("clauses", ())
        if c["reading"] is not None and c["reading"] not in answerer.view.readings
    ]


def _clause(answerer: Answerer, record: Record, question: Question, name: str) -> dict[str, Any]:
    """Describe one clause for a record: its status, what fails and what is open."""
    entry, term = answerer.view.table.classes[name], answerer.view.table.terms[name]
    mask, vector = select(question, record.states), question.vector(name)
    found: dict[str, Any] = {
        "name": name,
        "clause": term["label"],
        "criterion": entry.get("criterion") or term["definition"],
        "status": "certain",
        "failing": [],
        "open": [],
        "facts": {},
        "readings": [],
        "locator": term["locator"] or term["source"],
        "citations": term["citations"],
        "cited_as": term["cited_as"] or "none",
        "reading": term["reading"],
    }
    if not mask & ~vector:
        return found
    conditions = [(c["criterion"], question.within(c)) for c in entry.get("conditions", ())]
    conditions = conditions or [(found["criterion"], vector)]
    if mask & vector:
        found["status"] = "possible"
        found["open"] = [words for words, cells in conditions if mask & ~cells]
        return found
    found["status"] = "excluded"
    found["failing"] = [
        {
            "criterion": " together with ".join(words),
            **_excluding(answerer, record, question, cells),
        }
        for words, cells in _failing(conditions, mask)
    ]
    fewest = min((f["facts"] for f in found["failing"]), key=len)
    among = {c: f for c, f in usable_facts(answerer, record) if c in fewest}
    return {**found, **_excluding(answerer, record, question, vector, among)}


def _failing(conditions: list[tuple[str, int]], mask: int) -> Iterator[tuple[list[str], int]]:
    """Yield the conditions that fail, each alone; where none does alone, the fewest that do."""
    for count in range(1, len(conditions) + 1):
        several = False
        for chosen in combinations(conditions, count):
            cells = mask
            for _, part in chosen:
                cells &= part
            if not cells:
                several = True
                together = chosen[0][1]
                for _, part in chosen[1:]:
                    together &= part
                yield [words for words, _ in chosen], together
        if several:
            return


def _excluding(
    answerer: Answerer,
    record: Record,
    question: Question,
    cells: int,
    among: Mapping[str, Fact] | None = None,
) -> dict[str, Any]:
    """Return given facts that exclude some cells and of which none can be left out.

    Where a reading does it without any fact, or by what it makes of one, the reading is named.
    """
    outside = question.space.full ^ cells
    facts = sufficient_facts(answerer, record, question, outside, among)
    states = {id(s.block): s for s in answerer.states(facts)}
    masks = masks_of(facts.values())
    axes = question.space.axes
    held = [a.project(states[id(a.block)].cells) for a in axes]
    readings: set[str] = set()
    for number, axis in enumerate(axes):
        freed = [*held[:number], frozenset(range(len(axis.entries))), *held[number + 1 :]]
        if question.space.select(freed) & cells:
            readings |= answerer.readings_of(axis, states[id(axis.block)], masks)
    return {
        "facts": {c: shown(record.given.get(c), f) for c, f in facts.items()},
        "readings": sorted(readings),
    }


def sufficient_facts(
    answerer: Answerer,
    record: Record,
    question: Question,
    cells: int,
    among: Mapping[str, Fact] | None = None,
) -> dict[str, Fact]:
    """Return given facts that leave nothing outside some cells; without any of them they do not.

    Facts that contradict each other say nothing and are no ground.
    """
    kept = dict(usable_facts(answerer, record) if among is None else among)
    shrinking = True
    while shrinking:
        shrinking = False
        for column in sorted(kept, key=answerer.rank, reverse=True):
            fewer = {c: f for c, f in kept.items() if c != column}
            if not select(question, answerer.states(fewer)) & ~cells:
                kept, shrinking = fewer, True
    return dict(sorted(kept.items(), key=lambda item: answerer.rank(item[0])))


def usable_facts(answerer: Answerer, record: Record) -> Iterator[tuple[str, Fact]]:
    """Yield the given facts that say something: not those that contradict each other."""
    masks = record.masks
    bad = {
        dimension
        for block in answerer.view.blocks
        if block_state(answerer.intake, block, masks)[1]
        for dimension in block.dimensions
    }
    for column, fact in record.facts.items():
        said = tuple((d, m) for d, m in fact.masks if d not in bad)
        if said:
            yield column, Fact(said, fact.number, fact.several, fact.needs)
