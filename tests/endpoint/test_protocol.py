"""The endpoint keeps to the SPARQL 1.1 Protocol, as the W3C recommends it, over plain HTTP."""

from __future__ import annotations

from urllib.parse import quote, quote_plus, urlencode

import pytest
from endpoint_server import DIRECT, FORM, Server

from queries.dataset import CASES, FACTS, GRAPH

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
NAMES = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g"
ASK = "ASK { ?s ?p ?o }"
BODY = "query=" + quote_plus(ASK)
# Method, address, body, content type, status.
REQUESTS = {
    "query by GET": ("GET", "/sparql?query=" + quote(ASK), None, None, 200),
    "query by POST as a form": ("POST", "/sparql", BODY, FORM, 200),
    "query by POST as a form, charset named": (
        "POST", "/sparql", BODY, FORM + "; charset=UTF-8", 200,
    ),
    "query by POST as it is": ("POST", "/sparql", ASK, DIRECT, 200),
    "media type in capitals": ("POST", "/sparql", ASK, DIRECT.upper(), 200),
    "parameters that nobody knows": (
        "GET", "/sparql?format=json&timeout=0&query=" + quote(ASK), None, None, 200,
    ),
    "two queries by GET": ("GET", f"/sparql?{BODY}&{BODY}", None, None, 400),
    "two queries by POST as a form": ("POST", "/sparql", f"{BODY}&{BODY}", FORM, 400),
    "two queries, address and form": ("POST", "/sparql?" + BODY, BODY, FORM, 400),
    "two queries, address and body": ("POST", "/sparql?" + BODY, ASK, DIRECT, 400),
    "no query in a form": ("POST", "/sparql", "other=1", FORM, 400),
    "an empty query": ("GET", "/sparql?query=", None, None, 400),
    "no media type": ("POST", "/sparql", ASK, None, 415),
    "form without a media type": ("POST", "/sparql", BODY, None, 415),
    "another media type": ("POST", "/sparql", ASK, "text/plain", 415),
    "another character set": (
        "POST", "/sparql", ASK.encode("utf-16"), DIRECT + "; charset=UTF-16", 415,
    ),
    "UTF-16 that is not named": ("POST", "/sparql", ASK.encode("utf-16"), DIRECT, 400),
    "malformed UTF-8 in the body": ("POST", "/sparql", b'ASK { ?s ?p "\xc3\x28" }', DIRECT, 400),
    "malformed UTF-8 in a form": ("POST", "/sparql", "query=ASK%20%7B%7D%C3%28", FORM, 400),
    "malformed UTF-8 in the address": ("GET", "/sparql?query=ASK%20%7B%7D%FF", None, None, 400),
    "another method": ("PUT", "/sparql", ASK, DIRECT, 405),
    "a method that deletes": ("DELETE", "/sparql", None, None, 405),
    "no SPARQL": ("GET", "/sparql?query=" + quote("SELECT *"), None, None, 400),
    "update by POST as it is": ("POST", "/sparql", "CLEAR ALL", "application/sparql-update", 403),
    "update by POST as a form": ("POST", "/sparql", "update=CLEAR+ALL", FORM, 403),
    "update by GET": ("GET", "/sparql?update=CLEAR%20ALL", None, None, 403),
    "update and query": ("POST", "/sparql", BODY + "&update=CLEAR+ALL", FORM, 403),
    "update as a query": ("GET", "/sparql?query=CLEAR%20ALL", None, None, 403),
    "a body that is too long": ("POST", "/sparql", ASK + " " * 70_000, DIRECT, 413),
    "too many parameters": ("GET", "/sparql?query=" + "&a=1" * 200, None, None, 400),
}  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "body", "kind", "status"), REQUESTS.values(), ids=REQUESTS
)
def test_requests_get_the_status_of_the_protocol(
    server: Server, method: str, path: str, body: str | bytes | None, kind: str | None, status: int
) -> None:
    """Each way to ask is answered, each wrong one refused with a detail that says why."""
    found = server.request(method, path, body, {"Content-Type": kind} if kind else {})
    assert found.status == status, found.text
    if status == 200:
        assert found.json["boolean"] is True
    else:
        assert found.media == "application/problem+json"
        assert found.json["status"] == status and found.json["detail"]


def test_a_form_is_decoded_once(server: Server) -> None:
    """A percent sign that stands for itself, a plus and letters of any script arrive as sent."""
    for text in ("100%41", "a+b c", "é ß 髄 🧬"):
        asked = f'SELECT ("{text}" AS ?text) {{}}'
        for path, body in (
            ("/sparql", urlencode({"query": asked})),
            ("/sparql?" + urlencode({"query": asked}), None),
        ):
            method = "POST" if body else "GET"
            found = server.request(method, path, body, {"Content-Type": FORM} if body else {})
            (row,) = found.json["results"]["bindings"]
            assert row["text"]["value"] == text


def count(server: Server, *pairs: tuple[str, str], text: str = COUNT, direct: bool = False) -> int:
    """Count the triples of the default graph that some parameters make up."""
    if direct:
        found = server.request(
            "POST", "/sparql?" + urlencode(pairs), text, {"Content-Type": DIRECT}
        )
    else:
        found = server.request("GET", "/sparql?" + urlencode([*pairs, ("query", text)]))
    assert found.status == 200, found.text
    (row,) = found.json["results"]["bindings"]
    return int(row["n"]["value"])


@pytest.mark.parametrize("direct", [False, True])
def test_default_graphs_are_those_of_the_request(server: Server, direct: bool) -> None:
    """default-graph-uri, given once or twice, makes up the default graph by merging."""
    facts = count(server, ("default-graph-uri", FACTS), direct=direct)
    cases = count(server, ("default-graph-uri", CASES), direct=direct)
    both = count(server, ("default-graph-uri", FACTS), ("default-graph-uri", CASES), direct=direct)
    assert 0 < cases < facts < both <= facts + cases < count(server)


def test_named_graphs_are_those_of_the_request(server: Server) -> None:
    """named-graph-uri alone leaves the default graph empty; a default graph alone names none."""
    inside = "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert count(server, ("named-graph-uri", FACTS)) == 0
    assert count(server, ("named-graph-uri", FACTS), text=inside) == 1
    two = (("named-graph-uri", FACTS), ("named-graph-uri", CASES))
    assert count(server, *two, text=inside) == 2
    assert count(server, ("default-graph-uri", FACTS), text=inside) == 0
    assert count(server, text=inside) > 10


def test_the_request_outdoes_the_query(server: Server) -> None:
    """Where request and query name graphs, those of the request are asked."""
    text = f"SELECT (COUNT(*) AS ?n) FROM <{CASES}> {{ ?s ?p ?o }}"
    facts = count(server, ("default-graph-uri", FACTS))
    assert count(server, ("default-graph-uri", FACTS), text=text) == facts
    assert count(server, text=text) == count(server, ("default-graph-uri", CASES))


@pytest.mark.parametrize(
    "clause",
    [
        "FROM <file:///etc/hostname>",
        "FROM <http://127.0.0.1:9/>",
        "FROM NAMED <http://127.0.0.1:9/>",
        "from\n# a remark\n<file:///etc/hostname>",
    ],
)
def test_a_graph_that_is_not_there_is_refused(server: Server, clause: str) -> None:
    """No graph is fetched, and none is silently empty: 400 names it, in query and in request."""
    found = server.query(f"SELECT * {clause} {{ ?s ?p ?o }}")
    assert found.status == 400 and "is not in the dataset" in found.json["detail"]
    for name in ("default-graph-uri", "named-graph-uri"):
        found = server.get("/sparql", query=ASK, **{name: "file:///etc/hostname"})
        assert found.status == 400 and "<file:///etc/hostname>" in found.json["detail"]


def test_graphs_are_known_by_prefix_and_base(server: Server) -> None:
    """A graph of the dataset may be named after FROM with a prefix, or by a base."""
    whole = count(server, ("default-graph-uri", FACTS))
    for head, name in (
        (f"PREFIX g: <{GRAPH}>", "g:facts"),
        (f"BASE <{GRAPH}>", "<facts>"),
        (f"BASE <{GRAPH}> PREFIX g: <x/../>", "g:facts"),
    ):
        text = f"{head} SELECT (COUNT(*) AS ?n) FROM {name} {{ ?s ?p ?o }}"
        assert count(server, text=text) == whole


def test_an_answer_is_named_by_dataset_and_query(server: Server) -> None:
    """A client that has the answer gets 304; another query, format or graph has another tag."""
    found = [
        server.get("/sparql", accept, query=text, **graphs)
        for text in (COUNT, NAMES)
        for accept in ("text/csv", "application/json", "application/sparql-results+json")
        for graphs in ({}, {"named-graph-uri": FACTS})
    ]
    tags = [answer.headers["etag"] for answer in found]
    assert len(set(tags)) == len(found)
    headers = {"Accept": "text/csv", "If-None-Match": tags[0]}
    again = server.request("GET", "/sparql?" + urlencode({"query": COUNT}), headers=headers)
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tags[0])
    kept = server.get("/sparql", "text/csv", query=COUNT)
    assert (kept.status, kept.body) == (200, found[0].body)


@pytest.mark.parametrize("call", ["UUID()", "STRUUID()", "RAND()", "now()", "BNODE()"])
def test_what_changes_is_asked_anew(server: Server, call: str) -> None:
    """An answer that would not be the same again has no tag and is not kept."""
    text = f"SELECT ({call} AS ?x) (STR({call}) AS ?y) {{}}"
    first, second = (server.get("/sparql", "text/csv", query=text) for _ in range(2))
    assert first.status == 200 and "etag" not in first.headers
    assert call == "BNODE()" or first.body != second.body


def test_words_of_the_language_may_stand_elsewhere(server: Server) -> None:
    """SERVICE, FROM and DROP in texts, names, variables and remarks trouble nobody."""
    text = """PREFIX ex: <http://example.org/FROM#>
    # SERVICE <http://127.0.0.1/> FROM <x>
    ASK { OPTIONAL { ?service ex:FROM <http://example.org/SERVICE> ; ex:a.from ?from }
      FILTER ("SERVICE <x> \\" FROM <y>" != 'DROP ALL' && '''FROM ' <z>''' != "a"@from) }"""
    assert server.query(text).json["boolean"] is True


def test_head_is_get_without_a_body(server: Server) -> None:
    """HEAD has status and headers of GET and no body."""
    for path in ("/sparql?query=" + quote(ASK), "/sparql", "/void", "/api/questions", "/health"):
        head, get = (server.request(method, path) for method in ("HEAD", "GET"))
        assert head.status == get.status == 200
        assert head.body == b"" and head.headers["content-type"] == get.headers["content-type"]
        assert head.headers["content-length"] == str(len(get.body))


def test_pages_elsewhere_may_ask(server: Server) -> None:
    """A browser lets any page ask: preflight and answer allow every origin, and echo none."""
    wish = {"Origin": "http://example.org", "Access-Control-Request-Method": "POST"}
    for path, methods in (("/sparql", "POST"), ("/api/questions", "GET"), ("/void", "HEAD")):
        asked = server.request("OPTIONS", path, headers=wish)
        assert asked.status == 204 and asked.body == b""
        assert methods in asked.headers["access-control-allow-methods"]
        assert methods in asked.headers["allow"]
        assert "Content-Type" in asked.headers["access-control-allow-headers"]
        assert asked.headers["access-control-allow-origin"] == "*"
    found = server.request("GET", "/sparql?query=" + quote(ASK), headers=wish)
    assert found.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in server.request("GET", "/nowhere").headers


def test_a_wrong_method_is_told_the_right_ones(server: Server) -> None:
    """405 comes with the methods that are allowed."""
    allowed = server.request("PUT", "/sparql", ASK, {"Content-Type": DIRECT}).headers["allow"]
    assert {m.strip() for m in allowed.split(",")} >= {"GET", "HEAD", "POST"}
    assert server.request("GET", "/api/recommend").status == 405


def test_every_response_keeps_to_itself(server: Server) -> None:
    """No response may be framed, sniffed or run foreign code, whatever its status."""
    for path in ("/sparql?query=" + quote(ASK), "/sparql?query=x", "/nowhere", "/health", "/"):
        headers = server.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers
