"""What an answer hangs on: a reading, a clock, or one fact, and within which interval of a number.

One thing is altered at a time and the record is read and answered anew; nothing is derived from the
answer before.  Numbers are followed along the whole line that a fact may take, limit by limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

from reasoner.answers import Answerer, blocked_value, key, select
from reasoner.components import candidates, common, example, whole, words_of
from reasoner.conflicts import differ
from reasoner.intervals import Interval
from reasoner.questions import NOT_APPLICABLE
from reasoner.record import CONTRADICTION, Record, shown
from reasoner.values import clock_ties, values_after

Answers = dict[str, str]

_OTHERS: WeakKeyDictionary[Answerer, dict[str, Answerer]] = WeakKeyDictionary()


def sensitivity(answerer: Answerer, record: Record) -> dict[str, Any]:
    """Say what the answers of a record hang on.

    Returns plain data: ``answers`` (as they are), ``readings`` (each one switched the other way),
    ``clocks`` (who uses which, and what leaving one out does), ``timing`` (what each scheme of time
    alone says), ``numbers`` (each given number along its line) and ``values`` (each other value of
    a given fact).
    """
    now = answers(answerer, record)
    return {
        "answers": now,
        "readings": [] if record.out_of_scope else list(_readings(answerer, record, now)),
        "clocks": list(_clocks(answerer, record, now)),
        "timing": _timing(answerer, now),
        "numbers": list(_numbers(answerer, record, now)),
        "values": list(_values(answerer, record, now)),
        "out_of_scope": {c: record.given[c] for c in record.out_of_scope},
    }


def answers(answerer: Answerer, record: Record) -> Answers:
    """Return the answer of every scheme and decision, by its column."""
    found: Answers = {}
    by_name: Answers = {}
    for question in answerer.questions:
        value = NOT_APPLICABLE
        if not record.out_of_scope:
            mask = select(question, record.states)
            value = question.verdict(question.outcomes_in(mask)).value
        by_name[question.name] = value
        found[key(question.entry)] = blocked_value(question.entry, by_name) or value
    return found


def differing(before: Answers, after: Answers) -> dict[str, list[str]]:
    """Return the answers that are not the same, before and after."""
    return {c: [v, after[c]] for c, v in before.items() if after[c] != v}


def _readings(answerer: Answerer, record: Record, now: Answers) -> Iterator[dict[str, Any]]:
    active = answerer.view.readings
    for name, entry in answerer.view.table.readings.items():
        on, other = name in active, _switched(answerer, name)
        switched = other.view
        after = answers(other, other.read(record.given, record.row))
        yield {
            "reading": name,
            "on": on,
            "definition": entry["definition"],
            "instead": sorted(switched.readings - active - {name}),
            "set_aside": sorted(active - switched.readings - {name}),
            "changes": differing(now, after),
        }


def _switched(answerer: Answerer, name: str) -> Answerer:
    """Return what answers with one reading the other way round; kept, for the next record."""
    kept = _OTHERS.setdefault(answerer, {})
    if name not in kept:
        active = answerer.view.readings
        with_, without = ((), (name,)) if name in active else ((name,), ())
        kept[name] = Answerer(answerer.view.table.changed(active, with_, without))
    return kept[name]


# -- clocks ---------------------------------------------------------------------------------------


def _clocks(answerer: Answerer, record: Record, now: Answers) -> Iterator[dict[str, Any]]:
    intake = answerer.intake
    for dimension, start, _ in intake.clocks():
        column = intake.dimensions[dimension]["column"]
        given = column in record.facts or dimension in record.facts
        entry: dict[str, Any] = {
            "column": column,
            "given": shown(record.given.get(column), record.facts.get(column)) if given else "",
            "used_by": [key(q.entry) for q in answerer.questions if dimension in q.facts],
            "without": {},
        }
        if given:
            left_out = {column, start, dimension}
            values = {c: v for c, v in record.given.items() if c not in left_out}
            entry["without"] = differing(now, answers(answerer, answerer.read(values, record.row)))
        yield entry


def _timing(answerer: Answerer, now: Answers) -> dict[str, Any]:
    """Return what each scheme says that looks, within its scope, at time alone."""
    view = answerer.view
    clocks = {d for d, _, _ in answerer.intake.clocks()}
    tied = {d for b in view.blocks if clocks & set(b.dimensions) for d in b.dimensions}
    found = {}
    for question in answerer.schemes.values():
        scope = view.closure([question.scope])[1]
        if question.facts & clocks and question.facts - scope <= tied:
            column = key(question.entry)
            found[column] = {
                "answer": now[column],
                "clocks": sorted(
                    answerer.intake.dimensions[d]["column"] for d in question.facts & clocks
                ),
            }
    categories = {key(q.entry): {v for v, _ in q.categories} for q in answerer.schemes.values()}
    said = {e["answer"] for column, e in found.items() if e["answer"] in categories[column]}
    return {"schemes": found, "differ": differ(said)}


# -- one fact at a time ---------------------------------------------------------------------------


def _numbers(answerer: Answerer, record: Record, now: Answers) -> Iterator[dict[str, Any]]:
    """Follow every given number along its line, the other facts as they are."""
    for column in _given(answerer, record, "number"):
        dimension = answerer.intake.columns[column].dimensions[0]
        pieces: list[tuple[Interval, Answers]] = []
        for candidate in candidates(answerer.intake, column, set()):
            assert candidate.interval is not None
            held = _fitting(answerer, record, column, candidate.interval)
            if held is None:
                continue
            decimals = int(answerer.intake.dimensions[dimension]["decimals"])
            number = example(held, record.facts[column].number, decimals)
            after = None if number is None else _after(answerer, record, column, f"{number:f}")
            if after is not None:
                pieces.append((held, after))
        lines = {c: _line(answerer, column, pieces, c) for c in now}
        yield {
            "column": column,
            "given": shown(record.given.get(column), record.facts[column]),
            "lines": {c: line for c, line in lines.items() if len({p["answer"] for p in line}) > 1},
        }


def _fitting(
    answerer: Answerer, record: Record, column: str, interval: Interval
) -> Interval | None:
    """Return the numbers of an interval that the other clocks of a record allow."""
    held = common(interval, whole(answerer.intake, column))
    for inner, outer in clock_ties(answerer.intake):
        other = record.facts.get(outer if inner == column else inner)
        if held is None or column not in (inner, outer) or other is None or other.number is None:
            continue
        bound = Interval(None, False, other.number, True)
        held = common(held, bound if inner == column else Interval(other.number, True, None, False))
    return held


def _line(
    answerer: Answerer, column: str, pieces: list[tuple[Interval, Answers]], answer: str
) -> list[dict[str, Any]]:
    """Join the pieces of a line in which an answer stays the same."""
    joined: list[tuple[Interval, str]] = []
    for interval, after in pieces:
        if joined and joined[-1][1] == after[answer] and joined[-1][0].touches(interval):
            joined[-1] = (joined[-1][0].up_to(interval), after[answer])
        else:
            joined.append((interval, after[answer]))
    ends = whole(answerer.intake, column)
    return [
        {"answer": said, "interval": span.bounds(), "where": span.phrase()}
        for span, said in ((i.without_ends_of(ends), s) for i, s in joined)
    ]


def _values(answerer: Answerer, record: Record, now: Answers) -> Iterator[dict[str, Any]]:
    """Try every other value of every given fact; of a list, each word more or less."""
    for column in _given(answerer, record, "value", "tokens", "named"):
        old = record.given[column]
        others = []
        for text in _texts(answerer, column, old):
            after = _after(answerer, record, column, text)
            others.append(
                {
                    "value": text,
                    "contradicts": after is None,
                    "changes": {} if after is None else differing(now, after),
                }
            )
        yield {"column": column, "given": old, "others": others}


def _texts(answerer: Answerer, column: str, old: str) -> list[str]:
    spec = answerer.intake.columns.get(column)
    if spec is None or spec.kind != "tokens":
        found = candidates(answerer.intake, column, set())
        return [c.text for c in found if c.text.casefold() != old.casefold()]
    known = list(answerer.view.table.data["tokens"][column])
    told = words_of(old)
    texts = []
    for word in known:
        words = [w for w in known if (w.casefold() in told) != (w == word)]
        if words:
            texts.append(";".join(words))
    return texts


def _after(answerer: Answerer, record: Record, column: str, text: str) -> Answers | None:
    """Return the answers with one column saying something else; ``None`` where it cannot."""
    altered = answerer.read(values_after(answerer, record, {column: text}), record.row)
    for problem in altered.problems:
        named = problem.column.split(" + ")
        if column in named and (problem.allowed == CONTRADICTION or problem.column == column):
            return None
    return answers(answerer, altered)


def _given(answerer: Answerer, record: Record, *kinds: str) -> list[str]:
    """List the given facts of some kinds, those that were set aside left out."""
    found = []
    for column in record.facts:
        spec = answerer.intake.columns.get(column)
        if (spec.kind if spec else "named") in kinds:
            found.append(column)
    return found
