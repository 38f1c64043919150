"""What the documentation prints in Manchester syntax is what the ontology asserts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from ontology.files import BASE, HOME, ROOT
from queries.site.manchester import Manchester, ManchesterError, short
from queries.web.holdings import Holdings

FOLDER = os.environ.get("RALLO_OPENLLET")
CLASSES = """SELECT DISTINCT ?class WHERE { GRAPH ?graph {
  ?class a <http://www.w3.org/2002/07/owl#Class> }
  FILTER (isIRI(?class) && STRSTARTS(STR(?graph), "https://w3id.org/rallo/graph/asserted/"))
} ORDER BY ?class"""
OWL = "http://www.w3.org/2002/07/owl#"


@cache
def held() -> Holdings:
    """Open the dataset once."""
    return Holdings()


def frame(name: str) -> str:
    """Write one class on one line."""
    return " ".join(Manchester(held()).frame(name).split())


# Read by hand off the Turtle of the modules.
EXPECTED = {
    "Table1VeryEarly": "Class: Table1VeryEarly EquivalentTo: "
    "monthsFromDiagnosis some xsd:decimal[< 18]",
    "LaterRelapse": "Class: LaterRelapse EquivalentTo: relapseNumber some xsd:decimal[>= 2]",
    "NarrativeEarly": "Class: NarrativeEarly EquivalentTo: "
    "monthsFromRemission some xsd:decimal[> 18, < 30]",
    "ResidualDiseaseAboveLimit": "Class: ResidualDiseaseAboveLimit EquivalentTo: "
    "minimalResidualDisease some xsd:decimal[> 0.0001]",
    "S2Clause4": "Class: S2Clause4 EquivalentTo: NonTRelapse and CombinedRelapse and "
    "(Table1Early or Table1Late) SubClassOf: S2",
    "MarrowInvolvement": "Class: MarrowInvolvement EquivalentTo: {MarrowClear, MarrowInvolved}",
    "CNSFullDoseSituation": "Class: CNSFullDoseSituation EquivalentTo: "
    "CNSInvolvingRelapse and (not PriorCranialDoseAboveLimit)",
    "ImatinibSituation": "Class: ImatinibSituation EquivalentTo: "
    "(hasPhiladelphiaStatus value PhiladelphiaPositive) and "
    "(hasTKIResistance value NoTKIResistance)",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_class_is_written_as_its_module_has_it(name: str) -> None:
    """Facets with their numbers, values, negations, unions and lists are written as asserted."""
    assert frame(name) == EXPECTED[name]


def test_a_closed_class_is_the_union_of_the_clauses_that_stand() -> None:
    """S1 is its one clause, and a class that only a reading now off would fill is empty."""
    assert frame("S1") == "Class: S1 EquivalentTo: S1Clause1"
    assert frame("S1CellSetAside") == "Class: S1CellSetAside EquivalentTo: owl:Nothing"


def test_a_name_is_short_only_where_that_is_a_name() -> None:
    """A term with a slash is written in full, a term of OWL or of XML Schema with its prefix."""
    assert short(BASE + "S1") == "S1"
    assert short(BASE + "advice/hsct") == f"<{BASE}advice/hsct>"
    assert short(OWL + "Thing") == "owl:Thing"
    assert short("http://www.w3.org/2001/XMLSchema#decimal") == "xsd:decimal"
    assert short("http://example.org/S1") == "<http://example.org/S1>"


def test_what_is_not_understood_is_refused() -> None:
    """A facet other than a comparison is refused by name, not left out."""
    own = Holdings()
    graph = NamedNode(f"{BASE}graph/asserted/core")
    node, data, head, facet = (BlankNode() for _ in range(4))
    rdf, xsd = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://www.w3.org/2001/XMLSchema#"
    for subject, predicate, value in (
        (NamedNode(BASE + "Planted"), OWL + "equivalentClass", node),
        (node, OWL + "onProperty", NamedNode(BASE + "monthsFromDiagnosis")),
        (node, OWL + "someValuesFrom", data),
        (data, OWL + "onDatatype", NamedNode(xsd + "decimal")),
        (data, OWL + "withRestrictions", head),
        (head, rdf + "first", facet),
        (head, rdf + "rest", NamedNode(rdf + "nil")),
        (facet, xsd + "totalDigits", Literal("2")),
    ):
        own.engine.store.add(Quad(subject, NamedNode(predicate), value, graph))
    with pytest.raises(ManchesterError, match="totalDigits"):
        Manchester(own).frame("Planted")


@pytest.mark.skipif(not FOLDER, reason="RALLO_OPENLLET names no folder with the jars of OWL API")
def test_the_owl_api_reads_every_class_back_as_it_is_asserted() -> None:
    """The frames of all classes give the axioms on classes of the ontology, none more or less."""
    names = [row["class"].removeprefix(BASE) for row in held().rows(CLASSES)]
    frames = {name: Manchester(held()).frame(name) for name in names}
    # The root leaves out readings that are off by default.
    files = [HOME / ROOT, *sorted((HOME / "readings").glob("*.ttl"))]
    script = Path(__file__).with_name("manchester_reader.py")
    call = [sys.executable, str(script), str(FOLDER), *map(str, files)]
    done = subprocess.run(
        call, input=json.dumps(frames), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["unread"] == {}
    assert found["invented"] == []
    assert found["left_out"] == []
    assert found["read"] >= len(frames)
