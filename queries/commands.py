"""What the commands share: options, how they refuse, and how data are printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from queries.knowledge import Knowledge

REFUSED = 2

CohortFile = Annotated[
    Path, typer.Argument(help="A CSV file, or a .parquet file, one relapse a row.")
]
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


def check_cohort(cohort: Path, *targets: Path) -> None:
    """Refuse a cohort that is not there, and a target that cannot be written or is the cohort."""
    if not cohort.is_file():
        refuse(f"{cohort.name}: no such file")
    for target in targets:
        if target.resolve() == cohort.resolve():
            refuse("the output would overwrite the cohort")
        if target.is_dir():
            refuse(f"{target.name}: is a folder; name a file to write")
        if not target.resolve().parent.is_dir():
            refuse(f"{target.name}: its folder does not exist")


@contextmanager
def cohort_refusals(cohort: Path) -> Iterator[None]:
    """Turn what is wrong with the file of a cohort into one line and status 2."""
    from polars.exceptions import PolarsError

    from queries.cohorts import ColumnError, is_parquet

    try:
        yield
    except ColumnError as error:
        refuse(str(error))
    except PolarsError as error:
        # Polars quotes the offending line; a cohort's lines stay out of messages.
        kind = "Parquet" if is_parquet(cohort) else "CSV"
        refuse(f"{cohort.name}: not a readable {kind} file ({type(error).__name__})")


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
