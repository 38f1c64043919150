"""Prove that the certificate counts every case, and misses no hole and no overlap."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import combinations, product
from typing import Any, Final

import pytest
from expected import QUESTIONS, expect
from facts_oracle import active
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.certificate import FOLDER
from ontology.files import HOME
from queries.certifying import differences
from reasoner.boxes import Boxes
from reasoner.certificate import DEFAULT, Certificate, certificate, places, reading_sets
from reasoner.partition import HOLE, IMPOSSIBLE, ONE, OUT, OVERLAP, Partition, partitions
from reasoner.table import Table

# For each fact the cut of its values by hand: the limits of P1, P10, P13, P19 and of the later
# tables, and one number from each stretch between. The second word is what the oracle reads.
CUT: Final[dict[str, dict[str, Any]]] = {
    "relapseNumber": {"< 2": True, ">= 2": False},
    "monthsFromDiagnosis": {
        "< 18": Decimal(17), "= 18": Decimal(18), "> 18 and < 30": Decimal(24), "= 30": Decimal(30),
        "> 30 and < 36": Decimal(33), "= 36": Decimal(36), "> 36": Decimal(60),
    },
    "monthsFromRemission": {
        "< 18": Decimal(16), "= 18": Decimal(18), "> 18 and < 30": Decimal(20),
        ">= 30": Decimal(30),
    },
    "monthsFromTreatmentEnd": {
        "none": None, "< 6": Decimal(1), "= 6": Decimal(6), "> 6": Decimal(12)
    },
    "hasMarrowInvolvement": {"marrow clear": False, "marrow involved": True},
    "hasCNSInvolvement": {"CNS not involved": False, "CNS involved": True},
    "hasTesticularDisease": {"testis not involved": False, "testis involved": True},
    "hasOtherExtramedullaryDisease": {
        "no other extramedullary site": False, "other extramedullary site involved": True
    },
    "hasImmunophenotype": {
        "B-cell precursor": "BCP", "T lineage": "T", "other B lineage": "other-B"
    },
    "minimalResidualDisease": {
        "< 0.0001": True, "= 0.0001": True, "> 0.0001 and < 0.001": True, ">= 0.001": False
    },
    "hasCOGExtramedullaryTiming": {
        "early extramedullary (COG)": False, "late extramedullary (COG)": True
    },
    "hasTreatmentAtRelapse": {"on treatment": "on", "off treatment": "off"},
}  # fmt: skip
ORACLE: Final = {
    "relapseNumber": "first", "monthsFromDiagnosis": "dx", "monthsFromRemission": "rem",
    "monthsFromTreatmentEnd": "off", "hasMarrowInvolvement": "marrow", "hasCNSInvolvement": "cns",
    "hasTesticularDisease": "testis", "hasOtherExtramedullaryDisease": "other",
    "hasImmunophenotype": "lineage", "minimalResidualDisease": "mrd_low",
    "hasCOGExtramedullaryTiming": "em_late",
}  # fmt: skip

# Each reading whose switch changes a group or a timing (A03, A04, A05, A10, A11; C1, I1, I2).
SWITCHES: Final = (
    ((), ()), ((), ("A03",)), (("A04",), ()), ((), ("B2",)), ((), ("B3",)), ((), ("B8",)),
    ((), ("C1",)), ((), ("I1",)), (("I2",), ()),
)  # fmt: skip
WITHOUT_EFFECT: Final = {"A07", "A15", "A18", "A22", "A24", "A33", "A41", "B0", "B1", "B4", "B5",
                         "B6", "B7"}  # fmt: skip
TIMING, GROUPS = "bfm-table-1-timing", "bfm-table-1-groups"


@pytest.fixture(scope="module")
def made(table: Table) -> Certificate:
    """Make the certificate once."""
    return certificate(table)


@pytest.fixture(scope="module")
def usual(table: Table) -> dict[str, Partition]:
    """Take every scheme apart under the default readings."""
    return partitions(table.view())


def facts_of(partition: Partition, number: int) -> dict[str, str]:
    """Return the value of every fact in one cell, in the words of the table."""
    atoms = partition.view.table.dimensions
    found = {}
    for axis in partition.space.axes:
        entry = axis.entries[number // axis.stride % len(axis.entries)]
        for dimension, index in zip(axis.dimensions, entry, strict=True):
            found[dimension] = atoms[dimension]["atoms"][index]["label"]
    return found


def told(kind: str, categories: tuple[str, ...]) -> str:
    """Write what the certificate says of a cell as the contract of the columns writes it."""
    match kind:
        case "out of scope":
            return "not-applicable"
        case "one category":
            return categories[0]
    word = "gap" if kind == HOLE else kind
    return ":".join(filter(None, (word, "|".join(categories))))


@pytest.mark.parametrize(("with_", "without"), SWITCHES)
def test_every_cell_is_what_the_article_says(
    table: Table, with_: tuple[str, ...], without: tuple[str, ...]
) -> None:
    """In each cell of each scheme the text gives the same category, hole or overlap.

    The text is read a second time by plain conditions that know nothing of the OWL.
    """
    readings, seen = active(with_, without), 0
    different: list[object] = []
    for name, partition in partitions(table.view(with_, without)).items():
        for number, (kind, categories) in enumerate(partition.said):
            cell = facts_of(partition, number)
            facts = {ORACLE[d]: (CUT[d][label],) for d, label in cell.items() if d in ORACLE}
            seen += 1
            if {"rem", "dx"} <= facts.keys() and facts["rem"][0] > facts["dx"][0]:
                if kind not in (IMPOSSIBLE, OUT):
                    different.append((name, cell, kind))
                continue
            needed = {fact: facts[fact] for fact in QUESTIONS[name].facts}
            if (value := expect(name, needed, readings).value) != told(kind, categories):
                different.append((name, cell, value, kind, categories))
    assert different == []
    assert seen == 13_610


def test_the_cells_of_a_scheme_are_all_combinations_of_its_facts(
    usual: dict[str, Partition],
) -> None:
    """Every combination of the values cut by hand is a cell, once, and there is no other.

    A relapse on treatment, and it alone, has no months since treatment ended.
    """
    for name, partition in usual.items():
        wanted = [d for d in CUT if d in partition.facts]
        combined = [
            dict(zip(wanted, labels, strict=True)) for labels in product(*(CUT[d] for d in wanted))
        ]
        possible = Counter(
            tuple(sorted(cell.items()))
            for cell in combined
            if "hasTreatmentAtRelapse" not in cell
            or (cell["hasTreatmentAtRelapse"] == "on treatment")
            == (cell["monthsFromTreatmentEnd"] == "none")
        )
        cells = [facts_of(partition, n) for n in range(partition.space.size)]
        assert Counter(tuple(sorted(c.items())) for c in cells) == possible, name


def test_the_holes_and_the_overlap_of_table_1_timing_are_those_of_its_key(
    made: Certificate,
) -> None:
    """P13: exactly 18 months, exactly 6 months off, very early and late at once (A03, A04)."""
    found = [
        (p.kind, p.criteria, p.categories, p.cells, p.locator)
        for p in made.places
        if (p.scheme, p.readings) == (TIMING, DEFAULT)
    ]
    at, off = "months from diagnosis", "months from treatment end"
    assert found == [
        (HOLE, f"{at} exactly 18, on treatment or {off} < 6", ("very early", "early"), 2, "P13"),
        (HOLE, f"{at} exactly 18, {off} exactly 6", ("very early", "early", "late"), 1, "P13"),
        (HOLE, f"{at} > 18, {off} exactly 6", ("early", "late"), 5, "P13"),
        (OVERLAP, f"{at} < 18, {off} > 6", ("very early", "late"), 1, "P13"),
    ]  # fmt: skip


def test_a_case_between_two_limits_of_the_running_text_is_in_a_hole(made: Certificate) -> None:
    """A02: 18 months or more from diagnosis, less from remission; nobody can be in two classes."""
    found = {
        (p.criteria, p.causes)
        for p in made.places
        if p.scheme == "bfm-narrative-timing" and p.causes == ("narrative-two-clocks",)
    }
    assert {criteria for criteria, _ in found} == {
        "months from diagnosis > 18, months from remission < 18",
        "months from diagnosis exactly 18, months from remission < 18",
    }
    counts = {c.scheme: c for c in made.counts if c.readings == DEFAULT}
    narrative = counts["bfm-narrative-timing"]
    assert (narrative.in_overlaps, narrative.impossible) == (0, 6)


def test_the_site_pattern_alone_is_exhaustive_and_exclusive(made: Certificate) -> None:
    """Sites are a partition by their definition; every other scheme has a hole."""
    whole = [c.scheme for c in made.counts if not c.in_holes and not c.in_overlaps]
    assert whole == ["site-patterns"]


def test_counts_add_up_and_places_hold_what_is_counted(made: Certificate) -> None:
    """The five counts of a row make all cells, and the boxes of a kind make its count."""
    for count in made.counts:
        parts = (count.out_of_scope, count.impossible, count.in_one_category)
        assert sum((*parts, count.in_holes, count.in_overlaps)) == count.cells
        for kind, number in ((HOLE, count.in_holes), (OVERLAP, count.in_overlaps)):
            boxes = [
                p
                for p in made.places
                if (p.scheme, p.readings, p.kind) == (count.scheme, count.readings, kind)
            ]
            assert sum(p.cells for p in boxes) == number
            assert [p.number for p in boxes] == [*range(1, len(boxes) + 1)]


def test_every_reading_is_tried_in_every_scheme(table: Table, made: Certificate) -> None:
    """A switch has a row of its own, and is on the list above, or is said to change nothing."""
    sets = {label: set(switched) for label, switched, _ in reading_sets(table)}
    assert set().union(*sets.values()) == set(table.readings)
    for name in {c.scheme for c in made.counts}:
        rows = {c.readings: c for c in made.counts if c.scheme == name}
        changing = set().union(*(sets[label] for label in rows))
        assert changing | set(rows[DEFAULT].without_effect) == set(table.readings)
        assert not changing & set(rows[DEFAULT].without_effect)
        assert set(rows[DEFAULT].without_effect) >= WITHOUT_EFFECT
    tried = [table.view(w, o).readings for w, o in SWITCHES]
    labels = {label for label, _, view in reading_sets(table) if view.readings in tried}
    assert {c.readings for c in made.counts} == labels


def test_every_hole_and_overlap_has_its_passage(table: Table, made: Certificate) -> None:
    """Each place names at least one passage with its locator, and no passage is idle."""
    assert [p for p in made.places if not p.causes or not p.locator] == []
    named = {cause for place in made.places for cause in place.causes}
    assert named == {p["name"] for p in table.passages}


def test_a_reading_closes_what_it_is_said_to_close(table: Table, made: Certificate) -> None:
    """While a reading is on no place rests on a passage that it closes; while it is off some do."""
    views = {label: view.readings for label, _, view in reading_sets(table)}
    closing = {p["name"]: p["closed_by"] for p in table.passages if p["closed_by"]}
    assert set(closing.values()) == {"A03", "A04", "A11", "B2", "B3", "C1", "I1", "I2"}
    for passage, reading in closing.items():
        open_ = {p.readings for p in made.places if passage in p.causes}
        assert open_ and not any(reading in views[label] for label in open_), passage


def test_boxes_share_no_cell_and_leave_none_out(table: Table) -> None:
    """Under every set of readings the boxes of holes and overlaps are exactly their cells."""
    for _, _, view in reading_sets(table):
        for partition in partitions(view).values():
            boxes = Boxes(view, partition.space, partition.vector(partition.scope))
            flawed = 0
            for flaw in partition.flaws:
                cut_right(boxes, flaw.cells)
                assert not flawed & flaw.cells
                flawed |= flaw.cells
            kinds = [k for k, _ in partition.said]
            assert flawed.bit_count() == kinds.count(HOLE) + kinds.count(OVERLAP)


@settings(max_examples=60, deadline=None, database=None)
@given(data=st.data())
@pytest.mark.parametrize("name", [TIMING, GROUPS, "cog-groups"])
def test_any_set_of_cells_is_cut_right(
    usual: dict[str, Partition], name: str, data: st.DataObject
) -> None:
    """Whatever the set, its boxes make it up, share no cell, and no two could be told as one."""
    partition = usual[name]
    boxes = Boxes(partition.view, partition.space, partition.vector(partition.scope))
    some = data.draw(st.sets(st.integers(0, partition.space.size - 1), max_size=40))
    width = data.draw(st.sampled_from([1, 4, 16]))
    cells = sum(1 << n for n in some) * ((1 << width) - 1) & partition.space.full
    cut_right(boxes, cells)


def cut_right(boxes: Boxes, cells: int) -> None:
    """Check the boxes of a set of cells."""
    found = boxes.cut(cells)
    parts = [boxes.cells(box) for box in found]
    together = 0
    for part in parts:
        assert part and not together & part
        together |= part
    assert together == cells
    for one, other in combinations(found, 2):
        assert sum(a != b for a, b in zip(one, other, strict=True)) > 1, "two boxes make one"


def test_no_two_boxes_of_a_scheme_are_told_alike(made: Certificate) -> None:
    """Within a scheme and a set of readings each box has words of its own."""
    told_ = Counter((p.scheme, p.readings, p.criteria) for p in made.places)
    assert [key for key, number in told_.items() if number > 1] == []


def test_the_certificate_is_the_same_every_time(table: Table, made: Certificate) -> None:
    """Made twice, rows and checksum are the same to the letter."""
    again = certificate(table)
    assert again == made
    assert again.checksum == made.checksum


def test_the_shipped_tables_are_what_the_compiled_tables_give(made: Certificate) -> None:
    """`ontology/certificate` is up to date."""
    assert differences(made, HOME / FOLDER) == []


def test_any_cell_changed_changes_the_checksum(table: Table) -> None:
    """One cell said otherwise, or one limit moved, gives a scheme another checksum."""
    before = partitions(table.view())[TIMING]
    for number, (kind, categories) in enumerate(before.said):
        altered = Partition(table.view(), before.entry)
        said = [*altered.said]
        said[number] = (ONE, ("elsewhere",)) if kind != ONE else (HOLE, categories)
        altered.__dict__["said"] = said
        assert altered.checksum != before.checksum
    moved = Partition(table.view(), before.entry)
    assert moved.checksum == before.checksum


def test_places_of_one_scheme_are_those_of_the_certificate(
    made: Certificate, usual: dict[str, Partition]
) -> None:
    """Asked alone, a scheme lists the same boxes."""
    wanted = [p for p in made.places if (p.scheme, p.readings) == (GROUPS, DEFAULT)]
    assert [*places(DEFAULT, usual[GROUPS])] == wanted
