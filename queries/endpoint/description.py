"""What the endpoint says of itself: a service description, and the dataset's own in VoID."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from ontology.files import BASE
from queries.endpoint.formats import GRAPHS, ROWS
from queries.endpoint.limits import Limits
from queries.prefixes import PREFIXES

SD, VOID, DCTERMS = (PREFIXES[name] for name in ("sd", "void", "dcterms"))
XSD = PREFIXES["xsd"]
FORMATS = "http://www.w3.org/ns/formats/"
# The names that the W3C gave to formats.
KNOWN = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "ttl": "Turtle",
    "nt": "N-Triples",
    "jsonld": "JSON-LD",
    "rdf": "RDF_XML",
}
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
DATASET = BASE + "dataset"
_PARTS = ("service", "dataset", "default")
Object = NamedNode | BlankNode | Literal


def describe_service(
    endpoint: str, graphs: Mapping[str, int], default: int, limits: Limits, *, inferred: bool
) -> list[Triple]:
    """Describe the endpoint at an address: its language, formats, limits and graphs.

    ``graphs`` counts the triples of each named graph, ``default`` those of the default graph, which
    may hold what is inferred.

    Raises:
        ValueError: the address is no IRI.
    """
    return list(_service(NamedNode(endpoint), graphs, default, _told(limits, inferred)))


def _service(
    address: NamedNode, graphs: Mapping[str, int], default: int, told: str
) -> Iterator[Triple]:
    service, dataset, merged = (NamedNode(f"{address.value}#{n}") for n in _PARTS)
    yield Triple(service, TYPE, NamedNode(SD + "Service"))
    yield Triple(service, NamedNode(SD + "endpoint"), address)
    yield Triple(service, NamedNode(SD + "supportedLanguage"), NamedNode(SD + "SPARQL11Query"))
    for name in (*ROWS, *GRAPHS):
        yield Triple(service, NamedNode(SD + "resultFormat"), NamedNode(FORMATS + KNOWN[name]))
    yield Triple(service, NamedNode(DCTERMS + "description"), Literal(told, language="en"))
    yield Triple(service, NamedNode(SD + "defaultDataset"), dataset)
    yield Triple(dataset, TYPE, NamedNode(SD + "Dataset"))
    yield Triple(dataset, NamedNode(DCTERMS + "source"), NamedNode(DATASET))
    yield Triple(dataset, NamedNode(SD + "defaultGraph"), merged)
    yield from _graph(merged, default)
    for number, (name, count) in enumerate(sorted(graphs.items()), 1):
        named, graph = (NamedNode(f"{address.value}#{n}-{number}") for n in ("named", "graph"))
        yield Triple(dataset, NamedNode(SD + "namedGraph"), named)
        yield Triple(named, TYPE, NamedNode(SD + "NamedGraph"))
        yield Triple(named, NamedNode(SD + "name"), NamedNode(name))
        yield Triple(named, NamedNode(SD + "graph"), graph)
        yield from _graph(graph, count)


def _graph(graph: NamedNode, count: int) -> Iterator[Triple]:
    number = Literal(str(count), datatype=NamedNode(XSD + "integer"))
    yield Triple(graph, TYPE, NamedNode(SD + "Graph"))
    yield Triple(graph, NamedNode(VOID + "triples"), number)


def _told(limits: Limits, inferred: bool) -> str:
    inclusive = "and what follows from these" if inferred else "but nothing inferred"
    return (
        "The default graph holds axioms, advice, facts, links to outside terms, cases and the "
        f"certificate of the schemes, {inclusive}. Read-only. "
        f"One query may take {limits.seconds:g} seconds and give {limits.result_bytes} bytes; "
        f"one request has at most {limits.request_bytes} bytes; {limits.queue} queries may wait. "
        "SERVICE is not offered."
    )


def describe_dataset(endpoint: str, void: Iterable[Triple]) -> list[Triple]:
    """Add to a description of the dataset where it can be asked."""
    property = NamedNode(VOID + "sparqlEndpoint")
    return [*void, Triple(NamedNode(DATASET), property, NamedNode(endpoint))]


def write_graph(triples: Iterable[Triple], format: str) -> bytes:
    """Write triples in a format of the endpoint."""
    written = io.BytesIO()
    writer = GRAPHS[format].writer
    assert isinstance(writer, RdfFormat)
    serialize(triples, written, writer, prefixes=PREFIXES)
    return written.getvalue()
