"""Changes of columns that fit together: numbers that clocks allow, values that serve alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import Any

from reasoner.components import Candidate, common, example, whole
from reasoner.intake import Fact, Intake
from reasoner.intervals import Interval
from reasoner.values import clock_ties

Moves = tuple[Candidate, ...]
Box = tuple[Moves, ...]


class Fitting:
    """The numbers that changed columns may take beside the facts that stay."""

    def __init__(self, intake: Intake, given: Mapping[str, Fact]) -> None:
        """Take the facts as they are before any change."""
        self.intake, self.given = intake, given

    def spans(self, made: Moves) -> dict[str, Interval] | None:
        """Return the numbers that each changed column may take beside the others.

        A clock that cannot have run longer than another bounds it and is bounded by it.
        """
        spans = {
            c: Interval(f.number, True, f.number, True)
            for c, f in self.given.items()
            if f.number is not None and not any(m.column == c for m in made)
        }
        for move in made:
            if move.interval is not None:
                held = common(move.interval, whole(self.intake, move.column))
                if held is None:
                    return None
                spans[move.column] = held
        for inner, outer in clock_ties(self.intake):
            if inner in spans and outer in spans:
                low, high = spans[inner], spans[outer]
                below = common(low, Interval(None, False, high.high, high.high_closed))
                above = common(high, Interval(low.low, low.low_closed, None, False))
                if below is None or above is None:
                    return None
                spans[inner], spans[outer] = below, above
        return spans

    def texts(self, made: Moves) -> dict[str, str] | None:
        """Return what each changed column says, numbers chosen so that they fit together."""
        texts: dict[str, str] = {}
        ties = clock_ties(self.intake)
        outer = {o for _, o in ties}
        chosen: list[Candidate] = []
        for move in sorted(made, key=lambda m: m.column not in outer):
            if move.interval is None:
                texts[move.column] = move.text
                continue
            held = [*chosen, *(m for m in made if m not in chosen and m.interval is not None)]
            spans = self._pinned(held, texts)
            if spans is None:
                return None
            number = self._example(move.column, spans[move.column])
            if number is None:
                return None
            texts[move.column] = f"{number:f}"
        return texts

    def _pinned(
        self, moves: Sequence[Candidate], texts: Mapping[str, str]
    ) -> dict[str, Interval] | None:
        pinned = []
        for move in moves:
            if move.column in texts:
                number = Decimal(texts[move.column])
                move = replace(move, interval=Interval(number, True, number, True))
            pinned.append(move)
        return self.spans(tuple(pinned))

    def _example(self, column: str, interval: Interval) -> Decimal | None:
        entry = self.intake.dimensions[self.intake.columns[column].dimensions[0]]
        held = common(interval, whole(self.intake, column))
        old = self.given[column].number if column in self.given else None
        return None if held is None else example(held, old, int(entry["decimals"]))

    def merged(self, box: Box, choices: tuple[Candidate, ...]) -> list[Interval]:
        """Join the intervals of a column that touch, each as far as the other facts let it go."""
        bounds = whole(self.intake, choices[0].column)
        others = [c for c in box if c is not choices]
        spans = [self._widest(choice, others) for choice in choices]
        found: list[Interval] = []
        for span in spans:
            if found and found[-1].touches(span):
                found[-1] = found[-1].up_to(span)
            else:
                found.append(span)
        return [span.without_ends_of(bounds) for span in found]

    def _widest(self, choice: Candidate, others: list[tuple[Candidate, ...]]) -> Interval:
        """Return the numbers of a choice that some choice of the other columns lets it take."""
        column = choice.column
        fitting = [s[column] for o in product(*others) if (s := self.spans((*o, choice)))]
        low = min(fitting, key=lambda i: (i.low or Decimal(0), not i.low_closed))
        high = max(fitting, key=lambda i: (i.high or Decimal(0), i.high_closed))
        return low.up_to(high)

    def together(self, columns: set[str]) -> list[str]:
        """Say which of the changed clocks bound each other."""
        return [
            f"{inner} not more than {outer}"
            for inner, outer in clock_ties(self.intake)
            if {inner, outer} <= columns
        ]


def join_alike(found: list[Moves]) -> list[Box]:
    """Join combinations that change the same columns and differ in the values of one only."""
    boxes: list[Box] = [tuple((move,) for move in sorted(m, key=lambda c: c.column)) for m in found]
    joined = True
    while joined:
        joined = False
        for place in range(max((len(b) for b in boxes), default=0)):
            groups: dict[Any, list[Box]] = {}
            for box in boxes:
                if place < len(box):
                    rest = (*box[:place], box[place][0].column, *box[place + 1 :])
                else:
                    rest = box
                groups.setdefault(rest, []).append(box)
            if len(groups) < len(boxes):
                joined = True
                boxes = [_join(group, place) for group in groups.values()]
    return boxes


def _join(group: list[Box], place: int) -> Box:
    if len(group) == 1:
        return group[0]
    choices = {c: None for box in group for c in box[place]}
    ordered = sorted(choices, key=_order)
    return (*group[0][:place], tuple(ordered), *group[0][place + 1 :])


def _order(candidate: Candidate) -> tuple[Decimal, Decimal]:
    interval = candidate.interval
    if interval is None:
        return Decimal(0), Decimal(0)
    return interval.low or Decimal(-1), interval.high or Decimal("Infinity")
