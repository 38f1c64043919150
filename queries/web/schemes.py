"""The pages of the schemes: each drawn as a grid under the readings of the address."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from queries.web.grids import Drawing, Grid
from queries.web.holdings import Holdings, holdings
from queries.web.rendering import notice, page
from reasoner.table import ReadingError

Names = tuple[str, ...]
DRAWN = 64


@lru_cache(maxsize=DRAWN)
def _draw(held: Holdings, name: str, with_: Names, without: Names) -> Grid:
    knowledge = held.knowledge(with_, without)
    return Drawing(knowledge).draw(knowledge.answerer.schemes[name])


def every(request: Request) -> Response:
    """List the schemes."""
    table = holdings(request).knowledge().table
    return page(request, "schemes.html", schemes=table.schemes)


def one(request: Request) -> Response:
    """Draw one scheme."""
    held, name = holdings(request), request.path_params["name"]
    with_, without = (
        tuple(dict.fromkeys(request.query_params.getlist(key))) for key in ("with", "without")
    )
    try:
        knowledge = held.knowledge(with_, without)
    except ReadingError as error:
        return notice(request, 400, "Not a reading", str(error))
    question = knowledge.answerer.schemes.get(name)
    if question is None:
        all_ = [(f"/schemes/{s['name']}", s["label"]) for s in knowledge.table.schemes]
        return notice(request, 404, "No such scheme", f"There is no scheme {name!r}.", all_)
    grid = _draw(held, name, tuple(sorted(with_)), tuple(sorted(without)))
    used = {r for _, outcome in question.outcomes for r in outcome.readings}
    used |= {r for axis in question.space.axes for r in axis.block.switches}
    default = set(knowledge.table.data["default_readings"])
    return page(
        request,
        "scheme.html",
        scheme=question.entry,
        categories=[
            {
                **category,
                "is_empty": not question.vector(category["class"])
                & question.vector(question.scope),
                "entry": knowledge.table.classes[category["class"]],
                "term": knowledge.table.terms[category["class"]],
                "clauses": [
                    (c, knowledge.table.classes[c], knowledge.table.terms[c])
                    for c in knowledge.table.classes[category["class"]].get("clauses", ())
                    and knowledge.view.clauses(category["class"])
                ],
            }
            for category in question.entry["categories"]
        ],
        grid=grid,
        statuses={c.status for layer in grid.layers for _, row in layer.rows for c in row},
        readings=[
            {
                "name": r,
                "entry": entry,
                "on": r in knowledge.view.readings,
                "address": _switched(name, r, with_, without, default, knowledge.view.readings),
            }
            for r, entry in knowledge.table.readings.items()
            if r in used or r in {*with_, *without}
        ],
    )


def _switched(
    name: str, reading: str, with_: Names, without: Names, default: set[str], on: frozenset[str]
) -> str:
    """Return the address of the scheme with one reading switched over."""
    kept = [("with", r) for r in with_ if r != reading]
    kept += [("without", r) for r in without if r != reading]
    if (reading in on) == (reading in default):
        kept.append(("without" if reading in on else "with", reading))
    return f"/schemes/{name}" + (f"?{urlencode(kept)}" if kept else "")
