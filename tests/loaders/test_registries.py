"""Records of registries are read as they come, matched to ours, and what differs is told.

The records in ``records`` have the registries' formats. What they say of our references is what
the article prints, with changes on purpose; their other contents are invented.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import RDF, Literal, URIRef
from typer.testing import CliRunner

from loaders.pubmed import read_pubmed
from loaders.registries import (
    PRISM_DOI,
    Paper,
    RegistryError,
    as_graph,
    first_page,
    full_pages,
    match_papers,
    match_trials,
    plain,
    read_rows,
)
from loaders.trials import read_trials
from ontology.files import BASE
from ontology.terms import RALLO
from queries.cli import app

RECORDS = Path(__file__).parent / "records"


def test_papers_are_read_from_xml() -> None:
    """Mark-up in a title, identifiers and dates in words are taken as they stand."""
    first, second = read_pubmed(RECORDS / "papers.xml")
    assert (first.pmid, first.doi) == ("21131038", "10.1016/s0140-6736(10)62002-8")
    assert "(ALL R3)" in first.title
    assert (first.container, first.year, first.volume, first.issue) == (
        "Lancet",
        "2010",
        "376",
        "9757",
    )
    assert (second.year, second.doi, second.pages) == ("2009", "", "377-84")


def test_papers_are_read_from_tagged_text() -> None:
    """A field that runs over several lines is one text."""
    first, _ = read_pubmed(RECORDS / "papers.nbib")
    assert first.title.endswith("multidrug chemotherapy: results of trial ALL-REZ BFM 90.")
    assert (first.doi, first.pages) == ("10.1200/JCO.2009.25.1983", "2339-47")


def test_papers_are_matched() -> None:
    """By DOI whatever its case, by title with year and first page, or not at all."""
    papers = [*read_pubmed(RECORDS / "papers.xml"), *read_pubmed(RECORDS / "papers.nbib")]
    matches = list(match_papers(papers, read_rows("publications")))
    assert [(m.ours, m.by) for m in matches] == [
        ("reference-11", "doi"),
        ("reference-38", "title, year and first page"),
        ("reference-06", "doi"),
        ("", ""),
    ]
    # Pages that are cut short are the same pages; the issue of reference 38 was changed.
    assert [m.differences for m in matches] == [[], [("issue", "4", "3")], [], []]


@pytest.mark.parametrize("missing", ["title", "year", "pages"])
def test_a_paper_without_identifier_needs_all_three(missing: str) -> None:
    """Without title, year or page nothing is matched."""
    row = next(r for r in read_rows("publications") if r["id"] == "reference-38")
    paper = Paper("", title=row["title"], year=row["year"], pages=row["pages"])
    (whole,) = match_papers([paper], [row])
    (part,) = match_papers([replace(paper, **{missing: ""})], [row])
    assert (whole.ours, part.ours) == ("reference-38", "")


def test_each_of_our_references_is_found_by_what_is_printed_of_it() -> None:
    """Whatever has a title, a year and pages is found as itself, and nothing differs."""
    rows = [r for r in read_rows("publications") if r["title"] and r["year"] and r["pages"]]
    assert len(rows) > 90
    papers = [Paper(r["id"], title=r["title"], year=r["year"], pages=r["pages"]) for r in rows]
    for paper, match in zip(papers, match_papers(papers, rows), strict=True):
        assert (match.ours, match.differences) == (paper.place, [])


def test_trials_are_matched() -> None:
    """By NCT number alone; a number of participants that differs is told."""
    matches = list(match_trials(read_trials(RECORDS / "trials.json"), read_rows("studies")))
    assert [(m.ours, m.differences) for m in matches] == [
        ("all-r3", [("n", "450", "239")]),
        ("", []),
    ]


def test_records_become_publications_and_studies() -> None:
    """Ours gain identifiers and nothing else; others become individuals of their own."""
    papers = [*read_pubmed(RECORDS / "papers.xml"), *read_pubmed(RECORDS / "papers.nbib")]
    matches = [
        *match_papers(papers, read_rows("publications")),
        *match_trials(read_trials(RECORDS / "trials.json"), read_rows("studies")),
    ]
    graph = as_graph(matches)
    ours, other = URIRef(f"{BASE}reference/11"), URIRef(f"{BASE}publication/pmid-2")
    assert set(graph.predicates(ours)) == {RALLO.pmid, PRISM_DOI}
    # A number below ten is written without its zero, as everywhere in the graph.
    sixth = URIRef(f"{BASE}reference/6")
    assert set(graph.predicates(sixth)) == {RALLO.pmid, PRISM_DOI}
    assert (URIRef(f"{BASE}reference/06"), None, None) not in graph
    assert (other, RDF.type, RALLO.Publication) in graph
    assert (URIRef(f"{BASE}study/all-r3"), RDF.type, None) not in graph
    new = URIRef(f"{BASE}study/nct99999999")
    assert graph.value(new, RALLO.identifiers) == Literal("NCT99999999")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.xml", "<a>", "a.xml: not well-formed XML"),
        ("a.xml", "<a/>", "a.xml: root 'a'; allowed: PubMed XML"),
        ("a.txt", "hello", "a.txt: allowed: PubMed XML"),
        ("a.nbib", "PMID- 1\n\nTI  - x", "a.nbib, record 2: has no PMID"),
        ("a.nbib", "PMID- 1\nwhat", "a.nbib, record 1: 'what'; allowed: a tag"),
        (
            "a.xml",
            "<PubmedArticleSet><PubmedArticle/></PubmedArticleSet>",
            "a.xml, record 1: has no PMID",
        ),
    ],
)
def test_a_wrong_file_of_papers_is_refused(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    """The message names the file, the record and what is allowed."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(RegistryError) as refused:
        read_pubmed(tmp_path / name)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "a.json: not JSON"),
        ("[1]", "a.json, record 1: has no protocolSection"),
        ('{"protocolSection": {}}', "a.json, record 1: nctId None; allowed: NCT and eight"),
    ],
)
def test_a_wrong_file_of_trials_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """The message names the file, the record and what is allowed."""
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    with pytest.raises(RegistryError) as refused:
        read_trials(tmp_path / "a.json")
    assert str(refused.value).startswith(message)


@given(st.integers(1, 9_999), st.integers(0, 200))
def test_short_pages_are_the_same_pages(first: int, more: int) -> None:
    """A last page without its leading figures is the page that is meant."""
    last = str(first + more)
    head, tail = str(first), last
    if len(head) == len(last):
        while len(tail) > 1 and head[0] == tail[0]:
            head, tail = head[1:], tail[1:]
    assert full_pages(f"{first}-{tail}") == full_pages(f"{first}-{last}")
    assert first_page(f"{first}\u2013{last}") == str(first)


@given(st.text(max_size=40))
def test_a_title_is_reduced_once(text: str) -> None:
    """Reducing a title a second time changes nothing."""
    assert plain(plain(text)) == plain(text)


def test_compare_tells_what_differs(tmp_path: Path) -> None:
    """The command says for each record what it is of ours, and what differs."""
    files = [str(RECORDS / name) for name in ("papers.xml", "papers.nbib", "trials.json")]
    ended = CliRunner().invoke(app, ["compare", *files, "-o", str(tmp_path / "found.ttl")])
    assert ended.exit_code == 0, ended.stderr
    assert "PMID 1 (papers.xml, record 2): reference-38, by title, year" in ended.stdout
    assert "    issue: there '4', here '3'" in ended.stdout
    assert "NCT99999999 (trials.json, record 2): not among ours" in ended.stdout
    assert ended.stdout.endswith("6 records: 4 are ours, 2 of these differ\n")
    assert (tmp_path / "found.ttl").is_file()
    wrong = CliRunner().invoke(app, ["compare", str(tmp_path / "none.nbib")])
    assert (wrong.exit_code, wrong.stdout) == (2, "") and "none.nbib" in wrong.stderr


class Registry(BaseHTTPRequestHandler):
    """Answers as the two registries do, from the records of this folder."""

    def do_GET(self) -> None:
        """Send the file that the path asks for."""
        name = "papers.xml" if self.path.startswith("/papers?db=pubmed&") else ""
        name = "trials.json" if self.path == "/trials/NCT00967057" else name
        self.send_response(200 if name else 404)
        self.end_headers()
        if name:
            self.wfile.write((RECORDS / name).read_bytes())

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serve records on this machine in place of the registries."""
    with HTTPServer(("127.0.0.1", 0), Registry) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("RALLO_PUBMED_URL", f"{url}/papers")
        monkeypatch.setenv("RALLO_TRIALS_URL", f"{url}/trials")
        yield
        server.shutdown()


def test_fetch_puts_records_in_place(registry: None, tmp_path: Path) -> None:
    """What was fetched can be compared; nothing is overwritten, and a failure leaves nothing."""
    run, folder = CliRunner().invoke, tmp_path / "records"
    call = ["fetch", "--pmid", "21131038", "--nct", "NCT00967057", "--folder", str(folder)]
    assert run(app, call).exit_code == 0
    assert sorted(p.name for p in folder.iterdir()) == ["NCT00967057.json", "pubmed-21131038.xml"]
    assert (folder / "pubmed-21131038.xml").read_bytes() == (RECORDS / "papers.xml").read_bytes()
    again = run(app, call)
    assert again.exit_code == 2 and "exists" in again.stderr
    shutil.rmtree(folder)
    unknown = run(app, ["fetch", "--nct", "NCT00000000", "--folder", str(folder)])
    assert unknown.exit_code == 2 and "NCT00000000.json" in unknown.stderr
    assert not folder.exists()


@pytest.mark.parametrize("number", ["NCT1", "nct00967057", "NCT00967057/../x"])
def test_fetch_sends_numbers_alone(number: str, tmp_path: Path) -> None:
    """What is no number of the registry is refused before anything is sent."""
    ended = CliRunner().invoke(app, ["fetch", "--nct", number, "--folder", str(tmp_path / "f")])
    assert ended.exit_code == 2 and "NCT and eight figures" in ended.stderr
