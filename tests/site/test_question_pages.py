"""Prove that every question has a page with its rows, its SPARQL and the calls that give them."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from answer_files import expected_answers
from rdflib import RDF, Graph
from record_pages import Site, Trees, gather, having, of_class, read_table, rows, section, words
from starlette.testclient import TestClient
from typer.testing import CliRunner

from ontology.files import BASE
from ontology.terms import RALLO
from queries.answers import Answer
from queries.catalogue import QUESTIONS
from queries.cli import app
from queries.site.building import STATIC
from queries.web.holdings import Holdings

FILES = {path.stem: path for path in sorted(QUESTIONS.glob("*/*.rq"))}
LONG = "evidence_by_advice"
EXPECTED_ROWS = f"SELECT ?question ?n WHERE {{ GRAPH ?g {{ ?question <{BASE}expectedRows> ?n }} }}"


@pytest.fixture(scope="module")
def site(held: Holdings) -> Site:
    """Gather the pages."""
    return gather(held)


@pytest.fixture(scope="module")
def numbers(held: Holdings) -> dict[str, int]:
    """Return how many rows each question had when the dataset was built."""
    found = held.rows(EXPECTED_ROWS)
    return {row["question"].rpartition("/")[2]: int(row["n"]) for row in found}


def head(name: str, key: str) -> list[str]:
    """Return the values of a header line of a question's file."""
    start = f"# {key}: "
    lines = FILES[name].read_text(encoding="utf-8").splitlines()
    return [line.removeprefix(start) for line in lines if line.startswith(start)]


def found_by(name: str) -> set[str]:
    """Return which of two words the header, the name or the theme of a question holds."""
    told = [*head(name, "title"), *head(name, "question"), *head(name, "keywords")]
    text = " ".join((name, FILES[name].parent.name, *told)).casefold()
    return {word for word in ("transplant", "remission") if word in text}


def shown(site: Site, name: str) -> tuple[Answer, int]:
    """Return the answer on a question's page, columns without any value filled, and its number."""
    result = section(site.tree(f"questions/{name}.html"), "rows")
    number = int(words(having(result, "id", "rows")[0]).split()[0])
    table = of_class(result, "rows")
    columns, *found = rows(table[0]) if table else [[]]
    empty = [
        column
        for text in map(words, result.iter("p"))
        if text.startswith("Empty in every row: ")
        for column in text.removeprefix("Empty in every row: ").rstrip(".").split(", ")
    ]
    padded = [(*row, *("" for _ in empty)) for row in found]
    return Answer((*columns, *empty), padded), number


def test_every_question_is_listed_once_with_its_sentence(site: Site) -> None:
    """The list leads to every question of the catalogue, under its title, with its sentence."""
    tree = site.tree("questions/index.html")
    cards = {a.get("href"): card for card in of_class(tree, "card") for a in card.iter("a")}

    assert set(cards) == {f"{name}.html" for name in FILES} and len(FILES) >= 75
    for name in FILES:
        text = words(cards[f"{name}.html"])
        assert head(name, "title")[0] in text and head(name, "question")[0] in text


@pytest.mark.parametrize("name", FILES)
def test_a_page_shows_what_the_file_says(site: Site, name: str) -> None:
    """Title, sentence, keywords, example and SPARQL are those of the file, header apart."""
    tree = site.tree(f"questions/{name}.html")
    text, codes = words(tree), ["".join(pre.itertext()) for pre in tree.iter("pre")]
    lines = FILES[name].read_text(encoding="utf-8").splitlines()
    body = "\n".join(line for line in lines if not line.startswith("# ")).strip()

    assert [words(h) for h in tree.iter("h1")] == head(name, "title")
    assert head(name, "question")[0] in text
    assert f"Keywords: {head(name, 'keywords')[0]}" in text
    assert codes[0].splitlines()[0] == head(name, "example")[0]
    assert codes[-1].strip() == body


@pytest.mark.parametrize("name", FILES)
def test_a_page_tells_every_parameter(site: Site, name: str) -> None:
    """Each parameter stands with its sentence and default, and with the words it may be."""
    tables = of_class(site.tree(f"questions/{name}.html"), "parameters")
    told = list(rows(tables[0]))[1:] if tables else []

    lines = [[part.strip() for part in p.split(",", 3)] for p in head(name, "parameter")]
    assert [row[:3] for row in told] == [[n, sentence, d] for n, _, d, sentence in lines]
    for row, (_, kind, _, _) in zip(told, lines, strict=True):
        if "|" in kind:
            assert row[3].split(", ") == kind.split("|")


def test_the_values_of_a_parameter_are_all_listed(site: Site) -> None:
    """A question on a study lists every study of the table, each leading to its place."""
    (table,) = of_class(site.tree("questions/study_results.html"), "parameters")
    links = {words(a): a.get("href") for a in table.iter("a")}

    names = [row["id"] for row in read_table("studies.tsv")]
    assert links == {name: f"../studies.html#study-{name}" for name in names}


@pytest.mark.parametrize("name", [n for n, e in sorted(expected_answers().items()) if e.rows])
def test_a_page_has_the_rows_that_the_text_asks_for(site: Site, name: str) -> None:
    """The rows on the page are those typed from the text; of a long answer all that are shown."""
    found, number = shown(site, name)
    wrong = expected_answers()[name].differences(found)

    if len(found.rows) < number:
        wrong = [line for line in wrong if not line.startswith("missing: ")]
    assert wrong == []


@pytest.mark.parametrize("name", FILES)
def test_a_page_counts_its_rows(site: Site, numbers: dict[str, int], name: str) -> None:
    """The number above the rows is the dataset's; all rows stand there, or how to get the rest."""
    found, number = shown(site, name)
    rest = having(site.tree(f"questions/{name}.html"), "id", "more")

    assert number == numbers[name]
    assert len(found.rows) == min(number, 60)
    assert [f"For the other {number - 60}: rallo query {name}" in words(p) for p in rest] == (
        [True] if number > 60 else []
    )


def test_an_empty_answer_says_why(site: Site) -> None:
    """Where a question finds nothing, as the text asks for, its page says that it was asked."""
    assert [name for name, e in expected_answers().items() if not e.rows] == ["uncited_references"]
    result = words(section(site.tree("questions/uncited_references.html"), "rows"))
    assert result.startswith("0 rows No rows: the graph holds nothing of this kind.")


@pytest.mark.parametrize("name", ["holes", "drug_doses", "statements_in_paragraph", "overlaps"])
def test_the_site_shows_what_the_server_shows(site: Site, client: TestClient, name: str) -> None:
    """Heads and cells of a question are the same on its page here and at the server."""
    reader = Trees()
    reader.feed(client.get(f"/questions/{name}").text)
    (theirs,) = of_class(reader.builder.close(), "rows")
    (ours,) = of_class(site.tree(f"questions/{name}.html"), "rows")

    assert list(rows(ours)) == list(rows(theirs))


@pytest.mark.parametrize("name", [LONG, "holes", "studies_by_design", "advice_by_code"])
def test_the_calls_of_a_page_give_its_rows(site: Site, numbers: dict[str, int], name: str) -> None:
    """The second command of a page gives all its rows; the route names the same parameters."""
    tree = site.tree(f"questions/{name}.html")
    terminal, program = ["".join(pre.itertext()) for pre in tree.iter("pre")][:2]
    rallo, *arguments = shlex.split(terminal.splitlines()[1])
    done = CliRunner().invoke(app, arguments)
    parts = urlsplit(shlex.split(program)[1])

    assert rallo == "rallo" and done.exit_code == 0, done.output
    assert len(done.stdout.splitlines()) == numbers[name] + 1
    assert parts.path == f"/api/questions/{name}"
    defaults = {p.split(",")[0].strip(): p.split(",")[2].strip() for p in head(name, "parameter")}
    assert dict(parse_qsl(parts.query)) == {**defaults, "format": "csv"}


@pytest.mark.parametrize(("name", "kind"), [("holes", "Scheme"), ("steps_of_advice", "Advice")])
def test_no_value_of_a_parameter_is_a_module(
    graph: Graph, site: Site, name: str, kind: str
) -> None:
    """Modules that lie in a branch beside its individuals are no values of a parameter."""
    (table,) = of_class(site.tree(f"questions/{name}.html"), "parameters")
    names = {item.split(":")[0] for item in map(words, table.iter("li"))}
    assert names == {str(s).rpartition("/")[2] for s in graph.subjects(RDF.type, RALLO[kind])}


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Debian's package chromium is absent")
def test_the_search_hides_what_lacks_a_word(site: Site, tmp_path: Path) -> None:
    """Without a script every question stands there; with it those that hold all words typed."""
    from playwright.sync_api import sync_playwright

    (tmp_path / "questions").mkdir()
    (tmp_path / "static").mkdir()
    page_file = tmp_path / "questions" / "index.html"
    page_file.write_text(site.text("questions/index.html"), encoding="utf-8")
    shutil.copytree(STATIC[0], tmp_path / "static", dirs_exist_ok=True)
    with sync_playwright() as player:
        chromium = shutil.which("chromium")
        browser = player.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        plain = browser.new_context(java_script_enabled=False).new_page()
        plain.goto(page_file.as_uri())
        assert plain.locator(".card:visible").count() == len(FILES)
        assert not plain.locator("form").is_visible()

        page = browser.new_page()
        page.goto(page_file.as_uri())
        page.get_by_role("searchbox").fill("Transplant  remission")
        left = {code.inner_text() for code in page.locator(".card:visible code").all()}
        assert left == {name for name in FILES if {"transplant", "remission"} <= found_by(name)}
        page.get_by_role("searchbox").fill("no question holds this")
        assert page.locator(".card:visible").count() == 0
        assert "0 of" in page.get_by_role("status").inner_text()
        browser.close()
