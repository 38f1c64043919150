"""Prove that links to outside terms say what was verified, account for every term, and load."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from link_tables import LISTS, NOTHING, TABLES, Cells, allowed, bases, iri, links, read, unlinked
from link_tables import written as tables
from pyoxigraph import NamedNode
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, URIRef

from loaders.certificate import load_certificate
from loaders.facts import load_facts
from loaders.graph import known_terms, open_graph
from loaders.mappings import MappingError, load_mappings
from loaders.tables import closed_lists
from ontology.files import BASE, HOME
from ontology.modules import open_all, open_module
from ontology.terms import RALLO
from queries.dataset import INFERRED, open_dataset

CLASSES = ("open", "attribution", "share_alike", "no_derivatives", "restricted")
PLACES = ("Source", "Property", "Target")
SSSOM = "https://w3id.org/sssom/"
# What terms are not mapped but are nothing that a list says: what cannot be told, and any.
NO_CONCEPT = {"any", "not stated"}


@pytest.fixture(scope="module")
def told() -> Graph:
    """Open modules and facts, which the links speak of."""
    graph = open_all()
    return graph + load_facts(HOME / "facts", known_terms(graph))


@pytest.fixture(scope="module")
def linked(told: Graph) -> Graph:
    """Load the links alone."""
    return load_mappings(TABLES, told)


def ours(name: str) -> URIRef:
    """Name a term of ours as the tables write it."""
    return URIRef(BASE + name.removeprefix("rallo:"))


def test_every_link_is_verified_and_every_verified_one_is_there() -> None:
    """The tables hold each pair that follows from the verified list, with its match, no other."""
    found = {(r["subject_id"], r["object_id"]): r["predicate_id"] for r in links()}
    expected = {pair: f"skos:{match}Match" for pair, match in allowed().items()}
    assert found == expected
    assert len(found) == len(links()) > 600


def test_every_emitted_iri_is_a_verified_identifier(linked: Graph) -> None:
    """Each outside IRI that a term of ours is linked to is base and local part of a verified id."""
    verified = {iri(r["id"]) for r in read(LISTS / "verified_ids.tsv")}
    matches = {SKOS[f"{m}Match"] for m in ("exact", "close", "broad", "narrow", "related")}
    emitted = {str(o) for m in matches for o in linked.objects(None, m)}
    assert emitted and emitted <= verified
    notations = {str(o) for s, o in linked.subject_objects(SKOS.notation) if str(s) in emitted}
    assert {iri(code) for code in notations} == emitted


@pytest.mark.parametrize("name", CLASSES)
def test_a_table_holds_one_licence_class(name: str) -> None:
    """Each identifier stands in the table of its terminology's licence class."""
    rows = tables()[name]
    assert rows and {bases()[r["object_id"].partition(":")[0]][1] for r in rows} == {name}


def test_labels_are_copied_from_open_terminologies_alone(linked: Graph) -> None:
    """No label of a terminology under another licence stands in a table or in the graph."""
    assert all(not r["object_label"] for name in CLASSES[2:] for r in tables()[name])
    closed = {URIRef(iri(r["object_id"])) for name in CLASSES[2:] for r in tables()[name]}
    assert closed and not any(list(linked.objects(node, RDFS.label)) for node in closed)
    said = {str(p) for node in closed for p in linked.predicates(node, None)}
    assert said == {str(SKOS.notation), str(RALLO.inTerminology)}


def public(told: Graph, linked: Graph) -> tuple[set[URIRef], set[URIRef]]:
    """Return the classes and individuals that need an account, and those of excluded classes."""
    whole = told + linked
    excluded = set(whole.subjects(RALLO.instancesNotMapped))
    needed: set[URIRef] = set()
    left: set[URIRef] = set()
    for term in {t for t in whole.subjects(RDF.type) if isinstance(t, URIRef)}:
        if not str(term).startswith(BASE):
            continue
        kinds = set(whole.objects(term, RDF.type))
        own = {k for k in kinds if str(k).startswith(BASE)}
        if own & excluded:
            left.add(term)
        elif own or OWL.Class in kinds:
            needed.add(term)
    return needed, left


def test_every_public_term_is_linked_or_has_its_reason(told: Graph, linked: Graph) -> None:
    """Each class and individual is linked, or says why not, or is of a class that says why not."""
    needed, left = public(told, linked)
    found, missed = ({ours(r["subject_id"]) for r in rows} for rows in (links(), unlinked()))
    assert needed - found - missed == set()
    assert found & missed == set()
    assert (found | missed) & left == set()
    assert len(needed) > 450 and len(left) > 1000
    assert all(r["comment"] for r in unlinked())


def test_excluded_classes_say_why_and_have_individuals(told: Graph, linked: Graph) -> None:
    """A class whose individuals are not looked for has one reason, and at least one individual."""
    reasons = dict(linked.subject_objects(RALLO.instancesNotMapped))
    assert len(reasons) == len(list(linked.subject_objects(RALLO.instancesNotMapped)))
    whole = told + linked
    assert all(str(r).endswith(".") and (None, RDF.type, c) in whole for c, r in reasons.items())


def exact_to_no_relapse(rows: Iterable[Cells]) -> set[str]:
    """Return relapse classes that are linked as the same to what is no relapse."""
    relapses = {
        q.subject.value
        for q in open_dataset().quads_for_pattern(
            None, NamedNode(str(RDFS.subClassOf)), NamedNode(BASE + "Relapse"), NamedNode(INFERRED)
        )
        if isinstance(q.subject, NamedNode)
    } | {BASE + "Relapse"}
    assert len(relapses) > 150
    recurrent = {
        r["id"]
        for r in read(LISTS / "verified_ids.tsv")
        if r["match"] == "exact" and r["concept"].startswith(("recurrent", "relapse"))
    }
    assert {"NCIT:C7784", "ICD10CM:C91.02"} <= recurrent
    return {
        r["subject_id"]
        for r in rows
        if r["predicate_id"] == "skos:exactMatch"
        and str(ours(r["subject_id"])) in relapses
        and r["object_id"] not in recurrent
    }


def test_no_relapse_class_is_the_same_as_what_is_no_relapse() -> None:
    """No class below the relapse is linked exactly to a disease, a site or a finding."""
    assert exact_to_no_relapse(links()) == set()
    wrong = {"predicate_id": "skos:exactMatch", "object_id": "NCIT:C3167"}
    assert exact_to_no_relapse([{**wrong, "subject_id": "rallo:S2"}]) == {"rallo:S2"}


def test_no_outside_term_is_the_same_as_two_of_ours() -> None:
    """If two terms of ours were the same as one outside, they would be the same."""
    same = Counter(r["object_id"] for r in links() if r["predicate_id"] == "skos:exactMatch")
    assert [code for code, times in same.items() if times > 1] == []


def test_every_row_becomes_a_triple_with_where_it_comes_from(linked: Graph) -> None:
    """Each row is one annotated axiom, and each axiom a row: nothing is lost, nothing is added."""
    found = {}
    for axiom in linked.subjects(RDF.type, OWL.Axiom):
        told = {str(p): str(o) for p, o in linked.predicate_objects(axiom)}
        one, match, other = (told[str(OWL[f"annotated{p}"])] for p in PLACES)
        assert (URIRef(one), URIRef(match), URIRef(other)) in linked
        found[one, match, other] = tuple(
            told.get(SSSOM + n, "")
            for n in ("mapping_justification", "object_source", "object_source_version", "comment")
        )
    expected = {
        (str(ours(r["subject_id"])), str(SKOS[r["predicate_id"][5:]]), iri(r["object_id"])): (
            r["mapping_justification"].replace("semapv:", "https://w3id.org/semapv/vocab/"),
            str(ours(r["object_source"])),
            r["object_source_version"],
            r["comment"],
        )
        for r in links()
    }
    assert found == expected
    reasons = {(str(s), str(o)) for s, o in linked.subject_objects(RALLO.noTermFound)}
    assert reasons == {(str(ours(r["subject_id"])), r["comment"]) for r in unlinked()}


def test_links_are_annotations_by_declared_properties(linked: Graph) -> None:
    """What is said of our terms and of axioms uses annotation properties alone, for OWL 2 DL."""
    known = set(linked.subjects(RDF.type, OWL.AnnotationProperty))
    known |= set(open_module(HOME / "vocabulary.ttl").subjects(RDF.type, OWL.AnnotationProperty))
    structure = {RDF.type, RDFS.label, OWL.imports, OWL.versionIRI}
    structure |= {OWL.annotatedSource, OWL.annotatedProperty}
    used = set(linked.predicates()) - structure - {OWL.annotatedTarget}
    assert used <= known


def test_each_closed_list_is_named_in_full(linked: Graph) -> None:
    """Every word of a list that is linked to is said by one thing, but for any and not stated."""
    lists = set(linked.objects(None, RALLO.listedBy))
    assert len(lists) == 6
    for prop in lists:
        words = Counter(
            str(word)
            for thing in linked.subjects(RALLO.listedBy, prop)
            for word in linked.objects(thing, RALLO.listedAs)
        )
        assert words == dict.fromkeys(set(closed_lists()[prop]) - NO_CONCEPT, 1), prop


def without(folder: Path, *names: str) -> Path:
    """Copy the tables of links, some left out."""
    shutil.copytree(TABLES, folder / "mappings", ignore=shutil.ignore_patterns(*names))
    return folder / "mappings"


@pytest.mark.parametrize("gone", [("restricted",), CLASSES, (*CLASSES, "none")])
def test_a_table_may_be_taken_away(
    tmp_path: Path, told: Graph, linked: Graph, gone: tuple[str, ...]
) -> None:
    """Without some tables the others load, and what is left is the same but for their links."""
    left = load_mappings(without(tmp_path, *(f"{name}.sssom.tsv" for name in gone)), told)
    rows = [r for name in tables().keys() - set(gone) for r in tables()[name]]
    triples = {
        (ours(r["subject_id"]), SKOS[r["predicate_id"][5:]], URIRef(iri(r["object_id"])))
        for r in rows
        if r["object_id"] != NOTHING
    }
    assert {t for t in left if t in triples} == triples
    assert len(list(left.subjects(RDF.type, OWL.Axiom))) == len(triples)
    assert all(t in linked for t in left if isinstance(t[0], URIRef))


def test_without_any_links_the_graph_is_as_before(tmp_path: Path, told: Graph) -> None:
    """The folder itself may be taken away; what is left is modules, facts and the certificate."""
    home = tmp_path / "ontology"
    shutil.copytree(HOME, home, ignore=shutil.ignore_patterns("mappings", "*.py", "__pycache__"))
    assert len(open_graph(home)) == len(told + load_certificate(open_all()))


WRONG = [
    ("subject_id", "rallo:Nothing", "a term of the ontology"),
    ("subject_id", "S2", "a term of the ontology"),
    ("subject_label", "CNS 2", "CNS2"),
    ("predicate_id", "skos:broader", "skos:exactMatch | skos:closeMatch"),
    ("predicate_id", "", "skos:exactMatch"),
    ("object_id", "LOINC:1-8", "a prefix of the curie_map"),
    ("object_id", "NCIT:", "PREFIX:id"),
    ("object_id", "NCIT:C 1", "PREFIX:id"),
    ("object_id", "SNOMEDCT:1", "the licence class of attribution.sssom.tsv"),
    ("object_id", NOTHING, "an outside term"),
    ("mapping_justification", "by hand", "semapv:Name"),
    ("object_source", "rallo:terminology/MESH", "rallo:terminology/NCIT"),
    ("object_source_version", "", "where the identifier was read"),
]


def refusals(folder: Path, told: Graph) -> list[str]:
    """Load a folder of tables, and give what is wrong with them, a line a problem."""
    with pytest.raises(MappingError) as refused:
        load_mappings(folder, told)
    return str(refused.value).splitlines()


def altered(path: Path, subject: str, column: str, value: str) -> int:
    """Change a cell of the first row of a subject, and return its line."""
    lines = path.read_text(encoding="utf-8").split("\n")
    header = next(line for line in lines if line.startswith("subject_id")).split("\t")
    place = next(n for n, line in enumerate(lines) if line.startswith(f"{subject}\t"))
    cells = lines[place].split("\t")
    cells[header.index(column)] = value
    lines[place] = "\t".join(cells)
    path.write_text("\n".join(lines), encoding="utf-8")
    return place + 1


@pytest.mark.parametrize(("column", "value", "said"), WRONG)
def test_a_wrong_cell_is_refused_by_its_place(
    tmp_path: Path, told: Graph, column: str, value: str, said: str
) -> None:
    """File, line, column and value are named, with what is allowed."""
    path = without(tmp_path) / "attribution.sssom.tsv"
    number = altered(path, "rallo:CNS2", column, value)
    found = refusals(path.parent, told)
    start = f"attribution.sssom.tsv, line {number}, column {column}: {value!r} is refused; allowed:"
    assert any(line.startswith(start) and said in line for line in found), found


def test_labels_reasons_and_order_are_judged(tmp_path: Path, told: Graph) -> None:
    """A copied label, a missing reason, a reason beside a link and a wrong order are refused."""
    folder = without(tmp_path)
    altered(folder / "restricted.sssom.tsv", "rallo:Agent", "object_label", "label")
    altered(folder / "none.sssom.tsv", "rallo:S1", "comment", "")
    altered(folder / "none.sssom.tsv", "rallo:S2", "subject_id", "rallo:CNS2")
    found = "\n".join(refusals(folder, told))
    for said in ("labels of this terminology are not copied", "the reason why no term was found",
                 "an outside term is linked", "rows sorted by subject and object"):  # fmt: skip
        assert said in found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("#mapping_date: 20", "#mapping_date: AD 20", "column mapping_date"),
        ("obo/NCIT_", "obo/NCI_", "column NCIT: 'http://purl.obolibrary.org/obo/NCI_'"),
        ("#  NCIT:", "#  LOINC:", "column LOINC"),
        ("subject_id\t", "subject\t", "allowed: the header subject_id"),
        ("\tskos:exactMatch\t", "\t", "allowed: 9 cells"),
        ("#license:", "#licence", "allowed: a comment '#key: value'"),
    ],
)
def test_a_wrong_head_is_refused(
    tmp_path: Path, told: Graph, old: str, new: str, said: str
) -> None:
    """A comment, prefix, date, header or row of another form is named."""
    path = without(tmp_path) / "attribution.sssom.tsv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert any(said in line for line in refusals(path.parent, told))


def by_the_package(*paths: Path) -> dict[str, dict[str, Any]]:
    """Read tables by the package `sssom`, in a process of its own."""
    program = Path(__file__).with_name("sssom_reader.py")
    done = subprocess.run(
        [sys.executable, str(program), *map(str, paths)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


def test_the_tables_are_valid_sssom(tmp_path: Path) -> None:
    """The package of the format reads every row as written, and finds nothing wrong."""
    columns = ("subject_id", "predicate_id", "object_id", "mapping_justification")
    paths = {name: TABLES / f"{name}.sssom.tsv" for name in tables()}
    bad = tmp_path / "bad.sssom.tsv"
    text = paths["open"].read_text(encoding="utf-8")
    bad.write_text(text.replace("semapv:ManualMappingCuration", "manual", 1), encoding="utf-8")
    found = by_the_package(*paths.values(), bad)
    for name, path in paths.items():
        rows = [[row[c] for c in columns] for row in tables()[name]]
        assert sorted(found[str(path)]["rows"]) == sorted(rows)
        assert found[str(path)]["complaints"] == []
        assert found[str(path)]["licence"] == "https://creativecommons.org/licenses/by/4.0/"
    assert found[str(bad)]["complaints"]


def test_terminologies_are_those_that_are_linked_to(linked: Graph) -> None:
    """Each terminology that is described is linked to, with the verified base and licence class."""
    described = {
        str(linked.value(node, SKOS.notation)): (
            str(linked.value(node, RALLO.iriBase)),
            str(linked.value(node, RALLO.licenceClass)).replace("-", "_"),
        )
        for node in linked.subjects(RDF.type, RALLO.Terminology)
    }
    used = {r["object_id"].partition(":")[0] for r in links()}
    assert described == {prefix: bases()[prefix] for prefix in used}
    assert all(
        isinstance(linked.value(URIRef(f"{BASE}terminology/{p}"), RDFS.label), Literal)
        for p in used
    )
