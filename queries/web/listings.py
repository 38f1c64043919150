"""Lists of what the graph holds: modules, classes, advice, statements, references, any class."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ontology.files import BASE
from queries.prefixes import DECLARED
from queries.web.expressions import Part, Words
from queries.web.holdings import Holdings, address
from queries.web.rendering import PASSAGE, located
from queries.web.terms import modules, source_of

KINDS = """SELECT ?kind (COUNT(DISTINCT ?one) AS ?n) WHERE {
  ?one a ?kind . ?kind a owl:Class FILTER (isIRI(?one)) } GROUP BY ?kind ORDER BY DESC(?n) ?kind"""
ADVICE = """SELECT ?advice ?decision ?situation ?polarity ?modality ?locator WHERE {
  ?advice a rallo:Advice ; rallo:inSituation ?situation ; rallo:polarity ?polarity ;
          rallo:modality ?modality ; rallo:locator ?locator .
  OPTIONAL { ?advice rallo:onDecision ?decision } OPTIONAL { ?advice rallo:rank ?rank }
} ORDER BY (!BOUND(?decision)) ?decision ?rank ?advice"""
LOCATED = """SELECT ?term ?locator ?kind WHERE {
  ?term rallo:locator ?locator . OPTIONAL { ?term a ?kind . ?kind a owl:Class } }
ORDER BY ?term ?kind"""
STATEMENTS = """SELECT ?statement ?locator ?hedge (GROUP_CONCAT(STR(?n); SEPARATOR=" ") AS ?cited)
WHERE { ?statement a rallo:Statement ; rallo:locator ?locator ; rallo:hedge ?hedge
  OPTIONAL { ?statement rallo:cites/rallo:number ?n } }
GROUP BY ?statement ?locator ?hedge ORDER BY ?statement"""
REFERENCES = """SELECT ?reference ?creator ?container ?year WHERE {
  ?reference a rallo:Publication ; dcterms:creator ?creator ; dcterms:date ?year
  OPTIONAL { ?reference rallo:container ?container } OPTIONAL { ?reference rallo:number ?number }
} ORDER BY (!BOUND(?number)) ?number"""
MEMBERS = """SELECT DISTINCT ?one ?locator ?text WHERE {{
  ?one a rallo:{kind} FILTER (isIRI(?one))
  OPTIONAL {{ ?one skos:definition ?text }} OPTIONAL {{ ?one rallo:locator ?locator }} }}
ORDER BY ?one"""
CLASSES = """SELECT ?graph ?class ?text WHERE { GRAPH ?graph {
  ?class a owl:Class . FILTER (isIRI(?class)) OPTIONAL { ?class skos:definition ?text } } }
ORDER BY ?graph ?class"""
SIZES = "SELECT ?graph (COUNT(*) AS ?n) WHERE { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph"

Row = list[Words]


class Group(NamedTuple):
    """Rows under one heading."""

    heading: Part
    rows: list[Row]


class Listing(NamedTuple):
    """A list with its columns."""

    title: str
    lead: str
    columns: tuple[str, ...]
    groups: list[Group]


def _link(held: Holdings, iri: str) -> Words:
    return [Part(held.label(iri), address(iri))]


def passages(locators: Iterable[str]) -> Words:
    """Write locators, each paragraph a link to its page."""
    words: Words = []
    for part, page in (pair for text in locators for pair in located(text)):
        words += [Part(", ")] if words else []
        words.append(Part(part, page))
    return words


def _grouped(pairs: Iterable[tuple[Part, Row]]) -> list[Group]:
    groups: dict[Part, list[Row]] = {}
    for heading, row in pairs:
        groups.setdefault(heading, []).append(row)
    return [Group(heading, rows) for heading, rows in groups.items()]


def list_modules(held: Holdings) -> Listing:
    """List the modules of the ontology."""
    sizes = {row["graph"]: row["n"] for row in held.rows(SIZES)}
    rows = [
        (
            Part(row["file"].partition("/")[2].rpartition("/")[0].capitalize() or "Main modules"),
            [
                [Part(row["title"], address(row["module"]))],
                [Part(row["file"])],
                [Part(sizes[row["graph"]])],
            ],
        )
        for row in modules(held)
    ]
    lead = "The Turtle files of axioms, one named graph each."
    return Listing("Modules", lead, ("module", "file", "triples"), _grouped(rows))


def list_classes(held: Holdings) -> Listing:
    """List the classes: categories of the schemes with their clauses, then all others."""
    table = held.knowledge().table
    pairs: list[tuple[Part, Row]] = []
    seen = set()
    for scheme in table.schemes:
        heading = Part(scheme["label"], f"/schemes/{scheme['name']}")
        for category in scheme["categories"]:
            clauses = [c["name"] for c in table.classes[category["class"]].get("clauses", ())]
            for name in [category["class"], *clauses]:
                seen.add(BASE + name)
                value = category["value"] if name == category["class"] else ""
                told = table.classes[name].get("criterion") or "any of the clauses below"
                pairs.append((heading, [_link(held, BASE + name), [Part(value)], [Part(told)]]))
    for row in held.rows(DECLARED + CLASSES):
        if row["class"] not in seen:
            seen.add(row["class"])
            told = table.classes.get(row["class"].removeprefix(BASE), {}).get("criterion")
            heading = Part(source_of(row["graph"]))
            words = [Part(told or row.get("text", ""))]
            pairs.append((heading, [_link(held, row["class"]), [], words]))
    lead = "Categories by scheme with their clauses, then every other class by its module."
    return Listing("Classes", lead, ("class", "category", "criterion"), _grouped(pairs))


def list_advice(held: Holdings) -> Listing:
    """List the advice by the decision it bears on."""
    pairs = [
        (
            Part(*_link(held, row["decision"])[0]) if "decision" in row else Part("Other advice"),
            [
                _link(held, row["advice"]),
                [Part(row["polarity"])],
                [Part(row["modality"])],
                _link(held, row["situation"]),
                passages([row["locator"]]),
            ],
        )
        for row in held.rows(DECLARED + ADVICE)
    ]
    lead = "Each piece of advice with its direction, its wording, and the situation it speaks of."
    columns = ("advice", "direction", "modality", "situation", "passage")
    return Listing("Advice", lead, columns, _grouped(pairs))


def list_statements(held: Holdings) -> Listing:
    """List the statements by paragraph."""
    pairs = []
    for row in held.rows(DECLARED + STATEMENTS):
        found = PASSAGE.match(row["locator"])
        where = found[1] if found else row["locator"]
        heading = Part(where, f"/browse/paragraphs/{where}" if found else "")
        pairs.append((heading, [_link(held, row["statement"]), [Part(row["hedge"])], _cited(row)]))
    pairs.sort(key=lambda pair: (len(pair[0].text), pair[0].text))
    lead = "Every statement of the article in its place, with its hedge and what it cites."
    return Listing("Statements", lead, ("statement", "hedge", "cites"), _grouped(pairs))


def _cited(row: dict[str, str]) -> Words:
    numbers = sorted({int(n) for n in row.get("cited", "").split()})
    words: Words = []
    for number in numbers:
        words += [Part(", ")] if words else []
        words.append(Part(str(number), address(f"{BASE}reference/{number}")))
    return words


def list_references(held: Holdings) -> Listing:
    """List the publications: the references by number, and the article itself."""
    pairs = [
        (
            Part("Publications"),
            [
                _link(held, row["reference"]),
                [Part(row["creator"])],
                [Part(f"{row.get('container', '')} {row['year']}".strip())],
            ],
        )
        for row in held.rows(DECLARED + REFERENCES)
    ]
    lead = "The references of the article as printed, and the article itself."
    return Listing("References", lead, ("publication", "authors", "where"), _grouped(pairs))


def list_members(held: Holdings, kind: str) -> Listing | None:
    """List the individuals of a class; ``None`` where there is no such class, or none is in it."""
    if not kind.isalnum() or BASE + kind not in held.labels:
        return None
    merged: dict[str, dict[str, set[str]]] = {}
    for row in held.rows(DECLARED + MEMBERS.format(kind=kind)):
        told = merged.setdefault(row["one"], {"text": set(), "locator": set()})
        for key in told:
            told[key] |= {row[key]} if key in row else set()
    rows = [
        [_link(held, iri), [Part(" ".join(sorted(t["text"])))], passages(sorted(t["locator"]))]
        for iri, t in merged.items()
    ]
    if not rows:
        return None
    label = held.label(BASE + kind)
    heading = Part(label, address(BASE + kind))
    lead = f"Everything in the graph that is of the class “{label}”."
    title = label[:1].upper() + label[1:]
    return Listing(title, lead, ("name", "definition", "passage"), [Group(heading, rows)])


def list_paragraph(held: Holdings, name: str) -> Listing | None:
    """List what rests on one paragraph of the article; ``None`` where nothing does."""
    pairs: dict[str, tuple[Part, Row]] = {}
    for row in held.rows(DECLARED + LOCATED):
        here = [p for p in row["locator"].split(", ") if PASSAGE.match(p) and p.split()[0] == name]
        if here and row["term"] not in pairs:
            kind = held.label(row["kind"]) if "kind" in row else "class or property"
            words = [_link(held, row["term"]), passages([row["locator"]])]
            pairs[row["term"]] = Part(kind[:1].upper() + kind[1:]), words
    if not pairs:
        return None
    lead = "Everything in the graph that says it rests on this paragraph of the article."
    return Listing(f"Paragraph {name}", lead, ("what", "passage"), _grouped(pairs.values()))


LISTS: dict[str, Callable[[Holdings], Listing]] = {
    "modules": list_modules,
    "classes": list_classes,
    "advice": list_advice,
    "statements": list_statements,
    "references": list_references,
}
