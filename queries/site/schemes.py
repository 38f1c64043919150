"""A page for each scheme: its categories in words and in OWL, its grid, its holes and overlaps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from ontology.files import BASE
from queries.pictures import draw
from queries.site.definitions import Definition, Definitions, joined, link, source
from queries.site.pages import Page
from queries.web.expressions import Part, Words
from queries.web.holdings import Holdings, address
from reasoner.certificate import DEFAULT, Certificate, Count, Place, certificate
from reasoner.partition import OVERLAP, partitions
from reasoner.table import Table

QUESTIONS = ("holes", "overlaps", "group_clauses", "partition_certificate", "discordance")


@lru_cache(maxsize=1)
def certified(table: Table) -> Certificate:
    """Count all cases of all schemes, once for all pages."""
    return certificate(table)


def chapter(held: Holdings) -> Iterator[Page]:
    """Yield the list of the schemes, and a page for each."""
    knowledge = held.knowledge()
    table = knowledge.table
    counts = {c.scheme: c for c in certified(table).counts if c.readings == DEFAULT}
    yield Page(
        "schemes/index.html",
        "Schemes",
        "schemes.html",
        {
            "schemes": [
                {**s, "count": counts[s["name"]], "place": place_of(s["name"])}
                for s in table.schemes
            ],
            "readings": len(table.readings),
            "advice": len(table.advice),
        },
    )
    drawn = partitions(knowledge.view)
    definitions = Definitions(held)
    for scheme in table.schemes:
        categories = [
            (c["value"], definitions.of(c["class"], clauses=True)) for c in scheme["categories"]
        ]
        own = [d for _, c in categories for d in (c, *c.clauses)]
        passages = [p for p in table.passages if scheme["name"] in p["schemes"]]
        yield Page(
            place_of(scheme["name"]),
            scheme["label"],
            "scheme.html",
            {
                "scheme": scheme,
                "source": source(scheme),
                "scope": link(held, BASE + scheme["scope"]),
                "categories": categories,
                "beneath": _beneath(definitions, own, scheme["scope"]),
                "picture": Markup(draw(drawn[scheme["name"]])),
                "places": _grouped(table, scheme["name"], passages),
                "passages": passages,
                **_readings(table, scheme["name"]),
                "questions": [link(held, f"{BASE}question/{name}") for name in QUESTIONS],
            },
            {
                f"{BASE}scheme/{scheme['name']}": "",
                **{d.iri: d.name for d in own},
                **{f"{BASE}open-passage/{p['name']}": p["name"] for p in passages},
            },
        )


def place_of(name: str) -> str:
    """Return where the page of a scheme stands."""
    return f"schemes/{name}.html"


def _beneath(
    definitions: Definitions, own: list[Definition], scope: str | None
) -> list[Definition]:
    """Return what the classes of a scheme rest on; those of other readings are told with these."""
    told = {d.name for d in own}
    names = [d.name for d in own] + ([scope] if scope else [])
    found = definitions.beneath(names)
    if scope and scope not in told and scope in definitions.table.terms:
        found = [definitions.of(scope), *found]
    return found


def _grouped(table: Table, name: str, passages: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Gather the holes and overlaps of a scheme by what causes them, in the order of the first."""
    told = {p["name"]: {**p, "words": source(p)} for p in passages}
    groups: dict[tuple[str, tuple[str, ...]], list[Place]] = {}
    for place in certified(table).places:
        if (place.scheme, place.readings) == (name, DEFAULT):
            groups.setdefault((place.kind, place.causes), []).append(place)
    return [
        {
            "kind": kind,
            "is_overlap": kind == OVERLAP,
            "passages": [told[cause] for cause in causes],
            "closed_by": [reading(table, r) for r in places[0].closed_by],
            "cells": sum(p.cells for p in places),
            "places": places,
        }
        for (kind, causes), places in groups.items()
    ]


def reading(table: Table, name: str) -> Part:
    """Return a reading by its short name."""
    return Part(name, address(f"{BASE}reading/{name}")) if name in table.readings else Part(name)


def switches(table: Table, told: str) -> Words:
    """Write a set of readings with each of its names a link."""
    return [reading(table, word) for word in re.split(r"(\w+)", told) if word]


def _readings(table: Table, name: str) -> dict[str, Any]:
    """Return the counts of a scheme: by default, and where a switch of readings changes them."""
    counts: list[Count] = [c for c in certified(table).counts if c.scheme == name]
    usual = next(c for c in counts if c.readings == DEFAULT)
    changed = [c for c in counts if c.readings != DEFAULT]
    named = dict.fromkeys(w for c in changed for w in re.findall(r"\w+", c.readings))
    return {
        "count": usual,
        "changed": [{"count": c, "words": switches(table, c.readings)} for c in changed],
        "at_work": [
            {"name": n, "on": n in table.data["default_readings"], **table.readings[n]}
            for n in sorted(named)
            if n in table.readings
        ],
        "idle": joined(([reading(table, r)] for r in usual.without_effect), ", "),
    }
