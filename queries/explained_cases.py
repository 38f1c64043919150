"""Explanations of the stored cases as data: an individual for each, with its facts and clauses.

explanation/<case>/<scheme, decision or advice>/<number>
given-fact/<case>/<property>
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rdflib import RDF, RDFS, Graph, Literal, URIRef
from rdflib.term import Node

from ontology.files import BASE
from ontology.terms import RALLO
from queries.knowledge import Knowledge
from queries.sentences import Sentences
from reasoner.conclusions import Conclusion, Explanation
from reasoner.explain import CASES
from reasoner.record import Record

Triple = tuple[URIRef, URIRef, Node]
BRANCHES = {"category": "", "decision": "decision/", "advice": "advice/"}


class ExplainedCase:
    """One stored relapse, and why it is classified and advised on as it is."""

    def __init__(self, case: URIRef, stored: Graph, record: Record, knowledge: Knowledge) -> None:
        """Take a case, the graph that states its facts, and the same facts as they were read."""
        self.case, self.stored, self.record = case, stored, record
        self.name = str(case).rpartition("/")[2]
        self.conclusions = knowledge.explainer.explain(record)
        self.sentences = Sentences(knowledge.intake)

    def triples(self) -> Iterator[Triple]:
        """Yield the classes of the case by clauses, and its explanations."""
        numbers = Counter[str]()
        for conclusion in self.conclusions:
            if conclusion.kind == "category":
                for ground in conclusion.clauses:
                    yield self.case, RDF.type, URIRef(BASE + ground["name"])
            for explanation in conclusion.explanations:
                name = conclusion.entry["name"]
                numbers[name] += 1
                node = URIRef(f"{BASE}explanation/{self.name}/{name}/{numbers[name]}")
                yield from self._explanation(node, conclusion, explanation)

    def _explanation(self, node: URIRef, told: Conclusion, why: Explanation) -> Iterator[Triple]:
        label = f"{told.label}: {told.value} ({self.name}, {node.rpartition('/')[2]})"
        yield node, RDF.type, RALLO.Explanation
        yield node, RDFS.label, Literal(label, lang="en")
        yield node, RALLO.explains, self.case
        yield node, RALLO.concludes, _concluded(told)
        yield node, RALLO.concludedValue, Literal(told.value)
        yield node, RALLO.sentence, Literal(self.sentences.say(told, why), lang="en")
        by = RALLO.byOneOf if why.by == CASES else RALLO.byClause
        for ground in why.clauses:
            yield node, by, URIRef(BASE + ground["name"])
        for place in why.clauses or [told.entry]:
            if place["locator"] or place.get("source"):
                yield node, RALLO.locator, Literal(place["locator"] or place["source"])
            for number in place["citations"]:
                yield node, RALLO.rests, URIRef(f"{BASE}reference/{number}")
        for reading in why.readings:
            yield node, RALLO.usesReading, URIRef(f"{BASE}reading/{reading}")
        for column, value in why.facts.items():
            for fact, triples in self._facts(column, value):
                yield node, RALLO.hasGivenFact, fact
                yield from triples

    def _facts(self, column: str, value: str) -> Iterator[tuple[URIRef, list[Triple]]]:
        """Yield what the case states in a column: a node for each property, and its triples."""
        for dimension, _ in self.record.facts[column].masks:
            stated = self.stored.value(self.case, URIRef(BASE + dimension))
            if stated is not None:
                node = URIRef(f"{BASE}given-fact/{self.name}/{dimension}")
                words = self.sentences.fact(column, value)
                yield (
                    node,
                    [
                        (node, RDF.type, RALLO.GivenFact),
                        (node, RDFS.label, Literal(f"{words} ({self.name})", lang="en")),
                        (node, RALLO.givenOf, self.case),
                        (node, RALLO.givenProperty, URIRef(BASE + dimension)),
                        (node, RALLO.givenValue, stated),
                    ],
                )


def _concluded(told: Conclusion) -> URIRef:
    """Name what is concluded: a class, decision or advice, or a scheme without a category."""
    is_scheme = told.kind == "category" and told.term == told.entry["name"]
    branch = "scheme/" if is_scheme else BRANCHES[told.kind]
    return URIRef(f"{BASE}{branch}{told.term}")
