"""The form of a relapse: every input column, its choices and its place, read from the tables.

A column stands under the first scheme or decision, in their order, that takes it. Nothing here
knows what a column means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ontology.files import BASE
from queries.knowledge import Knowledge
from queries.web.asked import IDENTIFIER, Asked
from queries.web.holdings import Holdings
from reasoner.intake import BLANKS, Intake

REST = "Also recorded"
UNITLESS = "1"
PART = Decimal("0.5")
TOKENS = f"""SELECT ?column ?token ?label WHERE {{
  ?input a <{BASE}InputToken> ; <{BASE}column> ?column ;
    <http://www.w3.org/2004/02/skos/core#notation> ?token ;
    <http://www.w3.org/2000/01/rdf-schema#label> ?label }}"""


@dataclass(frozen=True)
class Choice:
    """One value that a column may take: as written, in words, and an example of what."""

    value: str
    label: str
    example: bool = False


@dataclass(frozen=True)
class Field:
    """One input column as a form shows it."""

    name: str
    kind: str
    words: str
    choices: tuple[Choice, ...]
    hint: str
    unit: str
    meanings: tuple[tuple[str, str, str], ...]

    @property
    def label(self) -> str:
        """What stands beside the field."""
        return self.words[:1].upper() + self.words[1:]


@dataclass(frozen=True)
class Section:
    """Columns that belong together, and what takes them."""

    title: str
    fields: tuple[Field, ...]


@lru_cache(maxsize=2)
def sections(held: Holdings) -> tuple[Section, ...]:
    """Return the whole form in its order."""
    knowledge = held.knowledge()
    meanings = {
        row["term"]: row["text"]
        for row in held.rows(
            "SELECT ?term ?text WHERE { ?term <http://www.w3.org/2004/02/skos/core#definition> "
            f"?text ; <{BASE}rank> ?rank }}"
        )
    }
    words = {
        (row["column"], row["token"]): row["label"].rpartition("input: ")[2]
        for row in held.rows(TOKENS)
    }
    placed: dict[str, list[Field]] = {}
    for column, title in _places(knowledge).items():
        field = _field(knowledge.intake, column, meanings, words)
        placed.setdefault(title, []).append(field)
    return tuple(Section(title, tuple(fields)) for title, fields in placed.items())


def fields(held: Holdings) -> dict[str, Field]:
    """Return every field by the name of its column."""
    return {f.name: f for s in sections(held) for f in s.fields}


def _places(knowledge: Knowledge) -> dict[str, str]:
    """Return the title under which each column stands, titles in their order."""
    intake = knowledge.intake
    found: dict[str, str] = {}
    for title, facts in _takers(knowledge):
        for name, spec in intake.columns.items():
            tied = {
                d
                for block in knowledge.view.blocks
                if set(spec.dimensions) & set(block.dimensions)
                for d in block.dimensions
            }
            if tied & facts:
                found.setdefault(name, title)
    for dimension, *ends in intake.clocks():
        column = intake.dimensions[dimension]["column"]
        for end in ends:
            found.setdefault(end, found.get(column, REST))
    titles = list(dict.fromkeys(found.values()))
    for name in intake.columns:
        if name != IDENTIFIER:
            found.setdefault(name, REST)
    titles += [REST]
    ordered = sorted(found, key=lambda c: (titles.index(found[c]), intake.rank[c]))
    return {column: found[column] for column in ordered}


def _takers(knowledge: Knowledge) -> Iterator[tuple[str, set[str]]]:
    """Yield schemes and decisions with the facts they take; schemes of a kind share a title.

    The kind of a scheme is the word of its column that most schemes' columns have.
    """
    answerer = knowledge.answerer
    columns = [str(q.entry["column"] or "") for q in answerer.schemes.values()]
    shared = Counter(word for column in columns for word in column.split("_"))
    for question, column in zip(answerer.schemes.values(), columns, strict=True):
        kind = max(column.split("_"), key=lambda word: shared[word]) if column else ""
        yield (kind.capitalize() or question.entry["label"]), question.facts
    for decision in answerer.decisions.values():
        label = str(decision.entry["action"] or decision.entry["label"])
        yield label[:1].upper() + label[1:], decision.facts


def _field(
    intake: Intake,
    column: str,
    meanings: Mapping[str, str],
    words: Mapping[tuple[str, str], str],
) -> Field:
    spec = intake.columns[column]
    entry = intake.dimensions[spec.dimensions[0]] if spec.dimensions else {}
    label = column.replace("_", " ")
    if spec.kind == "limit":
        label = f"{entry['label']}: detection limit"
    elif spec.kind in ("value", "number"):
        label = entry["label"]
    unit = entry.get("unit") or ""
    return Field(
        column,
        spec.kind,
        label,
        tuple(_choices(intake, column, words)),
        "" if spec.kind in ("value", "tokens") else intake.allowed(column),
        "" if unit == UNITLESS or spec.kind not in ("number", "limit") else unit,
        tuple(
            (intake.dimensions[d]["label"], "/id/" + d, meanings.get(BASE + d, ""))
            for d in spec.dimensions
            if spec.kind != "limit"
        ),
    )


def _choices(intake: Intake, column: str, words: Mapping[tuple[str, str], str]) -> Iterator[Choice]:
    """Yield the values of a column; for a number, one example of each stretch that matters."""
    spec = intake.columns[column]
    if spec.kind == "tokens":
        for token in intake.view.table.data["tokens"][column]:
            yield Choice(token, words.get((column, token), token))
    elif spec.kind == "value":
        (dimension,) = spec.dimensions
        entry = intake.dimensions[dimension]
        for atom in entry["atoms"]:
            if atom.get("notation"):
                yield Choice(atom["notation"], _named(atom))
        for text in entry["out_of_scope"]:
            yield Choice(text, f"{text} (outside the article)")
    elif spec.kind in ("number", "limit"):
        entry = intake.dimensions[spec.dimensions[0]]
        for atom in entry["atoms"]:
            number = example(entry, atom)
            if number is not None:
                yield Choice(number, atom["label"], atom["low"] != atom["high"])


def _named(atom: Mapping[str, Any]) -> str:
    """Name a value by its notation, and by its label where that says more."""
    notation, label = str(atom["notation"]), str(atom["label"])
    words = label.casefold().split()
    if notation.casefold() not in words:
        return f"{notation}: {label}"
    return label if len(words) < 3 else notation


def example(entry: Mapping[str, Any], atom: Mapping[str, Any]) -> str | None:
    """Return a plain number within a stretch of a number line, near the limit it begins at."""
    if atom.get("absent"):
        return None
    minimum, maximum = Decimal(entry["minimum"]), Decimal(entry["maximum"])
    low = None if atom["low"] is None else Decimal(atom["low"])
    high = None if atom["high"] is None else Decimal(atom["high"])
    if low is not None and atom["low_closed"]:
        number = low
    elif high is not None and atom["high_closed"]:
        number = high
    elif low is not None and high is not None:
        number = (low + high) * PART
    elif high is not None:
        number = high - 1 if high - 1 > minimum else high * PART
        if entry["decimals"] == "0":
            number = max(minimum, high - 1)
    elif low is not None:
        number = low + 1 if low + 1 <= maximum else (low + maximum) * PART
    else:
        number = minimum
    return f"{number.normalize():f}"


def with_choice(asked: Asked, field: Field, choice: Choice) -> Asked:
    """Return a relapse to which one choice of a field was put: added where a list is held."""
    held = [w.strip(BLANKS) for w in asked.values.get(field.name, "").split(";")]
    words = [w for w in held if w] if field.kind == "tokens" else []
    return asked.set(field.name, ";".join(dict.fromkeys([*words, choice.value])))
