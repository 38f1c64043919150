"""What an endpoint says when it does not answer."""

from __future__ import annotations

from collections.abc import Mapping

from queries.engines import EngineError


class Refusal(EngineError):
    """Say why there is no answer, under an HTTP status."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        """Take a status, a message for the client, and headers to go with it."""
        super().__init__(message)
        self.status, self.message, self.headers = status, message, dict(headers or {})


def busy(seconds: int = 1) -> Refusal:
    """Refuse for now: there is more to do than the limits allow."""
    return Refusal(503, "the endpoint is busy; try again", {"Retry-After": str(seconds)})
