"""Class expressions: read from OWL, and put into words.

An expression is a small tree.  Only what the ontology uses is understood; anything else is refused,
because an axiom that is silently passed over would change an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from rdflib import Graph
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDFS, XSD
from rdflib.term import BNode, Node, URIRef

from ontology.files import BASE, OntologyError
from ontology.terms import RALLO, local
from reasoner.intervals import Interval


@dataclass(frozen=True)
class Named:
    """A class with a name of its own."""

    name: str


@dataclass(frozen=True)
class HasValue:
    """Relapses whose fact has this value."""

    dimension: str
    value: str


@dataclass(frozen=True)
class HasNumber:
    """Relapses whose fact is a number in this interval."""

    dimension: str
    interval: Interval


@dataclass(frozen=True)
class Not:
    """The complement of an expression."""

    part: Expression


@dataclass(frozen=True)
class And:
    """The intersection of expressions."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Or:
    """The union of expressions."""

    parts: tuple[Expression, ...]


Expression = Named | HasValue | HasNumber | Not | And | Or
Definitions = Mapping[str, Expression]

_FACETS = {
    XSD.minInclusive: ("low", True),
    XSD.minExclusive: ("low", False),
    XSD.maxInclusive: ("high", True),
    XSD.maxExclusive: ("high", False),
}


def read(graph: Graph, node: Node) -> Expression:
    """Read a class expression.

    Raises:
        OntologyError: the expression is of a kind that the ontology does not use.
    """
    if isinstance(node, URIRef):
        return Named(local(node))
    if (part := graph.value(node, OWL.complementOf)) is not None:
        return Not(read(graph, part))
    for kind, make in ((OWL.intersectionOf, And), (OWL.unionOf, Or)):
        if (head := graph.value(node, kind)) is not None:
            return make(tuple(read(graph, item) for item in Collection(graph, head)))
    if (prop := graph.value(node, OWL.onProperty)) is not None:
        return _restriction(graph, node, prop)
    raise OntologyError(f"class expression not understood: {_describe(graph, node)}")


def _restriction(graph: Graph, node: Node, prop: Node) -> Expression:
    if (value := graph.value(node, OWL.hasValue)) is not None:
        return HasValue(local(prop), local(value))
    if graph.value(node, OWL.maxCardinality) is not None:
        return Not(HasNumber(local(prop), Interval()))
    filler = graph.value(node, OWL.someValuesFrom)
    if filler == XSD.decimal:
        return HasNumber(local(prop), Interval())
    if isinstance(filler, BNode) and graph.value(filler, OWL.onDatatype) == XSD.decimal:
        return HasNumber(local(prop), _interval(graph, filler))
    raise OntologyError(f"restriction not understood: {_describe(graph, node)}")


def _interval(graph: Graph, datatype: Node) -> Interval:
    bounds: dict[str, Decimal] = {}
    closed: dict[str, bool] = {}
    facets = graph.value(datatype, OWL.withRestrictions)
    for facet in Collection(graph, facets) if facets is not None else ():
        for kind, literal in graph.predicate_objects(facet):
            if (
                not isinstance(kind, URIRef)
                or kind not in _FACETS
                or getattr(literal, "datatype", None) != XSD.decimal
            ):
                raise OntologyError(f"facet not understood: {kind} {literal}")
            side, is_closed = _FACETS[kind]
            bounds[side], closed[side] = Decimal(str(literal)), is_closed
    return Interval(
        bounds.get("low"), closed.get("low", False), bounds.get("high"), closed.get("high", False)
    )


def _describe(graph: Graph, node: Node) -> str:
    return "; ".join(f"{p} {o}" for p, o in sorted(graph.predicate_objects(node))) or str(node)


def parts_of(expression: Expression) -> Iterator[Named | HasValue | HasNumber]:
    """Yield the leaves of an expression from left to right."""
    match expression:
        case And(parts) | Or(parts):
            for part in parts:
                yield from parts_of(part)
        case Not(part):
            yield from parts_of(part)
        case leaf:
            yield leaf


def words(graph: Graph, expression: Expression, definitions: Definitions) -> str:
    """Put an expression into words, numeric bounds included.

    A class that is one comparison is written as that comparison.  A class that nothing can be in
    unless a reading says so is passed over where it is denied.
    """
    match expression:
        case Named(name):
            inner = definitions.get(name)
            if isinstance(inner, HasNumber):
                return words(graph, inner, definitions)
            return _label(graph, name)
        case HasValue(dimension, value):
            return f"{_label(graph, dimension).removeprefix('has ')}: {_label(graph, value)}"
        case HasNumber(dimension, interval):
            return f"{_label(graph, dimension)} {interval.words()}"
        case Not(part):
            return f"not ({words(graph, part, definitions)})"
        case And(parts):
            told = [p for p in parts if not _goes_without_saying(graph, p)] or list(parts)
            return " and ".join(_bracket(graph, part, Or, definitions) for part in told)
        case Or(parts):
            return " or ".join(_bracket(graph, part, And, definitions) for part in parts)


def _goes_without_saying(graph: Graph, part: Expression) -> bool:
    """Tell whether a part denies a closed class without a clause of its own, or names the event."""
    if part == Named("Relapse"):
        return True
    if not isinstance(part, Not) or not isinstance(part.part, Named):
        return False
    node = URIRef(BASE + part.part.name)
    clauses = graph.subjects(RDFS.subClassOf, node)
    return (node, RALLO.closed, None) in graph and all(
        (c, RALLO.readingOf, None) in graph for c in clauses
    )


def _bracket(graph: Graph, part: Expression, kind: type, definitions: Definitions) -> str:
    text = words(graph, part, definitions)
    return f"({text})" if isinstance(part, kind) else text


def _label(graph: Graph, name: str) -> str:
    label = graph.value(URIRef(BASE + name), RDFS.label)
    return str(label) if label is not None else name
