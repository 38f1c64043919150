"""What asking for columns can tell of a record: every truth it leaves, and what an answer says.

A truth is one complete state of the facts of a component.  Asked for some columns, it tells what
these columns can express and no more: a fact without a word for it stays untold, and so does a
finding of which the text does not say what it means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from reasoner.axes import Axis, Cell
from reasoner.components import Component, candidates
from reasoner.intake import Intake
from reasoner.intervals import Interval
from reasoner.record import BlockState, Record

Masks = Mapping[str, int]


@dataclass(frozen=True)
class Told:
    """What one column says of a truth: in words, and as masks of the facts it speaks of."""

    words: str
    masks: tuple[tuple[str, int], ...]
    interval: Interval | None = None


@dataclass(frozen=True)
class Truth:
    """One state of a component: a cell of each block, and what each column would say of it."""

    cells: tuple[tuple[Cell, ...], ...]
    told: Mapping[str, Told]


class Inquiry:
    """A component of a record, with what may still be asked of it."""

    def __init__(self, intake: Intake, record: Record, component: Component) -> None:
        """Take the states of the blocks as the record and the readings leave them."""
        self.intake, self.record, self.component = intake, record, component
        self.states: list[BlockState] = [
            next(s for s in record.states if s.block is block) for block in component.blocks
        ]
        self._classes: dict[frozenset[str], list[tuple[frozenset[int], tuple[Told, ...]]]] = {}

    @cached_property
    def columns(self) -> list[str]:
        """Columns whose answer could tell more than is known, in the order of asking."""
        if needed := self._needed:
            return [needed]
        open_yet = {
            d
            for state in self.states
            for place, d in enumerate(state.block.dimensions)
            if len({c[place] for c in state.cells}) > 1
        } - self.record.several
        return [
            c
            for c in self.component.columns
            if self.intake.columns[c].kind != "limit"
            and open_yet & set(self.intake.columns[c].dimensions)
        ]

    @cached_property
    def _needed(self) -> str | None:
        """The column without which a fact that was given says nothing."""
        facts = self.record.facts.values()
        needs = {f.needs for f in facts if f.needs is not None}
        return next((c for c in self.component.columns if c in needs), None)

    @cached_property
    def truths(self) -> list[Truth]:
        """Every state that is left, with what the columns would say of it."""
        if self._needed is not None:
            return list(self._limits(self._needed))
        found = []
        for cells in product(*(s.cells for s in self.states)):
            atoms = {
                d: cell[place]
                for state, cell in zip(self.states, cells, strict=True)
                for place, d in enumerate(state.block.dimensions)
            }
            told = {c: said for c in self.columns if (said := self._say(c, atoms)) is not None}
            found.append(Truth(tuple((cell,) for cell in cells), told))
        return found

    def _limits(self, column: str) -> Iterable[Truth]:
        """Yield, for every detection limit, what a value below it leaves open."""
        (dimension,) = self.intake.columns[column].dimensions
        measured = self.intake.dimensions[dimension]["column"]
        for candidate in candidates(self.intake, column, set()):
            assert candidate.interval is not None
            text = self.record.given[measured]
            fact = self.intake.read(measured, text, candidate.interval.high)
            masks = dict(fact.masks)
            cells = tuple(
                tuple(
                    c
                    for c in s.cells
                    if all(
                        masks.get(d, -1) >> a & 1
                        for a, d in zip(c, s.block.dimensions, strict=True)
                    )
                )
                for s in self.states
            )
            if all(cells):
                told = Told(candidate.interval.phrase(), fact.masks, candidate.interval)
                yield Truth(cells, {column: told})

    def _say(self, column: str, atoms: Mapping[str, int]) -> Told | None:
        """Return what a column says of a truth, or ``None`` where it has no word for it."""
        spec = self.intake.columns[column]
        if spec.kind == "tokens":
            return self._words(column, atoms)
        dimension = next(d for d in spec.dimensions if d in atoms)
        index = atoms[dimension]
        atom = self.intake.dimensions[dimension]["atoms"][index]
        if "absent" in atom or (spec.kind == "value" and not atom.get("notation")):
            return None
        said = ((dimension, 1 << index),)
        if spec.kind == "value":
            return Told(atom["notation"], said)
        interval = self.intake.interval(dimension, index)
        return Told(interval.phrase(), said, interval)

    def _words(self, column: str, atoms: Mapping[str, int]) -> Told | None:
        known = self.intake.view.table.data["tokens"][column]
        usable = [w for w, said in known.items() if all(atoms[d] == i for d, i in said["asserts"])]
        if not usable:
            return None
        text = ";".join(usable)
        return Told(text, self.intake.read(column, text).masks)

    def classes(self, asked: frozenset[str]) -> list[tuple[frozenset[int], tuple[Told, ...]]]:
        """Return what is left after asking: sets of truths, each with what was told."""
        own = frozenset(c for c in asked if c in self.columns)
        if own not in self._classes:
            order = [c for c in self.columns if c in own]
            found: dict[tuple[Told, ...], frozenset[int]] = {}
            for truth in self.truths:
                said = tuple(truth.told[c] for c in order if c in truth.told)
                if said not in found:
                    found[said] = self._consistent(said)
            self._classes[own] = [(left, said) for said, left in found.items()]
        return self._classes[own]

    def _consistent(self, said: tuple[Told, ...]) -> frozenset[int]:
        if self._needed is not None:
            # Detection limits exclude each other, though what they leave open does not.
            return frozenset(
                n for n, t in enumerate(self.truths) if not said or t.told[self._needed] in said
            )
        left = (1 << len(self.truths)) - 1
        for told in said:
            for dimension, mask in told.masks:
                fitting = 0
                for atom, holding in self._holding.get(dimension, {}).items():
                    if mask >> atom & 1:
                        fitting |= holding
                left &= fitting if dimension in self._holding else left
        return frozenset(n for n in range(len(self.truths)) if left >> n & 1)

    @cached_property
    def _holding(self) -> dict[str, dict[int, int]]:
        """The truths in which each fact has each atom, a bit a truth."""
        found: dict[str, dict[int, int]] = {}
        for number, truth in enumerate(self.truths):
            for state, (cell,) in zip(self.states, truth.cells, strict=True):
                for dimension, atom in zip(state.block.dimensions, cell, strict=True):
                    atoms = found.setdefault(dimension, {})
                    atoms[atom] = atoms.get(atom, 0) | 1 << number
        return found

    def positions(
        self, axes: list[Axis], left: list[list[int]]
    ) -> list[frozenset[tuple[int, ...]]]:
        """Return where each truth stands on some axes of a question, counted among what is left."""
        places = [self.component.blocks.index(a.block) for a in axes]
        number = [{position: n for n, position in enumerate(positions)} for positions in left]
        found = []
        for truth in self.truths:
            stands = [
                [number[n][p] for p in axis.project(list(truth.cells[place]))]
                for n, (axis, place) in enumerate(zip(axes, places, strict=True))
            ]
            found.append(frozenset(product(*stands)))
        return found

    def speaks_plainly(self, column: str) -> bool:
        """Tell whether a column says one thing, and not a list of them."""
        return self.intake.columns[column].kind != "tokens"

    @property
    def assumed(self) -> dict[str, str]:
        """Facts that are taken as known by a reading."""
        return {d: r for state in self.states for d, r in state.assumed.items()}
