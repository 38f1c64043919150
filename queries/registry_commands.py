"""The commands that speak with registries: fetch asks them, compare reads what they said.

rallo fetch --pmid 21131038 --nct NCT00967057 --folder records
rallo compare records/*.xml records/*.json
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from queries.commands import refuse

if TYPE_CHECKING:
    from loaders.registries import Match


def compare(
    files: Annotated[list[Path], typer.Argument(help="PubMed XML or .nbib, or trials as JSON.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Also write what they say, as Turtle.")
    ] = None,
) -> None:
    """Match records of PubMed and ClinicalTrials.gov to ours, and tell what differs.

    Example: rallo compare records.nbib trials.json
    """
    from loaders.registries import RegistryError, as_graph
    from reasoner.drafts import write_text

    try:
        matches = [match for path in files for match in _matches(path)]
        if out is not None:
            write_text(as_graph(matches).serialize(format="turtle"), out)
    except (OSError, RegistryError) as error:
        refuse(str(error))
    for match in matches:
        typer.echo(_told(match))
    known = sum(bool(match.ours) for match in matches)
    differing = sum(bool(match.differences) for match in matches)
    typer.echo(f"{len(matches)} records: {known} are ours, {differing} of these differ")


def _matches(path: Path) -> list[Match]:
    from loaders.pubmed import read_pubmed
    from loaders.registries import match_papers, match_trials, read_rows
    from loaders.trials import read_trials

    if path.suffix.lower() == ".json":
        return list(match_trials(read_trials(path), read_rows("studies")))
    return list(match_papers(read_pubmed(path), read_rows("publications")))


def _told(match: Match) -> str:
    from loaders.registries import Paper

    record = match.record
    name = f"PMID {record.pmid}" if isinstance(record, Paper) else record.nct
    if not match.ours:
        return f"{name} ({record.place}): not among ours"
    lines = [f"{name} ({record.place}): {match.ours}, by {match.by}"]
    lines += [
        f"    {what}: there {theirs!r}, here {ours!r}" for what, theirs, ours in match.differences
    ]
    return "\n".join(lines)


def fetch(
    folder: Annotated[Path, typer.Option(help="Where to put what was fetched.")] = Path("records"),
    pmid: Annotated[list[str] | None, typer.Option(help="A PubMed number.")] = None,
    nct: Annotated[list[str] | None, typer.Option(help="A ClinicalTrials.gov number.")] = None,
) -> None:
    """Fetch records from PubMed and ClinicalTrials.gov.

    No other command uses the network unless it is given an --endpoint.

    Example: rallo fetch --pmid 21131038 --nct NCT00967057
    """
    from queries.fetching import FetchError, fetch_papers, fetch_trial

    if not pmid and not nct:
        refuse("name a record: --pmid or --nct")
    try:
        if pmid:
            typer.echo(f"wrote {fetch_papers(pmid, folder)}")
        for number in nct or []:
            typer.echo(f"wrote {fetch_trial(number, folder)}")
    except (FetchError, OSError) as error:
        refuse(str(error))
