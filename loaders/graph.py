"""THE GRAPH: the ontology's modules, the curated facts and the links to outside terms together."""

from __future__ import annotations

from pathlib import Path

from rdflib import Graph
from rdflib.namespace import RDF
from rdflib.term import Node

from loaders.facts import load_facts
from loaders.mappings import load_mappings
from ontology.files import HOME
from ontology.modules import open_all


def open_graph(home: Path = HOME) -> Graph:
    """Return axioms, advice, facts and links as one graph.

    Raises:
        loaders.facts.FactError: a table breaks a rule; all problems are named.
        ontology.files.OntologyError: a module is not valid.
    """
    graph = open_all(home)
    graph += load_facts(home / "facts", known_terms(graph))
    graph += load_mappings(home / "mappings", graph)
    return graph


def known_terms(modules: Graph) -> set[Node]:
    """Return whatever the modules name, and the facts may therefore speak of."""
    return set(modules.subjects(RDF.type))
