"""Answers come in the format that the client prefers, and every format says the same."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from endpoint_server import Server
from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
)
from rdflib import Graph
from rdflib.compare import isomorphic
from rdflib.query import Result

from queries.endpoint.formats import GRAPHS, HTML, ROWS, choose, prefers

SELECT = """SELECT ?s ?label ?number ?missing WHERE {
  ?s <http://www.w3.org/2000/01/rdf-schema#label> ?label ; <https://w3id.org/rallo/number> ?number
} ORDER BY ?s LIMIT 20"""
CONSTRUCT = """CONSTRUCT WHERE { <https://w3id.org/rallo/study/all-r3> ?p ?o }"""
DESCRIBE = "DESCRIBE <https://w3id.org/rallo/study/all-r3>"
ROW_MEDIA = [(name, format.media) for name, format in ROWS.items()]
GRAPH_MEDIA = [(name, format.media) for name, format in GRAPHS.items()]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def values(server: Server, media: str) -> list[tuple[str, ...]]:
    """Read the rows of a query, given in one format, by rdflib."""
    found = server.query(SELECT, media)
    assert found.status == 200 and found.media == media
    name = next(n for n, m in ROW_MEDIA if m == media)
    parsed = Result.parse(io.BytesIO(found.body), format=name)
    rows: list[Any] = list(parsed)
    return [tuple("" if cell is None else str(cell) for cell in row) for row in rows]


def test_every_format_of_rows_says_the_same(server: Server) -> None:
    """Another parser reads the same rows from JSON, XML, CSV and TSV."""
    first, *others = (values(server, media) for _, media in ROW_MEDIA)
    assert len(first) == 20
    assert all(other == first for other in others)


# The JSON-LD reader of rdflib uses a class that rdflib deprecates.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
@pytest.mark.parametrize("text", [CONSTRUCT, DESCRIBE])
def test_every_format_of_graphs_says_the_same(server: Server, text: str) -> None:
    """Another parser reads the same graph from Turtle, N-Triples, JSON-LD and RDF/XML."""
    graphs = []
    for name, media in GRAPH_MEDIA:
        found = server.query(text, media)
        assert found.status == 200 and found.media == media
        format = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml"}.get(name, name)
        graphs.append(Graph().parse(data=found.body, format=format))
    assert len(graphs[0]) > 3
    assert all(isomorphic(graphs[0], other) for other in graphs[1:])


def test_a_truth_value_comes_in_every_format(server: Server) -> None:
    """ASK is answered in JSON, XML, CSV and TSV."""
    for name, media in ROW_MEDIA:
        found = server.query("ASK {}", media)
        assert found.media == media
        if name in ("csv", "tsv"):
            assert found.text.strip() == "true"
        else:
            kind = {"json": QueryResultsFormat.JSON, "xml": QueryResultsFormat.XML}[name]
            parsed = parse_query_results(found.body, kind)
            assert isinstance(parsed, QueryBoolean) and bool(parsed)


WISHES: list[tuple[str | None, str | None, str | None]] = [
    (None, "json", "ttl"),
    ("", "json", "ttl"),
    ("*/*", "json", "ttl"),
    ("text/*", "csv", "ttl"),
    ("application/*", "json", "nt"),
    ("text/csv", "csv", None),
    ("TEXT/CSV;Q=1", "csv", None),
    ("text/csv;q=0.5, application/sparql-results+xml", "xml", None),
    ("application/sparql-results+xml;q=0.1, text/csv;q=0.2, */*;q=0", "csv", None),
    ("*/*, application/sparql-results+json;q=0, application/json;q=0", "xml", "ttl"),
    ("text/*;q=0.3, text/csv;q=0.1, text/tab-separated-values;q=0.2", "tsv", "ttl"),
    ("application/json", "json", "jsonld"),
    ("application/sparql-results+json; charset=utf-8", "json", None),
    ("application/rdf+xml;q=0.9, text/turtle;q=0.8", None, "rdf"),
    (BROWSER, "xml", "rdf"),
    ("image/png", None, None),
    ("text/csv;q=0", None, None),
    ("text/csv;q=x", None, None),
    ("nonsense, text/csv;q=0.1", "csv", None),
]


@pytest.mark.parametrize(("accept", "rows", "graph"), WISHES)
def test_the_narrowest_range_with_the_best_quality_wins(
    accept: str | None, rows: str | None, graph: str | None
) -> None:
    """Each Accept header leads to the format that it prefers, or to none."""
    for formats, wanted in ((ROWS, rows), (GRAPHS, graph)):
        choice = choose(accept, formats)
        assert (choice and choice.name) == wanted


@pytest.mark.parametrize(("accept", "rows", "graph"), WISHES)
def test_the_endpoint_follows_the_header(
    server: Server, accept: str | None, rows: str | None, graph: str | None
) -> None:
    """The same holds over HTTP, where 406 names the formats that are offered."""
    for text, wanted, formats in (("ASK {}", rows, ROWS), (CONSTRUCT, graph, GRAPHS)):
        headers = {"Content-Type": "application/sparql-query"}
        found = server.request(
            "POST", "/sparql", text, headers if accept is None else headers | {"Accept": accept}
        )
        if wanted is None:
            assert found.status == 406
            assert all(format.media in found.json["detail"] for format in formats.values())
        else:
            assert found.media in (formats[wanted].media, *formats[wanted].aliases)
            assert found.headers["vary"] == "Accept"


def test_a_client_gets_the_media_type_under_the_name_it_used(server: Server) -> None:
    """Who asks for application/json is answered with it; text carries its character set."""
    assert server.query("ASK {}", "application/json").headers["content-type"] == "application/json"
    found = server.query("ASK {}", "text/csv").headers["content-type"]
    assert found == "text/csv; charset=utf-8"


def test_a_property_without_a_name_in_xml_is_refused(server: Server) -> None:
    """RDF/XML that no parser reads is never sent: 406 asks for another format."""
    text = "CONSTRUCT { <x:a> <http://example.org/1> 1 } WHERE {}"
    found = server.query(text, "application/rdf+xml")
    assert found.status == 406 and "RDF/XML" in found.json["detail"]
    assert len(list(parse(server.query(text, "text/turtle").body, RdfFormat.TURTLE))) == 1


def test_a_browser_is_led_to_the_page_only_where_it_asks_nothing() -> None:
    """A browser prefers HTML to every format of a graph; a tool does not."""
    media = [format.media for format in GRAPHS.values()]
    assert prefers(BROWSER, HTML, media)
    assert not any(prefers(accept, HTML, media) for accept in (None, "*/*", "text/turtle"))


def test_solutions_stream_through_whole(server: Server) -> None:
    """An answer of many parts arrives whole and in order."""
    text = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 5000"
    found = server.query(text)
    assert int(found.headers["content-length"]) == len(found.body) > 200_000
    solutions = parse_query_results(found.body, QueryResultsFormat.JSON)
    assert isinstance(solutions, QuerySolutions) and len(list(solutions)) == 5000
    assert json.loads(found.body)["head"]["vars"] == ["s", "p", "o"]
