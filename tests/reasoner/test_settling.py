"""Prove what would settle an answer, and what holds already, by going through every completion."""

from __future__ import annotations

from itertools import combinations
from typing import Final

import pytest
from cases import record
from facts_oracle import active
from whatif_oracle import Record, answer, full_records

from reasoner.answers import Answerer
from reasoner.settling import questions, settle, stable
from reasoner.table import View

DEFAULT: Final = active()

ALL: Final = ("timing_table1", "bfm_group", "hsct")
GROUPS: Final = ("timing_table1", "bfm_group")

# A record, every column that is not given and bears on some answers, and those answers.
OPEN: Final = {
    "clear BM BCP dx=24": (["on_treatment", "months_from_treatment_end", "mrd"], ALL),
    "clear BM on dx=24": (["immunophenotype"], ALL),
    "clear CNS BCP": (
        ["months_from_diagnosis", "on_treatment", "months_from_treatment_end"],
        GROUPS,
    ),
    "BM BCP on dx=24": (
        ["cns_status", "cranial_nerve_palsy", "other_extramedullary", "testis", "testis_biopsy"],
        GROUPS,
    ),
    "clear BM? CNS BCP early": (["marrow_status", "marrow_blasts_percent", "mrd"], ALL),
    "clear BM off=8": (["months_from_diagnosis", "immunophenotype"], GROUPS),
    "clear BM T CNS? early": (["cns_status", "cranial_nerve_palsy", "mrd"], ALL),
    "clear CNS BCP late": (["mrd"], ALL),
}


@pytest.fixture(scope="module")
def answerer(view: View) -> Answerer:
    """Answer under the default readings."""
    return Answerer(view)


def settled(column: str, before: Record, asked: frozenset[str], full: list[Record]) -> list[bool]:
    """Tell for each completion whether telling some of its columns settles an answer.

    It does where the answer is open for want of facts no longer, or where knowing everything, in
    whatever completion fits what was told, would not change it.
    """
    known: dict[tuple[tuple[str, str], ...], bool] = {}
    found = []
    for made in full:
        told = tuple((c, v) for c, v in made.items() if c in asked)
        if told not in known:
            now = answer(column, {**before, **dict(told)}, DEFAULT)
            known[told] = now.reason != "missing-facts" or all(
                answer(column, f, DEFAULT) == now
                for f in full
                if all(f.get(c) == v for c, v in told)
            )
        found.append(known[told])
    return found


@pytest.mark.parametrize("text", list(OPEN))
def test_settling_sets_are_all_the_smallest_ones(answerer: Answerer, text: str) -> None:
    """Of all sets of columns, those listed settle the answer for every completion, and no less."""
    before, (asked, columns) = record(text), OPEN[text]
    full = list(full_records(before, asked))
    entries = settle(answerer, answerer.read(before))["open"]
    compared = 0
    for column in columns:
        if column not in entries:
            assert answer(column, before, DEFAULT).reason != "missing-facts"
            continue
        smallest: list[frozenset[str]] = []
        for count in range(len(asked) + 1):
            for chosen in combinations(asked, count):
                tried = frozenset(chosen)
                if not any(s <= tried for s in smallest) and all(
                    settled(column, before, tried, full)
                ):
                    smallest.append(tried)
        assert {frozenset(s) for s in entries[column]["sets"]} == set(smallest), column
        compared += 1
    assert compared


@pytest.mark.parametrize("text", list(OPEN))
def test_what_a_column_decides_alone(answerer: Answerer, text: str) -> None:
    """A column settles an answer where each of its values does, and may where one does."""
    before, (asked, columns) = record(text), OPEN[text]
    full = list(full_records(before, asked))
    facts = {f["column"]: f for f in settle(answerer, answerer.read(before))["facts"]}
    assert set(asked) <= set(facts) | {"testis"}
    for column in columns:
        if answer(column, before, DEFAULT).reason != "missing-facts":
            continue
        for fact in asked:
            each = settled(column, before, frozenset({fact}), full)
            entry = facts.get(fact, {"settles": [], "may_settle": {}})
            assert (column in entry["settles"]) == all(each), (column, fact)
            assert (column in entry["may_settle"]) == (any(each) and not all(each)), (column, fact)


def test_a_detection_limit_is_asked_for(answerer: Answerer) -> None:
    """Residual disease not detected says nothing without the limit of the assay (A35)."""
    found = settle(answerer, answerer.read(record("clear BM BCP late mrd=not-detected")))
    assert found["open"]["hsct"]["sets"] == [["mrd_sensitivity"]]
    assert found["open"]["hsct"]["left_open_by_text"] == ["text-silent"]


def test_the_most_telling_column_comes_first(answerer: Answerer) -> None:
    """At 24 months from diagnosis the end of treatment decides Table 1 and what hangs on it."""
    found = settle(answerer, answerer.read(record("clear BM BCP dx=24")))
    assert found["next"]["column"] == "months_from_treatment_end"
    worth = [f["worth"] for f in found["facts"]]
    assert worth == sorted(worth, reverse=True)


def test_a_settled_record_says_so(answerer: Answerer) -> None:
    """Where the text and not a fact keeps an answer open, that is said, and nothing is asked."""
    read = answerer.read(record("clear BM T late high rem=31 donors=none nk=no"))
    found = settle(answerer, read)
    assert (found["open"], found["facts"], found["next"]) == ({}, [], None)
    assert found["note"] == "nothing is open for want of facts"


@pytest.mark.parametrize("text", list(OPEN))
def test_what_holds_is_what_all_completions_share(answerer: Answerer, text: str) -> None:
    """Classes that hold are those of every completion; an open one differs between two."""
    before, (asked, columns) = record(text), OPEN[text]
    full = list(full_records(before, asked))
    holds = stable(answerer, answerer.read(before))["holds"]
    for column in columns:
        found = [answer(column, f, DEFAULT) for f in full]
        if column not in holds["answers"]:
            assert len({(a.value, a.reason) for a in found}) > 1, column
            continue
        value, added = holds["answers"][column], holds["not_excluded"].get(column, [])
        assert all(a.value == value or value in a.certain for a in found), column
        # What some completions add is named, and nothing else is.
        assert {c for a in found for c in a.certain} - {value} == set(added), column


@pytest.mark.parametrize("text", list(OPEN))
def test_what_differs_by_class(answerer: Answerer, text: str) -> None:
    """By each group of Table 1, what the oracle says in all completions of that group."""
    before, (asked, columns) = record(text), OPEN[text]
    differs = {d["column"]: d for d in stable(answerer, answerer.read(before))["differs"]}
    if "bfm_group" not in differs:
        assert answer("bfm_group", before, DEFAULT).reason != "missing-facts"
        return
    classes = {c["class"]: c for c in differs["bfm_group"]["classes"]}
    by_class: dict[str, set[tuple[str, str]]] = {}
    for full in full_records(before, asked):
        group = answer("bfm_group", full, DEFAULT)
        if group.reason == "missing-facts":
            continue  # a finding that the text leaves open: in no class of its own
        transplant = answer("hsct", full, DEFAULT)
        by_class.setdefault(group.value, set()).add((transplant.value, transplant.reason))
    assert {c for c in classes if not c.startswith("gap")} == {
        g for g in by_class if not g.startswith("gap")
    }
    for value, found in by_class.items():
        if "hsct" not in columns or answer("hsct", before, DEFAULT).reason != "missing-facts":
            continue
        entry = classes[value]
        shared = next(iter(found))[0] if len(found) == 1 else None
        assert entry["answers"].get("hsct") == shared, (value, found)


@pytest.mark.parametrize("text", ["clear BM BCP dx=24", "clear BM on dx=24", "BM BCP on dx=24"])
def test_advice_that_holds_is_shared_by_all_completions(answerer: Answerer, text: str) -> None:
    """Advice that holds, overall or in a class, is given to every completion; other advice not."""
    before, (asked, _) = record(text), OPEN[text]
    found = stable(answerer, answerer.read(before))
    given: list[tuple[str, frozenset[str]]] = []
    names = {n: q for n, q in questions(answerer) if q.name in answerer.situations}
    for full in full_records(before, asked):
        read = answerer.read(full)
        group = answerer.find(answerer.schemes["bfm-table-1-groups"], read).verdict
        held = {n for n, q in names.items() if answerer.find(q, read).verdict.value == "yes"}
        given.append((group.value, frozenset(held)))
    assert set(found["holds"]["advice"]) == frozenset.intersection(*(h for _, h in given))
    for split in found["differs"]:
        for entry in split["classes"] if split["column"] == "bfm_group" else ():
            inside = [h for g, h in given if g == entry["class"]]
            if inside:
                shared = frozenset.intersection(*inside)
                assert set(entry["advice"]) == shared - set(found["holds"]["advice"])


def test_contradictory_facts_are_named(answerer: Answerer) -> None:
    """Facts that exclude each other are set aside, named, and asked for anew."""
    read = answerer.read({"marrow_status": "clear", "marrow_blasts_percent": "60"})
    assert stable(answerer, read)["contradictions"] == ["marrow_status + marrow_blasts_percent"]
    assert "marrow_status" in {f["column"] for f in settle(answerer, read)["facts"]}


def test_nothing_is_said_of_a_relapse_out_of_scope(answerer: Answerer) -> None:
    """A mature B relapse has nothing to settle and nothing that holds, and the reason is said."""
    read = answerer.read({"immunophenotype": "mature-B", "marrow_status": "involved"})
    assert settle(answerer, read)["note"] == "out-of-scope"
    assert stable(answerer, read)["note"] == "out-of-scope"
    assert stable(answerer, read)["holds"] == {"answers": {}, "not_excluded": {}, "advice": []}
