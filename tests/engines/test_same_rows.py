"""Prove that the shipped questions give the same rows on every engine."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

import pytest
from foreign_servers import KINDS, Foreign, with_dataset
from pyoxigraph import DefaultGraph, NamedNode, QueryTriples, RdfFormat
from rdflib import Dataset, URIRef

from queries.answers import checked
from queries.catalogue import load_catalogue
from queries.dataset import ASSERTED, FACTS, GRAPH, INFERRED, open_dataset
from queries.engines import Embedded, Engine, EngineError, Rdflib, Remote

on_servers = pytest.mark.parametrize("pushed_server", KINDS, indirect=True)


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreign]:
    """Run Oxigraph's server with the dataset pushed to it."""
    with with_dataset("oxigraph", tmp_path_factory.mktemp("oxigraph")) as server:
        yield server


@pytest.fixture(scope="module")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreign]:
    """Run a Virtuoso 7 with the dataset pushed to it."""
    with with_dataset("virtuoso", tmp_path_factory.mktemp("virtuoso")) as server:
        yield server


@pytest.fixture
def pushed_server(request: pytest.FixtureRequest) -> Foreign:
    """Return the server of the kind that a test names."""
    server: Foreign = request.getfixturevalue(request.param)
    return server


@pytest.fixture(scope="module")
def embedded() -> Embedded:
    """Open the dataset in the embedded engine, with its named graphs."""
    return Embedded(open_dataset())


def differences(one: Engine, other: Engine) -> list[str]:
    """Ask two engines every question; name those of which columns or rows differ, and how."""
    found = []
    for question in load_catalogue().values():
        mine, theirs = (e.select(checked(e, question, {})) for e in (one, other))
        if mine.columns != theirs.columns:
            found.append(f"{question.name}: columns {theirs.columns}")
        missing, surplus = (
            Counter(a.rows) - Counter(b.rows) for a, b in ((mine, theirs), (theirs, mine))
        )
        if missing or surplus:
            found.append(f"{question.name}: lacks {list(missing)[:2]}, adds {list(surplus)[:2]}")
    return found


@pytest.mark.filterwarnings("ignore:Dataset.default_context:DeprecationWarning")  # rdflib's own
def test_rdflib_gives_the_rows_of_the_embedded_engine(embedded: Embedded) -> None:
    """Terms are the same, datatypes and language tags included, and each row as often."""
    dataset = Dataset()
    for name, graph in (
        (DefaultGraph(), dataset.default_graph),
        (NamedNode(INFERRED), dataset.graph(URIRef(INFERRED))),
    ):
        triples = embedded.store.dump(format=RdfFormat.N_TRIPLES, from_graph=name)
        assert triples is not None
        graph.parse(data=triples, format="nt")
    assert differences(embedded, Rdflib(dataset)) == []


@on_servers
def test_a_server_gives_the_rows_of_the_embedded_engine(
    embedded: Embedded, pushed_server: Foreign
) -> None:
    """A server that the dataset was pushed to is asked by its address alone."""
    assert differences(embedded, Remote(pushed_server.url)) == []


@on_servers
def test_rows_come_in_the_order_that_a_question_asks_for(
    embedded: Embedded, pushed_server: Foreign
) -> None:
    """Where a column of numbers orders the rows, it does so on every engine."""
    remote = Remote(pushed_server.url)
    text = "SELECT ?n WHERE { ?s <https://w3id.org/rallo/number> ?n } ORDER BY ?n"
    assert remote.select(text) == embedded.select(text)


@on_servers
def test_named_graphs_are_told_apart(embedded: Embedded, pushed_server: Foreign) -> None:
    """Each named graph holds as many triples as in the compiled dataset; no other is seen."""
    text = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"
    found = Remote(pushed_server.url).select(text)
    assert sorted(map(str, found.rows)) == sorted(map(str, embedded.select(text).rows))
    one = f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{INFERRED}> {{ ?s ?p ?o }} }}"
    assert Remote(pushed_server.url).select(one) == embedded.select(one)


@on_servers
def test_a_query_may_name_its_own_graphs(embedded: Embedded, pushed_server: Foreign) -> None:
    """FROM is obeyed; the word in a string, a comment or an IRI is no FROM."""
    count = "SELECT (COUNT(*) AS ?n) {} WHERE {{ ?s ?p ?o {} }}"
    remote = Remote(pushed_server.url)
    (facts,) = remote.select(count.format(f"FROM <{FACTS}>", "")).rows
    assert facts == embedded.select(count.format(f"FROM <{FACTS}>", "")).rows[0]
    plain = count.format("", 'FILTER (?o != " FROM <x>" && ?p != <a:from>) # FROM <x>\n')
    assert remote.select(plain) == embedded.select(plain)


@on_servers
def test_a_graph_may_be_chosen(embedded: Embedded, pushed_server: Foreign) -> None:
    """Graphs given to the engine make up its default graph."""
    count = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    core = f"{ASSERTED}core"
    expected = embedded.select(count.replace("WHERE", f"FROM <{core}> WHERE"))
    assert Remote(pushed_server.url, [core]).select(count) == expected
    assert Remote(pushed_server.url, [GRAPH + "none"]).ask("ASK { ?s ?p ?o }") is False


@on_servers
def test_ask_and_construct_are_answered(embedded: Embedded, pushed_server: Foreign) -> None:
    """A truth value is one, however the server words it, and triples come back as they are."""
    remote = Remote(pushed_server.url)
    assert remote.ask("ASK { <https://w3id.org/rallo/S2> ?p ?o }") is True
    assert remote.ask("ASK { <https://w3id.org/rallo/S9> ?p ?o }") is False
    text = "CONSTRUCT WHERE { ?s <https://w3id.org/rallo/sampleSize> ?n }"
    made = embedded.run(text)
    assert isinstance(made, QueryTriples)
    triples = set(map(str, made))
    assert triples and set(map(str, remote.triples(text))) == triples


@on_servers
def test_the_four_formats_hold_the_same_rows(embedded: Embedded, pushed_server: Foreign) -> None:
    """What a server's answer is written as does not depend on the server."""
    remote = Remote(pushed_server.url)
    text = load_catalogue()["publications"].fill()
    written = {f: (embedded.written(text, f), remote.written(text, f)) for f in FORMATS}
    read: dict[str, Callable[[bytes], list[object]]] = {
        "csv": lambda b: list(csv.reader(io.StringIO(b.decode()))),
        "tsv": lambda b: list(b.splitlines()),
        "json": lambda b: list(json.loads(b)["results"]["bindings"]),
        "xml": lambda b: [ElementTree.tostring(r) for r in ElementTree.fromstring(b)[1]],
    }
    for format, (mine, theirs) in written.items():
        assert len(read[format](mine)) > 90
        assert Counter(map(str, read[format](mine))) == Counter(map(str, read[format](theirs)))


FORMATS = ("csv", "tsv", "json", "xml")


@on_servers
def test_a_query_that_a_server_cannot_read_is_told_in_one_line(pushed_server: Foreign) -> None:
    """Address and status are told, and what the server says, but not what was asked."""
    with pytest.raises(EngineError, match=r"http://127\.0\.0\.1:\d+/\w+: 400 ") as told:
        Remote(pushed_server.url).select('SELECT ?x { ?x ?p "Jane Doe" . }}')
    assert "\n" not in str(told.value) and "Jane" not in str(told.value)


@pytest.mark.parametrize(
    "text", ["DROP ALL", "SELEC", "# SELECT\nCLEAR ALL", "PREFIX a: <b> DROP ALL"]
)
@on_servers
def test_an_update_is_never_sent(pushed_server: Foreign, text: str) -> None:
    """What is no query is refused before an administrator's password could make it happen."""
    with pytest.raises(EngineError, match="not a query"):
        Remote(pushed_server.url).select(text)
    assert Remote(pushed_server.url).ask("ASK { ?s ?p ?o }")


@pytest.mark.parametrize("pushed_server", KINDS[1:], indirect=True)
def test_an_answer_that_a_virtuoso_cuts_is_refused(pushed_server: Foreign) -> None:
    """Virtuoso cuts at 10,000 rows with status 200; half an answer is none."""
    with pytest.raises(EngineError, match="cut short"):
        Remote(pushed_server.url).select("SELECT * WHERE { ?s ?p ?o }")
