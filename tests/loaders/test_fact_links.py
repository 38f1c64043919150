"""Prove that the tables hold together: shapes of files, links between rows, links to advice."""

import re
from pathlib import Path

import pytest
from altered import FACTS, Cells, problems_of_text, refusal, rows
from rdflib import RDF, Graph, URIRef

from loaders.facts import FactError, Problem, load_facts, read_table
from loaders.tables import TABLES, kind_of
from ontology.files import BASE
from ontology.modules import open_all

# Every column that links rows, with a link that leads nowhere.
LINKS = {
    "arms": {"study": "no-such"},
    "components": {"regimen": "no-such"},
    "later_evidence": dict.fromkeys(("supports", "contradicts", "qualifies"), "statement/no-such"),
    "outcomes": dict.fromkeys(("study", "arm", "comparator", "population", "part_of"), "no-such"),
    "publications": {"different_from": "reference/97"},
    "quantities": dict.fromkeys(("in_statement", "arm"), "no-such"),
    "regimens": {"study": "no-such", "different_from": "regimen/no-such"},
    "source_statements": {"differs_from": "outcome/no-such"},
    "statements": {
        **dict.fromkeys(("population", "outcomes"), "no-such"),
        **dict.fromkeys(("supports", "contradicts", "qualifies"), "statement/no-such"),
        "about": "study/no-such",
    },
    "studies": {"different_from": "study/no-such"},
}
# Every column that may link to what the ontology alone knows.
OUTWARD = {
    "arms": {"agents": "treatment/no-such"},
    "components": {"treatment": "treatment/no-such"},
    "later_evidence": dict.fromkeys(("supports", "contradicts", "qualifies"), "advice/no-such"),
    "populations": {"relapse_class": "NoSuchClass"},
    "quantities": {"treatment": "treatment/no-such"},
    "statements": {
        **dict.fromkeys(("supports", "contradicts", "qualifies"), "advice/no-such"),
        "about": "NoSuchTerm",
    },
}
CITING = {
    **dict.fromkeys(("drugs", "lesions", "outcomes", "regimens", "statements"), "citations"),
    "studies": "reports",
    "source_statements": "source",
}


def cut(links: dict[str, dict[str, str]]) -> dict[tuple[str, str], Cells]:
    """Change one row for each linking column, another row each, where the others hold nothing."""
    changes: dict[tuple[str, str], Cells] = {}
    for table, columns in links.items():
        for column, value in columns.items():
            paired = {"contradicts", "different_from"} & {column}
            row = next(
                row.cells
                for row in rows(table)
                if (table, row.cells["id"]) not in changes
                and bool(row.cells[column]) != bool(paired)
            )
            changes[table, row["id"]] = {column: value}
    return changes


def places(changes: dict[tuple[str, str], Cells]) -> set[tuple[str, int, str, str]]:
    """Tell where the changed cells stand: file, line, column and value."""
    return {
        (row.file, row.line, column, value)
        for (table, id_), cells in changes.items()
        for row in rows(table)
        if row.cells["id"] == id_
        for column, value in cells.items()
    }


def dangling(found: list[Problem]) -> set[tuple[str, int, str, str]]:
    """Tell where a link leads nowhere."""
    return {problem[:4] for problem in found if problem.allowed.startswith("what exists, unlike ")}


@pytest.fixture(scope="module")
def known() -> set[URIRef]:
    """Gather what the ontology knows."""
    return {node for node in open_all().subjects(RDF.type) if isinstance(node, URIRef)}


def test_the_tables_hold_together(known: set[URIRef]) -> None:
    """Every link of the committed tables leads somewhere, with the ontology and without."""
    assert isinstance(load_facts(FACTS, known), Graph)
    assert not refusal({})


def test_every_linking_column_is_here() -> None:
    """Each column whose cells become nodes of the graph is among those tested below."""
    linking = {
        (name[:-4], column)
        for name, table in TABLES.items()
        for column in table.header
        if column != "id" and isinstance(kind_of(column).node("1"), URIRef)
    }
    told = {(t, c) for links in (LINKS, OUTWARD) for t, columns in links.items() for c in columns}

    assert linking == told | {*CITING.items()}


def test_a_link_between_rows_leads_somewhere() -> None:
    """A link to a row that does not exist is refused in every linking column, all at once."""
    changes = cut(LINKS)

    assert dangling(refusal(changes)) == places(changes)


def test_a_cited_reference_is_in_the_list() -> None:
    """Whatever cites a reference that has no row is refused, in every column that cites."""
    changes: dict[tuple[str, str], Cells] = {}
    for table, column in CITING.items():
        row = next(row.cells for row in rows(table) if row.cells[column])
        changes[table, row["id"]] = {column: "1"}
    citing = {
        (row.file, row.line, column)
        for table, column in CITING.items()
        for row in rows(table)
        if "1" in (changes.get((table, row.cells["id"])) or row.cells)[column].split(";")
    }
    found = refusal(changes, without={("publications", "reference-01")})

    assert {place[:3] for place in dangling(found)} == citing
    assert {table for table, *_ in citing} == {f"{table}.tsv" for table in CITING}


def test_links_to_the_ontology_are_checked_on_demand(known: set[URIRef]) -> None:
    """With the ontology given, a link to what it does not know is refused; without, none is."""
    changes = cut(OUTWARD)

    assert dangling(refusal(changes, known)) == places(changes)
    assert not dangling(refusal(changes))


def test_each_piece_of_advice_must_be_known(known: set[URIRef]) -> None:
    """If the ontology loses a piece of advice, every link to it is refused."""
    lost = "advice/nelarabine-t"
    linked = {
        (row.file, row.line, column)
        for table in ("later_evidence", "statements")
        for row in rows(table)
        for column in ("supports", "contradicts", "qualifies")
        if lost in row.parts(column)
    }
    found = refusal({}, known - {URIRef(BASE + lost)})

    assert linked
    assert {place[:3] for place in dangling(found)} == linked


PAIRED = {
    "contradicts": ["statements"],
    "different_from": ["publications", "regimens", "studies"],
}


@pytest.mark.parametrize("column", sorted(PAIRED))
def test_what_has_two_sides_is_told_on_both(column: str) -> None:
    """A contradiction or a difference told by one row alone is refused, and by both is not."""
    one_sided: dict[tuple[str, str], Cells] = {}
    both: dict[tuple[str, str], Cells] = {}
    for table in PAIRED[column]:
        free = [
            row for row in rows(table) if not row.cells[column] and row.cells["id"] != "article"
        ]
        one, other = free[:2]
        here, there = (str(row.node).removeprefix(BASE) for row in (one, other))
        one_sided[table, one.cells["id"]] = {column: there}
        both |= {
            (table, one.cells["id"]): {column: there},
            (table, other.cells["id"]): {column: here},
        }
    found = refusal(one_sided)

    assert {problem[:4] for problem in found} == places(one_sided)
    assert all(problem.allowed.endswith("says of this row too") for problem in found)
    assert not refusal(both)


def test_nothing_links_to_itself() -> None:
    """A row that supports, contradicts, differs from or is part of itself is refused."""
    itself = {
        "outcomes": ("part_of",),
        "statements": ("supports", "contradicts", "qualifies"),
        **dict.fromkeys(("publications", "regimens", "studies"), ("different_from",)),
    }
    changes: dict[tuple[str, str], Cells] = {}
    for table, columns in itself.items():
        for number, column in enumerate(columns):
            row = [row for row in rows(table) if not row.cells[column]][number + 1]
            path = str(row.node).removeprefix(BASE)
            value = row.cells["id"] if column == "part_of" else path
            changes[table, row.cells["id"]] = {column: value}

    assert {problem[:4] for problem in refusal(changes)} == places(changes)


def test_later_evidence_may_contradict_a_statement() -> None:
    """A later finding against a statement of the article needs no answer from the article."""
    finding = rows("later_evidence")[0].cells["id"]
    statement = str(rows("statements")[0].node).removeprefix(BASE)

    assert not refusal({("later_evidence", finding): {"contradicts": statement}})


@pytest.mark.parametrize("table", sorted(name[:-4] for name in TABLES))
def test_the_shape_of_a_table_is_exact(table: str) -> None:
    """A changed header, an extra cell, an unsorted and a repeated row are each refused."""
    head, first, second, *rest = (FACTS / f"{table}.tsv").read_text("utf-8").split("\n")
    wrong = {
        "the header": (1, [f"{head}\textra", first, second]),
        "cells": (2, [head, f"{first}\t", second]),
        "sorts after": (3, [head, second, first]),
        "each once": (3, [head, first, first, second]),
    }

    for allowed, (line, lines) in wrong.items():
        found = problems_of_text(table, "\n".join(lines + rest))
        assert (f"{table}.tsv", line) in {(problem.file, problem.line) for problem in found}
        assert allowed in found[0].allowed


def test_all_problems_are_told_at_once() -> None:
    """One wrong cell in each table: all are told in one refusal, so one round of mending does."""
    changes: dict[tuple[str, str], Cells] = {}
    for name in TABLES:
        row = rows(name[:-4])[-1].cells
        column = "note" if "note" in row else "label"
        changes[name[:-4], row["id"]] = {column: " blank"}

    found = refusal(changes)

    assert {problem[:4] for problem in found} == places(changes)
    assert len(found) == len(TABLES)


def test_the_refusal_can_be_read() -> None:
    """The message has one line a problem, with file, line, column, value and remedy."""
    row = rows("statements")[-1]
    with pytest.raises(FactError) as caught:
        raise FactError(refusal({("statements", row.cells["id"]): {"hedge": "surely"}}))

    assert re.fullmatch(
        rf"statements\.tsv, line {row.line}, column hedge: 'surely' is refused; "
        r"allowed: demonstrated \| .+",
        str(caught.value),
    )


def test_a_missing_or_unknown_table_is_refused(tmp_path: Path) -> None:
    """A file that is absent, not text, or not a table of facts is refused by name."""
    (tmp_path / "statements.tsv").write_bytes(b"\xff\xfe")
    (tmp_path / "other.tsv").touch()

    for name in ("publications.tsv", "statements.tsv", "other.tsv"):
        with pytest.raises(FactError, match=re.escape(name)):
            read_table(tmp_path / name)
    with pytest.raises(FactError) as caught:
        load_facts(tmp_path)
    assert {problem.file for problem in caught.value.problems} == set(TABLES)
