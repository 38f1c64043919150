"""Compare three engines over whole grids: HermiT, Openllet, and the oracle table.

The oracle table says of every cell where it belongs. Cells of which it says the same are cut into
boxes, each a product of sets of positions. Each reasoner is then asked twice of each box: whether a
relapse in it can exist, and whether one can exist that is not where the table puts it. What cannot
exist in a box cannot exist in a cell of it, so each reasoner is compared with the table in every
cell; nothing is sampled. The compiled table, which answers all records, is compared cell by cell.

Run as a program, it writes the report:

    PYTHONPATH=. RALLO_OPENLLET=FOLDER python tests/engines/agreement.py
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from functools import cache, partial
from itertools import product
from math import prod
from pathlib import Path

from grid_boxes import boxes, either
from openllet import FOLDER, Openllet, openllet
from oracle_facts import Translator
from wording import OracleTable, Row, Verdict, WordingError, read_rows

from ontology.files import HOME
from ontology.modules import open_all, open_with
from reasoner.decisions import OptionsQuestion, decision_questions
from reasoner.drafts import write_text
from reasoner.expressions import And, Expression, Named, Not
from reasoner.hermit import Judge
from reasoner.questions import Question
from reasoner.schemes import SchemeQuestion, scheme_questions
from reasoner.structure import THING, Structure
from reasoner.table import Table, View, load

REPORT = HOME / "certificate" / "agreement.tsv"
Ask = Callable[[list[Expression]], list[bool]]


@dataclass(frozen=True)
class Compared:
    """One scheme or decision under one set of readings: what was compared, and what differed."""

    readings: str
    scheme: str
    cells: int
    relapses: int
    categories: int
    lines: int
    boxes: int
    questions: int
    table_differs: int
    hermit_differs: int
    openllet_differs: int

    @property
    def disagrees(self) -> bool:
        """Tell whether an engine differs from the oracle table in a cell."""
        return bool(self.table_differs or self.hermit_differs or self.openllet_differs)


class Told:
    """What the oracle table tells of a question: where each cell belongs."""

    def __init__(self, question: Question, table: OracleTable, translator: Translator) -> None:
        """Ask the table about every relapse of every cell.

        Raises:
            WordingError: the table contradicts itself, or tells relapses of one cell apart.
        """
        self.question = question
        self.names = category_classes(question)
        self.relapses = 0
        self.cells: dict[Verdict, int] = {}
        space, terms = question.space, table.terms(question.name)
        self.positions = translator.axes(space, question.view.blocks, terms)
        tried = [
            [[facts for way in several for facts in translator.facts(way)] for several in axis]
            for axis in self.positions
        ]
        beside = [axis[0] for axis in tried[len(space.axes) :]]
        for cell in range(space.size):
            parts = [
                axis[cell // a.stride % len(axis)]
                for a, axis in zip(space.axes, tried, strict=False)
            ]
            found = set()
            for choice in product(*parts, *beside):
                facts = {term: fact for part in choice for term, fact in part.items()}
                found.add(table.judge(question.name, facts))
                self.relapses += 1
            if len(found) > 1:
                raise WordingError(f"{question.name}: relapses of one cell differ: {parts}")
            verdict = found.pop()
            self.cells[verdict] = self.cells.get(verdict, 0) | 1 << cell
        self.lines = clause_classes(question)

    @property
    def classes(self) -> list[str]:
        """Return the classes that are asked about: categories first, then their lines."""
        return [*self.names.values(), *self.lines]

    def holding(self, verdict: Verdict) -> frozenset[str]:
        """Return the classes that a verdict puts a relapse in.

        Raises:
            WordingError: the table has a line that the ontology has not.
        """
        lines = {clause_class(self.names[category], line) for category, line in verdict.lines}
        if strange := lines - set(self.lines):
            raise WordingError(f"{self.question.name}: no such lines {sorted(strange)}")
        return frozenset({self.names[category] for category in verdict.categories} | lines)

    def contrary(self, verdict: Verdict) -> Expression:
        """Describe everything that would contradict a verdict."""
        scope: Expression = Named(self.question.scope)
        if not verdict.applicable:
            return scope
        held = self.holding(verdict)
        claims = [Not(Named(n)) if n in held else Named(n) for n in self.classes]
        return either([Not(scope), *claims])

    def differing(self) -> int:
        """Count the cells of which the compiled table says something else."""
        question, wrong, scope = self.question, 0, 0
        told = dict.fromkeys(self.classes, 0)
        for verdict, cells in self.cells.items():
            if verdict.applicable:
                scope |= cells
                for name in self.holding(verdict):
                    told[name] |= cells
        wrong |= scope ^ question.vector(question.scope)
        for name, cells in told.items():
            wrong |= (cells ^ question.vector(name)) & scope
        return wrong.bit_count()


def category_classes(question: Question) -> dict[str, str]:
    """Return the class of each category of a scheme, or of each option of a decision."""
    if isinstance(question, SchemeQuestion):
        return dict(question.categories)
    assert isinstance(question, OptionsQuestion)
    return {a["option"]: a["situation"] for a in question.advice}


def clause_classes(question: Question) -> list[str]:
    """Return the clauses that the readings let stand of all categories of a question."""
    view = question.view
    closed = [n for n in category_classes(question).values() if "clauses" in view.table.classes[n]]
    return [clause for name in closed for clause in view.clauses(name)]


def clause_class(category: str, line: str) -> str:
    """Return the class of a line: numbered within its category, or within a reading."""
    reading, _, number = line.rpartition(" ")
    return f"{reading or category}Clause{number}"


def reading_sets(table: Table, rows: list[Row]) -> dict[str, tuple[View, frozenset[str]]]:
    """Return the default readings, and each reading of the oracle table switched over alone.

    With each set come the schemes to compare: all, or those whose wording names the reading.
    """
    schemes = {e["name"] for e in table.schemes}
    decisions = {e["name"] for e in table.decisions if e["kind"] == "options"}
    found = {"default": (table.view(), frozenset(schemes | decisions))}
    seen = {table.view().readings}
    named = {name for row in rows for name in row.needed | row.barred}
    for name in sorted(named):
        on = name in table.view().readings
        view = table.view(without=[name]) if on else table.view(with_=[name])
        if view.readings not in seen:
            seen.add(view.readings)
            touched = {s for s in schemes | decisions if name in _named_by(rows, s)}
            found[f"{'without' if on else 'with'} {name}"] = view, frozenset(touched)
    return found


def _named_by(rows: list[Row], scheme: str) -> frozenset[str]:
    found: set[str] = set()
    for row in (r for r in rows if r.scheme == scheme):
        found |= row.needed | row.barred
        for condition in row.conditions:
            found |= _named_by(rows, condition.term)
    return frozenset(found)


def compared(
    readings: str, told: Told, translator: Translator, hermit: Ask, second: Ask | None
) -> Compared:
    """Compare the engines on one question; where there is no second reasoner, it never differs."""
    axes = told.question.space.axes

    @cache
    def part(axis: int, positions: tuple[int, ...]) -> Expression:
        return translator.expression(way for p in positions for way in told.positions[axis][p])

    asked: list[Expression] = []
    sizes: list[int] = []
    for verdict, cells in told.cells.items():
        for box in boxes(cells, tuple(axes)):
            limited = (i for i, p in enumerate(box) if len(p) < len(axes[i].entries))
            described = (Named(THING), *(part(i, box[i]) for i in limited))
            asked += [And(described), And((*described, told.contrary(verdict)))]
            sizes.append(prod(len(positions) for positions in box))
    assert sum(sizes) == told.question.space.size

    def differing(ask: Ask) -> int:
        answers = ask(asked)
        pairs = zip(answers[::2], answers[1::2], strict=True)
        return sum(n for n, pair in zip(sizes, pairs, strict=True) if pair != (True, False))

    return Compared(
        readings=readings,
        scheme=told.question.name,
        cells=told.question.space.size,
        relapses=told.relapses,
        categories=len(told.names),
        lines=len(told.lines),
        boxes=len(sizes),
        questions=len(asked),
        table_differs=told.differing(),
        hermit_differs=differing(hermit),
        openllet_differs=differing(second) if second else 0,
    )


def compare(
    second: Openllet | None, rows: list[Row], used: set[Row] | None = None
) -> Iterator[Compared]:
    """Compare the engines under every set of readings; note the rows that held somewhere."""
    table = load()
    translator = Translator(Structure(open_all()).dimensions, rows)
    for name, (view, wanted) in reading_sets(table, rows).items():
        graph = open_with(view.readings)
        judge, oracle = Judge(graph), OracleTable(rows, view.readings)

        def hermit(asked: list[Expression], judge: Judge = judge) -> list[bool]:
            return [judge.satisfiable(expression) for expression in asked]

        ask = partial(second.satisfiable, graph) if second else None
        for question in {**scheme_questions(view), **decision_questions(view)}.values():
            if question.name in wanted:
                told = Told(question, oracle, translator)
                yield compared(name, told, translator, hermit, ask)
        if used is not None:
            used |= oracle.used


def as_table(found: Iterable[Compared]) -> str:
    """Write the comparison as tab-separated values."""
    lines = [[f.name for f in fields(Compared)], *(map(str, astuple(c)) for c in found)]
    return "".join("\t".join(line) + "\n" for line in lines)


def as_text(found: list[Compared]) -> str:
    """Write the comparison as one page for a reader."""
    default = [c for c in found if c.readings == "default"]
    engines = {
        "Compiled table": ("every cell, looked up", "table_differs", sum(c.cells for c in found)),
        "HermiT 1.3.8, through owlready2": (
            "the whole ontology, by boxes",
            "hermit_differs",
            sum(c.questions for c in found),
        ),
        "Openllet 2.6.5, through OWL API 5.1.9": (
            "the axioms that a scheme rests on, by boxes",
            "openllet_differs",
            sum(c.questions for c in found),
        ),
    }
    rows = [
        f"| {name} | {how} | {asked} | {sum(getattr(c, column) for c in found)} |"
        for name, (how, column, asked) in engines.items()
    ]
    schemes = [
        f"| {c.scheme} | {c.cells} | {c.categories} | {c.lines} | {c.boxes} |" for c in default
    ]
    others = sorted({c.readings for c in found} - {"default"})
    return TEXT.format(
        cells=sum(c.cells for c in found),
        relapses=sum(c.relapses for c in found),
        engines="\n".join(rows),
        schemes="\n".join(schemes),
        readings=", ".join(others),
    )


TEXT = """# Three engines agree

Two reasoners, written by different people, and a table written by hand from the wording of the
sources were compared over the full grid of every scheme, of local therapy and of donor choice:
{cells} cells in all, told by the table for {relapses} relapses. A cell is a combination of sites,
lineage, treatment, residual disease and times, each limit once as a point and the stretch between
two limits as an interval.

| engine | asked of | questions | cells that differ from the hand-written table |
| --- | --- | ---: | ---: |
{engines}

Cells of which the table says the same are cut into boxes that do not overlap and cover the grid.
Of each box a reasoner is asked whether a relapse in it can exist, and whether one can exist that is
not in exactly the categories, and on exactly the lines of them, that the table names. Nothing is
sampled. The transplantation decision is not in this report: HermiT alone is asked about it.

Under the default readings:

| scheme | cells | categories or options | lines | boxes |
| --- | ---: | ---: | ---: | ---: |
{schemes}

The schemes whose wording names a reading were compared again with that reading switched over
({readings}).
`agreement.tsv` beside this page has each comparison.
"""


def main() -> None:
    """Write the report, and fail if an engine disagrees."""
    if FOLDER is None:
        sys.exit("RALLO_OPENLLET names no folder with the jars of Openllet")
    with tempfile.TemporaryDirectory() as folder, openllet(Path(FOLDER), Path(folder)) as second:
        found = list(compare(second, read_rows()))
    if wrong := [c for c in found if c.disagrees]:
        sys.exit(f"engines disagree: {wrong}")
    print(write_text(as_table(found), REPORT))
    print(write_text(as_text(found), REPORT.with_suffix(".md")))


if __name__ == "__main__":
    main()
