"""Around every response: one line of JSON in the log, and the headers that all have.

A line never holds a query string, a body, or a path that leads nowhere: these may say anything.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from traceback import extract_tb
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from queries.endpoint.refusals import Refusal
from queries.endpoint.replies import ClientGoneError, problem

NOT_FOUND, GONE, FAILED = 404, 499, 500
METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
# A page may set a policy of its own.
SECURITY = [
    (b"content-security-policy", b"default-src 'self'; base-uri 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
]
# What any page elsewhere may read; all of it is public.
OPEN = ("/sparql", "/api/", "/void", "/.well-known/void")
GET, SPARQL, POST = "GET, HEAD, OPTIONS", "GET, HEAD, POST, OPTIONS", "POST, OPTIONS"
ALLOWED = {"/sparql": SPARQL, "/api/recommend": POST}
PREFLIGHT = {
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
SHARED = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, RALLO-Reason, Retry-After"),
]


class Journal:
    """Log each request, catch what goes wrong, and add headers."""

    def __init__(self, app: ASGIApp) -> None:
        """Take the application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        entry = Entry(scope, send)
        try:
            if entry.open and scope["method"] == "OPTIONS":
                allowed = {"Allow": entry.allowed, "Access-Control-Allow-Methods": entry.allowed}
                await Response(status_code=204, headers=allowed | PREFLIGHT)(
                    scope, receive, entry.send
                )
            else:
                await self.app(scope, receive, entry.send)
        except (ClientGoneError, OSError, asyncio.CancelledError):
            entry.status = GONE
        except Exception as error:
            # Its text may quote what was asked: the log has its kind and place alone.
            place = extract_tb(error.__traceback__)[-1]
            entry.failure = f"{type(error).__name__} at {place.name}:{place.lineno}"
            if not entry.status:
                refusal = Refusal(FAILED, "the endpoint failed; its log says where")
                await problem(refusal)(scope, receive, entry.send)
        finally:
            log(**entry.told())


class Entry:
    """One request and what became of it."""

    def __init__(self, scope: Scope, send: Send) -> None:
        """Start the clock."""
        self.scope, self._send = scope, send
        self.start = time.perf_counter()
        self.status = self.length = 0
        self.failure = ""
        self.open = scope["path"].startswith(OPEN)
        self.added = SECURITY + SHARED if self.open else SECURITY

    @property
    def allowed(self) -> str:
        """Return the methods of the path."""
        return ALLOWED.get(self.scope["path"], GET)

    async def send(self, message: Message) -> None:
        """Pass on a part of the response, with the headers that all have."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = message["headers"] = list(message.get("headers", ()))
            there = {name.lower() for name, _ in headers}
            headers += [(name, value) for name, value in self.added if name not in there]
        else:
            self.length += len(message.get("body", b""))
        await self._send(message)

    def told(self) -> dict[str, Any]:
        """Return what may be logged."""
        method, path = self.scope["method"], self.scope["path"]
        found = {
            "method": method if method in METHODS else "other",
            "path": "" if self.status == NOT_FOUND else path,
            "status": self.status,
            "milliseconds": round((time.perf_counter() - self.start) * 1000, 1),
            "bytes": 0 if method == "HEAD" else self.length,
        }
        return found | ({"failure": self.failure} if self.failure else {})


def log(**told: Any) -> None:
    """Write one line of JSON to the standard error stream.

    The logging package would take a tenth of the time of an answer that is kept.
    """
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    with suppress(OSError):  # nobody reads the log any more
        sys.stderr.write(json.dumps({"time": now, **told}) + "\n")


class Plain(logging.Handler):
    """Write the messages of the server below us as lines of JSON, without any traceback."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        log(event=record.getMessage())


def start_log() -> None:
    """Take in what the server below us has to say."""
    logger = logging.getLogger("uvicorn")
    logger.handlers, logger.propagate = [Plain()], False
    logger.setLevel(logging.WARNING)
