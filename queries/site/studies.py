"""The pages of what was investigated: studies with their results, treatments, populations."""

from __future__ import annotations

from collections.abc import Iterator

from queries.site.pages import Page
from queries.site.records import Archive, Record, places
from queries.web.holdings import Holdings

# Each kind of treatment and marker with its heading and what is told of it: a heading, a property.
GIVEN = (
    (
        "Agent",
        "Drugs and classes of drugs",
        (
            ("kind", "agentKind"),
            ("class", "drugClass"),
            ("target", "target"),
            ("route", "route"),
            ("novel", "novel"),
            ("setting", "setting"),
        ),
    ),
    ("Procedure", "Procedures", (("what it is", "text"),)),
    ("Strategy", "Strategies", (("what it is", "text"),)),
    (
        "Lesion",
        "Genes, lesions and other markers",
        (
            ("kind", "lesionKind"),
            ("also called", "synonym"),
            ("outcome with it", "prognosticDirection"),
            ("used in a classification", "usedInClassification"),
        ),
    ),
)
POPULATION = ("disease", "ageGroup", "line", "lineage", "site")


def chapter(held: Holdings) -> Iterator[Page]:
    """Yield the pages of the studies, the treatments and the populations."""
    archive = Archive(held)
    yield _studies(archive)
    yield _treatments(archive)
    yield _populations(archive)


def _studies(archive: Archive) -> Page:
    studies = archive.listed("Study")
    arms, outcomes = archive.pointing("Arm", "study"), archive.pointing("Outcome", "study")
    alone = [o for o in archive.of("Outcome").values() if not o.one("study")]
    return Page(
        "studies.html",
        "Studies and results",
        "studies.html",
        {
            "archive": archive,
            "studies": studies,
            "arms": {iri: sorted(found, key=_label) for iri, found in arms.items()},
            "outcomes": {iri: sorted(found, key=_metric) for iri, found in outcomes.items()},
            "alone": sorted(alone, key=_metric),
            "regimens": archive.pointing("Regimen", "study"),
            "total": len(archive.of("Outcome")),
        },
        places([*studies, *archive.of("Arm").values(), *archive.of("Outcome").values()]),
    )


def _label(record: Record) -> tuple[str, str]:
    return record.label.casefold(), record.iri


def _metric(outcome: Record) -> tuple[str, str]:
    return outcome.one("metric"), outcome.iri


def _treatments(archive: Archive) -> Page:
    components = archive.pointing("Component", "componentOf")
    regimens = archive.listed("Regimen")
    given = [(title, told, archive.listed(kind)) for kind, title, told in GIVEN]
    return Page(
        "treatments.html",
        "Treatments and markers",
        "treatments.html",
        {
            "archive": archive,
            "given": given,
            "regimens": regimens,
            "components": {iri: sorted(found, key=_order) for iri, found in components.items()},
            "said": archive.pointing("Statement", "about"),
        },
        places(
            [
                *(record for *_, records in given for record in records),
                *regimens,
                *archive.of("Component").values(),
            ]
        ),
    )


def _order(component: Record) -> tuple[int, str]:
    return int(component.one("position") or 0), component.iri


def _populations(archive: Archive) -> Page:
    return Page(
        "populations.html",
        "Populations",
        "populations.html",
        {
            "archive": archive,
            "populations": archive.listed("Population"),
            "told": POPULATION,
            "said": archive.pointing("Statement", "inPopulation"),
        },
        places(archive.of("Population").values()),
    )
