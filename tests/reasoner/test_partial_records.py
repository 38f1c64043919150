"""Prove that a partial record is answered by its completions, worked out apart from the program."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest
from conftest import Answer, AskerFor, Names
from expected import QUESTIONS, Expected, expect
from facts_oracle import DEFAULTS, active, possible_facts

Record = dict[str, str]
NAMES = (*QUESTIONS, "hsct")
ALTERNATIVES = ("A04", "A05", "A07", "A10", "A11", "A15", "A22", "A24", "A33", "I2")
DATED = ("months_from_diagnosis", "months_from_remission", "months_from_treatment_end")

# Every value of every column that a scheme or the transplant decision looks at; numbers stand on
# every limit of any scheme and just beside it.
VALUES = {
    "relapse_number": "1 1 1 1 1 2 3",
    "marrow_status": "clear involved",
    "marrow_blasts_percent": "0 4.999999 5 5.000001 24.999999 25 25.000001 80",
    "cns_status": "CNS1 CNS2 CNS3",
    "cranial_nerve_palsy": "yes no",
    "testis": "none unilateral bilateral",
    "testis_biopsy": "positive negative",
    "contralateral_testis_biopsy": "positive negative",
    "other_extramedullary": "none present",
    "immunophenotype": "BCP T other-B",
    "months_from_diagnosis": "2 17.999999 18 18.000001 24 29.999999 30 30.000001 35.999999 36"
    " 36.000001 80",
    "months_from_remission": "1 17.999999 18 18.000001 29.999999 30 30.000001 70",
    "months_from_treatment_end": "0 5.999999 6 6.000001 17 40",
    "on_treatment": "yes no",
    "mrd": "0 0.00001 0.000099999 1e-4 0.000100001 5e-4 0.000999999 1e-3 0.001000001 0.3"
    " <1e-4 <=1e-4 >1e-4 >=1e-4 <1e-3 >=1e-3 <5e-5 >2e-2 <2e-4 not-detected not-detected"
    " week5:2e-3;week12:<1e-4 week5:1e-4;week12:1e-5 week5:not-detected;week12:5e-4",
    "mrd_sensitivity": "1e-5 1e-4 1.1e-4 1e-3 1e-2",
    "remission": "yes yes no refractory",
    "genetics": "none-adverse KMT2A-r hypodiploidy BCR-ABL1 ETV6-RUNX1 KMT2A-r;ETV6-RUNX1",
    "chromosomes": "43 44 45 30 46",
}
CHOICES = {column: text.split() for column, text in VALUES.items()}
# Columns that can contradict each other: no complete relapse fits both.
TIED = [
    ("marrow_status", "marrow_blasts_percent"),
    ("cns_status", "cranial_nerve_palsy"),
    ("testis", "testis_biopsy", "contralateral_testis_biopsy"),
    ("on_treatment", "months_from_treatment_end"),
    ("genetics", "chromosomes"),
]


def contradictory(record: Record) -> bool:
    """Tell by the definitions whether no complete relapse fits a record."""
    blasts = float(record.get("marrow_blasts_percent") or 10)
    status, grade = record.get("marrow_status"), record.get("cns_status", "CNS3")
    testis, biopsy = record.get("testis"), record.get("testis_biopsy")
    words, count = record.get("genetics", ""), int(record.get("chromosomes") or 0)
    return any(
        (
            status == "involved" and blasts < 5,
            status == "clear" and blasts >= 25,
            grade != "CNS3" and record.get("cranial_nerve_palsy") == "yes",
            testis == "none" and biopsy == "positive",
            record.get("contralateral_testis_biopsy") == "positive"
            and (testis == "none" or biopsy == "negative"),
            record.get("on_treatment") == "yes" and "months_from_treatment_end" in record,
            words == "hypodiploidy" and count >= 44,
            words == "none-adverse" and 0 < count < 44,
        )
    )


def clocks_agree(record: Record) -> bool:
    """Tell whether no clock began before the diagnosis."""
    months = [float(record.get(column) or 0) for column in DATED]
    return DATED[0] not in record or max(months) == months[0]


def draw(source: random.Random) -> Record:
    """Draw a record, each fact left out with a probability between 0.3 and 0.7."""
    missing = source.uniform(0.3, 0.7)
    return {c: source.choice(v) for c, v in CHOICES.items() if source.random() >= missing}


def records(seed: int, count: int, *, contradicting: bool = False) -> Iterator[Record]:
    """Draw records with or without contradictions, always the same ones."""
    source = random.Random(seed)
    while count:
        record = draw(source)
        if clocks_agree(record) and contradictory(record) == contradicting:
            count -= 1
            yield record


def differences(answers: dict[str, Answer], expected: dict[str, Expected]) -> list[str]:
    """List the questions whose answer is not what the completions give."""
    return [
        f"{name}: {answers[name]} instead of {wanted}"
        for name, wanted in expected.items()
        if (a := answers[name]).value != wanted.value
        or (a.possible, a.reason) != (wanted.possible, wanted.reason)
        or (name != "hsct" and a.certain != wanted.certain)
    ]


def compare(
    asker_for: AskerFor, drawn: Iterator[Record], with_: Names = (), without: Names = ()
) -> Counter[str]:
    """Compare the program with the oracle on records; return how the answers are spread."""
    asker, readings = asker_for(with_, without), active(with_, without)
    wrong, spread = [], Counter[str]()
    for record in drawn:
        facts = possible_facts(record, readings)
        answers = dict(asker.ask(record, NAMES).by_name)
        found = differences(answers, {name: expect(name, facts, readings) for name in NAMES})
        wrong += [(record, text) for text in found]
        spread.update(f"{name} {answers[name].status}" for name in NAMES)
    assert not wrong, (len(wrong), min(wrong, key=lambda w: len(w[0])))
    return spread


def test_partial_records_are_answered_by_their_completions(asker_for: AskerFor) -> None:
    """On 10,000 partial records certain is what all completions share, possible what any has."""
    spread = compare(asker_for, records(2012, 10_000))
    # The draw reaches every kind of answer, so that none of them goes untested.
    for name in ("bfm-table-1-groups", "uk-r3"):
        for status in ("entailed", "undetermined", "gap", "overlap", "not-applicable"):
            assert spread[f"{name} {status}"] > 5, (name, status)
    assert spread["hsct entailed"] > 200


def test_contradictory_facts_say_nothing_together(asker_for: AskerFor) -> None:
    """Facts that exclude each other are reported, and the record is answered as if without them."""
    drawn = list(records(43, 1_000, contradicting=True))
    compare(asker_for, iter(drawn))
    asker = asker_for((), ())
    for record in drawn:
        named = {c for problem in asker.ask(record, NAMES).problems for c in problem.split(" + ")}
        touched = [set(columns) & set(record) for columns in TIED]
        assert any(columns and columns <= named for columns in touched), record


@pytest.mark.parametrize(
    ("with_", "without"),
    [
        *(((), (name,)) for name in sorted(DEFAULTS - {"A41"})),
        *(((name,), ()) for name in ALTERNATIVES),
        (("A04", "A10", "A24", "A33", "I2"), ("B5", "B7")),
        (("A07", "A11", "A22"), ("A03", "B4", "B6")),
    ],
)
def test_every_reading_does_what_it_says(asker_for: AskerFor, with_: Names, without: Names) -> None:
    """Under other readings, too, 300 partial records are answered by their completions."""
    compare(asker_for, records(7, 300), with_, without)


def test_a_further_fact_never_takes_back(asker_for: AskerFor) -> None:
    """Adding a fact removes no certain category and adds no possible one.

    Readings that assume what is not given (B0, B7, A18, A41) give way to facts: they are off here.
    """
    asker, source = asker_for((), ("A18", "A41", "B0", "B7")), random.Random(31)
    for record in records(19, 1_000):
        columns = sorted(record)
        source.shuffle(columns)
        known: Record = {}
        before = asker.ask(known, NAMES)
        for column in columns:
            known[column] = record[column]
            after = asker.ask(known, NAMES)
            for name in NAMES:
                assert before[name].certain <= after[name].certain or (
                    after[name].status == "not-applicable"
                ), (name, column, known)
                assert after[name].possible <= before[name].possible, (name, column, known)
                if name == "hsct" and before[name].status == "entailed":
                    assert after[name].value == before[name].value, (column, known)
            before = after
