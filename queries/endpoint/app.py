"""The endpoint as an application, and how to serve it.

/sparql                     SPARQL 1.1 Protocol; without a query, the description of the service
/void, /.well-known/void    what the dataset holds, counted
/api/questions              the catalogue; /api/questions/{name} answers one question
/api/recommend              one described relapse, answered
/api/openapi.json           all of these in OpenAPI 3.1
/health                     workers, queue, dataset
"""

from __future__ import annotations

import importlib.util
import math
import signal
import socket
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from importlib import import_module

import uvicorn
from pyoxigraph import NamedNode, Triple
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from queries.dataset import DATASET_FILE, StaleDatasetError
from queries.endpoint.connection import Connection
from queries.endpoint.description import describe_dataset, describe_service, write_graph
from queries.endpoint.formats import GRAPHS, HTML, Choice, choose, content_type, prefers
from queries.endpoint.journal import Journal, log, start_log
from queries.endpoint.limits import Limits
from queries.endpoint.openapi import show_openapi
from queries.endpoint.pool import PoolError
from queries.endpoint.protocol import read_asked, respond
from queries.endpoint.questions import answer_question, list_questions
from queries.endpoint.recommendation import recommend
from queries.endpoint.refusals import Refusal
from queries.endpoint.replies import PROBLEM, problem
from queries.endpoint.service import Service, service_of

PAGES = "queries.web.routes"
EDITOR = "/sparql-editor"
# The rest of a request beside its query string.
HEADERS = 16_384
GRACE, NOT_FOUND = 2, 404


def create_app(
    limits: Limits | None = None,
    *,
    inferred: bool = False,
    extra_routes: Iterable[BaseRoute] = (),
) -> Starlette:
    """Put together all routes, the pages where they are installed, and the pool beneath them.

    Its workers start with the application and end with it. ``app.state.service`` holds the pool.
    """
    service = Service(limits or Limits(), inferred=inferred)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await service.open()
        try:
            yield
        finally:
            await service.close()

    routes: list[BaseRoute] = [
        Route("/sparql", answer_query, methods=["GET", "POST"]),
        Route("/void", show_dataset),
        Route("/.well-known/void", show_dataset),
        Route("/api/questions", list_questions),
        Route("/api/questions/{name}", answer_question),
        Route("/api/recommend", recommend, methods=["POST"]),
        Route("/api/openapi.json", show_openapi),
        Route("/health", show_health),
        *extra_routes,
        *_pages(),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Journal)],
        exception_handlers={Refusal: _refused, HTTPException: _refused},
        lifespan=lifespan,
    )
    app.state.service = service
    return app


def _has_pages() -> bool:
    return importlib.util.find_spec(PAGES) is not None


def _pages() -> Sequence[BaseRoute]:
    if not _has_pages():
        return ()
    routes: Sequence[BaseRoute] = import_module(PAGES).page_routes()
    return routes


def _refused(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        error = Refusal(error.status_code, error.detail, error.headers)
    assert isinstance(error, Refusal)
    accept = request.headers.get("accept")
    if error.status == NOT_FOUND and _has_pages() and prefers(accept, HTML, [PROBLEM]):
        page: Response = import_module(PAGES).show_nowhere(request)
        return page
    return problem(error)


async def answer_query(request: Request) -> Response:
    """Answer a query; without one, describe the service, or lead a browser to the editor.

    Raises:
        queries.endpoint.replies.ClientGoneError: the client left.
        Refusal: it is not answered.
    """
    service = service_of(request)
    asked = await read_asked(request, service.limits)
    if asked is not None:
        return await respond(request, service, asked)
    media = [format.media for format in GRAPHS.values()]
    has_editor = any(isinstance(r, Route) and r.path == EDITOR for r in request.app.routes)
    if has_editor and prefers(request.headers.get("accept"), HTML, media):
        return RedirectResponse(EDITOR, 303, {"Vary": "Accept"})
    content = service.content
    described = describe_service(
        _address(request),
        content.graphs,
        content.default,
        service.limits,
        inferred=service.inferred,
    )
    return _graph(_chosen(request), described)


async def show_dataset(request: Request) -> Response:
    """Answer with the dataset's own description, and where it can be asked.

    Raises:
        Refusal: no format is accepted.
    """
    void = service_of(request).content.void
    return _graph(_chosen(request), describe_dataset(_address(request), void))


def _chosen(request: Request) -> Choice:
    if choice := choose(request.headers.get("accept"), GRAPHS):
        return choice
    raise Refusal(406, f"offered are: {', '.join(format.media for format in GRAPHS.values())}")


def _address(request: Request) -> str:
    """Return the address of the endpoint as the client knows it."""
    address = str(request.base_url.replace(path="/sparql"))
    try:
        return NamedNode(address).value
    except ValueError:
        raise Refusal(400, "the Host header names no host") from None


def _graph(choice: Choice, triples: Iterable[Triple]) -> Response:
    headers = {"Content-Type": content_type(choice.media), "Vary": "Accept"}
    return Response(write_graph(triples, choice.name), headers=headers)


async def show_health(request: Request) -> Response:
    """Count workers and queue and name the dataset; without any worker the status is 503."""
    service = service_of(request)
    state = service.pool.state()
    healthy = state["workers"]["ready"] > 0
    told = {
        "status": "ok" if healthy else "no worker",
        **state,
        "dataset": service.pool.checksum,
        "inferred": service.inferred,
    }
    return JSONResponse(told, 200 if healthy else 503, {"Cache-Control": "no-store"})


class _Server(uvicorn.Server):
    """A server that says where it listens, once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            host, port = listener.getsockname()[:2]
            if self.started:
                url = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
                log(event="serving", url=url)


def _listener(host: str, port: int, backlog: int) -> socket.socket:
    # Only where the protocol is named does the event loop send small packets at once.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(backlog)
    except OSError as error:
        listener.close()
        raise PoolError(f"{host}:{port}: {error.strerror or error}") from error
    return listener


def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    limits: Limits | None = None,
    *,
    inferred: bool = False,
    extra_routes: Iterable[BaseRoute] = (),
) -> None:
    """Serve until stopped by a signal; running queries may then end within their time.

    Raises:
        queries.dataset.StaleDatasetError: the compiled dataset is missing.
        queries.endpoint.pool.PoolError: the address is taken, or the workers did not start.
    """
    if not DATASET_FILE.is_file():
        raise StaleDatasetError(f"{DATASET_FILE.name} is missing; run: rallo build")
    limits = limits or Limits()
    app = create_app(limits, inferred=inferred, extra_routes=extra_routes)
    config = uvicorn.Config(
        app,
        loop="auto",
        http=Connection,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=limits.request_bytes + HEADERS,
        timeout_keep_alive=math.ceil(limits.send_seconds),
        timeout_graceful_shutdown=int(limits.seconds) + GRACE,
    )
    start_log()
    listener = _listener(host, port, config.backlog)
    server = _Server(config)
    # The server raises the signal that stopped it once more, when all is done.
    before = {s: signal.signal(s, lambda *_: None) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        with listener:
            server.run(sockets=[listener])
    finally:
        for stopped, handler in before.items():
            signal.signal(stopped, handler)
    if not server.started:
        raise PoolError("the endpoint did not start")
