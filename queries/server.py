"""A SPARQL 1.1 server that is written to: its three addresses, graphs put whole, and updates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit, urlunsplit
from urllib.request import Request

from pyoxigraph import Literal

from queries.engines import Remote
from queries.results import EngineError, LostError
from queries.transport import checked_url, send

SECONDS = 600.0
# Where known servers have store and update, by what they call themselves and by where they answer.
_BESIDE = {
    ("oxigraph", "/query"): ("/store", "/update"),
    ("virtuoso", "/sparql"): ("/sparql-graph-crud-auth", "/sparql-auth"),
    ("virtuoso", "/sparql-auth"): ("/sparql-graph-crud-auth", "/sparql-auth"),
}
_USUAL = ("/query", "/sparql")


@dataclass(frozen=True)
class Server:
    """The addresses of one server."""

    query_url: str
    store_url: str
    update_url: str

    @classmethod
    def at(
        cls, endpoint: str, store_url: str | None = None, update_url: str | None = None
    ) -> Server:
        """Find the addresses of a server by that of its queries, or by its root.

        Raises:
            EngineError: nothing answers there, or the other addresses must be given.
        """
        for url in _candidates(checked_url(endpoint)):
            name = _answering(url)
            if name is None:
                continue
            store, update = store_url, update_url
            for (known, end), beside in _BESIDE.items():
                if known in name and url.endswith(end):
                    store = store or url.removesuffix(end) + beside[0]
                    update = update or url.removesuffix(end) + beside[1]
            if not (store and update):
                raise EngineError(
                    f"{url}: a server of another kind; give --store-url and --update-url"
                )
            return cls(url, checked_url(store), checked_url(update))
        raise EngineError(f"{endpoint}: answers no SPARQL query; give the address for queries")

    def put(self, graph: str, triples: Iterable[str]) -> None:
        """Put a graph of N-Triples in the place of what has its name.

        Raises:
            EngineError: the server did not take it.
        """
        link = "&" if urlsplit(self.store_url).query else "?"
        url = f"{self.store_url}{link}graph={quote(graph, safe='')}"
        body = "".join(f"{triple}\n" for triple in triples).encode()
        kind = {"Content-Type": "application/n-triples"}
        # A server that asks who is there may hang up on a large body, but not on none.
        send(
            Request(url, body, kind, method="PUT"),
            SECONDS,
            ahead=Request(url, b"", kind, method="PUT"),
        )

    def update(self, text: str) -> None:
        """Run an update.

        Raises:
            EngineError: the server did not run it.
        """
        kind = {"Content-Type": "application/sparql-update"}
        send(Request(self.update_url, text.encode(), kind, method="POST"), SECONDS, text)

    def count(self, graph: str | None = None) -> int:
        """Count the triples of a named graph, or of the server's own default graph.

        Raises:
            EngineError: the server did not answer.
        """
        asked = Remote(self.query_url, (graph,) if graph else None)
        ((found,),) = asked.select("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }").rows
        if not isinstance(found, Literal):
            raise EngineError(f"{self.query_url}: counts no triples")
        return int(found.value)


def _candidates(endpoint: str) -> Iterator[str]:
    parts = urlsplit(endpoint)
    if parts.path.strip("/"):
        yield endpoint
    else:
        yield from (urlunsplit(parts._replace(path=path)) for path in _USUAL)


def _answering(url: str) -> str | None:
    """Return what the server calls itself, or None where it answers no query."""
    # As a form: Virtuoso waits for ever when a query is the body itself.
    body = urlencode({"query": "ASK { ?s ?p ?o }"}).encode()
    try:
        reply = send(Request(url, body, {"Accept": "application/sparql-results+json"}))
    except LostError:
        raise
    except EngineError:
        return None
    return (reply.headers.get("Server") or "").lower()
