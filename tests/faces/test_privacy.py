"""Prove that nothing of a patient stands in a repr, a log or an error; answers alone show it."""

from __future__ import annotations

import contextlib
import logging
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from faces import Said, bundle, process, rallo

from loaders.cohort import SourceError, read_relapses
from queries.knowledge import Knowledge
from reasoner.batches import Batch
from reasoner.cohort import BlockReader, CohortClassifier, State
from reasoner.columns import ColumnReader

NAME = "Kanarienvogel"
MONTHS, DOSE = "17.135792468", "19.864213579"
DAY = "2009-11-23"
SECRETS = (NAME, MONTHS, DOSE, DAY, "17.1357", "19.8642", "2009, 11, 23")
RECORD = {
    "patient_id": NAME,
    "months_from_diagnosis": MONTHS,
    "prior_cranial_rt_gy": DOSE,
    "immunophenotype": NAME,
    "mrd": "<nan",
    "mrd_sensitivity": "0.0000135792468",
    "diagnosis_date": DAY,
    "relapse_date": DAY,
}


def leaks(text: str) -> list[str]:
    """List what of the patient stands in a text."""
    return [secret for secret in SECRETS if secret in text]


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    """Open the tables under the default readings."""
    return Knowledge()


def test_no_repr_of_a_single_record_shows_the_patient(knowledge: Knowledge) -> None:
    """Record, problems, facts, states and findings show no value in their repr."""
    record = knowledge.record(RECORD)
    assert record.problems
    question = next(iter(knowledge.answerer.schemes.values()))
    finding = knowledge.answerer.find(question, record)
    things: list[object] = [record, finding, knowledge, knowledge.answerer]
    things += [*record.problems, *record.facts.values(), *record.states]
    things += [record.problems, record.facts, record.states]
    assert {type(t).__name__: found for t in things if (found := leaks(repr(t)))} == {}


def test_no_repr_of_the_cohort_engine_shows_a_patient(knowledge: Knowledge) -> None:
    """What the column-wise engine keeps of a batch shows no value in its repr."""
    classifier = CohortClassifier(knowledge.answerer)
    frame = pl.DataFrame([RECORD])
    classifier.classify(frame)
    reader = ColumnReader(knowledge.intake)
    batch: Batch = reader.read(frame, 1)
    things: list[object] = [classifier, classifier.reader, reader, batch, batch.log]
    things += [
        *classifier.blocks,
        *classifier.questions,
        *(f for known in reader.facts.values() for f in known.things),
    ]
    for block in classifier.blocks:
        assert isinstance(block, BlockReader)
        things += block.states.things
    assert any(isinstance(t, State) for t in things)
    assert {type(t).__name__: found for t in things if (found := leaks(repr(t)))} == {}


def bad_files() -> dict[str, tuple[str, bytes]]:
    """Return files that cannot be read, or not wholly, each with the patient in it."""
    name = NAME.encode()
    prefix = b"@prefix rallo: <https://w3id.org/rallo/> .\n"
    decimal = b'"%s"^^<http://www.w3.org/2001/XMLSchema#decimal>' % name
    return {
        "row too long": (".csv", b"patient_id,mrd\na,0.1\n%s,%s,x\n" % (name, name)),
        "not UTF-8": (".csv", b"patient_id,mrd\n%s\xff,0.1\n" % name),
        "open quote": (".csv", b'patient_id,mrd\n"%s,0.1\n' % name),
        "NUL": (".csv", b"patient_id,mrd\n%s\x00,%s\n" % (name, name)),
        "bad value": (".csv", b"patient_id,mrd\n%s,%s\n" % (name, name)),
        "huge cell": (".csv", b"patient_id,mrd\n" + name * 20_000 + b",1\n"),
        "cut JSON": (".json", b'[{"patient_id": "%s"' % name),
        "JSON of another kind": (".json", b'["%s"]' % name),
        "JSON not UTF-8": (".json", b'{"patient_id": "%s\xff"}' % name),
        "JSON surrogate": (".json", b'{"patient_id": "%s\\ud800"}' % name),
        "FHIR of another shape": (
            ".json",
            b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Observation",'
            b'"subject": "%s", "code": "%s"}}]}' % (name, name),
        ),
        "cut Turtle": (".ttl", prefix + b"<https://e.org/%s> a rallo:Rel" % name),
        "Turtle with a bad number": (
            ".ttl",
            prefix
            + b"<https://e.org/%s> a rallo:Relapse; rallo:priorCranialDose %s ." % (name, decimal),
        ),
        "Turtle with a bad address": (
            ".ttl",
            prefix + b"<https://e.org/%s {x}> a rallo:Relapse ." % name,
        ),
    }


FILES = bad_files()
MAIN = "from queries.cli import main; main()"


@pytest.mark.parametrize("case", FILES)
def test_recommend_says_nothing_of_the_patient_on_stderr(case: str, tmp_path: Path) -> None:
    """A file that cannot be read ends with a sentence without content, never with a traceback."""
    suffix, content = FILES[case]
    path = tmp_path / f"relapses{suffix}"
    path.write_bytes(content)
    said = process(MAIN, "recommend", path, "--format=json")
    assert leaks(said.err) == []
    assert "Traceback" not in said.err
    assert said.status in (0, 2) and bool(said.out) == (said.status == 0)


@pytest.mark.parametrize("case", [c for c, (suffix, _) in FILES.items() if suffix == ".csv"])
def test_classify_says_nothing_of_the_patient_on_stderr(case: str, tmp_path: Path) -> None:
    """A cohort that cannot be read, or not wholly, is spoken of without content."""
    path = tmp_path / "cohort.csv"
    path.write_bytes(FILES[case][1])
    said: Said = process(MAIN, "classify", path, "-o", tmp_path / "out.csv", "--strict")
    assert leaks(said.err + said.out) == []
    assert "Traceback" not in said.err
    assert said.status in (0, 2, 3)


@pytest.mark.parametrize("case", FILES)
def test_errors_of_the_readers_hold_no_content(case: str, tmp_path: Path) -> None:
    """The one error that a reader raises names the file and says nothing of what is in it."""
    suffix, content = FILES[case]
    path = tmp_path / f"relapses{suffix}"
    path.write_bytes(content)
    try:
        list(read_relapses(path))
    except SourceError as error:
        assert path.name in str(error)
        assert leaks(f"{error!r} {error} {error.__cause__}") == []


@pytest.mark.parametrize("case", FILES)
def test_logs_hold_nothing_of_the_patient(
    case: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """No library logs what stands in a file, at any level."""
    suffix, content = FILES[case]
    path = tmp_path / f"relapses{suffix}"
    path.write_bytes(content)
    with caplog.at_level(logging.DEBUG), contextlib.suppress(SourceError):
        list(read_relapses(path))
    assert leaks(caplog.text) == []


def test_a_bad_value_is_shown_in_the_answer_and_nowhere_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer names the value that was refused; standard error and the log do not."""
    path, target = tmp_path / "relapses.json", tmp_path / "out.csv"
    path.write_text(bundle(RECORD), encoding="utf-8")
    cohort = tmp_path / "cohort.csv"
    pl.DataFrame([RECORD]).write_csv(cohort)
    with caplog.at_level(logging.DEBUG):
        for said in (
            rallo("recommend", path, "--format=json", "--strict"),
            rallo("recommend", "--patient-id", NAME, "--immunophenotype", NAME, "--strict"),
        ):
            assert said.status == 3 and NAME in said.out
            assert leaks(said.err) == []
        said = rallo("classify", cohort, "-o", target, "--strict")
    assert said.status == 3 and leaks(said.out + said.err) == []
    assert NAME in target.read_text(encoding="utf-8")
    assert leaks(caplog.text) == []


def test_a_mistyped_option_is_named_without_its_value() -> None:
    """What was given to an unknown option is not repeated."""
    said = rallo("recommend", f"--patient-idd={NAME}")
    assert said.status == 2 and "--patient-idd" in said.err
    assert leaks(said.err) == []


def test_numbers_of_facts_compare_without_being_shown(knowledge: Knowledge) -> None:
    """The exact number stays in the fact for comparing clocks, whatever its repr says."""
    fact = knowledge.record(RECORD).facts["months_from_diagnosis"]
    assert fact.number == Decimal(MONTHS)
