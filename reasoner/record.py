"""One described relapse: the facts that were given, what they leave possible, and what is wrong.

A record holds no text of the patient beyond its own columns, and its ``repr`` shows none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from reasoner.axes import Block, Cell
from reasoner.dates import months_between, read_date
from reasoner.intake import BLANKS, EMPTY, Fact, InputError, Intake

OUT_OF_SCOPE = "' is out of scope of the article; nothing is grouped"
CONTRADICTION = "facts that do not exclude each other (contradiction)"


@dataclass(frozen=True)
class Problem:
    """Something that could not be used: where, what, and what is allowed there."""

    row: int
    column: str
    value: str
    allowed: str

    def __str__(self) -> str:
        """Write the problem on one line."""
        return f"row {self.row}, {self.column}: '{self.value}' not used; allowed: {self.allowed}"

    def __repr__(self) -> str:
        """Show no value of a patient."""
        return f"Problem(row={self.row}, column={self.column!r})"


@dataclass(repr=False)
class BlockState:
    """A block under a record: the cells left, and the readings that narrowed them."""

    block: Block
    cells: list[Cell]
    assumed: dict[str, str] = field(default_factory=dict)


@dataclass(repr=False)
class Record:
    """The facts of one relapse as masks of possible atoms."""

    row: int
    given: dict[str, str]
    facts: dict[str, Fact]
    masks: dict[str, int]
    states: list[BlockState]
    problems: list[Problem]
    out_of_scope: list[str]

    def __repr__(self) -> str:
        """Show which row it is and nothing of the patient."""
        return f"Record(row={self.row}, facts={len(self.facts)})"

    @property
    def several(self) -> set[str]:
        """Facts with several values that disagree."""
        return {d for f in self.facts.values() if f.several for d, _ in f.masks}


def shown(given: str | None, fact: Fact | None) -> str:
    """Write what a record says of a fact, an interval from dates included."""
    if given:
        return given
    if fact is None:
        return ""
    return f"{fact.number} (from dates)" if fact.number is not None else "from dates"


def masks_of(facts: Iterable[Fact]) -> dict[str, int]:
    """Join the masks of some facts."""
    masks: dict[str, int] = {}
    for fact in facts:
        for dimension, mask in fact.masks:
            masks[dimension] = masks.get(dimension, -1) & mask
    return masks


def block_state(intake: Intake, block: Block, masks: Mapping[str, int]) -> tuple[BlockState, bool]:
    """Return what a record leaves of a block, and whether its facts there exclude each other.

    Facts that exclude each other are set aside together: nothing is concluded from any of them.
    """
    known = {d: masks[d] for d in block.dimensions if d in masks}
    cells = block.consistent(known)
    contradictory = not cells
    if contradictory:
        known, cells = {}, block.cells
    assumed: dict[str, str] = {}
    for dimension in block.dimensions:
        if dimension in intake.view.defaults and dimension not in known:
            mask, reading = intake.view.defaults[dimension]
            kept = [c for c in cells if mask >> c[block.dimensions.index(dimension)] & 1]
            # An assumption gives way where what was given speaks against it.
            if kept and len(kept) < len(cells):
                cells, assumed[dimension] = kept, reading
    return BlockState(block, cells, assumed), contradictory


def read_record(intake: Intake, values: Mapping[str, str], row: int = 1) -> Record:
    """Read the columns of one relapse; unknown columns are ignored, bad values reported."""
    given = {
        c: str(values[c]).strip(BLANKS)
        for c in intake.columns
        if str(values.get(c) or "").strip(BLANKS)
    }
    problems: list[Problem] = []
    facts: dict[str, Fact] = {}
    limits = _limits(intake, given, row, problems)
    for column, text in given.items():
        spec = intake.columns[column]
        if spec.kind in ("text", "date", "limit"):
            continue
        try:
            fact = intake.read(column, text, limits.get(column))
        except InputError as error:
            problems.append(Problem(row, column, text, str(error)))
        else:
            if fact != EMPTY:
                facts[column] = fact
    _add_named(intake, values, given, facts, row, problems)
    _add_clocks(intake, given, facts, row, problems)
    _drop_impossible_intervals(intake, given, facts, row, problems)
    outside = [c for c, f in facts.items() if f.out_of_scope]
    masks = masks_of(facts.values())
    states = []
    for block in intake.view.blocks:
        state, contradictory = block_state(intake, block, masks)
        states.append(state)
        if contradictory:
            problems.append(contradiction(block, facts, given, row))
    return Record(row, given, facts, masks, states, problems, outside)


def _add_named(
    intake: Intake,
    values: Mapping[str, str],
    given: dict[str, str],
    facts: dict[str, Fact],
    row: int,
    problems: list[Problem],
) -> None:
    """Add the facts that are given by the names of the ontology, as Turtle gives them."""
    for dimension in intake.dimensions:
        if values.get(dimension):
            try:
                facts[dimension] = intake.named(dimension, values[dimension])
            except InputError as error:
                problems.append(Problem(row, dimension, values[dimension], str(error)))
            else:
                given[dimension] = values[dimension]


def _limits(
    intake: Intake, given: Mapping[str, str], row: int, problems: list[Problem]
) -> dict[str, Decimal]:
    """Read the detection limits, by the column whose values they qualify."""
    found = {}
    for column, spec in intake.columns.items():
        if spec.kind == "limit" and column in given:
            try:
                number = intake.read(column, given[column]).number
            except InputError as error:
                problems.append(Problem(row, column, given[column], str(error)))
            else:
                if number is not None:
                    found[intake.dimensions[spec.dimensions[0]]["column"]] = number
    return found


def _add_clocks(
    intake: Intake,
    given: Mapping[str, str],
    facts: dict[str, Fact],
    row: int,
    problems: list[Problem],
) -> None:
    """Turn pairs of dates into intervals, where the interval itself was not given."""
    dates = {}
    for column in (c for c, s in intake.columns.items() if s.kind == "date" and c in given):
        try:
            dates[column] = read_date(given[column])
        except InputError as error:
            problems.append(Problem(row, column, given[column], str(error)))
    for dimension, start, end in intake.clocks():
        column = intake.dimensions[dimension]["column"]
        if start not in dates or end not in dates:
            continue
        if dates[start] > dates[end]:
            problems.append(Problem(row, start, given[start], f"a date not after {end}"))
            continue
        months = months_between(dates[start], dates[end])
        fact = Fact(((dimension, intake.interval_mask(dimension, months)),), months)
        if column not in facts:
            facts[column] = fact
        elif facts[column].masks != fact.masks:
            problems.append(
                Problem(row, column, given[column], f"the interval from {start} to {end}")
            )
            del facts[column]


def _drop_impossible_intervals(
    intake: Intake,
    given: Mapping[str, str],
    facts: dict[str, Fact],
    row: int,
    problems: list[Problem],
) -> None:
    impossible: set[str] = set()
    for entry in intake.dimensions.values():
        if entry["not_more_than"] is None:
            continue
        column, other = entry["column"], intake.dimensions[entry["not_more_than"]]["column"]
        if column in facts and other in facts:
            inner, outer = facts[column].number, facts[other].number
            if inner is not None and outer is not None and float(inner) > float(outer):
                value = given.get(column) or f"{float(inner):.2f} from dates"
                problems.append(Problem(row, column, value, f"not more than {other}"))
                impossible |= {column, other}
    for column in impossible:
        del facts[column]


def touched(block: Block, facts: Mapping[str, Fact]) -> list[str]:
    """List the columns whose facts stand in a block."""
    return [c for c, f in facts.items() if any(d in block.dimensions for d, _ in f.masks)]


def contradiction(
    block: Block, facts: Mapping[str, Fact], given: Mapping[str, str], row: int
) -> Problem:
    """Report the facts of a block that exclude each other."""
    columns_touched = touched(block, facts)
    columns = " + ".join(columns_touched)
    values = " + ".join(given.get(c) or "from dates" for c in columns_touched)
    return Problem(row, columns, values, CONTRADICTION)


def asks(
    intake: Intake, record: Record, axis_dimensions: Iterable[str], state: BlockState
) -> list[str]:
    """List the columns whose answer would settle what a block leaves open on some facts.

    Columns are taken in their order of asking, and one is left out when it adds nothing to those
    before it.
    """
    block, targets = state.block, set(axis_dimensions)
    places = [block.dimensions.index(d) for d in block.dimensions if d in targets]
    found: list[str] = []
    for fact in record.facts.values():
        if fact.needs and any(d in block.dimensions for d, _ in fact.masks):
            return [fact.needs]
    askable = sorted(
        (intake.dimensions[d]["rank"], d)
        for d in block.dimensions
        if intake.dimensions[d]["column"] is not None and d not in record.several
    )
    asked: list[int] = []
    left = _left_open(state, asked, places)
    for _, dimension in askable:
        place = block.dimensions.index(dimension)
        if all(len(open_yet) < 2 for open_yet in left.values()):
            break
        if len({c[place] for c in state.cells}) < 2:
            continue
        after = _left_open(state, [*asked, place], places)
        if any(open_yet < left[answers[:-1]] for answers, open_yet in after.items()):
            asked.append(place)
            found.append(intake.dimensions[dimension]["column"])
            left = after
    return found


def _left_open(
    state: BlockState, asked: list[int], places: list[int]
) -> dict[Cell, frozenset[Cell]]:
    """Return what each combination of answers to some facts leaves open on others."""
    groups: dict[Cell, set[Cell]] = {}
    for cell in state.cells:
        answers = tuple(cell[p] for p in asked)
        groups.setdefault(answers, set()).add(tuple(cell[p] for p in places))
    return {answers: frozenset(open_yet) for answers, open_yet in groups.items()}


def out_of_scope_text(row: int, column: str, value: str) -> str:
    """Say that a value puts a relapse outside the article."""
    return f"row {row}, {column}: '{value}{OUT_OF_SCOPE}"
