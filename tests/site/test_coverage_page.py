"""Prove that the page of coverage and gaps counts what the tables hold, all of it."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree.ElementTree import Element

import pytest
from rdflib import RDF, RDFS, Graph
from record_pages import Site, gather, having, listed, of_class, read_table, rows, section, words

from ontology.terms import RALLO
from queries.web.holdings import Holdings

STATEMENTS = read_table("statements.tsv")
KINDS = {
    "statements": "statements.tsv",
    "results": "outcomes.tsv",
    "other numbers": "quantities.tsv",
    "studies": "studies.tsv",
    "arms": "arms.tsv",
    "populations": "populations.tsv",
    "regimens": "regimens.tsv",
    "drugs and classes": "drugs.tsv",
    "markers": "lesions.tsv",
    "publications": "publications.tsv",
    "statements of cited works": "source_statements.tsv",
    "later findings": "later_evidence.tsv",
}


@pytest.fixture(scope="module")
def site(held: Holdings) -> Site:
    """Gather the pages."""
    return gather(held)


@pytest.fixture(scope="module")
def page(site: Site) -> Element:
    """Return the page as a tree."""
    return site.tree("coverage.html")


def tables(page: Element, name: str) -> list[list[list[str]]]:
    """Return the tables of a section."""
    return [list(rows(table)) for table in section(page, name).iter("table")]


def counted(head: Element) -> int:
    """Return the number beside a heading."""
    return int(words(of_class(head, "count")[0]))


def test_the_totals_are_those_of_the_tables(page: Element, graph: Graph) -> None:
    """Each total at the top is the number of rows of its table; advice is counted in the OWL."""
    (totals,) = of_class(page, "tally")
    pairs = [words(item).split(" ", 1) for item in totals.iter("li")]
    told = {name: number for number, name in pairs}
    expected = {name: str(len(read_table(file))) for name, file in KINDS.items()}
    expected["pieces of advice"] = str(len(set(graph.subjects(RDF.type, RALLO.Advice))))
    assert told == expected


def test_the_table_counts_statements_by_paragraph_and_kind(page: Element) -> None:
    """Every cell is the number of rows with that paragraph and kind, counted in the table."""
    expected = Counter(
        (place, row["kind"].replace("-", " "))
        for row in STATEMENTS
        for place in {name.split()[0] for name in listed(row["locator"])}
    )
    (head, *lines, total), *_ = tables(page, "encoded")

    assert [line[0] for line in lines] == [f"P{n}" for n in range(1, 44)]
    assert set(head[1:-1]) >= {kind for _, kind in expected}
    for line in lines:
        numbers = {kind: int(cell or 0) for kind, cell in zip(head[1:-1], line[1:-1], strict=True)}
        assert numbers == {kind: expected[line[0], kind] for kind in head[1:-1]}
        assert int(line[-1]) == sum(numbers.values())
    assert int(total[-1]) == sum(expected.values())


def test_schemes_are_counted_as_certified(page: Element) -> None:
    """The cases of every scheme are those of the shipped certificate, in its order."""
    expected = [
        [
            int(row["cells"]) - int(row["out_of_scope"]) - int(row["impossible"]),
            int(row["in_one_category"]),
            int(row["in_holes"]),
            int(row["in_overlaps"]),
        ]
        for row in read_table("counts.tsv", "certificate")
        if row["readings"] == "default"
    ]
    (_, *lines), *_ = tables(page, "schemes")
    assert [[int(cell) for cell in line[1:]] for line in lines] == expected
    assert all(whole == one + none + several for whole, one, none, several in expected)


def test_passages_stand_with_the_cases_they_leave_open(page: Element, graph: Graph) -> None:
    """Every open passage stands under its schemes with the cases it has a part in."""
    open_cases: Counter[str] = Counter()
    for row in read_table("places.tsv", "certificate"):
        if row["readings"] == "default":
            for cause in listed(row["causes"]):
                open_cases[cause] += int(row["cells"])
    found: Counter[str] = Counter()
    labels = {str(graph.value(p, RDFS.label)): str(p).rpartition("/")[2]
              for p in graph.subjects(RDF.type, RALLO.OpenPassage)}  # fmt: skip
    for item in of_class(section(page, "schemes"), "claims"):
        for line in item:
            label = words(next(line.iter("strong")))
            (number,) = re.findall(r"(\d+) cases? under the default readings", words(line))
            found[labels[label]] += int(number)
    assert set(found) == set(labels.values())
    assert +found == +open_cases


def test_contradictions_stand_once_with_both_sides(page: Element) -> None:
    """The pairs are those of the table, each told on both sides there and once here."""
    by_id = {row["id"]: row for row in STATEMENTS}
    pairs = {
        frozenset((row["id"], target.removeprefix("statement/")))
        for row in STATEMENTS
        for target in listed(row["contradicts"])
        if target.startswith("statement/")
    }
    against = [row["id"] for row in STATEMENTS
               if any(t.startswith("advice/") for t in listed(row["contradicts"]))]  # fmt: skip
    both, *rest = of_class(section(page, "contradictions"), "claims")
    assert counted(having(page, "id", "contradictions")[0]) == len(pairs) == len(both)
    texts = [words(line) for line in both]
    for pair in pairs:
        assert sum(all(by_id[i]["statement"] in text for i in pair) for text in texts) == 1
    assert len(rest[0]) == len(against)


def test_figures_tell_what_goes_into_them(page: Element) -> None:
    """Each figure of the article stands with all its inputs and what is lost."""
    found = read_table("algorithms.tsv")
    cards = of_class(section(page, "figures"), "card")
    assert len(cards) == len(found) == 3
    for row, card in zip(found, cards, strict=True):
        text = words(card)
        assert all(word in text for word in (*listed(row["inputs"]), row["label"], row["note"]))


def test_advice_without_an_answer_stands_under_its_reason(page: Element, graph: Graph) -> None:
    """All advice with a reason stands here; each reason counts its own."""
    reasons = Counter(
        str(reason)
        for advice in graph.subjects(RDF.type, RALLO.Advice)
        for reason in graph.objects(advice, RALLO.reason)
    )
    labels = {str(graph.value(a, RDFS.label)) for a in graph.subjects(RALLO.polarity, None)
              if graph.value(a, RALLO.reason)}  # fmt: skip
    part = section(page, "undecided")
    *heads, facts = [h for h in part.iter("h3")]
    assert sorted(map(counted, heads)) == sorted(reasons.values())
    strong = {words(s) for s in part.iter("strong")}
    assert labels <= strong
    assert counted(facts) == len(set(graph.subjects(RALLO.openBecause, None)))
    assert len(strong) == len(labels) + counted(facts)


def test_citations_are_counted_by_kind(page: Element) -> None:
    """Printed, inherited and no citations add up to the table of statements, kind by kind."""
    expected = Counter((r["kind"].replace("-", " "), r["citation_mode"]) for r in STATEMENTS)
    ((head, *lines, total),) = tables(page, "uncited")
    told = {(line[0], m): int(n) for line in lines for m, n in zip(head[1:], line[1:], strict=True)}
    assert +Counter(told) == expected
    modes = Counter(row["citation_mode"] for row in STATEMENTS)
    assert total[1:] == [str(modes[mode]) for mode in head[1:]]
    bare = [r for r in read_table("outcomes.tsv") if r["citation_mode"] == "none" and r["value"]]
    assert f"{len(bare)} with a number rest on no citation" in words(section(page, "uncited"))


def test_differences_that_concern_safety_are_all_named(page: Element) -> None:
    """Every statement of a cited work that could hurt a patient if passed over stands here."""
    found = read_table("source_statements.tsv")
    safety = [row["statement"] for row in found if row["safety"] == "true"]
    part = section(page, "otherwise")
    named = {words(next(line.iter("a"))) for line in of_class(part, "claims")[0]}

    assert words(part).split("otherwise, or more ")[1].startswith(f"{len(found)} statements")
    assert f"{len(safety)} of them concern safety" in words(part)
    assert named == set(safety) and len(safety) > 0


def test_terms_without_a_link_are_counted_by_reason(page: Element) -> None:
    """Linked and unlinked terms, the reasons and the links of each terminology are the tables'."""
    none = read_table("none.sssom.tsv", "mappings")
    licences = ("open", "attribution", "share_alike", "no_derivatives", "restricted")
    links = [r for name in licences for r in read_table(f"{name}.sssom.tsv", "mappings")]
    text = words(section(page, "terms"))
    reasons, terminologies = tables(page, "terms")

    assert f"{len({r['subject_id'] for r in links})} terms are linked" in text
    assert f"For {len(none)} terms that were looked for none was found" in text
    assert {r: int(n) for r, n in reasons[1:]} == Counter(row["comment"] for row in none)
    assert {line[0]: int(line[-1]) for line in terminologies[1:]} == Counter(
        row["object_source"].rpartition("/")[2] for row in links
    )


def test_later_evidence_stands_by_date_with_what_it_changes(page: Element) -> None:
    """Every later finding has its date or none, its advice, and the state in which it leaves it."""
    found = read_table("later_evidence.tsv")
    relations = ("supports", "contradicts", "qualifies")
    states = {(r["advice_status"], a) for r in found for name in relations for a in listed(r[name])}
    ((_, *lines),) = tables(page, "later")

    assert Counter((line[0], line[3]) for line in lines) == Counter(
        (row["published"] or "no date seen", row["advice_status"]) for row in found
    )
    dates = [line[0] for line in lines if line[0][0].isdigit()]
    assert dates == sorted(dates) and [line[0] for line in lines][: len(dates)] == dates
    text = words(section(page, "later"))
    assert f"bears on {len({a for _, a in states})} pieces of advice" in text
    for state, number in Counter(state for state, _ in states).items():
        assert f"{number} {state}" in text
    assert f"date of {sum(not r['published'] for r in found)} of these findings" in text


def test_the_proof_is_that_of_the_shipped_comparison(page: Element) -> None:
    """Cells, relapses, questions and differences are sums over the table of the agreement."""
    found = read_table("agreement.tsv", "certificate")
    names = ("cells", "relapses", "questions", "table_differs", "hermit_differs",
             "openllet_differs")  # fmt: skip
    default = [row for row in found if row["readings"] == "default"]
    ((_, *lines),) = tables(page, "proof")
    text = words(section(page, "proof"))

    assert [line[1:] for line in lines] == [[row[name] for name in names] for row in default]
    cells = sum(int(row["cells"]) for row in default)
    relapses = sum(int(row["relapses"]) for row in default)
    questions = sum(int(row["questions"]) for row in default)
    assert f"Of {cells} cells under the default readings" in text
    assert f"for {relapses} relapses" in text and f"{questions} questions each" in text
    differs = sum(int(row[name]) for row in found for name in names[3:])
    assert f"{differs} differences were found" in text
    for row in found:
        assert row["readings"] == "default" or row["readings"] in text
