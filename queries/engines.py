"""Where a question is asked: the embedded engine, rdflib, or a SPARQL 1.1 endpoint elsewhere.

All three take the same text and give the same rows.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from pyoxigraph import (
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    parse,
)

from queries.results import (
    FORMATS,
    EngineError,
    Rows,
    Term,
    parsed_rows,
    parsed_truth,
    rows_of,
    solutions,
)

if TYPE_CHECKING:
    from rdflib import Graph

    from queries.marker import Marker

__all__ = [
    "FORMATS",
    "Embedded",
    "Engine",
    "EngineError",
    "Rdflib",
    "Remote",
    "Rows",
    "Term",
    "form_of",
    "rows_of",
]

# Headers by which a Virtuoso says, under status 200, that it has cut its answer short.
CUT = ("X-SPARQL-MaxRows", "X-SQL-State")
# Strings, IRIs, comments, variables and prefixed names: where a word is no keyword.
_BESIDE_KEYWORDS = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|' + r"'''(?:[^'\\]|\\.|'(?!''))*'''|"
    r'"(?:[^"\\\n]|\\.)*"|' + r"'(?:[^'\\\n]|\\.)*'|"
    r"<[^<>\"{}|^`\\\s]*>|#[^\n]*|[?$]\w+|[\w.-]*:[\w.-]*"
)
_QUERY = re.compile(
    r"(?i)\s*(?:(?:PREFIX\s+<>\s+<>|BASE\s+<>)\s*)*(SELECT|ASK|CONSTRUCT|DESCRIBE)\b"
)


def form_of(text: str) -> str:
    """Return SELECT, ASK, CONSTRUCT or DESCRIBE, or nothing where a text is no query."""
    found = _QUERY.match(_bare(text))
    return found[1].upper() if found else ""


def _bare(text: str) -> str:
    """Leave keywords and punctuation, and `<>` for whatever else may hold a word."""
    return _BESIDE_KEYWORDS.sub(lambda m: "" if m[0][0] == "#" else " <> ", text)


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
        return rows_of(self._solutions(text))

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
        """Return the solutions of a SELECT query.

        Raises:
            EngineError: the query is not valid, or is no SELECT query.
        """
        return parsed_rows(self._asked(text), "rdflib")

    def ask(self, text: str) -> bool:
        """Tell whether an ASK query holds.

        Raises:
            EngineError: the query is not valid, or is no ASK query.
        """
        return parsed_truth(self._asked(text), "rdflib")

    def written(self, text: str, format: str) -> bytes:
        """Return the solutions of a SELECT query in a format of the W3C.

        Raises:
            EngineError: the query is not valid, or is no SELECT query.
        """
        return solutions(self._asked(text), "rdflib").serialize(format=FORMATS[format]) or b""

    def _asked(self, text: str) -> bytes:
        from pyparsing import ParseException

        try:
            found = self.graph.query(text)
        except ParseException as error:
            told = f"line {error.lineno}, column {error.column}"
            raise EngineError(f"not a valid query: {told}") from error
        if found.type not in ("SELECT", "ASK"):
            raise EngineError("not a SELECT query")
        return found.serialize(format="json") or b""


class Remote:
    """A SPARQL 1.1 endpoint elsewhere, asked by POST.

    Where `rallo push` has put the dataset, its default graph is the one that the push names, and
    its named graphs are those of the dataset; elsewhere both are what the endpoint gives.

    User and password are read from the environment alone: RALLO_ENDPOINT_USER and
    RALLO_ENDPOINT_PASSWORD.
    """

    def __init__(self, url: str, graphs: Sequence[str] | None = ()) -> None:
        """Take an address, and the graphs that make up the default graph there.

        None stands for the endpoint's own default graph, even where a push names another.

        Raises:
            EngineError: the address is none of HTTP, or bears credentials.
        """
        from queries.transport import checked_url

        self.url, self.graphs = checked_url(url), tuple(graphs or ())
        self._pushed: Marker | None = None
        self._looked = graphs is None

    def select(self, text: str) -> Rows:
        """Return the solutions of a SELECT query.

        Raises:
            EngineError: the endpoint did not answer, or not in full.
        """
        return parsed_rows(self._asked(text), self.url)

    def ask(self, text: str) -> bool:
        """Tell whether an ASK query holds.

        Raises:
            EngineError: the endpoint did not answer.
        """
        return parsed_truth(self._asked(text), self.url)

    def written(self, text: str, format: str) -> bytes:
        """Return the solutions of a SELECT query in a format of the W3C.

        Raises:
            EngineError: the endpoint did not answer, or not in full.
        """
        return solutions(self._asked(text), self.url).serialize(format=FORMATS[format]) or b""

    def triples(self, text: str) -> list[Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE query.

        Raises:
            EngineError: the endpoint did not answer, or not in full.
        """
        body = self._asked(text, "turtle")
        try:
            return [quad.triple for quad in parse(body, RdfFormat.TURTLE)]
        except (SyntaxError, ValueError):
            raise EngineError(f"{self.url}: the answer is not Turtle") from None

    def _asked(self, text: str, format: str = "json") -> bytes:
        """Return a whole answer in one format, which tells best where it ends."""
        from SPARQLWrapper import CONSTRUCT, POST, SELECT, SPARQLWrapper

        from queries.transport import send

        # What takes the request there is our own: the wrapper's follows redirects, keeps
        # credentials for the whole process, and waits for as long as bytes come in.
        class Client(SPARQLWrapper):
            def _query(self) -> tuple[Any, str]:
                return send(self._createRequest(), asked=text), self.returnFormat

        client = Client(self.url, returnFormat=format)
        client.setMethod(POST)
        client.setOnlyConneg(True)
        default, named = self._dataset(text)
        for graph in default:
            client.addDefaultGraph(graph)
        for graph in named:
            client.addNamedGraph(graph)
        # Not by setQuery: it takes a word of a comment for the form of the query.
        client.queryString = text
        client.queryType = CONSTRUCT if format == "turtle" else SELECT
        reply: Any = client.query().response
        if cut := [name for name in CUT if name in reply.headers]:
            raise EngineError(f"{self.url}: the answer was cut short ({cut[0]})")
        body: bytes = reply.body
        return body

    def _dataset(self, text: str) -> tuple[Sequence[str], Sequence[str]]:
        """Tell which graphs make up the default graph, and which are named."""
        from queries.marker import DEFAULT, read_marker

        bare = _bare(text)
        if not form_of(text):
            # Some servers run an update that is sent as a query.
            raise EngineError("not a query: allowed: SELECT, ASK, CONSTRUCT, DESCRIBE")
        if self.graphs:
            return self.graphs, ()
        if re.search(r"\bFROM\b", bare, re.IGNORECASE):
            return (), ()
        # The name of a graph that never changes need be looked up once only.
        if not self._looked or (self._pushed and self._pushed.default != DEFAULT):
            self._pushed, self._looked = read_marker(self.url), True
        if not self._pushed:
            return (), ()
        asks_graphs = re.search(r"\bGRAPH\b", bare, re.IGNORECASE)
        return (self._pushed.default,), self._pushed.parts if asks_graphs else ()
