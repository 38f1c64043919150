"""What would make it so: the fewest changes of facts after which a category is certain.

Every component of the input is tried with everything it could say; the cheapest combinations are
found by asking, component after component, what is left to be reached once its part is played.
A set of cells is reached when every completion lies in it, so a component that leaves several
positions open must reach it from all of them.  Nothing is cut off: the count is exact.  What is
listed has a bound, and the answer says when it was reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import product
from typing import Any

from reasoner.answers import Answerer
from reasoner.axes import Block
from reasoner.components import Candidate, Component, candidates, common, components, example, whole
from reasoner.intake import NOT_DETECTED, Fact, InputError
from reasoner.intervals import Interval
from reasoner.record import CONTRADICTION, BlockState, Record, block_state, masks_of
from reasoner.targets import Target, find_targets
from reasoner.values import clock_ties, shown, values_after

LISTED = 400

Cost = tuple[int, int, int]
Moves = tuple[Candidate, ...]
Box = tuple[Moves, ...]
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
        entry["flips"] = [self._flip(box) for box in _boxes(found)]
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
        return None if self._spans(made) is None else facts

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
                old = _words(self.record.given.get(move.column, ""))
                words += len(old ^ _words(move.text))
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

    # -- numbers that fit together ----------------------------------------------------------------

    def _spans(self, made: Moves) -> dict[str, Interval] | None:
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

    def _texts(self, made: Moves) -> dict[str, str] | None:
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
        return self._spans(tuple(pinned))

    def _example(self, column: str, interval: Interval) -> Decimal | None:
        entry = self.intake.dimensions[self.intake.columns[column].dimensions[0]]
        held = common(interval, whole(self.intake, column))
        old = self.given[column].number if column in self.given else None
        return None if held is None else example(held, old, int(entry["decimals"]))

    # -- what is shown ----------------------------------------------------------------------------

    def _confirmed(self, made: Moves) -> bool:
        """Read the changed record and tell whether it has the target, free of contradiction."""
        texts = self._texts(made)
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
        texts = self._texts(first) or {}
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
                change["intervals"] = self._merged(box, choices)
                change["to"] = [span.phrase() for span in change["intervals"]]
                change["intervals"] = [span.bounds() for span in change["intervals"]]
            changes.append(change)
        return {"changes": changes, "together": self._together({c["column"] for c in changes})}

    def _merged(self, box: Box, choices: tuple[Candidate, ...]) -> list[Interval]:
        """Join the intervals of a column that touch, each as far as the other facts let it go."""
        entry = self.intake.dimensions[self.intake.columns[choices[0].column].dimensions[0]]
        bounds = Interval(Decimal(entry["minimum"]), True, Decimal(entry["maximum"]), True)
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
        fitting = [s[column] for o in product(*others) if (s := self._spans((*o, choice)))]
        low = min(fitting, key=lambda i: (i.low or Decimal(0), not i.low_closed))
        high = max(fitting, key=lambda i: (i.high or Decimal(0), i.high_closed))
        return low.up_to(high)

    def _together(self, columns: set[str]) -> list[str]:
        """Say which of the changed clocks bound each other."""
        return [
            f"{inner} not more than {outer}"
            for inner, outer in clock_ties(self.intake)
            if {inner, outer} <= columns
        ]


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


def _words(text: str) -> frozenset[str]:
    return frozenset(w.strip().casefold() for w in text.split(";") if w.strip())


def _boxes(found: list[Moves]) -> list[Box]:
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
