"""The command that turns a cohort into a report.

rallo report cohort.csv -o report.html --csv report.csv
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from queries.commands import (
    CohortFile,
    With,
    Without,
    check_cohort,
    cohort_refusals,
    open_knowledge,
    refuse,
)

if TYPE_CHECKING:
    from queries.knowledge import Knowledge


def report(
    cohort: CohortFile,
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
    if table is not None and table.is_dir():
        table = table / f"{output.stem}.csv"
    check_cohort(cohort, output, *([table] if table else []))
    if table is not None and table.resolve() == output.resolve():
        refuse(f"{output.name}: named for the page and for the CSV")
    _write(open_knowledge(with_, without), cohort, output, table, smallest)


def _write(
    knowledge: Knowledge, cohort: Path, output: Path, table: Path | None, smallest: int
) -> None:
    from queries.progress import Progress
    from queries.report import write_report

    with cohort_refusals(cohort), Progress(cohort.name) as advance:
        tally = write_report(knowledge, cohort, output, table, smallest, advance)
    if tally.troubled and not smallest:
        typer.echo(f"{tally.troubled} rows hold values that could not be used", err=True)
