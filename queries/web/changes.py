"""What changes in an answer when one fact changes, and what would settle what is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from queries.knowledge import Knowledge
from queries.text import REASONS, category_words
from queries.web.asked import Asked
from queries.web.form import Choice, Field, with_choice

Answer = Mapping[str, Any]
NOT_ADVISED = "not advised"
WORDS = {"undetermined": "cannot say", "not-applicable": "does not apply"}


@dataclass(frozen=True)
class Difference:
    """One class or piece of advice before and after."""

    on: str
    before: str
    after: str


@dataclass(frozen=True)
class Trial:
    """One value tried for a fact: where it leads, and what it changes."""

    choice: Choice
    address: str
    is_given: bool
    differences: list[Difference]
    problems: list[str]


@dataclass(frozen=True)
class Ask:
    """A fact that would settle something: what, and the addresses that state it."""

    field: Field
    settles: list[str]
    choices: list[tuple[Choice, str]]


def advice_words(item: Answer) -> str:
    """Say in words what is answered on an action."""
    answer = WORDS.get(item["answer"], item["answer"])
    reason = REASONS.get(item["reason"], item["reason"])
    return f"{answer} ({reason})" if reason else str(answer)


def differences(before: Answer, after: Answer) -> list[Difference]:
    """List what two answers say differently, classes first."""
    pairs = [_said(before), _said(after)]
    names = dict.fromkeys([*pairs[0], *pairs[1]])
    found = []
    for name in names:
        label = (pairs[0].get(name) or pairs[1][name])[0]
        was, now = (side[name][1] if name in side else NOT_ADVISED for side in pairs)
        if was != now:
            found.append(Difference(label, was, now))
    return found


def _said(answer: Answer) -> dict[str, tuple[str, str]]:
    classes = {
        f"class {name}": (entry["label"], category_words(entry))
        for name, entry in answer["classification"].items()
    }
    return classes | {
        f"advice {item['name']}": (item["action"], advice_words(item)) for item in answer["advice"]
    }


def trials(knowledge: Knowledge, asked: Asked, field: Field, present: Answer) -> list[Trial]:
    """Try every value of a fact, unknown included, and the one that was written down."""
    options: list[Choice] = []
    if asked.to:
        options.append(Choice(asked.to, asked.to))
    options += field.choices
    found = []
    for choice in [Choice("", "unknown"), *options]:
        changed = with_choice(asked, field, choice) if choice.value else asked.set(field.name, "")
        answer = knowledge.recommend(changed.values, as_of=asked.date)
        found.append(
            Trial(
                choice,
                changed.address,
                changed.values == asked.values,
                differences(present, answer),
                [p for p in answer["problems"] if p not in present["problems"]],
            )
        )
    return found


def asks(fields: Mapping[str, Field], asked: Asked, answer: Answer) -> list[Ask]:
    """List the facts that would settle something, those that settle most first."""
    settles: dict[str, list[str]] = {}
    for label, columns in _open(answer):
        for column in columns:
            settles.setdefault(column, []).append(label)
    order = list(fields)
    ranked = sorted(settles, key=lambda c: (-len(settles[c]), order.index(c)))
    return [
        Ask(
            fields[column],
            settles[column],
            [(c, with_choice(asked, fields[column], c).address) for c in fields[column].choices],
        )
        for column in ranked
    ]


def _open(answer: Answer) -> Iterator[tuple[str, list[str]]]:
    for entry in answer["classification"].values():
        yield entry["label"], entry["settled_by"]
    for item in answer["advice"]:
        yield item["action"], item["settled_by"]
