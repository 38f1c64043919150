"""Prove that HermiT, Openllet and the hand-written table agree in every cell of every scheme.

HermiT is asked about each cell alone, and about transplantation, in `test_hermit_cells.py`; here
each engine is compared with the table, which knows nothing of the ontology. What was compared, and
with what result, is shipped as a report beside the ontology.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from agreement import (
    REPORT,
    Compared,
    Told,
    as_table,
    as_text,
    category_classes,
    compare,
    compared,
)
from openllet import FOLDER, Openllet, needs_openllet, openllet, spoken_of
from oracle_facts import Translator
from rdflib import Graph
from rdflib.term import Literal, URIRef
from wording import (
    COLUMNS,
    HOLE,
    NOT_APPLICABLE,
    OVERLAP,
    OracleTable,
    Row,
    WordingError,
    read_rows,
)

from ontology.files import BASE
from ontology.modules import open_with
from reasoner.decisions import decision_questions
from reasoner.expressions import And, Expression, HasNumber, Named
from reasoner.hermit import Judge
from reasoner.intervals import Interval
from reasoner.schemes import scheme_questions
from reasoner.structure import THING, Structure
from reasoner.table import Table, View

ROWS = read_rows()
WORDS_ONLY = {"site", "uk-timing"}


@dataclass(frozen=True)
class Run:
    """One comparison of everything, and the rows of the table that held somewhere."""

    found: list[Compared]
    used: set[Row]


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Openllet | None]:
    """Start Openllet, where its jars are at hand."""
    if FOLDER is None:
        yield None
        return
    with openllet(Path(FOLDER), tmp_path_factory.mktemp("openllet")) as started:
        yield started


@pytest.fixture(scope="module")
def run(second: Openllet | None) -> Run:
    """Compare everything once."""
    used: set[Row] = set()
    return Run(list(compare(second, ROWS, used)), used)


@pytest.fixture(scope="module")
def plain_graph(view: View) -> Graph:
    """Open the ontology under the default readings."""
    return open_with(view.readings)


def test_the_table_speaks_of_every_scheme_and_every_category(table: Table, view: View) -> None:
    """Each scheme, and each decision among options, is told with exactly its own categories."""
    told: dict[str, set[str]] = {}
    for row in ROWS:
        told.setdefault(row.scheme, set()).add(row.category)
    questions = {**scheme_questions(view), **decision_questions(view)}
    options = {e["name"] for e in table.decisions if e["kind"] == "options"}
    assert set(told) - WORDS_ONLY == {e["name"] for e in table.schemes} | options
    for name in set(told) - WORDS_ONLY:
        categories = told[name] - {NOT_APPLICABLE, HOLE, OVERLAP}
        assert categories == set(category_classes(questions[name])), name


def test_hermit_and_the_compiled_table_agree_with_the_wording(run: Run) -> None:
    """No cell of any scheme, under any readings, is elsewhere than the hand-written table says."""
    assert [c for c in run.found if c.table_differs or c.hermit_differs] == []


@needs_openllet
def test_openllet_agrees_with_the_wording(run: Run) -> None:
    """No cell of any scheme is elsewhere for Openllet than the hand-written table says."""
    assert [c for c in run.found if c.openllet_differs] == []


def test_no_row_of_the_table_is_idle(run: Run) -> None:
    """Each row holds for some relapse under some of the readings compared."""
    assert set(ROWS) - run.used == set()


def test_the_report_is_what_a_run_gives(run: Run) -> None:
    """The shipped report has the counts of this run, Openllet's too where it is at hand."""
    assert REPORT.read_text(encoding="utf-8") == as_table(run.found)
    assert REPORT.with_suffix(".md").read_text(encoding="utf-8") == as_text(run.found)


def told_abstract(view: View) -> tuple[Told, Translator]:
    """Tell the timing of the abstract, the smallest scheme."""
    translator = Translator(Structure(open_with(view.readings)).dimensions, ROWS)
    question = scheme_questions(view)["abstract-timing"]
    return Told(question, OracleTable(ROWS, view.readings), translator), translator


def test_one_wrong_answer_is_counted(view: View, judge: Judge) -> None:
    """A reasoner that is wrong on one question differs in the cells of that box."""
    told, translator = told_abstract(view)

    def ask(asked: list[Expression]) -> list[bool]:
        return [judge.satisfiable(e) for e in asked]

    sizes = set()
    for wrong in range(2 * len(told.cells)):

        def lying(asked: list[Expression], wrong: int = wrong) -> list[bool]:
            return [said != (i == wrong) for i, said in enumerate(ask(asked))]

        found = compared("default", told, translator, ask, lying)
        assert found.hermit_differs == 0 and found.openllet_differs > 0
        sizes.add(found.openllet_differs)
    assert sizes == {cells.bit_count() for cells in told.cells.values()}


def moved(graph: Graph, limit: str, to: str) -> Graph:
    """Return the ontology with a limit of its definitions moved."""
    changed = Graph()
    for s, p, o in graph:
        number = isinstance(o, Literal) and str(o) == limit and "clusive" in str(p)
        changed.add((s, p, Literal(Decimal(to)) if number else o))
    return changed


def test_hermit_notices_a_moved_limit(view: View, plain_graph: Graph) -> None:
    """With 30 months moved to 29, HermiT is no longer where the table is."""
    told, translator = told_abstract(view)
    judge = Judge(moved(plain_graph, "30", "29"))
    found = compared(
        "default", told, translator, lambda asked: [judge.satisfiable(e) for e in asked], None
    )
    assert found.hermit_differs > 0


@needs_openllet
def test_openllet_notices_a_moved_limit(
    view: View, plain_graph: Graph, judge: Judge, second: Openllet | None
) -> None:
    """With 30 months moved to 29, Openllet is no longer where the table is."""
    assert second is not None
    engine, changed = second, moved(plain_graph, "30", "29")
    told, translator = told_abstract(view)
    found = compared(
        "default",
        told,
        translator,
        lambda asked: [judge.satisfiable(e) for e in asked],
        lambda asked: engine.satisfiable(changed, asked),
    )
    assert found.hermit_differs == 0 and found.openllet_differs > 0


def test_openllet_is_given_no_axiom_of_our_own(plain_graph: Graph) -> None:
    """What Openllet loads is a part of the ontology, so that what it refutes is refuted by all."""
    part = spoken_of(plain_graph, {URIRef(BASE + name) for name in ("S2", "monthsFromDiagnosis")})
    extra = set(part) - set(plain_graph)
    assert len(part) > 100 and [str(s) for s, _, _ in extra] == [BASE + "part"]


SIX = Decimal(6)
AT_SIX_AND_LATER = And(
    (
        Named(THING),
        HasNumber("monthsFromTreatmentEnd", Interval(SIX, True, SIX, True)),
        HasNumber("monthsFromTreatmentEnd", Interval(low=SIX)),
    )
)


def test_hermit_refutes_two_numbers_of_one_clock(judge: Judge) -> None:
    """No relapse is at exactly and at more than 6 months from the end of treatment.

    HermiT 1.3.8 itself finds it possible if the number is written as a range; the judge writes it
    as the number.
    """
    assert not judge.satisfiable(AT_SIX_AND_LATER)


@needs_openllet
def test_openllet_refutes_two_numbers_of_one_clock(
    plain_graph: Graph, second: Openllet | None
) -> None:
    """No relapse is at exactly and at more than 6 months from the end of treatment."""
    assert second is not None
    assert second.satisfiable(plain_graph, [AT_SIX_AND_LATER]) == [False]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("s\tearly\t\tmonths from diagnosis under 18\t\tP1\t", "row 2: no condition"),
        ("s\tearly\t\tmonths from diagnosis < 18\t\t\t", "row 2: a cell"),
        ("s\tearly\t\tmonths from diagnosis < 18\t\tP1", "row 2: a cell"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused(tmp_path: Path, row: str, message: str) -> None:
    """A row that says nothing, or not where it stands, is named and refused."""
    file = tmp_path / "table.tsv"
    file.write_text("\t".join(COLUMNS) + "\n" + row + "\n", encoding="utf-8")
    with pytest.raises(WordingError, match=message):
        read_rows(file)


@pytest.mark.parametrize(
    "rows",
    [
        ["s\tearly\t\tmonths < 18\t\tP1\t"],
        ["s\tnone\t\tmonths > 18\t\tP1\t", "s\tlate\t\tmonths > 18\t\tP1\t"],
        ["s\tearly\t\tmonths > 18\t\tP1\t", "s\tlate\t\tmonths > 18\t\tP1\t"],
        ["s\tseveral\t\tmonths > 18\t\tP1\t", "s\tlate\t\tmonths > 18\t\tP1\t"],
    ],
    ids=["nothing told", "hole with something in it", "overlap untold", "overlap of one"],
)
def test_a_table_that_contradicts_itself_is_refused(tmp_path: Path, rows: list[str]) -> None:
    """A hole or an overlap is told as such, or the table does not stand."""
    file = tmp_path / "table.tsv"
    file.write_text("\n".join(["\t".join(COLUMNS), *rows]) + "\n", encoding="utf-8")
    with pytest.raises(WordingError):
        OracleTable(read_rows(file), frozenset()).judge("s", {"months": Decimal(20)})
