"""The catalogue as data: every question executable, in the manner of SPARQL example collections."""

from __future__ import annotations

from rdflib import RDF, RDFS, SH, Graph, Literal, Namespace, URIRef

from ontology.files import BASE
from ontology.terms import RALLO
from queries.catalogue import Question, load_catalogue
from queries.engines import Engine

SCHEMA = Namespace("https://schema.org/")


def describe_questions(engine: Engine) -> Graph:
    """Return every question with its sentence, keywords, SPARQL, and how many rows it gives."""
    graph = Graph()
    for question in load_catalogue().values():
        _describe(graph, question)
        rows = len(engine.select(question.fill()).rows)
        graph.add((question_iri(question), RALLO.expectedRows, Literal(rows)))
    return graph


def question_iri(question: Question) -> URIRef:
    """Name a question."""
    return URIRef(f"{BASE}question/{question.name}")


def _describe(graph: Graph, question: Question) -> None:
    node = question_iri(question)
    graph.add((node, RDF.type, SH.SPARQLExecutable))
    graph.add((node, RDF.type, SH.SPARQLSelectExecutable))
    graph.add((node, RDFS.label, Literal(question.title, lang="en")))
    graph.add((node, RDFS.comment, Literal(question.question, lang="en")))
    graph.add((node, SH.select, Literal(question.fill())))
    graph.add((node, SCHEMA.about, Literal(question.theme.replace("_", " "), lang="en")))
    for word in question.keywords:
        graph.add((node, SCHEMA.keywords, Literal(word, lang="en")))
    for parameter in question.parameters:
        told = f"{parameter.name}={parameter.default}: {parameter.sentence}"
        graph.add((node, SCHEMA.variableMeasured, Literal(told, lang="en")))
