"""A route for each question of the catalogue."""

from __future__ import annotations

from typing import Any

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from queries.answers import find_question, why_empty
from queries.catalogue import CatalogueError, Parameter, Question, load_catalogue
from queries.endpoint.formats import ROWS, Choice, choose, content_type
from queries.endpoint.pool import Reply
from queries.endpoint.protocol import parse_pairs
from queries.endpoint.refusals import Refusal
from queries.endpoint.replies import Held, find_reply, is_known, tag_of
from queries.endpoint.service import Service, service_of
from queries.endpoint.wire import Job
from queries.engines import FORMATS

FORMAT = "format"
REASON = "RALLO-Reason"


def allowed_values(service: Service, parameter: Parameter) -> list[str] | None:
    """Return the values that a parameter takes, or None if they are not a list."""
    if parameter.choices:
        return list(parameter.choices)
    return service.content.individuals.get(parameter.branch) if parameter.branch else None


async def list_questions(request: Request) -> Response:
    """Answer with the catalogue: every question, its parameters and the values they take."""
    service = service_of(request)
    listed = [_described(service, question) for question in load_catalogue().values()]
    return JSONResponse({"questions": listed})


def _described(service: Service, question: Question) -> dict[str, Any]:
    return {
        "name": question.name,
        "theme": question.theme,
        "title": question.title,
        "question": question.question,
        "keywords": list(question.keywords),
        "path": f"/api/questions/{question.name}",
        "parameters": [
            {
                "name": parameter.name,
                "type": parameter.type,
                "default": parameter.default,
                "sentence": parameter.sentence,
                "allowed": parameter.allowed,
                "values": allowed_values(service, parameter),
            }
            for parameter in question.parameters
        ],
        "sparql": question.fill(),
    }


async def answer_question(request: Request) -> Response:
    """Answer one question; an unchanged answer is not sent again.

    Raises:
        queries.endpoint.replies.ClientGoneError: the client left.
        Refusal: question, parameter, value or format is not known, or there was no answer.
    """
    service = service_of(request)
    question, values = _question(request.path_params["name"]), _values(request, service)
    choice = _choice(values.pop(FORMAT, None), request.headers.get("accept"))
    try:
        question.nodes(values)
    except CatalogueError as error:
        raise Refusal(400, str(error)) from error
    whole = {p.name: values.get(p.name, p.default) for p in question.parameters}
    parts = ("=".join(pair) for pair in sorted(whole.items()))
    tag = tag_of(service, question.name, choice.name, *parts)
    headers = {"ETag": tag, "Vary": "Accept", "Cache-Control": "no-cache"}
    if is_known(request, tag):
        return Response(status_code=304, headers=headers)
    job = Job(question=question.name, values=values, rows=choice.name)
    reply = await find_reply(request, service, tag, job)
    if is_empty(reply):
        reason = why_empty(question, values)
        headers[REASON] = reason.encode("ascii", "backslashreplace").decode()
        reply = with_reason(reply, reason)
    return Held(service.pool, reply, content_type(choice.media), headers)


def _question(name: str) -> Question:
    try:
        return find_question(name)
    except CatalogueError as error:
        raise Refusal(404, str(error)) from error


def _values(request: Request, service: Service) -> dict[str, str]:
    pairs = parse_pairs(request.scope["query_string"], service.limits)
    values = dict(pairs)
    if len(values) < len(pairs):
        raise Refusal(400, "a parameter is given once")
    return values


def _choice(name: str | None, accept: str | None) -> Choice:
    if name is not None:
        if name not in ROWS:
            raise Refusal(400, f"{FORMAT}: allowed: {', '.join(ROWS)}")
        return Choice(name, ROWS[name].media)
    if choice := choose(accept, ROWS):
        return choice
    raise Refusal(406, f"offered are: {', '.join(format.media for format in ROWS.values())}")


def is_empty(reply: Reply) -> bool:
    """Tell whether an answer has no rows."""
    if reply.format in ("csv", "tsv"):
        return reply.body.find(b"\n") == len(reply.body) - 1
    writer: QueryResultsFormat = FORMATS[reply.format]
    found = parse_query_results(reply.body, writer)
    return isinstance(found, QuerySolutions) and next(found, None) is None


def with_reason(reply: Reply, reason: str) -> Reply:
    """Put the reason into an answer in JSON; the other formats have no place for it."""
    if reply.format != "json":
        return reply
    member = b',"reason":' + JSONResponse(reason).body + b"}"
    return Reply(reply.format, reply.body.rstrip().removesuffix(b"}") + member)
