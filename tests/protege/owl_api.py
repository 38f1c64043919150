"""Opens the ontology in the OWL API, as Protégé does, and says what it finds there.

    python tests/protege/owl_api.py FOLDER_OF_JARS FILE [FILE ...]

A process of its own: a Java machine holds one version of HermiT. It has no access to the network:
a module that the catalogue beside the file does not know is an error. For each file the result
holds violations of OWL 2 DL, unsatisfiable classes, classes that are equal, and the types of
individuals, as JSON.
"""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import jpype
import jpype.imports

NAMESPACE = "{urn:oasis:names:tc:entity:xmlns:xml:catalog}"


def start(jars: Path) -> None:
    """Start Java with the OWL API and its reasoners."""
    jpype.startJVM(
        "-Xmx2g",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
        classpath=[str(jar) for jar in sorted(jars.glob("*.jar"))],
        convertStrings=True,
    )


def catalogue(file: Path) -> dict[str, Path]:
    """Read the catalogue beside a file as Protégé does: names and the files they lead to."""
    path = file.parent / "catalog-v001.xml"
    found = ElementTree.parse(path).getroot().iter(f"{NAMESPACE}uri")
    return {entry.attrib["name"]: path.parent / entry.attrib["uri"] for entry in found}


def load(file: Path) -> tuple[Any, Any]:
    """Load a file and all it imports; return the manager and the ontology."""
    from org.semanticweb.owlapi.apibinding import OWLManager
    from org.semanticweb.owlapi.model import IRI
    from org.semanticweb.owlapi.util import SimpleIRIMapper

    manager = OWLManager.createOWLOntologyManager()
    for name, target in catalogue(file).items():
        manager.getIRIMappers().add(
            SimpleIRIMapper(IRI.create(name), IRI.create(target.resolve().as_uri()))
        )
    from java.io import File

    return manager, manager.loadOntologyFromOntologyDocument(File(str(file.resolve())))


def violations(ontology: Any) -> list[str]:
    """List what in an ontology and its imports is not OWL 2 DL."""
    from org.semanticweb.owlapi.profiles import OWL2DLProfile

    return sorted(str(v) for v in OWL2DLProfile().checkOntology(ontology).getViolations())


def inferred(ontology: Any) -> dict[str, Any]:
    """Classify with HermiT: what is unsatisfiable, what is equal, what each individual is."""
    from org.semanticweb.HermiT import ReasonerFactory
    from org.semanticweb.owlapi.model.parameters import Imports

    reasoner = ReasonerFactory().createReasoner(ontology)
    bottom = reasoner.getUnsatisfiableClasses()
    nodes = {reasoner.getEquivalentClasses(c) for c in ontology.getClassesInSignature(Imports.INCLUDED)}
    equal = [
        sorted(str(c.getIRI()) for c in node.getEntities())
        for node in nodes
        if node.getSize() > 1 and not node.isBottomNode()
    ]
    types = {
        str(one.getIRI()): sorted(
            str(c.getIRI()) for c in reasoner.getTypes(one, False).getFlattened()
        )
        for one in ontology.getIndividualsInSignature(Imports.EXCLUDED)
    }
    return {
        "consistent": bool(reasoner.isConsistent()),
        "unsatisfiable": sorted(str(c.getIRI()) for c in bottom.getEntitiesMinusBottom()),
        "equal": sorted(equal),
        "types": types,
    }


def main(jars: str, *files: str) -> None:
    """Print what was found of each file."""
    start(Path(jars))
    found = {}
    for name in files:
        reason = name.endswith("+")
        _, ontology = load(Path(name.rstrip("+")))
        from org.semanticweb.owlapi.model.parameters import Imports

        found[name.rstrip("+")] = {
            "violations": violations(ontology),
            "axioms": int(ontology.getAxiomCount(Imports.INCLUDED)),
            **(inferred(ontology) if reason else {}),
        }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
