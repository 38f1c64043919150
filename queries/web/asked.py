"""What the address of a relapse page says: facts, readings, a date, and one fact to change.

An address names no patient: the identifier is not taken, and calendar dates become intervals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from reasoner.dates import read_last_day
from reasoner.intake import BLANKS, InputError, Intake
from reasoner.record import Record

RELAPSE = "/relapse"
IDENTIFIER = "patient_id"
LONGEST = 500
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """One described relapse as an address; every change gives another address."""

    values: Mapping[str, str] = field(default_factory=dict)
    with_: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    as_of: str = ""
    change: str = ""
    to: str = ""
    view: str = ""

    @property
    def pairs(self) -> Pairs:
        """All parts of the address that say something, in one order."""
        found = list(self.values.items())
        found += [("with", name) for name in self.with_]
        found += [("without", name) for name in self.without]
        rest = {"as_of": self.as_of, "change": self.change, "to": self.to, "view": self.view}
        return found + [(name, text) for name, text in rest.items() if text]

    @property
    def date(self) -> str | None:
        """The year, month or day up to which later evidence is wanted, if it is one."""
        try:
            read_last_day(self.as_of)
        except InputError:
            return None
        return self.as_of

    @property
    def address(self) -> str:
        """The address of this relapse."""
        return RELAPSE + (f"?{urlencode(self.pairs, safe=':/;,')}" if self.pairs else "")

    def set(self, column: str, value: str) -> Asked:
        """Return the relapse with one fact changed; an empty value makes it unknown."""
        values = {**self.values, column: value}
        kept = {c: v for c, v in values.items() if v}
        return replace(self, values=kept, change="", to="", view="")

    def changing(self, column: str, to: str = "") -> Asked:
        """Return the same relapse with a fact picked for trying out other values."""
        return replace(self, change=column, to=to, view="")

    def shown_as(self, view: str) -> Asked:
        """Return the same relapse in another view."""
        return replace(self, view=view)

    def switch(self, reading: str, *, on: bool, default: bool) -> Asked:
        """Return the same relapse with one reading switched on or off."""
        with_ = tuple(r for r in self.with_ if r != reading)
        without = tuple(r for r in self.without if r != reading)
        if on and not default:
            with_ += (reading,)
        if not on and default:
            without += (reading,)
        return replace(self, with_=with_, without=without, view="")


def read_asked(given: Iterable[tuple[str, str]], intake: Intake) -> Asked:
    """Read what an address says; names that are no input column are left out.

    Values of one column that came one by one, as from checkboxes, are joined.
    """
    lists: dict[str, list[str]] = {}
    for name, text in given:
        if text := text.strip(BLANKS)[:LONGEST]:
            lists.setdefault(name, []).append(text)
    values = {
        name: ";".join(dict.fromkeys(lists[name]))
        for name in intake.columns
        if name in lists and name != IDENTIFIER
    }
    change = lists.get("change", [""])[-1]
    known = change in intake.columns and change != IDENTIFIER
    as_of = lists.get("as_of", [""])[-1]
    return Asked(
        values,
        tuple(dict.fromkeys(lists.get("with", ()))),
        tuple(dict.fromkeys(lists.get("without", ()))),
        as_of,
        change if known else "",
        lists.get("to", [""])[-1] if known else "",
        "print" if "print" in lists.get("view", ()) else "",
    )


def without_dates(asked: Asked, intake: Intake, record: Record) -> Asked:
    """Return the relapse with its calendar dates replaced by the intervals they give.

    Where a date gives no interval, or a wrong one, all stay as they are, so that it can be said.
    """
    dates = {name for name, spec in intake.columns.items() if spec.kind == "date"}
    given = dates & set(asked.values)
    clocks = intake.clocks()
    paired = {d for _, *ends in clocks if given.issuperset(ends) for d in ends}
    intervals = {intake.dimensions[dimension]["column"] for dimension, *_ in clocks}
    troubled = {name for p in record.problems for name in p.column.split(" + ")}
    if not given or given - paired or troubled & (dates | intervals):
        return asked
    numbers = {c: str(f.number) for c, f in record.facts.items() if f.number is not None}
    merged = {**numbers, **asked.values}
    return replace(
        asked, values={c: merged[c] for c in intake.columns if c in merged and c not in dates}
    )


def lonely_dates(asked: Asked, intake: Intake) -> dict[str, str]:
    """Say of every date that gives no interval which other date it needs."""
    partners: dict[str, list[str]] = {}
    for _, start, end in intake.clocks():
        partners.setdefault(start, []).append(end)
        partners.setdefault(end, []).append(start)
    return {
        name: "gives no months without " + " or ".join(p.replace("_", " ") for p in others)
        for name, others in partners.items()
        if name in asked.values and not any(o in asked.values for o in others)
    }
