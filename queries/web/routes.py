"""Every page and where it stands; an application puts these beside its endpoint."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from queries.web import browse, catalogue, editor, relapse, schemes

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
