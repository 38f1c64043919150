"""The glossary: every term that the ontology defines, once, from A to Z."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from pyoxigraph import NamedNode

from ontology.files import BASE
from queries.dataset import ASSERTED, FACTS
from queries.prefixes import DECLARED
from queries.site.definitions import Definitions, joined, link
from queries.site.pages import Page
from queries.web.expressions import OWL, Part, Words, asserted
from queries.web.holdings import Holdings
from queries.web.listings import passages
from queries.web.terms import source_of, users

PLACE = "glossary.html"
SHOWN = 6
# Terms that the modules define, but for the modules themselves, and drugs and lesions of the facts.
TERMS = f"""SELECT ?term ?graph ?definition WHERE {{
  {{ GRAPH ?graph {{ ?term skos:definition ?definition }}
     FILTER (STRSTARTS(STR(?graph), "{ASSERTED}") && STRSTARTS(STR(?term), "{BASE}"))
     FILTER NOT EXISTS {{ GRAPH ?graph {{ ?term a owl:Ontology }} }} }}
  UNION {{ GRAPH <{FACTS}> {{ ?term a ?kind VALUES ?kind {{ rallo:Agent rallo:Lesion }} }}
    FILTER NOT EXISTS {{ ?term skos:definition ?told }} BIND (<{FACTS}> AS ?graph) }}
}} ORDER BY ?term"""
TOLD = """SELECT ?term ?property ?value WHERE { GRAPH ?graph { ?term ?property ?value }
  VALUES ?property { skos:altLabel skos:notation rallo:listedAs rallo:column rallo:locator
    dcterms:source rallo:drugClass rallo:target rallo:unit skos:scopeNote } }
ORDER BY ?term ?property ?value"""
KINDS = """SELECT DISTINCT ?term ?kind WHERE { GRAPH ?graph { ?term a ?kind }
  FILTER (?kind != owl:NamedIndividual && ?kind != owl:FunctionalProperty) } ORDER BY ?term ?kind"""
LISTED = """SELECT ?short ?term ?definition WHERE { GRAPH ?graph {
  ?term rallo:listedAs ?short ; skos:definition ?definition }
  FILTER (REGEX(?short, "^[A-Z-]{2,6}$")) } ORDER BY ?short"""
# What a term may be called by, and what else is told of it.
NAMES = {
    "http://www.w3.org/2004/02/skos/core#altLabel": "",
    "http://www.w3.org/2004/02/skos/core#notation": "in answers",
    BASE + "listedAs": "in the tables",
    BASE + "column": "input column",
}
MORE = {
    BASE + "drugClass": "class",
    BASE + "target": "target",
    BASE + "unit": "unit",
    "http://www.w3.org/2004/02/skos/core#scopeNote": "note",
}
LOCATOR, SOURCE = BASE + "locator", "http://purl.org/dc/terms/source"
PROPERTIES = {OWL + kind for kind in ("AnnotationProperty", "DatatypeProperty", "ObjectProperty")}
WRITTEN = {BASE + kind for kind in ("Comparison", "InputToken", "Release")}
WORDS = {
    OWL + "Class": "class",
    OWL + "AnnotationProperty": "annotation",
    OWL + "DatatypeProperty": "property with a number or a text",
    OWL + "ObjectProperty": "property between two things",
}


class Glossary:
    """Gathers what is told of every term."""

    def __init__(self, held: Holdings) -> None:
        """Ask the dataset once for all terms."""
        self.held, self.definitions = held, Definitions(held)
        self.told: dict[str, dict[str, list[str]]] = {}
        for row in held.rows(DECLARED + TOLD):
            values = self.told.setdefault(row["term"], {}).setdefault(row["property"], [])
            if row["value"] not in values:
                values.append(row["value"])
        self.kinds: dict[str, list[str]] = {}
        for row in held.rows(DECLARED + KINDS):
            self.kinds.setdefault(row["term"], []).append(row["kind"])

    def entries(self) -> Iterator[dict[str, Any]]:
        """Yield every term, in the order of the alphabet."""
        rows = _once(self.held.rows(DECLARED + TERMS))
        found = [self._entry(row) for row in rows]
        yield from sorted(found, key=lambda e: (e["letter"], e["label"].casefold(), e["iri"]))

    def _entry(self, row: dict[str, str]) -> dict[str, Any]:
        iri = row["term"]
        name, label, told = iri.removeprefix(BASE), self.held.label(iri), self.told.get(iri, {})
        kinds = self.kinds.get(iri, [])
        is_class = OWL + "Class" in kinds
        return {
            "iri": iri,
            "name": name,
            "label": label,
            "letter": _letter(label),
            "part": _part(kinds),
            "kinds": [[Part(WORDS[k])] if k in WORDS else [link(self.held, k)] for k in kinds],
            "definition": row.get("definition", ""),
            "names": [
                (value, how)
                for key, how in NAMES.items()
                for value in told.get(key, ())
                if value != label
            ],
            "more": [(how, v) for key, how in MORE.items() for v in told.get(key, ())],
            "words": self._words(iri) if is_class else [],
            "frame": self.definitions.manchester.frame(name) if is_class else "",
            "between": self._between(iri) if PROPERTIES & {*kinds} else [],
            "used": self._used(iri),
            "facts": self._facts(iri),
            "source": [*passages(told.get(LOCATOR, ())), *map(Part, told.get(SOURCE, ()))],
            "file": source_of(row["graph"]),
        }

    def _words(self, iri: str) -> Words:
        name = iri.removeprefix(BASE)
        return self.definitions.words(name)

    def _between(self, iri: str) -> list[tuple[str, Words]]:
        """Return what a property is said of, and what it leads to."""
        rdfs = "http://www.w3.org/2000/01/rdf-schema#"
        return [
            (how, joined((n.words(v) for n, v in asserted(self.held, iri, rdfs + key)), " and "))
            for key, how in (("domain", "of"), ("range", "leads to"))
            if any(asserted(self.held, iri, rdfs + key))
        ]

    def _used(self, iri: str) -> Words:
        """Return the terms of the modules that speak of a term: a few, and how many more."""
        store, node = self.held.engine.store, NamedNode(iri)
        found = users(self.held, node)
        for quad in store.quads_for_pattern(None, None, node, None):
            graph = quad.graph_name
            told = isinstance(graph, NamedNode) and graph.value.startswith(ASSERTED)
            if told and isinstance(quad.subject, NamedNode):
                found.add(quad.subject.value)
        order = sorted(found - {iri}, key=lambda i: (self.held.label(i).casefold(), i))
        words = joined(([link(self.held, i)] for i in order[:SHOWN]), ", ")
        return [*words, Part(f" and {len(order) - SHOWN} more")] if order[SHOWN:] else words

    def _facts(self, iri: str) -> int:
        """Count the triples that a property makes, or the facts that speak of another term."""
        store, node = self.held.engine.store, NamedNode(iri)
        made = store.quads_for_pattern(None, node, None, None)
        told = store.quads_for_pattern(None, None, node, NamedNode(FACTS))
        return sum(isinstance(q.graph_name, NamedNode) for q in made) + sum(1 for _ in told)


def _once(rows: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """Keep the first row of each term: a term that two modules define is one."""
    return list({row["term"]: row for row in reversed([*rows])}.values())


def _letter(label: str) -> str:
    first = next((c for c in label if c.isalnum()), "")
    return first.upper() if first.isalpha() else "0-9"


def _part(kinds: Iterable[str]) -> str:
    kinds = {*kinds}
    return "properties" if kinds & PROPERTIES else "written" if kinds & WRITTEN else "words"


def chapter(held: Holdings) -> Iterator[Page]:
    """Yield the glossary."""
    entries = list(Glossary(held).entries())
    words = [e for e in entries if e["part"] == "words"]
    yield Page(
        PLACE,
        "Glossary",
        "glossary.html",
        {
            "letters": [(k, list(g)) for k, g in groupby(words, key=lambda e: e["letter"])],
            "properties": [e for e in entries if e["part"] == "properties"],
            "written": [e for e in entries if e["part"] == "written"],
            "short": [
                (row["short"], link(held, row["term"]), row["definition"])
                for row in held.rows(DECLARED + LISTED)
            ],
        },
        {e["iri"]: e["name"] for e in entries},
    )
