"""Individuals of the dataset as records: every property of each, and its measures in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from ontology.files import BASE
from queries.web.expressions import Part, Words
from queries.web.holdings import Holdings, address
from queries.web.listings import passages

MEMBERS = """SELECT ?one ?property ?value WHERE {{
  ?one a <{iri}> ; ?property ?value FILTER (isIRI(?one)) }} ORDER BY ?one ?property ?value"""
SKOS = "http://www.w3.org/2004/02/skos/core#"
# Properties whose values are called otherwise than the end of their IRI.
CALLED = {SKOS + "editorialNote": "note", SKOS + "definition": "text", SKOS + "altLabel": "synonym"}
# Operators of printed numbers; others are written as they are.
SIGNS = {"=": "", "range": "", "~": "about ", "<=": "≤ ", ">=": "≥ "}
UNITLESS = "1"
DASH = "\N{EN DASH}"


@dataclass(frozen=True)
class Record:
    """One individual: its IRI, its label, and the values of its properties by their names."""

    iri: str
    label: str
    values: dict[str, list[str]]

    @property
    def name(self) -> str:
        """The end of its IRI."""
        return self.iri.rpartition("/")[2]

    @property
    def anchor(self) -> str:
        """What its place on a page is called."""
        return self.iri.removeprefix(BASE).replace("/", "-")

    def one(self, name: str) -> str:
        """Return the value of a property; empty where there is none."""
        return next(iter(self.values.get(name, ())), "")

    def all(self, name: str) -> list[str]:
        """Return the values of a property, short ones first, so that numbers are in order."""
        return sorted(self.values.get(name, ()), key=lambda value: (len(value), value))


class Archive:
    """The records of one dataset, and what they say of each other."""

    def __init__(self, held: Holdings) -> None:
        """Read nothing yet; each class is read when it is asked for."""
        self.held = held
        self._kinds: dict[str, dict[str, Record]] = {}

    def of(self, kind: str) -> dict[str, Record]:
        """Return all individuals of a class of the ontology's own, by IRI."""
        if kind not in self._kinds:
            found: dict[str, Record] = {}
            for row in self.held.rows(MEMBERS.format(iri=BASE + kind)):
                iri, named = row["one"], row["property"]
                record = found.setdefault(iri, Record(iri, self.held.label(iri), {}))
                name = CALLED.get(named) or named.replace("#", "/").rpartition("/")[2]
                record.values.setdefault(name, []).append(row["value"])
            self._kinds[kind] = found
        return self._kinds[kind]

    def listed(self, kind: str) -> list[Record]:
        """Return all individuals of a class by label."""
        return sorted(self.of(kind).values(), key=lambda r: (r.label.casefold(), r.iri))

    def pointing(self, kind: str, name: str) -> dict[str, list[Record]]:
        """Return the individuals of a class by the IRIs to which one of their properties leads."""
        found: dict[str, list[Record]] = {}
        for record in self.of(kind).values():
            for iri in record.all(name):
                found.setdefault(iri, []).append(record)
        return found

    def links(self, iris: Iterable[str]) -> Words:
        """Write terms by their labels, each leading to its place."""
        return _joined(Part(self.held.label(iri), address(iri)) for iri in iris)

    def passages(self, record: Record) -> Words:
        """Write where a record stands."""
        return passages(record.all("locator"))

    def cited(self, record: Record, name: str = "cites") -> Words:
        """Write the numbers of the references that a record names."""
        return _joined(
            Part(f"[{iri.rpartition('/')[2]}]", address(iri)) for iri in record.all(name)
        )

    def measure(self, record: Record) -> str:
        """Write a printed number with its operator and unit; what stands for it where none is."""
        value = record.one("printed") or record.one("value")
        if not value:
            return record.one("direction")
        high = record.one("valueHigh")
        operator = record.one("operator")
        number = SIGNS.get(operator, f"{operator} ") + (f"{value}{DASH}{high}" if high else value)
        return number + self._unit(record, plural=value != "1" or bool(high))

    def _unit(self, record: Record, *, plural: bool) -> str:
        code = record.one("valueUnit")
        label = self.named("valueUnit", code)
        # What is measured may name the unit itself, as the calendar year of an event.
        if code in ("", UNITLESS) or label in record.one("measures").split():
            return ""
        if not code.isalnum():  # such as the sign of percent, or so much per so much
            return code if code == "%" else f" {label if label.startswith('per ') else code}"
        return f" {label}{'s' if plural else ''}" if code.islower() else f" {code}"

    def named(self, property: str, word: str) -> str:
        """Return in full what a word of a closed list stands for."""
        return self._listed.get((BASE + property, word), word.replace("-", " "))

    @cached_property
    def _listed(self) -> dict[tuple[str, str], str]:
        return {
            (property, word): value.label
            for value in self.of("ListedValue").values()
            for property in value.all("listedBy")
            for word in value.all("listedAs")
        }


def places(records: Iterable[Record]) -> dict[str, str]:
    """Return the terms of a page: each record by IRI, with its anchor."""
    return {record.iri: record.anchor for record in records}


def _joined(parts: Iterable[Part]) -> Words:
    return list(_with_commas(parts))


def _with_commas(parts: Iterable[Part]) -> Iterator[Part]:
    for number, part in enumerate(parts):
        if number:
            yield Part(", ")
        yield part
