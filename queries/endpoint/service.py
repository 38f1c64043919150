"""What all routes share: the pool, what is in its dataset, and RALLO under some readings."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from anyio import CapacityLimiter
from starlette.requests import Request

from ontology.files import RELEASE
from queries.dataset import DATASET_FILE
from queries.endpoint.content import Content, read_content
from queries.endpoint.limits import Limits
from queries.endpoint.pool import Pool, Reply
from queries.knowledge import Knowledge

READINGS_KEPT = 8


class Kept:
    """Answers kept by their tag, the oldest dropped first."""

    def __init__(self, limit: int) -> None:
        """Take how many bytes to keep."""
        self.limit, self.size = limit, 0
        self._replies: OrderedDict[str, Reply] = OrderedDict()

    def find(self, tag: str) -> Reply | None:
        """Return the answer of a tag, if it is kept."""
        if tag in self._replies:
            self._replies.move_to_end(tag)
        return self._replies.get(tag)

    def keep(self, tag: str, reply: Reply) -> None:
        """Keep an answer unless it alone would fill the store."""
        if tag in self._replies or len(reply.body) > self.limit // 10:
            return
        self._replies[tag] = reply
        self.size += len(reply.body)
        while self.size > self.limit:
            self.size -= len(self._replies.popitem(last=False)[1].body)


class Service:
    """The state of one endpoint."""

    content: Content

    def __init__(self, limits: Limits, *, inferred: bool, path: Path = DATASET_FILE) -> None:
        """Take the limits, the dataset, and whether its default graph holds what is inferred."""
        self.limits, self.inferred = limits, inferred
        self.pool = Pool(limits, inferred=inferred, path=path)
        self.kept = Kept(limits.cached_bytes)
        self.knowledge = lru_cache(maxsize=READINGS_KEPT)(_knowledge)
        # Python answers one relapse at a time; more threads would only starve the server.
        self.thinking = CapacityLimiter(1)

    async def open(self) -> None:
        """Start the workers and ask them what they hold.

        Raises:
            queries.endpoint.pool.PoolError: a worker did not start.
        """
        await self.pool.open()
        self.content = await read_content(self.pool)

    async def close(self) -> None:
        """Stop the workers."""
        await self.pool.close()

    @property
    def version(self) -> str:
        """Tell apart datasets, releases, and what their default graphs hold."""
        return f"{self.pool.checksum} {RELEASE} {self.inferred}"


def _knowledge(with_: Iterable[str], without: Iterable[str]) -> Knowledge:
    return Knowledge(with_, without)


def service_of(request: Request) -> Service:
    """Return the service that a request reached."""
    service: Service = request.app.state.service
    return service
