"""No query harms the endpoint: each ends within its limit, and others are served at once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

import pytest
from endpoint_server import DIRECT, FORM, RESULT_BYTES, SECONDS, Server
from hypothesis import example, given, settings
from hypothesis import strategies as st

from queries.catalogue import load_catalogue
from queries.dataset import CASES, FACTS, GRAPH
from queries.endpoint.limits import Limits
from queries.endpoint.pool import Pool
from queries.endpoint.refusals import Refusal
from queries.endpoint.scan import examine, is_plain
from queries.endpoint.wire import Job

MARGIN = 2  # seconds for a machine under load
GRAPHS = {FACTS, CASES}
CARTESIAN = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
STEPS = "/".join(f"<http://example.org/p{n}>" for n in range(800))
# The query, and the statuses with which it may end.
HOSTILE = {
    "cartesian product, counted": (f"SELECT (COUNT(*) AS ?n) {{ {CARTESIAN} }}", {504}),
    "cartesian product, streamed": (f"SELECT * {{ {CARTESIAN} }}", {413}),
    "cartesian product, streamed as a graph": (
        "CONSTRUCT { ?a ?e ?i } { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
        {413, 504},
    ),
    "giant sort": (f"SELECT * {{ {CARTESIAN} }} ORDER BY ?c ?f ?i", {503, 504}),
    "giant text": (
        f"SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?d), STR(?g))) AS ?t) {{ {CARTESIAN} }}",
        {413, 503, 504},
    ),
    "giant set": (f"SELECT DISTINCT ?a ?d ?g {{ {CARTESIAN} }} ORDER BY ?a", {503, 504}),
    "endless path": ("SELECT (COUNT(*) AS ?n) { ?a (!<x:>|^!<x:>)* ?b . ?c (!<x:>)+ ?d }", {504}),
    "path of 800 steps": (f"SELECT * {{ ?a {STEPS} ?b }}", {504}),
    "5,000 nested groups": ("SELECT * " + "{" * 5_000 + "}" * 5_000, {400}),
    "20,000 parentheses": (f"ASK {{ FILTER {'(' * 20_000}1{')' * 20_000} }}", {400}),
    "20,000 parentheses after an open text": ("ASK { FILTER '''" + "(" * 20_000, {400}),
    "deep negation": (f"ASK {{ FILTER ({'!' * 30_000}true) }}", {400, 503}),
    "deep sign": (f"ASK {{ FILTER ({'- ' * 30_000}1 = 1) }}", {200, 400, 503}),
    "a quote, 60,000 times": ('"' * 60_000, {400}),
    "an escaped quote, 30,000 times": ('"' + '\\"' * 30_000, {400}),
    "a name without end": ("a." * 30_000, {400}),
    "LOAD": ("LOAD <file:///etc/hostname>", {403}),
    "LOAD over HTTP": ("LOAD <http://127.0.0.1:{port}/>", {403}),
    "DROP": ("DROP ALL", {403}),
    "DROP behind a prefix": ("# now\nPREFIX a: <x:a> BASE <x:b> DROP SILENT ALL", {403}),
    "INSERT": ("INSERT DATA { <x:a> <x:b> <x:c> }", {403}),
    "DELETE": ("WITH <x:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", {403}),
    "query, then update": ("ASK {} ; DROP ALL", {400}),
    "two queries": ("ASK {} ASK {}", {400}),
    "FROM a file": ("SELECT * FROM <file:///etc/hostname> { ?s ?p ?o }", {400}),
    "FROM the network": ("SELECT * FROM <http://127.0.0.1:{port}/> { ?s ?p ?o }", {400}),
}
SERVICES = {
    "plain": "SELECT * { SERVICE <{u}> { ?s ?p ?o } }",
    "silent": "SELECT * { SERVICE SILENT <{u}> { ?s ?p ?o } }",
    "small letters": "SELECT * { service <{u}> { ?s ?p ?o } }",
    "over lines": "SELECT * { SERVICE # a remark\n <{u}> { ?s ?p ?o } }",
    "by prefix": "PREFIX x: <{u}> SELECT * { SERVICE x: { ?s ?p ?o } }",
    "by variable": "SELECT * { VALUES ?u { <{u}> } SERVICE ?u { ?s ?p ?o } }",
    "inside EXISTS": "ASK { FILTER EXISTS { SERVICE <{u}> { ?s ?p ?o } } }",
    "inside a subquery": "SELECT * { { SELECT * { SERVICE <{u}> { ?s ?p ?o } } } }",
    "behind a number": "SELECT * { ?s ?p 1e1SERVICE <{u}> { ?a ?b ?c } }",
    "behind a name": "PREFIX x: <{s}> SELECT * { ?s a x:.SERVICE <{u}> { ?a ?b ?c } }",
    "behind an escaped hash": "PREFIX x: <x:> SELECT * { ?s ?p x:a\\# SERVICE <{u}> { ?a ?b ?c } }",
    "as an escape": "SELECT * { \\u0053ERVICE <{u}> { ?s ?p ?o } }",
}


class Recorder(ThreadingTCPServer):
    """Counts who calls."""

    daemon_threads = True
    hits = 0


class Caller(BaseRequestHandler):
    """One call."""

    def handle(self) -> None:
        """Count it and say nothing."""
        Recorder.hits += 1


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    """Listen on loopback, where a query might try to reach."""
    with Recorder(("127.0.0.1", 0), Caller) as listening:
        thread = Thread(target=listening.serve_forever)
        thread.start()
        yield listening
        listening.shutdown()
        thread.join()


def port_of(recorder: Recorder) -> int:
    return int(recorder.server_address[1])


@pytest.mark.parametrize(("text", "statuses"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_query_is_refused_within_its_limit(
    whole: Server, recorder: Recorder, text: str, statuses: set[int]
) -> None:
    """Each ends with a status that says why; meanwhile and afterwards others are answered."""
    start = time.monotonic()
    found = whole.query(text.replace("{port}", str(port_of(recorder))), "*/*")
    taken = time.monotonic() - start
    assert found.status in statuses, found.text[:500]
    assert taken < SECONDS + MARGIN
    if found.status != 200:
        assert found.media == "application/problem+json" and found.json["detail"]
    assert whole.query("ASK {}", timeout=1).json["boolean"] is True
    assert Recorder.hits == 0


def service(text: str, recorder: Recorder, host: str = "127.0.0.1") -> str:
    """Put an address that is listened to into a query, and a class that has members."""
    address = f"http://{host}:{port_of(recorder)}/"
    return text.replace("{u}", address).replace("{s}", "https://w3id.org/rallo/Study")


@pytest.mark.parametrize("text", SERVICES.values(), ids=SERVICES)
def test_no_query_reaches_another_endpoint(whole: Server, recorder: Recorder, text: str) -> None:
    """However SERVICE is spelt, it is refused, and nobody is called."""
    for host in ("127.0.0.1", "localhost"):
        found = whole.query(service(text, recorder, host))
        assert found.status in (400, 403), found.text
    assert Recorder.hits == 0


def test_workers_need_no_look_at_the_words(recorder: Recorder) -> None:
    """Handed straight to a worker, no spelling of SERVICE reaches anybody either."""

    async def ask_all() -> list[int]:
        pool = Pool(Limits(workers=2))
        await pool.open()
        try:
            return [await ask(pool, service(text, recorder)) for text in SERVICES.values()]
        finally:
            await pool.close()

    async def ask(pool: Pool, text: str) -> int:
        try:
            await pool.run(Job(text, rows="csv"))
        except Refusal as refusal:
            return refusal.status
        return 200

    statuses = dict(zip(SERVICES, asyncio.run(ask_all()), strict=True))
    assert Recorder.hits == 0
    assert statuses.pop("silent") == 200  # silence is asked for
    assert set(statuses.values()) <= {200, 400, 403}
    assert list(statuses.values()).count(403) >= 6, statuses


def test_the_recorder_records(recorder: Recorder) -> None:
    """The tests above would notice a call: the same engine without a lock makes one."""
    text = service(SERVICES["plain"], recorder)
    code = f"import pyoxigraph\ntry: list(pyoxigraph.Store().query({text!r}))\nexcept OSError: pass"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert Recorder.hits == 1
    Recorder.hits = 0


def test_a_worker_can_open_nothing() -> None:
    """A process that has restricted itself opens no file, no socket and no pipe, and cannot undo.

    What was open before stays usable.
    """
    code = """
import errno, os, resource, socket, sys
from queries.endpoint.worker import restrict
restrict(1_000_000_000)
for what in (lambda: open(os.devnull), socket.socket, os.pipe, lambda: os.dup(0)):
    try:
        what()
    except OSError as error:
        assert error.errno in (errno.EMFILE, errno.EINVAL), error
    else:
        sys.exit("opened")
assert resource.getrlimit(resource.RLIMIT_NOFILE) == (0, 0)
assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
print("usable")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("usable\n", 0), done.stderr


def test_a_long_body_is_refused_and_not_kept(whole: Server) -> None:
    """10 MB of query, direct or as a form, get 413 while nothing of them is kept."""
    before = whole.memory()
    for kind, start in ((DIRECT, b"ASK {} #"), (FORM, b"query=ASK%20%7B%7D%23")):
        found = whole.request("POST", "/sparql", start + b"x" * 10_000_000, {"Content-Type": kind})
        assert found.status == 413 and "64000" in found.json["detail"]
    assert whole.memory() < before + 10_000_000
    assert whole.query("ASK {}", timeout=1).status == 200


def test_a_long_answer_is_refused_and_not_cut(whole: Server) -> None:
    """An answer over the limit is 413 in every format, one below it comes whole."""
    text = "SELECT ?a ?b { ?a ?p ?c . ?b ?p ?d }"
    for media in ("application/sparql-results+json", "text/csv"):
        found = whole.query(text, media)
        assert found.status == 413 and str(RESULT_BYTES) in found.json["detail"]
    assert len(whole.query(text + " LIMIT 5000").body) > 100_000


def test_memory_of_a_worker_is_bounded() -> None:
    """A query that needs more memory than its worker may have is refused, and the next answered."""
    server = Server(seconds=20, workers=2, worker_memory=300_000_000)
    try:
        found = server.query("SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f")
        assert found.status == 503 and "memory" in found.json["detail"]
        assert server.query("ASK {}").status == 200
        server.until_whole()
    finally:
        server.close()


LONG = (
    '"',
    "'",
    '"\\"',
    "'''\\'",
    "a.",
    "a-",
    "<",
    "<a",
    "::",
    "x:\\",
    "1e",
    "@-",
    "?",
    "FROM a:b ",
)


@pytest.mark.parametrize("text", [part * (64_000 // len(part)) for part in LONG], ids=LONG)
def test_a_look_at_a_query_takes_no_time(text: str) -> None:
    """No text of the size allowed holds up the look at its words."""
    start = time.process_time()
    with suppress(Refusal):
        examine(text, GRAPHS)
    assert time.process_time() - start < 1


WORDS = [
    *[
        "ADD",
        "CLEAR",
        "DELETE",
        "DROP",
        "INSERT",
        "LOAD",
        "WITH",
        "SELECT",
        "ASK",
        "CONSTRUCT",
        "DESCRIBE",
        "BASE",
        "PREFIX",
    ],
    *("FROM", "SERVICE", "a:", ":", "a:b", "<x:y>", "<", "?s", "'", '"', '"""', "\\"),
    *("#", "\n", "\r", " ", "{", "}", "(", "1", "*", "é", "\u00a0", "\u017fervice", ".", ";"),
]


@given(st.lists(st.sampled_from(WORDS), max_size=9), st.sampled_from(["", " ", "\n"]))
@example(["PREFIX a: <x:y> #\n SELECT * {}"], "")
@example(["#\rDROP ALL #\nSELECT"], "")
@settings(max_examples=3_000, deadline=None)
def test_a_glance_lets_through_no_more_than_a_look(words: list[str], between: str) -> None:
    """What a glance calls plain is an update to no closer look, and reads no other source."""
    text = between.join(words)
    if is_plain(text):
        closely = f"{text}\nFROM"  # which no plain text has, and which names no graph
        assert not is_plain(closely)
        examine(closely, GRAPHS)


def test_a_glance_is_enough_for_most_of_the_catalogue() -> None:
    """Most questions need no closer look, which takes ten times as long."""
    asked = [is_plain(question.fill()) for question in load_catalogue().values()]
    assert sum(asked) >= 0.85 * len(asked)


def test_the_look_finds_what_is_meant() -> None:
    """Graphs after FROM are told from words within texts, names and remarks."""
    for text in (
        f"PREFIX g: <{GRAPH}> SELECT * FROM g:facts FROM NAMED <{CASES}> {{ }}",
        "ASK { ?from ?service 'FROM <x>' . FILTER ('a'@from != \"SERVICE <y>\") } # FROM <z>",
    ):
        examine(text, GRAPHS)
    for text, status in (
        ("SELECT * FROM <x:y> {}", 400),
        (f"PREFIX g: <{GRAPH}> SELECT * FROM g:nowhere {{}}", 400),
        ("ASK {} # it's\nFROM <x:y>", 400),
        ("ASK { SERVICE <x:y> {} }", 403),
    ):
        with pytest.raises(Refusal) as refused:
            examine(text, GRAPHS)
        assert refused.value.status == status
