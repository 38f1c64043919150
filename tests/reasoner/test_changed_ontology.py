"""Prove that the ontology alone decides: changed text changes answers, broken text is refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from conftest import Asker

from ontology.modules import HOME, OntologyError, open_with
from queries.certifying import differences
from reasoner.build import build, is_stale
from reasoner.certificate import DEFAULT, certificate
from reasoner.compiler import compile_tables
from reasoner.expressions import HasNumber
from reasoner.hermit import Judge
from reasoner.structure import Structure
from reasoner.table import StaleTableError, Table, load

TABLE_1 = Path("schemes") / "bfm_table_1.ttl"
TIMING, GROUPS = "bfm-table-1-timing", "bfm-table-1-groups"
MARROW = {
    "marrow_status": "involved",
    "cns_status": "CNS1",
    "testis": "none",
    "other_extramedullary": "none",
    "immunophenotype": "BCP",
}

# The split of the CNS trials by the length of first remission (A01, P21 [50,51]), as a scheme.
NEW_SCHEME = """
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl:     <http://www.w3.org/2002/07/owl#> .
@prefix rallo:   <https://w3id.org/rallo/> .
@prefix rdfs:    <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos:    <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd:     <http://www.w3.org/2001/XMLSchema#> .

<https://w3id.org/rallo/scheme/pog-cns/module> a owl:Ontology ;
    owl:imports
        <https://w3id.org/rallo/core> ,
        <https://w3id.org/rallo/scheme/site-patterns/module> .

<https://w3id.org/rallo/scheme/pog-cns> a owl:NamedIndividual, rallo:Scheme ;
    rdfs:label          "first remission before CNS relapse"@en ;
    skos:definition     "Shorter or longer first remission as the CNS trials split it."@en ;
    rallo:locator       "P21" ;
    rallo:column        "pog_cns" ;
    rallo:rank          20 ;
    rallo:appliesTo     rallo:IsolatedCNSRelapse .
"""
NEW_CATEGORY = """
rallo:POG{name} a owl:Class ;
    rdfs:label          "{name} first remission"@en ;
    skos:definition     "First remission {name} than 18 months."@en ;
    rallo:locator       "P21" ;
    rallo:inScheme      <https://w3id.org/rallo/scheme/pog-cns> ;
    skos:notation       "{name}" ;
    rallo:rank          {rank} ;
    owl:equivalentClass [
        a owl:Restriction ; owl:onProperty rallo:monthsFromRemission ; owl:someValuesFrom [
            a rdfs:Datatype ; owl:onDatatype xsd:decimal ;
            owl:withRestrictions ( [ xsd:{facet} "18"^^xsd:decimal ] ) ] ] .
"""


def copy_to(folder: Path) -> Path:
    """Copy the ontology's folder."""
    home = folder / "ontology"
    shutil.copytree(HOME, home, ignore=shutil.ignore_patterns("__pycache__"))
    return home


def replace(path: Path, old: str, new: str, *, count: int = -1) -> None:
    """Replace text in a file that must hold it."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} does not hold {old!r}"
    path.write_text(text.replace(old, new, count), encoding="utf-8")


@pytest.fixture(scope="module")
def by_twelve(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a copy in which Table 1 counts 12 months instead of 18; return its folder."""
    folder = tmp_path_factory.mktemp("twelve")
    home = copy_to(folder)
    replace(home / TABLE_1, '"18"^^xsd:decimal', '"12"^^xsd:decimal')
    build(home=home, folder=folder)
    return folder


@pytest.fixture(scope="module")
def with_scheme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """Build a copy with one file more, and prepare its questions."""
    folder = tmp_path_factory.mktemp("scheme")
    home = copy_to(folder)
    categories = (("shorter", 1, "maxExclusive"), ("longer", 2, "minExclusive"))
    text = NEW_SCHEME + "".join(
        NEW_CATEGORY.format(name=n, rank=r, facet=f) for n, r, f in categories
    )
    (home / "schemes" / "pog_cns.ttl").write_text(text, encoding="utf-8")
    build(home=home, folder=folder)
    yield Asker(load(home=home, folder=folder).view())


@pytest.mark.parametrize(
    ("months", "before", "after"),
    [
        ("11", ("very early", "S4"), ("very early", "S4")),
        ("12", ("very early", "S4"), ("gap:very early|early", "gap:S3|S4")),
        ("15", ("very early", "S4"), ("early", "S3")),
        ("18", ("gap:very early|early", "gap:S3|S4"), ("early", "S3")),
        ("19", ("early", "S3"), ("early", "S3")),
    ],
)
def test_twelve_months_in_the_ontology_are_twelve_in_the_answer(
    by_twelve: Path, table: Table, months: str, before: tuple[str, str], after: tuple[str, str]
) -> None:
    """Where Table 1 says 12 instead of 18 months, a relapse on treatment is answered by 12."""
    changed = load(home=by_twelve / "ontology", folder=by_twelve)
    record = {**MARROW, "months_from_diagnosis": months, "on_treatment": "yes"}
    for one, wanted in ((table, before), (changed, after)):
        answers = Asker(one.view()).ask(record, (TIMING, GROUPS))
        assert (answers[TIMING].value, answers[GROUPS].value) == wanted


def test_twelve_months_change_no_other_scheme(by_twelve: Path) -> None:
    """The running text and the UK strata still count 18 months: schemes share no limit."""
    asker = Asker(load(home=by_twelve / "ontology", folder=by_twelve).view())
    record = {**MARROW, "months_from_diagnosis": "15", "on_treatment": "yes"}
    answers = asker.ask({**record, "months_from_remission": "14"})
    assert answers["bfm-narrative-timing"].value == "very early"
    assert answers["uk-r3"].value == "HR"


def test_the_certificate_notices_the_change(by_twelve: Path, table: Table) -> None:
    """Holes of Table 1 move to month 12, and the shipped tables are told wrong row by row."""
    changed = certificate(load(home=by_twelve / "ontology", folder=by_twelve))
    criteria = [p.criteria for p in changed.places if (p.scheme, p.readings) == (TIMING, DEFAULT)]
    assert len(criteria) == 4
    assert all("exactly 12" in c or "exactly 6" in c or "< 12" in c for c in criteria)
    told = differences(changed, HOME / "certificate")
    assert any(f"places.tsv: + {TIMING} | default | hole | 1 | " in line for line in told)
    assert any("counts.tsv: + " in line for line in told)
    assert changed.checksum != certificate(table).checksum


def test_hermit_sees_the_change_too(by_twelve: Path, judge: Judge) -> None:
    """HermiT on the changed modules puts month 15 where the changed table puts it."""
    home = by_twelve / "ontology"
    atoms = Structure(open_with((), home)).dimensions["monthsFromDiagnosis"].atoms
    changed = Judge(open_with(load(home=home, folder=by_twelve).data["default_readings"], home))
    numbers = [a for a in atoms if isinstance(a, HasNumber)]
    cell = next(a for a in numbers if a.interval.contains(Decimal(15)))
    assert changed.decide(cell, "Table1VeryEarly") is False
    assert judge.decide(cell, "Table1VeryEarly") is True


def test_a_table_of_other_modules_is_refused(by_twelve: Path, tmp_path: Path) -> None:
    """A table beside modules it was not compiled from is stale and is not opened."""
    assert not is_stale(home=by_twelve / "ontology", folder=by_twelve)
    assert is_stale(home=HOME, folder=by_twelve)
    with pytest.raises(StaleTableError, match="other modules"):
        load(home=HOME, folder=by_twelve)
    home = copy_to(tmp_path)
    shutil.copytree(by_twelve / "compiled", tmp_path / "compiled")
    replace(home / TABLE_1, '"18"^^xsd:decimal', '"12"^^xsd:decimal')
    assert not is_stale(home=home, folder=tmp_path)
    replace(
        home / "readings" / "B1.ttl", "high risk is S3 and S4", "high risk is S3 or S4", count=1
    )
    assert is_stale(home=home, folder=tmp_path)
    with pytest.raises(StaleTableError, match="rallo build"):
        load(home=home, folder=tmp_path)


def test_a_missing_table_is_stale(tmp_path: Path) -> None:
    """Where there is no table, the answer says how to make one."""
    assert is_stale(folder=tmp_path)
    with pytest.raises(StaleTableError, match="rallo build"):
        load(folder=tmp_path)


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({"months_from_remission": "17"}, "shorter"),
        ({"months_from_remission": "18"}, "gap:shorter|longer"),
        ({"months_from_remission": "19"}, "longer"),
        ({}, "undetermined:shorter|longer"),
        ({"months_from_remission": "19", "marrow_status": "involved"}, "not-applicable"),
    ],
)
def test_a_scheme_added_as_one_file_is_answered(
    with_scheme: Asker, changes: dict[str, str], value: str
) -> None:
    """One new Turtle file in schemes/ is a new scheme, with scope, categories and open boundary."""
    schemes = {e["name"]: e["column"] for e in with_scheme.intake.view.table.schemes}
    assert len(schemes) == 10 and schemes["pog-cns"] == "pog_cns"
    isolated = {**MARROW, "marrow_status": "clear", "cns_status": "CNS3", **changes}
    assert with_scheme.ask(isolated, ("pog-cns",))["pog-cns"].value == value


def test_a_scheme_added_changes_no_other_answer(with_scheme: Asker, table: Table) -> None:
    """What other schemes and decisions say does not depend on which schemes stand beside them."""
    before = Asker(table.view())
    names = tuple(before.questions)
    different = []
    for status, dx, rem, on in product(
        ("clear", "involved"), ("18", "24", "30", "40"), ("", "17", "18", "19", "30"), ("yes", "no")
    ):
        record = {**MARROW, "marrow_status": status, "cns_status": "CNS3", "on_treatment": on}
        record |= {"months_from_diagnosis": dx, "months_from_remission": rem}
        if rem and int(rem) > int(dx):
            continue
        old, new = before.ask(record, names), with_scheme.ask(record, names)
        different += [(n, record, old[n].value, new[n].value) for n in names if old[n] != new[n]]
    assert not different, (len(different), different[0])


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("owl:intersectionOf", "owl:intersectionOff"),
        ("owl:complementOf", "owl:complementOff"),
        ("owl:someValuesFrom", "owl:someValuesForm"),
        ("owl:withRestrictions", "owl:withRestriction"),
        ("xsd:maxExclusive", "xsd:maxExclusiv"),
        ("owl:equivalentClass", "owl:equivalentClas"),
        ("rdfs:subClassOf     rallo:S1", "rdfs:subClasOf     rallo:S1"),
        ("a owl:Restriction", "a owl:Restricton"),
    ],
)
def test_a_misspelt_term_is_refused_by_name(tmp_path: Path, right: str, wrong: str) -> None:
    """An axiom lost by a misspelt word would change an answer: the word is named instead."""
    home = copy_to(tmp_path)
    replace(home / TABLE_1, right, wrong, count=1)
    word = wrong.removeprefix("a ").split()[0].partition(":")[2]
    with pytest.raises(OntologyError, match=rf"{word}\b"):
        compile_tables(home)


def test_a_misspelt_way_to_tell_values_apart_is_refused_by_name(tmp_path: Path) -> None:
    """Values that nothing tells apart could be one: a lost owl:AllDifferent is refused."""
    home = copy_to(tmp_path)
    replace(home / "core.ttl", "owl:AllDifferent", "owl:AllDiferent", count=1)
    with pytest.raises(OntologyError, match="AllDiferent"):
        compile_tables(home)


def test_a_class_without_definition_is_refused_by_name(tmp_path: Path) -> None:
    """A class that a definition uses and nobody defines is refused, declared or not."""
    home = copy_to(tmp_path)
    used = "( rallo:ExtramedullaryRelapse rallo:Table1Late )"
    replace(home / TABLE_1, used, "( rallo:Somewhere rallo:Table1Late )")
    with pytest.raises(OntologyError, match="Somewhere"):
        compile_tables(home)
    with (home / TABLE_1).open("a", encoding="utf-8") as file:
        file.write('rallo:Somewhere a owl:Class ; rdfs:label "somewhere"@en .\n')
    with pytest.raises(OntologyError, match="Somewhere"):
        compile_tables(home)


def test_a_clause_of_an_unknown_group_is_refused_by_name(tmp_path: Path) -> None:
    """A clause asserted beneath a class that does not exist would be lost: the class is named."""
    home = copy_to(tmp_path)
    replace(home / TABLE_1, "rdfs:subClassOf     rallo:S1 ;", "rdfs:subClassOf     rallo:S9 ;")
    with pytest.raises(OntologyError, match="S9"):
        compile_tables(home)


def test_two_definitions_are_refused_by_name(tmp_path: Path) -> None:
    """A class defined twice would silently mean both at once: it is named and refused."""
    home = copy_to(tmp_path)
    with (home / TABLE_1).open("a", encoding="utf-8") as file:
        file.write("rallo:Table1VeryEarly owl:equivalentClass rallo:AbstractEarly .\n")
    with pytest.raises(OntologyError, match="Table1VeryEarly"):
        compile_tables(home)


def test_text_that_is_no_turtle_is_refused_with_its_file(tmp_path: Path) -> None:
    """A file that cannot be parsed is named."""
    home = copy_to(tmp_path)
    with (home / TABLE_1).open("a", encoding="utf-8") as file:
        file.write("rallo:Table1VeryEarly a owl:Class\n")
    with pytest.raises(OntologyError, match=r"bfm_table_1\.ttl"):
        compile_tables(home)
