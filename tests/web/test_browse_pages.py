"""Prove that questions, terms and schemes are shown whole, and that each grid tells the truth."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse
from starlette.testclient import TestClient
from web_reader import Page

from ontology.files import BASE, RELEASE
from queries.answers import answer
from queries.catalogue import load_catalogue
from queries.endpoint.formats import GRAPHS
from queries.engines import FORMATS
from queries.knowledge import Knowledge
from queries.web.cells import IMPOSSIBLE
from queries.web.grids import Drawing
from queries.web.holdings import Holdings
from queries.web.terms import INCOMING, graph_of

Read = Callable[[str], Page]
NAMES = sorted(load_catalogue())
OFF = ("A03", "A04", "B2", "B5")
FACET = re.compile(r"[<>=]=? ?\d")


@pytest.mark.parametrize("name", NAMES)
def test_a_question_shows_its_rows_or_why_there_are_none(
    read: Read, held: Holdings, name: str
) -> None:
    """Each page holds every value of every row that the command line gives, or the reason.

    Its SPARQL is shown, its downloads are offered, and it leads to the editor.
    """
    question = load_catalogue()[name]
    page = read(f"/questions/{name}")
    rows = answer(held.engine, question).rows
    assert question.question in page.text
    if rows:
        assert (f"{len(rows)} rows" if len(rows) > 1 else "1 row") in page.text
        seen = {text for within, text in page.texts if "td" in within}
        told = {" ".join(v.split()) for row in rows for v in row if v}
        missing = {v for v in told - seen if any(p not in page.text for p in v.split(", "))}
        assert not missing
    else:
        assert "No rows: the graph holds nothing of this kind" in page.text
    targets = [a["href"] for a in page.all("a")]
    for format in FORMATS:
        wanted = [t for t in targets if t.startswith(f"/api/questions/{name}?")]
        assert not rows or any(f"format={format}" in t for t in wanted)
    shown = next(text for within, text in page.texts if "pre" in within)
    assert " ".join(question.fill().partition("PREFIX")[1].split()) in shown
    editor = read(f"/sparql-editor?question={name}")
    assert any("textarea" in within and "PREFIX" in text for within, text in editor.texts)


def test_a_parameter_changes_the_rows_and_a_wrong_one_is_refused(
    client: TestClient, read: Read
) -> None:
    """A value of the form is asked for; one that is not in the graph is 400 with what is near."""
    page = read("/questions/study_results?study=bfm-matched-pair")
    assert "study/bfm-matched-pair" in page.text and "44" in page.text
    response = client.get("/questions/study_results?study=all-r33")
    assert response.status_code == 400 and "near: all-r3" in response.text
    assert "Not asked" in response.text
    response = client.get("/questions/study_results?studio=x")
    assert response.status_code == 400 and "studio" in response.text


def test_questions_are_found_by_words(read: Read) -> None:
    """Searching shows the questions that hold all words; no match says so and leads on."""
    page = read("/questions?q=CNS+radiation")
    listed = {t for t, _ in page.links("/questions") if t.startswith("/questions/")}
    assert "/questions/cns_radiation_doses" in listed and len(listed) < len(NAMES)
    assert "No question holds all of these words." in read("/questions?q=zebra").text
    assert f"{len(NAMES)} of {len(NAMES)} questions" in read("/questions").text


# -- terms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", sorted(GRAPHS))
def test_a_term_is_written_in_each_format(client: TestClient, held: Holdings, format: str) -> None:
    """By Accept or by name each format gives the same triples: what is asserted, and no more."""
    media = GRAPHS[format].media
    for path in ("S2", "reference/31", "Table1Late", "input/donors/none", "scheme/uk-r3"):
        asked = client.get(f"/id/{path}", headers={"Accept": media})
        named = client.get(f"/id/{path}?format={format}")
        assert asked.status_code == named.status_code == 200
        assert asked.headers["content-type"].partition(";")[0] == media
        assert "Accept" in asked.headers["vary"]
        writer = GRAPHS[format].writer
        assert isinstance(writer, RdfFormat)
        triples = {q.triple for q in parse(asked.content, writer)}
        node = NamedNode(BASE + path)
        told = {
            (q.predicate, q.object)
            for q in held.engine.store.quads_for_pattern(node, None, None, None)
            if graph_of(q) and not graph_of(q).endswith("/inferred")
            and isinstance(q.object, NamedNode)
        }  # fmt: skip
        named_objects = {
            (t.predicate, t.object)
            for t in triples
            if t.subject == node and isinstance(t.object, NamedNode)
        }
        assert named_objects == told


def test_what_is_inferred_is_written_on_demand_alone(client: TestClient) -> None:
    """The superclasses that HermiT found stand apart on the page and in Turtle only if wanted."""
    plain = client.get("/id/Table1Late?format=nt").text
    whole = client.get("/id/Table1Late?format=nt&inferred=true").text
    concluded = f"<{BASE}Table1Late> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <{BASE}Rel"
    assert concluded not in plain and concluded in whole
    page = client.get("/id/Table1Late").text
    asserted, _, inferred = page.partition('id="inferred"')
    assert "subclass of" not in asserted and "subclass of" in inferred


@pytest.mark.parametrize(
    "accept, status, media",
    [
        (None, 200, "text/html"),
        ("*/*", 200, "text/html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 200, "text/html"),
        ("text/turtle;q=0.5, text/html;q=0.4", 200, "text/turtle"),
        ("application/ld+json", 200, "application/ld+json"),
        ("image/png", 406, "text/html"),
        ("text/html;q=0, text/turtle;q=0", 406, "text/html"),
    ],
)
def test_the_format_is_the_one_preferred(
    client: TestClient, accept: str | None, status: int, media: str
) -> None:
    """A browser gets a page, a program what it asks for, and one that takes nothing is told."""
    response = client.get("/id/S2", headers={"Accept": accept} if accept is not None else {})
    assert response.status_code == status
    assert response.headers["content-type"].partition(";")[0] == media


def test_a_class_shows_its_criterion_down_to_the_bounds(read: Read, knowledge: Knowledge) -> None:
    """Each class of the tables says what it takes, and each bound that decides it as a number."""
    bounded = 0
    for name, entry in knowledge.table.classes.items():
        text = read(f"/id/{quote(name)}").text
        if entry.get("criterion"):
            assert " ".join(entry["criterion"].split()) in text, name
        order, _ = knowledge.view.closure([name])
        limits = {
            limit
            for part in order
            for limit in FACET.findall(knowledge.table.classes[part].get("criterion", ""))
        }
        bounded += bool(limits)
        assert all(limit in text for limit in limits), name
    assert bounded > 50


def test_the_owl_is_written_in_words_with_its_bounds(read: Read) -> None:
    """A datatype restriction shows its facet, its number and its unit."""
    page = read("/id/Table1VeryEarly")
    assert "months from diagnosis < 18 mo" in page.text
    assert "CNS1 , CNS2 , CNS3" in read("/id/CNSStatus").text
    assert "not ( late set aside )" in read("/id/Table1Late").text


def test_what_points_to_a_term_is_cut_aloud(read: Read) -> None:
    """Of more than 200 links to a term 200 are shown, and it is said of how many."""
    text = read("/id/article").text
    found = re.search(rf"{INCOMING} of (\d+) are shown", text)
    assert found and int(found[1]) > INCOMING


def test_a_term_leads_to_its_source(read: Read) -> None:
    """A clause links to its paragraph, to the reference that it rests on, and to its module."""
    links = {target for target, _ in read("/id/S2Clause4").links("/")}
    assert {"/browse/paragraphs/P12", "/id/reference/12", "/id/scheme/bfm-table-1/module"} <= links


def test_a_version_of_a_module_is_shown_as_the_module(read: Read) -> None:
    """The address of a version leads to the module, whose header names that version."""
    module, version = read("/id/core"), read(f"/id/release/{RELEASE}/core")
    assert version.text == module.text and f"release/{RELEASE}/core" in module.text


def test_terms_are_found_by_their_label(read: Read) -> None:
    """Words find the terms that hold them; too many are cut aloud, and none is said."""
    page = read("/browse?q=late+relapse+table")
    assert "/id/Table1Late" in {t for t, _ in page.links("/browse")}
    assert "Add a word to see fewer" in read("/browse?q=a").text
    assert "No label and no name holds" in read("/browse?q=zebra").text


# -- schemes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("without", [(), OFF])
def test_each_cell_of_a_grid_is_what_its_relapse_gets(
    held: Holdings, without: tuple[str, ...]
) -> None:
    """The relapse that stands for a cell has, by the API, the class that the cell shows."""
    knowledge = held.knowledge(without=without)
    drawing = Drawing(knowledge)
    cells = 0
    for question in knowledge.answerer.schemes.values():
        grid = drawing.draw(question)
        width = sum(span for _, span in grid.heads[0]) if grid.heads else 1
        for layer in grid.layers:
            assert len({label for label, _ in layer.rows}) == len(layer.rows)
            for _, row in layer.rows:
                assert len(row) == width
                for cell in row:
                    if cell.status == IMPOSSIBLE:
                        continue
                    values = dict(parse_qsl(urlsplit(cell.address).query))
                    record = knowledge.record(values)
                    assert not record.problems
                    verdict = knowledge.answerer.find(question, record).verdict
                    assert (verdict.value, verdict.status) == (cell.value, cell.status)
                    cells += 1
    assert cells > 200


def test_the_grid_shows_holes_and_overlaps_in_words(read: Read) -> None:
    """Table 1 has holes on its limits and overlaps of very early with late; both are written."""
    page = read("/schemes/bfm-table-1-groups")
    assert "no category" in page.text and "next to S3, S4" in page.text
    assert "S2 and S4" in page.text and "at once" in page.text
    closed = read("/schemes/bfm-table-1-groups?with=A04")
    assert "at once" not in closed.text.partition("Categories")[0].partition("Grid")[2]


def test_every_category_has_a_cell_or_is_said_to_be_empty(read: Read, held: Holdings) -> None:
    """Each category that any relapse can be in is met in its grid; of any other it is said."""
    knowledge = held.knowledge()
    drawing = Drawing(knowledge)
    empty = 0
    for question in knowledge.answerer.schemes.values():
        grid = drawing.draw(question)
        shown = " ".join(c.value for layer in grid.layers for _, row in layer.rows for c in row)
        text = read(f"/schemes/{question.name}").text
        for category in question.entry["categories"]:
            if question.vector(category["class"]):
                assert category["value"] in shown, category
            else:
                empty += 1
                assert "Under these readings no relapse is in it" in text
    assert empty == 1


def test_codes_are_offered_and_shown_with_their_terms(read: Read, held: Holdings) -> None:
    """A question about a code offers every code, one about a term whatever was looked for."""
    codes = read("/questions/crosswalk?code=ncit:c3167").text
    assert "3 rows" in codes and "disease/ALL" in codes
    rows = held.rows(
        "SELECT ?code WHERE { GRAPH ?g { ?outside <https://w3id.org/rallo/inTerminology> ?of ; "
        "<http://www.w3.org/2004/02/skos/core#notation> ?code } }"
    )
    assert rows and all(row["code"] in codes for row in rows)
    terms = read("/questions/codes_of_term?term=CNS2").text
    assert "NCIT:C116834" in terms and len(held.looked_for) > 400
    assert "NCIT:C116834" in read("/id/CNS2").text
