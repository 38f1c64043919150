"""The pages beside the real endpoint on a free port, and a browser for them."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import uvicorn
from playwright.sync_api import Browser, sync_playwright

from queries.endpoint.app import create_app
from queries.endpoint.limits import Limits

CHROMIUM = shutil.which("chromium")
ABSENT = "Debian's package chromium is absent"
PATIENCE = 30


class Serving(uvicorn.Server):
    """A server that tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        """Take a configuration."""
        super().__init__(config)
        self.listening = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self.listening.set()


@contextmanager
def served() -> Iterator[str]:
    """Serve pages and endpoint together; give their address."""
    app = create_app(Limits(workers=1))
    server = Serving(uvicorn.Config(app, log_config=None, ws="none", http="h11"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            assert server.listening.wait(PATIENCE)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(PATIENCE)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium."""
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
