"""A real endpoint in a process of its own, and a plain HTTP client for it.

Run as a program it serves on a free port, under the limits given as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any
from urllib.parse import urlencode, urlsplit

PATIENCE = 30
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
JSON_ROWS = "application/sparql-results+json"

# Short limits, so that a test does not wait for the real ones.
SECONDS, RESULT_BYTES, WORKERS, QUEUE = 1, 2_000_000, 2, 16


@dataclass(frozen=True)
class Answer:
    """One response."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8")

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def media(self) -> str:
        """The media type without its parameters."""
        return self.headers.get_content_type()


class Server:
    """One endpoint, from its start to its end."""

    def __init__(self, **limits: object) -> None:
        """Start it and wait until it says where it serves."""
        self._folder = TemporaryDirectory()  # short: the name of a socket is made from it
        self.folder = Path(self._folder.name)
        self.process = subprocess.Popen(
            [sys.executable, __file__, json.dumps(limits)],
            cwd=Path(__file__).parents[2],
            env=os.environ | {"TMPDIR": self._folder.name},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        self.lines: list[str] = []
        for line in self.process.stderr:
            self.lines.append(line)
            if '"serving"' in line:
                break
        else:
            raise AssertionError("".join(self.lines))
        self.url = json.loads(self.lines[-1])["url"]
        self.host, self.port = urlsplit(self.url).hostname or "", urlsplit(self.url).port or 0
        self._reader = Thread(target=lambda: self.lines.extend(self.process.stderr or ()))
        self._reader.start()

    def request(
        self,
        method: str,
        path: str,
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = PATIENCE,
    ) -> Answer:
        """Send one request as it stands and read the whole response."""
        connection = HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, response.msg, response.read())
        finally:
            connection.close()

    def get(self, path: str, accept: str | None = None, **parameters: str) -> Answer:
        """Send a GET request."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        return self.request("GET", path + query, headers={"Accept": accept} if accept else {})

    def query(self, text: str, accept: str = JSON_ROWS, timeout: float = PATIENCE) -> Answer:
        """Send a query by POST, as it is."""
        headers = {"Accept": accept, "Content-Type": DIRECT}
        return self.request("POST", "/sparql", text.encode(), headers, timeout)

    def health(self) -> dict[str, Any]:
        """Ask how the endpoint is."""
        found: dict[str, Any] = self.get("/health").json
        return found

    def until(self, holds: Callable[[dict[str, Any]], bool], seconds: float = PATIENCE) -> None:
        """Ask for the health until something holds of it."""
        end = time.monotonic() + seconds
        while not holds(state := self.health()):
            assert time.monotonic() < end, state

    def until_whole(self) -> None:
        """Wait until every worker is there and none is at work."""
        self.until(lambda s: s["workers"]["ready"] == s["workers"]["wanted"] and not _busy(s))

    def until_busy(self, workers: int = 1) -> None:
        """Wait until as many workers are at work."""
        self.until(lambda s: _busy(s) >= workers)

    def workers(self) -> list[int]:
        """Return the process ids of the workers: the children of the process that forks them."""
        return [
            grandchild for child in _children(self.process.pid) for grandchild in _children(child)
        ]

    def memory(self) -> int:
        """Return the bytes that the server and its workers hold at the moment."""
        pids = [self.process.pid, *self.workers()]
        return sum(int(_status(pid).get("VmRSS", "0 kB").split()[0]) * 1024 for pid in pids)

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """Stop it, and return its exit status."""
        self.process.send_signal(with_signal)
        return self.wait()

    def wait(self) -> int:
        """Wait for its end, and return its exit status."""
        status = self.process.wait(PATIENCE)
        self._reader.join()
        if self.process.stderr is not None:
            self.process.stderr.close()
        return status

    def close(self) -> None:
        """Stop it if it runs, and sweep up."""
        if self.process.poll() is None:
            self.stop()
        elif self._reader.is_alive():
            self.wait()
        self._folder.cleanup()


def _busy(state: Mapping[str, Any]) -> int:
    return int(state["workers"]["busy"])


def _children(pid: int) -> Iterator[int]:
    for path in Path("/proc").glob("[0-9]*"):
        if _status(int(path.name)).get("PPid") == str(pid):
            yield int(path.name)


def _status(pid: int) -> dict[str, str]:
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
        return {name: value.strip() for name, _, value in (x.partition(":") for x in lines)}
    return {}


def is_running(pid: int) -> bool:
    """Tell whether a process runs; one that only waits to be buried does not."""
    return _status(pid).get("State", "Z")[0] != "Z"


def main() -> None:
    """Serve on a free port, with one route more: it fails and says what it was given."""
    from starlette.requests import Request
    from starlette.routing import Route

    from queries.endpoint.app import serve
    from queries.endpoint.limits import Limits

    async def fail(request: Request) -> None:
        raise ValueError(str(request.url))

    settings = json.loads(sys.argv[1])
    inferred = settings.pop("inferred", False)
    routes = [Route("/fails", fail)]
    serve("127.0.0.1", 0, Limits(**settings), inferred=inferred, extra_routes=routes)


if __name__ == "__main__":
    main()
