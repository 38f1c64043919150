"""How many answers a second the endpoint gives, beside other servers over the same graph.

    python tests/benchmarks/endpoint_throughput.py [--seconds 0.25] [--clients 4]

Asks every question of the catalogue in turn of `rallo serve`, once so that no answer kept will do
and once as it is, of its routes for questions, of `oxigraph serve`, and of `rdflib-endpoint`, and
prints the ratios for the median question. Each answers from memory what the default graph holds.
The last two are optional packages, named `oxigraph` and `rdflib-endpoint[cli]`. Nothing is
asserted, and pytest does not collect it.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from threading import Lock
from urllib.request import Request, urlopen

from pyoxigraph import DefaultGraph, RdfFormat

from queries.catalogue import Question, load_catalogue
from queries.dataset import open_dataset

OURS = "from queries.endpoint.app import serve; serve(port={port})"
WAIT = 60
ANEW, KEPT, ROUTE = "rallo serve, anew", "rallo serve, kept", "rallo serve, route"
OURS_ALL = (ANEW, KEPT, ROUTE)
PATHS = {ANEW: "/sparql", KEPT: "/sparql", "oxigraph serve": "/query", "rdflib-endpoint": "/"}


class Client:
    """One connection that is kept, and costs the machine as little as it can."""

    def __init__(self, port: int) -> None:
        """Connect."""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=WAIT)
        self.rest = b""

    def ask(self, request: bytes) -> int:
        """Send a request and read its whole response; return its status."""
        self.socket.sendall(request)
        head = self._until(b"\r\n\r\n").lower()
        if b"transfer-encoding: chunked" in head:
            while size := int(self._until(b"\r\n"), 16):
                self._take(size + 2)
            self._take(2)
        else:
            self._take(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
        return int(head.split()[1])

    def _until(self, mark: bytes) -> bytes:
        while mark not in self.rest:
            self._receive()
        found, _, self.rest = self.rest.partition(mark)
        return found

    def _take(self, size: int) -> None:
        while len(self.rest) < size:
            self._receive()
        self.rest = self.rest[size:]

    def _receive(self) -> None:
        part = self.socket.recv(262_144)
        if not part:
            raise ConnectionError("the server hung up")
        self.rest += part


def post(path: str, text: str) -> bytes:
    """Write a query by POST."""
    body = text.encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\n"
        f"Accept: application/sparql-results+json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get(path: str) -> bytes:
    """Write a request for a path."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def requests_for(server: str, question: Question) -> Iterator[bytes]:
    """Write how a server is asked a question, again and again."""
    if server == ROUTE:
        request = get(f"/api/questions/{question.name}")
    else:
        request = post(PATHS[server], question.fill())
    while server != ANEW:
        yield request
    for number in count():
        yield post(PATHS[server], f"{question.fill()}\n# {number}")


def rate(port: int, requests: Iterator[bytes], seconds: float, clients: int) -> float:
    """Count the answers a second that some clients get, each asking again at once."""
    Client(port).ask(next(requests))
    end, one_by_one = time.perf_counter() + seconds, Lock()

    def ask_on(_: int) -> int:
        client, times = Client(port), 0
        while time.perf_counter() < end or not times:
            with one_by_one:
                request = next(requests)
            status = client.ask(request)
            if status != 200:
                raise RuntimeError(f"status {status}")
            times += 1
        return times

    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        answers = sum(pool.map(ask_on, range(clients)))
    return answers / (time.perf_counter() - start)


def free_port() -> int:
    """Find a port that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def running(command: list[str], port: int) -> Iterator[int]:
    """Run a server until it is no longer needed."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + WAIT
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"did not start: {command[0]}") from None
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(WAIT)


def start_all(stack: ExitStack, triples: Path) -> dict[str, int]:
    """Start every server there is; return their ports."""
    port = free_port()
    ours = stack.enter_context(running([sys.executable, "-c", OURS.format(port=port)], port))
    ports = dict.fromkeys(OURS_ALL, ours)
    scripts = str(Path(sys.executable).parent)
    if command := shutil.which("oxigraph", path=scripts) or shutil.which("oxigraph"):
        port = free_port()
        stack.enter_context(running([command, "serve", "--bind", f"127.0.0.1:{port}"], port))
        ports["oxigraph serve"] = port
        kind = {"Content-Type": "application/n-triples"}
        url = f"http://127.0.0.1:{port}/store?default"
        with urlopen(Request(url, triples.read_bytes(), kind, method="POST")) as response:
            assert response.status in (200, 201, 204)
    else:
        print("oxigraph is not there; to compare with it: pip install oxigraph")
    name = "rdflib-endpoint"
    if command := shutil.which(name, path=scripts) or shutil.which(name):
        port = free_port()
        options = ["serve", "--host", "127.0.0.1", "--port", str(port), str(triples)]
        ports[name] = stack.enter_context(running([command, *options], port))
    else:
        print(f'{name} is not there; to compare with it: pip install "{name}[cli]"')
    return ports


def main() -> None:
    """Measure in turn, so that a noisy minute hits all alike, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=0.25)
    parser.add_argument("--clients", type=int, default=4)
    options = parser.parse_args()
    rates: dict[str, list[float]] = {}
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        triples = Path(folder) / "default.nt"
        store = open_dataset(named=False)
        store.dump(triples, RdfFormat.N_TRIPLES, from_graph=DefaultGraph())
        ports = start_all(stack, triples)
        for question in load_catalogue().values():
            for server, port in ports.items():
                requests = requests_for(server, question)
                answers = rate(port, requests, options.seconds, options.clients)
                rates.setdefault(server, []).append(answers)
    asked = len(rates[ANEW])
    print(f"{asked} questions, {options.clients} clients; answers a second, median question")
    for server, found in rates.items():
        print(f"{server:20} {statistics.median(found):9.1f}")
    for server in rates.keys() - set(OURS_ALL):
        for ours in OURS_ALL:
            ratios = [a / b for a, b in zip(rates[ours], rates[server], strict=True)]
            print(f"{ours:20} {statistics.median(ratios):9.2f} x {server}")


if __name__ == "__main__":
    main()
