"""What is published of one release: files for editors, stores and programs, with their checksums.

All of it is read from the compiled dataset, so no Java is needed and two releases of the same
dataset have the same bytes.

    rallo-base      what the modules assert, every reading included, nothing closed
    rallo-full      what is judged under the default readings, closed, with the facts
    rallo-inferred  the same with what follows from it
    rallo.nq        the dataset with its named graphs; void.ttl counts it
    terms.tsv       every IRI of ours with its kind and label
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

import rdflib
from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
    parse,
    serialize,
)
from rdflib import XSD, BNode, Graph, URIRef
from rdflib.compare import to_canonical_graph
from rdflib.plugins.serializers.turtle import TurtleSerializer
from rdflib.term import Node

from ontology.editor import ALIGNMENT
from ontology.files import BASE, CLOSURE, HOME, RELEASE, ROOT
from queries.dataset import ASSERTED, DATASET_FILE, FACTS, INFERRED, VOID
from queries.prefixes import PREFIXES
from queries.w3id import submission
from reasoner.drafts import whole_folder

OWL, DCTERMS = "http://www.w3.org/2002/07/owl#", "http://purl.org/dc/terms/"
RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
OWL_CLASS = NamedNode(OWL + "Class")
IMPORTS, ONTOLOGY = NamedNode(OWL + "imports"), NamedNode(OWL + "Ontology")
VERSION = NamedNode(OWL + "versionIRI")
HEADER = (
    IMPORTS,
    VERSION,
    *(NamedNode(DCTERMS + name) for name in ("title", "description", "creator", "license")),
)
ON, OFF = NamedNode(BASE + "onByDefault"), Literal(False)
NAME = NamedNode(BASE.removesuffix("/"))
FORMATS = {"owl": RdfFormat.RDF_XML, "ttl": RdfFormat.TURTLE, "jsonld": RdfFormat.JSON_LD}
# Terms of ours by what they are declared to be; what has no kind of OWL is an individual.
KINDS = ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "NamedIndividual")
TERMS = f"""
PREFIX owl: <{OWL}> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?term ?kind (MIN(?named) AS ?label) (COUNT(?old) AS ?deprecated) WHERE {{
  ?term a ?kind
  FILTER (STRSTARTS(STR(?term), "{BASE}") && isIRI(?term))
  OPTIONAL {{ ?term rdfs:label ?named }}
  OPTIONAL {{ ?term owl:deprecated ?old FILTER (?old) }}
}}
GROUP BY ?term ?kind ORDER BY ?term ?kind
"""
MORE_PREFIXES = {
    "prism": "http://prismstandard.org/namespaces/basic/2.0/",
    "vann": "http://purl.org/vocab/vann/",
}
Triples = set[Triple]


class ReleaseError(ValueError):
    """Say what forbids a release."""


def write_release(
    target: Path,
    previous: Path | None = None,
    site: str | None = None,
    home: Path = HOME,
    dataset: Path = DATASET_FILE,
) -> list[Path]:
    """Write all files of a release into a new folder, or none; return their paths.

    ``previous`` is the folder of the release before, whose terms must all be here still or be
    deprecated; ``site`` the address where the files will lie, for the rules of w3id.org.

    Raises:
        ReleaseError: the folder exists, or a term of the release before is gone.
        OSError: a file cannot be read or written.
    """
    if target.exists():
        raise ReleaseError(f"{target} exists; name a new folder")
    graphs = _graphs(dataset)
    products = _products(graphs, home)
    terms = _terms(products["rallo-full"] | _asserted(graphs))
    if previous is not None:
        _compare(previous / "terms.tsv", terms)
    with whole_folder(target) as draft:
        for name, triples in products.items():
            for ending, format in FORMATS.items():
                _write(triples, draft / f"{name}.{ending}", format)
        _write(graphs[VOID], draft / "void.ttl", RdfFormat.TURTLE)
        shutil.copyfile(dataset, draft / "rallo.nq")
        shutil.copyfile(home / ALIGNMENT, draft / "alignment.ttl")
        for table in sorted((home / "mappings").glob("*.tsv")):
            shutil.copyfile(table, draft / table.name)
        (draft / "terms.tsv").write_text(terms, encoding="utf-8")
        if site is not None:
            for name, text in submission(site).items():
                (draft / name).write_text(text, encoding="utf-8")
        files = sorted(draft.iterdir())
        sums = "".join(f"{sha256(f.read_bytes()).hexdigest()}  {f.name}\n" for f in files)
        (draft / "SHA256SUMS").write_text(sums, encoding="utf-8")
    return sorted(target.iterdir())


def _graphs(dataset: Path) -> Mapping[str, Triples]:
    found: dict[str, Triples] = {}
    for quad in parse(dataset.read_bytes(), RdfFormat.N_QUADS):
        name = quad.graph_name
        assert isinstance(name, NamedNode)
        found.setdefault(name.value, set()).add(quad.triple)
    return found


def _asserted(graphs: Mapping[str, Triples], without: frozenset[str] = frozenset()) -> Triples:
    return {
        triple
        for name, graph in graphs.items()
        if name.startswith(ASSERTED) and name not in without
        for triple in graph
    }


def _products(graphs: Mapping[str, Triples], home: Path) -> dict[str, Triples]:
    """Put together the triples of each product."""
    off = frozenset(
        name
        for name, graph in graphs.items()
        if name.startswith(ASSERTED) and any(t.predicate == ON and t.object == OFF for t in graph)
    )
    full = _asserted(graphs, off) | _closure(home) | graphs[FACTS]
    contents = {
        "rallo-base": _asserted(graphs),
        "rallo-full": full,
        "rallo-inferred": full | _hierarchy(graphs[INFERRED], full),
    }
    root = {quad.triple for quad in parse((home / ROOT).read_bytes(), RdfFormat.TURTLE)}
    return {name: _headed(name, triples, root) for name, triples in contents.items()}


def _hierarchy(inferred: Triples, full: Triples) -> Triples:
    """Keep what is inferred of the classes of a product; examples have no place in it."""
    classes = {t.subject for t in full if t.predicate == RDF_TYPE and t.object == OWL_CLASS}
    return {t for t in inferred if t.subject in classes and t.object in classes}


def _closure(home: Path) -> Triples:
    """Read the closure, its blank nodes named by what they hold."""
    lines = to_canonical_graph(Graph().parse(home / CLOSURE)).serialize(format="nt")
    return {quad.triple for quad in parse(lines.encode(), RdfFormat.N_TRIPLES)}


def _headed(name: str, triples: Triples, root: Triples) -> Triples:
    """Give some triples one header of their own in place of those of the modules."""
    # The name of a module may be that of a term as well, whose axioms must stay.
    modules = {t.subject for t in triples if t.object == ONTOLOGY}
    body = {
        t
        for t in triples
        if t.object != ONTOLOGY and not (t.subject in modules and t.predicate in HEADER)
    }
    product = NamedNode(f"{BASE}release/{name}")
    version = Triple(product, VERSION, NamedNode(f"{BASE}release/{RELEASE}/{name}"))
    kept = (t for t in root if t.subject == NAME and t.predicate not in (IMPORTS, VERSION))
    return body | {Triple(product, t.predicate, t.object) for t in kept} | {version}


def _write(triples: Iterable[Triple], path: Path, format: RdfFormat) -> None:
    ordered = sorted(triples, key=lambda t: (isinstance(t.subject, BlankNode), str(t)))
    if format != RdfFormat.TURTLE:
        with path.open("wb") as out:
            serialize(ordered, out, format, prefixes=PREFIXES)
        return
    # Only this writer puts a class expression where it is used, as a reader wants it.
    graph = Graph(bind_namespaces="none")
    for prefix, name in {**PREFIXES, **MORE_PREFIXES}.items():
        graph.bind(prefix, name)
    for t in ordered:
        graph.add((_term(t.subject), _term(t.predicate), _term(t.object)))
    with path.open("wb") as out:
        _Turtle(graph).serialize(out)


class _Turtle(TurtleSerializer):
    """Turtle that keeps numbers as they were printed: the short form writes 18 as 18.0."""

    def label(self, node: Node, position: int) -> str:
        """Write one term."""
        if isinstance(node, rdflib.Literal):
            return node.n3(self.store.namespace_manager)
        return str(super().label(node, position))


def _term(term: object) -> Node:
    """Turn a term into that of the other library; blank nodes keep their names."""
    match term:
        case NamedNode():
            return URIRef(term.value)
        case BlankNode():
            return BNode(term.value)
        case Literal():
            kind = None if term.language else URIRef(term.datatype.value)
            kind = None if kind == XSD.string else kind
            return rdflib.Literal(term.value, term.language, kind, normalize=False)
    raise TypeError(f"not a term of RDF 1.1: {term}")


def _terms(triples: Triples) -> str:
    """List every IRI of ours that is declared, with kind, label and whether it is deprecated."""
    store = Store()
    store.bulk_extend(Quad(t.subject, t.predicate, t.object) for t in triples)
    found = store.query(TERMS)
    assert isinstance(found, QuerySolutions)
    rows: dict[str, tuple[str, str, str]] = {}
    for row in found:
        kind = row["kind"].value
        if kind.removeprefix(OWL) in KINDS:
            label = row["label"].value if row["label"] is not None else ""
            state = "deprecated" if row["deprecated"].value != "0" else "current"
            rows[row["term"].value] = (kind.removeprefix(OWL), label, state)
    text = io.StringIO()
    table = csv.writer(text, delimiter="\t", lineterminator="\n")
    table.writerow(["term", "kind", "label", "state"])
    table.writerows([term, *rest] for term, rest in sorted(rows.items()))
    return text.getvalue()


def _read_terms(text: str) -> set[str]:
    return {row["term"] for row in csv.DictReader(io.StringIO(text), delimiter="\t")}


def _compare(before: Path, terms: str) -> None:
    """Refuse a release that lost a term."""
    lost = sorted(_read_terms(before.read_text(encoding="utf-8")) - _read_terms(terms))
    if lost:
        raise ReleaseError(f"gone, and not deprecated: {', '.join(lost)}")
