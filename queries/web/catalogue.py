"""The pages of the questions: all of them by theme, and one asked with its rows and SPARQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import NamedTuple
from urllib.parse import urlencode

from pyoxigraph import NamedNode
from starlette.requests import Request
from starlette.responses import Response

from ontology.files import BASE
from queries.answers import checked, find_question, plain
from queries.catalogue import CODE, THING, CatalogueError, Parameter, Question, load_catalogue
from queries.engines import FORMATS, EngineError, Rows, Term
from queries.web.expressions import Part, Words
from queries.web.holdings import Holdings, address, holdings, page_of
from queries.web.listings import passages
from queries.web.rendering import notice, page

LONGEST = 100
# Columns whose plain text names a place in the article or the number of a reference.
PASSAGES, NUMBERS = "locator", "citation"


class Shown(NamedTuple):
    """The rows of a question as they are shown: columns without any value stand apart."""

    columns: list[str]
    rows: list[list[Words]]
    empty: list[str]


def every(request: Request) -> Response:
    """List the questions by theme, or those that hold some words."""
    wanted = request.query_params.get("q", "").strip()[:LONGEST]
    words = wanted.casefold().split()
    questions = load_catalogue().values()
    found = [q for q in questions if all(word in searched(q) for word in words)]
    return page(
        request, "questions.html", themes=by_theme(found), wanted=wanted,
        found=len(found), total=len(questions),
    )  # fmt: skip


def by_theme(questions: Iterable[Question]) -> list[tuple[str, list[Question]]]:
    """Put questions in order under the words of their themes."""
    ordered = sorted(questions, key=lambda q: (q.theme, q.title))
    return [
        (theme.replace("_", " "), list(members))
        for theme, members in groupby(ordered, key=lambda q: q.theme)
    ]


def searched(question: Question) -> str:
    """Return the words of a question by which it is found, all in lower case."""
    parts = (question.name, question.theme, question.title, question.question, *question.keywords)
    return " ".join(parts).casefold()


def one(request: Request) -> Response:
    """Ask one question with the parameters of the address."""
    held, name = holdings(request), request.path_params["name"]
    try:
        question = find_question(name)
    except CatalogueError as error:
        everything = [("/questions", "all questions")]
        return notice(request, 404, "No such question", str(error), _near(name) + everything)
    values = {k: v.strip()[:LONGEST] for k, v in request.query_params.items() if v.strip()}
    wrong, shown = "", Shown([], [], [])
    try:
        text = checked(held.engine, question, values)
        shown = show_rows(held.engine.select(text))
    except (CatalogueError, EngineError) as error:
        wrong, text = str(error), question.fill()
    query = urlencode(values)
    return page(
        request,
        "question.html",
        400 if wrong else 200,
        question=question,
        values={p.name: values.get(p.name, p.default) for p in question.parameters},
        options={p.name: options(held, p) for p in question.parameters},
        wrong=wrong,
        shown=shown,
        sparql=without_header(text),
        downloads=[
            (format, f"/api/questions/{name}?{urlencode({**values, 'format': format})}")
            for format in FORMATS
        ],
        editor=f"/sparql-editor?{urlencode({'question': name})}{'&' if query else ''}{query}",
    )


def _near(name: str) -> list[tuple[str, str]]:
    from difflib import get_close_matches

    catalogue = load_catalogue()
    found = get_close_matches(name, catalogue, n=5, cutoff=0.4)
    return [(f"/questions/{n}", catalogue[n].title) for n in found]


def show_rows(found: Rows) -> Shown:
    """Write the rows of a question with where their values lead."""
    rows = [
        [_words(column, term) for column, term in zip(found.columns, row, strict=True)]
        for row in found.rows
    ]
    filled = [n for n, _ in enumerate(found.columns) if any(row[n] for row in rows)]
    return Shown(
        [found.columns[n] for n in filled],
        [[row[n] for n in filled] for row in rows],
        [column for n, column in enumerate(found.columns) if rows and n not in filled],
    )


def _words(column: str, term: Term | None) -> Words:
    """Write a value of a column with where it leads; an unbound one is empty."""
    if term is None or not term.value:
        return []
    if isinstance(term, NamedNode):
        return [Part(plain(term), page_of(term))]
    if column == PASSAGES:
        return passages([term.value])
    if column == NUMBERS and term.value.isdigit():
        return [Part(term.value, address(f"{BASE}reference/{term.value}"))]
    return [Part(term.value)]


def options(held: Holdings, parameter: Parameter) -> Mapping[str, str]:
    """Return what a parameter may be: names with their labels, none for free text."""
    if parameter.choices:
        return {c: c for c in parameter.choices}
    if parameter.type in ("text", "number"):
        return {}
    if parameter.type == CODE:
        return {code: held.label(iri) for iri, code in held.codes.items()}
    start = f"{BASE}{parameter.branch}/" if parameter.branch else BASE
    named = (iri for iri in held.labels if iri.startswith(start))
    names = (iri.removeprefix(start) for iri in named if iri not in held.modules)
    if parameter.type == THING:
        return {n: held.label(start + n) for n in sorted(names) if start + n in held.looked_for}
    return {n: held.label(start + n) for n in sorted(names) if "/" not in n}


def without_header(text: str) -> str:
    """Leave out the comment lines by which the catalogue reads a question."""
    lines = text.splitlines()
    while lines and (lines[0].startswith("#") or not lines[0].strip()):
        del lines[0]
    return "\n".join(lines).strip() + "\n"


def sparql_of(request: Request) -> tuple[str, str]:
    """Return the SPARQL of the question that an address names, and what is wrong with it."""
    values = dict(request.query_params)
    name = values.pop("question", "")
    if not name:
        return "", ""
    try:
        return without_header(find_question(name).fill(values)), ""
    except CatalogueError as error:
        return "", str(error)
