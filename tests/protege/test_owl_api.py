"""In the OWL API, which Protégé is made of, the ontology is OWL 2 DL and says what RALLO says."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse
from rdflib import OWL, RDF, SKOS, Graph, URIRef

from loaders.cohort import read_relapses
from ontology.editor import ALIGNMENT, EXAMPLES
from ontology.files import BASE, CATALOGUE, CLOSURE, HOME, ROOT, module_files
from queries.dataset import MAPPINGS
from queries.knowledge import Knowledge
from queries.release import write_release

# The jars of the OWL API are those among which Openllet lies; .ci/run fetches them.
FOLDER = os.environ.get("RALLO_OPENLLET")
pytestmark = pytest.mark.skipif(
    not FOLDER, reason="RALLO_OPENLLET names no folder with the jars of the OWL API"
)

HERE = Path(__file__).parent
# Only a reading that is off by default would fill these, or the situation of one of them.
EMPTY = {
    "ChemotherapyRuleSetAside": "A07",
    "HSCTHighRiskUndefinedSituation": "B1",  # filled without it
    "IntReALLHighRisk": "I2",
    "S1CellSetAside": "A24",
    "Table1LateSetAside": "A04",
}


def seen(*files: str) -> dict[str, Any]:
    """Open files in the OWL API; a plus sign asks for what HermiT infers there."""
    call = [sys.executable, str(HERE / "owl_api.py"), str(FOLDER), *files]
    done = subprocess.run(call, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@cache
def with_examples() -> dict[str, Any]:
    """Open the examples and with them the whole, and let HermiT classify."""
    (found,) = seen(f"{HOME / EXAMPLES}+").values()
    return dict(found)


def test_each_module_is_owl_2_dl() -> None:
    """Each module, the whole, and the alignment break no rule of the profile."""
    files = [*module_files(), HOME / ROOT, HOME / ALIGNMENT]
    found = seen(*map(str, files))
    assert {name: of["violations"] for name, of in found.items() if of["violations"]} == {}
    assert len(found) == len(files)


def test_the_whole_with_the_examples_is_consistent_owl_2_dl() -> None:
    """The root with the example relapses is in the profile and has a model."""
    assert with_examples()["violations"] == []
    assert with_examples()["consistent"] is True


def test_the_only_empty_classes_are_those_of_readings_that_are_off() -> None:
    """Every other class can have members."""
    assert {name.removeprefix(BASE) for name in with_examples()["unsatisfiable"]} == set(EMPTY)


def test_classes_are_equal_only_where_they_are_meant_to_be() -> None:
    """Each group of equal classes is one that the sources, or a named reading, make equal."""
    with (HERE / "equal_classes.tsv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    assert all(row["why"] for row in rows)
    found = {frozenset(n.removeprefix(BASE) for n in group) for group in with_examples()["equal"]}
    assert found == {frozenset(row["classes"].split()) for row in rows}


def test_hermit_gives_the_examples_the_classes_that_rallo_gives() -> None:
    """Of every scheme, each example is in the category that is certain, and in no other."""
    knowledge = Knowledge()
    stored = Graph().parse(HOME / EXAMPLES)
    cases = {
        str(c).rpartition("/")[2]: str(c)
        for c in stored.subjects(RDF.type, URIRef(BASE + "Relapse"))
    }
    compared = 0
    for values in read_relapses(HOME / EXAMPLES):
        types = set(with_examples()["types"][cases[values["patient_id"]]])
        answer = knowledge.answerer.classification(knowledge.record(values))
        for scheme in knowledge.table.schemes:
            key = scheme["column"] or scheme["name"].replace("-", "_")
            held = {c["value"] for c in scheme["categories"] if BASE + c["class"] in types}
            entailed = answer[key]["value"] if answer[key]["status"] == "entailed" else ""
            if answer[key]["status"] == "not-applicable":
                # Outside the scheme's scope its words of time may hold all the same.
                assert BASE + scheme["scope"] not in types
                continue
            assert held == ({entailed} if entailed else set()), (values["patient_id"], key)
            compared += 1
    assert compared > 2 * len(knowledge.table.schemes)


def test_a_release_is_owl_2_dl_and_loses_nothing_there(tmp_path: Path) -> None:
    """Every product is in the profile, and each format gives the OWL API as many axioms."""
    folder = tmp_path / "release"
    write_release(folder)
    (folder / CATALOGUE).write_bytes((HOME / CATALOGUE).read_bytes())
    names = ("rallo-base", "rallo-full", "rallo-inferred")
    found = seen(*(str(folder / f"{n}.{e}") for n in names for e in ("owl", "ttl")))
    for name in names:
        one, other = (found[str(folder / f"{name}.{e}")] for e in ("owl", "ttl"))
        assert one["violations"] == other["violations"] == []
        assert one["axioms"] == other["axioms"] > 1000


def test_a_release_merged_with_the_links_is_owl_2_dl(tmp_path: Path) -> None:
    """Classes, facts and links to outside terms in one file are in the profile."""
    folder = tmp_path / "release"
    write_release(folder)
    whole = Graph().parse(folder / "rallo-full.ttl")
    quads = parse((folder / "rallo.nq").read_bytes(), RdfFormat.N_QUADS)
    lines = (f"{q.triple} ." for q in quads if q.graph_name == NamedNode(MAPPINGS))
    links = Graph().parse(data="\n".join(lines), format="nt")
    for header in list(links.subjects(RDF.type, OWL.Ontology)):
        links.remove((header, None, None))
    whole += links
    whole.serialize(folder / "merged.ttl")
    (folder / CATALOGUE).write_bytes((HOME / CATALOGUE).read_bytes())
    files = [str(folder / name) for name in ("rallo-full.ttl", "merged.ttl")]
    alone, together = seen(*files).values()
    assert together["violations"] == []
    assert together["axioms"] > alone["axioms"] + 1000


def test_each_empty_class_says_why_in_every_place(tmp_path: Path) -> None:
    """In the editor's files and in a release, each names the reading that is off, or that is on."""
    write_release(tmp_path / "release")
    editors = Graph()
    for path in [*module_files(), HOME / CLOSURE]:
        editors.parse(path)
    released = Graph().parse(tmp_path / "release" / "rallo-full.ttl")
    for name, reading in EMPTY.items():
        for graph in (editors, released):
            notes = list(graph.objects(URIRef(BASE + name), SKOS.scopeNote))
            assert len(notes) == 1 and re.search(rf"\b{reading}\b", str(notes[0])), name
