"""A query that reaches no further is answered by the default graph alone, with the same rows."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from pyoxigraph import QuerySolutions

from queries.catalogue import load_catalogue
from queries.dataset import CASES, open_dataset
from queries.endpoint.scan import words_beyond
from queries.endpoint.wire import Job
from queries.endpoint.worker import Stores

# What may stand right before a word of a query, with no space between.
BEFORE = [
    "{",
    "}",
    "*",
    ")",
    ".",
    ";",
    "1",
    "1e1",
    "<x:y>",
    "'?'",
    '":"',
    "'$a'",
    "\\",
    "@",
    "#:\n",
]
WITHIN = ["?", "$", "?a", "a:", ":", "a:b", "a:some", "_:"]
CASED = [str.upper, str.lower, str.title]


@cache
def stores() -> Stores:
    """Open both stores that a worker holds."""
    return Stores(open_dataset(), open_dataset(named=False))


def rows(text: str, *, whole: bool) -> Counter[str]:
    """Count the rows of an answer."""
    found = (stores().whole if whole else stores().default).query(text)
    assert isinstance(found, QuerySolutions)
    return Counter(str([str(term) for term in solution]) for solution in found)


@pytest.mark.parametrize("name", list(load_catalogue()))
def test_a_question_has_the_same_rows_in_its_store(name: str) -> None:
    """A question given to the default graph alone is one that the named graphs add nothing to."""
    text = load_catalogue()[name].fill()
    chosen = stores().for_query(text, Job(text))
    if "GRAPH" in text.partition("WHERE")[2]:
        assert chosen is stores().whole
    else:
        assert chosen is stores().default
        assert rows(text, whole=False) == rows(text, whole=True)


@pytest.mark.parametrize("cased", CASED)
@pytest.mark.parametrize("word", ["FROM", "GRAPH", "SERVICE"])
def test_a_word_is_told_from_a_name(word: str, cased: type[str]) -> None:
    """A word is seen after anything but the start of a variable or a name, its own start."""
    for before in BEFORE:
        assert words_beyond(f"SELECT * {before}{cased(word)}<x:y>") == {word}, before
    for before in WITHIN:
        assert not words_beyond(f"ASK {{ ?s {before}{cased(word)} ?o }}"), before
    assert not words_beyond(f"# {cased(word)}\nPREFIX {word}: <x:{word}> ASK {{ }}")


GROUPS = [
    *("FILTER(1=1)", "BIND(1 AS ?n)", "VALUES ?v{1}", "OPTIONAL{}", "{}UNION{}", "{FILTER(1=1)}"),
    *("?s a ?o.", "?s a:b ?o.", "?s a: ?o.", "?s :?o.", "?s a:b?o.", "?s a:b?:.", "?s$p?o."),
    *("?s ?p ':'.", "?s ?p '?'.", "?s ?p '$'", "?s ?p 1.", "?s ?p 1e1", "?s ?p 'x'@en", "#:\n"),
    *(
        "?s ?p _:b.",
        "?s ?p <x:?>",
        "?s a:b|^:b ?o",
        "?s a:/a:?o;",
        "?s !a:?o",
        "?s a:\\-",
        " ",
        "\n",
    ),
    *("?s ?p ?", "?s ?p :", "?s ?p $", "?s a:", "?s ?p _:", "?", ":", "$"),
]
REACHING = [
    f"GRAPH<{CASES}>",
    "GRAPH?g",
    "graph ?g",
    "\\u0047RAPH?g",
    "GRA\\u0050H ?g",
    "?g",
    ":g",
    "",
]


@given(
    st.sampled_from(["?s", "?s ", "*", "* ", "* #:\n", "(1 AS ?one)"]),
    st.sampled_from(["", f"FROM<{CASES}>", f"from\n<{CASES}>", f"FROM NAMED<{CASES}>"]),
    st.lists(st.sampled_from(GROUPS), max_size=3),
    st.sampled_from(REACHING),
)
@settings(max_examples=3_000, deadline=None)
def test_no_query_loses_rows(chosen: str, source: str, groups: list[str], reaching: str) -> None:
    """A query whose answer differs between the stores has a word that reaches further."""
    pattern = f"{''.join(groups)}{reaching}{{?s ?p ?o}}"
    text = f"PREFIX : <x:> PREFIX a: <x:> SELECT{chosen}{source}{{{pattern}}}LIMIT 3"
    try:
        found = rows(text, whole=True)
    except (SyntaxError, RuntimeError, ValueError, OSError):
        return
    event(f"valid, {'reaches' if words_beyond(text) else 'stays'}")
    if rows(text, whole=False).total() != found.total():
        assert words_beyond(text)
