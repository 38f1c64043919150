"""Mutation control: each fact that an answer rests on is removed, then falsified, one at a time.

A fact is a triple that came from a table. It is *used* by a question if the answer changes without
it. A mutant is *noticed* if some question that uses the fact no longer gives its expected answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyoxigraph as ox
from answer_files import Expected
from rdflib import Graph, Literal, URIRef
from rdflib.term import BNode, Node

from queries.answers import answer, open_store
from queries.catalogue import Question
from queries.engines import Embedded

Triple = tuple[Node, Node, Node]


class Recorder(Graph):
    """A graph that remembers which triples a query has looked at."""

    def __init__(self, source: Graph) -> None:
        """Copy a graph."""
        super().__init__()
        self.seen: set[Triple] = set()
        self += source
        self.seen.clear()

    def triples(self, triple: Any) -> Any:
        """Yield what matches, and remember it."""
        for found in super().triples(triple):
            if isinstance(found[1], URIRef):  # a path asks its steps one by one
                self.seen.add(found)
            yield found


@dataclass
class Score:
    """How many mutants there were, and which went unnoticed."""

    mutants: int = 0
    unnoticed: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Return the share of mutants that were noticed."""
        return 1 - len(self.unnoticed) / self.mutants


def uses(
    graph: Graph, facts: Graph, questions: Mapping[str, Question]
) -> dict[Triple, list[Question]]:
    """Find the facts that each answer rests on: without them it is another one."""
    recorder, store = Recorder(graph), open_store(graph)
    engine = Embedded(store)
    found: dict[Triple, list[Question]] = {}
    for question in questions.values():
        recorder.seen.clear()
        list(recorder.query(question.fill()))
        whole = sorted(answer(engine, question).rows)
        for triple in sorted(t for t in recorder.seen if t in facts):
            quad = _quad(triple)
            store.remove(quad)
            if sorted(answer(engine, question).rows) != whole:
                found.setdefault(triple, []).append(question)
            store.add(quad)
    return found


def score(
    graph: Graph,
    used: Mapping[Triple, list[Question]],
    expected: Mapping[str, Expected],
) -> Score:
    """Remove and falsify each used fact in turn, and ask the questions that use it."""
    store, result = open_store(graph), Score()
    engine = Embedded(store)

    def noticed(questions: list[Question]) -> bool:
        return any(expected[q.name].differences(answer(engine, q)) for q in questions)

    others = _others(used)
    for triple, questions in used.items():
        quad = _quad(triple)
        store.remove(quad)
        result.mutants += 1
        if not noticed(questions):
            result.unnoticed.append(f"removed {_told(triple)}")
        for flipped in _flips(triple, others):
            store.add(_quad(flipped))
            result.mutants += 1
            if not noticed(questions):
                result.unnoticed.append(f"{_told(triple)} -> {flipped[2]}")
            store.remove(_quad(flipped))
        store.add(quad)
    return result


def _others(used: Mapping[Triple, list[Question]]) -> dict[Node, list[Node]]:
    """List what each property says anywhere, to borrow a wrong value from."""
    found: dict[Node, set[Node]] = {}
    for _, predicate, value in used:
        found.setdefault(predicate, set()).add(value)
    return {predicate: sorted(values, key=str) for predicate, values in found.items()}


def _flips(triple: Triple, others: Mapping[Node, list[Node]]) -> Iterator[Triple]:
    """Yield the fact falsified: another number, or what the property says elsewhere."""
    subject, predicate, value = triple
    if isinstance(value, Literal) and isinstance(value.value, int | Decimal):
        if not isinstance(value.value, bool):
            yield subject, predicate, Literal(value.value + 1, datatype=value.datatype)
            return
        yield subject, predicate, Literal(not value.value)
        return
    values = others[predicate]
    other = values[(values.index(value) + 1) % len(values)]
    if other != value:
        yield subject, predicate, other


def _quad(triple: Triple) -> ox.Quad:
    subject, predicate, value = triple
    return ox.Quad(ox.NamedNode(str(subject)), ox.NamedNode(str(predicate)), term(value))


def term(node: Node) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """Turn a term of rdflib into one of the embedded engine."""
    if isinstance(node, BNode):
        return ox.BlankNode(str(node))
    if isinstance(node, URIRef):
        return ox.NamedNode(str(node))
    assert isinstance(node, Literal)
    if node.language:
        return ox.Literal(str(node), language=node.language)
    if node.datatype:
        return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype)))
    return ox.Literal(str(node))


def _told(triple: Triple) -> str:
    return " ".join(str(node).removeprefix("https://w3id.org/rallo/") for node in triple)
