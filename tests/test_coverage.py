"""Prove that the page on coverage counts what the graph holds, and leaves no paragraph out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loaders.graph import open_graph
from queries.answers import answer, open_store
from queries.catalogue import load_catalogue
from queries.coverage import END, PAGE, START, coverage_table, replace_table, write_table
from queries.engines import Embedded

Rows = list[tuple[str, str, int]]
PAGE_TEXT = PAGE.read_text(encoding="utf-8")
PARAGRAPHS = [f"P{number}" for number in range(1, 44)]


@pytest.fixture(scope="module")
def rows() -> Rows:
    """Ask the graph how many statements of each kind stand in each paragraph."""
    found = answer(Embedded(open_store(open_graph())), load_catalogue()["coverage"])
    return [(paragraph, kind, int(number)) for paragraph, kind, number in found.rows]


def test_the_committed_table_is_the_generated_one(rows: Rows) -> None:
    """COVERAGE.md counts the facts as they are; if not, run python -m queries.coverage."""
    assert replace_table(PAGE_TEXT, coverage_table(rows)) == PAGE_TEXT


def test_the_page_is_written_from_the_facts(tmp_path: Path) -> None:
    """A page with an empty table gets the one that is committed, and keeps its other text."""
    page = tmp_path / "COVERAGE.md"
    page.write_text(replace_table(PAGE_TEXT, ""), encoding="utf-8")

    write_table(page)

    assert page.read_text(encoding="utf-8") == PAGE_TEXT


def test_every_paragraph_is_counted_or_has_a_reason() -> None:
    """Each of the 43 paragraphs has either a row, in order, or a line with a reason below."""
    table, _, below = PAGE_TEXT.partition(START)[2].partition(END)
    counted = re.findall(r"^\| (P\d+) \|", table, re.MULTILINE)
    excused = re.findall(r"^- (P\d+): \S.*$", below, re.MULTILINE)

    assert counted == [name for name in PARAGRAPHS if name in counted]
    assert sorted(counted + excused) == sorted(PARAGRAPHS)


def test_rows_and_columns_add_up() -> None:
    """The table has a column a kind, rows in the order of the text, and both totals."""
    table = coverage_table([("P10", "caveat", 2), ("P2", "caveat", 1), ("P2", "dose", 4)])
    head, _, *body = [line.strip("| ").split(" | ") for line in table.splitlines()]
    cells = [dict(zip(head, line, strict=True)) for line in body]

    assert head[0] == "paragraph" and head[-1] == "total" and len(head) == 17
    assert [line["paragraph"] for line in cells] == ["P2", "P10", "total"]
    assert [line["caveat"] for line in cells] == ["1", "2", "3"]
    assert [line["dose"] for line in cells] == ["4", "", "4"]
    assert [line["total"] for line in cells] == ["5", "2", "7"]


def test_a_page_without_markers_is_refused() -> None:
    """The table is never written into a page that does not say where."""
    for page in ("", START, END):
        with pytest.raises(ValueError, match="the page needs the lines"):
            replace_table(page, "")
