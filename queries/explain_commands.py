"""The command that explains what is concluded of a relapse.

rallo explain t-marrow-timing-unknown
rallo explain relapses.csv --only bfm_group --format json
rallo explain late-marrow --why-not S1 --make S4
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ontology.files import HOME
from queries.commands import (
    With,
    Without,
    check_format,
    open_knowledge,
    print_answers,
    refuse,
)

CASES = HOME / "examples" / "relapses.ttl"
KINDS = (".csv", ".json", ".ttl")


def explain(
    case: Annotated[str, typer.Argument(help="An example relapse, or a file as for recommend.")],
    format: Annotated[str, typer.Option(help="text or json.")] = "text",
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="Explain one scheme, decision or advice; repeatable."),
    ] = None,
    why_not: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CATEGORY",
            help="Say why a category, as bfm_group=VALUE, or an answer, as hsct=yes, is not so.",
        ),
    ] = None,
    make: Annotated[
        list[str] | None,
        typer.Option(metavar="CATEGORY", help="Find the fewest changes that would make it so."),
    ] = None,
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="Follow each fact, clock and reading.")
    ] = False,
    settle: Annotated[
        bool, typer.Option("--settle", help="Say what would settle what is open, and what holds.")
    ] = False,
    with_: With = None,
    without: Without = None,
) -> None:
    """Say why: for every class and advice the clause, the fewest facts, and the readings.

    Example: rallo explain t-marrow-timing-unknown --why-not S1
    """
    check_format(format, ("text", "json"))
    knowledge = open_knowledge(with_, without)
    names = knowledge.explainer.names
    if unknown := [name for name in only or () if name not in names]:
        refuse(f"--only {unknown[0]!r}: allowed: {', '.join(names)}")
    relapses = find_relapses(case, {*knowledge.intake.columns, *knowledge.intake.dimensions})
    if why_not or make or sensitivity or settle:
        from queries.whatif import print_whatif

        if only:
            refuse("--only: not with --why-not, --make, --sensitivity or --settle")
        print_whatif(
            knowledge,
            relapses,
            why_not=why_not or [],
            make=make or [],
            sensitivity=sensitivity,
            settle=settle,
            format=format,
        )
        return
    answers = [knowledge.explain(r, n, only or ()) for n, r in enumerate(relapses, 1)]
    _show(answers, format)


def find_relapses(case: str, columns: set[str]) -> list[dict[str, str]]:
    """Return the example relapse of a name, or the relapses of a file; refuse anything else."""
    from loaders.cohort import SourceError, read_relapses

    path = Path(case)
    if path.suffix.lower() in KINDS:
        try:
            relapses = list(read_relapses(path))
        except SourceError as error:
            refuse(str(error))
        if not any(columns & set(r) for r in relapses):
            allowed = ", ".join(sorted(columns))
            refuse(f"{path.name}: no relapse found; input columns are {allowed}")
        return relapses
    stored = {values["patient_id"]: values for values in read_relapses(CASES)}
    if case not in stored:
        refuse(
            f"case {case!r}: not known; cases are {', '.join(stored)}; "
            f"or name a file ({', '.join(KINDS)})"
        )
    return [stored[case]]


def _show(answers: list[dict[str, Any]], format: str) -> None:
    if format == "json":
        print_answers(answers)
        return
    from rich.console import Console

    from queries.explaining import print_explained

    console = Console(highlight=False, soft_wrap=False)
    for answer in answers:
        print_explained(console, answer)
