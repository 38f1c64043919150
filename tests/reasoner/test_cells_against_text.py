"""Prove that the ontology says, cell by cell, what the text says, and that HermiT reads it so."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from cell_truth import Cells, CellTruth, Truth
from expected_cells import BLOCKS, READINGS, expected
from facts_oracle import DEFAULTS, Readings
from hermit_proofs import apart_faults, facts_alone, partition_faults
from ontology_mutants import local
from rdflib import Graph
from said_cells import Said, named_classes
from text_grid import LINES_OF_NUMBERS, MAIN, PARTITIONS, TESTIS

from ontology.modules import open_all
from reasoner.expressions import And, HasNumber, Not
from reasoner.hermit import Judge
from reasoner.intervals import Interval
from reasoner.table import Table


def told(readings: Readings) -> str:
    """Name a set of readings by how it differs from the default one."""
    signs = [("-", DEFAULTS - readings), ("+", readings - DEFAULTS)]
    return "".join(f"{s}{n}" for s, names in signs for n in sorted(names)) or "default"


@pytest.fixture(scope="module")
def modules() -> Graph:
    """Open all modules."""
    return open_all()


@pytest.mark.parametrize("readings", READINGS, ids=told)
def test_the_ontology_says_what_the_text_says_in_every_cell(
    modules: Graph, readings: Readings
) -> None:
    """Schemes, lines, situations, scopes and ties are those of the text in every complete cell.

    So are the answer to the transplant question and its reason, the facts with their values, and
    the classes of every reading; and every class holds of relapses alone.
    """
    said = Said(modules, readings)
    assert said.differences() == []
    assert said.names_differ() == []
    assert not said.transplant_differs()


def test_the_comparison_is_not_empty() -> None:
    """Every category, every situation and every transplant answer is somewhere true or given."""
    somewhere: dict[tuple[str, str], bool] = {}
    for readings in READINGS:
        for key, truth in expected(readings).items():
            somewhere[key] = somewhere.get(key, False) or bool(np.any(truth))
    assert len(somewhere) > 130
    assert [key for key, found in somewhere.items() if not found] == []


class TableTruth:
    """The truth of every class as the compiled table, and so HermiT, has it."""

    def __init__(self, table: Table, cells: Cells, readings: Readings) -> None:
        """Keep the table and the cells."""
        self.table, self.cells, self.readings = table, cells, readings
        self._known: dict[str, Truth] = {"Relapse": cells.constant(True)}

    def named(self, name: str) -> Truth:
        """Return the cells in which a class holds."""
        if name not in self._known:
            self._known[name] = self._compose(self.table.classes[name])
        return self._known[name]

    def _compose(self, entry: Mapping[str, Any]) -> Truth:
        found = self.cells.constant(False)
        for clause in entry.get("clauses", ()):
            if clause["reading"] is None or clause["reading"] in self.readings:
                found = found | self.named(clause["name"])
        for row in entry.get("true", ()):
            part = self.cells.constant(True)
            for reference, index in zip(entry["references"], row, strict=True):
                if reference[0] == "@":
                    part = part & atom_of(self.table, self.cells, reference[1:], index)
                else:
                    held = self.named(reference)
                    part = part & (held if index else ~held)
            found = found | part
        return found


def atom_of(table: Table, cells: Cells, fact: str, index: int) -> Truth:
    """Return the cells in which a fact has an atom of the table."""
    atom = table.dimensions[fact]["atoms"][index]
    return cells.where(fact, lambda value: within(value, atom))


def within(value: Any, atom: Mapping[str, Any]) -> bool:
    """Tell whether a value or number lies in an atom of the table."""
    if value is None or atom.get("absent"):
        return value is None and bool(atom.get("absent"))
    if "value" in atom:
        return bool(value == atom["value"])
    low, high = (None if atom[side] is None else Decimal(atom[side]) for side in ("low", "high"))
    above = low is None or value > low or (value == low and atom["low_closed"])
    below = high is None or value < high or (value == high and atom["high_closed"])
    return bool(above and below)


def cells_for(table: Table, name: str) -> Cells:
    """Return cells that tell apart all facts on which a class rests."""
    view = table.view(with_=(), without=())
    _, facts = view.closure([name])
    every = [MAIN, TESTIS, *(cells for cells, _ in BLOCKS.values())]
    return next(cells for cells in every if facts <= cells.axis_of.keys())


@pytest.mark.parametrize("readings", READINGS, ids=told)
def test_each_class_is_in_each_cell_where_hermit_puts_it(
    modules: Graph, table: Table, readings: Readings
) -> None:
    """Reading the OWL without a reasoner gives every class of the compiled table, cell by cell."""
    different, count = [], 0
    names = {local(node) for node in named_classes(modules)}
    assert names == table.classes.keys()
    grids: dict[int, tuple[CellTruth, TableTruth]] = {}
    for name in sorted(names):
        cells = cells_for(table, name)
        pair = (CellTruth(modules, cells, readings), TableTruth(table, cells, readings))
        ours, theirs = grids.setdefault(id(cells), pair)
        mask = cells.constant(True)
        truth, other = ours.holds(name) & mask, theirs.named(name) & mask
        count += truth.size
        if np.any(truth != other):
            different.append(name)
    assert different == []
    assert count > 50_000


@pytest.mark.parametrize("readings", READINGS, ids=told)
def test_facts_go_together_where_hermit_lets_them(
    modules: Graph, table: Table, readings: Readings
) -> None:
    """The ties between facts leave the combinations that are cells of the compiled blocks."""
    different = []
    for entry in table.data["blocks"]:
        facts, active = entry["dimensions"], [r for r in entry["switches"] if r in readings]
        if len(facts) == 1:
            continue
        cells = next(c for c, _ in BLOCKS.values() if set(c.names) == set(facts))
        (variant,) = (v["cells"] for v in entry["variants"] if v["readings"] == active)
        allowed = cells.constant(False)
        for cell in variant:
            part = cells.constant(True)
            for fact, index in zip(facts, cell, strict=True):
                part = part & atom_of(table, cells, fact, index)
            allowed = allowed | part
        if np.any(CellTruth(modules, cells, readings).possible() != allowed):
            different.append(facts)
    assert different == []


@pytest.fixture(scope="module")
def alone(modules: Graph) -> Judge:
    """Load facts and their ties into HermiT, no reading switched on."""
    return Judge(facts_alone(modules))


@pytest.mark.parametrize("fact", sorted([*PARTITIONS, *LINES_OF_NUMBERS]))
def test_hermit_proves_that_a_fact_has_one_value(alone: Judge, fact: str) -> None:
    """Of every relapse, and of nothing else, one value of its list or one number is true."""
    assert partition_faults(alone, fact) == []


def test_hermit_proves_that_kinds_of_evidence_are_apart(alone: Judge) -> None:
    """No statement is an outcome, no study a publication, and so on within both groups."""
    assert apart_faults(alone) == []


@pytest.mark.parametrize(("number", "inside"), [("5.9999", False), ("6", True), ("6.0001", True)])
def test_hermit_puts_a_number_on_the_right_side_of_a_closed_limit(
    alone: Judge, number: str, inside: bool
) -> None:
    """Exactly 6 is at least 6: a number is shown to HermiT as itself, not as a range of one."""
    months = Decimal(number)
    point = HasNumber("monthsFromTreatmentEnd", Interval(months, True, months, True))
    at_least = HasNumber("monthsFromTreatmentEnd", Interval(Decimal(6), True, None, False))
    assert alone.satisfiable(And((point, at_least))) is inside
    assert alone.satisfiable(And((point, Not(at_least)))) is not inside
