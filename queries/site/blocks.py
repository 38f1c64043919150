"""The blocks of code in a page: what each says of itself, and what it gives when it is run.

sh run               rallo commands, a line each; what they print stands below
sh run status=2      commands that are refused
sh run as=case       the answer to one relapse as cards; main=CLASS names the class shown first
sh run shows=FILE    the table that a command wrote; columns=A,B,C names those to show
sparql run           a query; its rows stand below; with ``inferred``, of what is inferred too
quiet                what was asked is not shown, only the answer
lines=N  from=TEXT   of what is given: no more than N lines or rows; from the line that starts so
file=NAME            the block is written to a file, for the commands that come after it
"""

from __future__ import annotations

import csv
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pyoxigraph import QueryBoolean, QueryTriples, RdfFormat, serialize

from queries.answers import plain
from queries.dataset import open_dataset
from queries.engines import Embedded, EngineError, Term, rows_of
from queries.prefixes import PREFIXES, with_prefixes
from queries.site.bench import Bench
from queries.site.pages import SiteError
from queries.web.holdings import Holdings, page_of

RUN, INFERRED, QUIET = "run", "inferred", "quiet"
OPTIONS = {
    "sh": {"as", "columns", "from", "lines", "main", "shows", "status"},
    "sparql": {"file", "lines"},
}
OTHERS = {"file"}


@dataclass(frozen=True)
class Step:
    """One thing that was run, the kind of what it gave, and what it gave."""

    given: str
    kind: str
    result: Mapping[str, Any]


@dataclass(frozen=True)
class Block:
    """One block as it is shown: its text, or the steps it was run in."""

    language: str
    text: str
    file: str = ""
    steps: tuple[Step, ...] = ()
    is_quiet: bool = False


def read_block(info: str, text: str, bench: Bench, held: Holdings) -> Block:
    """Take in a block, and run it if it says so.

    Raises:
        SiteError: it says something unknown of itself, or does not run.
    """
    language, *words = shlex.split(info) or [""]
    flags = {word for word in words if "=" not in word}
    options = dict(word.split("=", 1) for word in words if "=" in word)
    is_run = RUN in flags
    allowed = OPTIONS.get(language, set()) if is_run else OTHERS
    if unknown := (flags - {RUN, INFERRED, QUIET}) | (options.keys() - allowed):
        raise SiteError(f"a block cannot say {', '.join(sorted(unknown))}")
    if name := options.get("file", ""):
        bench.write(name, text)
    if not is_run:
        return Block(language, text, name)
    if language == "sh":
        steps = tuple(_command(line, options, bench) for line in _commands(text))
    elif language == "sparql":
        steps = (_query(text, options, held, INFERRED in flags),)
    else:
        raise SiteError(f"a block of {language or 'nothing'} cannot be run")
    if not steps:
        raise SiteError("a block to run is empty")
    return Block(language, text, name, steps, QUIET in flags)


def _commands(text: str) -> Iterator[str]:
    """Yield commands as they are written, those over several lines whole."""
    kept: list[str] = []
    for line in text.splitlines():
        kept.append(line)
        if not line.endswith("\\"):
            command = "\n".join(kept)
            kept.clear()
            if command.strip():
                yield command


def _command(command: str, options: Mapping[str, str], bench: Bench) -> Step:
    if "as" in options:
        if options["as"] != "case" or "main" not in options:
            raise SiteError("as=case main=CLASS is what a command can be shown as")
        answer = json.loads(bench.run(command, "--format", "json"))
        return Step(command, "case", {"answer": answer, "main": options["main"]})
    printed = bench.run(command, status=int(options.get("status", 0)))
    if "shows" not in options:
        return Step(command, "text", _extract(printed, options))
    lines = list(csv.DictReader(bench.read(options["shows"]).splitlines()))
    columns = options["columns"].split(",") if "columns" in options else list(lines[0])
    rows = [[(line[c], "") for c in columns] for line in lines]
    return Step(command, "rows", {"columns": columns, **_few(rows, options)})


def _query(text: str, options: Mapping[str, str], held: Holdings, inferred: bool) -> Step:
    engine = Embedded(open_dataset(inferred=True)) if inferred else held.engine
    try:
        found = engine.run(with_prefixes(text))
    except EngineError as error:
        raise SiteError(" ".join(str(error).split())) from error
    if isinstance(found, QueryBoolean):
        return Step(text, "text", _extract(str(bool(found)).lower(), options))
    if isinstance(found, QueryTriples):
        ordered = sorted(found, key=str)
        triples = serialize(ordered, format=RdfFormat.TURTLE, prefixes=PREFIXES) or b""
        return Step(text, "text", _extract(triples.decode("utf-8"), options))
    solved = rows_of(found)
    if len(solved.rows) > 1 and not re.search(r"(?i)\bORDER\s+BY\b", text):
        raise SiteError("a query of several rows needs ORDER BY, so that every build is the same")
    rows = [[_cell(value) for value in row] for row in solved.rows]
    return Step(text, "rows", {"columns": solved.columns, **_few(rows, options)})


def _cell(value: Term | None) -> tuple[str, str]:
    """Return the text of a value, and its address on the server's pages if it has one."""
    return plain(value), page_of(value) if value else ""


def _few(rows: list[Any], options: Mapping[str, str]) -> dict[str, Any]:
    most = int(options.get("lines", len(rows)))
    return {"rows": rows[:most], "after": len(rows) - len(rows[:most])}


def _extract(text: str, options: Mapping[str, str]) -> dict[str, Any]:
    """Cut a text, and count the lines left out on either side."""
    lines = [line.rstrip() for line in text.strip("\n").splitlines()]
    first = 0
    if start := options.get("from"):
        found = (n for n, line in enumerate(lines) if line.lstrip().startswith(start))
        first = next(found, -1)
        if first < 0:
            raise SiteError(f"no line of what is printed starts with {start!r}")
    last = min(first + int(options.get("lines", len(lines))), len(lines))
    shown = "\n".join(lines[first:last]).rstrip("\n")
    return {"text": shown, "before": first, "after": len(lines) - last}
