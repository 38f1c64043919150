"""Prove that the numbers of the tables are those of the article, none lost and none made up.

The numbers of each paragraph were listed by hand: numerals, apart from reference numbers and from
those glued to a name, and the numbers told in words that the tables hold. A number that a
paragraph prints both as a fact and otherwise has a line for each. A power of ten is one number.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from loaders.facts import Row, read_table

FACTS = Path(__file__).parents[2] / "ontology" / "facts"
LIST = Path(__file__).parent / "printed_numbers.tsv"

TIME_POINT = "time point told in words of the outcome"
IN_WORDS = "in words"
REASONS = {
    TIME_POINT,
    "denominator, told by the unit",
    "name of a protein",
    "name of a regimen",
    "name of a trial",
    "number of a figure",
    "number of a line in a table",
    "number of a table",
    "part of a power of ten",
    "phase of a trial",
}


class Entry(NamedTuple):
    """A number that a paragraph prints, and whether the tables hold it."""

    paragraph: str
    number: Decimal
    encoded: str
    why: str


@cache
def entries() -> tuple[Entry, ...]:
    """Read the list."""
    with LIST.open(encoding="utf-8", newline="") as lines:
        return tuple(
            Entry(line["paragraph"], Decimal(line["number"]), line["encoded"], line["why"])
            for line in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
        )


@cache
def facts() -> set[tuple[str, Decimal]]:
    """Gather the numbers that are marked as facts, with their paragraphs."""
    return {(entry.paragraph, entry.number) for entry in entries() if entry.encoded == "yes"}


def rows(table: str) -> list[Row]:
    """Read one of the real tables."""
    return read_table(FACTS / f"{table}.tsv")


def in_print(text: str) -> Decimal:
    """Read a number in its printed form: a power of ten, or a number with a unit after it."""
    if power := re.fullmatch(r"(?:1 \u00d7 )?10\u2212([0-9]+)", text):
        return Decimal(1).scaleb(-int(power[1]))
    number = re.match(r"[0-9.]+", text)
    assert number, text
    return Decimal(number[0])


def held(row: Row) -> Iterator[Decimal]:
    """Yield the numbers of a row as the article prints them."""
    for column in ("value", "value_high", "n"):
        if text := row.cells.get(column, ""):
            form = row.cells.get("printed", "") if column == "value" else ""
            yield in_print(form) if form else Decimal(text)


def placed() -> Iterator[tuple[Row, list[str]]]:
    """Yield each row that may hold numbers, with the paragraphs that it comes from."""
    statements = {row.cells["id"]: row for row in rows("statements")}
    for row in rows("quantities"):
        yield row, statements[row.cells["in_statement"]].parts("locator")
    for table in ("outcomes", "studies", "arms"):
        for row in rows(table):
            yield row, row.parts("locator")


@pytest.mark.parametrize("table", ["arms", "outcomes", "quantities", "studies"])
def test_no_number_is_made_up(table: str) -> None:
    """Every value, upper end and number of patients is printed in the paragraph of its row."""
    found = [(row, paragraphs) for row, paragraphs in placed() if row.file == f"{table}.tsv"]
    assert found
    assert not [
        (row.cells["id"], number, paragraphs)
        for row, paragraphs in found
        for number in held(row)
        if not any((place.partition(" ")[0], number) in facts() for place in paragraphs)
    ]


def test_no_number_is_lost() -> None:
    """Every number of the article that states a fact is held by an outcome or a quantity."""
    told: dict[str, set[Decimal]] = defaultdict(set)
    for row, paragraphs in placed():
        if row.file in {"outcomes.tsv", "quantities.tsv"}:
            for place in paragraphs:
                told[place.partition(" ")[0]] |= set(held(row))

    assert not [(paragraph, n) for paragraph, n in sorted(facts()) if n not in told[paragraph]]


def test_figures_of_table_1_stand_in_their_own_line() -> None:
    """Each figure of Table 1 is told of the group in whose line it is printed."""
    for row in rows("outcomes"):
        places = row.parts("locator")
        if any(place.startswith("P12") for place in places):
            assert [f"table1-{place[-2:].lower()}" for place in places] == [row.cells["id"][:9]]


def test_a_number_in_another_form_is_the_same_number() -> None:
    """Where a value stands in another form than it is printed in, the two are equal."""
    changed = [row for row in rows("quantities") if row.cells["printed"]]

    assert changed
    for row in changed:
        percent = row.cells["printed"].endswith("%")
        number = in_print(row.cells["printed"]) / (100 if percent else 1)
        assert number == Decimal(row.cells["value"]), row.cells["id"]
        assert row.cells["unit"] == "1", row.cells["id"]


def test_numbers_left_out_are_no_facts() -> None:
    """Each number that no table holds has one of the known reasons, and each reason is in use."""
    assert {entry.why for entry in entries() if entry.encoded == "no"} == REASONS


def test_time_points_are_told_in_words() -> None:
    """Each number left out as a time point stands in the time point of an outcome of its place."""
    told: dict[str, set[Decimal]] = defaultdict(set)
    for row in rows("outcomes"):
        for place in row.parts("locator"):
            words = re.findall(r"[0-9]+", row.cells["time_point"])
            told[place.partition(" ")[0]] |= set(map(Decimal, words))

    left_out = {(e.paragraph, e.number) for e in entries() if e.why == TIME_POINT}
    assert left_out == {(paragraph, number) for paragraph in told for number in told[paragraph]}


def test_the_list_is_well_formed() -> None:
    """Each line is a paragraph, a number, yes or no, and a reason; sorted, and each line once."""
    keys = [
        (int(e.paragraph.removeprefix("P")), e.number, e.encoded == "no", e.why) for e in entries()
    ]

    assert keys == sorted(set(keys))
    assert {paragraph for paragraph, *_ in keys} <= set(range(1, 44))
    assert {e.why for e in entries() if e.encoded == "yes"} == {"", IN_WORDS}
    assert {e.encoded for e in entries()} == {"yes", "no"}
