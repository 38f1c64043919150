"""Facts put in: from the text of a column to the atoms that it leaves possible.

Every value is a restriction: it leaves some atoms of some facts possible.  A value that cannot be
read restricts nothing and is reported with what is allowed; it is never guessed at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from reasoner.intervals import Interval
from reasoner.table import View

_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?")
_BOUND = re.compile(r"(<=|>=|<|>)\s*(.+)")
NOT_DETECTED = "not-detected"

# What may stand around a value: the same characters wherever a value is read, the no-break and
# other wide spaces of spreadsheets included.
BLANKS = " \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\xa0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
BLANKS += "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u1680"


class InputError(ValueError):
    """Say what is allowed in a column whose value could not be used; the value stays out of it."""


@dataclass(frozen=True, repr=False)
class Fact:
    """What one value of one column says: a mask of possible atoms for each fact it touches."""

    masks: tuple[tuple[str, int], ...] = ()
    number: Decimal | None = None
    several: bool = False
    needs: str | None = None
    out_of_scope: bool = False

    def __repr__(self) -> str:
        """Name the facts that were touched and show nothing of the patient."""
        return f"Fact({', '.join(name for name, _ in self.masks)})"


EMPTY = Fact()


@dataclass
class Column:
    """An input column and the facts it speaks of."""

    name: str
    kind: str
    dimensions: list[str] = field(default_factory=list)


class Intake:
    """The input columns of a table, and how each is read."""

    def __init__(self, view: View) -> None:
        """Read the columns off the table."""
        self.view = view
        self.dimensions: dict[str, Any] = view.table.dimensions

    @cached_property
    def columns(self) -> dict[str, Column]:
        """All input columns in the order in which they are asked."""
        found: dict[str, Column] = {"patient_id": Column("patient_id", "text")}
        ranked = sorted(self.dimensions.items(), key=lambda item: item[1]["rank"])
        for name, entry in ranked:
            column = entry["column"]
            if column is None:
                continue
            kind = (
                "tokens"
                if column in self.view.table.data["tokens"]
                else ("number" if entry["is_number"] else "value")
            )
            found.setdefault(column, Column(column, kind)).dimensions.append(name)
            if entry["detection_limit_column"]:
                limit = entry["detection_limit_column"]
                found[limit] = Column(limit, "limit", [name])
        for _, entry in ranked:
            for key in ("starts_on", "ends_on"):
                if entry[key]:
                    found.setdefault(entry[key], Column(entry[key], "date"))
        return found

    @cached_property
    def rank(self) -> dict[str, int]:
        """Place of each column in that order."""
        return {name: place for place, name in enumerate(self.columns)}

    def allowed(self, column: str) -> str:
        """Say in words what a column may hold."""
        spec = self.columns[column]
        if spec.kind == "date":
            return "a date as YYYY-MM-DD"
        if spec.kind == "tokens":
            return "any of " + ", ".join(self.view.table.data["tokens"][column]) + ", joined by ;"
        if spec.kind == "limit":
            entry = self.dimensions[spec.dimensions[0]]
            span = f"a number above {entry['minimum']}, up to {entry['maximum']}"
            return f"{span}: the smallest that the assay can show"
        if spec.kind == "value":
            return "one of " + ", ".join(self._notations(spec.dimensions[0]))
        if spec.kind == "number":
            text = self._range(spec.dimensions[0])
            if self.dimensions[spec.dimensions[0]]["accepts_bounds"]:
                text += (
                    f", a bound such as <0.0005, {NOT_DETECTED}, or time:value pairs joined by ;"
                )
            return text
        return "any text"

    def _range(self, dimension: str) -> str:
        entry = self.dimensions[dimension]
        kind = "a whole number" if entry["decimals"] == "0" else "a number"
        return f"{kind} from {entry['minimum']} to {entry['maximum']}"

    def named(self, dimension: str, value: str) -> Fact:
        """Read a fact that is given by the names of the ontology instead of a column.

        Raises:
            InputError: the value is none of the fact's.
        """
        atoms = self.dimensions[dimension]["atoms"]
        values = {a["value"]: i for i, a in enumerate(atoms) if "value" in a}
        if value not in values:
            raise InputError("one of " + ", ".join(values))
        return Fact(((dimension, 1 << values[value]),))

    def _notations(self, dimension: str) -> dict[str, int]:
        atoms = self.dimensions[dimension]["atoms"]
        return {a["notation"]: i for i, a in enumerate(atoms) if a.get("notation")}

    def read(self, column: str, text: str, limit: Decimal | None = None) -> Fact:
        """Read one value; empty text says nothing.

        ``limit`` is the smallest value that the assay of this record can show.

        Raises:
            InputError: the text is none of what is allowed.
        """
        text = text.strip(BLANKS)
        if not text:
            return EMPTY
        spec = self.columns[column]
        if spec.kind == "value":
            return self._value(spec, text)
        if spec.kind == "tokens":
            return self._tokens(spec, text)
        if spec.kind == "number":
            return self._number(spec, text, limit)
        if spec.kind == "limit":
            number = self._decimal(column, spec.dimensions[0], text)
            if number <= Decimal(self.dimensions[spec.dimensions[0]]["minimum"]):
                raise InputError(self.allowed(column))
            return Fact(number=number)
        return EMPTY

    def _value(self, spec: Column, text: str) -> Fact:
        (dimension,) = spec.dimensions
        folded = {n.casefold(): i for n, i in self._notations(dimension).items()}
        if text.casefold() in folded:
            return Fact(((dimension, 1 << folded[text.casefold()]),))
        if text.casefold() in (t.casefold() for t in self.dimensions[dimension]["out_of_scope"]):
            return Fact(out_of_scope=True)
        raise InputError(self.allowed(spec.name))

    def _tokens(self, spec: Column, text: str) -> Fact:
        known = {k.casefold(): v for k, v in self.view.table.data["tokens"][spec.name].items()}
        words = [w.strip(BLANKS).casefold() for w in text.split(";") if w.strip(BLANKS)]
        if not words or any(w not in known for w in words):
            raise InputError(self.allowed(spec.name))
        masks: dict[str, int] = {}
        for word in words:
            for dimension, index in known[word]["asserts"]:
                masks[dimension] = masks.get(dimension, -1) & (1 << index)
        if any(mask == 0 for mask in masks.values()):
            raise InputError(self.allowed(spec.name) + ", without words that exclude each other")
        for word in known.values():
            for dimension, index in word["otherwise"]:
                masks.setdefault(dimension, 1 << index)
        return Fact(tuple(sorted(masks.items())))

    def _number(self, spec: Column, text: str, limit: Decimal | None) -> Fact:
        (dimension,) = spec.dimensions
        entry = self.dimensions[dimension]
        if not entry["accepts_bounds"]:
            number = self._decimal(spec.name, dimension, text)
            mask = self.mask(dimension, Interval(number, True, number, True))
            return Fact(((dimension, mask),), number)
        parts = [p.strip(BLANKS) for p in text.split(";") if p.strip(BLANKS)]
        masks, needs = [], None
        for part in parts:
            _, colon, after = part.rpartition(":")
            mask, unsettled = self._bounded(spec, after if colon else part, limit)
            masks.append(mask)
            needs = needs or (entry["detection_limit_column"] if unsettled else None)
        if not masks:
            raise InputError(self.allowed(spec.name))
        whole = 0
        for mask in masks:
            whole |= mask
        return Fact(((dimension, whole),), None, len(set(masks)) > 1, needs)

    def _bounded(self, spec: Column, text: str, limit: Decimal | None) -> tuple[int, bool]:
        (dimension,) = spec.dimensions
        text = text.strip(BLANKS)
        if text.casefold() == NOT_DETECTED:
            everything = self.mask(dimension, Interval())
            if limit is None:
                return everything, True
            below = self.mask(dimension, Interval(None, False, limit, False))
            return below, bin(below).count("1") > 1
        if match := _BOUND.fullmatch(text):
            operator, bound = match[1], self._decimal(spec.name, dimension, match[2])
            closed = operator.endswith("=")
            if operator[0] == "<":
                interval = Interval(None, False, bound, closed)
            else:
                interval = Interval(bound, closed, None, False)
        else:
            number = self._decimal(spec.name, dimension, text)
            interval = Interval(number, True, number, True)
        entry = self.dimensions[dimension]
        low, high = Decimal(entry["minimum"]), Decimal(entry["maximum"])
        if not interval.meets(Interval(low, True, high, True)):
            raise InputError(self.allowed(spec.name))
        return self.mask(dimension, interval), False

    def _decimal(self, column: str, dimension: str, text: str) -> Decimal:
        entry = self.dimensions[dimension]
        if not _NUMBER.fullmatch(text.strip(BLANKS)):
            raise InputError(self.allowed(column))
        number = Decimal(text.strip(BLANKS))
        whole = entry["decimals"] == "0"
        if not Decimal(entry["minimum"]) <= number <= Decimal(entry["maximum"]) or (
            whole and number != number.to_integral_value()
        ):
            raise InputError(self.allowed(column))
        return number

    @cached_property
    def _intervals(self) -> dict[str, list[tuple[int, Interval]]]:
        return {
            name: [(i, Interval.read(a)) for i, a in enumerate(entry["atoms"]) if "absent" not in a]
            for name, entry in self.dimensions.items()
            if entry["is_number"]
        }

    def interval(self, dimension: str, index: int) -> Interval:
        """Return the numbers of an atom."""
        return dict(self._intervals[dimension])[index]

    def mask(self, dimension: str, interval: Interval) -> int:
        """Return the atoms that share a number with an interval."""
        return sum(1 << i for i, a in self._intervals[dimension] if a.meets(interval))

    def interval_mask(self, dimension: str, months: Decimal) -> int:
        """Return the atom of an interval that was computed from dates."""
        return self.mask(dimension, Interval(months, True, months, True))

    def clocks(self) -> list[tuple[str, str, str]]:
        """List the facts that two dates give: fact, first date, second date."""
        return [
            (name, entry["starts_on"], entry["ends_on"])
            for name, entry in self.dimensions.items()
            if entry["starts_on"]
        ]
