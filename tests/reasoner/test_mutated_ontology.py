"""Prove that no axiom of the ontology can change or be lost unnoticed.

Each threshold is moved both ways and its operator flipped; each clause, part of a definition,
definition, negation, tie and link is dropped; each value exchanged; each disjointness, covering,
functional property, existence, domain, range and type of a value dropped: one at a time. What
changes nothing that anything could show is named here, and HermiT proves that nothing is lost.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest
from cell_truth import UndefinedError
from expected_cells import READINGS
from facts_oracle import DEFAULTS
from hermit_proofs import cell, facts_alone, judge_under, unproven
from mutant_notices import Notices, Report
from ontology_mutants import (
    CLAUSE,
    DISJOINT,
    EXISTENCE,
    FUNCTIONAL,
    MEMBER,
    MOVED,
    NEGATION,
    PART,
    RANGE,
    STRICT,
    STRUCTURAL,
    VALUE,
    Mutant,
    applied,
    counted,
    facts_of,
    mutants,
    touched,
)
from rdflib import Graph
from rdflib.namespace import OWL, RDF
from rdflib.term import BNode, URIRef
from said_cells import Said
from text_grid import MAIN

from ontology.files import BASE
from ontology.modules import open_all
from reasoner.expressions import And, Named, Not

# Axioms that the rest of the ontology already says, and why. HermiT proves each below.
SAID_BY_TIES = {
    (DISJOINT, "hasTesticularBiopsy: (BiopsyPositive BiopsyNegative)"),
    (DISJOINT, "hasTreatmentAtRelapse: (OnTreatment OffTreatment)"),
    (FUNCTIONAL, "hasTesticularBiopsy"),  # one result means disease, the other none
    (FUNCTIONAL, "hasTreatmentAtRelapse"),  # off treatment there are months, on it none
    (EXISTENCE, "hasPloidyStatus"),  # follows from the count of chromosomes
    (EXISTENCE, "hasTesticularDisease"),  # follows from the biopsy
}
# Parts of definitions that the other parts imply; written out because the source writes them out.
IMPLIED = {
    "HSCTLowMRDCombinedSituation": "NonTRelapse",  # no line of S2 takes a combined T relapse
    "IsolatedCNSRelapse": "CNSInvolvingRelapse",  # outside the marrow, and no other site
    "IsolatedTesticularRelapse": "TestisInvolvingRelapse",
    "IsolatedOtherExtramedullaryRelapse": "OtherSiteInvolvingRelapse",
    # With disease and a clear other testis one side is left, whichever is enlarged.
    "UnilateralTesticularDisease": "hasTesticularEnlargement BilateralEnlargement",
}

SAMPLED = 2


@pytest.fixture(scope="module")
def modules() -> Graph:
    """Open all modules."""
    return open_all()


@pytest.fixture(scope="module")
def found(modules: Graph) -> list[Mutant]:
    """List all mutants."""
    return mutants(modules)


def said_already(modules: Graph, mutant: Mutant) -> bool:
    """Tell whether a mutant is on the list of those that lose nothing."""
    if mutant.kind == MEMBER:
        return True  # a list of values types its members
    if mutant.kind == RANGE and mutant.name.endswith(": range"):
        # The existence of a decimal, once, leaves no room for another number.
        return (URIRef(BASE + mutant.subject), RDF.type, OWL.DatatypeProperty) in modules
    if mutant.kind == PART:
        part = IMPLIED.get(mutant.subject)
        return part is not None and mutant.name.startswith(f"{mutant.subject}: {part} in ")
    return (mutant.kind, mutant.name) in SAID_BY_TIES


@pytest.fixture(scope="module")
def redundant(modules: Graph, found: list[Mutant]) -> list[Mutant]:
    """List the mutants that lose nothing."""
    return [m for m in found if said_already(modules, m)]


def test_every_axiom_has_its_mutants(modules: Graph, found: list[Mutant]) -> None:
    """Every limit, part, clause, fact and list of the graph is changed, and no mutant is twice."""
    counts = counted(found)
    limits = sum(len(list(modules.subject_objects(f))) for f in LIMITS)
    facts = facts_of(modules)
    assert counts[MOVED] == 2 * limits and counts[STRICT] == limits and limits > 20
    assert counts[FUNCTIONAL] == len(facts) == 35
    assert counts[VALUE] >= len(list(modules.subjects(OWL.hasValue)))
    assert counts[NEGATION] == len(list(modules.subjects(OWL.complementOf)))
    assert len(found) > 1200
    assert len({(m.kind, m.name) for m in found}) == len(found)


LIMITS = [
    URIRef(f"http://www.w3.org/2001/XMLSchema#{side}{kind}clusive")
    for side in ("min", "max")
    for kind in ("In", "Ex")
]


def test_every_mutant_is_noticed(
    modules: Graph,
    facts: Graph,
    found: list[Mutant],
    redundant: list[Mutant],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each mutant that loses anything is noticed by a cell, a question, the compiler or HermiT."""
    notices, report, before = Notices(modules, facts), Report(), len(modules)
    for mutant in found:
        if mutant not in redundant or mutant.kind not in (MEMBER, RANGE):
            report.noticed[mutant] = notices.by(mutant)
    assert len(modules) == before
    with capsys.disabled():
        print(f"\n{len(found)} mutants, {len(redundant)} proven to lose nothing\n{report.table()}")
    unnoticed = [f"{m.kind}: {m.name}" for m in report.unnoticed if m not in redundant]
    assert unnoticed == [], "\n".join(unnoticed)
    # The list of those that lose nothing holds no other.
    assert [m.name for m in redundant if report.noticed.get(m)] == []


def test_hermit_proves_what_the_list_says_of_facts(modules: Graph, redundant: list[Mutant]) -> None:
    """Without all axioms of the list at once, HermiT still proves each of them.

    What follows from less follows from more: each of them is lost by nobody when it goes alone.
    """
    whole, weaker = facts_alone(modules), facts_alone(modules)
    dropped = [m for m in redundant if m.kind in STRUCTURAL]
    assert len(dropped) > 70
    for mutant in dropped:
        for triple in mutant.removed:
            assert triple in weaker, mutant.name
            weaker.remove(triple)
    assert unproven(whole, weaker) == []


def test_hermit_proves_what_the_list_says_of_parts(modules: Graph, redundant: list[Mutant]) -> None:
    """A definition without an implied part is, by HermiT, the same class as before.

    With every reading on, the groups have all their clauses: what no clause lets in then, none lets
    in when some are off. A reading that takes relapses out of a timing is left off as well.
    """
    parts = [m for m in redundant if m.kind == PART]
    assert sorted(m.subject for m in parts) == sorted(IMPLIED)
    both = Graph()
    both += modules
    for mutant in parts:
        with applied(modules, mutant):
            _copy(modules, mutant.subject, both)
    different = []
    for active in (DEFAULTS, frozenset[str]().union(*READINGS) - {"A04"}):
        judge = judge_under(both, active)
        for name in IMPLIED:
            old, new = Named(name), Named(f"{name}Without")
            for one, two in ((old, new), (new, old)):
                if judge.satisfiable(And((Named("Relapse"), one, Not(two)))):
                    different.append((name, sorted(active)))
    assert different == []


def _copy(modules: Graph, name: str, target: Graph) -> None:
    """Add to a graph a class with the definition that a changed graph gives a class."""
    definition = modules.value(URIRef(BASE + name), OWL.equivalentClass)
    assert isinstance(definition, BNode)
    names, queue = {definition: BNode()}, [definition]
    while queue:
        node = queue.pop()
        for link, value in modules.predicate_objects(node):
            if isinstance(value, BNode) and value not in names:
                names[value] = BNode()
                queue.append(value)
            known = names[value] if isinstance(value, BNode) else value
            target.add((names[node], link, known))
    copy = URIRef(f"{BASE}{name}Without")
    target.add((copy, RDF.type, OWL.Class))
    target.add((copy, OWL.equivalentClass, names[definition]))


def sampled(found: list[Mutant], before: Said) -> Iterator[Mutant]:
    """Yield the same few mutants of each kind that changes a class of the main cells."""
    for kind in (MOVED, STRICT, CLAUSE, PART, NEGATION, VALUE):
        of_kind, taken = [m for m in found if m.kind == kind], 0
        random.Random(kind).shuffle(of_kind)
        for mutant in of_kind:
            try:
                before.main.holds(_class_of(mutant))
            except UndefinedError:
                continue  # about a tie, whose facts have cells of their own
            yield mutant
            taken += 1
            if taken == SAMPLED:
                break


def _class_of(mutant: Mutant) -> str:
    return mutant.name.partition(":")[0]


def test_hermit_sees_a_mutant_as_the_cells_show_it(modules: Graph, found: list[Mutant]) -> None:
    """In cells that a mutant changes, and in others, HermiT puts the class where the cells do."""
    before, asked, changed = Said(modules, DEFAULTS), 0, 0
    before.differences()
    for mutant in sampled(found, before):
        name, touching = _class_of(mutant), touched(modules, mutant)
        with applied(modules, mutant):
            new = Said(modules, DEFAULTS, before, touching).main.holds(name)
            judge = judge_under(modules, DEFAULTS)
        after, old = np.broadcast_arrays(new, before.main.holds(name))
        source = random.Random(mutant.name)
        for places in (np.argwhere(after != old), np.argwhere(after == old)):
            for place in source.sample(places.tolist(), min(6, len(places))):
                described: dict[str, object] = {}
                for axis, size, position in zip(MAIN.names, after.shape, place, strict=True):
                    described |= MAIN.axes[axis][position] if size > 1 else {}
                verdict = judge.decide(cell(described), name)
                assert verdict == bool(after[tuple(place)]), (mutant.name, described)
                asked += 1
                changed += bool(after[tuple(place)] != old[tuple(place)])
    assert asked > 80 and changed > 20
