"""Templates to responses, with the headers that keep a page to this server and to itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ontology.files import BASE, RELEASE
from queries.text import REASONS
from queries.web.holdings import address

HOME = Path(__file__).parent
POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Vary": "Accept",
}
MENU = (
    ("/", "Relapse"),
    ("/questions", "Questions"),
    ("/sparql-editor", "SPARQL"),
    ("/browse", "Browse"),
    ("/schemes", "Schemes"),
)
# A passage of the article: a paragraph, with or without a row of its table after it.
PASSAGE = re.compile(r"(P\d+)( \S+)?")


def located(text: str | None) -> Iterator[tuple[str, str]]:
    """Split a locator into its parts, each with the page of the paragraph it names."""
    for part in (text or "").split(", "):
        found = PASSAGE.fullmatch(part)
        yield part, f"/browse/paragraphs/{found[1]}" if found else ""


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HOME / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["passages"] = lambda text: list(located(text))
    made.filters["spaced"] = lambda text: str(text).replace("_", " ").replace("-", " ")
    made.globals.update(menu=MENU, release=RELEASE, reasons=REASONS, address=address, base=BASE)
    return made


_TEMPLATES = _environment()


def page(
    request: Request, template: str, status: int = 200, *, private: bool = False, **context: Any
) -> HTMLResponse:
    """Render a template; a private page, which shows facts of a relapse, is kept by no cache."""
    text = _TEMPLATES.get_template(template).render(path=request.url.path, **context)
    kept = "no-store" if private else "no-cache"
    return HTMLResponse(text, status, headers={**HEADERS, "Cache-Control": kept})


def notice(
    request: Request, status: int, heading: str, reason: str, near: Iterable[tuple[str, str]] = ()
) -> HTMLResponse:
    """Say why there is no such page, and what is near: pairs of address and name."""
    return page(request, "notice.html", status, heading=heading, reason=reason, near=list(near))
