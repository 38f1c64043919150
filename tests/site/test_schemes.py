"""The page of a scheme shows what its module asserts, to the last bound, and what is certified."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.namespace import XSD
from rdflib.term import Node
from rendered import Reader, held, pages

from ontology.files import BASE, HOME
from ontology.modules import open_all
from ontology.terms import RALLO

GRAPH: Graph = open_all()
SCHEMES = sorted(
    str(s).removeprefix(f"{BASE}scheme/") for s in GRAPH.subjects(RDF.type, RALLO.Scheme)
)
SIGNS = {
    XSD.minInclusive: "≥",
    XSD.minExclusive: ">",
    XSD.maxInclusive: "≤",
    XSD.maxExclusive: "<",
}


def scheme_page(name: str) -> Reader:
    """Return the page of a scheme."""
    return pages()[f"schemes/{name}.html"]


def rows(table: str, scheme: str) -> list[dict[str, str]]:
    """Read the rows of the shipped certificate on one scheme."""
    with (HOME / "certificate" / table).open(encoding="utf-8", newline="") as lines:
        return [r for r in csv.DictReader(lines, delimiter="\t") if r["scheme"] == scheme]


def categories(name: str) -> list[Node]:
    """List the categories of a scheme."""
    return sorted(GRAPH.subjects(RALLO.inScheme, URIRef(f"{BASE}scheme/{name}")), key=str)


def clauses(category: Node) -> list[Node]:
    """List the clauses of a category, those of readings included; other classes have none."""
    closed = (category, RALLO.closed, Literal(True)) in GRAPH
    return sorted(GRAPH.subjects(RDFS.subClassOf, category), key=str) if closed else []


def stands(clause: Node) -> bool:
    """Tell whether a clause is printed, or of a reading that is on by default."""
    reading = GRAPH.value(clause, RALLO.readingOf)
    return reading is None or (reading, RALLO.onByDefault, Literal(True)) in GRAPH


def bounds(node: Node, seen: set[Node]) -> Iterator[str]:
    """Yield every bound on which a class rests, as a sign and a number."""
    if node in seen:
        return
    seen.add(node)
    for predicate, value in GRAPH.predicate_objects(node):
        if predicate in SIGNS:
            yield f"{SIGNS[URIRef(str(predicate))]} {value}"
        elif predicate in (
            OWL.equivalentClass, OWL.intersectionOf, OWL.unionOf, OWL.complementOf,
            OWL.someValuesFrom, OWL.withRestrictions, RDF.first, RDF.rest,
        ):  # fmt: skip
            yield from bounds(value, seen)
    for clause in clauses(node):
        if stands(clause):
            yield from bounds(clause, seen)


def text(node: Node, predicate: URIRef) -> str:
    """Return what is asserted, with single spaces."""
    return " ".join(str(GRAPH.value(node, predicate)).split())


def test_there_is_a_page_for_each_scheme_and_no_other() -> None:
    """All nine schemes have a page, and the list leads to each."""
    assert len(SCHEMES) == 9
    found = {path for path in pages() if path.startswith("schemes/")}
    assert found == {f"schemes/{name}.html" for name in SCHEMES} | {"schemes/index.html"}
    assert {f"{name}.html" for name in SCHEMES} <= set(pages()["schemes/index.html"].links)


@pytest.mark.parametrize("name", SCHEMES)
def test_a_page_holds_every_category_and_clause(name: str) -> None:
    """Each stands under its own name with label, definition, place and axioms; clauses within."""
    told = scheme_page(name).texts
    scheme = URIRef(f"{BASE}scheme/{name}")
    assert text(scheme, SKOS.definition) in told[""]
    assert categories(name)
    for category in categories(name):
        for term in (category, *clauses(category)):
            own = told[str(term).removeprefix(BASE)]
            assert text(term, RDFS.label) in own
            assert text(term, SKOS.definition) in own
            locator = GRAPH.value(term, RALLO.locator)
            assert locator is None or str(locator) in own
            for reference in GRAPH.objects(term, RALLO.rests):
                assert f"[{str(reference).rpartition('/')[2]}]" in own
            assert f"Class: {str(term).removeprefix(BASE)} " in own
            assert own in told[str(category).removeprefix(BASE)]


@pytest.mark.parametrize("name", SCHEMES)
def test_every_bound_stands_with_its_clause(name: str) -> None:
    """All numbers that a category or clause rests on, however deep, are printed with it."""
    told = scheme_page(name).texts
    for category in categories(name):
        for term in (category, *clauses(category)):
            own = told[str(term).removeprefix(BASE)]
            for bound in bounds(term, set()):
                if term == category or stands(term):
                    assert f"{bound} " in own, (str(term), bound)


def test_bounds_are_found_where_they_are_known() -> None:
    """The test above looks for what matters: both limits of Table 1 are bounds of S2."""
    found = set(bounds(URIRef(BASE + "S2"), set()))
    assert {"< 18", "> 18", "< 6", "> 6"} == found


@pytest.mark.parametrize("name", SCHEMES)
def test_counts_are_those_of_the_certificate(name: str) -> None:
    """The page counts one, none and several as the shipped table does, for each set of readings."""
    told = scheme_page(name).texts[""]
    for row in rows("counts.tsv", name):
        one, none, several = row["in_one_category"], row["in_holes"], row["in_overlaps"]
        if row["readings"] != "default":
            assert f"{row['readings']} {one} {none} {several}" in told
        elif none == several == "0":
            assert f"Each of its {one} cases is in exactly one category." in told
        else:
            said = f"{one} are in exactly one category, {none} in none and {several} in several."
            assert said in told


@pytest.mark.parametrize("name", SCHEMES)
def test_every_hole_and_overlap_is_told_with_its_passage(name: str) -> None:
    """Each place of the default readings stands there with its cells and the passage's words."""
    told = scheme_page(name).texts[""]
    found = [r for r in rows("places.tsv", name) if r["readings"] == "default"]
    for row in found:
        join = " and " if row["kind"] == "overlap" else ", "
        beside = join.join(filter(None, row["categories"].split(";"))) or "no category"
        assert f"{row['criteria']} {beside} {row['cells']}" in told
        for cause in row["causes"].split(";"):
            passage = URIRef(f"{BASE}open-passage/{cause}")
            assert text(passage, SKOS.definition) in told
    assert found or "None: every case is in exactly one category." in told


@pytest.mark.parametrize("name", SCHEMES)
def test_the_questions_on_the_page_can_be_asked(name: str) -> None:
    """The page prints questions that RALLO answers for this scheme."""
    told = scheme_page(name).texts[""]
    for question in ("holes", "overlaps"):
        assert f"rallo query {question} --param scheme={name}" in told
        places = [r for r in rows("places.tsv", name) if r["kind"] == question.removesuffix("s")]
        usual = {r["criteria"] for r in places if r["readings"] == "default"}
        answer = held().knowledge().query(question, {"scheme": name})
        asked = answer.columns.index("criteria")
        assert {row[asked] for row in answer.rows} == usual
