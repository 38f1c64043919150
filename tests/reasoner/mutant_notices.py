"""What notices a mutant of the ontology: the text's cells, a question, the compiler, HermiT."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox
from answer_files import expected_answers
from expected_cells import DECISION, FACTS, READINGS
from facts_oracle import DEFAULTS, Readings
from hermit_proofs import apart_faults, facts_alone, partition_faults
from ontology_mutants import (
    CLAUSE,
    COVERING,
    LINK,
    MOVED,
    OPENED,
    RANGE,
    STATED,
    STRICT,
    Mutant,
    Triple,
    applied,
    counted,
    touched,
)
from rdflib import Graph
from rdflib.term import BNode, Literal, Node, URIRef
from said_cells import Said

from ontology.files import OntologyError
from queries.answers import answer
from queries.catalogue import load_catalogue
from queries.engines import Embedded
from reasoner.hermit import Judge
from reasoner.structure import Structure

QUESTIONS = ("group_clauses", "timing_definitions", "timing_schemes")
HYGIENE = Path(__file__).parent.parent / "hygiene" / "bound_told_twice.rq"
# What notices, in the order of the report.
OTHER_READING = "cells under another reading"
QUESTION, STAIN = "a question's expected rows", "a hygiene query"
REFUSED, PROOF = "the compiler refuses", "HermiT's proof of the facts"


@dataclass
class Report:
    """Mutants and what noticed each."""

    noticed: dict[Mutant, set[str]] = field(default_factory=dict)

    @property
    def unnoticed(self) -> list[Mutant]:
        """Return the mutants that nothing noticed."""
        return [mutant for mutant, by in self.noticed.items() if not by]

    def table(self) -> str:
        """Tell, for each kind, how many were asked for, and how many of them each notice found."""
        lines = []
        for kind, count in counted(self.noticed).items():
            by: dict[str, int] = {}
            for mutant, names in self.noticed.items():
                for name in names if mutant.kind == kind else ():
                    by[name] = by.get(name, 0) + 1
            missed = sum(m.kind == kind for m in self.unnoticed)
            told = ", ".join(f"{name} {n}" for name, n in sorted(by.items(), key=lambda i: -i[1]))
            lines.append(f"{kind}: {count}, found by none {missed}; {told}")
        return "\n".join(lines)


class Notices:
    """An ontology and everything that is expected of it, asked of one mutant after the other."""

    def __init__(self, modules: Graph, facts: Graph) -> None:
        """Prepare the ontology as it is."""
        self.modules, self.alone = modules, facts_alone(modules)
        self._base = {readings: Said(modules, readings) for readings in READINGS}
        for said in self._base.values():
            said.differences()
        self._store = ox.Store()
        self._store.bulk_extend(_quad(t) for graph in (modules, facts) for t in graph)
        self._hygiene = HYGIENE.read_text(encoding="utf-8")

    def by(self, mutant: Mutant) -> set[str]:
        """Return what notices a mutant."""
        if mutant.kind not in STATED:
            return self.of_structure(mutant)
        changed = touched(self.modules, mutant)
        with applied(self.modules, mutant):
            found = self.of_cells(changed)
            if mutant.kind == OPENED:
                found |= self.of_compiler()
            if mutant.kind == LINK:
                found |= {kind for kind, _ in self._base[DEFAULTS].names_differ()}
        if mutant.kind in (MOVED, STRICT, CLAUSE):
            found |= self.of_questions(mutant)
        return found

    def of_cells(self, changed: set[Node]) -> set[str]:
        """Compare the cells; readings other than the default ones where those show nothing."""
        said = self._said(DEFAULTS, changed)
        found = {kind for kind, _ in said.differences()}
        found |= {DECISION} if found and said.transplant_differs() else set()
        if not found:
            others = (self._said(readings, changed) for readings in READINGS[1:])
            found = {OTHER_READING} if any(said.differences() for said in others) else set()
        return found

    def _said(self, readings: Readings, changed: Iterable[Node]) -> Said:
        return Said(self.modules, readings, self._base[readings], changed)

    def of_compiler(self) -> set[str]:
        """Tell whether the compiler refuses the ontology before it asks HermiT."""
        try:
            structure = Structure(self.modules)
            structure.check_references()
        except OntologyError:
            return {REFUSED}
        return set()

    def of_questions(self, mutant: Mutant) -> set[str]:
        """Ask the questions, and the query of hygiene, that look at definitions."""
        engine, catalogue, found = Embedded(self._store), load_catalogue(), set()
        for triple in mutant.removed:
            self._store.remove(_quad(triple))
        for triple in mutant.added:
            self._store.add(_quad(triple))
        expected = expected_answers()
        if any(expected[n].differences(answer(engine, catalogue[n])) for n in QUESTIONS):
            found.add(QUESTION)
        rows = self._store.query(self._hygiene)
        assert isinstance(rows, ox.QuerySolutions)
        if next(rows, None) is not None:
            found.add(STAIN)
        for triple in mutant.added:
            self._store.remove(_quad(triple))
        for triple in mutant.removed:
            self._store.add(_quad(triple))
        return found

    def of_structure(self, mutant: Mutant) -> set[str]:
        """Let the compiler read a changed fact, compare its values, and let HermiT prove it."""
        found: set[str] = set()
        if mutant.kind in (RANGE, COVERING):
            with applied(self.modules, mutant):
                found = self.of_compiler()
                found |= {FACTS} if self._base[DEFAULTS].facts() else set()
        if not found:
            with applied(self.alone, mutant):
                judge = Judge(self.alone)
                apart = mutant.subject == "kinds of evidence"
                faults = apart_faults(judge) if apart else partition_faults(judge, mutant.subject)
                found = {PROOF} if faults else set()
        return found


def _quad(triple: Triple) -> ox.Quad:
    subject, link, value = triple
    left, right = _term(subject), _term(value)
    assert not isinstance(left, ox.Literal)
    return ox.Quad(left, ox.NamedNode(str(link)), right)


def _term(node: Node) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    if isinstance(node, BNode):
        return ox.BlankNode(str(node))
    if isinstance(node, URIRef):
        return ox.NamedNode(str(node))
    assert isinstance(node, Literal)
    if node.language:
        return ox.Literal(str(node), language=node.language)
    if node.datatype:
        return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype)))
    return ox.Literal(str(node))
