"""Reads from the OWL annotations what faces show: inputs, schemes, decisions, advice, readings."""

from __future__ import annotations

from typing import Any

from rdflib.namespace import DCTERMS, RDF, RDFS, SKOS
from rdflib.term import Literal, Node, URIRef

from ontology.files import OntologyError
from ontology.terms import RALLO, local
from reasoner.expressions import HasNumber, HasValue, Not
from reasoner.structure import Dimension, Structure


def describe(structure: Structure) -> dict[str, Any]:
    """Return the descriptive part of the tables as plain data."""
    return {
        "disclaimer": _text(structure, structure.node("disclaimer"), SKOS.definition),
        "dimensions": {n: _dimension(structure, d) for n, d in structure.dimensions.items()},
        "tokens": _tokens(structure),
        "schemes": _schemes(structure),
        "words": _words(structure),
        "comparisons": _comparisons(structure),
        "decisions": _decisions(structure),
        "advice": _advice(structure),
        "readings": _readings(structure),
        "passages": _passages(structure),
        "terms": _terms(structure),
    }


def _text(s: Structure, node: Node, predicate: URIRef) -> str | None:
    value = s.graph.value(node, predicate)
    return None if value is None else str(value)


def _texts(s: Structure, node: Node, predicate: URIRef) -> list[str]:
    return sorted(str(v) for v in s.graph.objects(node, predicate))


def _flag(s: Structure, node: Node, predicate: URIRef) -> bool:
    return (node, predicate, Literal(True)) in s.graph


def _number(s: Structure, node: Node, predicate: URIRef, default: int = 999) -> int:
    value = s.graph.value(node, predicate)
    return default if value is None else int(str(value))


def _label(s: Structure, node: Node) -> str:
    label = _text(s, node, RDFS.label)
    if label is None:
        raise OntologyError(f"{local(node)} has no label")
    return label


def _dimension(s: Structure, dimension: Dimension) -> dict[str, Any]:
    node = s.node(dimension.name)
    return {
        "label": _label(s, node).removeprefix("has "),
        "column": _text(s, node, RALLO.column),
        "rank": _number(s, node, RALLO.rank),
        "unit": _text(s, node, RALLO.unit),
        "minimum": _text(s, node, RALLO.minimum),
        "maximum": _text(s, node, RALLO.maximum),
        "decimals": _text(s, node, RALLO.decimals),
        "accepts_bounds": _flag(s, node, RALLO.acceptsBounds),
        "detection_limit_column": _text(s, node, RALLO.detectionLimitColumn),
        "starts_on": _text(s, node, RALLO.startsOn),
        "ends_on": _text(s, node, RALLO.endsOn),
        "not_more_than": _local_or_none(s, node, RALLO.notMoreThan),
        "open_because": _text(s, node, RALLO.openBecause),
        "out_of_scope": _texts(s, node, RALLO.outOfScopeInput),
        "is_number": dimension.is_number,
        "atoms": [_atom(s, a) for a in dimension.atoms],
    }


def _local_or_none(s: Structure, node: Node, predicate: URIRef) -> str | None:
    value = s.graph.value(node, predicate)
    return None if value is None else local(value)


def _atom(s: Structure, atom: object) -> dict[str, Any]:
    match atom:
        case HasValue(_, value):
            node = s.node(value)
            notation = _text(s, node, SKOS.notation)
            return {"value": value, "label": _label(s, node), "notation": notation}
        case HasNumber(_, interval):
            return {
                "label": interval.words(),
                "low": None if interval.low is None else str(interval.low),
                "low_closed": interval.low_closed,
                "high": None if interval.high is None else str(interval.high),
                "high_closed": interval.high_closed,
            }
        case Not():
            return {"label": "none", "absent": True}
    raise OntologyError(f"atom not understood: {atom}")


def _place(s: Structure, value: Node) -> list[Any]:
    """Return the fact and the position among its atoms that a value stands for."""
    name = local(value)
    for dimension in s.dimensions.values():
        for index, atom in enumerate(dimension.atoms):
            if isinstance(atom, HasValue) and atom.value == name:
                return [dimension.name, index]
    raise OntologyError(f"{name} is no value of any fact")


def _tokens(s: Structure) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for token in sorted(s.graph.subjects(RDF.type, RALLO.InputToken), key=str):
        column = found.setdefault(str(s.graph.value(token, RALLO.column)), {})
        column[str(s.graph.value(token, SKOS.notation))] = {
            "asserts": sorted(_place(s, v) for v in s.graph.objects(token, RALLO.asserts)),
            "otherwise": sorted(_place(s, v) for v in s.graph.objects(token, RALLO.otherwise)),
        }
    return found


def _schemes(s: Structure) -> list[dict[str, Any]]:
    found = []
    for scheme in s.graph.subjects(RDF.type, RALLO.Scheme):
        categories = sorted(
            s.graph.subjects(RALLO.inScheme, scheme), key=lambda c: _number(s, c, RALLO.rank)
        )
        found.append(
            {
                "name": local(scheme).removeprefix("scheme/"),
                "column": _text(s, scheme, RALLO.column),
                "rank": _number(s, scheme, RALLO.rank),
                "scope": _local_or_none(s, scheme, RALLO.appliesTo),
                "asked_for": _flag(s, scheme, RALLO.askedFor),
                "categories": [
                    {"class": local(c), "value": _text(s, c, SKOS.notation)} for c in categories
                ],
                **_source(s, scheme),
            }
        )
    return sorted(found, key=lambda e: (e["rank"], e["name"]))


def _words(s: Structure) -> dict[str, Any]:
    """Read the words that several schemes share."""
    found = {}
    for word in sorted(s.graph.subjects(RDF.type, RALLO.SharedWord), key=str):
        found[local(word).removeprefix("word/")] = {
            "subject": _text(s, word, RALLO.subject),
            "finer_than": _unprefixed(s, word, RALLO.finerThan),
            "fills": _local_or_none(s, word, RALLO.fills),
            **_source(s, word),
        }
    return found


def _comparisons(s: Structure) -> list[dict[str, Any]]:
    """Read in which shared word each category speaks, and under which reading."""
    found = []
    for node in sorted(s.graph.subjects(RDF.type, RALLO.Comparison), key=str):
        reading = s.graph.value(node, RALLO.readingOf)
        found.append(
            {
                "category": _local_or_none(s, node, RALLO.comparesCategory),
                "word": _unprefixed(s, node, RALLO.inWord),
                "reading": None if reading is None else s.reading_names[reading],
                **_source(s, node),
            }
        )
    return found


def _decisions(s: Structure) -> list[dict[str, Any]]:
    found = []
    for decision in s.graph.subjects(RDF.type, RALLO.Decision):
        action = s.graph.value(decision, RALLO.advises)
        found.append(
            {
                "name": local(decision).removeprefix("decision/"),
                "column": _text(s, decision, RALLO.column),
                "rank": _number(s, decision, RALLO.rank),
                "scope": _local_or_none(s, decision, RALLO.appliesTo),
                "asked_for": _flag(s, decision, RALLO.askedFor),
                "only_if_not": _unprefixed(s, decision, RALLO.onlyIfNot),
                "kind": _text(s, decision, RALLO.answerKind),
                "join": _text(s, decision, RALLO.optionJoin),
                "action": None if action is None else _label(s, action),
                **_source(s, decision),
            }
        )
    return sorted(found, key=lambda e: (e["rank"], e["name"]))


def _unprefixed(s: Structure, node: Node, predicate: URIRef) -> str | None:
    value = _local_or_none(s, node, predicate)
    return None if value is None else value.rpartition("/")[2]


def _advice(s: Structure) -> list[dict[str, Any]]:
    found = []
    for advice in s.graph.subjects(RDF.type, RALLO.Advice):
        actions = sorted(_label(s, a) for a in s.graph.objects(advice, RALLO.advises))
        if not actions:
            raise OntologyError(f"{local(advice)} advises nothing")
        steps = sorted((str(t) for t in s.graph.objects(advice, RALLO.step)), key=_step_number)
        found.append(
            {
                "name": local(advice).removeprefix("advice/"),
                "decision": _unprefixed(s, advice, RALLO.onDecision),
                "only_if_not": _unprefixed(s, advice, RALLO.onlyIfNot),
                "rank": _number(s, advice, RALLO.rank),
                "situation": _local_or_none(s, advice, RALLO.inSituation),
                "action": "; ".join(actions),
                "polarity": _text(s, advice, RALLO.polarity),
                "modality": _text(s, advice, RALLO.modality),
                "reason": _text(s, advice, RALLO.reason),
                "option": _text(s, advice, RALLO.option),
                "steps": [t.partition(" ")[2] for t in steps],
                "conditions": _texts(s, advice, RALLO.condition),
                **_source(s, advice),
            }
        )
    return sorted(found, key=lambda e: (e["decision"] or "~", e["rank"], e["name"]))


def _step_number(text: str) -> int:
    return int(text.partition(" ")[0])


def _readings(s: Structure) -> dict[str, Any]:
    found = {}
    for reading, name in sorted(s.reading_names.items(), key=lambda item: item[1]):
        assumed = []
        for value in s.graph.objects(reading, RALLO.assumes):
            assumed.append([local(value)] if local(value) in s.definitions else _place(s, value))
        found[name] = {
            **_source(s, reading),
            "why": _text(s, reading, SKOS.scopeNote),
            "effect_when_off": _text(s, reading, RALLO.effectWhenOff),
            "replaces": _reading_name(s, reading, RALLO.replaces),
            "falls_back_to": _reading_name(s, reading, RALLO.fallsBackTo),
            "assumes": sorted(assumed),
        }
    return found


def _reading_name(s: Structure, reading: Node, predicate: URIRef) -> str | None:
    other = s.graph.value(reading, predicate)
    return None if other is None else s.reading_names[other]


def _passages(s: Structure) -> list[dict[str, Any]]:
    known, found = {*s.definitions, *s.closed}, []
    for passage in s.graph.subjects(RDF.type, RALLO.OpenPassage):
        name = _below(passage)
        classes = sorted(local(c) for c in s.graph.objects(passage, RALLO.foundIn))
        kinds = sorted(_label(s, k) for k in s.graph.objects(passage, RALLO.leaves))
        if unknown := sorted({*classes} - known):
            raise OntologyError(f"open passage {name}: class {unknown[0]} has no definition")
        if not classes or len(kinds) != 1:
            raise OntologyError(
                f"open passage {name} needs a class and one kind of place it leaves"
            )
        found.append(
            {
                "name": name,
                "leaves": kinds[0],
                "schemes": sorted(_below(o) for o in s.graph.objects(passage, RALLO.ofScheme)),
                "classes": classes,
                "closed_by": _reading_name(s, passage, RALLO.closedBy),
                "reason": _text(s, passage, RALLO.reason),
                **_source(s, passage),
            }
        )
    return sorted(found, key=lambda e: str(e["name"]))


def _below(node: Node) -> str:
    """Return the name of an individual without its branch."""
    return local(node).rpartition("/")[2]


def _terms(s: Structure) -> dict[str, Any]:
    names = sorted({*s.definitions, *s.closed})
    return {n: {**_source(s, s.node(n)), "reading": s.reading(n)} for n in names}


def _source(s: Structure, node: Node) -> dict[str, Any]:
    """Return label, definition and provenance of a term."""
    return {
        "label": _label(s, node),
        "definition": _text(s, node, SKOS.definition),
        "note": _text(s, node, SKOS.scopeNote),
        "locator": _text(s, node, RALLO.locator),
        "source": _text(s, node, DCTERMS.source),
        "citations": sorted(
            int(local(r).rpartition("/")[2]) for r in s.graph.objects(node, RALLO.rests)
        ),
        "cited_as": _text(s, node, RALLO.citedAs),
    }
