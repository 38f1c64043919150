"""One connection to a client, whose requests may have heads of a limited size only."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Connection(HttpToolsProtocol):
    """The faster of uvicorn's parsers, with the limit that it lacks."""

    _in_head, _size = True, 0

    def data_received(self, data: bytes) -> None:
        """Take what the client sent; hang up on a head without end."""
        self._size += len(data)
        super().data_received(data)
        if self._in_head and self._size > (self.config.h11_max_incomplete_event_size or 0):
            self.send_400_response("The head of the request is too long.")

    def on_headers_complete(self) -> None:
        """Note that the head is over."""
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that another head may follow."""
        self._in_head, self._size = True, 0
        super().on_message_complete()
