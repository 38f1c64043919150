"""Prove that an answer lists every reading that it would be another answer without."""

from __future__ import annotations

from dataclasses import replace

import pytest
from generated import Generator

from queries.knowledge import Knowledge
from reasoner.answers import Answerer
from reasoner.questions import Verdict

RECORDS = 150


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    """Open the tables under the default readings."""
    return Knowledge()


def shown(verdict: Verdict) -> Verdict:
    """Keep of a verdict what an answer shows."""
    return replace(verdict, certain=())


def test_a_reading_that_changes_an_answer_is_listed_with_it(knowledge: Knowledge) -> None:
    """Each default reading is switched off in turn, on generated records: what changes names it."""
    generator = Generator(knowledge.table, seed=96)
    records = [generator.record() for _ in range(RECORDS)]
    usual, changed = knowledge.answerer, 0
    for reading in sorted(usual.view.readings):
        other = Answerer(knowledge.table.view(without=[reading]))
        for values in records:
            one, two = usual.read(values), other.read(values)
            for name in (*usual.schemes, *usual.decisions):
                asked, again = ({**a.schemes, **a.decisions}[name] for a in (usual, other))
                found = usual.find(asked, one)
                if shown(found.verdict) != shown(other.find(again, two).verdict):
                    changed += 1
                    given = {c: t for c, t in values.items() if t.strip()}
                    assert reading in found.readings, (reading, name, given)
    assert changed > 500


@pytest.mark.parametrize(
    ("given", "scheme", "reading"),
    [
        ({"cranial_nerve_palsy": "yes"}, "site-patterns", "B5"),
        (
            {"marrow_status": "involved", "cns_status": "CNS3", "immunophenotype": "T",
             "months_from_diagnosis": "24", "months_from_treatment_end": "2"},
            "bfm-table-1-groups", "B8",
        ),
    ],
)  # fmt: skip
def test_what_is_implied_or_kept_out_names_its_reading(
    given: dict[str, str], scheme: str, reading: str, knowledge: Knowledge
) -> None:
    """A palsy makes a site through grade 3, by B5; B8 keeps a T-lineage combined one ungrouped."""
    answerer = knowledge.answerer
    found = answerer.find(answerer.schemes[scheme], answerer.read(given))
    assert reading in found.readings


def test_a_reading_without_part_is_not_listed(knowledge: Knowledge) -> None:
    """No grade and no palsy: nothing that is concluded rests on what a grade means."""
    answerer = knowledge.answerer
    record = answerer.read({"immunophenotype": "T", "marrow_status": "involved"})
    listed = {r for q in answerer.schemes.values() for r in answerer.find(q, record).readings}
    assert "B5" not in listed and "B0" in listed
