"""What notices a mutant of the ontology: the text's cells, a question, the compiler, HermiT."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from answer_files import expected_answers
from expected_cells import DECISION, FACTS, READINGS
from facts_oracle import DEFAULTS, Readings
from hermit_proofs import apart_faults, facts_alone, partition_faults
from mutants import term
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
from rdflib.term import Node
from said_cells import Said

from ontology.files import OntologyError
from queries.answers import answer
from queries.catalogue import load_catalogue
from queries.engines import Embedded
from reasoner.certificate import reading_sets
from reasoner.expressions import And, Expression, HasNumber, Named, Not, Or, parts_of
from reasoner.hermit import Judge
from reasoner.partition import Flaw, partitions
from reasoner.structure import THING, Structure
from reasoner.table import Table, load

QUESTIONS = ("group_clauses", "timing_definitions", "timing_schemes")
HYGIENE = Path(__file__).parent.parent / "hygiene" / "bound_told_twice.rq"
# What notices, in the order of the report.
OTHER_READING = "cells under another reading"
QUESTION, STAIN = "a question's expected rows", "a hygiene query"
REFUSED, PROOF = "the compiler refuses", "HermiT's proof of the facts"
CERTIFIED = "the partition certificate"


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
        self._structure, self._table = Structure(modules), load()
        # Read now: a structure reads its graph when it is asked, and that will be a mutant.
        assert self._structure.dimensions and self._structure.definitions
        self._flaws = flaws_of(self._table)

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
            if not found:
                found |= self.of_certificate(mutant)
        if mutant.kind in (MOVED, STRICT, CLAUSE):
            found |= self.of_questions(mutant)
        return found

    def of_certificate(self, mutant: Mutant) -> set[str]:
        """Compare holes, overlaps and the passages named for them with the shipped certificate.

        A limit that moves adds cells to every scheme that counts the number.
        """
        structure = Structure(self.modules)
        atoms = {name: d.atoms for name, d in structure.dimensions.items()}
        if atoms != {name: d.atoms for name, d in self._structure.dimensions.items()}:
            return {CERTIFIED}
        changed = {
            name: entry_of(structure, definition)
            for name, definition in structure.definitions.items()
            if definition != self._structure.definitions[name]
        }
        table = Table({**self._table.data, "classes": {**self._table.classes, **changed}})
        return {CERTIFIED} if flaws_of(table) != self._flaws else set()

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
    left, right = term(subject), term(value)
    assert not isinstance(left, ox.Literal)
    return ox.Quad(left, ox.NamedNode(str(link)), right)


def flaws_of(table: Table) -> dict[str, list[Flaw]]:
    """Return holes and overlaps of every scheme under the readings that matter to passages."""
    found = {}
    for label, _, view in reading_sets(table):
        for name, partition in partitions(view).items():
            found[f"{label} {name}"] = partition.flaws
    return found


def entry_of(structure: Structure, definition: Expression) -> dict[str, Any]:
    """Work a definition out over the cells of what it refers to, as a truth function."""
    leaves = [leaf for leaf in parts_of(definition) if leaf != Named(THING)]
    names = list(
        dict.fromkeys(p.name if isinstance(p, Named) else f"@{p.dimension}" for p in leaves)
    )
    sizes = [range(len(structure.dimensions[n[1:]].atoms) if n[0] == "@" else 2) for n in names]
    true = []
    for cell in product(*sizes):
        state = dict(zip(names, cell, strict=True))
        if holds(structure, definition, state):
            true.append(list(cell))
    return {"references": names, "true": true}


def holds(structure: Structure, expression: Expression, cell: Mapping[str, int]) -> bool:
    """Tell whether an expression holds in a cell: positions of facts, truths of classes."""
    match expression:
        case Named(name):
            return name == THING or bool(cell[name])
        case Not(part):
            return not holds(structure, part, cell)
        case And(parts):
            return all(holds(structure, p, cell) for p in parts)
        case Or(parts):
            return any(holds(structure, p, cell) for p in parts)
    atom = structure.dimensions[expression.dimension].atoms[cell[f"@{expression.dimension}"]]
    if isinstance(atom, HasNumber) and isinstance(expression, HasNumber):
        return expression.interval.covers(atom.interval)
    return atom == expression
