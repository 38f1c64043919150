"""One connection to a client that may be slow, but not for ever, and terse, but not endless."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

ABORT, LOST = "rallo.abort", "rallo.lost"
# What is longer is sent at once, so that a client that reads slowly is noticed.
SMALL = 16_384


class Gathering:
    """A transport that sends the head of a response and its body as one packet.

    A small piece waits for the next one, or for the end of this turn of the loop.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        """Take the transport that sends, and its loop."""
        self._transport, self._loop = transport, loop
        self._waiting = b""

    def __getattr__(self, name: str) -> Any:
        """Leave all else to the transport that sends."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send some bytes, in their order, soon."""
        if self._waiting:
            self._transport.write(self._taken() + data)
        elif len(data) > SMALL:
            self._transport.write(data)
        elif data:
            self._waiting = data
            self._loop.call_soon(self._flush)

    def close(self) -> None:
        """Send what waits, and hang up."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._waiting and not self._transport.is_closing():
            self._transport.write(self._taken())

    def _taken(self) -> bytes:
        waiting, self._waiting = self._waiting, b""
        return waiting


class Connection(HttpToolsProtocol):
    """The faster of uvicorn's parsers, with the limits that it lacks.

    A request's head must be over within the time that a connection is kept idle, and within the
    size that the slower parser allows it. In the extensions of its scope the application finds
    how to hang up, under ``ABORT``, and a future that is done when the client left, under ``LOST``.
    """

    _in_head, _size = True, 0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a first request."""
        super().connection_made(transport)
        self.transport = Gathering(transport, self.loop)  # type: ignore[assignment]
        self._lost = self.loop.create_future()
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        self._lost.set_result(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what the client sent; hang up on a head without end."""
        self._size += len(data)
        super().data_received(data)
        if self._in_head and self._size:
            if self._size > (self.config.h11_max_incomplete_event_size or 0):
                self.send_400_response("The head of the request is too long.")
            else:
                self._await_head()

    def on_headers_complete(self) -> None:
        """Note that the head is over."""
        self._in_head = False
        self._stop_waiting()
        self.scope["extensions"] = {
            ABORT: {"call": self.transport.abort},
            LOST: {"future": self._lost},
        }
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that another head may follow."""
        self._in_head, self._size = True, 0
        super().on_message_complete()

    def _await_head(self) -> None:
        if self._timer is None:
            seconds = self.config.timeout_keep_alive
            self._timer = self.loop.call_later(seconds, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
