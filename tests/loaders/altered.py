"""Altered copies of the real tables of facts, and what the loader says of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from rdflib.term import Node

from loaders.facts import FactError, Problem, Row, load_facts, read_table
from loaders.tables import TABLES

FACTS = Path(__file__).parents[2] / "ontology" / "facts"

Cells = Mapping[str, str]
Wanted = Mapping[str, str | bool]


@cache
def rows(table: str) -> list[Row]:
    """Read one of the real tables."""
    return read_table(FACTS / f"{table}.tsv")


def like(table: str, wanted: Wanted) -> Cells:
    """Find a row of a real table by its cells: what they say, or whether they are filled."""
    return next(
        row.cells
        for row in rows(table)
        if all(
            w == (bool(row.cells[c]) if isinstance(w, bool) else row.cells[c])
            for c, w in wanted.items()
        )
    )


def problems_of_text(table: str, text: str) -> list[Problem]:
    """Read a table of that text, and give what is wrong with it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{table}.tsv"
        path.write_text(text, encoding="utf-8", newline="")
        try:
            read_table(path)
        except FactError as error:
            return list(error.problems)
    return []


def problems(table: str, cells: Cells) -> list[Problem]:
    """Read a table of one row, and give what is wrong with it."""
    header = TABLES[f"{table}.tsv"].header
    lines = ["\t".join(header), "\t".join(cells[column] for column in header)]
    return problems_of_text(table, "\n".join(lines) + "\n")


def refusal(
    changes: Mapping[tuple[str, str], Cells],
    known: Collection[Node] | None = None,
    *,
    without: Collection[tuple[str, str]] = (),
) -> list[Problem]:
    """Load all tables, some rows changed and some left out, and give what is wrong with them."""
    with TemporaryDirectory() as folder:
        for name, shape in TABLES.items():
            lines = ["\t".join(shape.header)]
            for row in rows(name[:-4]):
                key = (name[:-4], row.cells["id"])
                if key not in without:
                    lines.append("\t".join({**row.cells, **changes.get(key, {})}.values()))
            text = "\n".join(lines) + "\n"
            (Path(folder) / name).write_text(text, encoding="utf-8", newline="")
        try:
            load_facts(Path(folder), known)
        except FactError as error:
            return list(error.problems)
    return []
