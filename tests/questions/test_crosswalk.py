"""Prove that codes lead to our terms and back, and from there to what is said and advised."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from pathlib import Path

import pytest
from rdflib import RDFS, Graph, URIRef

from loaders.facts import load_facts
from loaders.graph import known_terms
from loaders.mappings import load_mappings
from ontology.files import BASE, HOME
from ontology.modules import open_all
from queries.answers import answer, find_question, open_store
from queries.catalogue import CatalogueError, load_catalogue
from queries.dataset import DATASET_FILE, MAPPINGS, open_dataset
from queries.engines import Embedded

NOTHING = "sssom:NoTermFound"
WORDS = {
    "skos:exactMatch": "same as the code",
    "skos:closeMatch": "close to the code",
    "skos:narrowMatch": "wider than the code",
    "skos:broadMatch": "narrower than the code",
    "skos:relatedMatch": "related to the code",
}
Row = dict[str, str]


def tables() -> list[Row]:
    """Read all tables of links as text."""
    rows: list[Row] = []
    for path in sorted((HOME / "mappings").glob("*.sssom.tsv")):
        with path.open(encoding="utf-8", newline="") as lines:
            told = (line for line in lines if not line.startswith("#"))
            rows += csv.DictReader(told, delimiter="\t", quoting=csv.QUOTE_NONE)
    return rows


LINKS = [row for row in tables() if row["object_id"] != NOTHING]
CODES = sorted({row["object_id"] for row in LINKS})


def local(name: str) -> str:
    """Return our term without its prefix."""
    return name.removeprefix("rallo:")


def asked(engine: Embedded, name: str, value: str, *columns: str) -> set[tuple[str, ...]]:
    """Ask a question about a code, and return some columns."""
    found = answer(engine, find_question(name), {"code": value})
    places = [found.columns.index(c) for c in columns]
    return {tuple(row[p] for p in places) for row in found.rows}


def test_every_code_leads_to_the_terms_of_the_tables(engine: Embedded) -> None:
    """For each code the rows are those of the tables: term, match, labels and comment."""
    expected = defaultdict(set)
    for row in LINKS:
        expected[row["object_id"]].add(
            (
                WORDS[row["predicate_id"]],
                local(row["subject_id"]),
                row["subject_label"],
                row["object_label"],
                row["comment"],
            )
        )
    columns = ("match", "term", "label", "outsideLabel", "comment")
    assert len(CODES) > 500
    wrong = [c for c in CODES if asked(engine, "crosswalk", c, *columns) != expected[c]]
    assert wrong == []


def test_every_term_leads_to_its_codes_or_to_the_reason(engine: Embedded) -> None:
    """Each term of the tables gives back its codes, or why there is none."""
    expected = defaultdict(set)
    for row in tables():
        found = row["object_id"] != NOTHING
        code, match = (row["object_id"], WORDS[row["predicate_id"]]) if found else ("", "")
        expected[local(row["subject_id"])].add((code, match, "" if found else row["comment"]))
    question = find_question("codes_of_term")
    wrong = []
    for term, rows in expected.items():
        told = answer(engine, question, {"term": term})
        places = [told.columns.index(c) for c in ("code", "match", "noneBecause")]
        if {tuple(row[p] for p in places) for row in told.rows} != rows:
            wrong.append(term)
    assert wrong == [] and len(expected) > 450


def test_all_codes_of_the_prefixes_asked_for_are_known() -> None:
    """There are codes of NCIt, MONDO, DO, SNOMED CT, ICD, RxNorm, ATC, ChEBI and HGNC."""
    prefixes = {code.partition(":")[0] for code in CODES}
    wanted = "NCIT MONDO DOID SNOMEDCT ICD10CM ICDO ICD11 RXNORM ATC CHEBI HGNC"
    assert set(wanted.split()) <= prefixes


@pytest.mark.parametrize(
    "written",
    [
        "ncit:c3167",
        "NCIT:c3167",
        "http://purl.obolibrary.org/obo/NCIT_C3167",
    ],
)
def test_a_code_may_be_written_in_small_letters_or_as_an_iri(
    engine: Embedded, written: str
) -> None:
    """The same rows are found as for the code itself."""
    assert asked(engine, "crosswalk", written, "term") == {
        ("disease/ALL",),
        ("disease/leukaemia",),
        ("Relapse",),
    }


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("NCIT:C3166", r"'NCIT:C3166': no term is linked to it; near: .*NCIT:C3167 \(Acute Lym"),
        ("HGNC:13177", r"near: HGNC:13176 \(IKZF1\)"),
        ("SNOMEDCT:91857004", r"near: SNOMEDCT:91857003,"),
        ("LOINC:1-8", r"no terminology linked to has this prefix; allowed: ATC, CHEBI, "),
        ("C3167", r"allowed: a code of an outside terminology, as NCIT:C3167"),
        ("NCIT:C1 }", r"allowed: a code of an outside terminology, as NCIT:C3167"),
        ('NCIT:"', r"allowed: a code of an outside terminology, as NCIT:C3167"),
    ],
)
def test_an_unknown_code_is_told_what_is_near(engine: Embedded, code: str, said: str) -> None:
    """A code without a link is refused with those near, another prefix with those there are."""
    with pytest.raises(CatalogueError, match=said):
        asked(engine, "crosswalk", code, "term")


def test_an_unknown_term_is_told_what_is_near_in_any_branch(engine: Embedded) -> None:
    """A name without its branch finds the names that end like it."""
    question = find_question("codes_of_term")
    with pytest.raises(CatalogueError, match=r"'nelarabin': .*near: treatment/nelarabine"):
        answer(engine, question, {"term": "nelarabin"})
    with pytest.raises(CatalogueError, match=r"'s1': .*near: S1"):
        answer(engine, question, {"term": "s1"})


def told_of(graph: Graph) -> dict[str, tuple[set[str], set[str], set[str]]]:
    """Walk the graph from each linked term to its statements, results and advice."""
    at = {n: URIRef(BASE + n) for n in (
        "about", "inPopulation", "relapseClass", "listedBy", "listedAs", "gives", "arm",
        "advises", "inSituation", "supports", "contradicts", "qualifies", "metric", "kind",
        "polarity", "hedge",
    )}  # fmt: skip
    found = {}
    for term in {URIRef(BASE + local(row["subject_id"])) for row in LINKS}:
        groups = set(graph.subjects(at["relapseClass"], term))
        things = set(groups)
        for prop in graph.objects(term, at["listedBy"]):
            for word in graph.objects(term, at["listedAs"]):
                said = {s for s, o in graph.subject_objects(prop) if str(o) == str(word)}
                things |= said
        claims = set(graph.subjects(at["about"], term))
        advice = set(graph.subjects(at["advises"], term)) | set(
            graph.subjects(at["inSituation"], term)
        )
        for claim in claims:
            for link in ("supports", "contradicts", "qualifies"):
                advice |= set(graph.objects(claim, at[link]))
        for group in things:
            claims |= set(graph.subjects(at["inPopulation"], group))
        results = things | claims
        for arm in graph.subjects(at["gives"], term):
            results |= set(graph.subjects(at["arm"], arm))
        label = {n: str(graph.value(n, RDFS.label)) for n in claims}
        found[str(term)] = (
            {label[c] for c in claims if (c, at["hedge"], None) in graph},
            {str(o).removeprefix(BASE) for o in results if (o, at["metric"], None) in graph},
            {str(a).removeprefix(BASE) for a in advice if (a, at["polarity"], None) in graph},
        )
    return found


def test_codes_lead_to_all_that_is_said_reported_and_advised(
    engine: Embedded, graph: Graph
) -> None:
    """Statements, results and advice are those that a walk through the graph finds."""
    told = told_of(graph)
    terms = defaultdict(set)
    for row in LINKS:
        terms[row["object_id"]].add(BASE + local(row["subject_id"]))
    # One code for each set of terms: codes of the same terms have the same answers.
    codes = {frozenset(found): code for code, found in sorted(terms.items())}
    questions = {
        "statements_by_code": "statement",
        "results_by_code": "outcome",
        "advice_by_code": "advice",
    }
    wrong, rows = [], 0
    for found, code in codes.items():
        for place, (name, column) in enumerate(questions.items()):
            expected = set().union(*(told[term][place] for term in found))
            got = {row[0] for row in asked(engine, name, code, column)}
            rows += len(got)
            if got != expected:
                wrong.append((name, code, sorted(got ^ expected)[:3]))
    assert wrong == []
    assert len(codes) > 100 and rows > 2000


# Typed from the article: P31 on clofarabine, P7 on IKZF1, P16 and P17 on progression-free survival.
TYPED = {
    "advice_by_code": (
        ("term", "link", "advice", "polarity", "modality", "locator"),
        {
            ("treatment/clofarabine", link, "advice/clofarabine-bcp", "for", "consider", "P31")
            for link in (
                "advises",
                "a statement about it supports",
                "a statement about it qualifies",
            )
        },
    ),
    "statements_by_code": (
        ("term", "kind", "hedge", "locator", "citation", "citationMode"),
        {("lesion/ikzf1", "genetics", "reported", "P7", "19", "printed")},
    ),
    "results_by_code": (
        ("term", "metric", "value", "timePoint", "locator", "outcome"),
        {
            ("metric/PFS", "PFS", "", "not stated", locator, f"outcome/{outcome}")
            for locator, outcome in (
                ("P16", "all-r3-pfs-mitoxantrone"),
                ("P17", "cog-postrelapse-pfs-adolescent"),
                ("P17", "cog-postrelapse-pfs-early"),
                ("P17", "cog-postrelapse-pfs-marrow"),
                ("P17", "cog-postrelapse-pfs-t-all"),
            )
        },
    ),
}


@pytest.mark.parametrize("name", TYPED)
def test_the_examples_give_the_rows_typed_from_the_text(engine: Embedded, name: str) -> None:
    """Each example code has the rows that its passage gives, all by a link of the same meaning."""
    columns, rows = TYPED[name]
    code = find_question(name).parameters[0].default
    assert asked(engine, name, code, *columns) == rows
    assert asked(engine, name, code, "match") == {("same as the code",)}


def test_links_change_no_other_answer(tmp_path: Path) -> None:
    """Every other question gives the same rows with the links and without them."""
    quads = DATASET_FILE.read_text(encoding="utf-8").splitlines(keepends=True)
    left = [quad for quad in quads if not quad.endswith(f" <{MAPPINGS}> .\n")]
    assert len(left) < len(quads)
    (tmp_path / "left.nq").write_text("".join(left), encoding="utf-8")
    whole, alone = Embedded(open_dataset()), Embedded(open_dataset(tmp_path / "left.nq"))
    changed = [
        q.name
        for q in load_catalogue().values()
        if q.theme != "crosswalk" and sorted(answer(alone, q).rows) != sorted(answer(whole, q).rows)
    ]
    assert changed == []


def test_without_restricted_links_questions_still_answer(tmp_path: Path) -> None:
    """Codes that are left are found; a code that went with its table has no known prefix."""
    for path in (HOME / "mappings").iterdir():
        if path.name != "restricted.sssom.tsv" and path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    whole = open_all()
    whole += load_facts(HOME / "facts", known_terms(whole))
    whole += load_mappings(tmp_path, whole)
    left = Embedded(open_store(whole))
    crosswalk = [q for q in load_catalogue().values() if q.theme == "crosswalk"]
    assert len(crosswalk) == 7 and all(answer(left, q).rows for q in crosswalk)
    with pytest.raises(CatalogueError, match=r"allowed: CHEBI, .*UNIPROT$") as refused:
        asked(left, "crosswalk", "SNOMEDCT:91857003", "term")
    assert not re.search("ATC|SNOMEDCT,|UMLS", str(refused.value))
