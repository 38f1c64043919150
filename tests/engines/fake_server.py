"""A server that answers whatever a test wants, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RESULTS = "application/sparql-results+json"
EMPTY = b'{"head": {"vars": ["s"]}, "results": {"bindings": []}}'


class Fake(ThreadingHTTPServer):
    """The server; `answers` is called with each request to answer it."""

    def __init__(self) -> None:
        """Answer with no rows, until told otherwise."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.heard: list[tuple[Message, bytes]] = []
        self.answers: Callable[[Handler], None] = lambda handler: handler.answer()
        self.over = threading.Event()

    @property
    def url(self) -> str:
        """Return where it answers."""
        return f"http://127.0.0.1:{self.server_address[1]}/sparql"


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Fake

    def do_POST(self) -> None:
        """Remember it, and let the test answer."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.heard.append((self.headers, body))
        self.server.answers(self)
        self.close_connection = True

    def answer(
        self,
        body: bytes = EMPTY,
        status: int = 200,
        kind: str = RESULTS,
        length: int | None = None,
        **headers: str,
    ) -> None:
        """Send an answer; its length may be a lie."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def faking() -> Iterator[Fake]:
    """Run such a server."""
    with Fake() as fake:
        thread = threading.Thread(target=fake.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield fake
        finally:
            fake.over.set()
            fake.shutdown()
            thread.join()
