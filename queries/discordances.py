"""Where schemes differ, as triples: one individual for every region of every two schemes.

They follow from the compiled tables under the default readings, so they are part of what is
inferred. They are named ``…/discordance/<scheme>/<other scheme>/<number>``.
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import RDF, RDFS, Graph, Literal, URIRef
from rdflib.term import Node

from ontology.files import BASE
from ontology.terms import RALLO
from reasoner.discordance import Discordance, PairQuestion, pair_questions
from reasoner.table import View

Triple = tuple[Node, Node, Node]


def describe_discordances(view: View) -> Graph:
    """Return every region in which two schemes differ, or cannot be compared, with its reason."""
    graph = Graph()
    for pair in pair_questions(view).values():
        for number, found in enumerate(pair.discordances, 1):
            for triple in _triples(pair, found, number):
                graph.add(triple)
    return graph


def _triples(pair: PairQuestion, found: Discordance, number: int) -> Iterator[Triple]:
    node = URIRef(f"{BASE}discordance/{pair.name}/{number}")
    yield node, RDF.type, RALLO.Discordance
    yield node, RDFS.label, Literal(f"{pair.entry['label']}, region {number}", lang="en")
    yield node, RALLO.relation, Literal(found.relation)
    yield node, RALLO.region, Literal("; ".join(found.boxes), lang="en")
    if found.reason:
        yield node, RALLO.notCompared, Literal(found.reason, lang="en")
    sides = (
        (pair.first, found.first, RALLO.firstScheme, RALLO.firstCategory, RALLO.firstClause),
        (pair.second, found.second, RALLO.secondScheme, RALLO.secondCategory, RALLO.secondClause),
    )
    for scheme, side, in_scheme, in_category, by_clause in sides:
        yield node, in_scheme, URIRef(f"{BASE}scheme/{scheme.name}")
        for name in side.categories:
            yield node, in_category, URIRef(BASE + name)
        for name in side.clauses:
            yield node, by_clause, URIRef(BASE + name)
    for decision in sorted({t.decision for t in found.turns}):
        told = "; ".join(
            f"{t.first} by the first, {t.second} by the second"
            for t in found.turns
            if t.decision == decision
        )
        yield node, RALLO.onAnswer, URIRef(f"{BASE}decision/{decision}")
        yield node, RALLO.answerTurns, Literal(told, lang="en")
