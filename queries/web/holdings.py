"""What the pages answer from: the dataset, and RALLO under the readings lately asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import copy
from functools import cached_property, lru_cache
from threading import Lock
from urllib.parse import quote

from starlette.requests import Request

from ontology.files import BASE
from queries.dataset import open_dataset
from queries.engines import Embedded, Term
from queries.knowledge import Knowledge
from reasoner.answers import Answerer

# Each set of readings takes about a megabyte; a page needs two of them at most.
READINGS_KEPT = 8
LABELS = """SELECT ?term (MIN(STR(?text)) AS ?label) WHERE {
  GRAPH ?graph { ?term ?property ?text }
  VALUES ?property {
    <http://www.w3.org/2000/01/rdf-schema#label> <http://purl.org/dc/terms/title>
  }
  FILTER (isIRI(?term))
} GROUP BY ?term ?property ORDER BY ?property"""

CODES = f"""SELECT ?outside ?code WHERE {{
  GRAPH ?graph {{
    ?outside <{BASE}inTerminology> ?terminology ;
             <http://www.w3.org/2004/02/skos/core#notation> ?code
  }}
}} ORDER BY ?code"""

LOOKED_FOR = f"""SELECT DISTINCT ?term WHERE {{
  GRAPH ?graph {{
    {{ ?term <{BASE}noTermFound> ?reason }}
    UNION {{ ?axiom <http://www.w3.org/2002/07/owl#annotatedSource> ?term }}
  }}
}}"""

MODULES = """PREFIX owl: <http://www.w3.org/2002/07/owl#>
SELECT DISTINCT ?module ?version WHERE {
  GRAPH ?graph { ?module a owl:Ontology OPTIONAL { ?module owl:versionIRI ?version } } }"""

# What terms of the web are called that have no label here, where their own name says too little.
CALLED = {
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#type": "is a",
    "http://www.w3.org/2000/01/rdf-schema#subClassOf": "subclass of",
    "http://www.w3.org/2000/01/rdf-schema#subPropertyOf": "subproperty of",
    "http://www.w3.org/2001/XMLSchema#decimal": "decimal number",
    "http://www.w3.org/2001/XMLSchema#integer": "whole number",
    "http://www.w3.org/2001/XMLSchema#boolean": "true or false",
    "http://www.w3.org/2001/XMLSchema#string": "text",
    "http://www.w3.org/2002/07/owl#Ontology": "module",
    "http://www.w3.org/2002/07/owl#equivalentClass": "equivalent to",
    "http://www.w3.org/2004/02/skos/core#altLabel": "also called",
}
REFERENCE = BASE + "reference/"

_opening = Lock()


class Holdings:
    """One dataset and a bounded number of sets of readings, shared by all requests."""

    def __init__(self) -> None:
        """Open the dataset and the tables.

        Raises:
            queries.dataset.StaleDatasetError: the compiled dataset is missing.
            reasoner.table.StaleTableError: the compiled tables belong to other modules.
        """
        self.engine = Embedded(open_dataset(named=True, inferred=False))
        # Opened once: whatever happens to the files, all answers are of one release.
        self._default = Knowledge()
        self._under = lru_cache(maxsize=READINGS_KEPT)(self._switched)

    def knowledge(self, with_: Iterable[str] = (), without: Iterable[str] = ()) -> Knowledge:
        """Return RALLO under the default readings, some switched on and some off.

        Raises:
            reasoner.table.ReadingError: a reading is not known.
        """
        return self._under(tuple(sorted(set(with_))), tuple(sorted(set(without))))

    def _switched(self, with_: tuple[str, ...], without: tuple[str, ...]) -> Knowledge:
        if not with_ and not without:
            return self._default
        switched = copy(self._default)
        switched.view = switched.table.view(with_, without)
        switched.answerer = Answerer(switched.view)
        return switched

    @cached_property
    def labels(self) -> dict[str, str]:
        """Labels of all terms by IRI.

        A module has its title, a reference its number as well, an outside term its code.
        """
        rows = self.engine.select(LABELS).rows
        found = {term.value: label.value for term, label in rows if term and label}
        for iri in found:
            if iri.startswith(REFERENCE):
                found[iri] = f"[{iri.removeprefix(REFERENCE)}] {found[iri]}"
        for iri, code in self.codes.items():
            found[iri] = f"{code} {found.get(iri, '')}".rstrip()
        return found

    @cached_property
    def codes(self) -> dict[str, str]:
        """Codes of all outside terms that are linked to, by IRI."""
        rows = self.engine.select(CODES).rows
        return {outside.value: code.value for outside, code in rows if outside and code}

    @cached_property
    def looked_for(self) -> frozenset[str]:
        """Terms that were looked for in outside terminologies, with success or without."""
        rows = self.engine.select(LOOKED_FOR).rows
        return frozenset(term.value for (term,) in rows if term)

    @cached_property
    def modules(self) -> dict[str, str]:
        """Version of each module by its IRI; modules stand beside individuals, and are none."""
        rows = self.engine.select(MODULES).rows
        return {m.value: version.value if version else "" for m, version in rows if m}

    @cached_property
    def versions(self) -> dict[str, str]:
        """Modules by the IRI of their version."""
        return {version: module for module, version in self.modules.items() if version}

    def label(self, iri: str) -> str:
        """Return what a term is called; the end of its IRI where it has no label."""
        called = self.labels.get(iri) or CALLED.get(iri)
        if called or iri.startswith(BASE):
            return called or iri.removeprefix(BASE)
        name = re.split("[#/]", iri.rstrip("#/"))[-1]
        return re.sub("(?<=[a-z])(?=[A-Z])", " ", name).lower() or iri

    def rows(self, text: str) -> list[dict[str, str]]:
        """Ask the dataset one of the pages' own queries; unbound variables are left out."""
        found = self.engine.select(text)
        return [
            {name: value.value for name, value in zip(found.columns, row, strict=True) if value}
            for row in found.rows
        ]


def holdings(request: Request) -> Holdings:
    """Return what this application holds; it is opened on first use."""
    state = request.app.state
    with _opening:
        if not hasattr(state, "holdings"):
            state.holdings = Holdings()
    held: Holdings = state.holdings
    return held


def address(iri: str) -> str:
    """Return the page of a term of the ontology's own, or its IRI if it is of the web."""
    if iri.startswith(BASE):
        return "/id/" + quote(iri.removeprefix(BASE), safe="/-._~")
    return iri if iri.startswith(("http://", "https://")) else ""


def page_of(term: Term) -> str:
    """Return the page of a term, empty for literals and blank nodes."""
    from pyoxigraph import NamedNode

    return address(term.value) if isinstance(term, NamedNode) else ""
