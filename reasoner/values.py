"""Columns of a record as they were given, and as they would be with something else in them."""

from __future__ import annotations

from collections.abc import Mapping

from reasoner.answers import Answerer
from reasoner.intake import Intake
from reasoner.record import Record


def values_after(answerer: Answerer, record: Record, texts: Mapping[str, str]) -> dict[str, str]:
    """Return the columns of a record with some of them saying something else.

    A clock that is told anew is no longer counted from its date.
    """
    values = {**record.given, **texts}
    for entry in answerer.intake.dimensions.values():
        if entry["column"] in texts and entry["starts_on"]:
            values.pop(entry["starts_on"], None)
    return values


def clock_ties(intake: Intake) -> list[tuple[str, str]]:
    """List the columns of clocks of which the first cannot have run longer than the second."""
    entries = intake.dimensions
    return [
        (e["column"], entries[e["not_more_than"]]["column"])
        for e in entries.values()
        if e["not_more_than"] is not None
    ]
