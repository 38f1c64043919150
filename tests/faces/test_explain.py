"""Prove that `rallo explain` says why, in sentences and as data, of examples and of files."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from faces import INPUT, ROOT, bundle, rallo
from generated import Generator
from pyoxigraph import BlankNode, NamedNode

from loaders.cohort import read_relapses
from ontology.files import BASE
from queries.dataset import INFERRED, open_dataset
from queries.engines import Embedded
from queries.knowledge import Knowledge
from reasoner.table import Table, load

STORED = ROOT / "ontology" / "examples" / "relapses.ttl"
CASES = ("cns-late", "late-marrow", "t-marrow-timing-unknown")
CASE = CASES[-1]
T_MARROW = {
    "marrow_status": "involved",
    "cns_status": "CNS1",
    "testis": "none",
    "other_extramedullary": "none",
    "immunophenotype": "T",
}


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    """Open RALLO under its default readings."""
    return Knowledge()


def only(answer: Mapping[str, Any], of: str) -> dict[str, Any]:
    """Return the one conclusion on a scheme, decision or advice."""
    (found,) = (c for c in answer["conclusions"] if c["of"] == of)
    return dict(found)


# -- sentences -----------------------------------------------------------------------------------


def test_the_sentence_of_a_t_lineage_marrow_relapse() -> None:
    """P12: an isolated marrow relapse of T lineage is S4 at any time, by the third line of S4."""
    (sentence,) = (
        e["sentence"]
        for e in only(rallo("explain", CASE, "--format", "json").json, "bfm_group")["explanations"]
    )
    assert sentence == (
        "S4 (BFM groups, Table 1) because marrow status involved, CNS status CNS1, testis none, "
        "other extramedullary none and immunophenotype T, by S4, third line: T-lineage marrow "
        "(P10, P12 S4; [12], inherited); read with B0 (a relapse is the first unless stated) and "
        "B5 (CNS3 is involvement, CNS1 is none)."
    )


def named(table: Table, column: str, value: str) -> str:
    """Return the words by which a sentence names the value of a fact."""
    if column in table.dimensions:
        atoms = table.dimensions[column]["atoms"]
        return next(str(a["label"]) for a in atoms if a.get("value") == value)
    return value.removesuffix(" (from dates)")


def test_a_sentence_names_every_fact_clause_place_and_reading(knowledge: Knowledge) -> None:
    """In the examples and 100 generated relapses nothing of an explanation is left unsaid."""
    generator, table, said = Generator(load(), 5), load(), 0
    drawn = [generator.record() for _ in range(100)]
    for values in [*read_relapses(STORED), *drawn]:
        for conclusion in knowledge.explain(values)["conclusions"]:
            for explanation in conclusion["explanations"]:
                sentence, said = explanation["sentence"], said + 1
                assert sentence.endswith(".") and "None" not in sentence
                assert conclusion["label"] in sentence
                for column, value in explanation["facts"].items():
                    assert named(table, column, value) in sentence, (column, value, sentence)
                for ground in explanation["clauses"]:
                    assert f"{ground['clause']} ({ground['locator']}; " in sentence
                    assert all(str(n) in sentence for n in ground["citations"])
                for reading in explanation["readings"]:
                    assert f"{reading} ({table.readings[reading]['label']})" in sentence
                if not explanation["facts"]:
                    assert " without any given fact" in sentence
            assert bool(conclusion["explanations"]) != bool(conclusion["open"])
    assert said > 1_000


GIVEN_AND_SAID: list[tuple[str, str, str]] = [
    (
        "months_from_diagnosis=36",
        "timing_abstract",
        "late (timing of the abstract) because 36 months from diagnosis, by",
    ),
    (
        "months_from_diagnosis=30",
        "timing_abstract",
        "No category of timing of the abstract (between early and late) because 30 months from "
        "diagnosis, which none of its definitions covers (P1; no citation printed)",
    ),
    (
        "relapse_number=2",
        "bfm_group",
        "BFM groups, Table 1 does not apply because relapse number 2, while it speaks of this "
        "alone: first relapse (P10, P12; ",
    ),
    (
        "immunophenotype=mature-B",
        "bfm_group",
        "BFM groups, Table 1 does not apply because immunophenotype mature-B, which is out of "
        "scope of the article.",
    ),
    (
        "diagnosis_date=2010-01-15 relapse_date=2013-01-15",
        "timing_abstract",
        "because 36.00 months from diagnosis (from dates), by",
    ),
    (
        "cns_status=CNS3 prior_cranial_rt_gy=20",
        "cns-radiotherapy-18",
        "because CNS status CNS3 and prior cranial radiotherapy dose 20 Gy, by",
    ),
    (
        "marrow_status=involved remission=yes mrd=not-detected mrd_sensitivity=1e-5 "
        "immunophenotype=BCP months_from_diagnosis=50 months_from_treatment_end=20",
        "hsct",
        "minimal residual disease not-detected and mrd sensitivity 1e-5, ",
    ),
    (
        "",
        "hsct-conditioning-tbi",
        "without any given fact, by first relapse (P28; no citation printed); read with B0 "
        "(a relapse is the first unless stated) alone.",
    ),
]


@pytest.mark.parametrize(("given", "column", "said"), GIVEN_AND_SAID)
def test_facts_bear_their_units_and_silence_is_told(
    knowledge: Knowledge, given: str, column: str, said: str
) -> None:
    """Months, Gy, dates, limits of detection, gaps, and what does not apply are said in words."""
    facts = dict(pair.split("=") for pair in given.split())
    (explanation, *_) = only(knowledge.explain(facts), column)["explanations"]
    assert said in explanation["sentence"]


def test_what_no_single_clause_decides_is_said_so(knowledge: Knowledge) -> None:
    """A late non-T marrow relapse is S2 whatever the other sites are, by one line or another."""
    late = {
        "marrow_status": "involved",
        "immunophenotype": "BCP",
        "months_from_treatment_end": "20",
    }
    found = only(knowledge.explain(late), "bfm_group")
    (explanation,) = found["explanations"]
    assert explanation["by"] == "cases" and explanation["facts"] == late
    assert (
        "since whatever is true of CNS involvement, testicular disease and other extramedullary "
        "disease, one of these holds: S2, third line" in explanation["sentence"]
    )
    assert found["clauses"] == []
    isolated = only(knowledge.explain(late | T_MARROW | {"immunophenotype": "BCP"}), "bfm_group")
    assert [g["name"] for g in isolated["clauses"]] == ["S2Clause3"]


# -- the command ---------------------------------------------------------------------------------


def test_text_and_json_say_the_same() -> None:
    """Every sentence and every open answer of the JSON stands in the text."""
    for case in CASES:
        answer = rallo("explain", case, "--format", "json").json
        text = rallo("explain", case).out
        assert answer["relapse"]["patient_id"] == case
        assert answer["problems"] == [] and answer["disclaimer"] in text
        for conclusion in answer["conclusions"]:
            for explanation in conclusion["explanations"]:
                assert explanation["sentence"] in text
            assert conclusion["open"] is None or conclusion["open"] in text
            for reading, told in conclusion["readings"].items():
                assert not told["needed"] or f"without {reading}: {told['without']}" in text


def test_an_unknown_case_is_told_which_there_are() -> None:
    """A name that is no case lists the cases, and a file that is missing is named."""
    said = rallo("explain", "nobody")
    assert said.status == 2 and said.out == ""
    assert "'nobody'" in said.err and all(case in said.err for case in CASES)
    said = rallo("explain", "nothing.csv")
    assert said.status == 2 and "nothing.csv: no such file" in said.err


@pytest.mark.parametrize("kind", ["csv", "json", "bundle.json"])
def test_files_are_read_as_by_recommend(tmp_path: Path, kind: str) -> None:
    """CSV, JSON and FHIR of two relapses give two answers, each with its facts."""
    rows = [{"patient_id": "a", **T_MARROW}, {"patient_id": "b", **INPUT, "immunophenotype": "BCP"}]
    path = tmp_path / f"relapses.{kind}"
    if kind == "csv":
        with path.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, list(INPUT), restval="")
            writer.writeheader()
            writer.writerows(rows)
    else:
        text = json.dumps(rows) if kind == "json" else bundle(*rows)
        path.write_text(text, encoding="utf-8")
    answers = rallo("explain", path, "--only", "bfm_group", "--format", "json").json
    assert [a["relapse"]["immunophenotype"] for a in answers] == ["T", "BCP"]
    assert only(answers[0], "bfm_group")["explanations"][0]["facts"] == T_MARROW
    assert rallo("explain", path).out.count("Relapse ") == 2


def test_a_file_without_a_relapse_is_refused(tmp_path: Path) -> None:
    """Columns that no relapse has are not explained as if nothing were known."""
    path = tmp_path / "other.csv"
    path.write_text("colour\nred\n", encoding="utf-8")
    said = rallo("explain", path)
    assert said.status == 2 and "other.csv: no relapse found" in said.err


def test_only_chooses_schemes_decisions_and_advice() -> None:
    """A column, an advice, and a decision that names options choose what belongs to them."""
    asked = rallo("explain", CASE, "--only", "hsct", "--only", "bfm_group", "--format", "json")
    assert [c["of"] for c in asked.json["conclusions"]] == ["bfm_group", "hsct"]
    asked = rallo("explain", CASE, "--only", "donor_choice", "--format", "json")
    assert [c["of"] for c in asked.json["conclusions"]] == ["donor-matched-sibling"]
    asked = rallo("explain", "cns-late", "--only", "nelarabine-t")
    assert "Nothing that was asked for is concluded" in asked.out
    said = rallo("explain", CASE, "--only", "S4")
    assert said.status == 2 and "'S4'" in said.err and "bfm_group" in said.err


def test_readings_are_switched_as_everywhere() -> None:
    """Without B1 the advice for high risk has no ground (B1); an unknown reading is refused."""
    needs = only(rallo("explain", CASE, "--format", "json").json, "hsct")["readings"]
    assert needs["B1"] == {"needed": True, "without": "undetermined"}
    found = only(rallo("explain", CASE, "--without", "B1", "--format", "json").json, "hsct")
    assert found["value"] == "undetermined" and "B1" not in found["readings"]
    asked = rallo("explain", CASE, "--with", "A10", "--only", "bfm_group", "--format", "json")
    (explanation,) = only(asked.json, "bfm_group")["explanations"]
    assert explanation["facts"] == {"marrow_status": "involved", "immunophenotype": "T"}
    assert rallo("explain", CASE, "--without", "B99").status == 2
    assert rallo("explain", CASE, "--format", "pdf").status == 2


def test_what_is_refused_is_told_and_not_obeyed(knowledge: Knowledge, tmp_path: Path) -> None:
    """A bad value is a problem beside the answer, and no character of a record moves the cursor."""
    path = tmp_path / "relapses.json"
    values = {"patient_id": "\x1b[2J", **T_MARROW}
    values["cns_status"] = "CNS9\x1b"
    path.write_text(json.dumps(values), encoding="utf-8")
    said = rallo("explain", path)
    assert said.status == 0 and "\x1b" not in said.out
    assert "cns_status: 'CNS9" in said.out
    (problem,) = knowledge.explain(values)["problems"]
    assert "CNS1, CNS2, CNS3" in problem


# -- the graph -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dataset() -> Embedded:
    """Open the compiled dataset."""
    return Embedded(open_dataset())


def rows(dataset: Embedded, pattern: str) -> set[tuple[str, ...]]:
    """Return what a pattern finds in the graph of what is inferred, its variables in order."""
    names = " ".join(dict.fromkeys(re.findall(r"\?\w+", pattern)))
    text = f"PREFIX r: <{BASE}> SELECT {names} WHERE {{ GRAPH <{INFERRED}> {{ {pattern} }} }}"
    found = dataset.select(text)
    return {tuple(t.value.removeprefix(BASE) for t in row if t is not None) for row in found.rows}


def test_the_graph_tells_what_the_command_tells(dataset: Embedded, knowledge: Knowledge) -> None:
    """Each explanation of a stored case is one individual with its sentence, facts and readings."""
    for values in read_relapses(STORED):
        case = values["patient_id"]
        about = f"?e r:explains <{BASE}example/{case}> ; "
        told, facts, readings = set(), set(), set()
        for conclusion in knowledge.explain(values)["conclusions"]:
            for explanation in conclusion["explanations"]:
                sentence = explanation["sentence"]
                told.add((conclusion["value"], sentence))
                readings |= {(sentence, f"reading/{r}") for r in explanation["readings"]}
                facts |= {(sentence, len(explanation["facts"]))} if explanation["facts"] else set()
        there = rows(dataset, about + "r:concludedValue ?v ; r:sentence ?s")
        assert {(v, s) for _, v, s in there} == told
        there = rows(dataset, about + "r:sentence ?s ; r:usesReading ?r")
        assert {(s, r) for _, s, r in there} == readings
        there = rows(dataset, about + "r:sentence ?s ; r:hasGivenFact ?f")
        counted = {(s, sum(1 for _, t, _ in there if t == s)) for _, s, _ in there}
        assert counted == facts


def test_given_facts_are_those_that_a_case_states(dataset: Embedded) -> None:
    """Each names a property of the case and the very value that stands there."""
    facts = rows(dataset, "?f a r:GivenFact ; r:givenOf ?c ; r:givenProperty ?p ; r:givenValue ?v")
    assert len(facts) > 20
    for _, case, prop, value in facts:
        stated = dataset.select(f"SELECT ?v WHERE {{ <{BASE}{case}> <{BASE}{prop}> ?v }}").rows
        assert [row[0].value.removeprefix(BASE) for row in stated if row[0]] == [value]


def test_every_inferred_category_of_a_stored_case_is_explained(dataset: Embedded) -> None:
    """A case is in a class only by an explanation that concludes it or rests on it."""
    types = {row for row in rows(dataset, "?c a ?t") if row[0].startswith("example/")}
    concluded = {row[1:] for row in rows(dataset, "?e r:explains ?c ; r:concludes ?t")}
    clauses = {row[1:] for row in rows(dataset, "?e r:explains ?c ; r:byClause|r:byOneOf ?t")}
    assert types <= concluded | clauses and len(types & concluded) > 10


def test_explanations_are_named_and_rest_on_what_there_is(dataset: Embedded) -> None:
    """No node is blank, names tell case and conclusion, and links lead to something stated."""
    links = rows(dataset, "?e a r:Explanation ; ?p ?o FILTER isIRI(?o)")
    for explanation, prop, target in links:
        assert re.fullmatch(r"explanation/[a-z-]+/[a-z0-9-]+/[1-9]\d*", explanation)
        if target.startswith(("given-fact/", "http")):
            continue
        asked = dataset.ask(f"ASK {{ <{BASE}{target}> ?p ?o }}")
        assert asked, (explanation, prop, target)
    blank = dataset.store.quads_for_pattern(None, None, None, NamedNode(INFERRED))
    assert not any(isinstance(t, BlankNode) for q in blank for t in (q.subject, q.object))
