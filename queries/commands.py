"""What the commands share: options, how they refuse, and how data are printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from queries.knowledge import Knowledge

REFUSED = 2

With = Annotated[
    list[str] | None, typer.Option("--with", metavar="READING", help="Switch a reading on.")
]
Without = Annotated[
    list[str] | None, typer.Option("--without", metavar="READING", help="Switch a reading off.")
]


def open_knowledge(with_: Collection[str] | None, without: Collection[str] | None) -> Knowledge:
    """Open RALLO under some readings; refuse an unknown reading, or stale tables."""
    from queries.knowledge import Knowledge
    from reasoner.table import ReadingError, StaleTableError

    try:
        return Knowledge(with_ or (), without or ())
    except (ReadingError, StaleTableError) as error:
        refuse(str(error))


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what a user can mend into one line and status 2."""
    from queries.catalogue import CatalogueError
    from queries.dataset import StaleDatasetError
    from queries.engines import EngineError

    try:
        yield
    except (CatalogueError, EngineError, StaleDatasetError) as error:
        refuse(str(error))


def refuse(message: str) -> NoReturn:
    """Say what is wrong on the error stream, and end with status 2."""
    typer.echo(f"rallo: {message}", err=True)
    raise typer.Exit(REFUSED)


def check_format(format: str, allowed: Sequence[str]) -> None:
    """Refuse a format that is not offered."""
    if format not in allowed:
        refuse(f"--format {format!r}: allowed: {', '.join(allowed)}")


def print_answers(answers: Sequence[dict[str, Any]]) -> None:
    """Print answers as JSON: one alone as itself, several as a list."""
    print_json(answers[0] if len(answers) == 1 else answers)


def print_json(data: object) -> None:
    """Print data as JSON, for people too."""
    sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")
