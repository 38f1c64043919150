"""The command that turns a cohort into a report.

rallo report cohort.csv -o report.html --csv report.csv
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from queries.commands import With, Without, open_knowledge, refuse

if TYPE_CHECKING:
    from queries.knowledge import Knowledge


def report(
    cohort: Annotated[Path, typer.Argument(help="A CSV file, one relapse a row.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the page.")],
    table: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE|FOLDER", help="Write the same counts as CSV, too."),
    ] = None,
    smallest: Annotated[
        int, typer.Option(metavar="N", min=0, help="Withhold counts below N; 0 shows all.")
    ] = 0,
    with_: With = None,
    without: Without = None,
) -> None:
    """Count a cohort: classes, missing facts and what they cost, and where schemes differ.

    Example: rallo report cohort.csv -o report.html --csv report.csv
    """
    if not cohort.is_file():
        refuse(f"{cohort.name}: no such file")
    if table is not None and table.is_dir():
        table = table / f"{output.stem}.csv"
    for target in (output, table):
        if target is None:
            continue
        if target.resolve() == cohort.resolve():
            refuse("the output would overwrite the cohort")
        if target.is_dir():
            refuse(f"{target.name}: is a folder; name a file to write")
        if not target.resolve().parent.is_dir():
            refuse(f"{target.name}: its folder does not exist")
    if table is not None and table.resolve() == output.resolve():
        refuse(f"{output.name}: named for the page and for the CSV")
    _write(open_knowledge(with_, without), cohort, output, table, smallest)


def _write(
    knowledge: Knowledge, cohort: Path, output: Path, table: Path | None, smallest: int
) -> None:
    from polars.exceptions import PolarsError

    from queries.cohorts import ColumnError
    from queries.progress import Progress
    from queries.report import write_report

    try:
        with Progress(cohort.name) as advance:
            tally = write_report(knowledge, cohort, output, table, smallest, advance)
    except ColumnError as error:
        refuse(str(error))
    except PolarsError as error:
        # Polars quotes the offending line; a cohort's lines stay out of messages.
        refuse(f"{cohort.name}: not a readable CSV file ({type(error).__name__})")
    if tally.troubled and not smallest:
        typer.echo(f"{tally.troubled} rows hold values that could not be used", err=True)
