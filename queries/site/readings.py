"""The page of readings: what each takes an open word to mean, why, and what it changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ontology.files import BASE
from queries.site.definitions import Definitions, link, source
from queries.site.pages import Page
from queries.site.schemes import certified, reading
from queries.web.expressions import Part
from queries.web.holdings import Holdings
from reasoner.certificate import DEFAULT
from reasoner.table import Table

PLACE = "readings.html"


def chapter(held: Holdings) -> Iterator[Page]:
    """Yield the page of all readings."""
    table = held.knowledge().table
    definitions = Definitions(held)
    on = set(table.data["default_readings"])
    entries = [
        {
            **entry,
            "name": name,
            "on": name in on,
            "source": source(entry),
            "replaces": entry["replaces"] and reading(table, entry["replaces"]),
            "falls_back_to": entry["falls_back_to"] and reading(table, entry["falls_back_to"]),
            "assumed": [_assumed(held, table, a) for a in entry["assumes"]],
            "classes": [
                definitions.of(c) for c, term in table.terms.items() if term["reading"] == name
            ],
            "changes": list(_changes(table, name)),
        }
        for name, entry in table.readings.items()
    ]
    terms = {f"{BASE}reading/{e['name']}": e["name"] for e in entries}
    terms |= {d.iri: d.name for e in entries for d in e["classes"]}
    yield Page(PLACE, "Readings", "readings.html", {"entries": entries}, terms)


def _assumed(held: Holdings, table: Table, assumed: list[Any]) -> Part:
    """Return what a reading takes for a fact that is not given: a class, or a value."""
    if len(assumed) == 1:
        return link(held, BASE + assumed[0])
    dimension, atom = assumed
    return link(held, BASE + table.dimensions[dimension]["atoms"][atom]["value"])


def _changes(table: Table, name: str) -> Iterator[dict[str, Any]]:
    """Yield the schemes whose cases a switch of the reading moves, with counts on both sides."""
    counts = certified(table).counts
    usual = {c.scheme: c for c in counts if c.readings == DEFAULT}
    labels = {s["name"]: s["label"] for s in table.schemes}
    for count in counts:
        if count.readings != DEFAULT and name in re.findall(r"\w+", count.readings):
            yield {
                "scheme": count.scheme,
                "label": labels[count.scheme],
                "readings": count.readings,
                "before": usual[count.scheme],
                "after": count,
            }
