"""Prove that the committed tables of facts are sound, and what graph comes of them."""

import re
import zipfile
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, XSD, Graph, Literal, URIRef

from loaders.facts import Row, load_facts, read_table
from loaders.tables import TABLES, closed_lists, property_of
from ontology.files import BASE
from ontology.modules import open_all
from ontology.terms import RALLO

FACTS = Path(__file__).parents[2] / "ontology" / "facts"

# Typed by hand from the article: group, column, operator, value, high value.
TABLE_1 = """
S1 share = 5      | S2 share = 55 | S3 share = 15      | S4 share = 25
S1 cr = 99        | S2 cr = 97    | S3 cr range 80 85  | S4 cr range 70 75
S1 os-chemotherapy range 60 70    | S2 os-chemotherapy = 40
S3 os-chemotherapy < 5            | S4 os-chemotherapy < 5
S2 os-hsct = 60   | S3 os-hsct = 30 | S4 os-hsct = 25
"""

# Papers for which the article's sentences print no number of their own; the range of cure that
# it prints for references 6 to 12 together is not the number of any of them.
WITHOUT_FIGURES = {8, 32, 38, 39, 42, 43, 44, *range(52, 62)}
CURED = "relapsed-all-cure-share"

# What other vocabularies define, RALLO does not define again.
FOREIGN = {
    *(RDFS.label, OWL.differentFrom, SKOS.altLabel, SKOS.editorialNote),
    *(DCTERMS.creator, DCTERMS.date, DCTERMS.title),
}


@pytest.fixture(scope="module")
def graph() -> Graph:
    """Load the tables once."""
    return load_facts(FACTS)


@pytest.fixture(scope="module")
def ontology() -> Graph:
    """Open all modules once."""
    return open_all()


@cache
def rows(name: str) -> dict[str, Row]:
    """Read one of the real tables, by id."""
    return {row.cells["id"]: row for row in read_table(FACTS / f"{name}.tsv")}


def at(path: str) -> URIRef:
    """Name what lies at a path of the graph."""
    return URIRef(BASE + path)


def test_the_tables_are_those_of_the_folder() -> None:
    """Every table that is described is there, and none besides."""
    assert {path.name for path in FACTS.glob("*.tsv")} == set(TABLES)


def test_every_row_is_an_individual_of_its_class(graph: Graph) -> None:
    """Each row becomes one individual of the class of its table, under one English name."""
    counted = Counter(graph.objects(None, RDF.type))

    assert counted == {table.type: len(rows(name[:-4])) for name, table in TABLES.items()}
    for node in set(graph.subjects(RDF.type)):
        (label,) = graph.objects(node, RDFS.label)
        assert isinstance(label, Literal) and label.language == "en" and label


def test_every_cell_is_in_the_graph(graph: Graph) -> None:
    """Each part of each filled cell is one triple under the property of its column."""
    for table in TABLES:
        for row in rows(table[:-4]).values():
            for column in row.cells.keys() - {"id"}:
                told = {str(value) for value in graph.objects(row.node, property_of(column))}
                assert {str(node) for _, node in row.objects(column)} <= told, (row.line, column)


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("outcome/table1-s4-os-hsct", "OS 25%: HSCT against chemotherapy (5 years)"),
        ("outcome/table1-s3-cr", "CR 80 to 85%: group S3 of the BFM classification"),
        (
            "outcome/blinatumomab-relapse-study-cr",
            "CR 12 of 18: blinatumomab by continuous infusion at 3 dose levels"
            " (within the first 2 cycles)",
        ),
        (
            "outcome/p10-site-os",
            "OS correlated: children with relapsed ALL [p10 site os]",
        ),
    ],
)
def test_an_outcome_is_named_by_what_was_found(graph: Graph, path: str, label: str) -> None:
    """An outcome's name tells metric, figure, whom, against whom and when, and is its alone."""
    assert list(graph.subjects(RDFS.label, Literal(label, lang="en"))) == [at(path)]
    assert graph.value(at(path), RDF.type) == RALLO.Outcome


@pytest.mark.parametrize("kind", [RALLO.Outcome, RALLO.Quantity, RALLO.Publication])
def test_no_two_findings_share_a_name(graph: Graph, kind: URIRef) -> None:
    """Whoever reads the name of a finding, a quantity or a publication knows which is meant."""
    named = Counter(graph.value(node, RDFS.label) for node in graph.subjects(RDF.type, kind))

    assert set(named.values()) == {1}


def test_the_bibliography_is_complete() -> None:
    """All 96 references and the article are there, each once, under their own names."""
    numbered = {row.cells["number"]: name for name, row in rows("publications").items()}

    assert numbered.pop("") == "article"
    assert numbered == {str(n): f"reference-{n:02}" for n in range(1, 97)}


def test_references_keep_their_iris(graph: Graph) -> None:
    """A reference is found under its plain number, and the article under its name."""
    published = set(graph.subjects(RDF.type, RALLO.Publication))

    assert published == {at(f"reference/{n}") for n in range(1, 97)} | {at("article")}


def test_every_statement_is_said_in_the_article(graph: Graph) -> None:
    """Each statement names the article as its source, and each source statement a reference."""
    for statement in graph.subjects(RDF.type, RALLO.Statement):
        assert set(graph.objects(statement, RALLO.saidIn)) == {at("article")}
    for told in graph.subjects(RDF.type, RALLO.SourceStatement):
        (source,) = graph.objects(told, RALLO.saidIn)
        assert str(source).startswith(f"{BASE}reference/")


def test_table_1_is_copied_without_a_slip() -> None:
    """Each figure of Table 1 equals the one typed by hand here, and the rest has no number."""
    expected = {
        f"table1-{group.lower()}-{column}": (operator, *[*values, ""][:2])
        for cell in re.split(r"[|\n]", TABLE_1.strip())
        for group, column, operator, *values in [cell.split()]
    }
    found = {
        name: tuple(row.cells[column] for column in ("operator", "value", "value_high"))
        for name, row in rows("outcomes").items()
        if name.startswith("table1-")
    }

    assert found.pop("table1-s1-os-hsct") == ("", "", "")
    assert found == expected


def test_no_figure_is_made_up_for_a_paper_told_without_one() -> None:
    """No outcome with a number rests on a paper whose results the article tells in words alone."""
    numbers = {name: row for name, row in rows("outcomes").items() if row.cells["value"]}
    assert numbers.pop(CURED).parts("citations") == [str(n) for n in range(6, 13)]
    cited = {int(number) for row in numbers.values() for number in row.parts("citations")}

    assert not cited & WITHOUT_FIGURES


def test_disputes_have_two_sides(graph: Graph) -> None:
    """A statement that contradicts another is contradicted by it, and none contradicts itself."""
    disputes = {
        (one, other)
        for one, other in graph.subject_objects(RALLO.contradicts)
        if (other, RDF.type, RALLO.Statement) in graph
    }

    assert disputes
    assert disputes == {(other, one) for one, other in disputes}
    assert all(one != other for one, other in disputes)


@pytest.mark.parametrize(("one", "other"), [(29, 31), (8, 32), (8, 55), (8, 57)])
def test_the_transplant_disputes_are_told(graph: Graph, one: int, other: int) -> None:
    """The studies that disagree on transplantation against chemotherapy are set against it."""
    ask = "ASK { ?a rallo:cites ?one ; rallo:contradicts ?b . ?b rallo:cites ?other }"
    bound = {"one": at(f"reference/{one}"), "other": at(f"reference/{other}")}

    assert graph.query(ask, initBindings=bound).askAnswer


def test_numbers_are_exact(graph: Graph) -> None:
    """No value is a binary fraction: numbers are integers or decimals, and read as printed."""
    datatypes = {node.datatype for node in graph.objects() if isinstance(node, Literal)}

    assert datatypes == {None, XSD.boolean, XSD.decimal, XSD.integer}
    for table in ("outcomes", "quantities"):
        for row in rows(table).values():
            for column in {"value", "value_high", "derived_value"}:
                told = [str(number) for number in graph.objects(row.node, property_of(column))]
                assert told == row.parts(column)


def test_no_drug_has_a_dose_to_give() -> None:
    """The only doses that the authors give are of radiation; those of drugs are told of others."""
    given = [row.cells for row in rows("quantities").values() if row.cells["role"] == "practice"]
    amounts = {(cells["treatment"], cells["value"]) for cells in given}

    assert {cells["unit"] for cells in given} == {"Gy"}
    cns, testis = "treatment/cns-radiotherapy", "treatment/testicular-radiotherapy"
    assert amounts == {(cns, "18"), (cns, "15"), (testis, "24"), (testis, "15")}


def test_the_disputed_dose_is_warned_of() -> None:
    """The dose of nelarabine and its statement begin their note with a warning."""
    dose = rows("quantities")["nelarabine-phase-2-amount"].cells
    claim = rows("statements")[dose["in_statement"]].cells

    assert (dose["value"], dose["unit"], dose["role"]) == ("1200", "mg/m2", "studied")
    assert dose["note"].startswith("SAFETY DISPUTE") and claim["note"].startswith("SAFETY DISPUTE")


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_word_of_the_tables_is_declared(table: str, ontology: Graph) -> None:
    """Class and properties of each table stand in the ontology, with label and definition."""
    columns = [column for column in TABLES[table].header if column != "id"]
    for word in {TABLES[table].type, *map(property_of, columns)} - FOREIGN:
        assert (word, RDF.type, None) in ontology, word
        assert (word, RDFS.label, None) in ontology, word
        assert (word, SKOS.definition, None) in ontology, word


def test_columns_have_properties_of_their_own() -> None:
    """No two columns of a table share a property, so no cell is taken for another."""
    for table in TABLES.values():
        counted = Counter(property_of(column) for column in table.header if column != "id")
        assert not [word for word, count in counted.items() if count > 1]


def test_every_property_has_one_nature(ontology: Graph) -> None:
    """No property is declared of two kinds, which OWL 2 DL forbids."""
    kinds = (OWL.AnnotationProperty, OWL.DatatypeProperty, OWL.ObjectProperty)

    for word in set(ontology.subjects(RDF.type)):
        assert sum((word, RDF.type, kind) in ontology for kind in kinds) <= 1, word


def test_closed_lists_are_those_of_the_ontology(ontology: Graph) -> None:
    """Each list that the ontology closes for a column is the one that the loader keeps to."""
    used = {property_of(c) for table in TABLES.values() for c in table.header if c != "id"}
    declared = {
        word: tuple(str(member) for member in ontology.items(members))
        for word in used
        for datatype in ontology.objects(word, RDFS.range)
        for members in ontology.objects(datatype, OWL.oneOf)
    }

    assert declared
    assert declared == {word: closed_lists()[word] for word in used & closed_lists().keys()}
    assert all(len({*words}) == len(words) for words in declared.values())


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_column_is_documented(table: str) -> None:
    """The README has a section for each table, whose rows name its columns, each once."""
    readme = (FACTS / "README.md").read_text("utf-8")
    section = readme.partition(f"\n## {table}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\|([^|]*)\|", section, re.MULTILINE)

    assert sorted(re.findall(r"`(\w+)`", "".join(cells))) == sorted(TABLES[table].header)


def test_tables_load_from_an_archive(graph: Graph, tmp_path: Path) -> None:
    """A folder inside a zip file gives the same graph as one on disk."""
    archive = tmp_path / "facts.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for name in TABLES:
            target.write(FACTS / name, name)

    with zipfile.ZipFile(archive) as source:
        assert set(load_facts(zipfile.Path(source))) == set(graph)


def test_line_ends_of_windows_change_nothing(graph: Graph, tmp_path: Path) -> None:
    """Tables checked out with other line ends give the same graph."""
    for name in TABLES:
        (tmp_path / name).write_bytes((FACTS / name).read_bytes().replace(b"\n", b"\r\n"))

    assert set(load_facts(tmp_path)) == set(graph)
