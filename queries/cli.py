"""The command line: parse, call one function of the API, print.

rallo recommend relapses.csv
rallo recommend --marrow-status involved --immunophenotype T
rallo classify cohort.csv -o out.csv
rallo build --check
"""

from __future__ import annotations

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer

from queries.build_commands import build, check, release, site
from queries.certify_commands import certify
from queries.commands import (
    CohortFile,
    With,
    Without,
    check_cohort,
    check_format,
    cohort_refusals,
    open_knowledge,
    print_answers,
    refuse,
)
from queries.explain_commands import explain
from queries.graph_commands import push, query, serve, sparql
from queries.progress import Progress
from queries.registry_commands import compare, fetch
from queries.report_commands import report

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="How relapsed childhood ALL is classified and treated, and on what evidence.",
)

Strict = Annotated[
    bool, typer.Option("--strict", help="Exit with status 3 when any value could not be used.")
]
TROUBLED = 3


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    epilog="Every input column is an option as well, with dashes: --marrow-status involved. "
    "List them with: rallo columns",
)
def recommend(
    context: typer.Context,
    format: Annotated[str, typer.Option(help="text, json or html.")] = "text",
    with_: With = None,
    without: Without = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="DATE", help="Add later evidence published up to a year, month or day."
        ),
    ] = None,
    strict: Strict = False,
) -> None:
    """Answer for relapses of a file (.csv, .json, .ttl, FHIR bundle), or for one given by options.

    Example: rallo recommend --marrow-status involved --immunophenotype T
    """
    from loaders.cohort import SourceError, read_relapses

    check_format(format, ("text", "json", "html"))
    if as_of is not None:
        _check_date(as_of)
    knowledge = open_knowledge(with_, without)
    paths, values = _facts(context.args, list(knowledge.intake.columns))
    try:
        relapses = [r for p in paths for r in read_relapses(Path(p))]
    except SourceError as error:
        refuse(str(error))
    known = {*knowledge.intake.columns, *knowledge.intake.dimensions}
    if paths and not any(known & set(r) for r in relapses):
        allowed = ", ".join(knowledge.intake.columns)
        refuse(f"{', '.join(paths)}: no relapse found; input columns are {allowed}")
    if values or not paths:
        relapses.append(values)
    answers = [knowledge.recommend(r, n, as_of) for n, r in enumerate(relapses, 1)]
    _show(answers, format)
    if strict and any(a["problems"] for a in answers):
        raise typer.Exit(TROUBLED)


def _show(answers: list[dict[str, Any]], format: str) -> None:
    if format == "json":
        print_answers(answers)
    elif format == "html":
        from queries.page import render

        sys.stdout.write(render(answers))
    else:
        from rich.console import Console

        from queries.text import print_answer

        console = Console(highlight=False, soft_wrap=False)
        for answer in answers:
            print_answer(console, answer)


def _facts(arguments: list[str], columns: list[str]) -> tuple[list[str], dict[str, str]]:
    """Split what is left on the command line into files and facts."""
    options = {"--" + c.replace("_", "-"): c for c in columns}
    paths: list[str] = []
    values: dict[str, str] = {}
    rest = iter(arguments)
    for argument in rest:
        name, equals, text = argument.partition("=")
        if name in options:
            found = text if equals else next(rest, None)
            if found is None:
                refuse(f"{name} needs a value")
            values[options[name]] = found
        elif argument.startswith("--"):
            refuse(f"unknown option {name}; input columns are {', '.join(options)}")
        else:
            paths.append(argument)
    return paths, values


@app.command()
def classify(
    cohort: CohortFile,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Where to write: .parquet, else CSV.")
    ],
    engine: Annotated[str, typer.Option(help="polars or spark.")] = "polars",
    with_: With = None,
    without: Without = None,
    strict: Strict = False,
) -> None:
    """Append classes and advice to every row of a cohort.

    Example: rallo classify cohort.csv -o out.csv
    """
    from queries.spark import SparkFailedError, SparkMissingError

    if engine not in ("polars", "spark"):
        refuse(f"--engine {engine!r}: allowed: polars, spark")
    check_cohort(cohort, output)
    knowledge = open_knowledge(with_, without)
    try:
        with cohort_refusals(cohort), Progress(cohort.name) as advance:
            troubled = knowledge.classify(cohort, output, advance, engine)
    except (SparkFailedError, SparkMissingError) as error:
        refuse(str(error))
    if troubled:
        typer.echo(f"{troubled} rows hold values that could not be used; see problems", err=True)
        if strict:
            raise typer.Exit(TROUBLED)


@app.command()
def columns() -> None:
    """List the input columns and what each may hold."""
    intake = open_knowledge(None, None).intake
    for name in intake.columns:
        typer.echo(f"{name}: {intake.allowed(name)}")


@app.command()
def readings() -> None:
    """List the readings: what each assumes, why, and whether it is on."""
    table = open_knowledge(None, None).table
    for name, entry in table.readings.items():
        state = "on" if name in table.data["default_readings"] else "off"
        typer.echo(f"{name} ({state}): {entry['definition']} {entry['why']}")


# The main job comes first in the list of commands.
ASKING = (explain, query, sparql, serve, push)
KEEPING = (compare, fetch, certify, report, build, check, release, site)
for command in ASKING + KEEPING:
    app.command()(command)


def _check_date(text: str) -> None:
    from reasoner.dates import read_last_day
    from reasoner.intake import InputError

    try:
        read_last_day(text)
    except InputError as error:
        refuse(f"--as-of {text!r}: allowed: {error}")


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        # A letter that the terminal lacks is written as its code, not as a traceback.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app()


if __name__ == "__main__":
    main()
