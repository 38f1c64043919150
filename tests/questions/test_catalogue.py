"""Prove that the catalogue reads its files rightly and lets no value change a question."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node, Variable

from queries.answers import answer, find_question
from queries.catalogue import (
    QUESTIONS,
    CatalogueError,
    Parameter,
    Question,
    load_catalogue,
    read_question,
)
from queries.dataset import open_dataset
from queries.engines import Embedded

WITH_PARAMETERS = sorted(n for n, q in load_catalogue().items() if q.parameters)
GOOD = """# title: A title
# question: What is asked?
# parameter: study, study, all-r3, the study asked about
# keywords: one, two
# example: rallo query good --param study=all-r3

SELECT ?x WHERE { $study ?p ?x }
"""


def shape(node: object) -> object:
    """Reduce an algebra to what it is apart from the constants in it."""
    if isinstance(node, CompValue):
        return node.name, {k: shape(v) for k, v in node.items()}
    if isinstance(node, list | tuple):
        return [shape(part) for part in node]
    if isinstance(node, set | frozenset):
        return sorted(str(shape(part)) for part in node)
    if isinstance(node, dict):
        return {str(k): shape(v) for k, v in node.items()}
    if isinstance(node, Node) and not isinstance(node, Variable):
        return "constant"
    return str(node)


def algebra(text: str) -> object:
    """Return the shape of a query."""
    return shape(prepareQuery(text).algebra)


def written(folder: Path, text: str) -> Path:
    """Write a question into a theme of its own."""
    (folder / "theme").mkdir(exist_ok=True)
    path = folder / "theme" / "good.rq"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_header_is_read_line_by_line(tmp_path: Path) -> None:
    """Title, question, parameters, keywords and example are those of the header."""
    question = read_question(written(tmp_path, GOOD))
    assert (question.name, question.theme, question.title) == ("good", "theme", "A title")
    assert question.keywords == ("one", "two")
    assert question.parameters == (Parameter("study", "study", "all-r3", "the study asked about"),)
    assert "<https://w3id.org/rallo/study/all-r3> ?p ?x" in question.fill()
    assert "<https://w3id.org/rallo/study/pog-cns-1>" in question.fill({"study": "pog-cns-1"})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("# title: A title\n", "", "one line '# title"),
        ("# keywords: one, two\n", "# keywords: one\n# keywords: two\n", "one line '# keywords"),
        ("# example", "# exampel", "'exampel' is not known"),
        (", the study asked about", "", "a parameter is"),
        ("$study", "$studies", "are not its parameters"),
        ("all-r3, the", "not an id, the", "allowed: the id of a study"),
    ],
)
def test_a_header_that_breaks_a_rule_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """A missing, doubled or unknown line, or a parameter that is not used, is named."""
    with pytest.raises(CatalogueError, match=re.escape(said)):
        read_question(written(tmp_path, GOOD.replace(old, new, 1)))


def test_two_questions_may_not_bear_one_name(tmp_path: Path) -> None:
    """The same file name in two themes is refused, for a name is all that is asked by."""
    written(tmp_path, GOOD)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "good.rq").write_text(GOOD, encoding="utf-8")
    with pytest.raises(CatalogueError, match="bear this name"):
        load_catalogue(tmp_path)


@pytest.mark.parametrize("question", load_catalogue().values(), ids=lambda q: q.name)
def test_every_question_has_a_sentence_and_a_working_example(question: Question) -> None:
    """Its sentence ends in a question mark, and its example is a call of itself."""
    assert question.question.endswith("?")
    assert question.example.startswith(f"rallo query {question.name}")
    values = dict(re.findall(r"--param (\w+)=(\S+)", question.example))
    assert values.keys() <= {p.name for p in question.parameters}
    question.fill(values)


@settings(max_examples=25, deadline=None, database=None)
@given(st.data())
@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_no_value_changes_the_algebra(name: str, data: st.DataObject) -> None:
    """Whatever is given for a parameter is refused, or changes a constant and nothing else."""
    question = load_catalogue()[name]
    (parameter, *_) = question.parameters
    hostile = st.sampled_from(['"', "> } #", "' . ?s ?p ?o", "\\", "}", "$study", "\n", "\u202e"])
    texts = st.one_of(
        st.text(max_size=20),
        st.tuples(st.text(max_size=5), hostile, st.text(max_size=5)).map("".join),
        st.sampled_from(parameter.choices or (parameter.default,)),
    )
    value = data.draw(texts)
    try:
        filled = question.fill({parameter.name: value})
    except CatalogueError as error:
        assert parameter.allowed in str(error)
    else:
        assert algebra(filled) == algebra(question.fill())


@pytest.mark.parametrize(
    ("type_", "value", "node"),
    [
        ("text", 'a "quoted" \\ text', Literal('a "quoted" \\ text')),
        ("number", "-1.50", Literal("-1.50", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#decimal"))),
        ("a|b", "b", Literal("b")),
        ("term", "S2Clause1", NamedNode("https://w3id.org/rallo/S2Clause1")),
        ("reference", "31", NamedNode("https://w3id.org/rallo/reference/31")),
        ("code", "ICDO:9835/3", Literal("ICDO:9835/3")),
        ("thing", "S2", NamedNode("https://w3id.org/rallo/S2")),
        ("thing", "age-group/adults", NamedNode("https://w3id.org/rallo/age-group/adults")),
    ],
)  # fmt: skip
def test_a_value_becomes_a_term_of_its_type(
    type_: str, value: str, node: NamedNode | Literal
) -> None:
    """Text, number, choice, term and id of a branch each become the term they stand for."""
    assert Parameter("p", type_, value, "a sentence").node(value) == node


@pytest.mark.parametrize(
    ("type_", "value"),
    [("text", "a\nb"), ("number", "1e3"), ("number", ""), ("a|b", "c"), ("term", "a b"),
     ("study", "../x"), ("study", "x>"), ("study", ""), ("code", "C3167"), ("code", "NCIT:"),
     ("code", 'NCIT:C"'), ("code", "NCIT:C 1"), ("thing", "a//b"), ("thing", "a/"), ("thing", "")],
)  # fmt: skip
def test_a_value_of_another_type_is_refused(type_: str, value: str) -> None:
    """Whatever is no such term is refused with the name of the parameter."""
    with pytest.raises(CatalogueError, match=r"^p .*allowed: "):
        Parameter("p", type_, value, "a sentence").node(value)


def test_unknown_questions_parameters_and_individuals_are_told_what_is_near(
    engine: Embedded,
) -> None:
    """A misspelt name is refused together with the names that come close."""
    with pytest.raises(CatalogueError, match=r"near: .*study_results"):
        find_question("study_result")
    question = find_question("study_results")
    with pytest.raises(CatalogueError, match="parameter 'trial': allowed: study"):
        answer(engine, question, {"trial": "all-r3"})
    with pytest.raises(CatalogueError, match=r"near: .*pog-cns-1"):
        answer(engine, question, {"study": "pog-cns-7"})
    with pytest.raises(CatalogueError, match="'S9': not in the graph"):
        answer(engine, find_question("group_clauses"), {"group": "S9"})


def test_the_default_of_every_question_gives_rows_or_is_meant_to_be_empty() -> None:
    """No shipped question is silent, but the one that lists what is not there."""
    whole = Embedded(open_dataset())
    silent = {n for n, q in load_catalogue().items() if not answer(whole, q).rows}
    assert silent == {"uncited_references"}


def test_questions_stand_one_a_file_in_a_folder_of_their_theme() -> None:
    """Every file below the questions is a question of the catalogue."""
    assert {p.stem for p in QUESTIONS.rglob("*.*")} == load_catalogue().keys()
