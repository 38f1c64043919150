"""The glossary, the readings and the advice tell of each term once, and their links lead there."""

from __future__ import annotations

from collections import Counter
from posixpath import dirname, join, normpath
from urllib.parse import unquote

import pytest
from pyoxigraph import NamedNode
from rdflib import OWL, RDF, RDFS, SKOS, Graph
from rdflib.term import Node
from rendered import held, pages

from ontology.files import BASE
from ontology.modules import open_all
from ontology.terms import RALLO
from queries.dataset import FACTS
from queries.site.pages import MENU

GRAPH: Graph = open_all()


def defined() -> list[Node]:
    """List the terms that the modules define; modules themselves are none."""
    found = {t for t in GRAPH.subjects(SKOS.definition, None) if str(t).startswith(BASE)}
    return sorted((t for t in found if (t, RDF.type, OWL.Ontology) not in GRAPH), key=str)


def plain(value: object) -> str:
    """Return a text with single spaces."""
    return " ".join(str(value).split())


def test_every_defined_term_stands_in_the_glossary_once() -> None:
    """Each has one anchor, with its label there; definition and whole IRI are printed."""
    page = pages()["glossary.html"]
    count = Counter(page.ids)
    told = page.texts[""]
    assert len(defined()) > 700
    for term in defined():
        name = str(term).removeprefix(BASE)
        assert count[name] == 1, name
        assert page.texts[name].startswith(plain(GRAPH.value(term, RDFS.label)))
        assert plain(GRAPH.value(term, SKOS.definition)) in told
        assert str(term) in told


def test_short_forms_are_spelt_out() -> None:
    """The measures of outcome stand under their short forms."""
    told = pages()["glossary.html"].texts[""]
    for short, label in (("EFS", "event-free survival"), ("CR", "complete remission")):
        assert f"{short} {label}." in told


def test_other_names_are_told() -> None:
    """A lesion is found by the names the article uses for it."""
    told = pages()["glossary.html"].texts[""]
    for name in GRAPH.objects(None, SKOS.altLabel):
        assert plain(name) in told
    assert "MLL-rearranged" in told and "Ph+" in told


def test_every_reading_says_what_it_assumes_and_whether_it_is_on() -> None:
    """Each has an anchor of its own with definition, reason, effect, and the switch."""
    page = pages()["readings.html"]
    readings = sorted(GRAPH.subjects(RDF.type, RALLO.Reading), key=str)
    assert len(readings) == 24
    for reading in readings:
        name = str(GRAPH.value(reading, SKOS.notation))
        own = page.texts[name]
        for predicate in (RDFS.label, SKOS.definition, SKOS.scopeNote, RALLO.effectWhenOff):
            for value in GRAPH.objects(reading, predicate):
                assert plain(value) in own, (name, predicate)
        is_on = str(GRAPH.value(reading, RALLO.onByDefault)) == "true"
        assert f"--{'without' if is_on else 'with'} {name}" in own
        assert f" {'on' if is_on else 'off'} It assumes" in own
        for clause in GRAPH.subjects(RALLO.readingOf, reading):
            if (clause, RDF.type, OWL.Class) in GRAPH:
                assert f"Class: {str(clause).removeprefix(BASE)} " in own


def test_every_advice_is_told_with_its_situation_and_strength() -> None:
    """Each stands once with direction, wording, place, citations and the situation's axioms."""
    page = pages()["advice.html"]
    found = sorted(GRAPH.subjects(RDF.type, RALLO.Advice), key=str)
    assert len(found) == 48
    for advice in found:
        own = page.texts[str(advice).removeprefix(BASE)]
        assert plain(GRAPH.value(advice, SKOS.definition)) in own
        assert f"worded as: {GRAPH.value(advice, RALLO.modality)}" in own
        assert f"{GRAPH.value(advice, RDFS.label)} {GRAPH.value(advice, RALLO.polarity)} " in own
        assert plain(GRAPH.value(advice, RALLO.locator)) in own
        situation = str(GRAPH.value(advice, RALLO.inSituation)).removeprefix(BASE)
        assert f"Class: {situation} " in own
        for reference in GRAPH.objects(advice, RALLO.rests):
            assert f"[{str(reference).rpartition('/')[2]}]" in own


def test_evidence_is_counted_as_the_facts_link_it() -> None:
    """The numbers for, against and qualifying are those of the statements of the facts."""
    page, store = pages()["advice.html"], held().engine.store
    total = 0
    for advice in sorted(GRAPH.subjects(RDF.type, RALLO.Advice), key=str):
        own = page.texts[str(advice).removeprefix(BASE)]
        for relation, words in (
            ("supports", "for it"), ("contradicts", "against it"), ("qualifies", "qualifying it"),
        ):  # fmt: skip
            node, facts = NamedNode(str(advice)), NamedNode(FACTS)
            linked = store.quads_for_pattern(None, NamedNode(BASE + relation), node, facts)
            subjects = {q.subject.value for q in linked if isinstance(q.subject, NamedNode)}
            count = sum(s.startswith(f"{BASE}statement/") for s in subjects)
            total += count
            assert (f"Statements {words} {count} " in f"{own} ") == (count > 0), advice
    assert total > 100


@pytest.mark.parametrize("path", sorted(pages()))
def test_no_name_stands_twice_and_every_link_leads_somewhere(path: str) -> None:
    """An anchor is unique in its page; a link to these pages meets a page and an anchor."""
    page = pages()[path]
    assert [name for name, count in Counter(page.ids).items() if count > 1] == []
    elsewhere = {*(target for target, _ in MENU), "short_forms.html"}
    for link in page.links:
        assert not link.startswith(("file:", "/")), link
        if link.startswith(("http:", "https:")):
            continue
        file, _, anchor = link.partition("#")
        target = normpath(join(dirname(path), file)) if file else path
        if target in pages():
            assert not anchor or unquote(anchor) in pages()[target].ids, link
        else:
            assert target in elsewhere and not anchor, link


def test_a_term_is_reached_where_it_is_told_in_full() -> None:
    """The glossary sends a clause to its scheme, a reading and an advice to their pages."""
    links = pages()["glossary.html"].links
    assert "schemes/bfm-table-1-groups.html#S2Clause4" in links
    assert "readings.html#B1" in links
    assert "advice.html#advice/hsct-high-risk" in links
