"""What would settle an open answer, and what holds however it turns out.

A set of columns settles an answer when, whatever they turn out to say, the answer is open for want
of facts no longer, or no further column could change it.  Completions are never listed one by one:
both questions are looked up in arrays over the completions of the record.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reasoner.answers import Answerer, Finding, blocked_value, key, select
from reasoner.asking import Inquiry
from reasoner.components import components
from reasoner.ledger import Ledger
from reasoner.questions import MISSING, UNDETERMINED, Question
from reasoner.record import Record
from reasoner.spread import Spread

OUT_OF_SCOPE = "out-of-scope"


@dataclass(frozen=True)
class Open:
    """An answer that is open for want of facts."""

    name: str
    question: Question
    finding: Finding
    ledger: Ledger


def settle(answerer: Answerer, record: Record) -> dict[str, Any]:
    """Say for every open answer which columns settle it, and for every column what it decides.

    Returns plain data: ``open`` (by answer: all smallest sets of columns that settle it whatever
    they say), ``facts`` (columns ordered by how many open answers asking for one of them alone
    decides, its values counted alike), ``next`` (the best column to ask), ``open_by_text`` (answers
    that no column settles, with the reason) and ``assumed`` (facts that a reading takes as known).
    """
    if record.out_of_scope:
        return {
            "open": {},
            "facts": [],
            "next": None,
            "open_by_text": {},
            "assumed": {},
            "note": OUT_OF_SCOPE,
        }
    parts = [Inquiry(answerer.intake, record, c) for c in components(answerer.intake)]
    found, by_text = [], {}
    for name, question, finding in open_answers(answerer, record):
        if finding.reason == MISSING:
            found.append(Open(name, question, finding, Ledger(question, parts)))
        else:
            by_text[name] = finding.reason
    entries = {o.name: _entry(o) for o in found}
    facts = _facts(answerer, found, entries)
    return {
        "open": entries,
        "facts": facts,
        "next": facts[0] if facts else None,
        "open_by_text": by_text,
        "assumed": {d: r for p in parts for d, r in p.assumed.items()},
        "note": None if entries else "nothing is open for want of facts",
    }


def questions(answerer: Answerer) -> Iterator[tuple[str, Question]]:
    """Yield every question that is answered for a relapse: schemes, decisions, single advice."""
    for question in answerer.questions:
        yield key(question.entry), question
    for advice in answerer.view.table.advice:
        if advice["decision"] is None:
            yield advice["name"], answerer.situations[advice["name"]]


def open_answers(answerer: Answerer, record: Record) -> Iterator[tuple[str, Question, Finding]]:
    """Yield the answers that are undetermined, each with its finding."""
    answers: dict[str, str] = {}
    for name, question in questions(answerer):
        mask = select(question, record.states)
        verdict = question.verdict(question.outcomes_in(mask))
        answers[question.name] = verdict.value
        if verdict.status == UNDETERMINED and not blocked_value(question.entry, answers):
            yield name, question, answerer.find(question, record)


def _entry(found: Open) -> dict[str, Any]:
    sets, bound = found.ledger.settling_sets()
    return {
        "label": found.question.entry.get("label") or found.question.name,
        "answer": found.finding.verdict.value,
        "possible": list(found.finding.verdict.possible),
        "sets": sets,
        "bound": bound,
        "left_open_by_text": found.ledger.left_open(),
    }


def _facts(
    answerer: Answerer, found: list[Open], entries: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the columns that bear on open answers, the most deciding ones first."""
    columns = {c for o in found for c in o.ledger.columns}
    listed = []
    for column in sorted(columns, key=answerer.intake.rank.__getitem__):
        settles, may_settle, worth = [], {}, 0.0
        for entry in found:
            if column not in entry.ledger.columns:
                continue
            decided = entry.ledger.decided_by(column)
            worth += decided.share
            if decided.always:
                settles.append(entry.name)
            elif decided.settling:
                may_settle[entry.name] = {
                    "values": decided.values,
                    "settling": decided.settling,
                    "of": decided.of,
                }
        needed = [n for n, e in entries.items() if any(column in s for s in e["sets"])]
        listed.append(
            {
                "column": column,
                "allowed": answerer.intake.allowed(column),
                "worth": round(worth, 3),
                "settles": settles,
                "may_settle": may_settle,
                "needed_by": needed,
            }
        )
    # Sorting keeps the order of asking where two columns are worth the same.
    return sorted(
        listed,
        key=lambda f: (-f["worth"], -len(f["settles"]), -len(f["needed_by"])),
    )


# -- what holds however it turns out --------------------------------------------------------------


def stable(answerer: Answerer, record: Record) -> dict[str, Any]:
    """Return what holds in every completion of a record, and by each open class what differs.

    Completions are never listed: a class is a set of cells of one space that holds the facts of the
    question as well, and an answer within it is read off the cells that both share.

    Returns plain data: ``holds`` (answers by column, categories that some completion adds to one,
    advice), ``differs`` (by open class: what each of its answers brings) and ``contradictions``.
    """
    entry: dict[str, Any] = {
        "holds": {"answers": {}, "not_excluded": {}, "advice": []},
        "differs": [],
        "contradictions": [p.column for p in record.problems if " + " in p.column],
        "note": OUT_OF_SCOPE if record.out_of_scope else None,
    }
    if record.out_of_scope:
        return entry
    open_yet: dict[str, Question] = {}
    answers: dict[str, str] = {}
    for name, question in questions(answerer):
        verdict = question.verdict(question.outcomes_in(select(question, record.states)))
        answers[question.name] = verdict.value
        value = blocked_value(question.entry, answers) or verdict.value
        if verdict.reason == MISSING and value == verdict.value:
            open_yet[name] = question
        elif question.name in answerer.situations:
            if value == "yes":
                entry["holds"]["advice"].append(name)
        else:
            entry["holds"]["answers"][name] = value
            besides = [v for v in verdict.possible if v != verdict.value]
            if besides and verdict.status == "entailed" and question.name in answerer.schemes:
                entry["holds"]["not_excluded"][name] = besides
    spreads = {n: Spread(q, record.states) for n, q in open_yet.items()}
    for name, question in open_yet.items():
        if question.entry.get("asked_for"):
            others = {n: s for n, s in spreads.items() if n != name}
            classes = _by_class(answerer, spreads[name], others)
            label = question.entry["label"]
            entry["differs"].append({"column": name, "label": label, "classes": classes})
    return entry


def _by_class(
    answerer: Answerer, spread: Spread, others: dict[str, Spread]
) -> list[dict[str, Any]]:
    """Return what the other open answers become in each class of a question."""
    present = spread.present
    groups: dict[object, int] = {}
    for number, outcome in enumerate(spread.keys):
        if present >> number & 1:
            groups[outcome.key] = groups.get(outcome.key, 0) | 1 << number
    found = []
    for bits in groups.values():
        verdict = spread.verdict(bits)
        entry: dict[str, Any] = {
            "class": verdict.value,
            "reason": verdict.reason,
            "answers": {},
            "advice": [],
            "without": [],
            "open": [],
        }
        for name, other in others.items():
            becomes = other.verdict(other.within(spread, bits))
            if becomes.reason == MISSING:
                entry["open"].append({"name": name, "answer": becomes.value})
            elif other.question.name not in answerer.situations:
                entry["answers"][name] = becomes.value
            else:
                entry["advice" if becomes.value == "yes" else "without"].append(name)
        found.append(entry)
    order = {v: n for n, v in enumerate(spread.verdict(present).possible)}
    return sorted(found, key=lambda e: order.get(e["class"], len(order)))
