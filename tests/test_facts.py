"""Prove that the curated tables of facts are sound, and that unsound ones are refused."""

import re
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, Namespace

from loaders.facts import TABLES, FactError, Row, load_facts, read_table

ONTOLOGY = Path(__file__).parent.parent / "ontology"
FACTS = ONTOLOGY / "facts"
RALLO = Namespace("https://w3id.org/rallo/")
XML_SCHEMA = Namespace("http://www.w3.org/2001/XMLSchema#")

# Typed by hand from the article: group, column, operator, value, high value.
TABLE_1 = """
S1 share = 5      | S2 share = 55 | S3 share = 15      | S4 share = 25
S1 cr = 99        | S2 cr = 97    | S3 cr range 80 85  | S4 cr range 70 75
S1 os-chemotherapy range 60 70    | S2 os-chemotherapy = 40
S3 os-chemotherapy < 5            | S4 os-chemotherapy < 5
S2 os-hsct = 60   | S3 os-hsct = 30 | S4 os-hsct = 25
"""

# The article's sentences that print no number for the paper they cite, and so have no outcome.
WITHOUT_FIGURES = {8, 32, 38, 39, 42, 43, 44, *range(52, 62)}


@pytest.fixture(scope="module")
def graph() -> Graph:
    """Load the tables once."""
    return load_facts(FACTS)


def rows(name: str) -> dict[str, Row]:
    """Read one of the real tables, by id."""
    return {row.cells["id"]: row for row in read_table(FACTS / name)}


def refusal(**replaced: str) -> FactError:
    """Load a copy of the tables, some of them replaced, and give the refusal."""
    with TemporaryDirectory() as copy:
        for name in TABLES:
            text = replaced.get(name.removesuffix(".tsv"), (FACTS / name).read_text("utf-8"))
            (Path(copy) / name).write_text(text, encoding="utf-8", newline="")
        with pytest.raises(FactError) as caught:
            load_facts(Path(copy))
    return caught.value


def changed(table: str, id_: str, **cells: str) -> str:
    """Give the text of a table in which some cells of one row are changed."""
    lines = (FACTS / f"{table}.tsv").read_text("utf-8").split("\n")
    header = lines[0].split("\t")
    at = next(n for n, line in enumerate(lines) if line.startswith(f"{id_}\t"))
    row = dict(zip(header, lines[at].split("\t"), strict=True)) | cells
    lines[at] = "\t".join(row.values())
    return "\n".join(lines)


def test_the_bibliography_is_complete() -> None:
    """All 96 references and the article are there, each once, under their own names."""
    table = rows("publications.tsv")
    numbered = {row.cells["number"]: name for name, row in table.items()}

    assert numbered.pop("") == "article"
    assert numbered == {str(n): f"reference-{n:02}" for n in range(1, 97)}


def test_references_keep_their_iris(graph: Graph) -> None:
    """A reference is found under its plain number, and the article under its name."""
    published = set(graph.subjects(RDF.type, RALLO.Publication))

    assert published == {RALLO[f"reference/{n}"] for n in range(1, 97)} | {RALLO.article}


def test_table_1_is_copied_without_a_slip() -> None:
    """Each figure of Table 1 equals the one typed by hand here, and the rest has no number."""
    expected = {
        f"table1-{group.lower()}-{column}": (operator, *[*values, ""][:2])
        for cell in re.split(r"[|\n]", TABLE_1.strip())
        for group, column, operator, *values in [cell.split()]
    }
    found = {
        name: tuple(row.cells[column] for column in ("operator", "value", "value_high"))
        for name, row in rows("outcomes.tsv").items()
        if name.startswith("table1-")
    }

    assert found.pop("table1-s1-os-hsct") == ("", "", "")
    assert found == expected


def test_no_figure_is_made_up_for_a_paper_told_without_one() -> None:
    """Papers whose results the article tells in words alone have no outcome."""
    outcomes = rows("outcomes.tsv").values()
    cited = {int(number) for row in outcomes for number in row.parts("citations")}

    assert not cited & WITHOUT_FIGURES


def test_disputes_have_two_sides(graph: Graph) -> None:
    """Whoever disputes a statement is disputed by it."""
    disputes = set(graph.subject_objects(RALLO.disputes))

    assert disputes
    assert disputes == {(other, one) for one, other in disputes}


@pytest.mark.parametrize(("one", "other"), [(29, 31), (8, 32), (8, 55), (8, 57)])
def test_the_transplant_disputes_are_told(graph: Graph, one: int, other: int) -> None:
    """The studies that disagree on transplantation against chemotherapy are set against it."""
    ask = "ASK { ?a rallo:cites ?one ; rallo:disputes ?b . ?b rallo:cites ?other }"
    bound = {"one": RALLO[f"reference/{one}"], "other": RALLO[f"reference/{other}"]}

    assert graph.query(ask, initBindings=bound).askAnswer


def test_numbers_are_exact(graph: Graph) -> None:
    """No value is a binary fraction: numbers are integers or decimals."""
    datatypes = {node.datatype for node in graph.objects() if isinstance(node, Literal)}

    assert datatypes == {None, *(XML_SCHEMA[name] for name in ("boolean", "decimal", "integer"))}


def test_no_table_gives_a_drug_dose() -> None:
    """No drug dose can be taken from the tables, and the disputed one is warned of."""
    text = "".join((FACTS / name).read_text("utf-8") for name in TABLES)
    note = rows("evidence.tsv")["nelarabine-phase-2-remission"].cells["curator_note"]

    assert not re.search(r"[mμu]g/m", text)
    assert note.startswith("SAFETY DISPUTE")


def test_every_word_of_the_graph_is_declared(graph: Graph) -> None:
    """Each class and property in use stands in the ontology, with label and definition."""
    words = Graph().parse(ONTOLOGY / "evidence.ttl")
    used = set(graph.predicates()) | set(graph.objects(None, RDF.type))

    assert used - set(words.subjects(RDF.type)) == {RDF.type, RDFS.label}
    own = set(words.subjects(RDFS.isDefinedBy))
    assert all((word, RDFS.label, None) in words for word in own)
    assert all((word, SKOS.definition, None) in words for word in own)


def test_every_property_has_one_nature() -> None:
    """No property is declared of two kinds, which OWL 2 DL forbids."""
    words = Graph().parse(ONTOLOGY / "evidence.ttl")
    kinds = (OWL.AnnotationProperty, OWL.DatatypeProperty, OWL.ObjectProperty)

    for word in set(words.subjects()):
        assert sum((word, RDF.type, kind) in words for kind in kinds) <= 1


def test_tables_load_from_an_archive(graph: Graph, tmp_path: Path) -> None:
    """A folder inside a zip file gives the same graph as one on disk."""
    archive = tmp_path / "facts.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for name in TABLES:
            target.write(FACTS / name, name)

    with zipfile.ZipFile(archive) as source:
        assert set(load_facts(zipfile.Path(source))) == set(graph)


CELLS = [
    ("publications", "reference-07", "number", "8"),
    ("publications", "reference-07", "year", "04"),
    ("publications", "reference-07", "et_al", "no"),
    ("publications", "reference-07", "publication_type", "book"),
    ("publications", "reference-06", "pmid", "PMID 1"),
    ("publications", "reference-06", "doi", "https://doi.org/10.1200/x"),
    ("publications", "reference-06", "title", ""),
    ("publications", "reference-06", "note", "-"),
    ("publications", "reference-06", "note", " note"),
    ("outcomes", "table1-s2-cr", "id", "Table1_S2"),
    ("outcomes", "table1-s2-cr", "metric", "response"),
    ("outcomes", "table1-s2-cr", "unit", "%"),
    ("outcomes", "table1-s2-cr", "operator", "about"),
    ("outcomes", "table1-s2-cr", "operator", ""),
    ("outcomes", "table1-s2-cr", "value", "9.7e1"),
    ("outcomes", "table1-s2-cr", "value", "101"),
    ("outcomes", "table1-s2-cr", "value_high", "98"),
    ("outcomes", "table1-s3-cr", "value_high", ""),
    ("outcomes", "table1-s3-cr", "value_high", "70"),
    ("outcomes", "table1-s1-os-hsct", "note", ""),
    ("outcomes", "table1-s2-cr", "n", "5"),
    ("outcomes", "table1-s2-cr", "locator", "P13 S2"),
    ("outcomes", "table1-s2-cr", "citations", ""),
    ("evidence", "ccg-1941-no-advantage", "citation_mode", "none"),
    ("evidence", "ccg-1941-no-advantage", "citations", "97"),
    ("evidence", "ccg-1941-no-advantage", "citations", "8;8"),
    ("evidence", "ccg-1941-no-advantage", "hedge", "surely"),
    ("evidence", "ccg-1941-no-advantage", "study_design", "randomized"),
    ("evidence", "ccg-1941-no-advantage", "directness", "indirect"),
    ("evidence", "ccg-1941-no-advantage", "age_group", "infants"),
    ("evidence", "ccg-1941-no-advantage", "outcomes", "no-such-outcome"),
    ("evidence", "ccg-1941-no-advantage", "disputes", "no-such-evidence"),
    ("evidence", "ccg-1941-no-advantage", "disputes", "matched-pair-high-risk"),
    ("evidence", "ccg-1941-no-advantage", "contradicts", ""),
    ("evidence", "ccg-1941-no-advantage", "supports", "hsct-high-risk"),
    ("later_evidence", "forum-conditioning", "published", "2021-13"),
    ("later_evidence", "forum-conditioning", "advice_status", "current"),
]


@pytest.mark.parametrize(("table", "id_", "column", "value"), CELLS)
def test_a_wrong_cell_is_refused(table: str, id_: str, column: str, value: str) -> None:
    """Any wrong cell is refused under the name of its file and line, and with what is allowed."""
    text = changed(table, id_, **{column: value})
    ids = [line.split("\t")[0] for line in text.split("\n")]
    line = 1 + ids.index(value if column == "id" else id_)

    problems = refusal(**{table: text}).problems

    assert (f"{table}.tsv", line) in {(problem.file, problem.line) for problem in problems}
    assert all(problem.allowed for problem in problems)


@settings(max_examples=40, deadline=None, database=None)
@given(st.integers(-3, 200))
def test_only_paragraphs_of_the_article_are_places(number: int) -> None:
    """A locator is refused exactly when the article has no such paragraph."""
    text = changed("evidence", "ccg-1941-no-advantage", locator=f"P{number}")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "evidence.tsv"
        path.write_text(text, encoding="utf-8", newline="")
        if 1 <= number <= 43:
            assert read_table(path)
        else:
            with pytest.raises(FactError, match=f"'P{number}' is refused"):
                read_table(path)


@settings(max_examples=60, deadline=None, database=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\t\n\r"), max_size=8))
def test_closed_words_stay_closed(word: str) -> None:
    """No word but those of the list passes as a hedge."""
    text = changed("evidence", "ccg-1941-no-advantage", hedge=f"x{word}")

    assert "demonstrated | suggests" in str(refusal(evidence=text))


@pytest.mark.parametrize("table", sorted(name.removesuffix(".tsv") for name in TABLES))
def test_the_shape_of_a_table_is_exact(table: str) -> None:
    """A changed header, an extra cell, an unsorted and a repeated row are each refused."""
    head, first, second, *rest = (FACTS / f"{table}.tsv").read_text("utf-8").split("\n")
    wrong = {
        "the header": [f"{head}\textra", first, second],
        "cells": [head, f"{first}\t", second],
        "sorts after": [head, second, first],
        "each once": [head, first, first, second],
    }

    for allowed, lines in wrong.items():
        assert allowed in str(refusal(**{table: "\n".join(lines + rest)}))


def test_all_problems_are_told_at_once() -> None:
    """Problems of several tables come in one refusal, so that one round of mending is enough."""
    refused = refusal(
        outcomes=changed("outcomes", "table1-s2-cr", metric="response"),
        evidence=changed("evidence", "ccg-1941-no-advantage", hedge="surely", locator="P0"),
    )

    assert {(problem.column, problem.value) for problem in refused.problems} == {
        ("metric", "response"),
        ("hedge", "surely"),
        ("locator", "P0"),
    }


def test_a_missing_or_unknown_table_is_refused(tmp_path: Path) -> None:
    """A file that is absent, not text, or not a table of facts is refused by name."""
    (tmp_path / "evidence.tsv").write_bytes(b"\xff\xfe")
    (tmp_path / "other.tsv").touch()

    for name in ("publications.tsv", "evidence.tsv", "other.tsv"):
        with pytest.raises(FactError, match=re.escape(name)):
            read_table(tmp_path / name)


def test_links_to_advice_are_checked_on_demand() -> None:
    """With the ids of all advice given, a link to any other is refused; without, none is."""
    linked = {
        advice
        for name in ("evidence.tsv", "later_evidence.tsv")
        for row in rows(name).values()
        for column in ("supports", "contradicts", "qualifies")
        for advice in row.parts(column)
    }

    assert load_facts(FACTS, linked)
    with pytest.raises(FactError, match="unlike nelarabine-t"):
        load_facts(FACTS, linked - {"nelarabine-t"})
