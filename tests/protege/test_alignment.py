"""The alignment with outside ontologies adds words above ours, and changes nothing among ours."""

from __future__ import annotations

import csv
from pathlib import Path

from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef

from ontology.editor import ALIGNMENT
from ontology.files import BASE, HOME, module_files
from ontology.modules import default_readings, open_all, open_with
from reasoner.hermit import Judge

MODULE = Graph().parse(HOME / ALIGNMENT)


def test_the_classes_of_ours_stay_as_they_are() -> None:
    """HermiT finds the same hierarchy among our classes with and without the alignment."""
    graph = open_with(default_readings(open_all()))
    without = set(Judge(graph).hierarchy())
    with_ = set(Judge(graph + MODULE).hierarchy())
    assert without < with_
    assert all(upper.startswith("http") for _, upper in with_ - without)


def test_the_alignment_can_be_left_out() -> None:
    """No module imports it, and none of its outside terms stands in a module."""
    outside = {t for t in MODULE.subjects(RDF.type) if not str(t).startswith(BASE)}
    for path in module_files():
        module = Graph().parse(path)
        assert URIRef(f"{BASE}alignment") not in set(module.objects(None, OWL.imports))
        assert not outside & {t for t in module.all_nodes() if isinstance(t, URIRef)}


def test_each_kind_of_thing_is_aligned_or_told_why_not() -> None:
    """Each kind of thing in the tables is beneath an outside class, or it is said why not."""
    told = {*MODULE.subjects(RDFS.subClassOf), *MODULE.subjects(SKOS.editorialNote)}
    names = "Publication Study Arm Population Statement SourceStatement Outcome Quantity Regimen "
    names += (
        "Component Lesion LaterEvidence Algorithm Advice Decision Action Scheme Reading Relapse"
    )
    assert {URIRef(BASE + name) for name in names.split()} <= told


def test_outside_terms_are_those_that_were_read() -> None:
    """Each outside term has a label and an origin, and none else is used."""
    imported_from = URIRef("http://purl.obolibrary.org/obo/IAO_0000412")
    declared = {t for t in MODULE.subjects(RDF.type) if not str(t).startswith(BASE)}
    used = {*MODULE.objects(None, RDFS.subClassOf), *MODULE.objects(None, RDFS.subPropertyOf)}
    assert used == declared - {imported_from}
    with (Path(__file__).parent / "outside_terms.tsv").open(encoding="utf-8") as lines:
        read = {row["iri"]: row["label"] for row in csv.DictReader(lines, delimiter="\t")}
    for term in used:
        assert str(MODULE.value(term, RDFS.label)) == read[str(term)]
        assert MODULE.value(term, imported_from)
