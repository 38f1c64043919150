"""What HermiT has to prove of the axioms that close the facts and keep kinds of evidence apart.

No table shows these axioms: a cell already gives every fact one value. They are what lets a
reasoner on the Turtle files, and so whoever opens them, come to the answers of the tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, pairwise
from typing import Any

from ontology_mutants import BASE, RELAPSE
from rdflib import Graph
from rdflib.namespace import OWL, RDF, RDFS, XSD
from rdflib.term import BNode, URIRef
from text_grid import LINES_OF_NUMBERS, PARTITIONS

from ontology.modules import close, readings
from ontology.terms import RALLO
from reasoner.expressions import And, Expression, HasNumber, HasValue, Named, Not
from reasoner.hermit import Judge
from reasoner.intervals import Interval

# Months from the end of treatment exist off treatment alone (P13); every other number always.
NOT_ALWAYS = {"monthsFromTreatmentEnd"}
OFF = HasValue("hasTreatmentAtRelapse", "OffTreatment")
# What is never two at once (DESIGN 3, Evidence).
APART = (
    ("Statement", "Quantity", "Outcome", "SourceStatement", "LaterEvidence", "Algorithm"),
    ("Study", "Arm", "Population", "Publication"),
    ("Explanation", "GivenFact"),
)
A_RELAPSE = Named("Relapse")


def facts_alone(graph: Graph) -> Graph:
    """Return the axioms of facts and their ties; no other class is left.

    The classes left out are new names for expressions, so that leaving them out changes nothing
    that HermiT can prove of the facts; it only makes HermiT quicker.
    """
    facts = set(graph.subjects(RDFS.domain, RELAPSE))
    kinds = {kind for fact in facts for kind in graph.objects(fact, RDFS.range)}
    kinds |= {URIRef(BASE + name) for group in APART for name in group}
    told = {
        RELAPSE,
        *facts,
        *kinds,
        *(s for s, o in graph.subject_objects(RDFS.subClassOf) if isinstance(o, BNode)),
        *(s for kind in kinds for s in graph.subjects(RDF.type, kind)),
        *graph.subjects(RDF.type, OWL.AllDifferent),
        *graph.subjects(RDF.type, OWL.AllDisjointClasses),
    }
    found, queue = Graph(), list(told)
    while queue:
        node = queue.pop()
        for link, value in graph.predicate_objects(node):
            space = str(link).startswith((str(OWL), str(RDF), str(RDFS), str(XSD)))
            if space and link != RDFS.label and (node, link, value) not in found:
                found.add((node, link, value))
                queue += [value] if isinstance(value, BNode) else []
    for clause in graph.subjects(RALLO.readingOf):
        found.remove((clause, RDFS.subClassOf, None))
    return found


def partition_faults(judge: Judge, fact: str) -> list[str]:
    """List what HermiT cannot prove of a fact: one value, never two, and of relapses alone."""
    if fact in PARTITIONS:
        values: list[Expression] = [HasValue(fact, value) for value in PARTITIONS[fact]]
    else:
        numbers = LINES_OF_NUMBERS[fact]
        values = [HasNumber(fact, Interval(n, True, n, True)) for n in numbers]
    found = [
        f"{fact}: {one} and {two} at once"
        for one, two in (combinations(values, 2) if fact in PARTITIONS else pairwise(values))
        if judge.satisfiable(And((A_RELAPSE, one, two)))
    ]
    found += [f"{fact}: never {v}" for v in values if not judge.satisfiable(And((A_RELAPSE, v)))]
    found += [
        f"{fact}: of no relapse" for v in values if judge.satisfiable(And((Not(A_RELAPSE), v)))
    ]
    any_of = values if fact in PARTITIONS else [HasNumber(fact, Interval())]
    none: list[Expression] = [A_RELAPSE, *(Not(value) for value in any_of)]
    none += [OFF] if fact in NOT_ALWAYS else []
    if judge.satisfiable(And(tuple(none))):
        found.append(f"{fact}: without a value")
    return found


def apart_faults(judge: Judge) -> list[str]:
    """List the kinds of evidence that HermiT lets one thing be at once."""
    return [
        f"{one} and {two} at once"
        for group in APART
        for one, two in combinations(group, 2)
        if judge.satisfiable(And((Named(one), Named(two))))
    ]


def judge_under(graph: Graph, active: Iterable[str]) -> Judge:
    """Load a graph of all modules into HermiT under a set of readings, everything closed."""
    closed, wanted = Graph(), set(active)
    closed += graph
    for name, reading in readings(graph).items():
        if name not in wanted:
            for clause in list(graph.subjects(RALLO.readingOf, reading)):
                closed.remove((clause, RDFS.subClassOf, None))
    close(closed)
    return Judge(closed)


def unproven(whole: Graph, weaker: Graph) -> list[str]:
    """List the axioms that a weaker graph lost and HermiT cannot prove from what it kept.

    One relapse is taken to exist: where there is none, nothing is told of any.
    """
    graphs = []
    for graph in (whole, weaker):
        with_one = Graph()
        with_one += graph
        with_one.add((URIRef(BASE + "one"), RDF.type, RELAPSE))
        graphs.append(with_one)
    strong, weak = (Judge(graph) for graph in graphs)
    kept = set(weak._ontology.getLogicalAxioms())
    lost = [axiom for axiom in strong._ontology.getLogicalAxioms() if axiom not in kept]
    assert lost
    return [str(axiom) for axiom in lost if not weak._reasoner.isEntailed(axiom)]


def cell(facts: dict[str, Any]) -> Expression:
    """Describe one complete cell."""
    parts: list[Expression] = [A_RELAPSE]
    for fact, value in facts.items():
        if fact in PARTITIONS:
            parts.append(HasValue(fact, value))
        elif value is None:
            parts.append(Not(HasNumber(fact, Interval())))
        else:
            parts.append(HasNumber(fact, Interval(value, True, value, True)))
    return And(tuple(parts))
