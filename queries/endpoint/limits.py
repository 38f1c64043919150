"""What one query, one request and the whole endpoint may use."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, fields


def _cores() -> int:
    """Count the cores this process may use; one query must never hold up all others."""
    try:
        available = len(os.sched_getaffinity(0))
    except AttributeError:  # not on every Unix
        available = os.cpu_count() or 1
    return max(2, available)


class LimitError(ValueError):
    """Say which limit cannot be so."""


@dataclass(frozen=True)
class Limits:
    """The limits of an endpoint, all of them settable."""

    seconds: float = 5
    """Wall time of one query; its worker is killed after it (504)."""
    result_bytes: int = 20_000_000
    """Size of one answer; a longer one is refused, never cut (413)."""
    request_bytes: int = 64_000
    """Size of the body of one request (413)."""
    workers: int = field(default_factory=_cores)
    """Processes that answer queries, one query at a time each."""
    queue: int = 64
    """Queries that wait for a worker; one more is sent away (503, Retry-After)."""
    wait_seconds: float = 10
    """Time that a query waits for a worker before it is sent away (503, Retry-After)."""
    worker_memory: int = 1_500_000_000
    """Memory of one worker; a query that needs more ends with its worker (503)."""
    held_bytes: int = 200_000_000
    """Answers held for clients that read slowly; above it queries are sent away."""
    cached_bytes: int = 50_000_000
    """Answers kept while the dataset stays the same, so that they need no worker again."""
    send_seconds: float = 10
    """Time in which a client must send a head or a body, or take the next part of an answer."""

    def __post_init__(self) -> None:
        """Check that every limit is a number above zero.

        Raises:
            LimitError: one is not.
        """
        for limit in fields(self):
            if not 0 < getattr(self, limit.name) < math.inf:
                raise LimitError(f"{limit.name}: must be a number above 0")


def read_limits(given: Iterable[str]) -> Limits:
    """Read limits written as ``name=value``; those not given keep their defaults.

    Raises:
        LimitError: a name is unknown or given twice, or its value is no number above zero.
    """
    kinds = {limit.name: float if limit.type == "float" else int for limit in fields(Limits)}
    read: dict[str, float | int] = {}
    for pair in given:
        name, _, value = pair.partition("=")
        if name not in kinds:
            raise LimitError(f"{name}: no such limit; there are {', '.join(kinds)}")
        if name in read:
            raise LimitError(f"{name}: given twice")
        try:
            read[name] = kinds[name](value)
        except ValueError:
            kind = "a number" if kinds[name] is float else "a whole number"
            raise LimitError(f"{name}: {value!r} is not {kind}") from None
    return Limits(**read)  # type: ignore[arg-type]
