"""Prove where schemes differ: every cell of two schemes against the oracle, and named cases."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from itertools import combinations, product
from typing import Any, Final

import numpy as np
import pytest
from expected import QUESTIONS
from facts_oracle import DEFAULTS, active
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from queries.knowledge import Knowledge
from reasoner.discordance import PairQuestion, pair_questions
from reasoner.partition import impossible
from reasoner.regions import _boxes
from reasoner.table import Table, View

# The word of each category: times as printed (P1, P10, P13), risk as in P16 and P19, the groups of
# Table 1 by reading B1 (A22 in the list of ambiguities).
WORDS: Final = {
    "bfm-table-1-timing": {"very early": "very early", "early": "early", "late": "late"},
    "abstract-timing": {"early": "early", "late": "late"},
    "bfm-narrative-timing": {"very early": "very early", "early": "early", "late": "late"},
    "cog-timing": {"early": "early", "later": "late"},
    "bfm-table-1-groups": {"S1": "other", "S2": "other", "S3": "high", "S4": "high"},
    "uk-r3": {"SR": "other", "IR": "other", "HR": "high"},
    "cog-groups": {"low": "other", "intermediate": "other", "high": "high"},
    "intreall": {"SR": "other", "HR": "high"},
}
TIMES: Final = ("bfm-table-1-timing", "abstract-timing", "bfm-narrative-timing", "cog-timing")
RISKS: Final = ("bfm-table-1-groups", "uk-r3", "cog-groups", "intreall")
PAIRS: Final = [*combinations(TIMES, 2), *combinations(RISKS, 2)]

# A value of the oracle's facts for each piece of a fact of the ontology, in the ontology's order.
PIECES: Final[dict[str, tuple[str, tuple[Any, ...]]]] = {
    "first": ("relapseNumber", (True, False)),
    "dx": ("monthsFromDiagnosis", tuple(map(Decimal, (1, 18, 24, 30, 33, 36, 60)))),
    "off": ("monthsFromTreatmentEnd", (None, *map(Decimal, (1, 6, 12)))),
    "rem": ("monthsFromRemission", tuple(map(Decimal, (1, 18, 24, 60)))),
    "marrow": ("hasMarrowInvolvement", (False, True)),
    "cns": ("hasCNSInvolvement", (False, True)),
    "testis": ("hasTesticularDisease", (False, True)),
    "other": ("hasOtherExtramedullaryDisease", (False, True)),
    "lineage": ("hasImmunophenotype", ("BCP", "T", "other-B")),
    "em_late": ("hasCOGExtramedullaryTiming", (False, True)),
    "mrd_low": ("minimalResidualDisease", (True, True, True, False)),
}
Switched = tuple[tuple[str, ...], tuple[str, ...]]


def expected_relation(one: str, other: str, case: dict[str, Any], readings: frozenset[str]) -> str:
    """Work out from the oracle's categories how the words of two schemes stand to each other."""
    said = []
    for name in (one, other):
        question = QUESTIONS[name]
        found = question.rule(*(case[fact] for fact in question.facts), readings)
        if not found or (name == "bfm-table-1-groups" and not readings & {"B1", "A22"}):
            return "not compared"
        said.append({WORDS[name][value] for value in found})
    if said[0] == said[1]:
        return "same"
    for here, there in ((0, 1), (1, 0)):
        if "very early" not in WORDS[(one, other)[there]].values():
            said[here] = {"early" if w == "very early" else w for w in said[here]}
    if said[0] == said[1]:
        return "finer"
    return "in part" if said[0] & said[1] else "differ"


def can_occur(dx: Decimal, rem: Decimal) -> bool:
    """Tell whether a time from remission fits one from diagnosis, which began no later (P10)."""
    least = {1: dx > 0, 18: dx >= 18, 24: dx > 18, 60: dx >= 30}
    return least[int(rem)]


@cache
def questions(view: View) -> dict[str, PairQuestion]:
    """Prepare every pair once."""
    return pair_questions(view)


def cases(pair: PairQuestion, facts: list[str]) -> list[tuple[int, dict[str, Any]]]:
    """List every complete case of some facts with the cells of the pair that it stands for."""
    held = {d for a in pair.space.axes for d in a.dimensions}
    # Without a reading that names treatment, its end alone says whether it goes on.
    assert {PIECES[f][0] for f in facts} <= held
    found = []
    for places in product(*(range(len(PIECES[f][1])) for f in facts)):
        cells = pair.space.full
        for fact, place in zip(facts, places, strict=True):
            cells &= pair.space.atom(PIECES[fact][0], place)
        values = {f: PIECES[f][1][p] for f, p in zip(facts, places, strict=True)}
        found.append((cells, values))
    return found


@pytest.mark.parametrize(
    "switched",
    [((), ()), ((), ("B1",)), (("I2",), ()), (("A10",), ()), (("A04",), ()), (("A11",), ("B2",))],
    ids=str,
)
@pytest.mark.parametrize("names", PAIRS, ids="/".join)
def test_every_cell_of_two_schemes_is_as_the_oracle_says(
    names: tuple[str, str], switched: Switched, table: Table
) -> None:
    """Over the full joint grid, and under other readings, the relation is the oracle's."""
    view = table.view(with_=switched[0], without=switched[1])
    pair = pair_questions(view)["/".join(names)]
    facts = list(dict.fromkeys(f for n in names for f in QUESTIONS[n].facts))
    readings = active(*switched)
    wrong, covered = [], 0
    found = [(cells, outcome.values[0]) for cells, outcome in pair.outcomes]
    for cells, case in cases(pair, facts):
        covered |= cells
        relation = expected_relation(*names, case, readings)
        here = {value for part, value in found if part & cells}
        if cells and here != {relation}:
            wrong.append((case, relation, here))
    assert covered == pair.space.full
    assert not wrong, (len(wrong), wrong[:3])


@pytest.mark.parametrize("names", PAIRS, ids="/".join)
def test_regions_hold_every_cell_that_can_occur_once(names: tuple[str, str], view: View) -> None:
    """Cells of the regions are as many by relation as the oracle's cases that can occur."""
    pair = questions(view)["/".join(names)]
    facts = list(dict.fromkeys(f for n in names for f in QUESTIONS[n].facts))
    counted: dict[str, int] = {}
    for cells, case in cases(pair, facts):
        if "rem" in case and not can_occur(case["dx"], case["rem"]):
            cells = 0
        relation = expected_relation(*names, case, DEFAULTS)
        if relation != "same":
            counted[relation] = counted.get(relation, 0) + cells.bit_count()
    found: dict[str, int] = {}
    for region in pair.discordances:
        found[region.relation] = found.get(region.relation, 0) + region.cells
    assert found == {r: n for r, n in counted.items() if n}


@settings(max_examples=200, deadline=None, database=None)
@given(arrays(bool, st.tuples(*[st.integers(1, 4)] * 3)))
def test_boxes_cover_a_set_and_do_not_overlap(mask: Any) -> None:
    """Every cell of a set lies in exactly one of its boxes, and no other cell in any."""
    counted = np.zeros(mask.shape, dtype=int)
    for box in _boxes(mask, range(mask.ndim)):
        counted[np.ix_(*(box.get(n, range(k)) for n, k in enumerate(mask.shape)))] += 1
    assert (counted == mask).all()


def region(view: View, pair: str, relation: str) -> dict[str, tuple[str, ...]]:
    """Return the answers that turn, by the words of each region of a relation."""
    return {
        "; ".join(d.boxes): tuple(f"{t.first} | {t.second}" for t in d.turns)
        for d in questions(view)[pair].discordances
        if d.relation == relation
    }


def test_early_by_table_1_and_late_by_the_abstract(view: View) -> None:
    """A07: after month 30 on treatment it is S3, or late and spared: the answer turns on the word.

    Late by Table 1 before month 30 is the other way round (A5.10): spared by Table 1 alone.
    """
    assert region(view, "bfm-table-1-timing/abstract-timing", "differ") == {
        "first relapse, months from diagnosis > 30, "
        "on treatment or months from treatment end < 6": ("yes | undetermined (text-conflict)",),
        "first relapse, months from diagnosis >= 18 and < 30, months from treatment end > 6": (
            "no | undetermined (text-silent)",
        ),
    }


def test_cog_calls_early_what_the_abstract_calls_late_for_six_months(view: View) -> None:
    """P1 and P10: marrow relapse between months 30 and 36, and no other, exactly 30 being open."""
    assert list(region(view, "abstract-timing/cog-timing", "differ")) == [
        "first relapse, marrow involved, months from diagnosis > 30 and < 36"
    ]


def test_very_early_is_finer_than_early_and_no_contradiction(view: View) -> None:
    """P1 has no word for very early; before month 18 the abstract says early all the same."""
    (found,) = region(view, "abstract-timing/bfm-narrative-timing", "finer")
    assert found.startswith("first relapse, months from diagnosis < 18")


def test_very_early_extramedullary_relapse_is_high_risk_in_the_uk_alone(view: View) -> None:
    """P12 puts it into S2, the UK table into high risk; no other relapse differs wholly."""
    assert list(region(view, "bfm-table-1-groups/uk-r3", "differ")) == [
        "first relapse, extramedullary relapse, months from diagnosis < 18, "
        "on treatment or months from treatment end <= 6"
    ]


def test_without_a_reading_the_groups_are_not_compared(table: Table) -> None:
    """The article maps S1 to S4 to no level of risk (A22): without B1 nothing can be compared."""
    pair = pair_questions(table.view(without=["B1"]))["bfm-table-1-groups/uk-r3"]
    assert {d.relation for d in pair.discordances} == {"not compared"}
    assert any("no reading" in d.reason for d in pair.discordances)


def test_every_region_that_is_not_compared_says_why(view: View) -> None:
    """A reason stands where, and only where, words are not compared."""
    for pair in questions(view).values():
        assert all(bool(d.reason) == (d.relation == "not compared") for d in pair.discordances)
        assert all(d.boxes for d in pair.discordances)


def test_site_patterns_are_compared_with_nothing(view: View) -> None:
    """Pairs are those of four times and of four risks, and no time is held against a risk."""
    assert set(questions(view)) == {"/".join(names) for names in PAIRS}


def test_a_time_from_remission_beyond_diagnosis_cannot_occur(view: View) -> None:
    """Less than 18 months from diagnosis leaves only less than 18 months from remission."""
    pair = questions(view)["abstract-timing/bfm-narrative-timing"]
    before = pair.space.atom("monthsFromDiagnosis", 0)
    occurs = before & ~impossible(view, pair.space)
    assert occurs == before & pair.space.atom("monthsFromRemission", 0)


def test_the_question_gives_each_side_its_clause_and_citation() -> None:
    """Each region has a row for either scheme: category, clause, locator, and what it rests on."""
    found = Knowledge().query(
        "discordance", {"scheme": "bfm-table-1-timing", "other": "abstract-timing"}
    )
    place = [found.columns.index(c) for c in ("relation", "says", "clause", "source", "citation")]
    assert {tuple(row[p] for p in place) for row in found.rows} == {
        ("differ", "early", "early relapse (Table 1)", "P10, P13", "12"),
        ("differ", "late", "late relapse (abstract)", "P1", ""),
        ("differ", "late", "late relapse (Table 1)", "P10, P13", "12"),
        ("differ", "early", "early relapse (abstract)", "P1", ""),
        ("in part", "very early", "very early relapse (Table 1)", "P10, P13", "12"),
        ("in part", "late", "late relapse (Table 1)", "P10, P13", "12"),
        ("in part", "early", "early relapse (abstract)", "P1", ""),
    }


def test_the_question_lists_every_region_of_the_default_readings(view: View) -> None:
    """All regions stand in the inferred graph, those that are not compared with their reason."""
    found = Knowledge().query("discordance", {"relation": "all"})
    place = [found.columns.index(c) for c in ("first", "second", "relation", "region", "reason")]
    rows = {tuple(row[p] for p in place) for row in found.rows}
    assert rows == {
        (
            f"scheme/{p.first.name}",
            f"scheme/{p.second.name}",
            d.relation,
            "; ".join(d.boxes),
            d.reason,
        )
        for p in questions(view).values()
        for d in p.discordances
    }
