"""The cells of a grid: a relapse that stands for each place, and what a scheme says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from queries.knowledge import Knowledge
from queries.text import category_words
from queries.web.asked import Asked
from queries.web.form import example
from reasoner.answers import select
from reasoner.axes import Axis
from reasoner.schemes import SchemeQuestion

IMPOSSIBLE = "impossible"
Entry = tuple[int, ...]


@dataclass(frozen=True)
class Cell:
    """What a scheme says of one place in its grid, and a relapse that stands for it."""

    status: str
    value: str
    words: str
    rank: int
    address: str


class Cells:
    """Finds relapses that stand for places in a grid, under one set of readings."""

    def __init__(self, knowledge: Knowledge) -> None:
        """Keep the tables."""
        self.intake, self.answerer = knowledge.intake, knowledge.answerer
        self.dimensions = knowledge.intake.dimensions

    def stand_in(
        self,
        question: SchemeQuestion,
        axes: Iterable[list[Axis]],
        entries: Iterable[tuple[Entry, ...]],
    ) -> Cell:
        """Ask a scheme about a relapse that stands for some entries, a group of axes each."""
        values = self._values(
            (axis, entry)
            for group, chosen in zip(axes, entries, strict=True)
            for axis, entry in zip(group, chosen, strict=True)
        )
        record = self.answerer.read(values) if values is not None else None
        if values is None or record is None or record.problems:
            return Cell(IMPOSSIBLE, "", "cannot occur", 0, "")
        verdict = question.verdict(question.outcomes_in(select(question, record.states)))
        ranks = {value: n for n, (value, _) in enumerate(question.categories, 1)}
        return Cell(
            verdict.status,
            verdict.value,
            category_words({"value": verdict.value, "status": verdict.status}),
            ranks.get(verdict.value, 0),
            Asked(values).address,
        )

    def _values(self, chosen: Iterable[tuple[Axis, Entry]]) -> dict[str, str] | None:
        """Return the columns of a relapse that stands for some entries; ``None``: none can."""
        found: dict[str, str] = {}
        numbers: dict[str, dict[str, Any]] = {}
        for axis, entry in chosen:
            for dimension, index in self._pinned(axis, entry).items():
                told = self.dimensions[dimension]
                atom = told["atoms"][index]
                if told["is_number"]:
                    found[told["column"]] = example(told, atom) or ""
                    numbers[dimension] = atom
                else:
                    found[told["column"]] = atom["notation"]
        ordered = self._in_order(found, numbers)
        return ordered and {c: ordered[c] for c in self.intake.columns if c in ordered}

    def _pinned(self, axis: Axis, entry: Entry) -> dict[str, int]:
        """Return few facts that have a column and leave a block no other entry than this one."""
        block, wanted = axis.block, frozenset({axis.position(entry)})

        def pins(facts: Mapping[str, int]) -> bool:
            masks = {d: 1 << index for d, index in facts.items()}
            return axis.project(block.consistent(masks)) == wanted

        for cell in block.cells:
            facts = dict(zip(block.dimensions, cell, strict=True))
            facts = {d: index for d, index in facts.items() if self._is_written(d, index)}
            if not pins(facts):
                continue
            for dimension in sorted(facts, key=lambda d: -self.dimensions[d]["rank"]):
                fewer = {d: index for d, index in facts.items() if d != dimension}
                facts = fewer if pins(fewer) else facts
            return facts
        return {}

    def _is_written(self, dimension: str, index: int) -> bool:
        """Tell whether a column can state a value."""
        told = self.dimensions[dimension]
        atom = told["atoms"][index]
        is_written = "low" in atom or bool(atom.get("notation"))
        return told["column"] is not None and is_written

    def _in_order(
        self, found: dict[str, str], numbers: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, str] | None:
        """Keep intervals within those that they cannot exceed, or say that none can."""
        for inner, atom in numbers.items():
            outer = self.dimensions[inner]["not_more_than"]
            if outer not in numbers:
                continue
            columns = self.dimensions[inner]["column"], self.dimensions[outer]["column"]
            small, large = (Decimal(found[c]) for c in columns)
            if small <= large:
                continue
            limit = numbers[outer]["high"]
            if limit is None or small < Decimal(limit):
                found[columns[1]] = found[columns[0]]
            elif atom["low"] is None or Decimal(atom["low"]) < large:
                found[columns[0]] = found[columns[1]]
            else:
                return None
        return found
