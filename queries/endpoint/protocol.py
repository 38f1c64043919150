"""The SPARQL 1.1 Protocol: from an HTTP request to a job, and from an answer to a response."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from queries.endpoint.formats import GRAPHS, ROWS, choose, content_type
from queries.endpoint.limits import Limits
from queries.endpoint.refusals import Refusal
from queries.endpoint.replies import ClientGoneError, Held, find_reply, is_known, tag_of
from queries.endpoint.scan import READ_ONLY, examine, is_lasting, known_graph
from queries.endpoint.service import Service
from queries.endpoint.wire import Job

FORM, DIRECT, UPDATE, JSON = (
    "application/x-www-form-urlencoded",
    "application/sparql-query",
    "application/sparql-update",
    "application/json",
)
FIELDS = 100
# What is read, and thrown away, of a body that is too long, so that its sender hears why.
DRAINED = 32_000_000


@dataclass(frozen=True)
class Asked:
    """A query and the graphs it is asked of, as the protocol states them."""

    text: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]


async def read_asked(request: Request, limits: Limits) -> Asked | None:
    """Read the query of a request; None if a GET request has none.

    Raises:
        Refusal: the request is not one of the protocol, is an update, or is too long.
    """
    given = parse_pairs(request.scope["query_string"], limits)
    texts = []
    if request.method == "POST":
        kind = media_type(request, (FORM, DIRECT, UPDATE))
        if kind == UPDATE:
            raise Refusal(403, READ_ONLY)
        body = await read_body(request, limits)
        if kind == FORM:
            given += parse_pairs(body, limits)
        else:
            texts.append(_decoded(body))
    texts += _values(given, "query")
    if _values(given, "update"):
        raise Refusal(403, READ_ONLY)
    if not texts and request.method != "POST":
        return None
    if len(texts) != 1:
        raise Refusal(400, f"exactly one query is needed; the request has {len(texts)}")
    return Asked(texts[0], _values(given, "default-graph-uri"), _values(given, "named-graph-uri"))


def media_type(request: Request, allowed: Iterable[str]) -> str:
    """Return the media type of a request's body.

    Raises:
        Refusal: it is none of those allowed, or not in UTF-8.
    """
    kind, *parameters = request.headers.get("content-type", "").lower().split(";")
    if kind.strip() not in allowed:
        raise Refusal(415, f"the body must be {' or '.join(allowed)}")
    for parameter in parameters:
        name, _, charset = parameter.partition("=")
        if name.strip() == "charset" and charset.strip('" ') not in ("utf-8", "us-ascii"):
            raise Refusal(415, "the body must be in UTF-8")
    return kind.strip()


async def read_body(request: Request, limits: Limits) -> bytes:
    """Read the body of a request.

    Raises:
        queries.endpoint.replies.ClientGoneError: the client left.
        Refusal: it is longer than allowed, or does not come in time.
    """
    body, length = bytearray(), 0
    try:
        async with asyncio.timeout(limits.send_seconds):
            async for part in request.stream():
                length += len(part)
                if length <= limits.request_bytes:
                    body += part
                elif length > DRAINED:
                    break
    except TimeoutError:
        raise Refusal(408, "the body did not come in time", {"Connection": "close"}) from None
    except ClientDisconnect:
        raise ClientGoneError from None
    if length > limits.request_bytes:
        raise Refusal(413, f"a request has at most {limits.request_bytes} bytes")
    return bytes(body)


def parse_pairs(encoded: bytes, limits: Limits) -> list[tuple[str, str]]:
    """Decode the names and values of a query string or a form, once.

    Raises:
        Refusal: they are not UTF-8, too long, or too many.
    """
    if len(encoded) > limits.request_bytes:
        raise Refusal(414, f"a query string has at most {limits.request_bytes} bytes")
    try:
        return parse_qsl(
            _decoded(encoded), keep_blank_values=True, errors="strict", max_num_fields=FIELDS
        )
    except ValueError as error:
        message = "not UTF-8 text" if isinstance(error, UnicodeError) else "too many parameters"
        raise Refusal(400, message) from None


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal(400, "not UTF-8 text") from None


def _values(given: list[tuple[str, str]], name: str) -> tuple[str, ...]:
    return tuple(value for key, value in given if key == name)


async def respond(request: Request, service: Service, asked: Asked) -> Response:
    """Answer a query of the protocol; what was answered before is answered without a worker.

    Raises:
        queries.endpoint.replies.ClientGoneError: the client left.
        Refusal: it is not offered, or was not answered.
    """
    accept = request.headers.get("accept")
    rows, graph = choose(accept, ROWS), choose(accept, GRAPHS)
    if rows is None and graph is None:
        offered = ", ".join(format.media for format in (ROWS | GRAPHS).values())
        raise Refusal(406, f"offered are: {offered}")
    job = Job(
        asked.text,
        rows=rows and rows.name,
        graph=graph and graph.name,
        default_graphs=asked.default_graphs,
        named_graphs=asked.named_graphs,
    )
    headers, tag = {"Vary": "Accept"}, ""
    if is_lasting(asked.text):
        tag = tag_of(service, repr(rows), repr(graph), job.written())
        headers |= {"ETag": tag, "Cache-Control": "no-cache"}
        if is_known(request, tag):
            return Response(status_code=304, headers=headers)
    if service.kept.find(tag) is None:
        graphs = service.content.graphs
        for name in (*asked.default_graphs, *asked.named_graphs):
            known_graph(name, graphs)
        examine(asked.text, graphs)
    reply = await find_reply(request, service, tag, job)
    choice = rows if reply.format in ROWS else graph
    assert choice is not None
    return Held(service.pool, reply, content_type(choice.media), headers)
