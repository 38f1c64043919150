"""Many clients, clients that leave, workers that die, and the end of the endpoint."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier

import pytest
from endpoint_server import DIRECT, PATIENCE, Answer, Server, is_running

from queries.endpoint.pool import MEMORY_AT_HAND

CLIENTS = 200
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
ROWS = "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 500"


@pytest.fixture
def patient() -> Iterator[Server]:
    """Serve under a limit so long that only the test itself ends a query."""
    running = Server(seconds=60, workers=2, queue=4)
    yield running
    running.close()


def test_two_hundred_clients_at_once(whole: Server) -> None:
    """Each of 200 clients gets its whole answer, or 503 with Retry-After; memory is bounded."""
    before, start = whole.memory(), Barrier(CLIENTS)

    def ask(number: int) -> Answer:
        start.wait()
        return whole.query(RUNAWAY if number % 50 == 0 else f"{ROWS}  # {number}")

    with ThreadPoolExecutor(CLIENTS) as clients:
        found = list(clients.map(ask, range(CLIENTS)))
    statuses = Counter(answer.status for answer in found)
    assert set(statuses) <= {200, 503, 504}, statuses
    assert statuses[200] and statuses[503] and statuses[504] <= CLIENTS // 50
    for answer in found:
        if answer.status == 200:
            assert len(answer.json["results"]["bindings"]) == 500
        if answer.status == 503:
            assert int(answer.headers["retry-after"]) > 0
    assert whole.memory() < before + 200_000_000
    assert whole.query("ASK {}", timeout=1).status == 200


def test_a_short_answer_is_one_packet(server: Server) -> None:
    """Whoever reads once has the whole of a short answer, so nobody waits for a second part."""
    with socket.create_connection((server.host, server.port), PATIENCE) as client:
        for _ in range(20):
            client.sendall(b"GET /sparql?query=ASK%20{} HTTP/1.1\r\nHost: localhost\r\n\r\n")
            head, _, body = client.recv(65_536).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200") and json.loads(body)["boolean"] is True


def test_workers_keep_memory_at_hand(server: Server) -> None:
    """What makes the engine faster is told to each process that answers, when it starts."""
    server.until_whole()
    for pid in server.workers():
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        assert "=".join(MEMORY_AT_HAND).encode() in environment


def test_those_who_wait_are_answered(server: Server) -> None:
    """As many clients as workers and queue hold are all answered, none is sent away."""
    server.until_whole()
    with ThreadPoolExecutor(16) as clients:
        found = list(clients.map(lambda n: server.query(f"{ROWS} # {n}"), range(64)))
    assert {answer.status for answer in found} == {200}
    assert len({answer.body for answer in found}) <= 2  # blank nodes are named by each worker


def test_a_worker_killed_in_mid_answer(patient: Server) -> None:
    """Killing workers at work is a 503 for their clients; others are answered, the pool refills."""
    patient.until_whole()
    old = patient.workers()
    assert len(old) == 2
    with ThreadPoolExecutor(2) as clients:
        asked = [clients.submit(patient.query, RUNAWAY) for _ in range(2)]
        patient.until_busy(2)
        for pid in old:
            os.kill(pid, signal.SIGKILL)
        found = [client.result() for client in asked]
    assert [answer.status for answer in found] == [503, 503]
    assert patient.query("ASK {}").json["boolean"] is True
    patient.until_whole()
    assert len(patient.workers()) == 2 and not set(patient.workers()) & set(old)


def test_a_worker_killed_while_idle(patient: Server) -> None:
    """Nobody notices an idle worker that was killed: it is replaced, and no query fails."""
    patient.until_whole()
    for pid in patient.workers():
        os.kill(pid, signal.SIGKILL)
        patient.until(lambda s: s["workers"]["ready"] < 2)
        assert patient.query("ASK {}").status == 200
        patient.until_whole()


def test_the_queue_is_bounded(patient: Server) -> None:
    """When workers and queue are full the next query is sent away; other routes still answer."""
    asked = ask_and_go_on(patient, 6)
    patient.until(lambda s: s["queue"]["waiting"] == 4 == s["queue"]["limit"])
    found = patient.query("ASK {}")
    assert found.status == 503 and found.headers["retry-after"]
    assert patient.get("/api/openapi.json").status == 200
    assert patient.get("/void").status == 200
    for connection in asked:
        connection.close()


def ask_and_go_on(server: Server, times: int) -> list[HTTPConnection]:
    """Ask for what never ends, on as many connections, and do not wait."""
    connections = [HTTPConnection(server.host, server.port) for _ in range(times)]
    for connection in connections:
        connection.request("POST", "/sparql", RUNAWAY, {"Content-Type": DIRECT})
    return connections


def test_a_client_that_leaves_frees_its_worker(patient: Server) -> None:
    """A query whose client has hung up is stopped, whether it runs or waits."""
    left = ask_and_go_on(patient, 6)
    patient.until(lambda s: s["queue"]["waiting"] == 4)
    for connection in left:
        connection.close()
    patient.until(lambda s: s["queue"]["waiting"] == 0 and s["workers"]["busy"] == 0)
    assert patient.query("ASK {}").json["boolean"] is True
    patient.close()
    assert sum('"status": 499' in line for line in patient.lines) == 6


@pytest.fixture(scope="module")
def impatient() -> Iterator[Server]:
    """Serve clients that must be quick."""
    running = Server(send_seconds=0.5, workers=2, held_bytes=1_000_000)
    yield running
    running.close()


def connect(server: Server) -> socket.socket:
    return socket.create_connection((server.host, server.port), timeout=PATIENCE)


@pytest.mark.parametrize("start", [b"", b"GET /health HTTP/1.1\r\nHost: x\r\n"])
def test_a_head_that_does_not_end_is_given_up(impatient: Server, start: bytes) -> None:
    """Who sends no head in time, or half a head, is hung up on, also after a request."""
    whole = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    for before in (b"", whole):
        with connect(impatient) as slow:
            slow.sendall(before)
            if before:
                assert slow.recv(10_000).startswith(b"HTTP/1.1 200 ")
            slow.sendall(start)
            with suppress(ConnectionResetError):
                while slow.recv(10_000):
                    pass
    assert impatient.get("/health").status == 200


def test_a_head_that_is_too_long_is_refused(impatient: Server) -> None:
    """A head is refused at its limit, whether it comes in one piece or in many."""
    for number, part in ((1, b"x" * 1_000_000), (1_000, b"x" * 1_000)):
        with connect(impatient) as endless:
            endless.sendall(b"GET /health HTTP/1.1\r\nX-Endless: ")
            with suppress(OSError):
                for _ in range(number):
                    endless.sendall(part)
            with suppress(ConnectionResetError):
                assert endless.recv(1_000).startswith(b"HTTP/1.1 400 ")
    assert impatient.get("/health", "a" * 50_000).status == 200


def test_a_client_that_takes_nothing_is_given_up(impatient: Server) -> None:
    """While long answers wait for a slow client others are sent away; then it is hung up on."""
    impatient.until_whole()
    query = b"SELECT ?a ?b { ?a ?p ?c . ?b ?p ?d } LIMIT 100000"
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.settimeout(PATIENCE)
        slow.connect((impatient.host, impatient.port))
        head = f"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: {len(query)}\r\n"
        slow.sendall(head.encode() + b"Content-Type: application/sparql-query\r\n\r\n" + query)
        asked = (impatient.query(f"ASK {{}} # {number}").status for number in range(20_000))
        assert next(status for status in asked if status != 200) == 503
        assert next(status for status in asked if status != 503) == 200


def test_a_client_that_sends_nothing_more_is_given_up(impatient: Server) -> None:
    """A body that does not come in time is refused with 408."""
    with connect(impatient) as slow:
        slow.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
            b"Content-Type: application/sparql-query\r\n\r\nASK"
        )
        assert slow.recv(1000).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_gracefully(with_signal: int) -> None:
    """Told to stop, it refuses new clients, ends what runs within its limit, and leaves nothing."""
    server = Server(seconds=1, workers=2)
    workers = server.workers()
    assert list(server.folder.glob("rallo-*"))
    with ThreadPoolExecutor(1) as clients:
        asked = clients.submit(server.query, RUNAWAY)
        server.until_busy()
        server.process.send_signal(with_signal)
        assert asked.result().status == 504
    assert server.wait() == 0
    assert not any(map(is_running, workers))
    assert not list(server.folder.iterdir())
    with pytest.raises(ConnectionRefusedError):
        server.query("ASK {}")
    assert all(json.loads(line) for line in server.lines)
    server.close()


def test_no_worker_outlives_a_killed_server() -> None:
    """Killed at once, the server leaves no worker behind, not even one in a runaway query."""
    server = Server(seconds=0.5, workers=2)
    workers = server.workers()
    try:
        (connection,) = ask_and_go_on(server, 1)
        with closing(connection):
            server.until_busy()
            watched = [os.pidfd_open(pid) for pid in workers]
            assert server.stop(signal.SIGKILL) == -signal.SIGKILL
        for process in watched:
            assert select.select([process], [], [], PATIENCE)[0]
            os.close(process)
    finally:
        server.close()
