"""The endpoint speaks with SPARQLWrapper, and the command line speaks with the endpoint."""

from __future__ import annotations

from typing import Any

import pytest
from endpoint_server import Server
from rdflib import Graph
from SPARQLWrapper import (
    CSV,
    GET,
    JSON,
    JSONLD,
    N3,
    POST,
    POSTDIRECTLY,
    RDFXML,
    TSV,
    TURTLE,
    URLENCODED,
    XML,
    SPARQLWrapper,
)
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed, SPARQLWrapperException

from queries.answers import answer
from queries.catalogue import load_catalogue
from queries.dataset import CASES, FACTS, open_dataset
from queries.engines import Embedded, EngineError, Remote

SELECT = "SELECT ?s { ?s a <https://w3id.org/rallo/Study> } ORDER BY ?s"


def client(server: Server, text: str, method: str = GET, request: str = URLENCODED) -> Any:
    made = SPARQLWrapper(server.url + "sparql")
    made.setMethod(method)
    made.setRequestMethod(request)
    made.setQuery(text)
    made.setReturnFormat(JSON)
    return made


WAYS = [(GET, URLENCODED), (POST, URLENCODED), (POST, POSTDIRECTLY)]


@pytest.mark.parametrize(("method", "request_method"), WAYS)
def test_select_and_ask(server: Server, method: str, request_method: str) -> None:
    """SPARQLWrapper gets the same rows and truth values by every way of asking."""
    found = client(server, SELECT, method, request_method).queryAndConvert()
    studies = [row["s"]["value"] for row in found["results"]["bindings"]]
    assert len(studies) > 20 and studies == sorted(studies)
    assert client(server, "ASK {}", method, request_method).queryAndConvert()["boolean"] is True


@pytest.mark.parametrize(("method", "request_method"), WAYS)
def test_graphs_of_the_request(server: Server, method: str, request_method: str) -> None:
    """SPARQLWrapper's default and named graphs are those that are asked."""
    asked = client(server, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", method, request_method)
    asked.addNamedGraph(FACTS)
    asked.addNamedGraph(CASES)
    rows = asked.queryAndConvert()["results"]["bindings"]
    assert {row["g"]["value"] for row in rows} == {FACTS, CASES}
    asked = client(server, "ASK { ?s a <https://w3id.org/rallo/Study> }", method, request_method)
    asked.addDefaultGraph(CASES)
    assert asked.queryAndConvert()["boolean"] is False


@pytest.mark.parametrize("format", [CSV, TSV, XML])
def test_other_formats_of_rows(server: Server, format: str) -> None:
    """SPARQLWrapper converts CSV, TSV and XML."""
    asked = client(server, SELECT)
    asked.setReturnFormat(format)
    found = asked.queryAndConvert()
    text = found.toxml() if format == XML else found.decode()
    assert "https://w3id.org/rallo/study/all-r3" in text


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
@pytest.mark.parametrize("format", [RDFXML, JSONLD])
def test_graphs_as_answers(server: Server, format: str) -> None:
    """SPARQLWrapper converts what CONSTRUCT and DESCRIBE answer."""
    for text in (
        "CONSTRUCT WHERE { ?s a <https://w3id.org/rallo/Study> }",
        "DESCRIBE ?s { ?s a <https://w3id.org/rallo/Study> }",
    ):
        asked = client(server, text)
        asked.setReturnFormat(format)
        asked.setOnlyConneg(True)
        assert len(asked.queryAndConvert()) > 20


@pytest.mark.parametrize("format", [TURTLE, N3])
def test_graphs_as_text(server: Server, format: str) -> None:
    """SPARQLWrapper hands on Turtle as it is."""
    asked = client(server, "CONSTRUCT WHERE { ?s a <https://w3id.org/rallo/Study> }")
    asked.setReturnFormat(format)
    asked.setOnlyConneg(True)
    assert len(Graph().parse(data=asked.queryAndConvert(), format="turtle")) > 20


def test_refusals(server: Server) -> None:
    """SPARQLWrapper raises on what is refused, with the reason in its message."""
    with pytest.raises(QueryBadFormed, match="not a valid query"):
        client(server, "SELECT * {").query()
    update = client(server, "DROP ALL", POST)
    update.method = POST
    with pytest.raises((SPARQLWrapperException, OSError), match="403"):
        update.query()


def test_every_question_has_the_same_rows_here_and_there(server: Server) -> None:
    """Each question of the catalogue, asked of the endpoint, gives the rows of the same dataset."""
    remote, local = Remote(server.url + "sparql"), Embedded(open_dataset())
    for question in load_catalogue().values():
        there, here = answer(remote, question), answer(local, question)
        assert there.columns == here.columns
        assert sorted(there.rows) == sorted(here.rows), question.name


def test_a_refusal_reaches_the_command_line(server: Server) -> None:
    """Our own client says what the endpoint refused."""
    with pytest.raises(EngineError, match=server.url):
        Remote(server.url + "sparql").select("SELECT * { SERVICE <x:y> {} }")
