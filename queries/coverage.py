"""The table of coverage: how many statements of each kind stand in each paragraph.

    questions/provenance/coverage.rq -> rows -> coverage_table -> facts/COVERAGE.md, between markers

Write it anew with: python -m queries.coverage
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from loaders.graph import open_graph
from loaders.tables import closed_lists
from ontology.files import HOME
from ontology.terms import RALLO
from queries.answers import answer, find_question, open_store
from queries.engines import Embedded
from reasoner.drafts import write_text

__all__ = ["coverage_counts", "coverage_table", "replace_table", "write_table"]

PAGE = HOME / "facts" / "COVERAGE.md"
START, END = "<!-- table -->\n", "<!-- /table -->\n"


def coverage_counts(rows: Iterable[tuple[str, str, int]]) -> tuple[list[str], list[list[str]]]:
    """Arrange paragraph, kind and number: the heads, and a line a paragraph with one of totals.

    Its columns are the kinds of the ontology in their order, also those that no statement is of.
    """
    counts = {(paragraph, kind): number for paragraph, kind, number in rows}
    kinds = closed_lists()[RALLO.kind]
    paragraphs = sorted({paragraph for paragraph, _ in counts}, key=lambda name: int(name[1:]))
    totals: Counter[str] = Counter()
    lines = []
    for paragraph in paragraphs:
        numbers = Counter({kind: counts.get((paragraph, kind), 0) for kind in kinds})
        totals += numbers
        lines.append(_cells(paragraph, kinds, numbers))
    lines.append(_cells("total", kinds, totals))
    return ["paragraph", *kinds, "total"], lines


def _cells(name: str, kinds: Iterable[str], numbers: Counter[str]) -> list[str]:
    return [name, *(str(numbers[kind] or "") for kind in kinds), str(numbers.total())]


def coverage_table(rows: Iterable[tuple[str, str, int]]) -> str:
    """Write paragraph, kind and number as a table in Markdown, with totals."""
    heads, lines = coverage_counts(rows)
    ruler = ["---", *["---:"] * (len(heads) - 1)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (heads, ruler, *lines))


def replace_table(page: str, table: str) -> str:
    """Return a page with another table between its markers.

    Raises:
        ValueError: a marker is missing.
    """
    before, start, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"the page needs the lines {START.strip()} and {END.strip()}")
    return f"{before}{start}\n{table}\n{end}{after}"


def write_table(path: Path = PAGE) -> None:
    """Ask the graph, and write the table into its page."""
    found = answer(Embedded(open_store(open_graph())), find_question("coverage"))
    table = coverage_table((paragraph, kind, int(number)) for paragraph, kind, number in found.rows)
    write_text(replace_table(path.read_text("utf-8"), table), path)


if __name__ == "__main__":
    write_table()
