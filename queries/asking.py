"""Questions on a terminal: the list of them, and the rows of one."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from pyoxigraph import QueryBoolean, QueryTriples, RdfFormat, serialize
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from queries.answers import Answer, answer, find_question, plain, why_empty, written
from queries.catalogue import CatalogueError, load_catalogue
from queries.dataset import INFERRED, open_dataset
from queries.engines import FORMATS, Embedded, Engine, Remote, Rows, form_of, rows_of
from queries.prefixes import PREFIXES, with_prefixes

TABLE = "table"
GAP = 2
TRIPLES = {"ttl": RdfFormat.TURTLE, "nt": RdfFormat.N_TRIPLES}


def print_catalogue() -> None:
    """Print every question with its sentence and parameters, by theme."""
    console = Console(highlight=False)
    questions = sorted(load_catalogue().values(), key=lambda q: (q.theme, q.name))
    for theme, members in groupby(questions, key=lambda q: q.theme):
        console.print(Text(f"\n{theme.replace('_', ' ')}", style="bold"))
        for question in members:
            console.print(Text(f"  {question.name}", style="cyan"), end="")
            console.print(Text(f"  {question.question}"), soft_wrap=True)
            for parameter in question.parameters:
                told = f"      {parameter.name}={parameter.default}: {parameter.sentence}"
                console.print(Text(f"{told} ({parameter.allowed})", style="dim"), soft_wrap=True)


def print_answer(
    name: str, settings: Iterable[str], format: str, endpoint: str | None = None
) -> None:
    """Ask one question and print its rows, or why there are none.

    Raises:
        CatalogueError: question, parameter, value or format is not known.
        queries.dataset.StaleDatasetError: the compiled dataset is missing.
        queries.engines.EngineError: the engine could not answer.
    """
    if format not in (TABLE, *FORMATS):
        raise CatalogueError(f"--format {format!r}: allowed: {', '.join((TABLE, *FORMATS))}")
    question = find_question(name)
    values = dict(_setting(text) for text in settings)
    question.nodes(values)
    engine: Engine = (
        Remote(endpoint) if endpoint else Embedded(open_dataset(named=question.names_graphs))
    )
    if format != TABLE:
        _write(written(engine, question, values, format))
        return
    found = answer(engine, question, values)
    console = Console(highlight=False)
    console.print(Text(question.question, style="bold"))
    console.print(_rows(found, console.width) if found.rows else Text(why_empty(question, values)))
    if INFERRED in question.text:
        sys.stderr.write("rallo: what is inferred was part of the graph asked\n")


def print_query(text: str, format: str, endpoint: str | None = None, *, inferred: bool) -> None:
    """Run a query of any form, given as text or as a file, and print what it finds.

    Raises:
        CatalogueError: the format is not known, or does not fit the form of the query.
        queries.dataset.StaleDatasetError: the compiled dataset is missing.
        queries.engines.EngineError: the query is not valid, or the engine could not answer.
    """
    if format not in (TABLE, *FORMATS, *TRIPLES):
        allowed = ", ".join((TABLE, *FORMATS, *TRIPLES))
        raise CatalogueError(f"--format {format!r}: allowed: {allowed}")
    query = with_prefixes(_query_text(text))
    if endpoint:
        _print_remote(Remote(endpoint), query, format)
        return
    found = Embedded(open_dataset(inferred=inferred)).run(query)
    if isinstance(found, QueryBoolean):
        sys.stdout.write(f"{str(bool(found)).lower()}\n")
    elif isinstance(found, QueryTriples):
        if format in FORMATS:
            raise _unfit(format, "triples", TRIPLES)
        wanted = TRIPLES.get(format, RdfFormat.TURTLE)
        _write(serialize(found, format=wanted, prefixes=PREFIXES) or b"")
    elif format in TRIPLES:
        raise _unfit(format, "rows", (TABLE, *FORMATS))
    elif format == TABLE:
        _print_rows(rows_of(found))
    else:
        _write(found.serialize(format=FORMATS[format]) or b"")
    if inferred:
        sys.stderr.write("rallo: what is inferred was part of the graph asked\n")


def _print_remote(engine: Remote, query: str, format: str) -> None:
    """Print what an endpoint elsewhere finds, by the form of the query."""
    match form_of(query):
        case "ASK":
            sys.stdout.write(f"{str(engine.ask(query)).lower()}\n")
        case "CONSTRUCT" | "DESCRIBE":
            if format in FORMATS:
                raise _unfit(format, "triples", TRIPLES)
            wanted = TRIPLES.get(format, RdfFormat.TURTLE)
            _write(serialize(engine.triples(query), format=wanted, prefixes=PREFIXES) or b"")
        case _ if format in TRIPLES:
            raise _unfit(format, "rows", (TABLE, *FORMATS))
        case _ if format == TABLE:
            _print_rows(engine.select(query))
        case _:
            _write(engine.written(query, format))


def _unfit(format: str, gives: str, allowed: Iterable[str]) -> CatalogueError:
    told = f"--format {format!r}: the query gives {gives}"
    return CatalogueError(f"{told}; allowed: {', '.join(allowed)}")


def _query_text(text: str) -> str:
    path = Path(text)
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else text
    except (OSError, ValueError):
        return text


def _print_rows(found: Rows) -> None:
    console = Console(highlight=False)
    answered = Answer(found.columns, [tuple(map(plain, row)) for row in found.rows])
    console.print(_rows(answered, console.width) if found.rows else Text("no rows"))


def _write(body: bytes) -> None:
    sys.stdout.write(body.decode("utf-8"))


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise CatalogueError(f"--param {text!r}: allowed: NAME=VALUE")
    return name, value


def _rows(found: Answer, width: int) -> RenderableType:
    """Draw a table if it fits, else each row as a paragraph of its filled columns."""
    shown = [n for n, _ in enumerate(found.columns) if any(row[n] for row in found.rows)]
    sizes = [max(len(line[n]) for line in (found.columns, *found.rows)) for n in shown]
    if sum(sizes) + GAP * len(sizes) > width:
        return Group(*(_paragraph(found.columns, row) for row in found.rows))
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    for n in shown:
        table.add_column(found.columns[n], no_wrap=True)
    for row in found.rows:
        table.add_row(*(Text(row[n]) for n in shown))
    return table


def _paragraph(columns: tuple[str, ...], row: tuple[str, ...]) -> RenderableType:
    text = Text("- ")
    for n, (column, value) in enumerate((c, v) for c, v in zip(columns, row, strict=True) if v):
        text.append(f"{'; ' if n else ''}{column} ", style="dim").append(value)
    return text
