"""A release is whole, the same in every format and every time, and loses no term."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, parse
from rdflib import OWL, RDF, Graph, URIRef

from ontology.files import BASE, HOME, RELEASE, module_files
from queries.dataset import DATASET_FILE
from queries.release import ReleaseError, write_release

PRODUCTS = ("rallo-base", "rallo-full", "rallo-inferred")
FORMATS = {"owl": RdfFormat.RDF_XML, "ttl": RdfFormat.TURTLE, "jsonld": RdfFormat.JSON_LD}
SITE = "https://example.org/rallo"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write one release."""
    folder = tmp_path_factory.mktemp("releases") / RELEASE
    write_release(folder, site=SITE)
    return folder


def triples(path: Path) -> set[str]:
    """Read a file with its blank nodes named by what they hold."""
    found = Dataset(
        Quad(q.subject, q.predicate, q.object)
        for q in parse(path.read_bytes(), FORMATS[path.suffix[1:]])
    )
    found.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return {str(quad) for quad in found}


def test_what_is_in_a_release(released: Path) -> None:
    """Three products in three formats, dataset, counts, terms, rules, and a checksum of each."""
    wanted = {f"{name}.{ending}" for name in PRODUCTS for ending in FORMATS}
    wanted |= {"alignment.ttl", "rallo.nq", "void.ttl", "terms.tsv"}
    wanted |= {"w3id.htaccess", "w3id.README.md"}
    wanted |= {path.name for path in (HOME / "mappings").glob("*.tsv")}
    lines = (released / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {name: found for found, _, name in (line.partition("  ") for line in lines)}
    assert set(sums) == wanted
    assert {path.name for path in released.iterdir()} == wanted | {"SHA256SUMS"}
    for name, found in sums.items():
        assert sha256((released / name).read_bytes()).hexdigest() == found
    assert (released / "rallo.nq").read_bytes() == DATASET_FILE.read_bytes()


@pytest.mark.parametrize("name", PRODUCTS)
def test_the_formats_hold_the_same_graph(released: Path, name: str) -> None:
    """RDF/XML, Turtle and JSON-LD are isomorphic, and two libraries count alike."""
    first, *others = (triples(released / f"{name}.{ending}") for ending in FORMATS)
    assert first and all(first == other for other in others)
    assert len(Graph().parse(released / f"{name}.ttl")) == len(first)


def test_the_products_build_on_each_other(released: Path) -> None:
    """The base has every class of every module, the full one the facts, the last what follows."""
    base, full, inferred = (Graph().parse(released / f"{name}.ttl") for name in PRODUCTS)
    modules = Graph()
    for path in module_files():
        modules.parse(path)
    classes = {c for c in modules.subjects(RDF.type, OWL.Class) if isinstance(c, URIRef)}
    assert {c for c in base.subjects(RDF.type, OWL.Class) if isinstance(c, URIRef)} == classes
    study = URIRef(BASE + "Study")
    assert not list(base.subjects(RDF.type, study)) and list(full.subjects(RDF.type, study))
    assert len(inferred) > len(full)
    for name, graph in zip(PRODUCTS, (base, full, inferred), strict=True):
        (header,) = graph.subjects(RDF.type, OWL.Ontology)
        assert header == URIRef(f"{BASE}release/{name}")
        assert not list(graph.objects(header, OWL.imports))
        assert str(graph.value(header, OWL.versionIRI)) == f"{BASE}release/{RELEASE}/{name}"


def test_two_releases_have_the_same_bytes(released: Path, tmp_path: Path) -> None:
    """Another process, which orders its sets otherwise, writes the same files."""
    call = (
        "from pathlib import Path; from queries.release import write_release;"
        f"write_release(Path('again'), site='{SITE}')"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", call], cwd=tmp_path, check=True, env=environment)
    for path in released.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes(), path.name


def test_no_term_is_lost(released: Path, tmp_path: Path) -> None:
    """A term of the release before that is gone forbids the release, and nothing is written."""
    write_release(tmp_path / "same", previous=released)
    before = tmp_path / "before"
    before.mkdir()
    text = (released / "terms.tsv").read_text(encoding="utf-8")
    (before / "terms.tsv").write_text(text + f"{BASE}Lost\tClass\tlost\tcurrent\n", "utf-8")
    with pytest.raises(ReleaseError, match=f"{BASE}Lost"):
        write_release(tmp_path / "new", previous=before)
    assert {path.name for path in tmp_path.iterdir()} == {"same", "before"}


def test_the_terms_are_all_that_is_declared(released: Path) -> None:
    """Every class and property of the modules is listed once, with its label."""
    with (released / "terms.tsv").open(encoding="utf-8", newline="") as lines:
        rows = {row["term"]: row for row in csv.DictReader(lines, delimiter="\t")}
    for path in module_files():
        module = Graph().parse(path)
        for kind in (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty):
            for term in module.subjects(RDF.type, kind):
                if isinstance(term, URIRef) and str(term).startswith(BASE):
                    assert rows[str(term)]["kind"] == str(kind).rpartition("#")[2]
                    assert rows[str(term)]["label"]


def test_a_release_never_overwrites(released: Path) -> None:
    """A folder that exists is refused by name."""
    with pytest.raises(ReleaseError, match=f"{RELEASE} exists"):
        write_release(released)


def led(rules: str, path: str, accept: str) -> str:
    """Follow the rules as Apache does: the first whose pattern and conditions hold."""
    conditions: list[str] = []
    for words in map(str.split, rules.splitlines()):
        if words[0] == "RewriteCond":
            assert words[1] == "%{HTTP_ACCEPT}"
            conditions.append(words[2])
        elif words[0] == "RewriteRule":
            found = re.search(words[1], path)
            if found and all(re.search(c, accept) for c in conditions):
                assert words[3] == "[R=303,L]"
                return words[2].replace("$1", found[1] if found.groups() else "")
            conditions = []
    raise AssertionError(path)


def test_the_rules_lead_to_the_site(released: Path) -> None:
    """Every product leads to its file, a term to file or page, in the format that is asked for."""
    rules = (released / "w3id.htaccess").read_text(encoding="utf-8")
    browser = "text/html,application/xhtml+xml,*/*;q=0.8"
    media = {"ttl": "text/turtle", "jsonld": "application/ld+json", "owl": "application/rdf+xml"}
    for ending, accept in media.items():
        for path in ("", "S2", "scheme/uk-r3", "core", f"release/{RELEASE}/core"):
            assert led(rules, path, accept) == f"{SITE}/rallo-full.{ending}"
        for name in PRODUCTS:
            for path in (f"release/{name}", f"release/{RELEASE}/{name}"):
                assert led(rules, path, accept) == f"{SITE}/{name}.{ending}"
                assert led(rules, path, browser) == f"{SITE}/{name}.owl"
                assert (released / f"{name}.{ending}").is_file()
    assert led(rules, "", browser) == led(rules, f"release/{RELEASE}", browser) == f"{SITE}/"
    assert led(rules, "reference/31", browser) == f"{SITE}/id/reference/31"


def test_who_maintains_is_left_to_be_said(released: Path) -> None:
    """What w3id.org asks for is there, and nobody is invented."""
    text = (released / "w3id.README.md").read_text(encoding="utf-8")
    assert BASE in text and f"{SITE}/" in text
    assert text.endswith("name and GitHub account of each maintainer.**\n")
