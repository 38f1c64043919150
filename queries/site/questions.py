"""The pages of the questions: all of them by theme, and each asked with its default parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from ontology.files import BASE
from queries.answers import checked, why_empty
from queries.catalogue import Parameter, Question, load_catalogue
from queries.dataset import INFERRED
from queries.site.pages import Page
from queries.web.catalogue import by_theme, options, searched, show_rows, without_header
from queries.web.expressions import Part, Words
from queries.web.holdings import Holdings, address

# Longer answers are cut, and say so: a reader who wants all of them wants a file.
SHOWN = 60


def chapter(held: Holdings) -> Iterator[Page]:
    """Yield the list of questions, and a page for each."""
    catalogue = load_catalogue().values()
    yield Page(
        "questions/index.html",
        "Questions",
        "questions.html",
        {"themes": by_theme(catalogue), "searched": searched, "total": len(catalogue)},
    )
    for question in catalogue:
        yield Page(
            f"questions/{question.name}.html",
            question.title,
            "question.html",
            _asked(held, question),
            {f"{BASE}question/{question.name}": ""},
        )


def _asked(held: Holdings, question: Question) -> Mapping[str, Any]:
    """Ask a question with its defaults, and gather what its page shows."""
    text = checked(held.engine, question, {})
    shown = show_rows(held.engine.select(text))
    defaults = {p.name: p.default for p in question.parameters}
    settings = "".join(f" --param {name}={_quoted(v)}" for name, v in defaults.items())
    return {
        "question": question,
        "parameters": [(p, _values(held, p)) for p in question.parameters],
        "total": len(shown.rows),
        "shown": shown._replace(rows=shown.rows[:SHOWN]),
        "cut": len(shown.rows) - SHOWN,
        "why_empty": why_empty(question, {}),
        "is_inferred": INFERRED in question.text,
        "sparql": without_header(question.text),
        "whole": f"rallo query {question.name}{settings} --format csv",
        "route": f"/api/questions/{question.name}?{urlencode({**defaults, 'format': 'csv'})}",
    }


def _values(held: Holdings, parameter: Parameter) -> list[Words]:
    """List what a parameter may be, where that is a list and no whole vocabulary."""
    if parameter.choices:
        return [[Part(choice)] for choice in parameter.choices]
    if not parameter.branch:
        return []
    return [
        [Part(name, address(f"{BASE}{parameter.branch}/{name}")), Part(f": {label}")]
        for name, label in options(held, parameter).items()
    ]


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value
