"""Every page and where it stands; an application puts these beside its endpoint."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from queries.web import browse, catalogue, editor, relapse, schemes
from queries.web.rendering import notice

STATIC = Path(__file__).parent / "static"


def page_routes() -> list[BaseRoute]:
    """Return the routes of all pages.

    They expect `/sparql` and `/api/questions/{name}` beside them, and open what they answer from
    on the first request.
    """
    return [
        Route("/", relapse.show),
        Route("/relapse", relapse.show),
        Route("/relapse", relapse.take, methods=["POST"]),
        Route("/questions", catalogue.every),
        Route("/questions/{name}", catalogue.one),
        Route("/sparql-editor", editor.show),
        Route("/sparql-editor/terms.json", editor.terms),
        Route("/browse", browse.start),
        Route("/browse/paragraphs/{name}", browse.paragraph),
        Route("/browse/{name}", browse.listing),
        Route("/id/{path:path}", browse.term),
        Route("/schemes", schemes.every),
        Route("/schemes/{name}", schemes.one),
        Mount("/static", StaticFiles(directory=STATIC), name="static"),
    ]


def show_nowhere(request: Request) -> Response:
    """Say that nothing stands at a path, and where one may start."""
    starts = [("/", "A relapse, as a form"), ("/browse/statements", "What the article states")]
    return notice(request, 404, "No such page", "Nothing stands at this address.", starts)
