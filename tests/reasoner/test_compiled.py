"""The committed tables against a fresh run."""

import json
from pathlib import Path

from rdflib import Graph
from rdflib.namespace import RDF, RDFS, SKOS
from rdflib.term import URIRef

import reasoner
from loaders.graph import open_graph
from ontology.files import BASE, HOME
from ontology.modules import open_all, open_module
from ontology.terms import RALLO
from queries.dataset import DATASET_FILE, compile_dataset
from queries.handbook import HANDBOOK_FILE, compile_handbook
from reasoner.compiler import compile_tables
from reasoner.table import TABLE_FILE


def test_the_committed_tables_are_what_a_fresh_run_of_hermit_gives() -> None:
    """Compiling the modules once more gives the committed tables to the letter."""
    committed = Path(reasoner.__file__).parent / TABLE_FILE
    assert json.loads(committed.read_text(encoding="utf-8")) == compile_tables()


def test_the_committed_handbook_is_what_the_graph_answers() -> None:
    """Asking the graph once more gives the committed evidence by advice."""
    fresh = json.loads(json.dumps(compile_handbook(open_graph())))
    assert json.loads(HANDBOOK_FILE.read_text(encoding="utf-8")) == fresh


def test_the_committed_dataset_is_what_its_sources_give() -> None:
    """Gathering all graphs once more gives the committed quads to the letter."""
    assert DATASET_FILE.read_text(encoding="utf-8") == compile_dataset()


def test_python_and_turtle_speak_the_same_words() -> None:
    """Every term that Python may speak stands in the Turtle, with a label and a definition."""
    graph = open_all()
    for path in sorted((HOME / "mappings").glob("*.ttl")):  # they are no modules of axioms
        graph += open_module(path)
    terms = [URIRef(BASE + name) for name in RALLO.__annotations__ if name[0] != "_"]
    assert len(terms) > 30
    assert [t for t in terms if not _told(graph, t)] == []


def test_every_class_and_property_is_labelled_and_defined_with_its_source() -> None:
    """Each term of the ontology's own has one label, a definition, and a locator or a source."""
    graph = open_all()
    own = {t for t in graph.subjects(RDF.type) if isinstance(t, URIRef) and t.startswith(BASE)}
    headers = set(graph.subjects(RDF.type, URIRef("http://www.w3.org/2002/07/owl#Ontology")))
    assert sorted(t for t in own - headers if not _told(graph, t)) == []


def _told(graph: Graph, term: URIRef) -> bool:
    source = URIRef("http://purl.org/dc/terms/source")
    return (
        len(list(graph.objects(term, RDFS.label))) == 1
        and len(list(graph.objects(term, SKOS.definition))) == 1
        and ((term, RALLO.locator, None) in graph or (term, source, None) in graph)
    )
