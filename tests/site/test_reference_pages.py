"""Prove that every fact of the tables has its place, with what its row says."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree.ElementTree import Element

import pytest
from record_pages import Site, gather, having, listed, of_class, read_table, section, words

from queries.web.holdings import Holdings

DASH = "\N{EN DASH}"
STATEMENTS = read_table("statements.tsv")
PUBLICATIONS = read_table("publications.tsv")
# A table, the branch of its individuals, and the column that their place must show.
SHOWN = (
    ("statements", "statement", "statement"),
    ("source_statements", "source-statement", "statement"),
    ("later_evidence", "later-evidence", "figures"),
    ("studies", "study", "name"),
    ("arms", "arm", "label"),
    ("outcomes", "outcome", "note"),
    ("quantities", "quantity", "measures"),
    ("populations", "population", "label"),
    ("regimens", "regimen", "name"),
    ("components", "component", "schedule"),
    ("drugs", "treatment", "name"),
    ("lesions", "lesion", "name"),
)


@pytest.fixture(scope="module")
def site(held: Holdings) -> Site:
    """Gather the pages."""
    return gather(held)


def links(element: Element, start: str) -> set[str]:
    """Return what follows a start in the addresses of the links within an element."""
    found = (a.get("href", "") for a in element.iter("a"))
    return {address.removeprefix(start) for address in found if address.startswith(start)}


@pytest.mark.parametrize(("table", "branch", "column"), SHOWN)
def test_every_row_of_a_table_has_its_place(
    site: Site, table: str, branch: str, column: str
) -> None:
    """A link to what a row tells of leads to one element, which holds the words of the row."""
    found = read_table(f"{table}.tsv")
    assert found
    for row in found:
        assert " ".join(row[column].split()) in words(site.at(f"{branch}/{row['id']}")), row["id"]


def test_every_reference_has_its_anchor_and_is_printed_as_in_the_article(site: Site) -> None:
    """The numbers 1 to 96 stand with title, authors, journal, year and pages of the table."""
    tree = site.tree("references.html")
    cards = {row["number"]: having(tree, "id", f"reference-{row['number']}") for row in PUBLICATIONS
             if row["number"]}  # fmt: skip

    assert sorted(cards, key=int) == [str(n) for n in range(1, 97)]
    for row in PUBLICATIONS:
        if row["number"]:
            (card,) = cards[row["number"]]
            text = words(card)
            assert text.startswith(f"[{row['number']}] {row['title']}")
            assert all(
                row[name] in text for name in ("authors", "container", "year", "volume", "pages")
            )


def test_the_article_stands_before_its_references(site: Site) -> None:
    """The article has its own place, with volume and pages."""
    (article,) = [row for row in PUBLICATIONS if row["id"] == "article"]
    text = words(site.at("article"))
    assert article["title"] in text and article["pages"] in text


def test_identifiers_are_those_that_were_seen(site: Site) -> None:
    """A reference bears the DOI and PMID of the table, and no other bears any."""
    for row in PUBLICATIONS:
        card = site.at(f"reference/{row['number']}" if row["number"] else "article")
        assert links(card, "https://doi.org/") == ({row["doi"]} - {""})
        assert links(card, "https://pubmed.ncbi.nlm.nih.gov/") == (
            {f"{row['pmid']}/"} if row["pmid"] else set()
        )


def test_a_reference_lists_the_statements_that_cite_it(site: Site) -> None:
    """Each reference leads to exactly the statements whose row names its number."""
    cited: dict[str, set[str]] = {}
    for row in STATEMENTS:
        for number in listed(row["citations"]):
            cited.setdefault(number, set()).add(row["id"])
    for number in map(str, range(1, 97)):
        card = site.at(f"reference/{number}")
        details = [d for d in card.iter("details") if words(d).startswith("Cited by")]
        found = set().union(*(links(d, "paragraphs.html#statement-") for d in details))
        assert found == cited[number]


def test_every_paragraph_has_its_statements(site: Site) -> None:
    """P1 to P43 stand in order, each with all statements whose locator names it."""
    told = Counter(
        name
        for row in STATEMENTS
        for name in {place.split()[0] for place in listed(row["locator"])}
    )
    tree = site.tree("paragraphs.html")
    heads = [e for e in tree.iter("h2") if re.fullmatch(r"P\d+", e.get("id", ""))]

    assert [e.get("id") for e in heads] == [f"P{n}" for n in range(1, 44)]
    for head in heads:
        name = head.get("id", "")
        claims = of_class(section(tree, name), "claim")
        assert words(head) == f"{name} {told[name]}" and len(claims) == told[name]
        assert site.press.places[f"https://w3id.org/rallo/paragraph/{name}"].endswith(f"#{name}")


def test_a_statement_stands_with_hedge_citations_and_figures(site: Site) -> None:
    """Below a statement stand its hedge, its verb, its citations, and every result it tells."""
    for row in STATEMENTS:
        place = site.at(f"statement/{row['id']}")
        text = words(place)
        assert links(place, "references.html#reference-") == set(listed(row["citations"]))
        assert ("· no citation" in text) == (row["citation_mode"] == "none")
        assert (f"hedge: {row['hedge']}" in text) == (row["hedge"] != "none")
        assert bool(re.search(". the authors. verb: ", text)) == bool(row["modality"])
        assert set(listed(row["outcomes"])) <= links(place, "studies.html#outcome-")
        assert row["note"] in text


def test_a_result_stands_with_its_number(site: Site) -> None:
    """Each result shows endpoint, value, range, sample, time point and citations of its row."""
    for row in read_table("outcomes.tsv"):
        place = site.at(f"outcome/{row['id']}")
        endpoint, result, *_ = (words(cell) for cell in place if cell.tag in ("th", "td"))
        value = f"{row['value']}{DASH}{row['value_high']}" if row["value_high"] else row["value"]
        assert endpoint == row["metric"].replace("-", " ")
        assert value in result and row["direction"] in result
        assert (f"n = {row['n']}" in result) == bool(row["n"])
        assert (row["time_point"] in result) == (row["time_point"] != "not stated")
        assert links(place, "references.html#reference-") == set(listed(row["citations"]))


def test_a_dispute_on_safety_stands_out(site: Site) -> None:
    """Every note that warns of safety is marked, wherever its row is shown; no other note is."""
    for path in ("paragraphs.html", "references.html"):
        tree = site.tree(path)
        marked = {id(note) for note in of_class(tree, "safety")}
        notes = of_class(tree, "note")
        assert marked and marked == {id(n) for n in notes if "SAFETY" in words(n)}
    disputed = [row["id"] for row in STATEMENTS if row["note"].startswith("SAFETY DISPUTE")]
    assert disputed
    for name in disputed:
        assert of_class(site.at(f"statement/{name}"), "safety")


def test_a_dose_tells_its_role(site: Site) -> None:
    """No dose stands without the role in which it is told."""
    doses = [row for row in read_table("quantities.tsv") if row["role"]]
    assert doses
    for row in doses:
        assert f"dose, {row['role'].replace('-', ' ')}" in words(site.at(f"quantity/{row['id']}"))


@pytest.mark.parametrize(
    "path",
    ["paragraphs.html", "references.html", "studies.html", "treatments.html", "populations.html",
     "coverage.html"],
)  # fmt: skip
def test_links_among_these_pages_lead_somewhere(site: Site, path: str) -> None:
    """Every anchor is there once, and every link to one of these pages leads to one of them."""
    tree = site.tree(path)
    ids = Counter(e.get("id") for e in tree.iter() if e.get("id"))
    assert [name for name, number in ids.items() if number > 1] == []
    for link in tree.iter("a"):
        target, _, anchor = link.get("href", "").partition("#")
        page = target or path
        if anchor and page in site.pages:
            assert anchor in site.anchors(page), (path, link.get("href"))
