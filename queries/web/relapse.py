"""The page of a relapse: its form, its classes and advice, what is open, and what if."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from queries.knowledge import Knowledge
from queries.text import REASONS, category_words
from queries.web.asked import Asked, lonely_dates, read_asked, without_dates
from queries.web.changes import advice_words, asks, trials
from queries.web.form import Section, fields, sections
from queries.web.holdings import Holdings, holdings
from queries.web.rendering import HEADERS, notice, page
from reasoner.answers import key
from reasoner.intake import BLANKS
from reasoner.record import Record
from reasoner.table import ReadingError

MOST = 65_536
SIDES = (("supported_by", "For"), ("contradicted_by", "Against"), ("qualified_by", "Qualifying"))


def show(request: Request) -> Response:
    """Answer the relapse that the address describes; without one, show the form."""
    return _respond(request, request.url.query)


async def take(request: Request) -> Response:
    """Take the form from a request's body and lead to the address of its relapse."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST:
            return notice(request, 413, "Too long", f"A form holds at most {MOST} bytes.")
    try:
        text = body.decode("ascii")
    except UnicodeDecodeError:
        return notice(request, 400, "Not a form", "The body is not a form that was encoded.")
    intake = holdings(request).knowledge().intake
    asked = _read(holdings(request).knowledge(), text)
    if isinstance(asked, str):
        return notice(request, 400, "Not a form", asked)
    if any(intake.columns[name].kind == "date" for name in asked.values):
        # A date that gives no interval is told of here; it is not put into an address.
        return _shown_for(request, asked)
    return RedirectResponse(asked.address, 303, headers={**HEADERS, "Cache-Control": "no-store"})


def _read(knowledge: Knowledge, query: str) -> Asked | str:
    """Read an address and turn its dates into intervals, or say what is wrong with it."""
    try:
        given = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError:
        return "The address holds text that is not UTF-8, or too many parts."
    asked = read_asked(given, knowledge.intake)
    return without_dates(asked, knowledge.intake, knowledge.record(asked.values))


def _respond(request: Request, query: str) -> Response:
    held = holdings(request)
    asked = _read(held.knowledge(), query)
    if isinstance(asked, str):
        return notice(request, 400, "Not understood", asked)
    given = parse_qsl(query, keep_blank_values=True)
    if sorted(given) != sorted(asked.pairs):
        kept = {**HEADERS, "Cache-Control": "no-store"}
        return RedirectResponse(asked.address, 303, headers=kept)
    return _shown_for(request, asked)


def _shown_for(request: Request, asked: Asked) -> Response:
    held = holdings(request)
    try:
        knowledge = held.knowledge(asked.with_, asked.without)
    except ReadingError as error:
        return notice(request, 400, "Not a reading", str(error))
    answered = bool(asked.pairs) or request.url.path != "/"
    context: dict[str, Any] = {"asked": asked, "answered": answered}
    record = knowledge.record(asked.values)
    context["sections"] = _filled(held, asked, record)
    context["fields"] = fields(held)
    if not answered:
        context["examples"] = _examples(held)
        return page(request, "relapse.html", **context)
    context |= _answered(held, knowledge, asked)
    template = "relapse_print.html" if asked.view else "relapse.html"
    return page(request, template, private=True, **context)


def _answered(held: Holdings, knowledge: Knowledge, asked: Asked) -> dict[str, Any]:
    answer = knowledge.recommend(asked.values, as_of=asked.date)
    known = fields(held)
    changing = known.get(asked.change)
    settled: list[dict[str, Any]] = []
    waiting: list[dict[str, Any]] = []
    for item in answer["advice"]:
        # An open decision is news; open advice is a list of what to ask.
        is_open = item["reason"] == "missing-facts" and item["kind"] == "advice"
        (waiting if is_open else settled).append(_shown(item))
    default = set(knowledge.table.data["default_readings"])
    return {
        "answer": answer,
        "facts": [(known[c], v, asked.set(c, "").address) for c, v in asked.values.items()],
        "classes": [_class(knowledge, name, e) for name, e in answer["classification"].items()],
        "advice": settled,
        "waiting": waiting,
        "conflicts": [_conflict(c) for c in answer["conflicts"]],
        "problems": [p.partition(", ")[2] for p in answer["problems"]],
        "asks": asks(known, asked, answer),
        "changing": changing,
        "trials": trials(knowledge, asked, changing, answer) if changing else [],
        "readings": [
            {
                "name": name,
                "entry": entry,
                "on": name in knowledge.view.readings,
                "used": name in answer["readings"],
                "changed": (name in knowledge.view.readings) != (name in default),
                "address": asked.switch(
                    name, on=name not in knowledge.view.readings, default=name in default
                ).address,
            }
            for name, entry in knowledge.table.readings.items()
        ],
    }


def _class(knowledge: Knowledge, name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    schemes = (q.entry for q in knowledge.answerer.schemes.values())
    scheme = next(e for e in schemes if key(e) == name)
    return {
        **entry,
        "key": name,
        "words": category_words(entry),
        "scheme": scheme["name"],
        "reason_words": REASONS.get(entry["reason"], entry["reason"]),
    }


def _shown(item: Mapping[str, Any]) -> dict[str, Any]:
    later = item.get("later_evidence", [])
    return {
        **item,
        "words": advice_words(item),
        "reason_words": REASONS.get(item["reason"], item["reason"]),
        "sides": [(key, title, item[key]) for key, title in SIDES if item.get(key)],
        "later_evidence": later,
    }


def _conflict(entry: Mapping[str, Any]) -> dict[str, Any]:
    values = entry.get("values", [])
    words = [f"{k}: {v}" for k, v in values.items()] if isinstance(values, dict) else values
    return {**entry, "listed": words}


def _filled(held: Holdings, asked: Asked, record: Record) -> list[dict[str, Any]]:
    """Return the sections of the form with what was given and what was wrong with it."""
    wrong: dict[str, str] = {}
    for problem in record.problems:
        for column in problem.column.split(" + "):
            wrong[column] = f"not used; allowed: {problem.allowed}"
    wrong |= lonely_dates(asked, held.knowledge().intake)
    return [
        {
            "title": section.title,
            "given": [f.name for f in section.fields if f.name in asked.values],
            "fields": [
                {
                    "field": f,
                    "value": asked.values.get(f.name, ""),
                    "words": _words(asked.values.get(f.name, "")),
                    "wrong": wrong.get(f.name, ""),
                }
                for f in section.fields
            ],
            "meanings": _meanings(section),
        }
        for section in sections(held)
    ]


def _words(text: str) -> set[str]:
    return {word.strip(BLANKS).casefold() for word in text.split(";")}


def _meanings(section: Section) -> list[tuple[str, str, str]]:
    return [meaning for f in section.fields for meaning in f.meanings]


def _examples(held: Holdings) -> list[tuple[str, str]]:
    """Return the example relapses as addresses of their own."""
    from loaders.cohort import read_relapses
    from ontology.files import HOME

    intake = held.knowledge().intake
    found = []
    for relapse in read_relapses(HOME / "examples" / "relapses.csv"):
        pairs = [(c, v) for c, v in relapse.items() if c in intake.columns and v]
        name = relapse.get("patient_id", "").replace("-", " ")
        found.append((read_asked(pairs, intake).address, name))
    return found
