"""Prove that unsound rows of the tables are refused, each wrong cell by its place and remedy."""

import pytest
from altered import Cells, Wanted, like, problems, rows
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import OWL, RDFS, Graph

from loaders.tables import TABLES, property_of
from ontology.modules import open_all

# What each kind of column allows, the columns of that kind, and what none of them may say.
WRONG: list[tuple[str, str, list[str]]] = [
    ("small letters and digits", "id", ["Table1", "a--b", "-a", "a-", "a b", "a_b", "ä"]),
    (
        "true or false",
        "et_al novel in_classification content_in_text safety",
        ["yes", "True", "1", "false "],
    ),
    (
        "YYYY, YYYY-MM or YYYY-MM-DD",
        "published",
        ["21", "2021-13", "2021-1", "2021-12-32", "2021/1"],
    ),
    ("a whole number", "year n", ["04", "-1", "1.0", "1e3", "many"]),
    ("a whole number from 1", "position", ["0", "01", "-1", "1.5", "first"]),
    (
        "a decimal number",
        "value value_high derived_value",
        ["9.7e1", "1,5", ".5", "5.", "05", "-1", "+1", "1/2", "NaN", "inf", "5%", "0x1"],
    ),
    (
        "P1 to P43, or a group of Table 1",
        "locator",
        ["P0", "P44", "P13 S2", "P12 S5", "p1", "P1;", "P1;P1", "P1, P2", "43"],
    ),
    ("a PubMed number", "pmid", ["PMID 1", "01", "0", "1234567890", "1;2"]),
    (
        "a DOI without an address",
        "doi",
        ["https://doi.org/10.1200/x", "10.12/x", "10.1200/", "doi"],
    ),
    ("a reference number, 1 to 96", "number source", ["0", "97", "07", "100", "1;2", "Pui"]),
    (
        "reference numbers, 1 to 96, joined by ;",
        "citations reports",
        ["0", "97", "8;8", "8;", ";8", "8, 9", "6-12", "reference/8"],
    ),
    ("identifiers joined by ;", "identifiers registry_ids", ["a b", "a;a", "a;", " a"]),
    (
        "texts joined by ;",
        "cooperative_group inputs route synonyms",
        ["a;a", "a;", ";a", "a; b", " a", "a "],
    ),
    ("ids of studies.tsv joined by ;", "study", ["study/x", "X", "x;x", "x;", "x y"]),
    ("an id of arms.tsv", "arm", ["arm/x", "X", "x;y", "x-"]),
    ("ids of arms.tsv joined by ;", "comparator", ["arm/x", "X", "x;x", "x;"]),
    ("an id of populations.tsv", "population", ["population/x", "All", "x;y"]),
    ("an id of outcomes.tsv", "part_of", ["outcome/x", "X", "x;y"]),
    ("ids of outcomes.tsv joined by ;", "outcomes", ["outcome/x", "X", "x;x", ";x"]),
    ("an id of statements.tsv", "in_statement", ["statement/x", "X", "x;y"]),
    ("an id of regimens.tsv", "regimen", ["regimen/x", "X", "x;y"]),
    ("treatment/id, joined by ;", "agents treatment", ["x", "drug/x", "treatment/X", "treatment/"]),
    (
        "advice/id or statement/id, joined by ;",
        "supports contradicts qualifies",
        ["x", "study/x", "advice/X", "advice/x;advice/x", "statement/", "statement/x;"],
    ),
    ("statement/id or outcome/id", "differs_from", ["x", "advice/x", "outcome/x;outcome/x"]),
    ("reference/id or study/id or regimen/id", "different_from", ["x", "arm/x", "study/x;"]),
    ("the name of a class", "relapse_class", ["s1", "class/S1", "S1;S2", "S1 S2", "rallo:S1"]),
    ("study/id, treatment/id", "about", ["arm/x", "Class;Class", "study/", "a b", "figure/1;"]),
]
CLOSED = """
advice_status age_group agent_kind arm_kind check citation_mode difference direction directness
disease hedge kind lesion_kind line lineage metric modality operator prognostic_direction
publication_type quantity role significance site study_design study_status unit
"""
NOT_CLOSED_WORDS = ["-", "Other", "none of these", "not  stated", "=;<", " none", "N/A"]
TEXT = """
authors component container drug_class figures id_source issue label measures
n_counts name name_in_body note pages patients printed purpose schedule setting statement
target time_point title title_or_trial volume where_read
"""
NOT_TEXT = ["-", " x", "x ", " ", "\u00a0x"]


@pytest.fixture(scope="module")
def ontology() -> Graph:
    """Open all modules once."""
    return open_all()


def test_the_grid_covers_every_column() -> None:
    """Every column of every table is in the grid of wrong cells, each under one kind."""
    columns = [column for _, names, _ in WRONG for column in names.split()]
    columns += [*CLOSED.split(), *TEXT.split()]

    assert sorted(columns) == sorted({c for table in TABLES.values() for c in table.header})


@pytest.mark.parametrize("table", sorted(name[:-4] for name in TABLES))
def test_a_wrong_cell_is_refused(table: str, ontology: Graph) -> None:
    """Any wrong cell is refused by file, line, column and value, and with what is allowed."""
    kinds = {c: (allowed, wrong) for allowed, names, wrong in WRONG for c in names.split()}
    kinds |= dict.fromkeys(TEXT.split(), ("text without outer blanks", NOT_TEXT))
    for column in TABLES[f"{table}.tsv"].header:
        if column in CLOSED.split():
            datatype = ontology.value(property_of(column), RDFS.range)
            words = ontology.value(datatype, OWL.oneOf)
            assert words, column
            members = ontology.items(words)
            kinds[column] = (" | ".join(map(str, members)), NOT_CLOSED_WORDS)
        allowed, wrong = kinds[column]
        filled = [row.cells for row in rows(table) if row.cells[column]]
        for value in wrong:
            found = problems(table, {**(filled or [rows(table)[0].cells])[0], column: value})
            assert [p[:4] for p in found] == [(f"{table}.tsv", 2, column, value)], value
            assert allowed in found[0].allowed, (column, value)


@pytest.mark.parametrize("table", sorted(name[:-4] for name in TABLES))
def test_only_what_may_be_unknown_may_be_empty(table: str) -> None:
    """An empty cell is refused in each column that must say something."""
    shape = TABLES[f"{table}.tsv"]
    for column in shape.header:
        found = problems(table, {**rows(table)[0].cells, column: ""})
        refused = any(p.column == column and p.allowed.endswith("; never empty") for p in found)
        assert refused == (column not in shape.optional), column


NO_NUMBER = {"operator": "", "value": "", "value_high": "", "unit": ""}
TOLD: Wanted = {"operator": "=", "direction": True}
PLAIN: Wanted = {"modality": True, "hedge": "none"}
RANGE = "a number above the value for a range, else nothing"
HALVES = "a number with operator and unit, or a direction or note"
REFERENCES = "references if printed or inherited, nothing if none"
COUNTS = "whom n counts, if and only if n is given"
VERB = "the verb of a recommendation, and of nothing else"
HEDGED = "no recommendation, for the sentence is hedged"
# A table, a row of it, what is changed in the row, and the problem: its column and the remedy.
Case = tuple[str, Wanted, Cells, str, str]
CASES: list[Case] = [
    ("publications", {"number": "7"}, {"number": "8"}, "id", "reference-08, by its number"),
    ("publications", {"number": "7"}, {"number": ""}, "id", "article, by its number"),
    ("publications", {"number": ""}, {"number": "7"}, "id", "reference-07, by its number"),
    ("studies", {"reports": True}, {"reports": ""}, "reports", REFERENCES),
    ("studies", {"reports": True}, {"citation_mode": "none"}, "reports", REFERENCES),
    ("studies", {"citation_mode": "none"}, {"reports": "7"}, "reports", REFERENCES),
    ("outcomes", {"direction": False, "value": True}, {**NO_NUMBER, "note": ""}, "value", HALVES),
    ("quantities", {"quantity": "dose"}, {"role": ""}, "role", "the role of a dose"),
    ("quantities", {"quantity": "dose"}, {"treatment": ""}, "treatment", "the treatment of a dose"),
    ("quantities", {"quantity": "count"}, {"role": "studied"}, "role", "if and only if"),
    (
        "quantities",
        {"quantity": "count"},
        {"treatment": "treatment/idarubicin"},
        "treatment",
        "if and only if it is a dose",
    ),
    ("statements", {"modality": True}, {"modality": ""}, "modality", VERB),
    ("statements", {"modality": True}, {"kind": "caveat"}, "modality", VERB),
    ("statements", {"modality": False}, {"modality": "use"}, "modality", VERB),
    ("statements", {"modality": False}, {"kind": "recommendation"}, "modality", VERB),
    (
        "later_evidence",
        {},
        {"supports": "", "contradicts": "", "qualifies": ""},
        "supports",
        "at least one advice that the finding bears on",
    ),
    *(
        (table, {"citations": True}, change, "citations", REFERENCES)
        for table in ("drugs", "lesions", "outcomes", "regimens", "statements")
        for change in ({"citations": ""}, {"citation_mode": "none"})
    ),
    *(
        (table, {"citation_mode": "none"}, {"citation_mode": mode}, "citations", REFERENCES)
        for table in ("lesions", "outcomes", "statements")
        for mode in ("printed", "inherited")
    ),
    *(
        ("outcomes", TOLD, {column: ""}, "value", HALVES)
        for column in ("operator", "value", "unit")
    ),
    *(
        (table, {"operator": operator}, {"value_high": high}, "value_high", RANGE)
        for table in ("outcomes", "quantities")
        for operator, highs in (("=", ["99"]), ("<", ["99"]), ("range", [""]))
        for high in highs
    ),
    *(
        (table, {"operator": "range"}, {"value": "7", "value_high": high}, "value_high", RANGE)
        for table in ("outcomes", "quantities")
        for high in ("7", "7.0", "6.999", "0")
    ),
    *(
        ("outcomes", {"operator": "=", "unit": "%"}, {"value": value}, "value", "a percentage")
        for value in ("101", "100.1", "100.0000000000000000000001")
    ),
    (
        "outcomes",
        {"operator": "range", "unit": "%"},
        {"value_high": "101"},
        "value",
        "a percentage",
    ),
    *(
        (table, {"operator": "="}, {"derived_value": "1", "check": ""}, "check", "how the derived")
        for table in ("outcomes", "quantities")
    ),
    *(
        (table, {"n": True}, {column: ""}, "n_counts", COUNTS)
        for table in ("arms", "outcomes", "studies")
        for column in ("n", "n_counts")
    ),
    *(
        ("statements", PLAIN, change, "kind", HEDGED)
        for change in (
            *({"modality": verb} for verb in ("perhaps", "could", "describe", "open")),
            *({"hedge": hedge} for hedge in ("may", "perhaps")),
        )
    ),
    *(
        (
            table,
            {},
            {one: "advice/x", other: "advice/y;advice/x"},
            "supports",
            "under one link only",
        )
        for table in ("later_evidence", "statements")
        for one, other in (
            ("supports", "contradicts"),
            ("supports", "qualifies"),
            ("contradicts", "qualifies"),
        )
    ),
]


@pytest.mark.parametrize(("table", "row", "change", "column", "allowed"), CASES)
def test_cells_that_contradict_each_other_are_refused(
    table: str, row: Wanted, change: Cells, column: str, allowed: str
) -> None:
    """A row that was sound is refused for one changed cell, under the column that is at odds."""
    sound = like(table, row)
    assert not problems(table, sound)
    wrong = {**sound, **change}
    (found,) = problems(table, wrong)

    assert found[:4] == (f"{table}.tsv", 2, column, wrong[column])
    assert allowed in found.allowed


SOUND: list[tuple[str, Wanted, Cells]] = [
    ("outcomes", {"operator": "=", "unit": "%", "derived_value": False}, {"value": "100"}),
    ("outcomes", {"operator": "range", "unit": "%"}, {"value": "0", "value_high": "0.001"}),
    ("outcomes", {"operator": "="}, {**NO_NUMBER, "direction": "higher", "note": ""}),
    ("outcomes", {"operator": "="}, {**NO_NUMBER, "direction": "", "note": "Why."}),
    ("outcomes", {"operator": "=", "unit": "1"}, {"value": "101"}),
    ("statements", {"modality": True}, {"modality": "", "kind": "caveat", "hedge": "may"}),
    ("quantities", {"quantity": "dose"}, {"quantity": "count", "role": "", "treatment": ""}),
    ("drugs", {"citations": True}, {"citations": "", "citation_mode": "none"}),
    ("arms", {"n": True}, {"n": "", "n_counts": ""}),
]


@pytest.mark.parametrize(("table", "row", "change"), SOUND)
def test_no_sound_row_is_refused(table: str, row: Wanted, change: Cells) -> None:
    """A row on the sound side of each rule passes."""
    assert not problems(table, {**like(table, row), **change})


@settings(max_examples=40, deadline=None, database=None)
@given(st.integers(-3, 200))
def test_only_paragraphs_of_the_article_are_places(number: int) -> None:
    """A locator is refused exactly when the article has no such paragraph."""
    found = problems("statements", {**rows("statements")[0].cells, "locator": f"P{number}"})

    assert bool(found) == (not 1 <= number <= 43)


@settings(max_examples=60, deadline=None, database=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\t\n\r"), max_size=8))
def test_closed_words_stay_closed(word: str) -> None:
    """No word but those of the list passes as a hedge."""
    (found,) = problems("statements", {**rows("statements")[0].cells, "hedge": f"x{word}"})

    assert (found.column, found.value) == ("hedge", f"x{word}")
