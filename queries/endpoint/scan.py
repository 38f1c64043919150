"""A look at the words of a query, so that what is not offered is refused with a clear message.

Nothing rests on it: what slips through meets a worker that can open nothing and may be killed.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence, Set
from urllib.parse import urljoin

from queries.endpoint.refusals import Refusal

DEEPEST = 250
UPDATES = {"ADD", "CLEAR", "COPY", "CREATE", "DELETE", "DROP", "INSERT", "LOAD", "MOVE", "WITH"}
READ_ONLY = "an update; this endpoint is read-only"

# Possessive and bounded, so that no text takes more than linear time.
_TOKEN = re.compile(
    r"""
      (?P<text>  \"{3}(?:[^\\"]|\\.|"(?!""))*+(?:"{3})? | '{3}(?:[^\\']|\\.|'(?!''))*+(?:'{3})?
               | "(?:[^"\\\n\r]|\\.)*+"? | '(?:[^'\\\n\r]|\\.)*+'? | \#[^\n\r]* | [?$]\w+ | @[\w-]+
               | \d+(?:\.\d+)?(?:[eE][+-]?\d+)? )
    | (?P<iri>   <[^<>"{}|^`\x00-\x20]*+> )
    | (?P<name>  (?:[^\W\d_][\w.-]{0,99})?:(?:(?:[\w:%]|\\.)(?:[\w.:%-]|\\.)*+)? )
    | (?P<word>  [^\W\d]\w* )
    | (?P<open>  [({\[] )
    | (?P<close> [)}\]] )
    """,
    re.VERBOSE | re.DOTALL,
)
Token = tuple[str, str]
# Functions that do not give the same each time; a name that only looks like one does no harm.
CHANGING = ("BNODE", "NOW", "RAND", "UUID")
_CHANGING = re.compile(r"\b(?:BNODE|NOW|RAND|STRUUID|UUID)\b")
# A query and no update: declarations and comments, and then its verb.
_PLAIN = re.compile(
    r"""
    \s*+
    (?: (?: \#[^\n\r]*+
          | (?:PREFIX\s++(?:[^\W\d_][\w.-]{0,99})?:|BASE)\s*+<[^<>"{}|^`\x00-\x20]*+> ) \s*+ )*+
    (?: SELECT | ASK | CONSTRUCT | DESCRIBE )(?=[\s*?$({<#])
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Words that reach beyond the default graph, and the escapes that may hide one.
BEYOND = ("FROM", "GRAPH", "SERVICE", "\\U")
# A variable or the local part of a name, or one of those words outside of them.
_BEYOND = re.compile(rf"[?$:]\w*+|({'|'.join(map(re.escape, BEYOND))})")


def is_lasting(text: str) -> bool:
    """Tell whether a query has the same answer as long as the dataset is the same."""
    text = text.upper()
    return not (any(name in text for name in CHANGING) and _CHANGING.search(text))


def examine(text: str, graphs: Container[str]) -> None:
    """Check that a query asks for nothing that is not offered.

    Raises:
        Refusal: it is an update, calls another endpoint, is nested too deeply, or reads a graph
            that is not in the dataset.
    """
    if not is_plain(text):
        _look_closely(text, graphs)


def is_plain(text: str) -> bool:
    """Tell at a glance that nothing is to be refused; most queries are like that."""
    start = _PLAIN.match(text)
    if start is None or sum(map(text.count, "({[")) > DEEPEST:
        return False
    return words_beyond(text).isdisjoint(("FROM", "SERVICE"))


def words_beyond(text: str) -> Set[str]:
    """Return the words of ``BEYOND`` that a query has; some may stand in its texts and comments.

    None that counts is missed: a query without them is answered by the default graph alone.
    """
    start = _PLAIN.match(text)
    upper = (text[start.end() :] if start else text).upper()
    if not any(word in upper for word in BEYOND):
        return frozenset()
    return {word for word in _BEYOND.findall(upper) if word}


def _look_closely(text: str, graphs: Container[str]) -> None:
    tokens = [(m.lastgroup or "", m[0]) for m in _TOKEN.finditer(text) if m.lastgroup != "text"]
    words = [word.upper() for kind, word in tokens if kind == "word"]
    verb = next((word for word in words if word not in ("BASE", "PREFIX", "VERSION")), "")
    if verb in UPDATES:
        raise Refusal(403, READ_ONLY)
    if "SERVICE" in words:
        raise Refusal(403, "SERVICE is not offered: no query reaches another endpoint from here")
    depth = 0
    for kind, _ in tokens:
        depth += (kind == "open") - (kind == "close")
        if depth > DEEPEST:
            raise Refusal(400, f"the query is nested more than {DEEPEST} deep")
    for name in _named(tokens):
        known_graph(name, graphs)


def known_graph(name: str, graphs: Container[str]) -> None:
    """Check that a graph is in the dataset.

    Raises:
        Refusal: it is not.
    """
    if name not in graphs:
        raise Refusal(400, f"graph <{name}> is not in the dataset; /void lists those that are")


def _named(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the graphs that stand after FROM, with prefixes and base resolved."""
    base, prefixes, ahead = "", dict[str, str](), ""
    for place, (kind, token) in enumerate(tokens):
        if kind == "word" and token.upper() in ("BASE", "FROM", "PREFIX"):
            ahead = token.upper()
        elif kind == "iri":
            iri = urljoin(base, token[1:-1]) if base else token[1:-1]
            if ahead == "BASE":
                base = iri
            elif ahead == "FROM":
                yield iri
            elif ahead == "PREFIX" and tokens[place - 1][0] == "name":
                prefixes[tokens[place - 1][1].removesuffix(":")] = iri
            ahead = ""
        elif kind == "name" and ahead == "FROM":
            prefix, _, local = token.partition(":")
            if prefix in prefixes:
                yield prefixes[prefix] + local.replace("\\", "")
            ahead = ""
        elif not (kind == "name" or token.upper() == "NAMED"):
            ahead = ""
