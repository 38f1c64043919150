"""Reads class frames in Manchester syntax with the OWL API and compares them with the ontology.

    python tests/site/manchester_reader.py FOLDER_OF_JARS ROOT [MODULE ...] < frames.json

A process of its own, as ``tests/protege/owl_api.py``, which it uses. The frames are a JSON object:
name of the class, frame. The result says which frames are not read, which of the axioms read the
ontology does not assert, and which it asserts that no frame gives.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import jpype

sys.path.insert(0, str(Path(__file__).parents[1] / "protege"))

from owl_api import OWL_API, load, start

KINDS = ("EQUIVALENT_CLASSES", "SUBCLASS_OF")


def short(entity: Any) -> str:
    """Name an entity as Protégé does: by the end of its IRI, with its prefix if it is OWL's own."""
    name = str(entity.getIRI().getShortForm())
    return f"owl:{name}" if entity.isOWLClass() and entity.isBuiltIn() else name


def checker(manager: Any) -> Any:
    """Return what knows every entity by its name in Protégé."""
    java = jpype.JClass
    everything = manager.ontologies().collect(java("java.util.stream.Collectors").toSet())
    provider = jpype.JProxy(
        f"{OWL_API}.util.ShortFormProvider",
        dict={"getShortForm": short, "dispose": lambda: None},
    )
    names = java(f"{OWL_API}.util.BidirectionalShortFormProviderAdapter")(
        manager, everything, provider
    )
    return java(f"{OWL_API}.expression.ShortFormEntityChecker")(names)


def plain(axiom: Any) -> str:
    """Return an axiom as text; the OWL API sorts what has no order."""
    return str(axiom.getAxiomWithoutAnnotations())


def main(jars: str, root: str, *modules: str) -> None:
    """Print what was found."""
    frames: dict[str, str] = json.load(sys.stdin)
    start(Path(jars))
    manager, ontology = load(Path(root))
    file = jpype.JClass("java.io.File")
    for module in modules:
        manager.loadOntologyFromOntologyDocument(file(str(Path(module).resolve())))
    kinds = [getattr(jpype.JClass(f"{OWL_API}.model.AxiomType"), kind) for kind in KINDS]
    asserted = {
        plain(axiom)
        for one in manager.getOntologies()
        for kind in kinds
        for axiom in one.getAxioms(kind)
    }
    known = checker(manager)
    unread: dict[str, str] = {}
    read: set[str] = set()
    for name, frame in frames.items():
        reader = jpype.JClass(f"{OWL_API}.apibinding.OWLManager").createManchesterParser()
        reader.setDefaultOntology(ontology)
        reader.setOWLEntityChecker(known)
        reader.setStringToParse(frame)
        try:
            pairs = reader.parseFrames()
        except jpype.JException as error:
            unread[name] = str(error)
            continue
        axioms = [pair.getAxiom() for pair in pairs]
        read |= {plain(a) for a in axioms if a.getAxiomType() in kinds}
    result = {
        "unread": unread,
        "read": len(read),
        "invented": sorted(read - asserted),
        "left_out": sorted(asserted - read),
    }
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
