"""An answer as text for a terminal: classes with clauses, advice for and against, what is open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

MARKS = {
    "yes": "[yes]",
    "no": "[no]",
    "undetermined": "[cannot say]",
    "not-applicable": "[not applicable]",
}
COLOURS = {"yes": "green", "no": "red", "undetermined": "yellow", "not-applicable": "dim"}
REASONS = {
    "missing-facts": "it depends on facts that are not given",
    "boundary": "the value lies on a limit that the text leaves open",
    "text-silent": "the text gives no rule",
    "text-conflict": "two passages contradict each other",
    "figure-only": "the rule is in a figure of which only the caption is known",
    "out-of-scope": "outside what the article is about",
}
SHOWN_EVIDENCE = 6


def print_answer(console: Console, answer: Mapping[str, Any]) -> None:
    """Print one answer."""
    console.print(heading(answer))
    console.print(facts(answer["relapse"]))
    console.print(Text("\nClass", style="bold"))
    for entry in answer["classification"].values():
        console.print(_category(entry))
    console.print(Text("\nAdvice", style="bold"))
    open_items = []
    for item in answer["advice"]:
        if item["reason"] == "missing-facts" and item["kind"] == "advice":
            open_items.append(item)
        else:
            console.print(_advice(item))
    _print_open(console, open_items)
    _print_list(
        console, "Contradictions and differences", [_conflict(c) for c in answer["conflicts"]]
    )
    _print_list(console, "Not used", answer["problems"])
    readings = [f"{name}: {text}" for name, text in answer["readings"].items()]
    _print_list(console, "Readings used (switch one off with --without NAME)", readings)
    console.print(Text(f"\n{answer['disclaimer']}", style="dim"))


def shown(text: str) -> str:
    """Replace characters that a terminal would obey instead of showing."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def heading(answer: Mapping[str, Any]) -> RenderableType:
    """Name the relapse of an answer."""
    name = shown(answer["relapse"].get("patient_id", ""))
    return Text(f"\nRelapse {name}".rstrip(), style="bold underline")


def facts(given: Mapping[str, str]) -> RenderableType:
    """List the facts of a relapse as they were given."""
    listed = ", ".join(f"{k} {v}" for k, v in given.items() if k != "patient_id")
    return Text(shown(listed) or "no fact given", style="dim")


def _category(entry: Mapping[str, Any]) -> RenderableType:
    lines: list[RenderableType] = []
    style = "bold" if entry["status"] == "entailed" else "yellow"
    head = Text(f"  {entry['label']}: ")
    head.append(category_words(entry), style=style)
    lines.append(head)
    for ground in entry["because"]:
        lines.append(indented(f"{ground['clause']}: {ground['criterion']} ({source(ground)})"))
    lines.extend(_why_open(entry))
    return Group(*lines)


def category_words(entry: Mapping[str, Any]) -> str:
    """Say in words in which category a relapse is."""
    value, status = entry["value"], entry["status"]
    _, _, listed = value.partition(":")
    if status == "undetermined":
        return f"cannot say yet: {listed.replace('|', ' or ')}" if listed else "cannot say yet"
    if status == "gap":
        where = "between" if "|" in listed else "next to"
        beside = f", {where} {listed.replace('|', ' and ')}" if listed else ""
        return f"in no category{beside}"
    if status == "overlap":
        return f"{listed.replace('|', ' and ')} at once"
    return "does not apply" if status == "not-applicable" else str(value)


def _why_open(entry: Mapping[str, Any]) -> Iterable[RenderableType]:
    if entry["reason"]:
        yield indented(f"because {REASONS.get(entry['reason'], entry['reason'])}", "yellow")
    if entry["settled_by"]:
        yield indented(f"would be settled by: {', '.join(entry['settled_by'])}", "yellow")


def source(ground: Mapping[str, Any]) -> str:
    """Write where a clause stands and on which citations it rests."""
    numbers = ", ".join(str(n) for n in ground["citations"])
    printed = "" if ground["cited_as"] in ("printed", "none") else f", {ground['cited_as']}"
    cited = f"[{numbers}]{printed}" if numbers else "no citation printed"
    return f"{ground['locator']}; {cited}"


def _advice(item: Mapping[str, Any]) -> RenderableType:
    lines: list[RenderableType] = []
    head = Text("  ")
    head.append(MARKS[item["answer"]], style=COLOURS[item["answer"]])
    head.append(f" {item['action']}", style="bold")
    head.append(f"  ({item['locator']}; {item['modality']})", style="dim")
    lines.append(head)
    lines.extend(indented(text) for text in item["says"])
    lines.extend(_why_open(item))
    lines.extend(indented(f"{n}. {step}") for n, step in enumerate(item["steps"], 1))
    lines.extend(indented(f"condition: {text}") for text in item["conditions"])
    for title, key in (
        ("for", "supported_by"),
        ("against", "contradicted_by"),
        ("but", "qualified_by"),
    ):
        lines.extend(_evidence(title, item.get(key, ())))
    for later in item.get("later_evidence", ()):
        text = (
            f"later ({later.get('published', 'no date')}, {later['status']}): {later['statement']}"
        )
        lines.append(indented(text, "cyan"))
    return Group(*lines)


def _evidence(title: str, entries: Iterable[Mapping[str, Any]]) -> Iterable[RenderableType]:
    entries = list(entries)
    for entry in entries[:SHOWN_EVIDENCE]:
        numbers = ", ".join(str(c["number"]) for c in entry["citations"])
        cited = f"[{numbers}]" if numbers else "no citation"
        yield indented(f"{title}: {entry['statement']} ({entry['locator']}; {cited})", "dim")
    if len(entries) > SHOWN_EVIDENCE:
        yield indented(f"{title}: and {len(entries) - SHOWN_EVIDENCE} more (--format json)", "dim")


def _print_open(console: Console, items: list[Mapping[str, Any]]) -> None:
    if not items:
        return
    console.print(Text("\nOpen until you tell", style="bold"))
    table = Table(box=None, show_header=False, padding=(0, 2))
    for item in items:
        table.add_row(
            Text(item["action"]), Text(", ".join(item["settled_by"]) or REASONS["text-silent"])
        )
    console.print(table)


def _print_list(console: Console, title: str, lines: Iterable[str]) -> None:
    lines = list(lines)
    if lines:
        console.print(Text(f"\n{title}", style="bold"))
        for line in lines:
            console.print(indented(shown(line)))


def _conflict(entry: Mapping[str, Any]) -> str:
    match entry["kind"]:
        case "text-conflict":
            sides = f"for: {' '.join(entry['for'])} against: {' '.join(entry['against'])}"
            return f"{entry['on']}: {sides}"
        case "overlap":
            return f"{entry['on']}: {' and '.join(entry['values'])} hold at once"
        case "not-excluded":
            return f"{entry['on']}: {', '.join(entry['values'])} not excluded by what is given"
        case _:
            words = ", ".join(f"{k} {v}" for k, v in entry["values"].items())
            return f"schemes differ on {entry['on']}: {words}"


def indented(text: str, style: str = "") -> RenderableType:
    """Set a line of text in below what it belongs to."""
    return Padding(Text(text, style=style), (0, 0, 0, 6))
