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

OWL_API = "org.semanticweb.owlapi"
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
    iri, mapper = (
        jpype.JClass(f"{OWL_API}.model.IRI"),
        jpype.JClass(f"{OWL_API}.util.SimpleIRIMapper"),
    )
    manager = jpype.JClass(f"{OWL_API}.apibinding.OWLManager").createOWLOntologyManager()
    for name, target in catalogue(file).items():
        place = iri.create(target.resolve().as_uri())
        manager.getIRIMappers().add(mapper(iri.create(name), place))
    document = jpype.JClass("java.io.File")(str(file.resolve()))
    return manager, manager.loadOntologyFromOntologyDocument(document)


def violations(ontology: Any) -> list[str]:
    """List what in an ontology and its imports is not OWL 2 DL."""
    profile = jpype.JClass(f"{OWL_API}.profiles.OWL2DLProfile")()
    return sorted(str(v) for v in profile.checkOntology(ontology).getViolations())


def inferred(ontology: Any) -> dict[str, Any]:
    """Classify with HermiT: what is unsatisfiable, what is equal, what each individual is."""
    imports = jpype.JClass(f"{OWL_API}.model.parameters.Imports")
    reasoner = jpype.JClass("org.semanticweb.HermiT.ReasonerFactory")().createReasoner(ontology)
    bottom = reasoner.getUnsatisfiableClasses()
    nodes = {
        reasoner.getEquivalentClasses(c) for c in ontology.getClassesInSignature(imports.INCLUDED)
    }
    equal = [
        sorted(str(c.getIRI()) for c in node.getEntities())
        for node in nodes
        if node.getSize() > 1 and not node.isBottomNode()
    ]
    types = {
        str(one.getIRI()): sorted(
            str(c.getIRI()) for c in reasoner.getTypes(one, False).getFlattened()
        )
        for one in ontology.getIndividualsInSignature(imports.EXCLUDED)
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
        found[name.rstrip("+")] = {
            "violations": violations(ontology),
            "axioms": int(ontology.getAxiomCount(True)),
            **(inferred(ontology) if reason else {}),
        }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
