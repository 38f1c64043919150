"""Prove that explanations are sound, minimal and complete, by the oracle that knows no program."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations

import pytest
from cases import record as described
from expected import QUESTIONS, expect
from facts_oracle import DEFAULTS, Readings, active, possible_facts
from hypothesis import given, settings
from hypothesis import strategies as st
from test_partial_records import CHOICES, clocks_agree, contradictory, records

from loaders.cohort import read_relapses
from ontology.files import HOME
from reasoner.answers import Answerer, select
from reasoner.conclusions import Conclusion
from reasoner.explain import CASES, CLAUSE, NO_CLAUSE, Explainer
from reasoner.minimal import Columns, Evidence, minimal_sets
from reasoner.questions import Question
from reasoner.record import Record
from reasoner.table import Table

Facts = dict[str, str]
Says = Callable[[Facts, Readings], bool]
ADVERSE = ("KMT2A-r", "hypodiploidy", "BCR-ABL1")
STORED = sorted((HOME / "examples").glob("relapses.*"))


@pytest.fixture(scope="module")
def explainer(table: Table) -> Explainer:
    """Explain under the default readings."""
    return Explainer(Answerer(table.view()))


def stored() -> list[Facts]:
    """Read the example relapses."""
    return [values for path in STORED for values in read_relapses(path)]


def some(seed: int, count: int) -> list[Facts]:
    """Return the example relapses and as many drawn ones."""
    return [*stored(), *records(seed, count)]


def denied(facts: Facts) -> set[str]:
    """Return the readings that assume something against which the record speaks."""
    words = facts.get("genetics", "").split(";")
    adverse = any(w in ADVERSE for w in words) or float(facts.get("chromosomes") or 46) < 44
    found = {"B0"} if float(facts.get("relapse_number") or 1) > 1 else set()
    found |= {"B7"} if facts.get("remission", "yes") != "yes" else set()
    return found | ({"A18"} if adverse else set())


def says(conclusion: Conclusion) -> Says | None:
    """Return how the oracle tells that a conclusion holds, or nothing where it knows no rule."""
    name, value, reason = conclusion.entry["name"], conclusion.value, conclusion.reason
    if name not in (*QUESTIONS, "hsct"):
        return None

    def holds(facts: Facts, readings: Readings) -> bool:
        found = expect(name, possible_facts(facts, readings), readings)
        if conclusion.status in ("gap", "not-applicable"):
            return found.value.partition(":")[0] == conclusion.status
        if name == "hsct":
            return (found.value, found.reason) == (value, reason)
        return value in found.certain

    return holds


def explained(explainer: Explainer, facts: Facts) -> tuple[Record, list[Conclusion]]:
    """Read a record and explain it."""
    record = explainer.answerer.read(facts)
    return record, explainer.explain(record)


def without(facts: Facts, column: str) -> Facts:
    """Leave one fact out."""
    return {c: v for c, v in facts.items() if c != column}


def holds_again(explainer: Explainer, facts: Facts, conclusion: Conclusion) -> bool:
    """Tell whether a record with these facts alone is answered alike, advice included."""
    answerer = explainer.answerer
    record = answerer.read(facts)
    if conclusion.kind == "advice":
        question: Question = answerer.situations[conclusion.term]
    else:
        question = {**answerer.schemes, **answerer.decisions}[conclusion.entry["name"]]
    verdict = question.verdict(question.outcomes_in(select(question, record.states)))
    if record.out_of_scope:
        verdict = answerer.find(question, record).verdict
    if conclusion.kind == "advice":
        return verdict.value == "yes"
    if conclusion.kind == "decision":
        return (verdict.value, verdict.reason) == (conclusion.value, conclusion.reason)
    return conclusion.value in verdict.certain or (
        conclusion.status in ("gap", "not-applicable") and verdict.status == conclusion.status
    )


# -- every conclusion has explanations, and they explain it -------------------------------------


def test_every_category_and_advice_has_an_explanation(explainer: Explainer) -> None:
    """Whatever is concluded of the examples and of 150 drawn relapses is explained."""
    kinds = Counter[str]()
    for facts in some(5, 150):
        record, conclusions = explained(explainer, facts)
        answers = explainer.answerer.classification(record)
        told = {(c.of, c.value) for c in conclusions if c.explanations}
        for of, entry in answers.items():
            open_yet = entry["status"] == "undetermined"
            overlapping = entry["status"] == "overlap"
            values = entry["value"].removeprefix("overlap:").split("|")
            wanted = set(values) if overlapping else {entry["value"]}
            if open_yet:
                wanted = set()
            assert {v for o, v in told if o == of} == wanted, (facts, of)
            kinds[entry["status"]] += 1
        for item in explainer.answerer.advice(record):
            (found,) = (c for c in conclusions if c.entry["name"] == item["name"])
            assert found.value == item["answer"] and found.reason == item["reason"]
            concluded = bool(item["because"])
            if item["kind"] == "decision":
                answer = expect(item["name"], possible_facts(facts, DEFAULTS), DEFAULTS)
                concluded = answer.reason != "missing-facts"
            assert bool(found.explanations) == concluded, (facts, item["name"])
    assert all(kinds[status] > 2 for status in ("entailed", "gap", "overlap", "not-applicable"))


def test_the_facts_of_an_explanation_alone_entail_it(explainer: Explainer) -> None:
    """By the oracle and by a record with these facts alone; without any one of them neither does.

    A value that a reading assumes is not put in the place of a fact that says otherwise.
    """
    checked = Counter[str]()
    for facts in some(11, 300):
        off = denied(facts)
        plain = frozenset(DEFAULTS - off)
        for conclusion in explained(explainer, facts)[1]:
            holds = says(conclusion)
            for explanation in conclusion.explanations:
                alone = explanation.facts
                assert alone.items() <= facts.items()
                assert holds_again(explainer, alone, conclusion), (facts, conclusion.of, alone)
                if holds is not None:
                    assert holds(alone, DEFAULTS) and holds(alone, plain), (facts, alone)
                    checked[conclusion.of] += 1
                for column in alone:
                    fewer = without(alone, column)
                    if holds is not None:
                        assert not holds(fewer, plain), (facts, conclusion.of, alone, column)
                    if not off:
                        assert not holds_again(explainer, fewer, conclusion), (facts, fewer)
    assert set(checked) >= {"bfm_group", "hsct", "uk_r3_group", "cog_group", "site_pattern"}
    assert checked["hsct"] > 100


def small(seed: int, count: int, most: int) -> Iterator[Facts]:
    """Draw relapses of few facts, on what schemes ask."""
    source = random.Random(seed)
    asked = [c for c in CHOICES if c not in ("months_from_remission", "mrd_sensitivity")]
    while count:
        columns = source.sample(asked, source.randint(3, most))
        facts = {c: source.choice(CHOICES[c]) for c in columns}
        if "mrd" in facts and source.random() < 0.5:
            facts["mrd_sensitivity"] = source.choice(CHOICES["mrd_sensitivity"])
        if not contradictory(facts) and clocks_agree(facts):
            count -= 1
            yield facts


def smallest(facts: Facts, holds: Says, readings: Readings) -> set[frozenset[str]]:
    """Return by brute force the sets of columns that entail a conclusion and hold no other."""
    found: set[frozenset[str]] = set()
    for size in range(len(facts) + 1):
        for columns in map(frozenset, combinations(facts, size)):
            part = {c: v for c, v in facts.items() if c in columns}
            if not any(f <= columns for f in found) and holds(part, readings):
                found.add(columns)
    return found


def test_no_smallest_set_of_facts_is_missing(explainer: Explainer) -> None:
    """On 80 relapses of up to seven facts all subsets are tried by the oracle."""
    several = 0
    manifold = [
        described("clear BM BCP off=12 dx=40 blasts=60"),
        described("BM BCP dx=10 cns=CNS3 palsy=yes"),
        described("clear T BM blasts=80"),
        described("BM BCP off=12 blasts=30 remission=yes mrd=not-detected sensitivity=1e-5"),
    ]
    for facts in [*manifold, *small(3, 80, 7)]:
        readings = frozenset(DEFAULTS - denied(facts))
        for conclusion in explained(explainer, facts)[1]:
            holds = says(conclusion)
            if holds is not None and conclusion.explanations:
                mine = [frozenset(e.facts) for e in conclusion.explanations]
                assert set(mine) == smallest(facts, holds, readings), (facts, conclusion.of)
                assert len(set(mine)) == len(mine)
                several += len(mine) > 1
    assert several > 20


@settings(max_examples=200, deadline=None, database=None)
@given(st.frozensets(st.frozensets(st.sampled_from("abcdefg")), max_size=8))
def test_all_smallest_sets_are_found_and_no_other(drawn: frozenset[frozenset[str]]) -> None:
    """Of whatever sets entail something, those are found that hold no other one."""

    def entails(columns: Columns) -> bool:
        return any(d <= columns for d in drawn)

    found = minimal_sets(frozenset("abcdefg"), entails)
    assert set(found) == {d for d in drawn if not any(o < d for o in drawn)}
    assert len(found) == len(set(found))


def test_all_facts_together_leave_what_the_record_leaves(explainer: Explainer) -> None:
    """Nothing is lost or added by taking facts apart, in consistent and contradictory records."""
    answerer = explainer.answerer
    questions = [*answerer.schemes.values(), *answerer.decisions.values()]
    for facts in [*some(17, 150), *records(18, 150, contradicting=True)]:
        record = answerer.read(facts)
        evidence = Evidence(answerer, record)
        for question in questions:
            whole = evidence.mask(question, frozenset(record.facts))
            assert whole == select(question, record.states), (facts, question.name)
            assert whole == evidence.mask(question, evidence.columns(question))


def test_facts_that_are_set_aside_explain_nothing(explainer: Explainer) -> None:
    """Of 60 contradictory records no explanation rests on facts that exclude each other."""
    for facts in records(29, 60, contradicting=True):
        record, conclusions = explained(explainer, facts)
        aside = {c for p in record.problems for c in p.column.split(" + ")} - {"genetics"}
        assert aside
        for conclusion in conclusions:
            for explanation in conclusion.explanations:
                assert not aside & set(explanation.facts), (facts, conclusion.of)
                assert holds_again(explainer, without_all(facts, aside), conclusion)


def without_all(facts: Facts, columns: set[str]) -> Facts:
    """Leave some facts out."""
    return {c: v for c, v in facts.items() if c not in columns}


# -- clauses and readings ------------------------------------------------------------------------


def test_clauses_are_those_of_an_answer_to_the_facts_alone(explainer: Explainer) -> None:
    """A record with an explanation's facts alone is put into the category by the same clauses."""
    answerer, ways = explainer.answerer, Counter[str]()
    for facts in some(37, 80):
        for conclusion in explained(explainer, facts)[1]:
            if conclusion.kind != "category":
                continue
            for explanation in conclusion.explanations:
                ways[explanation.by] += 1
                told = {g["clause"] for g in explanation.clauses}
                answer = answerer.classification(answerer.read(explanation.facts))[conclusion.of]
                because = {g["clause"] for g in answer["because"]}
                if explanation.by == CLAUSE and not denied(facts):
                    assert conclusion.status == "overlap" or told == because, (facts, conclusion.of)
                    assert told <= because
                elif explanation.by == CASES:
                    assert len(told) > 1 and explanation.varying and not told & because
                else:
                    assert explanation.by != NO_CLAUSE or not (told or because)
    assert ways[CASES] > 10 and ways[NO_CLAUSE] > 10


def test_a_conclusion_needs_the_readings_without_which_it_is_lost(explainer: Explainer) -> None:
    """Each default reading is switched off in the oracle: the conclusion goes if it is named.

    The same for the facts of each explanation alone.
    """
    tested = Counter[str]()
    for facts in some(41, 60):
        off = denied(facts)
        for conclusion in explained(explainer, facts)[1]:
            holds = says(conclusion)
            if holds is None or not conclusion.explanations:
                continue
            for reading in sorted(DEFAULTS - {"A41"}):
                others = active((), (reading,))
                lost = not holds(facts, others)
                assert lost == (reading in conclusion.needs), (facts, conclusion.of, reading)
                if reading in conclusion.readings:
                    found = expect(conclusion.entry["name"], possible_facts(facts, others), others)
                    assert found.value == conclusion.readings[reading], (facts, conclusion.of)
                tested[reading] += lost
                for explanation in conclusion.explanations:
                    lost = not holds(explanation.facts, frozenset(others - off))
                    assert lost == (reading in explanation.readings), (facts, reading)
                    tested[reading] += lost
    assert all(tested[reading] for reading in ("B0", "B1", "B3", "B4", "B5", "B7", "C1", "I1")), (
        tested
    )


def test_without_a_reading_the_one_it_stands_for_comes_back(table: Table) -> None:
    """Switching off is relative to the set in use: A10, taken for B3, gives it back."""
    asked = Explainer(Answerer(table.view(with_=["A10"])))
    assert "A10" in asked.answerer.view.readings and "B3" not in asked.answerer.view.readings
    assert asked.without("A10").view.readings == table.view().readings
    plain = Explainer(Answerer(table.view()))
    assert plain.without("B2").view.readings == table.view(without=["B2"]).readings
    assert plain.without("A03").view.readings == table.view(without=["A03"]).readings
    # What is switched off together with the one that it falls back to leaves neither.
    assert {"A05", "B2"}.isdisjoint(table.view(without=["B2", "A05"]).readings)
