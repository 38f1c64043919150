"""Expected answers of questions, typed from the article's text, and how they are compared.

``tests/answers/<question>.tsv`` holds some columns of the answer. A cell is an exact value; ``*``
stands for any. In a column whose name ends in ``~`` a cell holds word stems joined by ``&``, each
of which must occur, with alternatives joined by ``|``. Every expected row must be met by a row of
the answer, and every row of the answer must be expected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from queries.answers import Answer

FOLDER = Path(__file__).parent.parent / "answers"
Row = tuple[str, ...]


@dataclass(frozen=True)
class Expected:
    """The columns and rows that an answer must show."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def differences(self, answer: Answer) -> list[str]:
        """Say which expected rows are missing and which rows are not expected."""
        places = [answer.columns.index(column.rstrip("~")) for column in self.columns]
        found = {tuple(row[place] for place in places) for row in answer.rows}
        return [
            *(f"missing: {row}" for row in self.rows if not any(self._met(row, f) for f in found)),
            *(
                f"surplus: {row}"
                for row in sorted(found)
                if not any(self._met(e, row) for e in self.rows)
            ),
        ]

    def _met(self, expected: Row, found: Row) -> bool:
        return all(map(_cell_met, self.columns, expected, found))


def _cell_met(column: str, expected: str, found: str) -> bool:
    if expected == "*":
        return True
    if column.endswith("~") and expected:
        return all(_any(part.split("|"), found.lower()) for part in expected.split("&"))
    return expected == found


def _any(stems: Sequence[str], text: str) -> bool:
    return any(stem.strip() in text for stem in stems)


@cache
def expected_answers() -> dict[str, Expected]:
    """Read all expected answers by the name of their question."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.tsv"))}


def _read(path: Path) -> Expected:
    head, *lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    columns = tuple(head.split("\t"))
    rows = tuple(tuple(line.split("\t")) for line in lines)
    assert all(len(row) == len(columns) for row in rows), path.name
    return Expected(columns, rows)
