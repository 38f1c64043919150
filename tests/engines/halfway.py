"""A server between a client and the real one, which fails where a test wants it to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Sent(NamedTuple):
    """One request on its way: its number, and what it is."""

    number: int
    method: str
    path: str
    body: bytes

    @property
    def exchanges(self) -> bool:
        """Tell whether it is the update that exchanges the graphs."""
        return b"MOVE <" in self.body


# What a test does with a request: None lets it pass; bytes pass in its place; REFUSE answers with
# status 500; LOSE passes it on and hangs up; DROP hangs up at once; what can be called is called
# when the request has been passed on, and before it is answered.
Plan = Callable[[Sent], "bytes | str | Callable[[], None] | None"]
REFUSE, LOSE, DROP = "refuse", "lose", "drop"


# Headers of one connection, not of the answer.
_OWN = ("content-length", "transfer-encoding", "connection")


class Halfway(ThreadingHTTPServer):
    """The server between, which may keep to itself what server stands behind it."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        """Take the port of the real server."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.real, self.count = port, 0
        self.plan: Plan = lambda sent: None
        self.anonymous = False

    def url(self, path: str) -> str:
        """Return an address here."""
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def follow(self, plan: Plan) -> None:
        """Count requests from 0 again, and do with them as planned."""
        self.count, self.plan = 0, plan


class _Handler(BaseHTTPRequestHandler):
    server: Halfway

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        sent = Sent(self.server.count, self.command, self.path, body)
        self.server.count += 1
        planned = self.server.plan(sent)
        self.close_connection = True
        if planned == REFUSE:
            self.send_error(500)
        elif planned != DROP:
            meanwhile = planned if callable(planned) else None
            passed = planned if isinstance(planned, bytes) else body
            self._forward(passed, meanwhile, lose=planned == LOSE)

    do_GET = do_POST = do_PUT = _pass

    def _forward(self, body: bytes, meanwhile: Callable[[], None] | None, *, lose: bool) -> None:
        headers = {k: v for k, v in self.headers.items() if k.lower() != "content-length"}
        real = HTTPConnection("127.0.0.1", self.server.real, timeout=60)
        with suppress(OSError, HTTPException):
            real.request(self.command, self.path, body, headers)
            if meanwhile:
                meanwhile()
            answer = real.getresponse()
            content = answer.read()
            if not lose:
                self.send_response_only(answer.status, answer.reason)
                for name, value in answer.getheaders():
                    hidden = self.server.anonymous and name.lower() == "server"
                    if name.lower() not in _OWN and not hidden:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
        real.close()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def halfway(port: int) -> Iterator[Halfway]:
    """Stand between a client and the server at a port."""
    with Halfway(port) as between:
        thread = threading.Thread(target=between.serve_forever, daemon=True)
        thread.start()
        try:
            yield between
        finally:
            between.shutdown()
            thread.join()
