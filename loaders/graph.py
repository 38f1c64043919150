"""THE GRAPH: modules, curated facts, links to outside terms and the certificate together."""

from __future__ import annotations

from pathlib import Path

from rdflib import Graph
from rdflib.namespace import RDF
from rdflib.term import Node

from loaders.certificate import load_certificate
from loaders.facts import load_facts
from loaders.mappings import load_mappings
from ontology.files import HOME
from ontology.modules import open_all


def open_graph(home: Path = HOME) -> Graph:
    """Return axioms, advice, facts, links and the certificate as one graph.

    Raises:
        loaders.facts.FactError: a table breaks a rule; all problems are named.
        ontology.files.OntologyError: a module or the certificate is not valid.
    """
    graph = open_all(home)
    certificate = load_certificate(graph, home)
    graph += load_facts(home / "facts", known_terms(graph))
    graph += load_mappings(home / "mappings", graph)
    graph += certificate
    return graph


def known_terms(modules: Graph) -> set[Node]:
    """Return whatever the modules name, and the facts may therefore speak of."""
    return set(modules.subjects(RDF.type))
