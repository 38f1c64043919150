"""The SPARQL editor: the page, and the names that it completes."""

from __future__ import annotations

from itertools import groupby

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from queries.catalogue import load_catalogue
from queries.prefixes import PREFIXES
from queries.web.catalogue import sparql_of
from queries.web.holdings import holdings
from queries.web.rendering import HEADERS, page

START = """PREFIX rallo: <https://w3id.org/rallo/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT ?scheme ?label
WHERE {
  ?scheme a rallo:Scheme ;
          rdfs:label ?label .
}
ORDER BY ?label
"""
GRAPHS = """SELECT DISTINCT ?graph WHERE { GRAPH ?graph { ?s ?p ?o } } ORDER BY ?graph"""


def show(request: Request) -> Response:
    """Show the editor, with the SPARQL of a question where the address names one."""
    text, wrong = sparql_of(request)
    questions = sorted(load_catalogue().values(), key=lambda q: (q.theme, q.title))
    return page(
        request,
        "editor.html",
        400 if wrong else 200,
        text=text or START,
        wrong=wrong,
        chosen=request.query_params.get("question", ""),
        themes=[
            (theme.replace("_", " "), list(members))
            for theme, members in groupby(questions, key=lambda q: q.theme)
        ],
        prefixes=PREFIXES,
        graphs=[row["graph"] for row in holdings(request).rows(GRAPHS)],
    )


def terms(request: Request) -> Response:
    """List prefixes, and every name with its label, for completion."""
    labels = holdings(request).labels
    body = {"prefixes": PREFIXES, "terms": sorted(labels.items())}
    return JSONResponse(body, headers={**HEADERS, "Cache-Control": "no-cache"})
