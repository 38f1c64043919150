"""Prove that each reader of relapses gives columns of text, or one error saying what is allowed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loaders.cohort import SourceError, Values, read_relapses

PREFIX = "@prefix rallo: <https://w3id.org/rallo/> . @prefix c: <https://example.org/> .\n"
SYSTEM = "https://w3id.org/rallo/input"
SECRET = "Kanarienvogel"


def observation(column: str, system: str = SYSTEM, **value: object) -> dict[str, object]:
    """Write one observation of a patient called a."""
    return {
        "resource": {
            "resourceType": "Observation",
            "status": "final",
            "subject": {"reference": "Patient/a"},
            "code": {
                "coding": [
                    {"system": "http://loinc.org", "code": "1"},
                    {"system": system, "code": column},
                ]
            },
            **value,
        }
    }


def bundle(*entries: object) -> str:
    """Write a FHIR bundle."""
    return json.dumps({"resourceType": "Bundle", "entry": list(entries)})


def code(text: str) -> dict[str, object]:
    """Write a coded value."""
    return {"coding": [{"system": SYSTEM, "code": text}]}


CODED_T = {"system": SYSTEM, "code": "T"}
ONE = {"patient_id": "a", "mrd": "<1e-4"}
GOOD: dict[str, tuple[str, str, list[Values]]] = {
    "CSV": (".csv", "patient_id,mrd\na,<1e-4\n", [ONE]),
    "CSV, suffix in capitals": (".CSV", "patient_id,mrd\na,<1e-4\n", [ONE]),
    "CSV with BOM and CRLF": (".csv", "\ufeffpatient_id,mrd\r\na,<1e-4\r\n", [ONE]),
    "CSV with blanks in the header": (".csv", " patient_id , mrd\na,<1e-4\n", [ONE]),
    "CSV, quoted": (".csv", '"patient_id","mrd"\n"a","<1e-4"\n', [ONE]),
    "CSV, newline in quotes": (
        ".csv",
        'patient_id,note\na,"x\ny"\n',
        [{"patient_id": "a", "note": "x\ny"}],
    ),
    "CSV, short row": (".csv", "patient_id,mrd\na\n", [{"patient_id": "a", "mrd": ""}]),
    "CSV, header alone": (".csv", "patient_id,mrd\n", []),
    "JSON object": (".json", '{"patient_id": "a", "mrd": "<1e-4"}', [ONE]),
    "JSON list": (
        ".json",
        '[{"patient_id": "a"}, {"mrd": null}]',
        [{"patient_id": "a"}, {"mrd": ""}],
    ),
    "JSON under relapses": (".json", '{"relapses": [{"patient_id": "a"}]}', [{"patient_id": "a"}]),
    "JSON number as written": (
        ".json",
        '{"mrd": 0.000100000000000000000001, "chromosomes": 44, "x": 5e-4}',
        [{"mrd": "0.000100000000000000000001", "chromosomes": "44", "x": "5e-4"}],
    ),
    "JSON booleans and lists": (
        ".json",
        '{"on_treatment": false, "donors": ["none"], "genetics": ["KMT2A-r", "hypodiploidy"]}',
        [{"on_treatment": "no", "donors": "none", "genetics": "KMT2A-r;hypodiploidy"}],
    ),
    "FHIR": (
        ".json",
        bundle(
            {"resource": {"resourceType": "Patient"}},
            observation("mrd", valueQuantity={"comparator": "<", "value": 0.0001}),
            observation("immunophenotype", valueCodeableConcept=code("T")),
            observation("on_treatment", valueBoolean=False),
            observation("relapse_date", valueDateTime="2011-05-01"),
            observation("genetics", valueCodeableConcept=code("KMT2A-r")),
            observation("genetics", valueCodeableConcept=code("hypodiploidy")),
            observation("something", system="http://loinc.org", valueString="x"),
        ),
        [
            {
                "patient_id": "a",
                "mrd": "<0.0001",
                "immunophenotype": "T",
                "on_treatment": "no",
                "relapse_date": "2011-05-01",
                "genetics": "KMT2A-r;hypodiploidy",
            }
        ],
    ),
    "FHIR, code of RALLO beside another": (
        ".json",
        bundle(
            observation(
                "immunophenotype",
                valueCodeableConcept={"coding": [{"system": "x", "code": "1"}, CODED_T]},
            )
        ),
        [{"patient_id": "a", "immunophenotype": "T"}],
    ),
    "FHIR, entered in error": (
        ".json",
        bundle(
            observation("cns_status", valueString="CNS1"),
            observation("mrd", valueString="0.5", status="entered-in-error"),
        ),
        [{"patient_id": "a", "cns_status": "CNS1"}],
    ),
    "Turtle": (
        ".ttl",
        PREFIX
        + "c:a a rallo:Relapse ; rallo:hasCNSStatus rallo:CNS3 ; rallo:monthsFromDiagnosis 20.5 ."
        "c:b a rallo:Relapse ; rallo:hasImmunophenotype rallo:TLineage .",
        [
            {"patient_id": "a", "cns_status": "CNS3", "months_from_diagnosis": "20.5"},
            {"patient_id": "b", "immunophenotype": "T"},
        ],
    ),
}


@pytest.mark.parametrize("case", GOOD)
def test_a_good_file_gives_its_columns_as_text(case: str, tmp_path: Path) -> None:
    """Every form gives the same columns, the unknown empty, numbers as they were written."""
    suffix, content, expected = GOOD[case]
    path = tmp_path / f"relapses{suffix}"
    path.write_text(content, encoding="utf-8", newline="")
    assert list(read_relapses(path)) == expected


BAD: dict[str, tuple[str, bytes, str]] = {
    "CSV, row too long": (".csv", b"patient_id,mrd\nKanarienvogel,1,2\n", "line 2"),
    "CSV, not UTF-8": (".csv", b"patient_id\nKanarienvogel\xff\n", "UTF-8"),
    "CSV, column twice": (".csv", b"mrd,patient_id,mrd\n0.1,Kanarienvogel,0.2\n", "mrd"),
    "CSV, open quote": (".csv", b'patient_id,mrd\n"Kanarienvogel,1\n', "line"),
    "JSON, cut": (".json", b'{"patient_id": "Kanarienvogel"', "JSON"),
    "JSON, too deep": (".json", b"[" * 100_000, "JSON"),
    "JSON, deep value": (".json", b'{"mrd": ' + b"[" * 900 + b"]" * 900 + b"}", "relapses.json"),
    "JSON, lone surrogate": (".json", b'{"patient_id": "Kanarienvogel\\ud800"}', "relapses.json"),
    "JSON, text": (".json", b'"Kanarienvogel"', "object"),
    "JSON, list of texts": (".json", b'["Kanarienvogel"]', "object"),
    "JSON, not UTF-8": (".json", b'{"patient_id": "Kanarienvogel\xff"}', "UTF-8"),
    "JSON, key twice": (".json", b'{"mrd": 0.1, "patient_id": "Kanarienvogel", "mrd": 0.2}', "mrd"),
    "FHIR, entry": (".json", b'{"resourceType": "Bundle", "entry": 5}', "FHIR"),
    "FHIR, code": (
        ".json",
        bundle(
            observation("mrd") | {"resource": {"resourceType": "Observation", "code": SECRET}}
        ).encode(),
        "FHIR",
    ),
    "FHIR, subject": (".json", bundle(observation("mrd", subject=SECRET)).encode(), "FHIR"),
    "Turtle, cut": (".ttl", PREFIX.encode() + b"c:Kanarienvogel a rallo:Rel", "Turtle"),
    "Turtle, not UTF-8": (".ttl", b"# Kanarienvogel \xff\n", "relapses.ttl"),
    "unknown kind": (".xlsx", b"Kanarienvogel", ".csv, .json, .ttl"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_without_its_content(case: str, tmp_path: Path) -> None:
    """The error names the file and what is wrong or allowed, and holds nothing of a cell."""
    suffix, content, named = BAD[case]
    path = tmp_path / f"relapses{suffix}"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        list(read_relapses(path))
    assert path.name in str(caught.value) and named in str(caught.value)
    assert SECRET not in str(caught.value)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A path that does not exist, or is a folder, is refused by its name."""
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    for path in (tmp_path / "none.csv", folder):
        with pytest.raises(SourceError, match=path.name):
            list(read_relapses(path))


def test_an_unknown_individual_of_turtle_is_reported_not_dropped(tmp_path: Path) -> None:
    """A value that the ontology does not know reaches the intake as text, which then refuses it."""
    path = tmp_path / "case.ttl"
    path.write_text(
        PREFIX + "c:a a rallo:Relapse ; rallo:hasCNSStatus rallo:CNS7 .", encoding="utf-8"
    )
    (values,) = read_relapses(path)
    assert "CNS7" in values.get("cns_status", "")
