"""The certificate on a terminal: a proof or its exceptions for each scheme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table as Columns
from rich.text import Text

from reasoner.certificate import DEFAULT, Certificate, Count, Place
from reasoner.partition import OVERLAP
from reasoner.table import Table

INDENT = (0, 0, 0, 2)


def print_certificate(made: Certificate, table: Table, scheme: str | None = None) -> None:
    """Print all schemes under the default readings, or one under every set of readings."""
    console = Console(highlight=False)
    for entry in table.schemes:
        if scheme in (None, entry["name"]):
            _print_scheme(console, made, entry, every=scheme is not None)
    if scheme is None:
        _print_passages(console, made, table)
    console.print(Text(f"\ncertificate {made.checksum}", style="dim"))
    console.print(Text(str(table.data["disclaimer"]), style="dim"))


def _print_scheme(
    console: Console, made: Certificate, entry: Mapping[str, Any], *, every: bool
) -> None:
    counts = [c for c in made.counts if c.scheme == entry["name"]]
    heading = Text(f"\n{entry['label']}", style="bold underline")
    console.print(heading.append(f"  {entry['name']}", style="not bold not underline dim"))
    for count in counts:
        usual = count.readings == DEFAULT
        if usual or every:
            if not usual:
                _print(console, Text(f"\n{_readings(count.readings)}", style="bold"))
            _print(console, _statement(count))
            places = [
                p for p in made.places if (p.scheme, p.readings) == (count.scheme, count.readings)
            ]
            if places:
                _print(console, _table(places))
    others = [c for c in counts if c.readings != DEFAULT]
    for count in [] if every else others:
        told = Text(f"{_readings(count.readings)}: ", style="dim").append(_numbers(count))
        _print(console, told)
    idle = "No other reading changes a case." if others else "No reading changes a case."
    _print(console, Text(idle, style="dim"))


def _print(console: Console, shown: RenderableType) -> None:
    console.print(Padding(shown, INDENT, expand=False))


def _readings(readings: str) -> str:
    return readings[:1].upper() + readings[1:]


def _statement(count: Count) -> Text:
    """Say that the scheme is whole, or in how many cells it is not."""
    spoken = count.cells - count.out_of_scope - count.impossible
    text = Text(f"{spoken} cases: ")
    if not count.in_holes and not count.in_overlaps:
        text.append("each is in exactly one category. Exhaustive and exclusive.", style="green")
    else:
        text.append(_numbers(count), style="yellow")
        text.append(".")
    if count.out_of_scope:
        text.append(f" Not spoken of: {count.out_of_scope}.", style="dim")
    if count.impossible:
        text.append(f" Cannot occur, one interval exceeding another: {count.impossible}.", "dim")
    return text


def _numbers(count: Count) -> str:
    return (
        f"{count.in_one_category} in exactly one category, {count.in_holes} in none, "
        f"{count.in_overlaps} in several"
    )


def _table(places: Iterable[Place]) -> RenderableType:
    table = Columns(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for name in ("", "cases", "where", "categories", "because"):
        table.add_column(name, justify="right" if name == "cases" else "left", overflow="fold")
    for place in places:
        because = Text(place.why).append(f" ({place.locator})", style="dim")
        table.add_row(
            Text(place.kind, style="red" if place.kind == OVERLAP else "yellow"),
            str(place.cells),
            Text(place.criteria),
            Text(_categories(place)),
            because,
        )
    return table


def _categories(place: Place) -> str:
    if place.kind == OVERLAP:
        return " and ".join(place.categories)
    return f"none; beside {', '.join(place.categories)}" if place.categories else "none"


def _print_passages(console: Console, made: Certificate, table: Table) -> None:
    """Print what each passage says that leaves something open under the default readings."""
    named = {c for p in made.places if p.readings == DEFAULT for c in p.causes}
    console.print(Text("\nWhy", style="bold underline"))
    for passage in table.passages:
        if passage["name"] in named:
            text = Text(f"{passage['label']}: ", style="bold")
            text.append(str(passage["definition"]), style="not bold")
            text.append(f" ({passage['locator'] or passage['source']}", style="not bold dim")
            closed = f"; closed by reading {passage['closed_by']})" if passage["closed_by"] else ")"
            _print(console, text.append(closed, style="not bold dim"))
