"""Class expressions and class axioms in the Manchester syntax of OWL 2, as Protégé takes them.

rdflib has a writer too (``rdflib.extras.infixowl``), but no parser reads what it writes: it puts
keywords in capitals and labels for names, and leaves the facets of datatypes out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyoxigraph import BlankNode, Literal, NamedNode

from ontology.files import BASE
from queries.engines import Term
from queries.web.expressions import COMPARISONS, OWL, XSD, Expressions, asserted
from queries.web.holdings import Holdings

RDFS = "http://www.w3.org/2000/01/rdf-schema#"
KEYS = {RDFS + "subClassOf": "SubClassOf", OWL + "equivalentClass": "EquivalentTo"}
JOINED = {OWL + "intersectionOf": "and", OWL + "unionOf": "or"}
QUANTIFIED = {
    OWL + "someValuesFrom": "some",
    OWL + "allValuesFrom": "only",
    OWL + "hasValue": "value",
    OWL + "minCardinality": "min",
    OWL + "maxCardinality": "max",
    OWL + "cardinality": "exactly",
}
BARE = {OWL + "oneOf", OWL + "withRestrictions"}
SIGNS = {"≥": ">=", "≤": "<=", ">": ">", "<": "<"}
NOTHING = "owl:Nothing"
PREFIXED = {OWL: "owl:", XSD: "xsd:", RDFS: "rdfs:"}
WIDTH, INDENT = 76, " " * 4


class ManchesterError(ValueError):
    """Say what cannot be written in Manchester syntax."""


class Manchester:
    """Writes classes as they are asserted, closed ones as the default readings close them."""

    def __init__(self, held: Holdings) -> None:
        """Take the dataset."""
        self.held, self.view = held, held.knowledge().view

    def frame(self, name: str) -> str:
        """Write all that is asserted of a class: what it equals, and what it lies within.

        Raises:
            ManchesterError: an expression is of a kind that the ontology does not use.
        """
        lines = [f"Class: {short(BASE + name)}"]
        for key in sorted(KEYS.values()):
            if told := self.expressions(name, key):
                lines += [f"{INDENT}{key}:", ",\n".join(_indented(text) for text in told)]
        return "\n".join(lines)

    def expressions(self, name: str, key: str) -> list[str]:
        """Write the expressions that a class equals, or lies within.

        Raises:
            ManchesterError: an expression is of a kind that the ontology does not use.
        """
        told = []
        for predicate in (p for p, word in KEYS.items() if word == key):
            told += [write(*found) for found in asserted(self.held, BASE + name, predicate)]
        if key == KEYS[OWL + "equivalentClass"] and self.is_closed(name):
            told.append(" or ".join(map(short, self._clauses(name))) or NOTHING)
        return sorted(told)

    def is_closed(self, name: str) -> bool:
        """Tell whether a class is nothing but the union of its clauses."""
        return "clauses" in self.held.knowledge().table.classes.get(name, {})

    def _clauses(self, name: str) -> Iterator[str]:
        yield from sorted(BASE + clause for clause in self.view.clauses(name))


def short(iri: str) -> str:
    """Return the name by which Protégé takes a term, or its whole IRI where that has no name."""
    for base, prefix in {BASE: "", **PREFIXED}.items():
        if iri.startswith(base) and re.fullmatch(r"[^\W\d]\w*", iri.removeprefix(base)):
            return prefix + iri.removeprefix(base)
    return f"<{iri}>"


def write(nodes: Expressions, term: Term) -> str:
    """Write a class expression, a data range, an individual or a literal.

    Raises:
        ManchesterError: it is of a kind that the ontology does not use.
    """
    if isinstance(term, NamedNode):
        return short(term.value)
    if isinstance(term, Literal):
        return f'"{term.value}"^^{short(term.datatype.value)}'
    found = nodes.properties(term)
    for key, word in JOINED.items():
        if key in found:
            (head,) = found[key]
            return f" {word} ".join(_operand(nodes, member) for member in nodes.members(head))
    if OWL + "oneOf" in found:
        (head,) = found[OWL + "oneOf"]
        return "{" + ", ".join(write(nodes, member) for member in nodes.members(head)) + "}"
    if OWL + "complementOf" in found:
        (part,) = found[OWL + "complementOf"]
        return f"not {_operand(nodes, part)}"
    if OWL + "onProperty" in found:
        return _restriction(nodes, found)
    if OWL + "withRestrictions" in found:
        return _facets(nodes, found)
    raise ManchesterError(f"not understood: {', '.join(sorted(found))}")


def _restriction(nodes: Expressions, found: dict[str, list[Term]]) -> str:
    (on,) = found[OWL + "onProperty"]
    for key, word in QUANTIFIED.items():
        if key in found:
            (filler,) = found[key]
            number = key.casefold().endswith("cardinality")
            told = filler.value if number and isinstance(filler, Literal) else None
            return f"{write(nodes, on)} {word} {told or _operand(nodes, filler)}"
    raise ManchesterError(f"restriction not understood: {', '.join(sorted(found))}")


def _facets(nodes: Expressions, found: dict[str, list[Term]]) -> str:
    """Write a datatype with its facets; their numbers are of that datatype, so they stand bare."""
    (on,), (head,) = found[OWL + "onDatatype"], found[OWL + "withRestrictions"]
    facets = []
    for facet in nodes.members(head):
        for predicate, (value,) in nodes.properties(facet).items():
            if predicate not in COMPARISONS or not isinstance(value, Literal):
                raise ManchesterError(f"facet not understood: {predicate}")
            facets.append(f"{SIGNS[COMPARISONS[predicate]]} {value.value}")
    return f"{write(nodes, on)}[{', '.join(sorted(facets, reverse=True))}]"


def _operand(nodes: Expressions, term: Term) -> str:
    """Write a part of an expression, in brackets unless it is a name, a list or a data range."""
    told = write(nodes, term)
    if isinstance(term, BlankNode) and not nodes.properties(term).keys() & BARE:
        return f"({told})"
    return told


def _indented(text: str) -> str:
    return INDENT * 2 + _laid_out(text).replace("\n", "\n" + INDENT * 2)


def _laid_out(text: str) -> str:
    """Give each part of an expression that is too long for a line a line of its own."""
    if len(text) <= WIDTH:
        return text
    lines: list[str] = []
    depth = 0
    for word in text.split(" "):
        if not lines or (depth == 0 and word in JOINED.values()):
            lines.append(word)
        else:
            lines[-1] += f" {word}"
        depth += word.count("(") - word.count(")")
    return "\n".join(map(_line, lines)) if len(lines) > 1 else text


def _line(text: str) -> str:
    """Lay out what stands in the outer brackets of a part."""
    head, bracket, rest = text.partition("(")
    if len(text) <= WIDTH or not bracket or not rest.endswith(")"):
        return text
    inner = _laid_out(rest[:-1]).replace("\n", "\n" + INDENT)
    return f"{head}(\n{INDENT}{inner}\n)"
