"""An answer as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from queries.text import REASONS

STYLE = """
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #8886
} .open { color: #a60 } .note { opacity: .75 }
"""


def render(answers: Iterable[Mapping[str, Any]]) -> str:
    """Return a page with every answer, all text escaped."""
    bodies = [_answer(a) for a in answers]
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width'><title>RALLO</title>"
        f"<style>{STYLE}</style></head><body>{''.join(bodies)}</body></html>\n"
    )


def _answer(answer: Mapping[str, Any]) -> str:
    name = escape(answer["relapse"].get("patient_id", ""))
    facts = ", ".join(f"{k} {v}" for k, v in answer["relapse"].items() if k != "patient_id")
    classes = "".join(
        _row(e["label"], e["value"], _because(e)) for e in answer["classification"].values()
    )
    advice = "".join(_row(i["action"], i["answer"], _reasons(i)) for i in answer["advice"])
    return (
        f"<main><h1>Relapse {name}</h1><p>{escape(facts) or 'no fact given'}</p>"
        f"<h2>Class</h2><table><tr><th>Scheme<th>Class<th>Because</tr>{classes}</table>"
        f"<h2>Advice</h2><table><tr><th>Action<th>Answer<th>Why</tr>{advice}</table>"
        f"{_list('Not used', answer['problems'])}"
        f"{_list('Readings used', [f'{k}: {v}' for k, v in answer['readings'].items()])}"
        f"<p class='note'>{escape(answer['disclaimer'])}</p></main>"
    )


def _row(first: str, second: str, third: str) -> str:
    return f"<tr><td>{escape(first)}<td>{escape(second)}<td>{third}</tr>"


def _because(entry: Mapping[str, Any]) -> str:
    grounds = [
        f"{g['clause']}: {g['criterion']} ({g['locator']}; {g['citations'] or 'no citation'})"
        for g in entry["because"]
    ]
    return "<br>".join(map(escape, grounds)) + _open(entry)


def _reasons(item: Mapping[str, Any]) -> str:
    lines = [escape(t) for t in [*item["says"], *item["steps"], *item["conditions"]]]
    for title, key in (
        ("For", "supported_by"),
        ("Against", "contradicted_by"),
        ("But", "qualified_by"),
    ):
        for entry in item.get(key, ()):
            numbers = ", ".join(str(c["number"]) for c in entry["citations"]) or "no citation"
            lines.append(
                f"<span class='note'>{title}: {escape(entry['statement'])} "
                f"({escape(entry['locator'])}; {numbers})</span>"
            )
    return "<br>".join(lines) + _open(item)


def _open(entry: Mapping[str, Any]) -> str:
    if not entry["reason"]:
        return ""
    text = REASONS.get(entry["reason"], entry["reason"])
    if entry["settled_by"]:
        text += f"; settled by {', '.join(entry['settled_by'])}"
    return f"<br><span class='open'>{escape(text)}</span>"


def _list(title: str, lines: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<h2>{title}</h2><ul>{items}</ul>" if items else ""
