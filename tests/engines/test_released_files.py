"""What a release holds loads into Virtuoso 7, Oxigraph's server and rdflib without loss."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request

import pytest
from foreign_servers import KINDS, Foreign, administrator, running
from pyoxigraph import NamedNode, RdfFormat, parse
from rdflib import Graph

from queries.push import push
from queries.release import write_release
from queries.server import SECONDS, Server
from queries.transport import send

PRODUCTS = ("rallo-base", "rallo-full", "rallo-inferred")
FORMATS = {
    "ttl": (RdfFormat.TURTLE, "text/turtle"),
    "owl": (RdfFormat.RDF_XML, "application/rdf+xml"),
}


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write one release."""
    folder = tmp_path_factory.mktemp("releases") / "release"
    write_release(folder)
    return folder


@pytest.fixture(scope="module", params=KINDS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Foreign]:
    """Run an empty server of each kind."""
    folder = tmp_path_factory.mktemp("server") / request.param
    with administrator(), running(request.param, folder, durable=False) as foreign:
        yield foreign


@cache
def counted(file: Path, ending: str) -> int:
    """Count the triples of a file with two libraries that must agree."""
    format, media = FORMATS[ending]
    count = len({quad.triple for quad in parse(file.read_bytes(), format)})
    assert count == len(Graph().parse(file, format=media))
    return count


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("name", PRODUCTS)
def test_each_file_gives_as_many_triples_everywhere(
    server: Foreign, released: Path, name: str, ending: str
) -> None:
    """The file itself, put as it is, gives a server as many triples as it gives the libraries."""
    file, (_, media) = released / f"{name}.{ending}", FORMATS[ending]
    graph = f"https://example.org/{name}/{ending}"
    at = Server.at(server.url)
    url = f"{at.store_url}?graph={quote(graph, safe='')}"
    kind = {"Content-Type": media}
    ahead = Request(url, b"", {"Content-Type": "application/n-triples"}, method="PUT")
    send(Request(url, file.read_bytes(), kind, method="PUT"), SECONDS, ahead=ahead)
    assert at.count(graph) == counted(file, ending)


def test_each_graph_of_the_dataset_has_as_many_triples(server: Foreign, released: Path) -> None:
    """A released dataset that is pushed has every named graph, whole."""
    file = released / "rallo.nq"
    push(server.url, dataset=file)
    quads = parse(file.read_bytes(), RdfFormat.N_QUADS)
    wanted = Counter(q.graph_name.value for q in quads if isinstance(q.graph_name, NamedNode))
    at = Server.at(server.url)
    assert {graph: at.count(graph) for graph in wanted} == dict(wanted)
