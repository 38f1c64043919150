"""What an editor such as Protégé needs beside the modules: closure axioms, and where files lie.

The root ``rallo.ttl`` imports every module, with the readings that are on by default, and the
closure. An editor resolves these names by the catalogue in the folder of the file that was opened.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from rdflib import Graph
from rdflib.namespace import OWL, RDF, RDFS
from rdflib.term import Literal, Node

from ontology.files import BASE, CATALOGUE, CLOSURE, HOME, RELEASE, ROOT, module_files
from ontology.modules import clauses, default_readings, open_all, open_module, readings
from ontology.terms import RALLO, local

EXAMPLES, ALIGNMENT = Path("examples", "relapses.ttl"), Path("alignment", "upper.ttl")

_CLOSURE_HEAD = f"""\
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl:     <http://www.w3.org/2002/07/owl#> .
@prefix rallo:   <{BASE}> .
@prefix skos:    <http://www.w3.org/2004/02/skos/core#> .

# Written by rallo build.

<{BASE}closure> a owl:Ontology ;
    owl:versionIRI      <{BASE}release/{RELEASE}/closure> ;
    owl:imports
{{imports}} ;
    dcterms:title       "RALLO: what is closed by its clauses, under the default readings"@en ;
    dcterms:description "Each closed class is exactly the union of its clauses, under the \
readings that are on by default. A class that only a reading now off would fill is empty."@en ;
    dcterms:creator     "RALLO contributors"@en ;
    dcterms:license     <https://creativecommons.org/licenses/by/4.0/> .
"""

_CATALOGUE = """\
<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!-- Written by rallo build: where an editor finds the modules, without the network. -->
<catalog prefer="public" xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">
{entries}
</catalog>
"""


def editor_files(home: Path = HOME) -> dict[Path, str]:
    """Return what is put together for editors: paths and their texts."""
    names = _names(home)
    folders = sorted({path.parent for path in names.values()})
    catalogues = {folder / CATALOGUE: _catalogue(folder, names) for folder in folders}
    return {home / CLOSURE: closure_text(home), **catalogues}


def stale_editor_files(home: Path = HOME) -> list[Path]:
    """List the files for editors that are missing, or are not what the modules give."""
    return [
        path
        for path, text in editor_files(home).items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def closure_text(home: Path = HOME) -> str:
    """Write the covering axioms under the default readings as a module of their own.

    They are those that ``ontology.modules.open_with`` adds. A class that they make empty is told
    so in a note, with the readings that would fill it.
    """
    graph = open_all(home)
    active = default_readings(graph)
    filled_by: dict[Node, list[str]] = {}
    for name, reading in readings(graph).items():
        if name not in active:
            for clause in graph.subjects(RALLO.readingOf, reading):
                for closed in graph.objects(clause, RDFS.subClassOf):
                    filled_by.setdefault(closed, []).append(name)
                graph.remove((clause, RDFS.subClassOf, None))
    axioms, named = [], set[Node]()
    for closed in sorted(graph.subjects(RALLO.closed, Literal(True)), key=str):
        members = list(clauses(graph, closed))
        named |= {closed, *members}
        note = "" if members else _note(filled_by.get(closed, []))
        axioms.append(f"rallo:{local(closed)} owl:equivalentClass {_union(members)}{note} .\n")
    imports = " ,\n".join(f"        <{module}>" for module in _declaring(named, home))
    return _CLOSURE_HEAD.format(imports=imports) + "\n" + "\n".join(axioms)


def _note(names: list[str]) -> str:
    """Write the note on a class without a clause; readings would fill it, or nothing would."""
    on = " or ".join(sorted(set(names)))
    told = f"Empty unless reading {on} is on." if on else "Empty: nothing has a clause for it."
    return f' ;\n    skos:scopeNote "{told}"@en'


def _union(members: list[Node]) -> str:
    if not members:
        return "owl:Nothing"
    parts = [f"rallo:{local(member)}" for member in members]
    if len(parts) == 1:
        return parts[0]
    lines = "\n".join(f"        {part}" for part in parts)
    return f"[\n    a owl:Class ;\n    owl:unionOf (\n{lines}\n    )\n]"


def _declaring(classes: set[Node], home: Path) -> list[Node]:
    """List the modules that declare some classes."""
    found = set[Node]()
    for path in module_files(home):
        module = open_module(path)
        if any((name, RDF.type, OWL.Class) in module for name in classes):
            found |= set(module.subjects(RDF.type, OWL.Ontology))
    return sorted(found, key=str)


def _names(home: Path) -> dict[str, Path]:
    """Return the file of each ontology and of each version."""
    links = (home / "mappings").glob("*.ttl")
    files = [*module_files(home), *links, home / ROOT, home / EXAMPLES, home / ALIGNMENT]
    found = {name: path for path in files if path.is_file() for name in _headers(open_module(path))}
    closure = (f"{BASE}closure", f"{BASE}release/{RELEASE}/closure")
    return {**found, **dict.fromkeys(closure, home / CLOSURE)}


def _headers(module: Graph) -> Iterator[str]:
    for ontology in module.subjects(RDF.type, OWL.Ontology):
        yield str(ontology)
        yield from map(str, module.objects(ontology, OWL.versionIRI))


def _catalogue(folder: Path, names: dict[str, Path]) -> str:
    entries = (
        f'    <uri name="{name}" uri="{_relative(path, folder)}"/>'
        for name, path in sorted(names.items())
    )
    return _CATALOGUE.format(entries="\n".join(entries))


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
