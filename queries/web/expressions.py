"""Class expressions of the OWL in words, every name in them a link, every bound in full."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Store, Triple

from ontology.files import BASE
from queries.dataset import ASSERTED
from queries.engines import Term
from queries.web.holdings import Holdings, page_of

OWL = "http://www.w3.org/2002/07/owl#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
COMPARISONS = {
    XSD + "minInclusive": "≥",
    XSD + "minExclusive": ">",
    XSD + "maxInclusive": "≤",
    XSD + "maxExclusive": "<",
}
COUNTS = {"minCardinality": "at least", "maxCardinality": "at most", "cardinality": "exactly"}
# A property whose number has no unit of its own is annotated with the unit 1.
UNITLESS = ("", "1")


class Part(NamedTuple):
    """A piece of text and where it leads; no address means nowhere."""

    text: str
    address: str = ""


Words = list[Part]


def asserted(held: Holdings, iri: str, predicate: str) -> Iterator[tuple[Expressions, Term]]:
    """Yield what the modules say of a term by one property, each with what writes it in words."""
    store = held.engine.store
    for quad in store.quads_for_pattern(NamedNode(iri), NamedNode(predicate), None, None):
        graph, value = quad.graph_name, quad.object
        told = isinstance(graph, NamedNode) and graph.value.startswith(ASSERTED)
        if told and isinstance(graph, NamedNode) and not isinstance(value, Triple):
            yield Expressions(held, graph), value


class Expressions:
    """Writes what stands in one named graph in words."""

    def __init__(self, held: Holdings, graph: NamedNode) -> None:
        """Take the graph in which the blank nodes of an expression stand."""
        self.held, self.graph = held, graph

    def words(self, term: Term) -> Words:
        """Write a term: a literal as it is, a name as its label, a class expression in words."""
        if isinstance(term, BlankNode):
            return list(self._expression(term))
        if isinstance(term, NamedNode):
            return [Part(self.held.label(term.value), page_of(term))]
        return [Part(term.value)]

    def _expression(self, node: BlankNode, *, nested: bool = False) -> Iterator[Part]:
        found = self.properties(node)
        for key, join in (("intersectionOf", " and "), ("unionOf", " or "), ("oneOf", ", ")):
            if OWL + key in found:
                yield from self._joined(found[OWL + key][0], join, nested=nested)
                return
        if OWL + "complementOf" in found:
            yield Part("not (")
            yield from self.words(found[OWL + "complementOf"][0])
            yield Part(")")
        elif OWL + "onProperty" in found:
            yield from self._restriction(found)
        elif OWL + "withRestrictions" in found:
            yield Part(self._bounds(found[OWL + "withRestrictions"][0]))
        else:
            for predicate, values in found.items():
                yield from self.words(NamedNode(predicate))
                yield Part(" ")
                for value in values:
                    yield from self.words(value)
                yield Part("; ")

    def _joined(self, head: Term, join: str, *, nested: bool) -> Iterator[Part]:
        yield Part("(" if nested else "")
        for number, member in enumerate(self.members(head)):
            yield Part(join if number else "")
            if isinstance(member, BlankNode):
                yield from self._expression(member, nested=True)
            else:
                yield from self.words(member)
        yield Part(")" if nested else "")

    def _restriction(self, found: dict[str, list[Term]]) -> Iterator[Part]:
        (on,) = found[OWL + "onProperty"]
        yield from self.words(on)
        for key, word in COUNTS.items():
            if OWL + key in found:
                yield Part(f" {word} ")
                yield from self.words(found[OWL + key][0])
                return
        for key, word in (("someValuesFrom", "some"), ("allValuesFrom", "only"), ("hasValue", "")):
            if OWL + key in found:
                (filler,) = found[OWL + key]
                limited = isinstance(filler, BlankNode)
                limited = limited and OWL + "withRestrictions" in self.properties(filler)
                yield Part(" " if limited or not word else f" {word} ")
                yield from self.words(filler)
                if limited and (unit := self._unit(on)) not in UNITLESS:
                    yield Part(f" {unit}")
                return

    def _bounds(self, head: Term) -> str:
        """Write the facets of a datatype: every one of them with its number."""
        parts = []
        for facet in self.members(head):
            for predicate, values in self.properties(facet).items():
                sign = COMPARISONS.get(predicate, predicate)
                parts += [f"{sign} {value.value}" for value in values]
        return " and ".join(sorted(parts, reverse=True))

    def _unit(self, on: Term) -> str:
        if isinstance(on, NamedNode):
            for quad in self.store.quads_for_pattern(on, NamedNode(BASE + "unit"), None, None):
                return quad.object.value if isinstance(quad.object, Literal) else ""
        return ""

    @property
    def store(self) -> Store:
        """The store that holds all graphs."""
        return self.held.engine.store

    def properties(self, node: Term) -> dict[str, list[Term]]:
        """Return what this graph says of a node, by property."""
        found: dict[str, list[Term]] = {}
        if not isinstance(node, Literal):
            for quad in self.store.quads_for_pattern(node, None, None, self.graph):
                if not isinstance(quad.object, Triple):
                    found.setdefault(quad.predicate.value, []).append(quad.object)
        return found

    def members(self, head: Term) -> Iterator[Term]:
        """Yield the members of a list."""
        while isinstance(head, BlankNode):
            found = self.properties(head)
            yield from found.get(RDF + "first", ())
            head = next(iter(found.get(RDF + "rest", ())), NamedNode(RDF + "nil"))
