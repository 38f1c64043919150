"""The oracle table: each scheme as its source words it, written by hand, one condition a row.

Nothing here imports the reasoner, and no row was made by a program. A row says: under these
readings, what meets all these conditions is in this category. Three words are no categories:

- ``not applicable``: the scheme says nothing of such a relapse;
- ``none``: a hole, with its cause; no category may hold there;
- ``several``: an overlap, with its cause; more than one category must hold there.

The schemes ``site`` and ``uk-timing`` are shown by no answer; they give words to the others.

A fact is a word, a number, or ``None`` where there is none to be had (months from the end of a
treatment that goes on). No condition on such a number is met.
"""

from __future__ import annotations

import csv
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path

FILE = Path(__file__).with_name("oracle_table.tsv")
COLUMNS = ["scheme", "category", "line", "when", "readings", "locator", "remark"]
NOT_APPLICABLE, HOLE, OVERLAP = "not applicable", "none", "several"

Fact = str | Decimal | None
Facts = Mapping[str, Fact]
Compare = Callable[[Decimal, Decimal], bool]

_COMPARE: dict[str, Compare] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}
_CONDITION = re.compile(r"(?P<term>.+?) (?P<sign>is not|is|<=|>=|<|=|>) (?P<value>.+)")


class WordingError(ValueError):
    """Say which row of the oracle table cannot be read, and why."""


@dataclass(frozen=True)
class Condition:
    """One condition of a row: a term, ``is`` or ``is not`` with words, or a sign with a number."""

    term: str
    sign: str
    values: tuple[str, ...]

    @cached_property
    def limit(self) -> Decimal:
        """Return the number that the fact is compared with."""
        return Decimal(self.values[0])

    def met_by(self, fact: Fact) -> bool:
        """Tell whether a fact meets the condition.

        Raises:
            WordingError: the fact is a word where the row has a number, or the other way round.
        """
        if self.sign in _COMPARE:
            if isinstance(fact, str):
                raise WordingError(f"{self.term} is compared with a number, and is {fact!r}")
            return fact is not None and _COMPARE[self.sign](fact, self.limit)
        if not isinstance(fact, str):
            raise WordingError(f"{self.term} is a word, and is {fact!r}")
        return (fact in self.values) == (self.sign == "is")


@dataclass(frozen=True)
class Row:
    """One row: a category, the printed line of it, its conditions, and the readings it needs."""

    scheme: str
    category: str
    line: str
    conditions: tuple[Condition, ...]
    needed: frozenset[str]
    barred: frozenset[str]
    locator: str
    remark: str

    def stands_under(self, readings: frozenset[str]) -> bool:
        """Tell whether the row counts under a set of readings."""
        return self.needed <= readings and not self.barred & readings


@dataclass(frozen=True)
class Verdict:
    """What the table says of one relapse in one scheme."""

    applicable: bool
    categories: frozenset[str]
    lines: frozenset[tuple[str, str]]


class OracleTable:
    """The rows under one set of readings."""

    def __init__(self, rows: Iterable[Row], readings: frozenset[str]) -> None:
        """Keep the rows that count."""
        self.used: set[Row] = set()
        self._rows: dict[str, list[Row]] = {}
        for row in rows:
            kept = self._rows.setdefault(row.scheme, [])
            if row.stands_under(readings):
                kept.append(row)
        self._known: dict[tuple[str, tuple[Fact, ...]], Verdict] = {}

    def terms(self, scheme: str) -> frozenset[str]:
        """Return the facts that a scheme rests on, by whatever way."""
        found: set[str] = set()
        for row in self._rows[scheme]:
            for condition in row.conditions:
                inner = condition.term in self._rows
                found |= self.terms(condition.term) if inner else {condition.term}
        return frozenset(found)

    def holding(self, scheme: str, facts: Facts) -> list[Row]:
        """Return the rows whose conditions a relapse meets."""
        return [
            row
            for row in self._rows[scheme]
            if all(self._met(condition, facts) for condition in row.conditions)
        ]

    def judge(self, scheme: str, facts: Facts) -> Verdict:
        """Say where a relapse belongs.

        Raises:
            WordingError: no row holds, or rows contradict each other (a hole in which something
                holds, an overlap in which nothing overlaps, or one that is not told).
        """
        key = scheme, tuple(facts.get(term) for term in sorted(self._terms(scheme)))
        if key not in self._known:
            self._known[key] = self._judge(scheme, facts)
        return self._known[key]

    def _judge(self, scheme: str, facts: Facts) -> Verdict:
        rows = self.holding(scheme, facts)
        self.used.update(rows)
        words = {row.category for row in rows}
        if NOT_APPLICABLE in words:
            return Verdict(False, frozenset(), frozenset())
        found = frozenset(words - {HOLE, OVERLAP})
        overlap = len(found) > 1 and scheme not in _CHOICES
        if (HOLE in words) != (not found) or (OVERLAP in words) != overlap:
            raise WordingError(f"{scheme}: {sorted(words)} for {dict(facts)}")
        lines = frozenset((r.category, r.line) for r in rows if r.line)
        return Verdict(True, found, lines)

    def _met(self, condition: Condition, facts: Facts) -> bool:
        if condition.term not in self._rows:
            return condition.met_by(facts[condition.term])
        words = self.judge(condition.term, facts).categories or {HOLE}
        return bool(words & set(condition.values)) == (condition.sign == "is")

    def _terms(self, scheme: str) -> frozenset[str]:
        if scheme not in self._reach:
            self._reach[scheme] = self.terms(scheme)
        return self._reach[scheme]

    @cached_property
    def _reach(self) -> dict[str, frozenset[str]]:
        return {}


def read_rows(path: Path = FILE) -> list[Row]:
    """Read the table.

    Raises:
        WordingError: a heading, a condition, or a row without locator.
    """
    return list(_rows(path))


def _rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
        if reader.fieldnames != COLUMNS:
            raise WordingError(f"{path.name}: columns {reader.fieldnames}, wanted {COLUMNS}")
        for number, cells in enumerate(reader, start=2):
            if None in cells or None in cells.values() or not cells["locator"]:
                raise WordingError(f"{path.name}, row {number}: a cell too many, too few, or empty")
            names = [n.strip() for n in cells["readings"].split(",") if n.strip()]
            barred = frozenset(n.removeprefix("not ") for n in names if n.startswith("not "))
            yield Row(
                cells["scheme"],
                cells["category"],
                cells["line"],
                tuple(_condition(text, number) for text in cells["when"].split("; ")),
                frozenset(n for n in names if not n.startswith("not ")),
                barred,
                cells["locator"],
                cells["remark"],
            )


def _condition(text: str, number: int) -> Condition:
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise WordingError(f"{FILE.name}, row {number}: no condition: {text!r}")
    return Condition(found["term"], found["sign"], tuple(found["value"].split(" or ")))


_CHOICES = frozenset({"local-therapy", "donor-choice"})
"""Decisions whose options may stand side by side."""
