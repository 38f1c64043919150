"""What a page of the documentation is, and how pages find each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import relpath
from typing import Any
from urllib.parse import unquote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ontology.files import BASE, RELEASE
from queries.text import REASONS
from queries.web.rendering import located

HOME = Path(__file__).parent
MENU = (
    ("index.html", "Start"),
    ("guides/index.html", "Guides"),
    ("schemes/index.html", "Schemes"),
    ("advice.html", "Advice"),
    ("references.html", "Evidence"),
    ("questions/index.html", "Questions"),
    ("coverage.html", "Coverage and gaps"),
    ("glossary.html", "Glossary"),
    ("limits.html", "Limits and use"),
)


class SiteError(ValueError):
    """Say what in the documentation is wrong."""


@dataclass(frozen=True)
class Page:
    """One page: where it stands below the root, its title, and what its template is given.

    ``terms`` names what the page tells of: an IRI, and the anchor at which it stands, empty for
    the page itself. Links to the IRI lead there.
    """

    path: str
    title: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)


class Press:
    """Renders pages whose links are relative, so that the folder may lie anywhere."""

    def __init__(self, pages: Iterable[Page]) -> None:
        """Learn where everything stands; of two pages on one term the first is meant.

        Raises:
            SiteError: two pages would stand at one place.
        """
        self.pages = list(pages)
        for path, n in Counter(page.path for page in self.pages).items():
            if n > 1:
                raise SiteError(f"{n} pages would be {path}")
        self.places: dict[str, str] = {}
        for page in self.pages:
            for iri, anchor in page.terms.items():
                place = f"{page.path}#{anchor}" if anchor else page.path
                self.places.setdefault(iri, place)
        self.environment = Environment(
            loader=FileSystemLoader(HOME / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.filters["passages"] = lambda text: list(located(text))
        self.environment.globals.update(menu=MENU, release=RELEASE, base=BASE, reasons=REASONS)

    def render(self, page: Page) -> str:
        """Render one page."""

        def to(place: str) -> str:
            """Return the way from this page to a place of the site, or to the web."""
            if re.match(r"[a-z]+:", place):
                return place
            path, mark, anchor = place.partition("#")
            if not path or path == page.path:
                return mark + anchor or relpath(page.path, _folder(page.path))
            return relpath(path, _folder(page.path)) + mark + anchor

        def term(iri: str) -> str:
            """Return the way to the place that tells of a term; empty where none does."""
            return to(self.places[iri]) if iri in self.places else ""

        def part(address: str) -> str:
            """Return the way to what an address of the server's pages means; may be empty."""
            if address.startswith("/id/"):
                return term(BASE + unquote(address.removeprefix("/id/")))
            if address.startswith("/browse/paragraphs/"):
                return term(f"{BASE}paragraph/{address.rpartition('/')[2]}")
            return address if address.startswith(("http://", "https://")) else ""

        template = self.environment.get_template(page.template)
        return template.render({**page.context, "page": page, "to": to, "term": term, "part": part})


def _folder(path: str) -> str:
    return path.rpartition("/")[0] or "."
