"""What the dataset holds, counted, in the vocabulary of interlinked datasets (VoID)."""

from __future__ import annotations

from pyoxigraph import QuerySolutions, RdfFormat, Store
from rdflib import DCTERMS, RDF, VOID, BNode, Graph, Literal, URIRef

from ontology.files import BASE, RELEASE

DATASET = URIRef(BASE + "dataset")
LICENCE = URIRef("https://creativecommons.org/licenses/by/4.0/")
COUNTS = {
    VOID.triples: "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }",
    VOID.distinctSubjects: "SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }",
    VOID.properties: "SELECT (COUNT(DISTINCT ?p) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }",
    VOID.classes: "SELECT (COUNT(DISTINCT ?o) AS ?n) WHERE { GRAPH ?g { ?s a ?o } }",
}
CLASSES = """SELECT ?of (COUNT(DISTINCT ?s) AS ?n)
WHERE { GRAPH ?g { ?s a ?of } } GROUP BY ?of ORDER BY ?of"""
PROPERTIES = """SELECT ?of (COUNT(*) AS ?n)
WHERE { GRAPH ?g { ?s ?of ?o } } GROUP BY ?of ORDER BY ?of"""
GRAPHS = "SELECT ?of (COUNT(*) AS ?n) WHERE { GRAPH ?of { ?s ?p ?o } } GROUP BY ?of ORDER BY ?of"


def describe_dataset(quads: str) -> Graph:
    """Count the triples, classes and properties of N-Quads, as a whole and part by part."""
    store = Store()
    store.bulk_load(quads.encode("utf-8"), RdfFormat.N_QUADS)
    graph = Graph()
    graph.add((DATASET, RDF.type, VOID.Dataset))
    graph.add((DATASET, DCTERMS.title, Literal("RALLO", lang="en")))
    graph.add((DATASET, DCTERMS.license, LICENCE))
    graph.add((DATASET, DCTERMS.hasVersion, Literal(RELEASE)))
    graph.add((DATASET, VOID.uriSpace, Literal(BASE)))
    for term, query in COUNTS.items():
        for row in _rows(store, query):
            graph.add((DATASET, term, Literal(int(row["n"].value))))
    for row in _rows(store, GRAPHS):
        part = URIRef(row["of"].value)
        graph.add((DATASET, VOID.subset, part))
        graph.add((part, RDF.type, VOID.Dataset))
        graph.add((part, VOID.triples, Literal(int(row["n"].value))))
    _partition(graph, store, CLASSES, VOID.classPartition, VOID["class"], VOID.entities)
    _partition(graph, store, PROPERTIES, VOID.propertyPartition, VOID.property, VOID.triples)
    return graph


def _rows(store: Store, query: str) -> QuerySolutions:
    found = store.query(query)
    assert isinstance(found, QuerySolutions)
    return found


def _partition(
    graph: Graph, store: Store, query: str, part: URIRef, of: URIRef, count: URIRef
) -> None:
    for row in _rows(store, query):
        if hasattr(row["of"], "value") and row["of"].value.startswith("http"):
            node = BNode()
            graph.add((DATASET, part, node))
            graph.add((node, of, URIRef(row["of"].value)))
            graph.add((node, count, Literal(int(row["n"].value))))
