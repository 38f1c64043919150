"""Prove by generated input that any text gets an answer, and more facts never a lesser one."""

from __future__ import annotations

import io
import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import polars as pl
from faces import INPUT, OUTPUT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries.knowledge import Knowledge
from reasoner.cohort import CohortClassifier

Row = dict[str, str]
KNOWLEDGE: Final = Knowledge()
CLASSIFIER: Final = CohortClassifier(KNOWLEDGE.answerer)
# Without the readings that assume a fact where none is given: by those, silence says something.
STRICT: Final = Knowledge(without=("A18", "A41", "B0", "B7"))
SETTINGS: Final = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
FEWER: Final = settings(SETTINGS, max_examples=100)

# DESIGN 5, to the letter.
CHOICES: Final = {
    "marrow_status": "clear involved",
    "cns_status": "CNS1 CNS2 CNS3",
    "cranial_nerve_palsy": "yes no",
    "testis": "none unilateral bilateral",
    "testis_biopsy": "positive negative",
    "contralateral_testis_biopsy": "positive negative",
    "other_extramedullary": "none present",
    "immunophenotype": "BCP T other-B",
    "on_treatment": "yes no",
    "marrow_pcr": "positive negative",
    "remission": "yes no refractory",
    "nk_alloreactive_relative": "yes no",
}
LISTS: Final = {
    "genetics": "KMT2A-r hypodiploidy BCR-ABL1 ETV6-RUNX1 none-adverse TKI-resistance-mutation "
    "no-TKI-resistance-mutation",
    "donors": "matched-sibling matched-family unrelated-8/8 unrelated-7/8 unrelated-6/8 cord-blood "
    "haploidentical none",
}
RANGES: Final = {
    "relapse_number": (1, 20),
    "marrow_blasts_percent": (0, 100),
    "months_from_diagnosis": (0, 1200),
    "months_from_remission": (0, 1200),
    "months_from_treatment_end": (0, 1200),
    "mrd": (0, 1),
    "mrd_sensitivity": (0, 1),
    "chromosomes": (1, 200),
    "prior_cranial_rt_gy": (0, 100),
}
WHOLE: Final = ("relapse_number", "chromosomes")
DATES: Final = [c for c in INPUT if c.endswith("_date")]
MRD: Final = "not-detected <1e-4 <=0.001 >1e-3 >=0.5 week5:2e-3;week12:<1e-4 5e-4 0.0005"


def valid(column: str) -> st.SearchStrategy[str]:
    """Draw a value that the contract allows."""
    if column in CHOICES:
        return st.sampled_from(CHOICES[column].split())
    if column in LISTS:
        words = st.lists(st.sampled_from(LISTS[column].split()), min_size=1, max_size=3)
        return words.map(";".join)
    if column in DATES:
        return st.dates().map(str)
    if column == "patient_id":
        return st.text(max_size=8)
    low, high = RANGES[column]
    if column in WHOLE:
        return st.integers(low, high).map(str)
    numbers = st.decimals(low, high, allow_nan=False, places=4).map(str)
    return numbers | st.sampled_from(MRD.split()) if column == "mrd" else numbers


ODD_TEXTS: Final = (
    *(
        "",
        " ",
        "nan",
        "inf",
        "-1",
        "1e999",
        "1e-999",
        "\u0661\u0668",
        "\u00bd",
        "\u00b2",
        "0x1",
        "1_0",
    ),
    *("<", ">=", ":", ";", "<<1", "week5:", "none;none", "yes;no", "2012-13-01", "\x00", "\ud7ff"),
    *("\U0010ffff", "'", '"', "\\", "17,5", "5 %", "CNS", "involved?", "=1+1", "\x1b[31m"),
)
ODD: Final = st.sampled_from(ODD_TEXTS)


def near(column: str) -> st.SearchStrategy[str]:
    """Draw what is almost allowed: cut, doubled, in other letters, with something beside it."""
    changes = [str.upper, str.title, lambda t: t[1:], lambda t: t[:-1], lambda t: t + t]
    changes += [lambda t: f" {t}\t", lambda t: f"-{t}", lambda t: f"{t};", lambda t: f"{t}0"]
    changed = [valid(column).map(change) for change in changes]
    return st.one_of(*changed)


ANY: Final = st.fixed_dictionaries(
    {}, optional={c: st.one_of(valid(c), near(c), ODD, st.text(max_size=20)) for c in INPUT}
)


def is_allowed(column: str, text: str) -> bool | None:
    """Say whether the contract allows a text; None where it leaves room, as for letter case."""
    bare = text.strip()
    if bare != text.strip(" \t\r\n"):
        return None
    if column == "patient_id" or not bare:
        return True
    if column in CHOICES:
        return _listed([bare], CHOICES[column], text)
    if column in LISTS:
        words = [w.strip() for w in bare.split(";") if w.strip()]
        listed = bool(words) and _listed(words, LISTS[column], "" if len(words) > 1 else text)
        return None if listed and len(words) > 1 else listed
    if column in DATES:
        return None if re.fullmatch(r"\d{4}-\d{2}-\d{2}", bare) else False
    if column == "mrd" and re.search(r"[<>:;a-zA-Z]", bare):
        return None if re.search(r"\d|detected", bare, re.IGNORECASE) else False
    return _in_range(column, bare)


def _listed(words: list[str], allowed: str, text: str) -> bool | None:
    if text in allowed.split():
        return True
    folded = {w.casefold() for w in allowed.split()}
    return None if all(w.casefold() in folded for w in words) else False


def _in_range(column: str, bare: str) -> bool | None:
    low, high = RANGES[column]
    try:
        number = Decimal(bare)
    except InvalidOperation:
        return False
    if not number.is_finite() or not low <= number <= high:
        return False
    if column in WHOLE and number % 1:
        return False
    if column == "mrd_sensitivity" and not number:
        return None
    return True if re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,6})?", bare) else None


def check_answer(answer: dict[str, Any]) -> None:
    """Check that nothing in an answer is empty that should say something."""
    assert len(answer["classification"]) >= 8 and answer["advice"]
    for entry in answer["classification"].values():
        assert entry["value"] and entry["label"]
        assert entry["status"] in ("entailed", "undetermined", "gap", "overlap", "not-applicable")
    for item in answer["advice"]:
        assert item["answer"] in ("yes", "no", "undetermined", "not-applicable")
        assert item["action"] and (item["reason"] or item["answer"] in ("yes", "no"))
    assert all("row 3, " in problem for problem in answer["problems"])


@SETTINGS
@given(ANY)
def test_any_text_gets_a_whole_answer_and_every_refusal_its_problem(values: Row) -> None:
    """No text ends in a traceback or an empty answer; a value not allowed is named, no other is."""
    answer = KNOWLEDGE.recommend(values, row=3)
    check_answer(answer)
    problems = answer["problems"]
    for column, text in values.items():
        named = [p for p in problems if p.startswith(f"row 3, {column}: '") and text.strip() in p]
        refused = [p for p in named if "not used" in p]
        if is_allowed(column, text) is False:
            assert refused or any("scope" in p for p in named)
            assert all(len(p) > len("allowed: ") + p.index("allowed: ") for p in refused)
        elif is_allowed(column, text) and column not in DATES and "months" not in column:
            assert not refused


@FEWER
@given(st.lists(ANY, min_size=1, max_size=5))
def test_any_cohort_gets_the_same_whole_answers(rows: list[Row]) -> None:
    """The columns of a cohort are never empty, and say of each row what the row alone says."""
    text = pl.DataFrame([{c: r.get(c, "") for c in INPUT} for r in rows]).write_csv()
    frame = pl.read_csv(io.StringIO(text), infer_schema=False)
    found = CLASSIFIER.classify(frame).select(OUTPUT).to_dicts()
    for number, (row, one) in enumerate(zip(rows, found, strict=True), 1):
        assert all(one[c] for c in OUTPUT[:9])
        answerer = KNOWLEDGE.answerer
        assert one == answerer.columns(answerer.read(row, number))


@st.composite
def consistent(draw: st.DrawFn) -> Row:
    """Draw a whole patient whose facts agree."""

    def pick(text: str) -> str:
        return draw(st.sampled_from(text.split()))

    marrow, testis, off = pick("clear involved"), pick("none unilateral bilateral"), pick("yes no")
    months = draw(st.integers(2, 90))
    words = pick("none-adverse KMT2A-r BCR-ABL1 ETV6-RUNX1 BCR-ABL1;no-TKI-resistance-mutation")
    row = {
        "relapse_number": pick("1 1 1 2"),
        "marrow_status": marrow,
        "marrow_blasts_percent": pick("0 4.9") if marrow == "clear" else pick("25 30 90"),
        "cns_status": pick("CNS1 CNS2 CNS3"),
        "testis": testis,
        "testis_biopsy": "negative" if testis == "none" else pick("positive negative"),
        "other_extramedullary": pick("none present"),
        "immunophenotype": pick("BCP BCP T other-B"),
        "months_from_diagnosis": str(months),
        "months_from_remission": str(draw(st.integers(1, months))),
        "on_treatment": "no" if off == "yes" else "yes",
        "mrd": pick("1e-4 5e-5 2e-3 <1e-4 >=1e-3 not-detected week5:2e-3;week12:<1e-4"),
        "mrd_sensitivity": pick("1e-5 1e-4"),
        "genetics": words,
        "chromosomes": "46",
        "prior_cranial_rt_gy": pick("0 18 20 24"),
        "remission": pick("yes no refractory"),
        "donors": pick("none matched-sibling unrelated-7/8;cord-blood haploidentical"),
        "nk_alloreactive_relative": pick("yes no"),
        "marrow_pcr": pick("positive negative"),
    }
    if off == "yes":
        row["months_from_treatment_end"] = str(draw(st.integers(0, months)))
    kept = draw(st.sets(st.sampled_from(sorted(row)), min_size=2))
    return {c: t for c, t in row.items() if c in kept}


class Value:
    """The value of an output column: its word, and the categories that it lists."""

    WORDS = ("undetermined", "gap", "overlap", "not-applicable")

    def __init__(self, text: str) -> None:
        """Split the text; a category by itself is entailed."""
        word, _, listed = text.partition(":")
        self.word = word if word in self.WORDS else "entailed"
        self.listed = set(listed.split("|")) - {""} if self.word != "entailed" else {text}


@SETTINGS
@given(consistent(), st.data())
def test_leaving_a_fact_out_never_adds_what_contradicts(row: Row, data: st.DataObject) -> None:
    """What follows from fewer facts follows from more: a class, a gap, an answer on HSCT."""
    left_out = data.draw(st.sampled_from(sorted(row)))
    fewer = {c: t for c, t in row.items() if c != left_out}
    whole, part = (STRICT.answerer.columns(STRICT.answerer.read(r)) for r in (row, fewer))
    assert whole["problems"] == part["problems"] == ""
    for column in OUTPUT[:9]:
        fuller, less = Value(whole[column]), Value(part[column])
        if less.word == "entailed":
            assert fuller.word in ("entailed", "overlap") and less.listed <= fuller.listed
        elif less.word == "undetermined":
            assert fuller.word in ("gap", "not-applicable") or fuller.listed <= less.listed
        else:
            assert fuller.word == less.word and fuller.listed <= less.listed
