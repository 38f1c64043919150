"""Prove that the graph is clean: each query of ``tests/hygiene`` finds nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store
from rdflib import OWL, RDF, Graph, URIRef

from loaders.tables import TABLES, property_of
from ontology.files import BASE
from ontology.modules import open_module
from ontology.terms import RALLO
from queries.catalogue import load_catalogue

ROOT = Path(__file__).parent.parent.parent
QUERIES = sorted((ROOT / "tests" / "hygiene").glob("*.rq"))
MODULES = (
    "advice",
    "certificate",
    "comparison",
    "evidence",
    "explanation",
    "genetics",
    "mappings/terminologies",
    "publication",
    "study",
    "treatment",
    "vocabulary",
)
KINDS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)


def rows(store: Store, path: Path) -> list[str]:
    """Return what a query finds, one line a row."""
    found = store.query(path.read_text(encoding="utf-8"))
    assert isinstance(found, QuerySolutions)
    return [" ".join(str(v) for v in row) for row in found]


@pytest.mark.parametrize("path", QUERIES, ids=lambda p: p.stem)
def test_a_hygiene_query_finds_nothing(store: Store, path: Path) -> None:
    """Nothing in the graph breaks the rule that the query states in its first line."""
    assert path.read_text(encoding="utf-8").startswith("# ")
    assert rows(store, path) == []


def iri(name: str) -> NamedNode:
    """Name a thing of the graph."""
    return NamedNode(BASE + name)


LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
DIFFERENT = "http://www.w3.org/2002/07/owl#differentFrom"
DECIMAL = "http://www.w3.org/2001/XMLSchema#decimal"
DISPUTED = "statement/nelarabine-phase-2-dose"

# For each query one or more triples (subject, property, value) that it must find when they are
# added, or, marked by a minus, taken away. A value is an IRI below the base, or text in quotes.
STAINS = {
    "advice_without_evidence": [("advice/x", TYPE, "Advice")],
    "bound_told_twice": [("quantity/table1-very-early-from-diagnosis", "value", "'17")],
    "citation_mode": [
        ("statement/x", "cites", "reference/1"),
        ("statement/x", "citationMode", '"none'),
    ],
    "content_of_figures": [("figure/4", TYPE, "Algorithm")],
    "dangling_link": [("statement/x", "about", "study/nowhere")],
    "derived_value_unchecked": [("outcome/x", "derivedValue", "'1")],
    "dispute_without_warning": [
        ("source-statement/x", "differsFrom", "statement/bfm-groups-prognostic"),
        ("source-statement/x", "safetyConcern", '"true'),
    ],
    "disputed_dose_in_advice": [(DISPUTED, "supports", "advice/nelarabine-t")],
    "disputed_dose_to_give": [("quantity/nelarabine-phase-2-amount", "doseRole", '"practice')],
    "figure_that_the_article_lacks": [
        ("outcome/x", "metric", '"PFS'),
        ("outcome/x", "value", "'64"),
    ],
    "idle_fact": [("population/x", TYPE, "Population")],
    "later_evidence_in_2012": [
        ("later-evidence/x", TYPE, "LaterEvidence"),
        ("later-evidence/x", "locator", '"P1'),
    ],
    "marrow_cut_off": [("quantity/x", "measures", '"marrow blasts of a relapse')],
    "merged_homonyms": [("-reference/40", DIFFERENT, "reference/64")],
    "name_of_everything": [("statement/bfm-groups-prognostic", LABEL, '"second name')],
    "nested_denominator": [("outcome/epratuzumab-pilot-mrd", "sampleSize", "'15")],
    "one_sided_contradiction": [
        ("statement/bfm-groups-prognostic", "contradicts", "statement/table1-s3-survival")
    ],
    "recommendation_hedged": [("statement/x", "kind", '"recommendation')],
    "term_without_source": [("Undefined", TYPE, "http://www.w3.org/2002/07/owl#Class")],
}


def stain(triple: tuple[str, str, str]) -> tuple[Quad, bool]:
    """Turn a stain into a quad, and tell whether it is added."""
    subject, predicate, value = triple
    node: NamedNode | Literal
    if value.startswith('"'):
        boolean = NamedNode("http://www.w3.org/2001/XMLSchema#boolean")
        node = Literal("true", datatype=boolean) if value == '"true' else Literal(value[1:])
    elif value.startswith("'"):
        node = Literal(value[1:], datatype=NamedNode(DECIMAL))
    else:
        node = NamedNode(value) if value.startswith("http") else iri(value)
    of = NamedNode(predicate) if predicate.startswith("http") else iri(predicate)
    return Quad(iri(subject.removeprefix("-")), of, node), not subject.startswith("-")


@pytest.mark.parametrize("path", QUERIES, ids=lambda p: p.stem)
def test_a_hygiene_query_finds_what_it_is_for(graph: Graph, store: Store, path: Path) -> None:
    """A single stain of the kind that a query is for is found by it."""
    changes = [stain(triple) for triple in STAINS[path.stem]]
    try:
        for quad, added in changes:
            (store.add if added else store.remove)(quad)
        assert rows(store, path)
    finally:
        for quad, added in changes:
            (store.remove if added else store.add)(quad)
    assert rows(store, path) == []


def declared() -> set[URIRef]:
    """Return the own classes and properties of the modules that hold the vocabulary."""
    found: set[URIRef] = set()
    for name in MODULES:
        module = open_module(ROOT / "ontology" / f"{name}.ttl")
        for kind in KINDS:
            own = {t for t in module.subjects(RDF.type, kind) if str(t).startswith(BASE)}
            found |= {t for t in own if isinstance(t, URIRef)}
    return found


def test_python_and_turtle_speak_the_same_vocabulary_both_ways() -> None:
    """Each term of the vocabulary modules is known to Python, and Python knows one more."""
    python = {URIRef(BASE + name) for name in RALLO.__annotations__ if not name.startswith("_")}
    situations = {t for t in declared() if re.search(r"Situation|Relapse|Refractory", str(t))}

    assert declared() - python == situations - python
    assert python - declared() == {RALLO.Relapse}


def test_every_property_of_facts_serves_a_question() -> None:
    """Each property that a column of a table states is asked for by some question."""
    asked = "\n".join(question.text for question in load_catalogue().values())
    columns = {column for table in TABLES.values() for column in table.header} - {"id"}
    names = {str(property_of(c)) for c in columns if str(property_of(c)).startswith(BASE)}
    unasked = {n for n in names if not re.search(rf"rallo:{n.removeprefix(BASE)}\b", asked)}

    assert unasked == set()
