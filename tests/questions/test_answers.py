"""Prove that questions give the answers that the article's text asks for."""

from __future__ import annotations

import pytest
from answer_files import FOLDER, Expected, expected_answers
from rdflib import Graph

from ontology.files import BASE
from queries.answers import Answer, answer
from queries.catalogue import load_catalogue
from queries.dataset import open_dataset
from queries.engines import Embedded

# Each example question of the project's founders, and the file that answers it.
EXAMPLES = {
    "Q01": "bfm_group_shares",
    "Q02": "group_clauses",
    "Q04": "bfm_group_outcomes",
    "Q06": "timing_definitions",
    "Q10": "cns_status_definitions",
    "Q13": "transplant_offers",
    "Q14": "managed_without_transplant",
    "Q16": "cns_radiation_doses",
    "Q19": "steps_of_advice",
    "Q24": "donor_preference",
    "Q25": "unrelated_donor_criteria",
    "Q27": "transplant_timing",
    "Q28": "trials_for_advanced_disease",
    "Q29": "transplant_versus_chemotherapy",
    "Q30": "study_results",
    "Q33": "unrelated_donor_versus_chemotherapy",
    "Q36": "outcome_by_remission_status",
    "Q38": "study_arms",
    "Q41": "novel_drugs",
    "Q42": "drug_approvals",
    "Q45": "drug_responses",
    "Q50": "factors_unused_in_groups",
    "Q51": "clonal_origin",
    "Q54": "timing_schemes",
    "Q56": "uncited_recommendations",
}


@pytest.fixture(scope="module")
def whole() -> Embedded:
    """Ask the whole dataset, with its named graphs."""
    return Embedded(open_dataset())


@pytest.mark.parametrize("name", sorted(expected_answers()))
def test_a_question_gives_its_expected_rows(engine: Embedded, whole: Embedded, name: str) -> None:
    """The rows are those typed from the text: none is missing, none is surplus."""
    question = load_catalogue()[name]
    found = answer(whole if question.names_graphs else engine, question)
    assert expected_answers()[name].differences(found) == []


def test_the_example_questions_and_as_many_again_have_expected_rows() -> None:
    """Every one of the 25 examples has its file, and at least 25 further questions have one."""
    assert len(EXAMPLES) == 25
    assert set(EXAMPLES.values()) <= expected_answers().keys()
    assert len(expected_answers()) >= 50


def test_no_expected_answer_is_left_without_a_question() -> None:
    """Each file of expected rows bears the name of a question, and its columns are of it."""
    assert {path.stem for path in FOLDER.glob("*")} <= load_catalogue().keys()


def _text(node: object) -> str:
    return "" if node is None else str(node).removeprefix(BASE)


def test_the_shipped_questions_run_alike_on_two_engines(engine: Embedded, graph: Graph) -> None:
    """Rdflib gives the rows of the embedded engine, with the same values in each column.

    Questions on named graphs are compared where there are such graphs, among the engines.
    """
    different = []
    for question in load_catalogue().values():
        if question.names_graphs:
            continue  # a graph alone has no named ones; tests/engines asks the whole dataset
        result = graph.query(question.fill())
        columns = tuple(str(v) for v in result.vars or ())
        ours = {tuple(_text(row.get(v)) for v in result.vars or ()) for row in result.bindings}
        theirs = answer(engine, question)
        if (columns, ours) != (theirs.columns, set(theirs.rows)):
            different.append((question.name, sorted(ours ^ set(theirs.rows))[:4]))
    assert different == []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("a", "one two")], []),
        ([("b", "one two")], ["missing", "surplus"]),
        ([("a", "one")], ["missing", "surplus"]),
        ([("a", "one two"), ("c", "x")], ["surplus"]),
        ([], ["missing"]),
    ],
)
def test_a_comparison_tells_missing_from_surplus(
    rows: list[tuple[str, ...]], said: list[str]
) -> None:
    """A row that differs in a cell or in a word stem is missing and surplus at once."""
    expected = Expected(("id", "text~"), (("a", "one&two|three"),))
    found = expected.differences(Answer(("id", "text"), rows))
    assert [line.split(":")[0] for line in found] == said
