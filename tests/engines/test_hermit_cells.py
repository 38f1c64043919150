"""Prove that the compiled questions give, cell by cell, what HermiT gives.

A claim is shown by one refutation: the cell together with anything contrary to what the question
says of it (not in a class it claims, in a class it denies) describes no possible relapse.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from math import prod

import pytest
from grid_boxes import boxes, cells_of, either, entry, holders

from reasoner.decisions import decision_questions
from reasoner.expressions import And, Expression, Named, Not
from reasoner.hermit import Judge
from reasoner.questions import Outcome, Question
from reasoner.schemes import SchemeQuestion, scheme_questions
from reasoner.structure import THING, Dimension, Structure
from reasoner.table import Table, View

# Questions over the same space are judged together, so that each cell is shown to HermiT once.
CELL_BY_CELL = [
    ("site-patterns",),
    ("bfm-table-1-timing",),
    ("abstract-timing",),
    ("bfm-narrative-timing",),
    ("cog-timing",),
    ("bfm-table-1-groups", "uk-r3", "intreall"),
    ("cog-groups",),
    ("local-therapy",),
    ("donor-choice",),
]
BOX_BY_BOX = ["hsct"]


@pytest.fixture(scope="module")
def dimensions() -> dict[str, Dimension]:
    """Read the facts and their atoms from the ontology itself."""
    from ontology.modules import open_all

    return Structure(open_all()).dimensions


@pytest.fixture(scope="module")
def questions(view: View) -> dict[str, Question]:
    """Open every question under the default readings."""
    return {**scheme_questions(view), **decision_questions(view)}


def contrary(question: Question, outcome: Outcome) -> list[Expression]:
    """List everything that would contradict an outcome."""
    scope: Expression = Named(question.scope)
    if not outcome.in_scope:
        return [scope]
    if isinstance(question, SchemeQuestion):
        claims = [(name, value in outcome.values) for value, name in question.categories]
    else:
        advice = [a for a in question.view.table.advice if a["decision"] == question.name]
        claims = [(a["situation"], a["name"] in outcome.grounds) for a in advice]
    return [Not(scope), *(Not(Named(name)) if held else Named(name) for name, held in claims)]


def test_every_scheme_and_decision_is_judged(table: Table) -> None:
    """No scheme and no decision of the table is left out of this file."""
    judged = [name for names in CELL_BY_CELL for name in names] + BOX_BY_BOX
    assert sorted(judged) == sorted(e["name"] for e in [*table.schemes, *table.decisions])
    assert len(table.schemes) == 9


def test_blocks_hold_exactly_the_cells_that_can_occur(
    view: View, judge: Judge, dimensions: dict[str, Dimension]
) -> None:
    """A combination of atoms is a cell of its block if and only if HermiT finds it possible."""
    for block in view.blocks:
        choices = [range(len(dimensions[d].atoms)) for d in block.dimensions]
        for cell in product(*choices):
            atoms = [dimensions[d].atoms[a] for d, a in zip(block.dimensions, cell, strict=True)]
            possible = judge.satisfiable(And((Named(THING), *atoms)))
            assert possible == (cell in block.cells), (block.dimensions, cell)


@pytest.mark.parametrize("names", CELL_BY_CELL, ids="+".join)
def test_every_cell_equals_hermit(
    names: tuple[str, ...],
    questions: dict[str, Question],
    judge: Judge,
    dimensions: dict[str, Dimension],
) -> None:
    """Each complete cell is a possible relapse, and HermiT puts it where the question puts it."""
    asked = [questions[name] for name in names]
    axes = asked[0].space.axes
    for question in asked:
        assert [(a.dimensions, a.entries, a.stride) for a in question.space.axes] == [
            (a.dimensions, a.entries, a.stride) for a in axes
        ]
    outcomes = [holders(question) for question in asked]
    parts = [[entry(dimensions, a, e) for e in range(len(a.entries))] for a in axes]
    wrong = []
    for cell in range(asked[0].space.size):
        facts = [p[cell // a.stride % len(a.entries)] for a, p in zip(axes, parts, strict=True)]
        described = And((Named(THING), *facts))
        contraries = [c for q, o in zip(asked, outcomes, strict=True) for c in contrary(q, o[cell])]
        if not judge.satisfiable(described):
            wrong.append(("cannot occur", facts))
        elif judge.satisfiable(And((described, either(contraries)))):
            wrong.append(("HermiT disagrees", facts))
    assert not wrong, (len(wrong), wrong[:3])


@pytest.mark.parametrize("name", BOX_BY_BOX)
def test_every_box_equals_hermit(
    name: str, questions: dict[str, Question], judge: Judge, dimensions: dict[str, Dimension]
) -> None:
    """Each cell of the transplant decision lies in a box of which HermiT settles every situation.

    The 258,048 cells are too many to show one by one, and nothing is sampled. Cells with the same
    outcome are cut into boxes, each a product of sets of positions. What refutes a box refutes each
    of its cells; the boxes are counted to be disjoint and to cover the space.
    """
    question = questions[name]
    axes = question.space.axes

    @cache
    def part(axis: int, positions: tuple[int, ...]) -> Expression:
        return either([entry(dimensions, axes[axis], p) for p in positions])

    grouped: dict[tuple[Expression, ...], int] = {}
    for cells, outcome in question.outcomes:
        key = tuple(contrary(question, outcome))
        grouped[key] = grouped.get(key, 0) | cells
    covered = counted = 0
    for contraries, cells in grouped.items():
        for box in boxes(cells, tuple(axes)):
            described = And((Named(THING), *(part(i, p) for i, p in enumerate(box))))
            assert judge.satisfiable(described), box
            assert not judge.satisfiable(And((described, either(list(contraries))))), box
            counted += prod(len(p) for p in box)
            covered |= cells_of(box, axes)
    assert covered == question.space.full
    assert counted == question.space.size
