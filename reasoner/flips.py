"""What would make it so: the fewest changes of facts after which a category is certain.

Every component of the input is tried with everything it could say; the cheapest combinations are
found by asking, component after component, what is left to be reached once its part is played.
A set of cells is reached when every completion lies in it, so a component that leaves several
positions open must reach it from all of them.  Nothing is cut off: the count is exact.  What is
listed has a bound, and the answer says when it was reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from reasoner.answers import Answerer
from reasoner.axes import Block
from reasoner.components import Candidate, Component, candidates, components, words_of
from reasoner.fitting import Box, Fitting, Moves, join_alike
from reasoner.intake import NOT_DETECTED, Fact, InputError
from reasoner.record import CONTRADICTION, BlockState, Record, block_state, masks_of, shown
from reasoner.targets import Target, find_targets
from reasoner.values import values_after

LISTED = 400

Cost = tuple[int, int, int]
FREE: Cost = (0, 0, 0)


@dataclass
class Play:
    """What a component can leave open on the axes of a question, and the cheapest ways to that."""

    positions: tuple[frozenset[int], ...]
    cost: Cost
    ways: list[Moves] = field(default_factory=list)


@dataclass(frozen=True)
class Goal:
    """What is left to be reached: all of ``inside``, and of each ``outside`` at least some."""

    inside: int
    outside: tuple[int, ...]

    @property
    def lost(self) -> bool:
        """Tell whether nothing that is done yet could reach it."""
        return not self.inside or not all(self.outside)


def flips(answerer: Answerer, record: Record, category: str) -> list[dict[str, Any]]:
    """Return the smallest sets of changes of facts that make a category certain.

    Fewest given facts changed first, then fewest facts added, then fewest words of a list touched.
    One entry for every question in which the category exists, as plain data.  Every combination
    listed was read and answered anew.

    Raises:
        reasoner.targets.CategoryError: the category is not known.
    """
    return [_Search(answerer, record, t).entry() for t in find_targets(answerer, category)]


class _Search:
    """The search for one target from one record."""

    def __init__(self, answerer: Answerer, record: Record, target: Target) -> None:
        self.answerer, self.record, self.target = answerer, record, target
        self.intake, self.space = answerer.intake, target.question.space
        self.given = _given_facts(answerer, record)
        self.fitting = Fitting(self.intake, self.given)
        own = [axis.block for axis in self.space.axes]
        self.parts = [
            c for c in components(self.intake, clocks=True) if any(b in own for b in c.blocks)
        ]
        self.numbers = [
            [i for i, a in enumerate(self.space.axes) if a.block in c.blocks] for c in self.parts
        ]
        self.touching = {d for b in own for d in b.dimensions}
        self.states: dict[tuple[int, tuple[int, ...]], tuple[BlockState, bool]] = {}
        self.plays: list[list[Play]] = []
        self.best: dict[tuple[int, Goal], Cost | None] = {}

    def entry(self) -> dict[str, Any]:
        """Return what would make the target so."""
        target, record = self.target, self.record
        now = self.answerer.find(target.question, record)
        entry: dict[str, Any] = {
            "category": target.label,
            "column": target.column,
            "value": target.value,
            "answer": now.verdict.value,
            "already": not record.out_of_scope and target.reached(now.mask),
            "flips": [],
            "changed": 0,
            "added": 0,
            "bound": None,
        }
        if entry["already"]:
            return entry
        self.plays = [
            list(self._plays(c, n)) for c, n in zip(self.parts, self.numbers, strict=True)
        ]
        goal = Goal(target.vector, tuple(self.space.full ^ cells for cells in target.rivals))
        cost = self._cheapest(0, goal)
        if cost is None:
            return entry
        found: list[Moves] = []
        for moves in self._ways(0, goal):
            if len(found) == LISTED:
                entry["bound"] = f"the first {LISTED} combinations of values are given"
                break
            found.append(moves)
        found = [moves for moves in found if self._confirmed(moves)]
        entry["changed"], entry["added"] = cost[0], cost[1]
        entry["flips"] = [self._flip(box) for box in join_alike(found)]
        return entry

    # -- what each component can do ---------------------------------------------------------------

    def _plays(self, component: Component, numbers: Sequence[int]) -> Iterator[Play]:
        """Yield everything that the columns of a component can leave open, by the cheapest ways."""
        found: dict[tuple[frozenset[int], ...], Play] = {}
        columns = self._columns(component)
        for moves in product(*(self._moves(c) for c in columns)):
            made = tuple(m for m in moves if m is not None)
            facts = self._facts_after(columns, made)
            if facts is None:
                continue
            states = self._component_states(component, facts)
            if states is None:
                continue
            positions = tuple(
                self.space.axes[n].project(
                    next(s for s in states if s.block is self.space.axes[n].block).cells
                )
                for n in numbers
            )
            cost = self._cost(made)
            play = found.setdefault(positions, Play(positions, cost))
            if cost < play.cost:
                play.cost, play.ways = cost, []
            if cost == play.cost:
                play.ways.append(made)
        yield from sorted(found.values(), key=lambda play: play.cost)

    def _columns(self, component: Component) -> list[str]:
        """List what can be changed: the columns, and facts given by the names of the ontology."""
        named = [c for c in self.given if c not in self.intake.columns]
        listed = [
            c
            for c in component.columns
            # A clock that the question does not look at matters only where it is given.
            if c in self.given or self.touching & set(self.intake.columns[c].dimensions)
        ]
        return [*listed, *(c for c in named if c in component.dimensions)]

    def _moves(self, column: str) -> list[Candidate | None]:
        """Return what a column could say instead; ``None`` is what it says now."""
        spec = self.intake.columns.get(column)
        if spec is not None and spec.kind == "limit" and not self._limited(spec.dimensions[0]):
            return [None]
        old = self.record.given.get(column, "")
        found = candidates(self.intake, column, self.touching, old)
        return [None, *(c for c in found if not c.text or c.text.casefold() != old.casefold())]

    def _limited(self, dimension: str) -> bool:
        """Tell whether the value of a fact rests on its detection limit."""
        text = self.record.given.get(self.intake.dimensions[dimension]["column"], "")
        return NOT_DETECTED in text.casefold()

    def _facts_after(self, columns: list[str], made: Moves) -> dict[str, Fact] | None:
        """Return the facts after some changes; ``None`` where no numbers fit them."""
        facts = {c: f for c, f in self.given.items() if c in columns}
        for move in made:
            if self._is_limit(move.column):
                measured = self.intake.dimensions[self.intake.columns[move.column].dimensions[0]]
                column = measured["column"]
                if any(m.column == column for m in made):
                    return None
                assert move.interval is not None
                text = self.record.given[column]
                facts[column] = self.intake.read(column, text, move.interval.high)
            else:
                facts[move.column] = move.fact
        return None if self.fitting.spans(made) is None else facts

    def _is_limit(self, column: str) -> bool:
        return column in self.intake.columns and self.intake.columns[column].kind == "limit"

    def _component_states(
        self, component: Component, facts: Mapping[str, Fact]
    ) -> list[BlockState] | None:
        masks = masks_of(facts.values())
        found = []
        for block in component.blocks:
            state, contradictory = self._state(block, masks)
            if contradictory:
                return None
            found.append(state)
        return found

    def _state(self, block: Block, masks: Mapping[str, int]) -> tuple[BlockState, bool]:
        key = (id(block), tuple(masks.get(d, 0) for d in block.dimensions))
        if key not in self.states:
            self.states[key] = block_state(self.intake, block, masks)
        return self.states[key]

    def _cost(self, made: Moves) -> Cost:
        changed = sum(m.column in self.given for m in made)
        words = 0
        for move in made:
            spec = self.intake.columns.get(move.column)
            if spec is not None and spec.kind == "tokens":
                old = words_of(self.record.given.get(move.column, ""))
                words += len(old ^ words_of(move.text))
        return changed, len(made) - changed, words

    # -- the cheapest combination -----------------------------------------------------------------

    def _cheapest(self, place: int, goal: Goal) -> Cost | None:
        """Return the least cost at which the components from a place on reach a goal."""
        if goal.lost:
            return None
        if place == len(self.parts):
            return FREE
        known = (place, goal)
        if known not in self.best:
            costs = [
                _sum(play.cost, rest)
                for play in self.plays[place]
                if (rest := self._cheapest(place + 1, self._after(place, goal, play))) is not None
            ]
            self.best[known] = min(costs, default=None)
        return self.best[known]

    def _after(self, place: int, goal: Goal, play: Play) -> Goal:
        inside, outside = goal.inside, goal.outside
        for number, positions in zip(self.numbers[place], play.positions, strict=True):
            inside = self.space.squeeze(inside, number, positions, every=True)
            outside = tuple(self.space.squeeze(o, number, positions, every=False) for o in outside)
        return Goal(inside, outside)

    def _ways(self, place: int, goal: Goal) -> Iterator[Moves]:
        """Yield every combination of changes at the least cost."""
        if place == len(self.parts):
            yield ()
            return
        cost = self._cheapest(place, goal)
        for play in self.plays[place]:
            after = self._after(place, goal, play)
            rest = self._cheapest(place + 1, after)
            if rest is None or _sum(play.cost, rest) != cost:
                continue
            for further in self._ways(place + 1, after):
                for way in play.ways:
                    yield (*way, *further)

    # -- what is shown ----------------------------------------------------------------------------

    def _confirmed(self, made: Moves) -> bool:
        """Read the changed record and tell whether it has the target, free of contradiction."""
        texts = self.fitting.texts(made)
        if texts is None:
            return False
        record = self.answerer.read(
            values_after(self.answerer, self.record, texts), self.record.row
        )
        own = {c for part in self.parts for c in self._columns(part)}
        if record.out_of_scope or any(
            p.column in texts or (p.allowed == CONTRADICTION and set(p.column.split(" + ")) & own)
            for p in record.problems
        ):
            return False
        return self.target.reached(self.answerer.find(self.target.question, record).mask)

    def _flip(self, box: Box) -> dict[str, Any]:
        """Describe a set of changes; each column with all values that serve alike."""
        first = tuple(choices[0] for choices in box)
        texts = self.fitting.texts(first) or {}
        changes = []
        for choices in box:
            column = choices[0].column
            change: dict[str, Any] = {
                "column": column,
                "kind": "change" if column in self.given else "addition",
                "from": shown(self.record.given.get(column), self.record.facts.get(column)),
                "to": [c.text for c in choices if c.text],
                "example": texts.get(column, ""),
                "intervals": [],
            }
            if choices[0].interval is not None:
                change["intervals"] = self.fitting.merged(box, choices)
                change["to"] = [span.phrase() for span in change["intervals"]]
                change["intervals"] = [span.bounds() for span in change["intervals"]]
            changes.append(change)
        return {
            "changes": changes,
            "together": self.fitting.together({c["column"] for c in changes}),
        }


def _given_facts(answerer: Answerer, record: Record) -> dict[str, Fact]:
    """Return the facts of a record, those included that were set aside as impossible together."""
    found = dict(record.facts)
    dated = {
        answerer.intake.dimensions[d]["column"]
        for d, start, end in answerer.intake.clocks()
        if start in record.given and end in record.given
    }
    for column, text in record.given.items():
        spec = answerer.intake.columns.get(column)
        if spec is None or spec.kind != "number" or column in found or column in dated:
            continue
        try:
            found[column] = answerer.intake.read(column, text)
        except InputError:
            continue
    return found


def _sum(first: Cost, second: Cost) -> Cost:
    return first[0] + second[0], first[1] + second[1], first[2] + second[2]
