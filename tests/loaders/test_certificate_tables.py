"""Prove that the shipped certificate becomes triples, and that a damaged one is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rdflib import RDF, Graph, Literal, URIRef

from loaders.certificate import (
    COUNTS,
    FOLDER,
    PLACES,
    certificate_files,
    load_certificate,
    read_rows,
)
from ontology.files import BASE, HOME, OntologyError
from ontology.modules import open_all
from ontology.terms import RALLO


@pytest.fixture(scope="module")
def modules() -> Graph:
    """Open all modules."""
    return open_all()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Copy the certificate beneath a folder of its own."""
    shutil.copytree(HOME / FOLDER, tmp_path / FOLDER)
    return tmp_path


def test_every_row_is_an_individual(modules: Graph) -> None:
    """Counts are certificates, places are holes or overlaps; each has scheme and readings."""
    graph = load_certificate(modules)
    counts, places = (read_rows(path) for path in certificate_files())
    for kind, rows in (
        (RALLO.PartitionCertificate, counts),
        (RALLO.Hole, [p for p in places if p["kind"] == "hole"]),
        (RALLO.Overlap, [p for p in places if p["kind"] == "overlap"]),
    ):
        found = set(graph.subjects(RDF.type, kind))
        assert len(found) == len(rows) > 0
        for node in found:
            assert (graph.value(node, RALLO.ofScheme), RDF.type, RALLO.Scheme) in modules
            assert graph.value(node, RALLO.underReadings)


def test_an_overlap_of_table_1_is_told_with_its_categories_and_passage(modules: Graph) -> None:
    """S1 and S2 at once, because of the two clocks of P13, in 21 cells (A04)."""
    graph = load_certificate(modules)
    node = URIRef(f"{BASE}certificate/bfm-table-1-groups/default/overlap-1")
    assert set(graph.objects(node, RALLO.inCategory)) == {RALLO_S1, RALLO_S2}
    assert graph.value(node, RALLO.causedBy) == URIRef(f"{BASE}open-passage/table-1-two-clocks")
    assert graph.value(node, RALLO.locator) == Literal("P13")
    assert graph.value(node, RALLO.cells) == Literal(21)


RALLO_S1, RALLO_S2 = URIRef(BASE + "S1"), URIRef(BASE + "S2")


def test_without_a_certificate_there_are_no_triples(modules: Graph, tmp_path: Path) -> None:
    """An ontology that was never certified opens without one."""
    assert len(load_certificate(modules, tmp_path)) == 0


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        (COUNTS, "in_holes", "holes", "columns must be"),
        (PLACES, "criteria\t", "", "columns must be"),
        (PLACES, "\tdefault\thole", "\tdefault", "row 2: 10 cells, not 11"),
        (PLACES, "very early;early", "very soon;early", "row 2: .*; run: rallo certify"),
        (PLACES, "\thole\t", "\tgap\t", "row 2: gap is not"),
        (PLACES, "\ttable-1-diagnosis-limit\t", "\tno-such\t", "row 2: .*no-such is not"),
        (COUNTS, "site-patterns", "no-such", "row 2: .*no-such is not"),
    ],
)
def test_a_damaged_table_is_refused(
    modules: Graph, home: Path, name: str, old: str, new: str, told: str
) -> None:
    """A wrong column, a short row, or a name that the modules lack: the table and row are named."""
    path = home / FOLDER / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(OntologyError, match=rf"{name}.*{told}"):
        load_certificate(modules, home)


@pytest.mark.parametrize("name", [COUNTS, PLACES])
def test_a_missing_or_empty_table_is_refused(modules: Graph, home: Path, name: str) -> None:
    """Half a certificate is none."""
    path = home / FOLDER / name
    path.write_text("", encoding="utf-8")
    with pytest.raises(OntologyError, match=f"{name}: missing or empty; run: rallo certify"):
        load_certificate(modules, home)
    path.unlink()
    with pytest.raises(OntologyError, match=f"{name}: missing or empty; run: rallo certify"):
        load_certificate(modules, home)
