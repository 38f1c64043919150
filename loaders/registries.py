"""What registries of papers and trials hold, and how their records stand to ours.

A record is matched by identifier first (DOI, PMID, NCT); a paper that has none in common is matched
by title, year and first page together. Whatever differs is told, and neither side is changed.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rdflib import DCTERMS, RDF, RDFS, Graph, Literal, URIRef

from loaders.tables import TABLES
from ontology.files import BASE, HOME
from ontology.terms import RALLO

PRISM_DOI = URIRef("http://prismstandard.org/namespaces/basic/2.0/doi")
Row = Mapping[str, str]


class RegistryError(ValueError):
    """Say which file and record cannot be read, and what would be right."""


@dataclass(frozen=True)
class Paper:
    """A paper as a registry has it; what it does not say is empty."""

    place: str
    pmid: str = ""
    doi: str = ""
    title: str = ""
    container: str = ""
    year: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""


@dataclass(frozen=True)
class Trial:
    """A trial as a registry has it; what it does not say is empty."""

    place: str
    nct: str
    title: str = ""
    enrolment: str = ""


@dataclass(frozen=True)
class Match:
    """A record, the row of ours that it is (or none), how that was found, and what differs.

    A difference is a field, what the registry says, and what we say.
    """

    record: Paper | Trial
    ours: str = ""
    by: str = ""
    differences: list[tuple[str, str, str]] = field(default_factory=list)


def read_rows(table: str, home: Path = HOME) -> list[dict[str, str]]:
    """Read one of our tables as it stands."""
    with (home / "facts" / f"{table}.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def match_papers(papers: Iterable[Paper], publications: Iterable[Row]) -> Iterator[Match]:
    """Find each paper among our publications; raise nothing, an unknown paper has no match."""
    rows = list(publications)
    for paper in papers:
        row, by = _find(paper, rows)
        if row is None:
            yield Match(paper)
        else:
            yield Match(paper, row["id"], by, list(_paper_differences(paper, row)))


def _find(paper: Paper, rows: list[Row]) -> tuple[Row | None, str]:
    for name, mine in (("doi", paper.doi.lower()), ("pmid", paper.pmid)):
        for row in rows:
            if mine and row[name].lower() == mine:
                return row, name
    for row in rows:
        same = (
            plain(paper.title) == plain(row["title"]) != "",
            paper.year == row["year"] != "",
            first_page(paper.pages) == first_page(row["pages"]) != "",
        )
        if all(same):
            return row, "title, year and first page"
    return None, ""


def _paper_differences(paper: Paper, row: Row) -> Iterator[tuple[str, str, str]]:
    for name in ("doi", "pmid", "title", "year", "volume", "issue", "pages"):
        theirs, ours = getattr(paper, name), row[name]
        if theirs and ours and _normal(name, theirs) != _normal(name, ours):
            yield name, theirs, ours


def match_trials(trials: Iterable[Trial], studies: Iterable[Row]) -> Iterator[Match]:
    """Find each trial among our studies by its number; raise nothing."""
    rows = list(studies)
    for trial in trials:
        row = next((r for r in rows if trial.nct in r["registry_ids"].split(";")), None)
        if row is None:
            yield Match(trial)
            continue
        differs = row["n"] and trial.enrolment and row["n"] != trial.enrolment
        found = [("n", trial.enrolment, row["n"])] if differs else []
        yield Match(trial, row["id"], "nct", found)


def _normal(name: str, value: str) -> str:
    if name == "title":
        return plain(value)
    return full_pages(value) if name == "pages" else value.lower()


def plain(text: str) -> str:
    """Reduce a title to its letters and figures, so that punctuation does not tell titles apart."""
    return re.sub(r"[\W_]+", " ", text).strip().lower()


def first_page(pages: str) -> str:
    """Return the first of some pages."""
    return re.split(r"[-\u2013,;]", pages)[0].strip().lower()


def full_pages(pages: str) -> str:
    """Write a range of pages in full: 377-84 is 377-384."""
    first, dash, last = re.sub(r"\s", "", pages).replace("\u2013", "-").partition("-")
    if dash and first.isdigit() and last.isdigit() and len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    return f"{first}{dash}{last}".lower()


def as_graph(matches: Iterable[Match]) -> Graph:
    """Write records as publications and studies: under our name where there is one, else anew.

    Of a record that is ours only the identifiers are added; what we state of it stays.
    """
    graph = Graph()
    for match in matches:
        record = match.record
        if isinstance(record, Paper):
            _add_paper(graph, record, match.ours)
        else:
            _add_trial(graph, record, match.ours)
    return graph


def _add_paper(graph: Graph, paper: Paper, ours: str) -> None:
    new = URIRef(f"{BASE}publication/{_slug(paper)}")
    name = TABLES["publications.tsv"].node(ours) if ours else new
    if paper.pmid:
        graph.add((name, RALLO.pmid, Literal(paper.pmid)))
    if paper.doi:
        graph.add((name, PRISM_DOI, Literal(paper.doi)))
    if ours:
        return
    graph.add((name, RDF.type, RALLO.Publication))
    graph.add((name, RDFS.label, Literal(paper.title or _slug(paper))))
    if paper.title:
        graph.add((name, DCTERMS.title, Literal(paper.title)))
    if paper.container:
        graph.add((name, RALLO.container, Literal(paper.container)))
    if paper.year:
        graph.add((name, DCTERMS.date, Literal(int(paper.year))))
    if paper.pages:
        graph.add((name, RALLO.pages, Literal(paper.pages)))


def _slug(paper: Paper) -> str:
    return f"pmid-{paper.pmid}" if paper.pmid else re.sub(r"[^a-z0-9]+", "-", paper.doi.lower())


def _add_trial(graph: Graph, trial: Trial, ours: str) -> None:
    name = URIRef(f"{BASE}study/{ours or trial.nct.lower()}")
    graph.add((name, RALLO.identifiers, Literal(trial.nct)))
    if ours:
        return
    graph.add((name, RDF.type, RALLO.Study))
    graph.add((name, RDFS.label, Literal(trial.title or trial.nct, lang="en")))
