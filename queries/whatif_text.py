"""The answers of `rallo explain` to what-if questions as lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from queries.text import REASONS, source

SHOWN = 8
LISTED = 12
OPTIONS = 4
STATUS = {
    "certain": "holds",
    "possible": "is possible",
    "excluded": "is excluded",
}
MARKS = {"certain": "[holds]", "possible": "[possible]", "excluded": "[excluded]"}


class Line(NamedTuple):
    """One line of text: how far it is set in, and its style."""

    indent: int
    text: str
    style: str = ""


Lines = Iterator[Line]
Entry = Mapping[str, Any]


def whatif_text(answer: Entry, said: Mapping[str, str]) -> Lines:
    """Write everything that was asked about one relapse; ``said`` puts names into words."""
    name = answer["relapse"].get("patient_id", "")
    yield Line(0, f"Relapse {name}".rstrip(), "bold underline")
    facts = ", ".join(f"{k} {v}" for k, v in answer["relapse"].items() if k != "patient_id")
    yield Line(0, facts or "no fact given", "dim")
    for entry in answer.get("why_not", ()):
        yield from why_not_text(entry)
    for entry in answer.get("make", ()):
        yield from flips_text(entry)
    if "sensitivity" in answer:
        yield from sensitivity_text(answer["sensitivity"])
    if "settle" in answer:
        yield from settle_text(answer["settle"], said)
        yield from stable_text(answer["stable"], said)
    if answer["problems"]:
        yield Line(0, "")
        yield Line(0, "Not used", "bold")
        yield from (Line(2, text) for text in answer["problems"])
    yield Line(0, "")
    yield Line(0, answer["disclaimer"], "dim")


# -- why not --------------------------------------------------------------------------------------


def why_not_text(entry: Entry) -> Lines:
    """Write why a relapse is not in a category, clause by clause."""
    yield Line(0, "")
    yield Line(0, f"Why not {entry['category']}", "bold")
    yield Line(2, f"{entry['question']}: {_answer(entry['answer'], entry['reason'])}.")
    yield Line(2, f"{entry['category']} {STATUS[entry['status']]}.", _style(entry["status"]))
    if entry["out_of_scope"]:
        yield Line(2, f"{_facts(entry['out_of_scope'])}: outside what the article is about.")
        return
    scope = entry["scope"]
    if scope and scope["status"] != "certain":
        yield from _clause({**scope, "clause": f"applies only to: {scope['clause']}"})
    for clause in entry["clauses"]:
        yield from _clause(clause)
    if not entry["clauses"]:
        yield Line(2, "No clause gives it: the text has no rule for it.")
    for ground in entry["in_the_way"]:
        held = _facts(ground["facts"]) or "what the readings assume"
        yield Line(2, f"In the way ({ground['polarity']}): {ground['says']}", "yellow")
        yield Line(6, f"given by {held} ({source(ground)})")
    for off in entry["switched_off"]:
        yield Line(2, f"Not counted: {off['clause']}; it takes reading {off['reading']}.", "dim")
    if entry["settled_by"]:
        yield Line(2, f"Would be settled by: {', '.join(entry['settled_by'])}.", "yellow")


def _clause(clause: Entry) -> Lines:
    status = clause["status"]
    yield Line(2, f"{MARKS[status]} {clause['clause']} ({source(clause)})", _style(status))
    if "says" in clause:
        yield Line(6, clause["says"], "dim")
    if status == "certain":
        return
    if status == "possible":
        for words in clause["open"]:
            yield Line(6, f"open: {words}")
        return
    for failing in clause["failing"]:
        yield Line(6, f"fails: {failing['criterion']}, because {_because(failing)}")


def _because(failing: Entry) -> str:
    read = f"by reading {', '.join(failing['readings'])}" if failing["readings"] else ""
    return ", ".join(filter(None, (_facts(failing["facts"]), read))) or "nothing can meet it"


# -- what would make it so ------------------------------------------------------------------------


def flips_text(entry: Entry) -> Lines:
    """Write the smallest sets of changes that would give a category."""
    yield Line(0, "")
    yield Line(0, f"What would make it {entry['category']}", "bold")
    if entry["already"]:
        yield Line(2, f"It is {entry['category']} as it stands.")
        return
    yield Line(2, f"As it stands: {_answer(entry['answer'], '')}.")
    if not entry["flips"]:
        yield Line(2, "No combination of what the columns can say gives it.", "yellow")
        return
    changed, added = _count(entry["changed"], "change"), _count(entry["added"], "addition")
    fewest = " and ".join(words for words in (changed, added) if words)
    yield Line(2, f"It takes at least {fewest} of facts; each line below is enough, and confirmed:")
    for flip in entry["flips"][:LISTED]:
        together = f" ({'; '.join(flip['together'])})" if flip["together"] else ""
        yield Line(4, "- " + "; ".join(_change(c) for c in flip["changes"]) + together)
    if len(entry["flips"]) > LISTED:
        yield Line(4, f"and {len(entry['flips']) - LISTED} more (--format json)", "dim")
    if entry["bound"]:
        yield Line(4, f"There are more: {entry['bound']}.", "yellow")


def _change(change: Entry) -> str:
    to = " or ".join(change["to"])
    example = f", for example {change['example']}" if change["intervals"] else ""
    if change["kind"] == "addition":
        unread = f" (instead of {change['from']}, which was not used)" if change["from"] else ""
        return f"add {change['column']}: {to}{example}{unread}"
    return f"{change['column']}: from {change['from']} to {to}{example}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number > 1 else ''}" if number else ""


# -- what it hangs on -----------------------------------------------------------------------------


def sensitivity_text(entry: Entry) -> Lines:
    """Write what the answers hang on: readings, clocks, numbers and values."""
    yield Line(0, "")
    yield Line(0, "What the answers hang on", "bold")
    if entry["out_of_scope"]:
        yield Line(2, f"{_facts(entry['out_of_scope'])}: outside what the article is about.")
        return
    yield Line(2, "Readings", "bold")
    quiet = [r["reading"] for r in entry["readings"] if not r["changes"]]
    for reading in entry["readings"]:
        if reading["changes"]:
            with_ = f", {', '.join(reading['instead'])} on instead" if reading["instead"] else ""
            with_ += f", {', '.join(reading['set_aside'])} off" if reading["set_aside"] else ""
            state = "off" if reading["on"] else "on"
            yield Line(4, f"{reading['reading']} {state}{with_}: {_changes(reading['changes'])}")
    yield Line(
        4, f"no answer hangs on {', '.join(quiet)}" if quiet else "all of them matter", "dim"
    )
    yield Line(2, "Clocks", "bold")
    for clock in entry["clocks"]:
        given = clock["given"] or "not given"
        yield Line(
            4, f"{clock['column']} ({given}): used by {', '.join(clock['used_by']) or 'none'}"
        )
        if clock["without"]:
            yield Line(6, f"without it: {_changes(clock['without'])}")
        elif clock["given"]:
            yield Line(6, "without it: every answer stays")
    schemes = entry["timing"]["schemes"]
    words = "; ".join(f"{c} {_answer(e['answer'], '')}" for c, e in schemes.items())
    differ = "the schemes differ" if entry["timing"]["differ"] else "no two settled ones differ"
    yield Line(4, f"timing by each scheme: {words} ({differ})")
    yield Line(2, "Numbers, the other facts as they are", "bold")
    for number in entry["numbers"]:
        yield Line(4, f"{number['column']} {number['given']}")
        for column, pieces in number["lines"].items():
            line = "; ".join(f"{p['where']}: {_answer(p['answer'], '')}" for p in pieces)
            yield Line(6, f"{column}: {line}")
        if not number["lines"]:
            yield Line(6, "every answer stays, whatever the number")
    if not entry["numbers"]:
        yield Line(4, "no number is given", "dim")
    yield Line(2, "Other values, the other facts as they are", "bold")
    yield from _other_values(entry["values"])


def _other_values(values: Iterable[Entry]) -> Lines:
    nothing = True
    for fact in values:
        nothing = False
        yield Line(4, f"{fact['column']} {fact['given']}")
        for other in fact["others"]:
            if other["contradicts"]:
                told = "contradicts another fact"
            else:
                told = _changes(other["changes"]) or "every answer stays"
            yield Line(6, f"if {other['value']}: {told}")
    if nothing:
        yield Line(4, "none is given", "dim")


def _changes(changes: Mapping[str, list[str]]) -> str:
    return "; ".join(
        f"{column} {_answer(before, '')} -> {_answer(after, '')}"
        for column, (before, after) in changes.items()
    )


# -- what would settle it -------------------------------------------------------------------------


def settle_text(entry: Entry, said: Mapping[str, str]) -> Lines:
    """Write what would settle the open answers, and what to ask first."""
    yield Line(0, "")
    yield Line(0, "What would settle the open answers", "bold")
    if entry["note"] == "out-of-scope":
        yield Line(2, "Nothing: the relapse is outside what the article is about.")
        return
    if entry["note"]:
        yield Line(2, f"{entry['note'].capitalize()}.")
    for name, found in entry["open"].items():
        sets = "; or ".join(" + ".join(columns) for columns in found["sets"][:SHOWN])
        yield Line(2, f"{said.get(name, name)}: {_answer(found['answer'], '')}")
        yield Line(6, f"settled, whatever they say, by: {sets}", "yellow")
        if len(found["sets"]) > SHOWN:
            yield Line(6, f"and {len(found['sets']) - SHOWN} more (--format json)", "dim")
        if found["bound"]:
            yield Line(6, f"bound reached: {found['bound']}")
        if found["left_open_by_text"]:
            why = "; ".join(REASONS.get(r, r) for r in found["left_open_by_text"])
            yield Line(6, f"some values leave no plain answer even then: {why}", "dim")
    for name, reason in entry["open_by_text"].items():
        yield Line(2, f"{said.get(name, name)}: no fact settles it: {REASONS.get(reason, reason)}")
    if entry["facts"]:
        yield Line(0, "")
        yield Line(0, "What to ask, the most telling first", "bold")
    for place, fact in enumerate(entry["facts"], 1):
        parts = [f"settles {_named(fact['settles'], said)}"] if fact["settles"] else []
        if fact["may_settle"]:
            parts.append(f"may settle {_may_settle(fact['may_settle'], said)}")
        if not parts:
            parts = [f"alone settles nothing; needed for {_named(fact['needed_by'], said)}"]
            parts = parts if fact["needed_by"] else ["alone settles nothing"]
        yield Line(2, f"{place}. {fact['column']}: {'; '.join(parts)}")
    if entry["assumed"]:
        told = ", ".join(f"{said.get(d, d)} ({r})" for d, r in entry["assumed"].items())
        yield Line(2, f"Taken as known by a reading: {told}.", "dim")


def _named(names: Iterable[str], said: Mapping[str, str]) -> str:
    return ", ".join(said.get(n, n) for n in names)


def _may_settle(found: Mapping[str, Entry], said: Mapping[str, str]) -> str:
    """Join answers that the same values settle."""
    by_values: dict[str, list[str]] = {}
    for name, entry in found.items():
        values = " or ".join(entry["values"])
        values = values or f"in {entry['settling']} of {entry['of']} cases"
        by_values.setdefault(values, []).append(said.get(name, name))
    return "; ".join(
        f"{', '.join(names)} ({values if values.startswith('in ') else 'if ' + values})"
        for values, names in by_values.items()
    )


# -- what holds -----------------------------------------------------------------------------------


def stable_text(entry: Entry, said: Mapping[str, str]) -> Lines:
    """Write what holds in every completion, and what differs by class."""
    yield Line(0, "")
    yield Line(0, "What holds already, whatever the missing facts are", "bold")
    if entry["note"]:
        yield Line(2, "Nothing: the relapse is outside what the article is about.")
        return
    if entry["contradictions"]:
        text = "; ".join(entry["contradictions"])
        yield Line(2, f"These facts exclude each other and were set aside: {text}.", "yellow")
    holds = entry["holds"]
    for column, value in holds["answers"].items():
        also = " and ".join(holds["not_excluded"].get(column, ()))
        yield Line(
            2, f"{column}: {_answer(value, '')}" + (f" ({also} not excluded)" if also else "")
        )
    for name in holds["advice"]:
        yield Line(2, f"advice: {said.get(name, name)}")
    if not holds["answers"] and not holds["advice"]:
        yield Line(2, "No class and no advice is the same in every case.")
    for split in entry["differs"]:
        yield Line(0, "")
        yield Line(0, f"What differs by {split['column']} ({split['label']})", "bold")
        for found in split["classes"]:
            yield from _class(split["column"], found, said)


def _class(column: str, found: Entry, said: Mapping[str, str]) -> Lines:
    verb = "stays open" if found["class"] == "undetermined" else f"is {_answer(found['class'], '')}"
    why = REASONS.get(found["reason"], found["reason"])
    yield Line(2, f"if {column} {verb}" + (f": {why}" if why else ""), "bold")
    for name, value in found["answers"].items():
        yield Line(6, f"{name}: {_answer(value, '')}")
    if found["advice"]:
        yield Line(6, f"advice then holds: {_named(found['advice'], said)}")
    if found["without"]:
        yield Line(6, f"advice then falls away: {_named(found['without'], said)}")
    if found["open"]:
        yield Line(6, f"still open: {_named((o['name'] for o in found['open']), said)}", "dim")


# -- words ----------------------------------------------------------------------------------------


def _answer(value: str, reason: str) -> str:
    """Write an answer as it stands in a column, in words."""
    head, _, listed = value.partition(":")
    options = listed.split("|") if listed else []
    told = " or ".join(options) if len(options) <= OPTIONS else f"{len(options)} are possible"
    between = f", between {' and '.join(options)}" if len(options) > 1 else f", beside {listed}"
    words = {
        "undetermined": f"cannot say yet ({told})" if options else "cannot say",
        "gap": f"in no category{between if options else ''}",
        "overlap": f"{' and '.join(options)} at once",
        "not-applicable": "does not apply",
    }
    why = REASONS.get(reason, reason)
    return words.get(head, value) + (f": {why}" if why and head in words else "")


def _facts(facts: Mapping[str, str]) -> str:
    return ", ".join(f"{column} {value}" for column, value in facts.items())


def _style(status: str) -> str:
    return {"certain": "green", "possible": "yellow", "excluded": "red"}[status]
