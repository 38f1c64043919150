"""Prove that a push is all or nothing, whatever dies or fails on the way."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from foreign_servers import KINDS, Foreign, administrator, running
from halfway import DROP, LOSE, REFUSE, Halfway, Sent, halfway
from pyoxigraph import NamedNode
from small_datasets import NEW, OLD, left_over, standing, write_dataset

from queries.dataset import GRAPH
from queries.engines import EngineError, Remote, Rows
from queries.marker import DEFAULT, MARKER, VERSION, read_marker
from queries.push import PushError, push
from queries.server import Server
from queries.transport import PASSWORD, USER

FAILS = b" ;\nLOAD <http://127.0.0.1:9/nothing> ;\n"
PUSH = """
import sys
from pathlib import Path
from queries.push import push
push(sys.argv[1], dataset=Path(sys.argv[2]))
"""


class Bench:
    """A server that holds the old dataset, something between, and both datasets as files."""

    def __init__(self, server: Foreign, between: Halfway, folder: Path) -> None:
        """Let each dataset stand once, to know how it looks."""
        self.server, self.between = server, between
        self.files = {
            "old": write_dataset(folder / "old.nq", "0" * 64, OLD),
            "new": write_dataset(folder / "new.nq", "1" * 64, NEW),
        }
        self.states: dict[str, dict[str, object]] = {}
        for name in ("new", "old"):
            self.push(name)
            self.states[name] = standing(server)
        self.sent: list[Sent] = []
        self.between.follow(self.sent.append)
        self.push_new()
        # A server that asks for a user hears the swap twice, and carries out the last.
        self.swap = [one for one in self.sent if one.exchanges][-1]
        self.push("old")

    def push(self, name: str) -> None:
        """Push one of the datasets without hindrance."""
        push(self.server.url, dataset=self.files[name])

    def push_new(self) -> None:
        """Push the new dataset through what stands between."""
        push(self.between.url(self.path), dataset=self.files["new"])

    @property
    def path(self) -> str:
        """Return where the server answers queries."""
        return "/" + self.server.url.rpartition("/")[2]

    def stands(self) -> str:
        """Tell which dataset stands whole, after `mixed` what differs from the old one."""
        now = standing(self.server)
        for name, state in self.states.items():
            if now == state:
                return name
        old = self.states["old"]
        return f"mixed: { {k: now[k] for k in now if now[k] != old[k]} }"


@pytest.fixture(scope="module", params=KINDS)
def bench(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bench]:
    """Start a server of each kind with the old dataset."""
    folder = tmp_path_factory.mktemp("push")
    with (
        administrator(),
        running(request.param, folder / "server") as server,
        halfway(server.port) as between,
    ):
        yield Bench(server, between, folder)


@pytest.fixture
def old(bench: Bench) -> Bench:
    """Have the old dataset stand, and nothing in the way."""
    bench.between.follow(lambda sent: None)
    if bench.server.process is None:
        bench.server.start()
    if bench.stands() != "old":
        bench.push("old")
    assert bench.stands() == "old"
    return bench


def test_a_push_exchanges_the_whole_dataset(old: Bench) -> None:
    """The new graphs are there, the graph that went is gone, and nothing is left of the way."""
    assert push(old.server.url, dataset=old.files["new"]) == (5, 7)
    assert old.stands() == "new"
    assert left_over(old.server) == []
    marker = read_marker(old.server.url)
    assert marker and marker.checksum == "1" * 64 and set(marker.parts) == set(NEW)


def test_a_server_of_another_kind_is_given_by_its_addresses(old: Bench) -> None:
    """A server that does not say what it is takes a push once store and update are named."""
    known = Server.at(old.server.url)
    paths = [urlsplit(url).path for url in (known.query_url, known.store_url, known.update_url)]
    query, store, update = map(old.between.url, paths)
    old.between.anonymous = True
    try:
        with pytest.raises(EngineError, match="give --store-url and --update-url"):
            push(query, dataset=old.files["new"])
        push(query, store_url=store, update_url=update, dataset=old.files["new"])
    finally:
        old.between.anonymous = False
    assert old.stands() == "new"


def test_the_root_of_a_server_is_enough(old: Bench) -> None:
    """Where queries go is found by asking."""
    push(f"http://127.0.0.1:{old.server.port}", dataset=old.files["new"])
    assert old.stands() == "new"


def test_a_server_that_asks_for_a_user_is_not_written_to_without(
    old: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without or with the wrong password nothing changes, and the error names the variables."""
    if old.server.kind == "oxigraph":
        return  # it asks nobody
    monkeypatch.delenv(USER)
    with pytest.raises(EngineError, match=f"{USER}.* untouched"):
        old.push("new")
    monkeypatch.setenv(USER, "dba")
    monkeypatch.setenv(PASSWORD, "wrong")
    with pytest.raises(EngineError, match=r"not accepted.* untouched"):
        old.push("new")
    monkeypatch.setenv(PASSWORD, "dba")
    assert old.stands() == "old"


def test_what_others_keep_on_the_server_is_not_touched(old: Bench) -> None:
    """A graph of another name stays, and so does the own default graph once others fill it."""
    server = Server.at(old.server.url)
    server.put("https://example.org/other", ["<a:other> <a:p> <a:x> ."])
    if old.server.kind == "oxigraph":
        server.update("INSERT DATA { <a:other> <a:p> <a:y> }")
    before = server.count()
    old.push("new")
    assert server.count("https://example.org/other") == 1
    if old.server.kind == "oxigraph":
        assert server.count() == before
        server.update("DROP DEFAULT")
    server.update("DROP SILENT GRAPH <https://example.org/other>")


def test_a_server_that_fails_at_any_request_keeps_the_old_dataset(old: Bench) -> None:
    """Each request in turn is refused, or its line cut; what the error says to stand does."""
    sent, swap = old.sent, old.swap
    step = 3 if old.server.kind == "oxigraph" else 9  # the slower, the fewer points
    points = sorted({*range(0, len(sent), step), swap.number})
    for mode in (REFUSE, DROP):
        for point in points:
            old.between.follow(lambda s, p=point, m=mode: m if s.number == p else None)  # type: ignore[misc]
            try:
                old.push_new()
            except EngineError as error:
                assert "\n" not in str(error) and "a:case" not in str(error)
                assert old.stands() == "old", (mode, point, sent[point].path)
                assert point <= swap.number
                if point > 3:
                    assert isinstance(error, PushError)
                    assert (
                        "untouched" in str(error)
                        or "put back" in str(error)
                        or (mode == DROP and "whole" in str(error))
                    )
            else:
                assert old.stands() == "new", (mode, point, sent[point].path)
                old.push("old")
    old.between.follow(lambda s: None)
    old.push_new()
    assert left_over(old.server) == []


def test_a_swap_that_fails_half_way_is_undone(old: Bench) -> None:
    """After each of its steps the server fails: the old dataset stands, and the error says so."""
    steps = old.swap.body.split(b" ;\n")
    for place in range(1, len(steps), 1 if old.server.kind == "oxigraph" else 4):

        def plan(sent: Sent, count: int = place) -> bytes | None:
            parts = sent.body.split(b" ;\n")
            if not sent.exchanges:
                return None
            return b" ;\n".join(parts[:count]) + FAILS + b" ;\n".join(parts[count:])

        old.between.follow(plan)
        with pytest.raises(PushError, match=r"untouched|put back"):
            old.push_new()
        assert old.stands() == "old", place
        assert left_over(old.server) == []


def test_a_swap_that_can_not_be_undone_is_told_and_mended(old: Bench) -> None:
    """Where putting back fails too, questions find one dataset; the next push mends the rest."""
    seen = []

    def plan(sent: Sent) -> bytes | str | None:
        if sent.exchanges:
            seen.append(sent)
            first, *rest = sent.body.split(b" ;\n")
            return b" ;\n".join([first, *rest[:3]]) + FAILS + b" ;\n".join(rest[3:])
        return REFUSE if seen and sent.method == "POST" and b"COPY" in sent.body else None

    old.between.follow(plan)
    with pytest.raises(PushError) as told:
        old.push_new()
    if old.server.kind == "oxigraph":
        assert "untouched" in str(told.value) and old.stands() == "old"
        return
    assert "questions find the old dataset or the new" in str(told.value)
    now = standing(old.server)
    assert now["questions"] in (old.states["old"]["questions"], old.states["new"]["questions"])
    assert now["checksum"] == ""
    old.push("new")
    assert old.stands() == "new" and left_over(old.server) == []


def test_an_answer_lost_on_the_way_back_is_no_failure(old: Bench) -> None:
    """The server has exchanged the graphs, and only its answer is lost: the push finds that out."""
    swap = old.swap.number
    old.between.follow(lambda sent: LOSE if sent.number == swap else None)
    old.push_new()
    assert old.stands() == "new"


def test_a_marker_that_points_twice_is_mended(old: Bench) -> None:
    """An exchange cut off between two pointers leaves both; the next push leaves one."""
    server = Server.at(old.server.url)
    server.put(f"{DEFAULT}/0", ["<a:half> <a:p> <a:x> ."])
    server.update(f"INSERT DATA {{ GRAPH <{MARKER}> {{ <{GRAPH}> {VERSION} <{DEFAULT}/0> }} }}")
    old.push("new")
    assert old.stands() == "new"
    marker = read_marker(old.server.url)
    assert marker and len([t for t in marker.written if VERSION in t]) == 1
    old.push("old")
    old.push("new")
    assert server.count(f"{DEFAULT}/0") == 0


def test_who_asks_during_a_push_finds_the_old_or_the_new(old: Bench) -> None:
    """While datasets are exchanged, every answer to a question is of one of the two."""
    over = threading.Event()
    seen: list[Rows] = []

    def ask() -> None:
        reader = Remote(old.server.url)
        while not over.is_set():
            seen.append(reader.select("SELECT ?o WHERE { ?s <a:p> ?o } ORDER BY STR(?o)"))

    whole = []
    for name in ("new", "old"):
        old.push(name)
        whole.append(_named(Remote(old.server.url).select("SELECT ?o WHERE { ?s <a:p> ?o }")))
    asking = threading.Thread(target=ask)
    asking.start()
    for name in ("new", "old", "new"):
        old.push(name)
    over.set()
    asking.join()
    answers = [_named(rows) for rows in seen]
    assert len(answers) > 10
    assert all(answer in whole for answer in answers)
    assert whole[0] in answers and whole[1] in answers


def _named(found: Rows) -> list[str]:
    return sorted(row[0].value for row in found.rows if isinstance(row[0], NamedNode))


def _kill_client(bench: Bench, point: int, forward: bool) -> None:
    """Push from a process of its own, and kill that when a request of it arrives."""
    process: subprocess.Popen[bytes]

    def plan(sent: Sent) -> str | None:
        if sent.number != point:
            return None
        process.kill()
        return None if forward else DROP

    bench.between.follow(plan)
    command = [sys.executable, "-c", PUSH, bench.between.url(bench.path), str(bench.files["new"])]
    process = subprocess.Popen(command)
    assert process.wait() == -9


def test_a_push_that_is_killed_leaves_the_old_or_the_new(old: Bench) -> None:
    """Kill -9 while staging, before, during and after the swap; the next push clears up."""
    swap = old.swap.number
    for point, forward, stands in [
        (swap // 2, True, "old"),
        (swap - 1, True, "old"),
        (swap, False, "old"),
        (swap, True, "new"),
        (swap + 1, False, "new"),
    ]:
        _kill_client(old, point, forward)
        while old.stands().startswith("mixed"):  # the server finishes what it has taken on
            assert forward
        if stands == "new":
            _until(old, "new")
        assert old.stands() == stands, (point, forward)
        old.push("old")
        assert left_over(old.server) == []


def _until(bench: Bench, name: str) -> None:
    for _ in range(200):
        if bench.stands() == name:
            return


@pytest.mark.parametrize("moment", ["staging", "swap", "swapped"])
def test_a_server_that_is_killed_opens_with_the_old_or_the_new(old: Bench, moment: str) -> None:
    """Kill -9 of the server while it stages, as it swaps, and right after; then it is reopened."""
    swap = old.swap.number
    point = {"staging": swap // 2, "swap": swap, "swapped": swap + 1}[moment]

    def strike() -> None:
        for _ in range(20 if moment == "swap" else 0):  # until the exchange has begun
            marker = read_marker(old.server.url)
            if not marker or marker.checksum != "0" * 64:
                break
        old.server.kill()

    old.between.follow(lambda sent: strike if sent.number == point else None)
    try:
        old.push_new()
    except EngineError as error:
        assert "\n" not in str(error)
    old.server.start()
    if moment == "swap":
        now = standing(old.server)
        assert now["questions"] in [state["questions"] for state in old.states.values()]
        # A server without transactions may be caught between two graphs, and then it says so.
        assert old.stands() in ("old", "new") or (
            old.server.kind == "virtuoso" and not now["checksum"]
        )
    else:
        assert old.stands() == ("new" if moment == "swapped" else "old")
    old.push("new")
    assert old.stands() == "new" and left_over(old.server) == []
