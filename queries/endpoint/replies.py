"""From a job to a response: kept answers, clients that leave, and the sending of what is long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from hashlib import sha256
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from queries.endpoint.connection import ABORT, LOST
from queries.endpoint.pool import Pool, Reply
from queries.endpoint.refusals import Refusal
from queries.endpoint.service import Service
from queries.endpoint.wire import Job

PROBLEM = "application/problem+json"
PART = 65_536


class ClientGoneError(Exception):
    """Say that nobody waits for the answer any more."""


def tag_of(service: Service, *parts: str) -> str:
    """Name an answer by the dataset and all that it is asked by."""
    named = repr((service.version, parts)).encode()
    return f'"{sha256(named).hexdigest()[:32]}"'


def is_known(request: Request, tag: str) -> bool:
    """Tell whether the client has the answer already."""
    known = request.headers.get("if-none-match", "")
    return tag in (part.strip().removeprefix("W/") for part in known.split(","))


async def find_reply(request: Request, service: Service, tag: str, job: Job) -> Reply:
    """Return the answer of a job: the one kept under its tag, or else a new one.

    Without a tag nothing is kept.

    Raises:
        ClientGoneError: the client left.
        Refusal: there is no answer.
    """
    reply = service.kept.find(tag) if tag else None
    if reply is None:
        reply = await _while_connected(request, service.pool.run(job))
        if tag:
            service.kept.keep(tag, reply)
    return reply


async def _while_connected(request: Request, work: Awaitable[Reply]) -> Reply:
    """Wait for a reply, and give up when the client leaves, where the server tells so."""
    task = asyncio.current_task()
    assert task is not None
    told = request.scope.get("extensions", {}).get(LOST)
    if told is None:
        return await work
    lost: asyncio.Future[None] = told["future"]

    def give_up(_: asyncio.Future[None]) -> None:
        task.cancel()

    lost.add_done_callback(give_up)
    try:
        return await work
    except asyncio.CancelledError:
        if not lost.done():
            raise
        task.uncancel()
        raise ClientGoneError from None
    finally:
        lost.remove_done_callback(give_up)


class Held(Response):
    """A whole answer, counted by its pool until it is sent, and sent in parts."""

    def __init__(
        self, pool: Pool, reply: Reply, media: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """Take an answer and its media type."""
        super().__init__(reply.body, headers={"Content-Type": media, **(headers or {})})
        self.pool, self.whole = pool, reply.body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, each part within the time allowed."""
        if len(self.whole) <= PART:
            await super().__call__(scope, receive, send)
            return
        self.pool.held += len(self.whole)
        start = "http.response.start"
        try:
            await send({"type": start, "status": self.status_code, "headers": self.raw_headers})
            for place in range(0, len(self.whole), PART):
                part = self.whole[place : place + PART]
                message = {"type": "http.response.body", "body": part, "more_body": True}
                async with asyncio.timeout(self.pool.limits.send_seconds):
                    await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            # Closing would wait until the client has taken what it does not take.
            scope["extensions"][ABORT]["call"]()
            raise ClientGoneError from None
        finally:
            self.pool.held -= len(self.whole)


def problem(refusal: Refusal) -> JSONResponse:
    """Write a refusal as a problem document."""
    body: dict[str, Any] = {"status": refusal.status, "detail": refusal.message}
    return JSONResponse(body, refusal.status, refusal.headers, media_type=PROBLEM)
