"""Given facts as evidence: what some of them leave possible, and all minimal sets that entail.

Facts of a record are withdrawn and put back, all else staying as it is. A value that a reading
assumes is assumed in place of a withdrawn fact only where the record does not speak against it, and
facts that exclude each other stay set aside; so a fact that is put back never takes a conclusion
away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from reasoner.answers import Answerer
from reasoner.axes import Axis, Block, Cell
from reasoner.questions import Question
from reasoner.record import Record, masks_of, touched

Columns = frozenset[str]


class Evidence:
    """The facts of one record under the readings of one answerer, any of them withdrawn."""

    def __init__(self, answerer: Answerer, record: Record) -> None:
        """Take a record; what its facts say of a block is worked out when it is asked for."""
        self.answerer, self.record = answerer, record
        self._blocks: dict[int, tuple[Columns, list[tuple[int, int]]]] = {}
        self._states: dict[tuple[int, Columns], list[Cell]] = {}
        self._positions: dict[tuple[int, Columns], frozenset[int]] = {}

    def _open(self, block: Block) -> tuple[Columns, list[tuple[int, int]]]:
        """Return the columns that speak of a block, and the assumptions that stand there."""
        if id(block) not in self._blocks:
            cells = block.consistent(self.record.masks)
            columns = frozenset(touched(block, self.record.facts)) if cells else frozenset()
            standing = list(self._standing(block, columns, cells or block.cells))
            self._blocks[id(block)] = columns, standing
        return self._blocks[id(block)]

    def _standing(
        self, block: Block, columns: Columns, cells: list[Cell]
    ) -> Iterable[tuple[int, int]]:
        """Yield the assumptions on a block that the record does not speak against."""
        defaults = self.answerer.view.defaults
        for place, dimension in enumerate(block.dimensions):
            if dimension in defaults:
                mask, _ = defaults[dimension]
                kept = [c for c in cells if mask >> c[place] & 1]
                given = columns and dimension in self.record.masks
                if kept and (len(kept) == len(cells) or not given):
                    yield place, mask
                    cells = kept

    @property
    def used(self) -> Columns:
        """The columns whose facts are not set aside."""
        return frozenset().union(*(self._open(b)[0] for b in self.answerer.view.blocks))

    def columns(self, question: Question) -> Columns:
        """Return the columns that say anything on the facts a question depends on."""
        return frozenset().union(*(self._open(a.block)[0] for a in question.space.axes))

    def mask(self, question: Question, columns: Columns) -> int:
        """Return the cells of a question's space that the facts of some columns leave."""
        return question.space.select([self._project(a, columns) for a in question.space.axes])

    def _project(self, axis: Axis, columns: Columns) -> frozenset[int]:
        kept = columns & self._open(axis.block)[0]
        key = id(axis), kept
        if key not in self._positions:
            self._positions[key] = axis.project(self._state(axis.block, kept))
        return self._positions[key]

    def _state(self, block: Block, columns: Columns) -> list[Cell]:
        """Return the cells of a block that some columns leave under the standing assumptions."""
        key = id(block), columns
        if key not in self._states:
            cells = block.consistent(masks_of(self.record.facts[c] for c in columns))
            for place, mask in self._open(block)[1]:
                cells = [c for c in cells if mask >> c[place] & 1]
            self._states[key] = cells
        return self._states[key]


def minimal_sets(columns: Columns, entails: Callable[[Columns], bool]) -> list[Columns]:
    """Return every set of columns that entails something and of which none can be left out.

    ``entails`` must stay true when a column is added. Each set found is avoided in turn by leaving
    out one of its columns; what is left either entails nothing or holds another set.
    """
    found: list[Columns] = []
    seen: set[Columns] = set()

    def search(allowed: Columns) -> None:
        if allowed in seen:
            return
        seen.add(allowed)
        smallest = next((f for f in found if f <= allowed), None)
        if smallest is None:
            if not entails(allowed):
                return
            smallest = _shrunk(allowed, entails)
            found.append(smallest)
        for column in sorted(smallest):
            search(allowed - {column})

    search(columns)
    return found


def _shrunk(columns: Columns, entails: Callable[[Columns], bool]) -> Columns:
    for column in sorted(columns):
        if entails(columns - {column}):
            columns -= {column}
    return columns
