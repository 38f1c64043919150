"""Calls an application as a server does, without a connection: thousands of pages in seconds."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.applications import Starlette

Message = MutableMapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """One response."""

    status: int
    media: str
    text: str


class Direct:
    """A client of one application."""

    def __init__(self, app: Starlette) -> None:
        """Take the application."""
        self.app = app
        self.runner = asyncio.Runner()

    def close(self) -> None:
        """End its loop."""
        self.runner.close()

    def get(self, link: str) -> Answer:
        """Ask for one address."""
        return self.runner.run(self._get(link))

    async def _get(self, link: str) -> Answer:
        parts = urlsplit(link)
        scope = {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "server": ("pages", 80),
            "path": unquote(parts.path),
            "raw_path": parts.path.encode(),
            "root_path": "",
            "query_string": parts.query.encode(),
            "headers": [(b"host", b"pages")],
        }
        sent: list[Message] = []

        asked: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> Message:
            # After the request nothing comes: this client stays until it is answered.
            return asked.pop() if asked else await asyncio.get_running_loop().create_future()

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        headers = dict(sent[0]["headers"])
        body = b"".join(message.get("body", b"") for message in sent[1:])
        media = headers[b"content-type"].decode().partition(";")[0]
        return Answer(sent[0]["status"], media, body.decode("utf-8", "replace"))
