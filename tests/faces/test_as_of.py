"""Prove what `--as-of` takes for a date, and what it counts as published by then."""

from __future__ import annotations

from datetime import date
from itertools import chain

import pytest
from faces import EXAMPLES, rallo
from hypothesis import given
from hypothesis import strategies as st

from queries.handbook import Handbook
from queries.knowledge import Knowledge
from reasoner.dates import read_last_day
from reasoner.intake import InputError

# What is known of a finding's date; days, months and years before its end, and not before it.
PUBLISHED = {
    "2021": (
        ["2020", "2020-12-31", "2021-01", "2021-06-30", "2021-11", "2021-12-30"],
        ["2021", "2021-12", "2021-12-31", "2022-01-01", "2022"],
    ),
    "2022-11": (
        ["2021", "2022-10", "2022-10-31", "2022-11-01", "2022-11-29"],
        ["2022", "2022-11", "2022-11-30", "2022-12-01"],
    ),
    "2024-02": (["2024-02-28"], ["2024-02-29", "2024-02", "2024"]),
    "2019-02-01": (
        ["2018", "2019-01", "2019-01-31"],
        ["2019", "2019-02", "2019-02-01", "2019-02-02"],
    ),
}


@pytest.mark.parametrize("published", PUBLISHED)
def test_what_is_known_by_its_year_is_published_by_its_end(published: str) -> None:
    """A finding is shown from the last day on that it may have appeared on, and not before."""
    entry = {"evidence": "finding", "published": published}
    handbook = Handbook({"later": {"advice": {"supports": [entry]}}, "publications": []})
    before, after = PUBLISHED[published]
    assert [handbook.later(["advice"], day) for day in before] == [[]] * len(before)
    assert [handbook.later(["advice"], day) for day in after] == [[entry]] * len(after)


def test_a_finding_without_a_date_is_never_shown() -> None:
    """When nothing is known of its date, no date is late enough."""
    handbook = Handbook({"later": {"advice": {"supports": [{"evidence": "finding"}]}}})
    assert handbook.later(["advice"], "9999") == []


@given(st.dates())
def test_a_day_a_month_and_a_year_end_on_their_last_day(day: date) -> None:
    """The last day of a period is in it, and the next day is not."""
    iso = day.isoformat()
    assert read_last_day(iso) == day
    for length, text in ((7, iso[:7]), (4, iso[:4])):
        last = read_last_day(text)
        assert last.isoformat()[:length] == text
        assert last == date.max or date.fromordinal(last.toordinal() + 1).isoformat() > iso
        assert last.isoformat()[4:] == "-12-31" or length == 7
        assert last == date.max or date.fromordinal(last.toordinal() + 1).day == 1


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "20", "19-06-30", "2019-6", "2019-06-3", "20190630", "2019-06-30T00:00"),
        *("2019-13", "2019-00", "2019-02-29", "0000", "٢٠١٩", "2019-", "-2019", "2019/06"),
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    """Anything but a year, a month or a day of the calendar is refused with what is allowed."""
    with pytest.raises(InputError, match=r"YYYY, YYYY-MM or YYYY-MM-DD"):
        read_last_day(text)


@pytest.mark.parametrize(("period", "day"), [("2022", "2022-12-31"), ("2022-11", "2022-11-30")])
def test_the_command_takes_a_year_or_a_month(period: str, day: str) -> None:
    """A year or a month given on the command line means its last day."""
    found = [
        rallo("recommend", EXAMPLES, f"--as-of={given}", "--format=json").json
        for given in (period, day)
    ]
    for answer in chain(*found):
        del answer["as_of"]
    assert found[0] == found[1]


def test_the_library_refuses_what_is_no_date() -> None:
    """Asked from Python with a date that is none, an answer is refused and not guessed."""
    with pytest.raises(InputError):
        Knowledge().recommend({"immunophenotype": "T"}, as_of="soon")
