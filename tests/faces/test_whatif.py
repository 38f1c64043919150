"""What-if answers as a reader gets them: JSON that says all, text that says it in words."""

from __future__ import annotations

import json
from typing import Any

import pytest
import typer

from queries.knowledge import Knowledge
from queries.whatif import print_whatif, whatif

Captured = pytest.CaptureFixture[str]
Relapse = dict[str, str]

# Every site looked at; later columns outdo these.
CLEAR: Relapse = {
    "marrow_status": "clear",
    "cns_status": "CNS1",
    "testis": "none",
    "other_extramedullary": "none",
}
MARROW: Relapse = {**CLEAR, "marrow_status": "involved", "immunophenotype": "BCP"}
CNS: Relapse = {**CLEAR, "cns_status": "CNS3", "immunophenotype": "BCP"}
DIAGNOSIS, OFF = "months_from_diagnosis", "months_from_treatment_end"
SETTLED: Relapse = {
    **MARROW,
    "immunophenotype": "T",
    DIAGNOSIS: "40",
    OFF: "12",
    "mrd": "5e-4",
    "months_from_remission": "31",
    "donors": "none",
    "nk_alloreactive_relative": "no",
}


def asked(
    knowledge: Knowledge,
    captured: Captured,
    *rows: dict[str, str],
    format: str = "text",
    **what: Any,
) -> str:
    """Return what is printed."""
    asked_for: dict[str, Any] = {"why_not": [], "make": [], "sensitivity": False, "settle": False}
    print_whatif(knowledge, rows, **{**asked_for, **what}, format=format)
    return " ".join(captured.readouterr().out.split())


def test_why_not_names_clause_criterion_fact_and_citation(
    knowledge: Knowledge, capsys: Captured
) -> None:
    """An isolated CNS relapse at 3 months off treatment is not S1, and the text says why."""
    text = asked(knowledge, capsys, {**CNS, DIAGNOSIS: "20", OFF: "3"}, why_not=["S1"])
    assert "bfm_group=S1 is excluded" in text
    assert "fails: late relapse (Table 1), because months_from_treatment_end 3" in text
    assert "P12 S1; [12]" in text


def test_a_decision_names_what_stands_in_the_way(knowledge: Knowledge, capsys: Captured) -> None:
    """S1 with high residual disease: advice for and advice against, each with its facts (A24)."""
    text = asked(
        knowledge, capsys, {**CNS, DIAGNOSIS: "40", OFF: "12", "mrd": "5e-4"}, why_not=["hsct=yes"]
    )
    assert "two passages contradict each other" in text
    assert "In the way (against)" in text


def test_flips_in_words(knowledge: Knowledge, capsys: Captured) -> None:
    """A flip names column, old value and the interval of new ones."""
    rows = {**MARROW, DIAGNOSIS: "20", OFF: "3"}
    text = asked(knowledge, capsys, rows, make=["S4", "S3"])
    assert "months_from_diagnosis: from 20 to at least 3 and less than 18, for example 17" in text
    assert "immunophenotype: from BCP to T" in text
    assert "It is bfm_group=S3 as it stands." in text
    text = asked(knowledge, capsys, rows, make=["cog_group=low"])
    assert "at least 1 change and 1 addition of facts" in text


def test_sensitivity_in_words(knowledge: Knowledge, capsys: Captured) -> None:
    """The line of a number is told limit by limit, and readings that matter are told apart."""
    text = asked(knowledge, capsys, {**CNS, DIAGNOSIS: "40", OFF: "3"}, sensitivity=True)
    line = "less than 6: S2; exactly 6: in no category, between S1 and S2; more than 6"
    assert f"bfm_group: {line}" in text
    assert "no answer hangs on" in text


def test_settling_in_words(knowledge: Knowledge, capsys: Captured) -> None:
    """Open answers, what settles them, what to ask first, and what holds by class."""
    text = asked(knowledge, capsys, {**MARROW, DIAGNOSIS: "24"}, settle=True)
    assert "settled, whatever they say, by: on_treatment + months_from_treatment_end" in text
    assert "1. months_from_treatment_end: may settle" in text
    assert "if bfm_group is S3" in text
    assert "timing_abstract: early" in text


def test_json_says_all_that_was_asked(knowledge: Knowledge, capsys: Captured) -> None:
    """JSON is the assembled data to the letter, one object for one relapse and a list for two."""
    rows = [{**MARROW, DIAGNOSIS: "24"}, {**CNS, "immunophenotype": "T"}]
    what: dict[str, Any] = {
        "why_not": ["S1"], "make": ["S4"], "sensitivity": True, "settle": True
    }  # fmt: skip
    wanted = [whatif(knowledge, values, n, **what) for n, values in enumerate(rows, 1)]
    print_whatif(knowledge, rows, **what, format="json")
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(wanted))
    print_whatif(knowledge, rows[:1], **what, format="json")
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(wanted[0]))


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ({"why_not": ["S9"]}, "unknown category 'S9'; known are site_pattern="),
        ({"make": ["bfm_group=S9"]}, "bfm_group=S1|S2|S3|S4"),
        ({"settle": True, "format": "html"}, "allowed: text, json"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    knowledge: Knowledge, capsys: Captured, what: dict[str, Any], words: str
) -> None:
    """Status 2, one line on the error stream that says what is allowed, and nothing else."""
    given: dict[str, Any] = {
        "why_not": [], "make": [], "sensitivity": False, "settle": False, "format": "text"
    }  # fmt: skip
    with pytest.raises(typer.Exit) as stopped:
        print_whatif(knowledge, [dict(MARROW)], **{**given, **what})
    out, error = capsys.readouterr()
    assert (stopped.value.exit_code, out) == (2, "")
    assert words in error


@pytest.mark.parametrize("values", [{}, {"immunophenotype": "mature-B"}, {"mrd": "much"},
                                    {"marrow_status": "clear", "marrow_blasts_percent": "60"},
                                    SETTLED])  # fmt: skip
@pytest.mark.parametrize("what", ["why_not", "make", "sensitivity", "settle"])
def test_no_part_is_ever_empty(
    knowledge: Knowledge, capsys: Captured, values: dict[str, str], what: str
) -> None:
    """Nothing known, out of scope, unreadable, contradictory, settled: something is always said."""
    chosen: Any = ["S2"] if what in ("why_not", "make") else True
    text = asked(knowledge, capsys, dict(values), **{what: chosen})
    headings = {"why_not": "Why not bfm_group=S2", "make": "What would make it bfm_group=S2",
                "sensitivity": "What the answers hang on",
                "settle": "What holds already, whatever the missing facts are"}  # fmt: skip
    _, found, after = text.partition(headings[what])
    assert found and len(after.split("For research and education")[0]) > 20


def test_control_characters_never_reach_a_terminal(knowledge: Knowledge, capsys: Captured) -> None:
    """What a terminal would obey is replaced in what was given."""
    text = asked(knowledge, capsys, {"patient_id": "a\x1b[2Jb"}, settle=True)
    assert "\x1b[2J" not in text
