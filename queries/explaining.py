"""Explanations as data and as text: why each class and each advice, fact by fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from queries.sentences import Sentences
from queries.text import facts, heading, indented, shown
from reasoner.answers import problem_texts
from reasoner.conclusions import Conclusion
from reasoner.explain import Explainer
from reasoner.record import Record

COLOURS = {"entailed": "green", "gap": "yellow", "overlap": "yellow", "undetermined": "yellow"}


def explained(explainer: Explainer, record: Record, only: Iterable[str] = ()) -> dict[str, Any]:
    """Explain one relapse as plain data: every conclusion, its explanations and its readings."""
    table = explainer.answerer.view.table
    sentences = Sentences(explainer.answerer.intake)
    conclusions = [_conclusion(c, sentences) for c in explainer.explain(record, only)]
    used = sorted({r for c in conclusions for r in c["readings"]})
    return {
        "relapse": record.given,
        "conclusions": conclusions,
        "problems": problem_texts(record),
        "readings": {r: table.readings[r]["definition"] for r in used},
        "release": table.release,
        "disclaimer": table.data["disclaimer"],
    }


def _conclusion(conclusion: Conclusion, sentences: Sentences) -> dict[str, Any]:
    explanations = [
        {
            "facts": e.facts,
            "by": e.by,
            "clauses": e.clauses,
            "varying": e.varying,
            "readings": e.readings,
            "sentence": sentences.say(conclusion, e),
        }
        for e in conclusion.explanations
    ]
    return {
        "of": conclusion.of,
        "kind": conclusion.kind,
        "label": conclusion.label,
        "status": conclusion.status,
        "value": conclusion.value,
        "concludes": conclusion.term,
        "possible": conclusion.possible,
        "reason": conclusion.reason,
        "settled_by": conclusion.settled_by,
        "clauses": conclusion.clauses,
        "explanations": explanations,
        "open": None if explanations else sentences.open(conclusion),
        "readings": {
            r: {"needed": r in conclusion.needs, "without": value}
            for r, value in conclusion.readings.items()
        },
    }


def print_explained(console: Console, answer: Mapping[str, Any]) -> None:
    """Print the explanations of one relapse."""
    console.print(heading(answer))
    console.print(facts(answer["relapse"]))
    for title, kinds in (("Class", ("category",)), ("Advice", ("decision", "advice"))):
        found = [c for c in answer["conclusions"] if c["kind"] in kinds and c["explanations"]]
        if found:
            console.print(Text(f"\n{title}", style="bold"))
        for conclusion in found:
            _print_conclusion(console, conclusion)
    _print_list(console, "Open", [c["open"] for c in answer["conclusions"] if c["open"]])
    _print_list(console, "Not used", answer["problems"])
    readings = [f"{name}: {text}" for name, text in answer["readings"].items()]
    _print_list(console, "Readings (switch one off with --without NAME)", readings)
    if not answer["conclusions"]:
        console.print(Text("\nNothing that was asked for is concluded of this relapse."))
    console.print(Text(f"\n{answer['disclaimer']}", style="dim"))


def _print_conclusion(console: Console, conclusion: Mapping[str, Any]) -> None:
    several = len(conclusion["explanations"]) > 1
    for number, explanation in enumerate(conclusion["explanations"], 1):
        mark = f"{number}. " if several else ""
        style = COLOURS.get(conclusion["status"], "")
        line = Text("* " if number == 1 else "  ", style=style)
        line.append(mark, style=style).append(shown(explanation["sentence"]), style="default")
        console.print(Padding(line, (0, 0, 0, 2)))
    if any(e["by"] == "cases" for e in conclusion["explanations"]) and conclusion["clauses"]:
        held = " and ".join(g["clause"] for g in conclusion["clauses"])
        console.print(indented(f"with all that is given: {held}", "dim"))
    for reading, told in conclusion["readings"].items():
        if told["needed"]:
            console.print(indented(f"without {reading}: {told['without']}", "dim"))
    kept = [r for r, told in conclusion["readings"].items() if not told["needed"]]
    if kept:
        text = f"with all that is given, it stays without {', '.join(kept)}"
        console.print(indented(text, "dim"))


def _print_list(console: Console, title: str, lines: Iterable[str]) -> None:
    lines = list(lines)
    if lines:
        console.print(Text(f"\n{title}", style="bold"))
        for line in lines:
            console.print(Padding(Text(shown(line)), (0, 0, 0, 2)))
