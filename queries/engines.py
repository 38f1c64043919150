"""Where a question is asked: the embedded engine, rdflib, or a SPARQL 1.1 endpoint elsewhere.

All three take the same text and give the same rows: a row is a tuple of terms, or None where a
variable is unbound. Blank nodes keep no name that means anything outside their answer.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.error import HTTPError, URLError

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    Store,
    parse_query_results,
)

if TYPE_CHECKING:
    from rdflib import Graph

Term = NamedNode | BlankNode | Literal
FORMATS = {
    "csv": QueryResultsFormat.CSV,
    "json": QueryResultsFormat.JSON,
    "tsv": QueryResultsFormat.TSV,
    "xml": QueryResultsFormat.XML,
}
USER, PASSWORD = "RALLO_ENDPOINT_USER", "RALLO_ENDPOINT_PASSWORD"
SECONDS = 60
# Headers by which a Virtuoso says, under status 200, that it has cut its answer short.
CUT = ("X-SPARQL-MaxRows", "X-SQL-State")


class EngineError(RuntimeError):
    """Say which engine could not answer, and why."""


class Rows(NamedTuple):
    """The solutions of a SELECT query."""

    columns: tuple[str, ...]
    rows: list[tuple[Term | None, ...]]


class Engine(Protocol):
    """Whatever answers SPARQL 1.1 queries."""

    def select(self, text: str) -> Rows:
        """Return the solutions of a SELECT query."""

    def ask(self, text: str) -> bool:
        """Tell whether an ASK query holds."""

    def written(self, text: str, format: str) -> bytes:
        """Return the solutions of a SELECT query in a format of the W3C: csv, json, tsv or xml."""


class Embedded:
    """The engine within this process, over a store."""

    def __init__(self, store: Store) -> None:
        """Take a store."""
        self.store = store

    def select(self, text: str) -> Rows:
        """Return the solutions of a SELECT query.

        Raises:
            EngineError: the query is not valid, or is no SELECT query.
        """
        return _rows(self._solutions(text))

    def ask(self, text: str) -> bool:
        """Tell whether an ASK query holds.

        Raises:
            EngineError: the query is not valid, or is no ASK query.
        """
        found = self.run(text)
        if not isinstance(found, QueryBoolean):
            raise EngineError("not an ASK query")
        return bool(found)

    def written(self, text: str, format: str) -> bytes:
        """Return the solutions of a SELECT query in a format of the W3C.

        Raises:
            EngineError: the query is not valid, or is no SELECT query.
        """
        written = io.BytesIO()
        self._solutions(text).serialize(written, FORMATS[format])
        return written.getvalue()

    def run(self, text: str) -> QuerySolutions | QueryBoolean | QueryTriples:
        """Run a query of any form.

        Raises:
            EngineError: the query is not valid.
        """
        try:
            return self.store.query(text)
        except SyntaxError as error:
            raise EngineError(f"not a valid query: {error}") from error

    def _solutions(self, text: str) -> QuerySolutions:
        found = self.run(text)
        if not isinstance(found, QuerySolutions):
            raise EngineError("not a SELECT query")
        return found


class Rdflib:
    """The engine of rdflib, over a graph."""

    def __init__(self, graph: Graph) -> None:
        """Take a graph."""
        self.graph = graph

    def select(self, text: str) -> Rows:
        """Return the solutions of a SELECT query."""
        return _parsed(self.written(text, "json"), "json")

    def ask(self, text: str) -> bool:
        """Tell whether an ASK query holds."""
        return bool(self.graph.query(text).askAnswer)

    def written(self, text: str, format: str) -> bytes:
        """Return the solutions of a SELECT query in a format of the W3C."""
        return self.graph.query(text).serialize(format=format) or b""


class Remote:
    """A SPARQL 1.1 endpoint elsewhere, asked by POST.

    User and password are read from the environment alone: RALLO_ENDPOINT_USER and
    RALLO_ENDPOINT_PASSWORD.
    """

    def __init__(self, url: str, graphs: Sequence[str] = ()) -> None:
        """Take an address, and the graphs that make up the default graph there."""
        self.url, self.graphs = url, tuple(graphs)

    def select(self, text: str) -> Rows:
        """Return the solutions of a SELECT query.

        Raises:
            EngineError: the endpoint did not answer, or not in full.
        """
        return _parsed(self.written(text, "json"), "json")

    def ask(self, text: str) -> bool:
        """Tell whether an ASK query holds.

        Raises:
            EngineError: the endpoint did not answer.
        """
        found = parse_query_results(self._asked(text, "json"), QueryResultsFormat.JSON)
        if not isinstance(found, QueryBoolean):
            raise EngineError(f"{self.url}: gave no truth value")
        return bool(found)

    def written(self, text: str, format: str) -> bytes:
        """Return the solutions of a SELECT query in a format of the W3C.

        Raises:
            EngineError: the endpoint did not answer, or not in full.
        """
        return self._asked(text, format)

    def _asked(self, text: str, format: str) -> bytes:
        from SPARQLWrapper import DIGEST, POST, SPARQLWrapper
        from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

        client = SPARQLWrapper(self.url, returnFormat=format)
        client.setMethod(POST)
        client.setTimeout(SECONDS)
        client.setOnlyConneg(True)
        for graph in self.graphs:
            client.addDefaultGraph(graph)
        if user := os.environ.get(USER):
            client.setHTTPAuth(DIGEST)
            client.setCredentials(user, os.environ.get(PASSWORD, ""))
        client.setQuery(text)
        try:
            result = client.query()
            body: bytes = result.response.read()
        except (SPARQLWrapperException, HTTPError, URLError, OSError) as error:
            raise EngineError(f"{self.url}: {_first_line(error)}") from error
        headers = {name.lower() for name in result.info()}
        if cut := [name for name in CUT if name.lower() in headers]:
            raise EngineError(f"{self.url}: the answer was cut short ({cut[0]})")
        return body


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _parsed(body: bytes, format: str) -> Rows:
    try:
        found = parse_query_results(body, FORMATS[format])
    except (SyntaxError, ValueError) as error:
        raise EngineError(f"not a SPARQL result: {_first_line(error)}") from error
    if not isinstance(found, QuerySolutions):
        raise EngineError("not the result of a SELECT query")
    return _rows(found)


def _rows(solutions: QuerySolutions) -> Rows:
    columns = tuple(v.value for v in solutions.variables)
    return Rows(columns, [tuple(row[c] for c in columns) for row in solutions])
