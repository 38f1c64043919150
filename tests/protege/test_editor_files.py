"""What an editor opens is the whole ontology, found on disk, closed as the reasoner closes it."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, VANN, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.term import Node

from ontology.editor import ALIGNMENT, EXAMPLES, editor_files, stale_editor_files
from ontology.files import BASE, CATALOGUE, CLOSURE, HOME, RELEASE, ROOT, module_files
from ontology.modules import close, default_readings, open_all, readings
from ontology.terms import RALLO

NAMESPACE = "{urn:oasis:names:tc:entity:xmlns:xml:catalog}"
ROOT_NAME = URIRef("https://w3id.org/rallo")
HEADER = (
    DCTERMS.title,
    DCTERMS.description,
    DCTERMS.creator,
    DCTERMS.license,
    DCTERMS.bibliographicCitation,
    OWL.versionInfo,
    OWL.versionIRI,
    VANN.preferredNamespacePrefix,
    VANN.preferredNamespaceUri,
)
OF_MODULES = (DCTERMS.title, DCTERMS.description, DCTERMS.creator, DCTERMS.license)
FILES = [
    *module_files(),
    *sorted((HOME / "mappings").glob("*.ttl")),
    HOME / ALIGNMENT,
    HOME / EXAMPLES,
]
CATALOGUES = [path for path in editor_files() if path.name == CATALOGUE]


def opened(file: Path) -> Graph:
    """Open a file and all it imports, by the catalogue of its folder alone."""
    entries = ElementTree.parse(file.parent / CATALOGUE).getroot().iter(f"{NAMESPACE}uri")
    places = {e.attrib["name"]: file.parent / e.attrib["uri"] for e in entries}
    graph, waiting, seen = Graph(), [file], set[Path]()
    while waiting:
        path = waiting.pop().resolve()
        if path not in seen:
            seen.add(path)
            module = Graph().parse(path)
            waiting += [places[str(name)] for name in module.objects(None, OWL.imports)]
            graph += module
    return graph


def test_the_files_are_those_of_the_modules() -> None:
    """Closure and catalogues are what the modules give today."""
    assert stale_editor_files() == []


def test_the_root_brings_in_all_that_is_on() -> None:
    """The root imports every module but the readings that are off by default, and the closure."""
    active = default_readings(open_all())
    wanted: set[Node] = {URIRef(f"{BASE}closure")}
    for path in module_files():
        module = Graph().parse(path)
        if set(readings(module)) <= active:
            wanted |= set(module.subjects(RDF.type, OWL.Ontology))
    assert set(Graph().parse(HOME / ROOT).objects(ROOT_NAME, OWL.imports)) == wanted


def test_the_header_is_whole() -> None:
    """The root says its name, version, makers, licence, prefix and how to cite it."""
    root = Graph().parse(HOME / ROOT)
    assert all(len(list(root.objects(ROOT_NAME, p))) == 1 for p in HEADER)
    assert root.value(ROOT_NAME, OWL.versionInfo) == Literal(RELEASE)
    assert str(root.value(ROOT_NAME, OWL.versionIRI)).endswith(f"/{RELEASE}")


@pytest.mark.parametrize("path", [*FILES, HOME / CLOSURE], ids=lambda p: p.stem)
def test_the_header_of_each_module_is_whole(path: Path) -> None:
    """Each module says its name, what it holds, its makers and licence, and is of this version."""
    module = Graph().parse(path)
    (name,) = module.subjects(RDF.type, OWL.Ontology)
    assert all(len(list(module.objects(name, p))) == 1 for p in OF_MODULES)
    version = URIRef(f"{BASE}release/{RELEASE}/{str(name).removeprefix(BASE)}")
    assert list(module.objects(name, OWL.versionIRI)) == [version]


def test_a_module_and_a_term_never_share_a_name() -> None:
    """Else an editor would show what is said of the term as said of the module."""
    whole = Graph()
    for path in [*FILES, HOME / CLOSURE, HOME / ROOT]:
        whole.parse(path)
    for name in set(whole.subjects(RDF.type, OWL.Ontology)):
        assert list(whole.objects(name, RDF.type)) == [OWL.Ontology]
        told = set(whole.predicates(name)) - {RDF.type, OWL.imports, DCTERMS.source}
        assert told <= set(HEADER), name


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda p: p.parent.name)
def test_each_catalogue_leads_to_every_module(path: Path) -> None:
    """Every name leads by a relative path to the file that declares it, from every folder."""
    entries = list(ElementTree.parse(path).getroot().iter(f"{NAMESPACE}uri"))
    files = {(path.parent / e.attrib["uri"]).resolve() for e in entries}
    wanted = [*FILES, HOME / ROOT, HOME / CLOSURE]
    assert {p.resolve() for p in wanted} == files
    for entry in entries:
        assert not entry.attrib["uri"].startswith(("/", "file:", "http"))
        module = Graph().parse(path.parent / entry.attrib["uri"])
        name = URIRef(entry.attrib["name"])
        assert (name, RDF.type, OWL.Ontology) in module or (None, OWL.versionIRI, name) in module


def test_the_closure_is_that_of_the_reasoner() -> None:
    """The file holds the axioms that are added before anything is judged, and no other."""
    graph = open_all()
    for name, reading in readings(graph).items():
        if name not in default_readings(graph):
            for clause in graph.subjects(RALLO.readingOf, reading):
                graph.remove((clause, RDFS.subClassOf, None))
    before = set(graph)
    close(graph)
    written = Graph().parse(HOME / CLOSURE)
    written.remove((URIRef(f"{BASE}closure"), None, None))
    written.remove((None, SKOS.scopeNote, None))
    added = Graph()
    for triple in set(graph) - before:
        added.add(triple)
    assert isomorphic(added, written)


def test_the_root_opens_from_disk_alone() -> None:
    """Every import of the root and of the examples is found by the catalogue beside it."""
    whole = opened(HOME / ROOT)
    assert set(whole.subjects(RALLO.closed)) == set(open_all().subjects(RALLO.closed))
    examples = opened(HOME / EXAMPLES)
    assert len(examples) > len(whole)
