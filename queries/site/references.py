"""The pages of what is said and where: the article's paragraphs, its references, later evidence."""

from __future__ import annotations

from collections.abc import Iterator

from ontology.files import BASE
from queries.site.pages import Page
from queries.site.records import Archive, Record, places
from queries.web.expressions import Words
from queries.web.holdings import Holdings
from queries.web.listings import list_paragraph
from queries.web.rendering import PASSAGE

# In the order in which they are said of later evidence, and of the links between statements.
RELATIONS = ("supports", "contradicts", "qualifies")


def chapter(held: Holdings) -> Iterator[Page]:
    """Yield the page of the references and the page of the paragraphs."""
    archive = Archive(held)
    yield _references(archive)
    yield _paragraphs(archive)


def _references(archive: Archive) -> Page:
    publications = sorted(archive.of("Publication").values(), key=_number)
    later = sorted(archive.of("LaterEvidence").values(), key=_published)
    sources = archive.of("SourceStatement").values()
    return Page(
        "references.html",
        "References",
        "references.html",
        {
            "archive": archive,
            "publications": publications,
            "statements": archive.pointing("Statement", "cites"),
            "advice": archive.pointing("Advice", "rests"),
            "studies": archive.pointing("Study", "reportedIn"),
            "otherwise": archive.pointing("SourceStatement", "saidIn"),
            "later": later,
            "relations": RELATIONS,
        },
        places([*publications, *later, *sources]),
    )


def _number(publication: Record) -> int:
    return int(publication.one("number") or 0)


def _published(evidence: Record) -> tuple[bool, str, str]:
    """Put the latest last, and after it what has no date."""
    date = evidence.one("published")
    return not date, date, evidence.iri


def _paragraphs(archive: Archive) -> Page:
    said: dict[str, list[Record]] = {}
    for statement in archive.of("Statement").values():
        for name in dict.fromkeys(map(_paragraph, statement.all("locator"))):
            said.setdefault(name, []).append(statement)
    names = sorted(said, key=lambda name: int(name[1:]))
    for name in names:
        said[name].sort(key=lambda s: (s.one("kind"), s.iri))
    quantities = archive.pointing("Quantity", "inStatement")
    terms = {f"{BASE}paragraph/{name}": name for name in names}
    return Page(
        "paragraphs.html",
        "Paragraph by paragraph",
        "paragraphs.html",
        {
            "archive": archive,
            "said": {name: said[name] for name in names},
            "home": {s.iri: name for name in reversed(names) for s in said[name]},
            "outcomes": archive.of("Outcome"),
            "quantities": quantities,
            "others": {name: _others(archive, name) for name in names},
            "relations": RELATIONS,
        },
        {
            **terms,
            **places(archive.of("Statement").values()),
            **places(archive.of("Quantity").values()),
        },
    )


def _paragraph(locator: str) -> str:
    found = PASSAGE.fullmatch(locator)
    return found[1] if found else locator


def _others(archive: Archive, name: str) -> list[tuple[str, list[Words]]]:
    """Return what else rests on a paragraph, by its class; facts have their own pages."""
    told = {archive.held.label(BASE + kind).casefold() for kind in ("Statement", "Outcome")}
    listing = list_paragraph(archive.held, name)
    return [
        (group.heading.text, [row[0] for row in group.rows])
        for group in (listing.groups if listing else ())
        if group.heading.text.casefold() not in told
    ]
