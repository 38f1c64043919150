"""One term of the ontology as its page shows it: asserted, inferred, and what points to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache

from pyoxigraph import BlankNode, NamedNode, Quad, Triple

from ontology.files import BASE
from queries.dataset import (
    ASSERTED,
    CASES,
    CERTIFICATE,
    FACTS,
    INFERRED,
    MAPPINGS,
    QUESTIONS,
    VOID,
)
from queries.web.expressions import Expressions, Part, Words
from queries.web.holdings import Holdings, address

INCOMING = 200
NEAR = 6
SKOS = "http://www.w3.org/2004/02/skos/core#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
IN_DEFINITION = "stands in the definition of"
CITING = tuple(BASE + name for name in ("cites", "rests", "reportedIn"))
MODULES = """SELECT ?graph ?module ?title WHERE { GRAPH ?graph {
  ?module a <http://www.w3.org/2002/07/owl#Ontology> ; <http://purl.org/dc/terms/title> ?title } }
ORDER BY ?graph"""


@dataclass
class Group:
    """The values of one property, or the terms that have one property with this term."""

    name: Part
    values: list[Words] = field(default_factory=list)


@dataclass
class Description:
    """All that the page of one term shows."""

    iri: str
    label: str
    kinds: list[Part]
    definition: str
    locators: list[str]
    citations: list[Part]
    sources: list[Part]
    asserted: list[Group]
    inferred: list[Group]
    incoming: list[Group]
    incoming_total: int


def source_of(graph: str) -> str:
    """Name the file in which the triples of a named graph are written."""
    if graph.startswith(ASSERTED):
        return f"ontology/{graph.removeprefix(ASSERTED)}.ttl"
    names = {
        FACTS: "ontology/facts/*.tsv",
        MAPPINGS: "ontology/mappings/*",
        CASES: "ontology/examples/relapses.ttl",
        CERTIFICATE: "ontology/certificate/counts.tsv and places.tsv",
        QUESTIONS: "queries/questions/*/*.rq",
        INFERRED: "concluded by HermiT and the compiled tables",
        VOID: "counted from the dataset",
    }
    return names[graph]


@lru_cache(maxsize=2)
def modules(held: Holdings) -> list[dict[str, str]]:
    """List the modules with their graph, title and file."""
    rows = held.rows(MODULES)
    return [{**row, "file": source_of(row["graph"])} for row in rows]


def describe(held: Holdings, iri: str) -> Description | None:
    """Gather what is known of a term; ``None`` where it is the subject of nothing."""
    node = NamedNode(iri)
    quads = list(held.engine.store.quads_for_pattern(node, None, None, None))
    quads = [q for q in quads if isinstance(q.graph_name, NamedNode)]
    if not quads:
        return None
    told = [q for q in quads if graph_of(q) != INFERRED]
    known = {(q.predicate, q.object) for q in told}
    concluded = [q for q in quads if (q.predicate, q.object) not in known]
    incoming, total = _incoming(held, iri)
    homes = {row["graph"]: row["module"] for row in modules(held)}
    graphs = sorted({graph_of(q) for q in told})
    return Description(
        iri,
        held.label(iri),
        _links(held, told, TYPE),
        " ".join(_texts(told, SKOS + "definition")),
        _texts(told, BASE + "locator"),
        [link for citing in CITING for link in _links(held, told, citing)],
        [Part(source_of(g), address(homes[g]) if g in homes else "") for g in graphs],
        _groups(held, told),
        _groups(held, concluded),
        incoming,
        total,
    )


def graph_of(quad: Quad) -> str:
    """Return the IRI of the named graph of a quad."""
    name = quad.graph_name
    return name.value if isinstance(name, NamedNode) else ""


def _texts(quads: list[Quad], predicate: str) -> list[str]:
    found = (q.object for q in quads if q.predicate.value == predicate)
    return sorted({t.value for t in found if not isinstance(t, (BlankNode, Triple))}, key=_natural)


def _natural(text: str) -> tuple[int, str]:
    return len(text), text


def _links(held: Holdings, quads: list[Quad], predicate: str) -> list[Part]:
    found = {q.object.value for q in quads if q.predicate.value == predicate
             and isinstance(q.object, NamedNode)}  # fmt: skip
    return sorted((Part(held.label(iri), address(iri)) for iri in found), key=_by_address)


def _by_address(part: Part) -> tuple[int, str]:
    return _natural(part.address or part.text)


def _groups(held: Holdings, quads: list[Quad]) -> list[Group]:
    groups: dict[str, Group] = {}
    for quad in quads:
        iri = quad.predicate.value
        group = groups.setdefault(iri, Group(Part(held.label(iri), address(iri))))
        if not isinstance(quad.object, Triple):
            graph = NamedNode(graph_of(quad))
            group.values.append(Expressions(held, graph).words(quad.object))
    for group in groups.values():
        group.values.sort(key=lambda words: _natural("".join(p.text for p in words)))
    return sorted(groups.values(), key=lambda g: g.name.text)


def _incoming(held: Holdings, iri: str) -> tuple[list[Group], int]:
    """Return what points to a term, at most so many of all, and how many there are."""
    found: dict[tuple[str, str], Part] = {}
    for quad in held.engine.store.quads_for_pattern(None, None, NamedNode(iri), None):
        graph = graph_of(quad)
        if graph and isinstance(quad.subject, NamedNode):
            name = held.label(quad.predicate.value)
            concluded = graph == INFERRED
            if concluded and (name, quad.subject.value) in found:
                continue
            told = f"{name} (inferred)" if concluded else name
            found[told, quad.subject.value] = Part(told, address(quad.predicate.value))
    for user in users(held, NamedNode(iri)):
        found[IN_DEFINITION, user] = Part(IN_DEFINITION)
    groups: dict[str, Group] = {}
    ordered = sorted(found, key=lambda key: (key[0].endswith("(inferred)"), key))
    for name, subject in ordered[:INCOMING]:
        group = groups.setdefault(name, Group(found[name, subject]))
        group.values.append([Part(held.label(subject), address(subject))])
    return list(groups.values()), len(found)


def users(held: Holdings, node: NamedNode) -> set[str]:
    """Return the terms in whose class expressions a term stands, however deep."""
    waiting: list[NamedNode | BlankNode] = [node]
    seen: set[NamedNode | BlankNode] = {node}
    found: set[str] = set()
    while waiting:
        for quad in held.engine.store.quads_for_pattern(None, None, waiting.pop(), None):
            subject = quad.subject
            if graph_of(quad) in ("", VOID) or isinstance(subject, Triple) or subject in seen:
                continue
            if isinstance(subject, BlankNode):
                seen.add(subject)
                waiting.append(subject)
            elif isinstance(quad.object, BlankNode):
                found.add(subject.value)
    return found


def triples(held: Holdings, iri: str, *, inferred: bool = False) -> Iterator[Triple]:
    """Yield what is asserted of a term, its expressions whole, and some of what points to it."""
    store = held.engine.store
    waiting: list[NamedNode | BlankNode] = [NamedNode(iri)]
    seen = set(waiting)
    while waiting:
        for quad in store.quads_for_pattern(waiting.pop(), None, None, None):
            if not graph_of(quad) or (graph_of(quad) == INFERRED and not inferred):
                continue
            yield quad.triple
            if isinstance(quad.object, BlankNode) and quad.object not in seen:
                seen.add(quad.object)
                waiting.append(quad.object)
    number = 0
    for quad in store.quads_for_pattern(None, None, NamedNode(iri), None):
        told = graph_of(quad) and (inferred or graph_of(quad) != INFERRED)
        if told and isinstance(quad.subject, NamedNode) and number < INCOMING:
            number += 1
            yield quad.triple


def near(held: Holdings, path: str) -> list[tuple[str, str]]:
    """Return terms whose names resemble a path: pairs of address and label."""
    names = {iri.removeprefix(BASE): iri for iri in held.labels if iri.startswith(BASE)}
    branch = path.rpartition("/")[0]
    same = [n for n in names if n.rpartition("/")[0] == branch]
    found = get_close_matches(path, same, n=NEAR, cutoff=0.5)
    found = found or get_close_matches(path, names, n=NEAR, cutoff=0.4)
    return [(address(names[n]), held.label(names[n])) for n in found]
