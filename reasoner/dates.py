"""Calendar dates: how they are read, and the months between them."""

from __future__ import annotations

import re
from calendar import monthrange
from contextlib import suppress
from datetime import date
from decimal import Decimal

from reasoner.intake import BLANKS, InputError

_PERIOD = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


def read_date(text: str) -> date:
    """Read an ISO calendar date.

    Raises:
        InputError: it is none.
    """
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip(BLANKS)):
        raise InputError("a date as YYYY-MM-DD")
    try:
        return date.fromisoformat(text.strip(BLANKS))
    except ValueError as error:
        raise InputError("a date as YYYY-MM-DD that exists") from error


def read_last_day(text: str) -> date:
    """Read a year, a month or a day in ISO 8601, and return its last day.

    Raises:
        InputError: it is none.
    """
    if found := _PERIOD.fullmatch(text.strip(BLANKS)):
        year, month, day = int(found[1]), int(found[2] or 12), int(found[3] or 0)
        with suppress(ValueError):  # the calendar has no such year, month or day
            return date(year, month, day or monthrange(year, month)[1])
    raise InputError("a year, a month or a day, as YYYY, YYYY-MM or YYYY-MM-DD")


def months_between(first: date, second: date) -> Decimal:
    """Return calendar months from one date to a later one.

    Whole months are exact: the same day of the month is a whole number, and any other day lies
    strictly between two whole numbers, so no limit in months is crossed by rounding.
    """
    whole = (second.year - first.year) * 12 + second.month - first.month
    if second.day < first.day and not _is_last_day(second):
        whole -= 1
        days = 31 - first.day + second.day
    else:
        days = max(0, second.day - first.day)
    return Decimal(whole) + (Decimal(min(days, 31)) / 32).quantize(Decimal("0.01"))


def _is_last_day(day: date) -> bool:
    return date.fromordinal(day.toordinal() + 1).month != day.month
