"""Prove that questions and queries are answered on the command line, or refused with a remedy."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from faces import rallo
from rdflib import Graph

from queries.catalogue import load_catalogue

SHARES = [("S1", "5"), ("S2", "55"), ("S3", "15"), ("S4", "25")]  # Table 1
RESULTS = "{http://www.w3.org/2005/sparql-results#}"


def test_the_list_names_every_question_with_its_sentence() -> None:
    """`rallo query --list`, and `rallo query` alone, show each name, sentence and parameter."""
    said = rallo("query", "--list")
    assert said.status == 0
    assert said.out == rallo("query").out
    for question in load_catalogue().values():
        assert f"  {question.name}  {question.question}" in said.out
        for parameter in question.parameters:
            assert f"{parameter.name}={parameter.default}: {parameter.sentence}" in said.out


def test_csv_json_xml_and_tsv_hold_the_same_rows() -> None:
    """The four formats of the W3C give the four groups of Table 1 with their shares."""
    answers = {f: rallo("query", "bfm_group_shares", "--format", f).out for f in FORMATS}

    rows = list(csv.DictReader(io.StringIO(answers["csv"])))
    assert [(row["group"], row["share"]) for row in rows] == SHARES
    bindings = json.loads(answers["json"])["results"]["bindings"]
    assert [(row["group"]["value"], row["share"]["value"]) for row in bindings] == SHARES
    results = ElementTree.fromstring(answers["xml"]).iter(f"{RESULTS}result")
    found = [{b.get("name"): "".join(b.itertext()).strip() for b in result} for result in results]
    assert [(row["group"], row["share"]) for row in found] == SHARES
    lines = [line.split("\t") for line in answers["tsv"].splitlines()[1:]]
    assert [(line[0].strip('"'), line[2].split('"')[1]) for line in lines] == SHARES


FORMATS = ("csv", "json", "xml", "tsv")


def test_the_table_shows_sentence_columns_and_rows() -> None:
    """On a terminal the sentence comes first, then a table of what is filled."""
    first, head, *rows = rallo("query", "bfm_group_shares").out.splitlines()
    assert first == "Which BFM groups exist, and what share of relapses does each hold?"
    assert head.split() == [
        "group",
        "operator",
        "share",
        "unit",
        "locator",
        "citation",
        "citationMode",
    ]
    assert [(row.split()[0], row.split()[2]) for row in rows] == SHARES


def test_a_parameter_changes_what_is_asked() -> None:
    """With another study the results are those of that study."""
    said = rallo("query", "study_results", "--param", "study=pog-cns-1", "--format", "csv")
    values = {row["value"] for row in csv.DictReader(io.StringIO(said.out))}
    assert {"83", "46"} <= values  # P21


def test_an_empty_answer_says_why() -> None:
    """A question without rows names what was asked for in vain."""
    said = rallo("query", "figures_by_endpoint", "--param", "metric=DFS")
    assert said.status == 0
    assert said.out.splitlines()[-1] == (
        "no rows: the graph holds nothing of this kind for metric=DFS"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["study_result"], "near: "),
        (["study_results", "--param", "study=pog-cns-9"], "near: pog-cns-"),
        (["study_results", "--param", "study=a b"], "allowed: the id of a study"),
        (["study_results", "--param", "trial=all-r3"], "allowed: study"),
        (["study_results", "--param", "study"], "allowed: NAME=VALUE"),
        (["study_results", "--format", "html"], "allowed: table, csv, json, tsv, xml"),
        (["studies_by_design", "--param", "design=double-blind"], "allowed: randomised"),
    ],
)
def test_a_wrong_question_is_refused(arguments: list[str], told: str) -> None:
    """An unknown name, parameter, value or format ends with status 2 and says what is allowed."""
    said = rallo("query", *arguments)
    assert said.status == 2
    assert said.out == ""
    assert told in said.err


def test_a_query_of_ones_own_is_answered_from_text_and_from_a_file(tmp_path: Path) -> None:
    """SPARQL given as an argument or as a file gives the same rows, prefixes being known."""
    text = "SELECT ?n WHERE { <https://w3id.org/rallo/study/all-r3> rallo:sampleSize ?n }"
    file = tmp_path / "query.rq"
    file.write_text(text, encoding="utf-8")
    for given in (text, str(file)):
        assert rallo("sparql", given, "--format", "csv").out.split() == ["n", "239"]  # P16


def test_every_form_of_query_is_answered() -> None:
    """ASK gives a truth value, CONSTRUCT triples, SELECT rows."""
    assert rallo("sparql", "ASK { rallo:S2 rdfs:label ?x }").out == "true\n"
    assert rallo("sparql", "ASK { rallo:S9 rdfs:label ?x }").out == "false\n"
    made = rallo("sparql", "CONSTRUCT WHERE { rallo:S2 rdfs:label ?x }", "--format", "ttl")
    assert len(Graph().parse(data=made.out, format="turtle")) == 1
    assert "no rows" in rallo("sparql", "SELECT ?x { rallo:S9 rdfs:label ?x }").out


def test_inferred_triples_are_asked_only_on_demand_and_then_said() -> None:
    """The class of an example relapse is found with --inferred alone, which says so."""
    text = "SELECT ?case WHERE { ?case a rallo:S2 }"
    assert rallo("sparql", text, "--format", "csv").out.split() == ["case"]
    said = rallo("sparql", text, "--format", "csv", "--inferred")
    assert said.out.split() == ["case", "https://w3id.org/rallo/example/late-marrow"]
    assert "inferred" in said.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["SELEC"], "not a valid query"),
        (["SELECT ?s { ?s ?p ?o }", "--format", "ttl"], "the query gives rows"),
        (["CONSTRUCT WHERE { ?s ?p ?o }", "--format", "csv"], "the query gives triples"),
        (["DROP ALL"], "not a valid query"),
        (["SELECT ?s { ?s ?p ?o }", "--format", "pdf"], "allowed: table, csv"),
    ],
)
def test_a_wrong_query_is_refused(arguments: list[str], told: str) -> None:
    """A query that is not valid, an update, or a format that does not fit ends with status 2."""
    said = rallo("sparql", *arguments)
    assert (said.status, said.out) == (2, "")
    assert told in said.err


def test_an_endpoint_that_is_not_there_is_told() -> None:
    """Nobody listening is one line, without the query in it."""
    said = rallo("query", "bfm_group_shares", "--endpoint", "http://127.0.0.1:9/sparql")
    assert said.status == 2
    assert said.err.count("\n") == 1
    assert "127.0.0.1:9" in said.err and "SELECT" not in said.err
