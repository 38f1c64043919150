"""The parts of the endpoint that need no server to be looked at."""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import fields, replace
from multiprocessing import forkserver
from pathlib import Path

import pytest
from starlette.routing import Route
from typer.testing import CliRunner

from queries.cli import app
from queries.dataset import DATASET_FILE, StaleDatasetError
from queries.endpoint.app import create_app, serve
from queries.endpoint.connection import SMALL, Gathering
from queries.endpoint.limits import LimitError, Limits, read_limits
from queries.endpoint.pool import MEMORY_AT_HAND, Pool, PoolError, Reply, start_forkserver
from queries.endpoint.service import Kept

LIMITS = [field.name for field in fields(Limits)]
README = Path(__file__).parents[2] / "README.md"


def test_limits_are_those_documented() -> None:
    """README lists every limit with its default, and no other."""
    _, _, rest = README.read_text(encoding="utf-8").partition("| limit | default |")
    rows = [line.split("|") for line in rest.partition("\n\n")[0].splitlines()[2:]]
    stated = {row[1].strip(" `"): row[2].strip() for row in rows}
    assert list(stated) == LIMITS
    limits = Limits()
    assert stated.pop("workers") == "the cores, at least 2" and limits.workers >= 2
    assert {name: float(value) for name, value in stated.items()} == {
        name: getattr(limits, name) for name in stated
    }


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("value", [0, -1, float("inf"), float("nan")])
def test_every_limit_is_above_zero(name: str, value: float) -> None:
    """A limit of nothing, of less, or without end is refused by name."""
    with pytest.raises(LimitError, match=name):
        Limits(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", LIMITS)
def test_every_limit_can_be_written(name: str) -> None:
    """A written limit is set, and the others keep their defaults."""
    assert read_limits([f"{name}=7"]) == replace(Limits(), **{name: 7})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["second=3"], r"second: no such limit; there are seconds, .*send_seconds"),
        (["seconds"], r"seconds: '' is not a number"),
        (["workers=2.5"], r"workers: '2\.5' is not a whole number"),
        (["seconds=1", "seconds=2"], "seconds: given twice"),
        (["queue=-1"], "queue: must be a number above 0"),
        (["seconds=nan"], "seconds: must be a number above 0"),
    ],
)
def test_a_wrong_limit_is_explained(given: list[str], message: str) -> None:
    """The message names the limit, the value and what is allowed."""
    with pytest.raises(LimitError, match=message):
        read_limits(given)


def test_serving_refuses_a_wrong_limit() -> None:
    """The command ends with status 2 and the reason before it listens."""
    ended = CliRunner().invoke(app, ["serve", "--limit", "workers=many"])
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr == "rallo: --limit workers: 'many' is not a whole number\n"


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


@pytest.mark.parametrize("given", [None, "glibc.malloc.arena_max=1"])
def test_the_environment_is_left_as_it_was(
    given: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the workers are told is told to nobody else, and adds to what the user told."""
    name, value = MEMORY_AT_HAND
    seen: list[str] = []
    monkeypatch.setattr(forkserver, "ensure_running", lambda: seen.append(os.environ[name]))
    if given is None:
        monkeypatch.delenv(name, raising=False)
    else:
        monkeypatch.setenv(name, given)
    start_forkserver()
    assert seen == [f"{value}:{given}" if given else value]
    assert os.environ.get(name) == given


class Sent(asyncio.Transport):
    """A transport that notes what it is told to send."""

    def __init__(self) -> None:
        """Note nothing yet."""
        super().__init__()
        self.parts: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Note some bytes; a transport that is closed takes none."""
        assert not self.closed
        self.parts.append(bytes(data))

    def close(self) -> None:
        """Hang up."""
        self.closed = True

    def is_closing(self) -> bool:
        """Tell whether it hung up."""
        return self.closed


LONG = bytes(SMALL + 1)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ([b"head", b"body"], [b"headbody"]),
        ([b"head", b""], [b"head"]),
        ([b"head", LONG, LONG], [b"head" + LONG, LONG]),
        ([LONG, b"rest"], [LONG, b"rest"]),
        ([b"1", b"2", b"3", b"4"], [b"12", b"34"]),
        ([b"1", b"2", b"3"], [b"12", b"3"]),
    ],
)
@pytest.mark.parametrize("closing", [False, True])
def test_small_pieces_go_together(written: list[bytes], sent: list[bytes], closing: bool) -> None:
    """A head goes with its body, nothing stays behind, and what is long does not wait."""

    async def write() -> Sent:
        there = Sent()
        gathering = Gathering(there, asyncio.get_running_loop())
        for part in written:
            gathering.write(part)
        if closing:
            gathering.close()
        await asyncio.sleep(0)
        return there

    there = asyncio.run(write())
    assert (there.parts, there.closed) == (sent, closing)


def test_nothing_is_sent_to_a_client_that_left() -> None:
    """What waits when a connection is lost is dropped without an error."""

    async def write() -> Sent:
        there = Sent()
        Gathering(there, asyncio.get_running_loop()).write(b"head")
        there.close()
        await asyncio.sleep(0)
        return there

    assert not asyncio.run(write()).parts
