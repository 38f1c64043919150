"""Reads from the OWL what the compiler needs: facts and their atoms, classes, constraints, blocks.

Nothing here knows a disease.  A fact is a functional property of a relapse; its values, or the
limits that any definition sets on its number, cut it into atoms.  Facts that an axiom outside a
definition ties together form a block; blocks are independent of each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from rdflib import Graph
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS, SKOS
from rdflib.term import BNode, Literal, Node, URIRef

from ontology.files import BASE, OntologyError
from ontology.modules import clauses
from ontology.terms import RALLO, local
from reasoner.expressions import (
    Expression,
    HasNumber,
    HasValue,
    Named,
    Not,
    parts_of,
    read,
)
from reasoner.intervals import Interval

THING = "Relapse"


@dataclass(frozen=True)
class Dimension:
    """A fact of a relapse and the atoms it is cut into.

    ``atoms`` are expressions; for a number that need not exist the first one says that there is
    none.
    """

    name: str
    atoms: tuple[Expression, ...]
    is_number: bool


@dataclass(frozen=True)
class Constraint:
    """An axiom that ties facts together: whatever is in ``condition`` also has ``consequence``."""

    name: str
    consequence: Expression
    reading: str | None


class Structure:
    """The parts of an ontology, read from the graph of all its modules."""

    def __init__(self, graph: Graph) -> None:
        """Keep the graph; everything is read on first use."""
        self.graph = graph

    def node(self, name: str) -> URIRef:
        """Return the IRI of a local name."""
        return URIRef(BASE + name)

    @cached_property
    def reading_names(self) -> dict[Node, str]:
        """Short names of the readings by IRI."""
        return {
            r: str(self.graph.value(r, SKOS.notation))
            for r in self.graph.subjects(RDF.type, RALLO.Reading)
        }

    def reading(self, name: str) -> str | None:
        """Return the reading to which a class belongs."""
        owner = self.graph.value(self.node(name), RALLO.readingOf)
        return None if owner is None else self.reading_names[owner]

    @cached_property
    def definitions(self) -> dict[str, Expression]:
        """Definition of every named class that has one, partitions left out."""
        found: dict[str, Expression] = {}
        for subject, definition in self.graph.subject_objects(OWL.equivalentClass):
            if not isinstance(subject, URIRef) or (definition, OWL.oneOf, None) in self.graph:
                continue
            name = local(subject)
            if name in found:
                raise OntologyError(f"class {name} has two definitions")
            found[name] = read(self.graph, definition)
        return dict(sorted(found.items()))

    @cached_property
    def closed(self) -> dict[str, list[str]]:
        """Closed classes and the clauses asserted beneath them, of all readings."""
        nodes = sorted(self.graph.subjects(RALLO.closed, Literal(True)), key=str)
        both = {local(n) for n in nodes} & set(self.definitions)
        if both:
            raise OntologyError(f"closed by clauses and defined as well: {sorted(both)}")
        return {local(n): [local(c) for c in clauses(self.graph, n)] for n in nodes}

    @cached_property
    def constraints(self) -> list[Constraint]:
        """Axioms that give a defined class a necessary condition."""
        found = []
        for subject, parent in self.graph.subject_objects(RDFS.subClassOf):
            name = local(subject)
            if isinstance(parent, BNode) and name != THING:
                found.append(Constraint(name, read(self.graph, parent), self.reading(name)))
        return sorted(found, key=lambda c: c.name)

    @cached_property
    def dimensions(self) -> dict[str, Dimension]:
        """Facts of a relapse with their atoms, by name."""
        existing = {
            leaf.dimension
            for parent in self.graph.objects(self.node(THING), RDFS.subClassOf)
            if isinstance(leaf := read_or_none(self.graph, parent), HasNumber)
        }
        found = {}
        for prop in self.graph.subjects(RDFS.domain, self.node(THING)):
            name, target = local(prop), self.graph.value(prop, RDFS.range)
            if (prop, RDF.type, OWL.ObjectProperty) in self.graph:
                head = self.graph.value(self.graph.value(target, OWL.equivalentClass), OWL.oneOf)
                if head is None:
                    raise OntologyError(f"the range of {name} is no closed list of values")
                values = [local(v) for v in Collection(self.graph, head)]
                atoms: tuple[Expression, ...] = tuple(HasValue(name, v) for v in values)
                found[name] = Dimension(name, atoms, False)
            else:
                numbers = tuple(HasNumber(name, i) for i in self._intervals(name))
                missing = () if name in existing else (Not(HasNumber(name, Interval())),)
                found[name] = Dimension(name, (*missing, *numbers), True)
        return dict(sorted(found.items()))

    def _intervals(self, name: str) -> list[Interval]:
        """Cut the line of a number at every limit that an axiom sets on it."""
        limits: set[Interval] = set()
        expressions = [*self.definitions.values(), *(c.consequence for c in self.constraints)]
        for expression in expressions:
            for leaf in parts_of(expression):
                if isinstance(leaf, HasNumber) and leaf.dimension == name:
                    limits.add(leaf.interval)
        points = sorted({b for i in limits for b in (i.low, i.high) if b is not None})
        cuts: list[Interval] = []
        low, low_closed = None, False
        for point in points:
            cuts.append(Interval(low, low_closed, point, False))
            cuts.append(Interval(point, True, point, True))
            low, low_closed = point, False
        cuts.append(Interval(low, low_closed, None, False))
        return _merge(cuts, limits)

    def check_references(self) -> None:
        """Refuse classes that something refers to and nobody defines."""
        known = {THING, *self.definitions, *self.closed}
        expressions = [*self.definitions.items()]
        expressions += [(c.name, c.consequence) for c in self.constraints]
        for name, expression in expressions:
            self.leaves(name)
            for leaf in parts_of(expression):
                self._check_leaf(name, leaf)
        for child, parent in self.graph.subject_objects(RDFS.subClassOf):
            if local(child) in known and isinstance(parent, URIRef) and local(parent) not in known:
                raise OntologyError(f"class {local(parent)} has neither a definition nor clauses")
        for link in (RALLO.appliesTo, RALLO.inSituation):
            for node in self.graph.objects(None, link):
                if local(node) not in known:
                    raise OntologyError(f"class {local(node)} has neither a definition nor clauses")

    def _check_leaf(self, name: str, leaf: Expression) -> None:
        if isinstance(leaf, HasValue | HasNumber):
            dimension = self.dimensions.get(leaf.dimension)
            if dimension is None:
                raise OntologyError(f"class {name} speaks of {leaf.dimension}, which is no fact")
            if isinstance(leaf, HasNumber) != dimension.is_number or (
                isinstance(leaf, HasValue) and leaf not in dimension.atoms
            ):
                raise OntologyError(f"class {name} gives {leaf.dimension} a value it cannot have")

    def leaves(self, name: str) -> set[str]:
        """Return the facts that a class reaches by unfolding its definition and clauses."""
        return self._leaves(name, frozenset())

    def _leaves(self, name: str, seen: frozenset[str]) -> set[str]:
        if name == THING:
            return set()
        if name in seen:
            raise OntologyError(f"class {name} is defined by itself")
        seen |= {name}
        if name in self.closed:
            return {d for clause in self.closed[name] for d in self._leaves(clause, seen)}
        if name not in self.definitions:
            raise OntologyError(f"class {name} has neither a definition nor clauses")
        found: set[str] = set()
        for leaf in parts_of(self.definitions[name]):
            found |= self._leaves(leaf.name, seen) if isinstance(leaf, Named) else {leaf.dimension}
        return found

    @cached_property
    def blocks(self) -> list[list[str]]:
        """Facts grouped so that no constraint ties two groups."""
        groups = [{name} for name in self.dimensions]
        for constraint in self.constraints:
            tied = self.leaves(constraint.name) | {
                leaf.dimension
                for leaf in parts_of(constraint.consequence)
                if not isinstance(leaf, Named)
            }
            joined = [g for g in groups if g & tied]
            groups = [g for g in groups if not g & tied] + [set().union(*joined)]
        return sorted(sorted(g) for g in groups)


def _merge(cuts: list[Interval], limits: set[Interval]) -> list[Interval]:
    """Join neighbouring pieces that no limit tells apart.

    A point that a limit names and excludes stays a piece of its own: it is an open boundary.
    """
    merged: list[Interval] = []
    previous: frozenset[Interval] | None = None
    excluded = {i.low for i in limits if not i.low_closed}
    excluded |= {i.high for i in limits if not i.high_closed}
    after_open = False
    for cut in cuts:
        inside = frozenset(limit for limit in limits if limit.covers(cut))
        open_point = cut.low == cut.high and cut.low in excluded and not inside
        if merged and inside == previous and not open_point and not after_open:
            last = merged.pop()
            cut = Interval(last.low, last.low_closed, cut.high, cut.high_closed)
        merged.append(cut)
        previous, after_open = inside, open_point
    return merged


def read_or_none(graph: Graph, node: Node) -> Expression | None:
    """Read an expression, or return ``None`` where it is an existence of a value."""
    filler = graph.value(node, OWL.someValuesFrom)
    if isinstance(filler, URIRef) and filler.startswith(BASE):
        return None
    return read(graph, node)
