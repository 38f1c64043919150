"""The parts of the endpoint that need no server to be looked at."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import fields
from pathlib import Path

import pytest
from starlette.routing import Route

from queries.dataset import DATASET_FILE, StaleDatasetError
from queries.endpoint.app import create_app, serve
from queries.endpoint.limits import Limits
from queries.endpoint.pool import Pool, PoolError, Reply
from queries.endpoint.service import Kept


def test_limits_have_their_defaults() -> None:
    """The defaults are those that the documentation states."""
    limits = Limits()
    assert (limits.seconds, limits.result_bytes, limits.request_bytes) == (5, 20_000_000, 64_000)
    assert (limits.queue, limits.worker_memory) == (64, 1_500_000_000)
    assert limits.workers >= 2


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_every_limit_is_above_zero(name: str) -> None:
    """A limit of nothing, or less, is refused by name."""
    for value in (0, -1):
        with pytest.raises(ValueError, match=name):
            Limits(**{name: value})


def test_kept_answers_are_bounded() -> None:
    """The oldest answers go first, a very big one is not kept, the size stays in bounds."""
    kept = Kept(1_000)
    kept.keep("big", Reply("csv", b"x" * 101))
    assert kept.find("big") is None
    for number in range(50):
        kept.keep(str(number), Reply("csv", b"x" * 100))
        assert kept.find("0") is not None  # in use, so never the oldest
        assert kept.size <= 1_000
    assert kept.find("1") is None and kept.find("49") is not None
    kept.keep("49", Reply("csv", b"y"))
    assert kept.size <= 1_000


def test_other_routes_stand_beside_the_endpoint() -> None:
    """Routes that are handed over are part of the application, and hide none of its own."""

    async def nothing() -> None:
        return None

    paths = [
        r.path
        for r in create_app(Limits(), extra_routes=[Route("/more", nothing)]).routes
        if isinstance(r, Route)
    ]
    assert {"/more", "/sparql", "/void", "/.well-known/void", "/api/recommend"} <= set(paths)
    assert paths.index("/sparql") < paths.index("/more")


def test_a_missing_dataset_is_said(tmp_path: Path) -> None:
    """A pool does not open without the compiled dataset, and says how to make it."""
    with pytest.raises(StaleDatasetError, match="rallo build"):
        asyncio.run(Pool(Limits(), path=tmp_path / "dataset.nq").open())


def test_a_pool_that_cannot_start_says_so(tmp_path: Path) -> None:
    """A dataset that is none ends the start, and leaves no worker behind."""
    broken = tmp_path / DATASET_FILE.name
    broken.write_text("no quads", encoding="utf-8")
    with pytest.raises(PoolError, match="did not start"):
        asyncio.run(Pool(Limits(workers=2), path=broken).open())


def test_a_port_that_is_taken_is_said() -> None:
    """Serving where somebody serves is refused with the address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PoolError, match=f"127.0.0.1:{port}"):
            serve("127.0.0.1", port)
