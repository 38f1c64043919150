"""The page of advice: what is advised, in which situation, how strongly, on how much evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ontology.files import BASE
from queries.site.definitions import Definitions, link, source
from queries.site.pages import Page
from queries.web.holdings import Holdings
from queries.web.listings import passages

PLACE = "advice.html"
SIDES = {"supports": "for it", "contradicts": "against it", "qualifies": "qualifying it"}
TOPICS = f"""SELECT ?advice ?title ?topic WHERE {{ GRAPH ?graph {{
  ?topic a <http://www.w3.org/2002/07/owl#Ontology> ; <http://purl.org/dc/terms/title> ?title .
  ?advice a <{BASE}Advice> }} }} ORDER BY ?topic ?advice"""


def chapter(held: Holdings) -> Iterator[Page]:
    """Yield the page of all advice, by the module it stands in."""
    table = held.knowledge().table
    definitions = Definitions(held)
    entries = {e["name"]: e for e in table.advice}
    decisions = {d["name"]: d for d in table.decisions}
    topics: dict[str, list[dict[str, Any]]] = {}
    for row in held.rows(TOPICS):
        entry = entries[row["advice"].removeprefix(f"{BASE}advice/")]
        title = row["title"].partition(": ")[2]
        topics.setdefault(title, []).append(_told(held, definitions, entry))
    for told in topics.values():
        told.sort(key=lambda e: (e["decision"] or "", e["rank"], e["name"]))
    seen: set[str] = set()
    for entry in (e for told in topics.values() for e in told):
        # Several pieces of advice may share a situation; links to it lead to the first.
        entry["is_first"] = entry["situation"].name not in seen
        seen.add(entry["situation"].name)
    terms = {f"{BASE}advice/{name}": f"advice/{name}" for name in entries}
    terms |= {e["situation"].iri: e["situation"].name for t in topics.values() for e in t}
    terms |= {f"{BASE}decision/{name}": f"decision/{name}" for name in decisions}
    beneath = definitions.beneath(e["situation"] for e in table.advice)
    yield Page(
        PLACE,
        "Advice",
        "advice.html",
        {
            "topics": topics,
            "decisions": [{**d, "words": source(d)} for d in table.decisions],
            "beneath": [d for d in beneath if d.name not in seen],
        },
        terms,
    )


def _told(held: Holdings, definitions: Definitions, entry: dict[str, Any]) -> dict[str, Any]:
    knowledge = held.knowledge()
    name, book = entry["name"], knowledge.handbook
    labels = {d["name"]: d["label"] for d in knowledge.table.decisions}
    return {
        **entry,
        "on": labels.get(entry["decision"] or ""),
        "source": source(entry),
        "situation": definitions.of(entry["situation"], clauses=True),
        "sides": [
            (key, words, [_evidence(held, e) for e in found])
            for key, words in SIDES.items()
            if (found := book.evidence([name], key))
        ],
        "later": sum(map(len, book.data["later"].get(name, {}).values())),
    }


def _evidence(held: Holdings, entry: dict[str, Any]) -> dict[str, Any]:
    numbers = [link(held, f"{BASE}reference/{c['number']}") for c in entry["citations"]]
    cited = [part._replace(text=part.text.partition(" ")[0]) for part in numbers]
    return {
        "statement": link(held, f"{BASE}statement/{entry['id']}")._replace(text=entry["statement"]),
        "locator": passages([entry["locator"]]),
        "cited": cited,
        "hedge": entry["hedge"],
    }
