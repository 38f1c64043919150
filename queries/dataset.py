"""The whole of RALLO as one RDF dataset: what is asserted, what follows, what is asked.

Named graphs, below ``https://w3id.org/rallo/graph/``:

    asserted/<module>   the axioms, advice and readings of one Turtle module
    facts               the curated tables
    mappings            links to terms of outside terminologies, each with where it comes from
    cases               the example relapses
    certificate         where each scheme leaves holes and overlaps, counted over the tables
    inferred            what HermiT and the compiled tables conclude from the rest
    questions           the catalogue of questions, executable
    void                what the dataset holds, counted

It is compiled once, as sorted N-Quads, and only read after that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import md5, sha256
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, Store

from ontology.files import BASE, HOME, checksum, module_files
from queries.catalogue import QUESTIONS as CATALOGUE
from reasoner.drafts import write_text

if TYPE_CHECKING:
    from rdflib import Graph

DATASET_FILE = Path(__file__).parent / "compiled" / "dataset.nq"
GRAPH = BASE + "graph/"
ASSERTED, FACTS, MAPPINGS, CASES, CERTIFICATE, INFERRED, QUESTIONS, VOID = (
    GRAPH + name
    for name in (
        "asserted/",
        "facts",
        "mappings",
        "cases",
        "certificate",
        "inferred",
        "questions",
        "void",
    )
)
# How the names begin of the graphs that make up the default graph, what is inferred apart.
MERGED = (ASSERTED, FACTS, MAPPINGS, CASES, CERTIFICATE)
_HEAD = "# checksum "


class StaleDatasetError(RuntimeError):
    """Say that the compiled dataset is missing or does not belong to its sources."""


def compile_dataset(home: Path = HOME) -> str:
    """Gather all graphs as N-Quads, sorted, under the checksum of their sources; needs Java.

    Raises:
        loaders.facts.FactError: a table of facts or of links breaks a rule.
        ontology.files.OntologyError: a module is not valid.
        reasoner.hermit.JavaNotFoundError: no Java was found.
    """
    from queries.engines import Embedded
    from queries.examples import describe_questions
    from queries.void import describe_dataset

    lines = {line for graph, name in _graphs(home) for line in _quads(graph, name)}
    asked = Embedded(_store("\n".join(lines).encode("utf-8"), named=True))
    lines |= set(_quads(describe_questions(asked), QUESTIONS))
    lines |= set(_quads(describe_dataset("\n".join(sorted(lines))), VOID))
    return f"{_HEAD}{sources_checksum(home)}\n" + "\n".join(sorted(lines)) + "\n"


def sources_checksum(home: Path = HOME) -> str:
    """Return the SHA-256 over modules, facts, links, examples, the certificate and questions."""
    from loaders.certificate import certificate_files

    digest = sha256(checksum(home).encode())
    links = [p for p in (home / "mappings").glob("*") if p.suffix in (".tsv", ".ttl")]
    for path in [
        *sorted(links),
        *sorted((home / "examples").glob("*.ttl")),
        *(p for p in certificate_files(home) if p.is_file()),
        *sorted(CATALOGUE.glob("*/*.rq")),
    ]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def _graphs(home: Path) -> Iterator[tuple[Graph, str]]:
    from loaders.certificate import load_certificate
    from loaders.facts import load_facts
    from loaders.graph import known_terms
    from loaders.mappings import load_mappings
    from ontology.modules import open_all, open_module
    from queries.inferences import infer

    for path in module_files(home):
        yield open_module(path), ASSERTED + path.relative_to(home).with_suffix("").as_posix()
    modules = open_all(home)
    facts = load_facts(home / "facts", known_terms(modules))
    yield facts, FACTS
    yield load_mappings(home / "mappings", modules + facts), MAPPINGS
    yield load_certificate(modules, home), CERTIFICATE
    cases = home / "examples" / "relapses.ttl"
    yield open_module(cases), CASES
    yield infer(cases, home), INFERRED


def _quads(graph: Graph, name: str) -> Iterator[str]:
    """Write a graph a line a triple, its blank nodes named by content and by graph."""
    from rdflib.compare import to_canonical_graph

    mark = md5(name.encode(), usedforsecurity=False).hexdigest()[:6]
    for line in to_canonical_graph(graph).serialize(format="nt").splitlines():
        if line:
            text = re.sub(r"(?<!\S)_:cb", f"_:g{mark}b", line.removesuffix(" ."))
            yield f"{text} <{name}> ."


def build_dataset(home: Path = HOME) -> Path:
    """Write the dataset in one step; return its path."""
    return write_text(compile_dataset(home), DATASET_FILE)


def dataset_is_stale(home: Path = HOME, path: Path = DATASET_FILE) -> bool:
    """Tell whether the dataset is missing or was compiled from other sources."""
    if not path.exists():
        return True
    with path.open(encoding="utf-8") as lines:
        return next(lines, "").strip() != _HEAD + sources_checksum(home)


def open_dataset(path: Path = DATASET_FILE, *, named: bool = True, inferred: bool = False) -> Store:
    """Load the compiled dataset into the embedded engine.

    The default graph holds all that is asserted: modules, facts, links and cases; the certificate,
    which is counted from them; and on demand what is inferred. The named graphs, which tell these
    apart, may be left out.

    Raises:
        StaleDatasetError: the dataset is missing.
    """
    try:
        quads = path.read_bytes()
    except OSError as error:
        raise StaleDatasetError(f"{path.name} is missing; run: rallo build") from error
    return _store(quads, named=named, inferred=inferred)


def _store(quads: bytes, *, named: bool, inferred: bool = False) -> Store:
    store = Store()
    merged = "|".join(map(re.escape, (*MERGED, INFERRED) if inferred else MERGED))
    of_default = re.compile(rf"^(.*) <(?:{merged})[^>]*> \.$".encode(), re.MULTILINE)
    triples = b"\n".join(line + b" ." for line in of_default.findall(quads))
    store.bulk_load(triples, RdfFormat.N_TRIPLES)
    if named:
        store.bulk_load(quads, RdfFormat.N_QUADS)
    return store
