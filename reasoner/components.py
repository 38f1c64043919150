"""Input columns that have to be looked at together, and everything that each of them could say.

Blocks that one column speaks of, as a list of words does, belong together; so do, where numbers are
chosen, clocks of which one cannot have run longer than another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import combinations
from typing import Any

from reasoner.axes import Block
from reasoner.intake import EMPTY, Fact, InputError, Intake
from reasoner.intervals import Interval


@dataclass(frozen=True)
class Component:
    """Blocks that belong together, and the input columns that speak of them."""

    blocks: tuple[Block, ...]
    columns: tuple[str, ...]

    @property
    def dimensions(self) -> set[str]:
        """The facts of all its blocks."""
        return {d for block in self.blocks for d in block.dimensions}


@dataclass(frozen=True)
class Candidate:
    """Something that a column could say: a text, or any number of an interval."""

    column: str
    fact: Fact
    text: str = ""
    interval: Interval | None = None


def components(intake: Intake, *, clocks: bool = False) -> list[Component]:
    """Join the blocks of a view; with ``clocks`` also those of clocks that limit each other."""
    ties = [set(c.dimensions) for c in intake.columns.values()]
    if clocks:
        limited = {n: e["not_more_than"] for n, e in intake.dimensions.items()}
        ties += [{name, other} for name, other in limited.items() if other is not None]
    groups = [set(block.dimensions) for block in intake.view.blocks]
    for tie in filter(None, ties):
        joined = [g for g in groups if g & tie]
        groups = [g for g in groups if not g & tie] + [set().union(*joined)]
    return [
        Component(
            tuple(b for b in intake.view.blocks if set(b.dimensions) <= group),
            tuple(
                n for n, c in intake.columns.items() if c.kind != "date" and group & {*c.dimensions}
            ),
        )
        for group in sorted(groups, key=sorted)
    ]


def candidates(intake: Intake, column: str, touching: set[str], given: str = "") -> list[Candidate]:
    """Return what a column could say; of words only those on some facts, and those given."""
    spec = intake.columns.get(column)
    if spec is None:
        notations = intake.dimensions[column]["atoms"]
        texts = [a["value"] for a in notations if "value" in a]
        return [Candidate(column, intake.named(column, t), t) for t in texts]
    if spec.kind == "value":
        notations = [a["notation"] for a in intake.dimensions[spec.dimensions[0]]["atoms"]]
        return [Candidate(column, intake.read(column, t), t) for t in notations if t]
    if spec.kind == "tokens":
        return list(_lists(intake, column, touching, given))
    if spec.kind == "number":
        return list(_numbers(intake, column, spec.dimensions[0]))
    return list(_limits(intake, column, spec.dimensions[0])) if spec.kind == "limit" else []


def _lists(intake: Intake, column: str, touching: set[str], given: str) -> Iterator[Candidate]:
    known: Mapping[str, Any] = intake.view.table.data["tokens"][column]
    told = words_of(given)
    usable = [
        w
        for w, said in known.items()
        if w.casefold() in told or any(d in touching for d, _ in said["asserts"])
    ]
    for count in range(1, len(usable) + 1):
        for words in combinations(usable, count):
            text = ";".join(words)
            try:
                yield Candidate(column, intake.read(column, text), text)
            except InputError:
                continue


def words_of(text: str) -> frozenset[str]:
    """Return the words of a list, folded."""
    return frozenset(w.strip().casefold() for w in text.split(";") if w.strip())


def _numbers(intake: Intake, column: str, dimension: str) -> Iterator[Candidate]:
    entry = intake.dimensions[dimension]
    for index, atom in enumerate(entry["atoms"]):
        if "absent" not in atom:
            fact = Fact(((dimension, 1 << index),))
            yield Candidate(column, fact, "", intake.interval(dimension, index))


def _limits(intake: Intake, column: str, dimension: str) -> Iterator[Candidate]:
    """Cut the line of a detection limit where it begins to leave another atom possible."""
    entry = intake.dimensions[dimension]
    ends = sorted({Decimal(a["high"]) for a in entry["atoms"] if a.get("high") is not None})
    low = Decimal(entry["minimum"])
    for high in [*ends, Decimal(entry["maximum"])]:
        yield Candidate(column, EMPTY, "", Interval(low, False, high, True))
        low = high


def whole(intake: Intake, column: str) -> Interval:
    """Return the numbers that a column may hold."""
    entry = intake.dimensions[intake.columns[column].dimensions[0]]
    return Interval(Decimal(entry["minimum"]), True, Decimal(entry["maximum"]), True)


def common(first: Interval, second: Interval) -> Interval | None:
    """Return the numbers that two intervals share."""
    if not first.meets(second):
        return None
    found = first
    if second.low is not None and (
        found.low is None
        or second.low > found.low
        or (second.low == found.low and not second.low_closed)
    ):
        found = replace(found, low=second.low, low_closed=second.low_closed)
    if second.high is not None and (
        found.high is None
        or second.high < found.high
        or (second.high == found.high and not second.high_closed)
    ):
        found = replace(found, high=second.high, high_closed=second.high_closed)
    return found


def example(interval: Interval, old: Decimal | None, decimals: int) -> Decimal | None:
    """Return a plain number of an interval that is bounded on both sides, near an old one.

    The coarsest step that the bounds are written in is taken first, then ever finer ones; ``None``
    where no number of so many decimals lies inside.
    """
    low, high = interval.low or Decimal(0), interval.high or Decimal(0)
    written = [b.adjusted() for b in (low, high) if b]
    first = min(0, *written) if written else 0
    for place in range(-first, decimals + 1):
        step = Decimal(1).scaleb(-place)
        least = (low / step).to_integral_value(ROUND_CEILING) * step
        most = (high / step).to_integral_value(ROUND_FLOOR) * step
        if least == low and not interval.low_closed:
            least += step
        if most == high and not interval.high_closed:
            most -= step
        if least <= most:
            near = least if old is None else min(max(old, least), most)
            return (near / step).to_integral_value() * step
    return None
