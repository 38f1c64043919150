"""What a class of relapses means: its definition in words, its clauses, where it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ontology.files import BASE
from queries.site.manchester import Manchester
from queries.web.expressions import COMPARISONS, OWL, Part, Words, asserted
from queries.web.holdings import Holdings, address
from queries.web.listings import passages

SIGN = f"(?:{'|'.join(COMPARISONS.values())}) "
NONE_STANDS = "nothing under the default readings: no clause of it stands"


@dataclass(frozen=True)
class Definition:
    """A class as the pages tell of it: its criterion in words, and its axioms.

    ``bounds`` are the classes beneath it that hold a number, each with its own criterion.
    """

    name: str
    label: str
    definition: str
    words: Words
    frame: str
    source: Words
    reading: str = ""
    is_on: bool = True
    bounds: list[tuple[Part, Words]] = field(default_factory=list)
    clauses: list[Definition] = field(default_factory=list)

    @property
    def iri(self) -> str:
        """The whole name."""
        return BASE + self.name


class Definitions:
    """Gathers what the ontology says of classes."""

    def __init__(self, held: Holdings) -> None:
        """Take the dataset and the tables."""
        self.held, self.manchester = held, Manchester(held)
        self.view = held.knowledge().view
        self.table = self.view.table

    def of(self, name: str, *, clauses: bool = False) -> Definition:
        """Return a class that takes part in classification, with its clauses where asked.

        Raises:
            KeyError: there is no such class.
        """
        term, entry = self.table.terms[name], self.table.classes[name]
        reading = term["reading"] or ""
        return Definition(
            name,
            term["label"],
            term["definition"] or "",
            self.words(name),
            self.manchester.frame(name),
            source(term),
            reading,
            not reading or reading in self.view.readings,
            self._bounds(name),
            # What is printed comes before what a reading adds, and that before what it could add.
            sorted(
                (self.of(c["name"]) for c in entry.get("clauses", ())),
                key=lambda d: (not d.is_on, d.reading, d.name),
            )
            if clauses
            else [],
        )

    def _bounds(self, name: str) -> list[tuple[Part, Words]]:
        order, _ = self.view.closure([name])
        told = [(n, self.words(n)) for n in order if n != name]
        return [
            (link(self.held, BASE + n), words)
            for n, words in told
            if any(re.match(f" ?{SIGN}", part.text) for part in words)
        ]

    def words(self, name: str) -> Words:
        """Say what a class takes, every name a link and every bound in full."""
        told = [
            nodes.words(value)
            for nodes, value in asserted(self.held, BASE + name, OWL + "equivalentClass")
        ]
        if self.manchester.is_closed(name):
            told += [self._clauses(name)]
        return joined(told, "; ")

    def _clauses(self, name: str) -> Words:
        names = [[link(self.held, BASE + clause)] for clause in self.view.clauses(name)]
        return [Part("any of: "), *joined(names, "; ")] if names else [Part(NONE_STANDS)]

    def beneath(self, names: Iterable[str]) -> list[Definition]:
        """Return what some classes rest on, down to the last bound, in the order of the names."""
        names = list(names)
        order, _ = self.view.closure(n for n in names if n in self.table.classes)
        rest = [self.of(n) for n in order if n not in names and n in self.table.terms]
        return sorted(rest, key=lambda d: (d.label.casefold(), d.name))


def joined(parts: Iterable[Words], join: str) -> Words:
    """Put words together with something between them."""
    told: Words = []
    for words in parts:
        told += [Part(join)] if told else []
        told += words
    return told


def link(held: Holdings, iri: str) -> Part:
    """Return a term by its label."""
    return Part(held.label(iri), address(iri))


def source(entry: Mapping[str, Any]) -> Words:
    """Say where a statement comes from: passage or source, citations, and how they stand there."""
    told = passages([entry["locator"]]) if entry["locator"] else [Part(entry["source"] or "")]
    numbers = [[Part(f"[{n}]", address(f"{BASE}reference/{n}"))] for n in entry["citations"]]
    if not numbers:
        return [*told, Part("; no citation printed")] if entry["locator"] else told
    stands = entry["cited_as"]
    plain = stands in (None, "printed", "none")
    return [*told, Part("; cites "), *joined(numbers, ", "), Part("" if plain else f" ({stands})")]
