"""Prove that the questions notice when a fact is lost or falsified."""

from __future__ import annotations

import pytest
from answer_files import expected_answers
from mutants import Score, score, uses
from rdflib import Graph

from queries.catalogue import load_catalogue

LEAST = 0.95


@pytest.fixture(scope="module")
def result(graph: Graph, facts: Graph) -> Score:
    """Remove and falsify every fact that an answer rests on."""
    expected = expected_answers()
    asked = {
        name: question
        for name, question in load_catalogue().items()
        if name in expected and not question.names_graphs
    }
    return score(graph, uses(graph, facts, asked), expected)


def test_lost_and_falsified_facts_are_noticed(
    result: Score, capsys: pytest.CaptureFixture[str]
) -> None:
    """At least 95 of 100 single-fact mutants make some question miss its expected rows."""
    with capsys.disabled():
        print(f"\n{result.mutants} mutants, {result.share:.1%} noticed")
    assert result.mutants > 4000
    assert result.share >= LEAST, "\n".join(result.unnoticed)
