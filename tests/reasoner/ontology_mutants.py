"""Enumerate the mutants of the ontology: each axiom that takes part in a class, changed in one way.

A mutant is a few triples taken away and a few added. Its name tells the axiom and the change, and
its kind the way: a threshold moved, a clause or a part dropped, a partition opened, a value
exchanged. Written on the graph alone; nothing of the reasoner is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from rdflib import Graph
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.term import BNode, Literal, Node, URIRef

BASE = "https://w3id.org/rallo/"
RELAPSE = URIRef(BASE + "Relapse")
CLOSED, READING_OF = URIRef(BASE + "closed"), URIRef(BASE + "readingOf")
IN_SCHEME, APPLIES_TO = URIRef(BASE + "inScheme"), URIRef(BASE + "appliesTo")
IN_SITUATION, POLARITY = URIRef(BASE + "inSituation"), URIRef(BASE + "polarity")

Triple = tuple[Node, Node, Node]

SIGNS = {
    XSD.maxExclusive: "<",
    XSD.maxInclusive: "<=",
    XSD.minExclusive: ">",
    XSD.minInclusive: ">=",
}
FLIPPED = {
    XSD.maxExclusive: XSD.maxInclusive,
    XSD.maxInclusive: XSD.maxExclusive,
    XSD.minExclusive: XSD.minInclusive,
    XSD.minInclusive: XSD.minExclusive,
}

# Kinds, in the order of the report.
MOVED = "threshold moved"
STRICT = "operator flipped"
CLAUSE = "clause dropped"
PART = "part of a definition dropped"
DEFINITION = "definition dropped"
TIE = "tie between facts dropped"
NEGATION = "negation dropped"
VALUE = "value exchanged"
LINK = "link to scheme, scope, reading or advice dropped"
DISJOINT = "disjointness dropped"
COVERING = "covering dropped"
FUNCTIONAL = "functional dropped"
EXISTENCE = "existence dropped"
RANGE = "domain or range dropped"
MEMBER = "type of a value dropped"
OPENED = "closure dropped"
STATED = (MOVED, STRICT, CLAUSE, PART, DEFINITION, TIE, NEGATION, VALUE, LINK, OPENED)
STRUCTURAL = (DISJOINT, COVERING, FUNCTIONAL, EXISTENCE, RANGE, MEMBER)


@dataclass(frozen=True)
class Mutant:
    """One change of one axiom: its kind, its name, and the triples it takes away and adds.

    ``subject`` is the local name of the class or property that the axiom is about.
    """

    kind: str
    name: str
    subject: str
    removed: tuple[Triple, ...]
    added: tuple[Triple, ...] = ()


@contextmanager
def applied(graph: Graph, mutant: Mutant) -> Iterator[Graph]:
    """Change a graph in place, and change it back."""
    assert all(t in graph for t in mutant.removed), mutant.name
    assert not any(t in graph for t in mutant.added), mutant.name
    for triple in mutant.removed:
        graph.remove(triple)
    for triple in mutant.added:
        graph.add(triple)
    try:
        yield graph
    finally:
        for triple in mutant.added:
            graph.remove(triple)
        for triple in mutant.removed:
            graph.add(triple)


def touched(graph: Graph, mutant: Mutant) -> set[Node]:
    """Return the named classes and individuals whose axioms a mutant changes."""
    found: set[Node] = set()
    for subject, link, target in mutant.removed:
        found.add(URIRef(BASE + owner(graph, subject)) if isinstance(subject, BNode) else subject)
        found |= {target} if link == RDFS.subClassOf and isinstance(target, URIRef) else set()
    return found


def local(node: Node | None) -> str:
    """Return a name without the base of the ontology."""
    return str(node).removeprefix(BASE)


def mutants(graph: Graph) -> list[Mutant]:
    """Return every mutant of the graph of all modules, sorted by kind and name."""
    found = [
        *_thresholds(graph),
        *_clauses(graph),
        *_definitions(graph),
        *_values(graph),
        *_links(graph),
        *_partitions(graph),
        *_disjoint_classes(graph),
    ]
    order = (*STATED, *STRUCTURAL)
    return sorted(found, key=lambda m: (order.index(m.kind), m.name))


def owner(graph: Graph, node: Node) -> str:
    """Return the named class or property in whose axiom a blank node stands."""
    while isinstance(node, BNode):
        node = next(s for s, _, _ in graph.triples((None, None, node)))
    return local(node)


def told(graph: Graph, node: Node) -> str:
    """Write a class expression in a line."""
    if not isinstance(node, BNode):
        return local(node)
    if (part := graph.value(node, OWL.complementOf)) is not None:
        return f"not {told(graph, part)}"
    for kind, word in ((OWL.intersectionOf, " and "), (OWL.unionOf, " or ")):
        if (head := graph.value(node, kind)) is not None:
            return f"({word.join(told(graph, n) for n in Collection(graph, head))})"
    prop = local(graph.value(node, OWL.onProperty))
    if (value := graph.value(node, OWL.hasValue)) is not None:
        return f"{prop} {local(value)}"
    if graph.value(node, OWL.maxCardinality) is not None:
        return f"no {prop}"
    filler = graph.value(node, OWL.someValuesFrom)
    facets = graph.value(filler, OWL.withRestrictions) if isinstance(filler, BNode) else None
    if facets is None:
        return f"some {prop}"
    limits = [
        f"{SIGNS[URIRef(str(k))]} {v}"
        for facet in Collection(graph, facets)
        for k, v in graph.predicate_objects(facet)
    ]
    return f"{prop} {' and '.join(limits)}"


def _thresholds(graph: Graph) -> Iterator[Mutant]:
    """Move every limit up and down, and make its operator strict or not strict."""
    for kind, sign in SIGNS.items():
        for facet, limit in graph.subject_objects(kind):
            name, number = owner(graph, facet), Decimal(str(limit))
            old = (facet, kind, limit)
            up, down = (number * 2, number / 2) if number < 1 else (number + 1, number - 1)
            for moved in (up, down):
                text = format(moved, "f")
                new = (facet, kind, Literal(text, datatype=XSD.decimal))
                yield Mutant(
                    MOVED, f"{name}: {sign} {limit} -> {sign} {text}", name, (old,), (new,)
                )
            flipped = FLIPPED[kind]
            yield Mutant(
                STRICT,
                f"{name}: {sign} {limit} -> {SIGNS[flipped]} {limit}",
                name,
                (old,),
                ((facet, flipped, limit),),
            )


def _clauses(graph: Graph) -> Iterator[Mutant]:
    """Drop each clause of each closed class, each closure, and each tie between facts."""
    for closed in graph.subjects(CLOSED, Literal(True)):
        yield Mutant(OPENED, local(closed), local(closed), ((closed, CLOSED, Literal(True)),))
        for clause in graph.subjects(RDFS.subClassOf, closed):
            name = f"{local(closed)}: {local(clause)}"
            yield Mutant(CLAUSE, name, local(clause), ((clause, RDFS.subClassOf, closed),))
    for child, parent in graph.subject_objects(RDFS.subClassOf):
        if isinstance(parent, BNode) and child != RELAPSE:
            name = f"{local(child)}: {told(graph, parent)}"
            yield Mutant(TIE, name, local(child), ((child, RDFS.subClassOf, parent),))


def _defined(graph: Graph) -> list[tuple[URIRef, Node]]:
    """Return the defined classes with their definitions, lists of values left out."""
    return [
        (s, d)
        for s, d in graph.subject_objects(OWL.equivalentClass)
        if isinstance(s, URIRef) and (d, OWL.oneOf, None) not in graph
    ]


def _definitions(graph: Graph) -> Iterator[Mutant]:
    """Drop each definition, each part of an intersection or union in it, and each negation."""
    for subject, definition in _defined(graph):
        name = local(subject)
        line = f"{name}: {told(graph, definition)}"
        yield Mutant(DEFINITION, line, name, ((subject, OWL.equivalentClass, definition),))
        for node in _beneath(graph, definition):
            for kind in (OWL.intersectionOf, OWL.unionOf):
                head = graph.value(node, kind)
                for cell in _cells(graph, head) if head is not None else ():
                    yield _without(graph, PART, name, cell)
            part = graph.value(node, OWL.complementOf)
            if part is not None:
                old = (node, OWL.complementOf, part)
                both = _list_of(part)
                line = f"{name}: {told(graph, node)} in {told(graph, definition)}"
                yield Mutant(
                    NEGATION, line, name, (old,), ((node, OWL.intersectionOf, both[0][0]), *both)
                )


def _beneath(graph: Graph, node: Node) -> Iterator[Node]:
    """Yield the blank nodes of a class expression, the outermost first."""
    if not isinstance(node, BNode):
        return
    yield node
    for kind in (OWL.intersectionOf, OWL.unionOf):
        if (head := graph.value(node, kind)) is not None:
            for item in Collection(graph, head):
                yield from _beneath(graph, item)
    if (part := graph.value(node, OWL.complementOf)) is not None:
        yield from _beneath(graph, part)


def _cells(graph: Graph, head: Node) -> Iterator[Node]:
    """Yield the cells of a list."""
    while head != RDF.nil:
        yield head
        head = _value(graph, head, RDF.rest)


def _value(graph: Graph, node: Node, prop: URIRef) -> Node:
    found = graph.value(node, prop)
    assert found is not None, (node, prop)
    return found


def _without(graph: Graph, kind: str, name: str, cell: Node) -> Mutant:
    """Take one cell out of a list: what pointed to it points to the rest."""
    rest, item = _value(graph, cell, RDF.rest), _value(graph, cell, RDF.first)
    ((before, link, _),) = graph.triples((None, None, cell))
    holder = before
    while (above := graph.value(None, RDF.rest, holder)) is not None:
        holder = above
    if link == RDF.rest:
        holder = next(s for s, _, _ in graph.triples((None, None, holder)))
    return Mutant(
        kind,
        f"{name}: {told(graph, item)} in {_list_told(graph, holder)}",
        name,
        ((before, link, cell), (cell, RDF.rest, rest), (cell, RDF.first, item)),
        ((before, link, rest),),
    )


def _list_told(graph: Graph, holder: Node) -> str:
    for kind in (OWL.oneOf, OWL.distinctMembers, OWL.members):
        if (head := graph.value(holder, kind)) is not None:
            return "(" + " ".join(local(n) for n in Collection(graph, head)) + ")"
    return told(graph, holder)


def _list_of(item: Node) -> tuple[Triple, ...]:
    cell = BNode()
    return ((cell, RDF.first, item), (cell, RDF.rest, RDF.nil))


def _values(graph: Graph) -> Iterator[Mutant]:
    """Exchange each value that a definition or tie asks for with each other value of its fact."""
    for node, value in graph.subject_objects(OWL.hasValue):
        prop = graph.value(node, OWL.onProperty)
        assert prop is not None
        kind = _value(graph, prop, RDFS.range)
        values = Collection(
            graph, _value(graph, _value(graph, kind, OWL.equivalentClass), OWL.oneOf)
        )
        name = owner(graph, node)
        for other in values:
            if other != value:
                yield Mutant(
                    VALUE,
                    f"{name}: {told(graph, node)} -> {local(other)} ({_place(graph, node)})",
                    name,
                    ((node, OWL.hasValue, value),),
                    ((node, OWL.hasValue, other),),
                )


def _place(graph: Graph, node: Node) -> str:
    """Tell where in the axiom of its owner an expression stands."""
    path = []
    while isinstance(node, BNode):
        node, link, _ = next(iter(graph.triples((None, None, node))))
        path.append(local(link).rpartition("#")[2])
    return "/".join(reversed(path))


def _links(graph: Graph) -> Iterator[Mutant]:
    """Drop what ties a class to its scheme, a scheme to its scope, a class to its reading."""
    for link in (IN_SCHEME, APPLIES_TO, READING_OF, IN_SITUATION):
        for subject, target in graph.subject_objects(link):
            name = f"{local(subject)}: {local(link)} {local(target)}"
            if link != READING_OF or (subject, RDF.type, OWL.Class) in graph:
                yield Mutant(LINK, name, local(subject), ((subject, link, target),))


def facts_of(graph: Graph) -> list[URIRef]:
    """Return the facts of a relapse, sorted."""
    return sorted(p for p in graph.subjects(RDFS.domain, RELAPSE) if isinstance(p, URIRef))


def _partitions(graph: Graph) -> Iterator[Mutant]:
    """Drop everything that makes a fact one value of a closed list, or one number."""
    for prop in facts_of(graph):
        name, target = local(prop), _value(graph, prop, RDFS.range)
        functional = (prop, RDF.type, OWL.FunctionalProperty)
        yield Mutant(FUNCTIONAL, name, name, (functional,))
        yield Mutant(RANGE, f"{name}: domain", name, ((prop, RDFS.domain, RELAPSE),))
        yield Mutant(RANGE, f"{name}: range", name, ((prop, RDFS.range, target),))
        for parent in graph.objects(RELAPSE, RDFS.subClassOf):
            if (parent, OWL.onProperty, prop) in graph:
                yield Mutant(EXISTENCE, name, name, ((RELAPSE, RDFS.subClassOf, parent),))
        if (prop, RDF.type, OWL.ObjectProperty) in graph:
            yield from _closed_list(graph, name, target)


def _closed_list(graph: Graph, name: str, kind: Node) -> Iterator[Mutant]:
    definition = _value(graph, kind, OWL.equivalentClass)
    covering = (kind, OWL.equivalentClass, definition)
    yield Mutant(COVERING, f"{name}: values of {local(kind)}", name, (covering,))
    head = _value(graph, definition, OWL.oneOf)
    values = list(Collection(graph, head))
    for cell in _cells(graph, head):
        yield _without(graph, COVERING, name, cell)
    for value in values:
        of = (value, RDF.type, kind)
        yield Mutant(MEMBER, f"{name}: {local(value)}", name, (of,))
    for apart, members in graph.subject_objects(OWL.distinctMembers):
        if set(Collection(graph, members)) == set(values):
            yield from _apart(graph, name, apart, members, OWL.AllDifferent, OWL.distinctMembers)


def _disjoint_classes(graph: Graph) -> Iterator[Mutant]:
    for apart, members in graph.subject_objects(OWL.members):
        yield from _apart(
            graph, "kinds of evidence", apart, members, OWL.AllDisjointClasses, OWL.members
        )


def _apart(
    graph: Graph, name: str, apart: Node, members: Node, kind: URIRef, link: URIRef
) -> Iterator[Mutant]:
    """Drop a statement of difference, and one by one its members while two are left."""
    line = f"{name}: {_list_told(graph, apart)}"
    cells = list(_cells(graph, members))
    yield Mutant(DISJOINT, line, name, ((apart, RDF.type, kind), (apart, link, members)))
    for cell in cells if len(cells) > 2 else ():
        yield _without(graph, DISJOINT, name, cell)


def counted(found: Iterable[Mutant]) -> dict[str, int]:
    """Count mutants by kind."""
    counts: dict[str, int] = {}
    for mutant in found:
        counts[mutant.kind] = counts.get(mutant.kind, 0) + 1
    return counts
