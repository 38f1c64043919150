"""Prove that an answer of a server elsewhere is taken whole and true, or refused clearly."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from time import monotonic
from urllib.request import parse_http_list, parse_keqv_list

import pytest
from fake_server import EMPTY, Fake, Handler, faking
from foreign_servers import free_port
from pyoxigraph import BlankNode, Literal, NamedNode

from queries import transport
from queries.asking import print_query
from queries.catalogue import XSD, CatalogueError
from queries.engines import EngineError, Remote, form_of
from queries.push import push
from queries.transport import PASSWORD, USER

TEXT = 'SELECT ?s WHERE { ?s <https://example.org/name> "Jane Doe" }'
GRAPHS = ("https://example.org/g",)


@pytest.fixture
def fake() -> Iterator[Fake]:
    """Run a server that answers what a test wants."""
    with faking() as server:
        yield server


@pytest.fixture(autouse=True)
def _no_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(USER, raising=False)
    monkeypatch.delenv(PASSWORD, raising=False)


def refusal(fake: Fake, answers: Callable[[Handler], None]) -> str:
    """Ask a server that answers so, and return the error in one line."""
    fake.answers = answers
    with pytest.raises(EngineError) as told:
        Remote(fake.url, GRAPHS).select(TEXT)
    said = str(told.value)
    assert "\n" not in said and len(said) < 400
    assert "Jane" not in said and "example.org/name" not in said
    assert fake.url in said
    return said


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (lambda h: h.answer(X_SPARQL_MaxRows="10000"), "cut short"),
        (lambda h: h.answer(X_SQL_State="S1TAT"), "cut short"),
        (lambda h: h.answer(EMPTY, length=len(EMPTY) + 9), "no whole answer"),
        (lambda h: h.answer(EMPTY[:-2]), "not a SPARQL result"),
        (lambda h: h.answer(b"<html>Welcome</html>", kind="text/html"), "not a SPARQL result"),
        (lambda h: h.answer(b""), "not a SPARQL result"),
        (lambda h: h.answer(b"[1, 2]"), "not a SPARQL result"),
        (lambda h: h.answer(b'{"results": {"bindings": [{"s": 1}]}}'), "not a SPARQL result"),
        (lambda h: h.answer(b'{"head": {}, "boolean": true}'), "not the result of a SELECT"),
        (lambda h: h.answer(b"\xff\xfe\x00", kind="text/plain"), "not a SPARQL result"),
        (lambda h: h.answer(b"no", 500, "text/plain"), "500 Internal Server Error (no)"),
        (lambda h: h.answer(b"<p>no</p>", 503, "text/html"), "503 Service Unavailable"),
        (lambda h: h.answer(f"at: {TEXT}".encode(), 400, "text/plain"), "400 Bad Request (at: …"),
        (lambda h: h.answer(b"x" * 9999, 400, "text/plain"), "400 Bad Request (xxx"),
        (lambda h: h.answer(b"", 204), "not a SPARQL result"),
        (lambda h: h.wfile.write(b"nonsense\r\n\r\n"), "no whole answer"),
        (lambda h: None, "no whole answer"),
    ],
)
def test_an_answer_that_is_not_one_is_refused(
    fake: Fake, answers: Callable[[Handler], None], told: str
) -> None:
    """Cut, broken, empty, foreign or refused: each is told by its own words, and never as rows."""
    assert told in refusal(fake, answers)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(fake: Fake, status: int) -> None:
    """What was asked does not go to another address, which the error names instead."""
    with faking() as elsewhere:
        place = elsewhere.url.replace("127.0.0.1", "localhost") + "?q=1"
        said = refusal(fake, lambda h: h.answer(b"", status, Location=place))
        assert "redirects to http://localhost" in said and "q=1" not in said
        assert elsewhere.heard == []


def _drip(handler: Handler, first: bytes, bytes_: bytes) -> None:
    handler.wfile.write(first)
    with suppress(OSError):
        while not handler.server.over.wait(0.02):
            handler.wfile.write(bytes_)
            handler.wfile.flush()


@pytest.mark.parametrize(
    "first",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n",  # the body comes in drops
        b"HTTP/1.1 200 OK\r\n\r\n",  # so does one that the end of the connection ends
        b"HTTP/1.1 200 OK\r\nX-Slow: ",  # so do the headers
    ],
)
def test_slow_bytes_end_in_time(fake: Fake, monkeypatch: pytest.MonkeyPatch, first: bytes) -> None:
    """A server that sends byte after byte for ever is left when its time is over."""
    real = transport.send
    monkeypatch.setattr(transport, "send", lambda r, asked="": real(r, 0.4, asked))
    start = monotonic()
    assert "within 0.4 s" in refusal(fake, lambda h: _drip(h, first, b" "))
    assert monotonic() - start < 5


def test_a_silent_server_is_left_in_time(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that accepts and says nothing is left when its time is over."""
    real = transport.send
    monkeypatch.setattr(transport, "send", lambda r, asked="": real(r, 0.2, asked))

    def wait(handler: Handler) -> None:
        handler.server.over.wait(10)

    assert "within 0.2 s" in refusal(fake, wait)


def test_an_answer_too_large_is_refused(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory stays bounded, whatever a server sends."""
    monkeypatch.setattr(transport, "LARGEST", 100_000)
    assert "larger than 100000 bytes" in refusal(fake, lambda h: h.answer(b" " * 200_000))


@pytest.mark.parametrize(
    "url", ["ftp://example.org/", "file:///etc/hostname", "example.org", "http://", "http://x:y/"]
)
def test_an_address_that_is_not_of_http_is_refused(url: str) -> None:
    """No other protocol is spoken, and no file read."""
    with pytest.raises(EngineError, match="allowed: an address that begins"):
        Remote(url)


def test_credentials_are_taken_from_the_environment_alone() -> None:
    """A password in an address would end in logs; it is refused, and not repeated."""
    with pytest.raises(EngineError, match=USER) as told:
        Remote("http://jane:secret@127.0.0.1/sparql")
    assert "secret" not in str(told.value) and "jane" not in str(told.value)


def test_nobody_listening_is_told() -> None:
    """The address and the reason, in one line."""
    with pytest.raises(EngineError, match=r"no whole answer \(Connection refused\)"):
        Remote(f"http://127.0.0.1:{free_port()}/sparql").select(TEXT)


def _guarded(*ways: str) -> Callable[[Handler], None]:
    def answers(handler: Handler) -> None:
        if handler.headers.get("Authorization"):
            handler.answer()
            return
        handler.send_response(401)
        for way in ways:
            handler.send_header("WWW-Authenticate", way)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answers


BASIC, DIGEST = 'Basic realm="r"', 'Digest realm="r", nonce="n", qop="auth", algorithm=MD5'


def test_credentials_go_only_where_they_are_asked_for(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that does not ask hears nothing of them."""
    monkeypatch.setenv(USER, "jane")
    monkeypatch.setenv(PASSWORD, "secret")
    Remote(fake.url, GRAPHS).select(TEXT)
    assert [headers.get("Authorization") for headers, _ in fake.heard] == [None]


def test_basic_is_answered(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that asks for basic hears user and password."""
    monkeypatch.setenv(USER, "jane")
    monkeypatch.setenv(PASSWORD, "secret")
    fake.answers = _guarded(BASIC)
    assert Remote(fake.url, GRAPHS).select(TEXT).rows == []
    assert fake.heard[1][0]["Authorization"] == "Basic amFuZTpzZWNyZXQ="


def test_digest_is_preferred(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where both are offered the password itself is not sent."""
    monkeypatch.setenv(USER, "jane")
    monkeypatch.setenv(PASSWORD, "secret")
    fake.answers = _guarded(BASIC, DIGEST)
    assert Remote(fake.url, GRAPHS).select(TEXT).rows == []
    kind, _, rest = fake.heard[1][0]["Authorization"].partition(" ")
    said = parse_keqv_list(parse_http_list(rest))
    assert (kind, said["username"], said["uri"]) == ("Digest", "jane", "/sparql")
    assert "secret" not in rest


def test_credentials_that_lack_or_fail_are_told(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a user the variables are named; a wrong password is told and not repeated."""
    assert USER in refusal(fake, _guarded(BASIC))
    monkeypatch.setenv(USER, "jane")
    monkeypatch.setenv(PASSWORD, "secret")
    said = refusal(fake, lambda h: h.answer(b"", 401, WWW_Authenticate=DIGEST))
    assert "not accepted" in said and "secret" not in said
    assert "in a way that is not known" in refusal(fake, _guarded("Negotiate"))


def test_the_dialects_of_json_are_read_as_one(fake: Fake) -> None:
    """What servers spell in their own ways comes out as the embedded engine spells it."""
    typed = {
        "boolean": ("1", "true"),
        "integer": ("+07", "7"),
        "nonNegativeInteger": ("7", "7"),
        "decimal": ("1.50", "1.5"),
        "double": ("2.5E0", "2.5E0"),
    }
    row: dict[str, dict[str, str]] = {
        name: {"type": "typed-literal", "value": value, "datatype": XSD + name}
        for name, (value, _) in typed.items()
    }
    row["text"] = {"type": "literal", "value": "a", "datatype": XSD + "string"}
    row["tagged"] = {"type": "literal", "value": "a", "xml:lang": "en-GB"}
    row["blank"] = {"type": "bnode", "value": "nodeID://b1"}
    row["same"] = {"type": "uri", "value": "nodeID://b1"}
    row["uri"] = {"type": "uri", "value": "https://example.org/é"}
    body = {"head": {"link": [], "vars": [*row, "none"]}, "results": {"bindings": [row]}}
    fake.answers = lambda handler: handler.answer(json.dumps(body).encode())
    columns, (found,) = Remote(fake.url, GRAPHS).select(TEXT)
    terms = dict(zip(columns, found, strict=True))
    for name, (_, value) in typed.items():
        kind = "integer" if "nteger" in name else name
        assert terms[name] == Literal(value, datatype=NamedNode(XSD + kind))
    assert terms["text"] == Literal("a")
    assert terms["tagged"] == Literal("a", language="en-gb")
    assert isinstance(terms["blank"], BlankNode) and terms["blank"] == terms["same"]
    assert terms["uri"] == NamedNode("https://example.org/é")
    assert terms["none"] is None


def test_a_truth_value_may_be_a_row(fake: Fake) -> None:
    """A Virtuoso answers ASK by a row that holds 1 or 0."""
    for value, truth in (("1", True), ("0", False)):
        term = {"type": "typed-literal", "datatype": XSD + "integer", "value": value}
        body = {
            "head": {"vars": ["__ASK_RETVAL"]},
            "results": {"bindings": [{"__ASK_RETVAL": term}]},
        }
        fake.answers = lambda handler, body=body: handler.answer(json.dumps(body).encode())  # type: ignore[misc]
        assert Remote(fake.url, GRAPHS).ask("ASK { ?s ?p ?o }") is truth


def test_a_push_to_an_unknown_kind_of_server_asks_for_its_addresses(fake: Fake) -> None:
    """Where store and update are cannot be guessed; nothing is sent but one question."""
    fake.answers = lambda handler: handler.answer(b'{"head": {}, "boolean": true}')
    with pytest.raises(EngineError, match="give --store-url and --update-url"):
        push(fake.url)
    assert len(fake.heard) == 1


def test_a_push_to_what_is_no_endpoint_is_refused(fake: Fake) -> None:
    """An address that answers no query is told."""
    fake.answers = lambda handler: handler.answer(b"not found", 404, "text/plain")
    with pytest.raises(EngineError, match="answers no SPARQL query"):
        push(fake.url)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (
            "SELECT",
            "PREFIX ask: <https://example.org/> SELECT ?s WHERE { ?s ask:construct ?o }",
        ),
        ("SELECT", "# DESCRIBE\nBASE <https://example.org/> select * { ?ask ?p 'CONSTRUCT' }"),
        ("ASK", "prefix select: <https://example.org/> ask { ?s select:x ?o }"),
        ("CONSTRUCT", "PREFIX e: <x:#>\nConstruct WHERE { ?s ?p ?o }"),
        ("DESCRIBE", "DESCRIBE <https://example.org/select>"),
        ("", "DROP ALL # SELECT"),
        ("", "PREFIX ask: <x:> INSERT DATA { <a:> <b:> <c:> }"),
    ],
)
def test_the_form_of_a_query_is_its_own_verb(form: str, text: str) -> None:
    """A verb in a prefix, a variable, a string, an address or a comment is none."""
    assert form_of(text) == form


def test_rows_are_printed_where_a_prefix_is_named_as_a_verb(
    fake: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    """A SELECT query whose prefix is `ask` gives rows, not a truth value."""
    text = "PREFIX ask: <https://example.org/> SELECT ?s WHERE { ?s ask:name ?o }"
    print_query(text, "csv", fake.url, inferred=False)
    assert capsys.readouterr().out.split() == ["s"]


@pytest.mark.parametrize(
    ("text", "format", "told"),
    [
        ("CONSTRUCT WHERE { ?s ?p ?o }", "csv", "the query gives triples; allowed: ttl, nt"),
        ("DESCRIBE <https://example.org/a>", "json", "the query gives triples; allowed: ttl, nt"),
        ("SELECT ?s WHERE { ?s ?p ?o }", "ttl", "the query gives rows; allowed: table, csv"),
    ],
)
def test_a_format_that_does_not_fit_is_refused_before_the_server_is_asked(
    fake: Fake, text: str, format: str, told: str
) -> None:
    """Triples are not printed as rows, nor rows as triples, wherever the query is asked."""
    with pytest.raises(CatalogueError, match=told):
        print_query(text, format, fake.url, inferred=False)
    assert not fake.heard
