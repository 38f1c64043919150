"""What an engine answers: rows, a truth value, or an error.

A row is a tuple of terms, or None where a variable is unbound. Blank nodes keep no name that means
anything outside their answer. Results are read from JSON, whatever its dialect: servers differ in
how they spell the same term, be it a boolean as 1, an integer by a subtype, a decimal with zeros
behind it, a language tag in capitals, or a blank node as a URI of their own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    parse_query_results,
)

from queries.catalogue import XSD

Term = NamedNode | BlankNode | Literal
FORMATS = {
    "csv": QueryResultsFormat.CSV,
    "json": QueryResultsFormat.JSON,
    "tsv": QueryResultsFormat.TSV,
    "xml": QueryResultsFormat.XML,
}
_LITERALS = ("literal", "typed-literal")
_BLANK = "nodeID://"
_INTEGERS = frozenset(
    f"{XSD}{sign}{name}"
    for sign, names in {
        "": ("byte", "int", "integer", "long", "short"),
        "unsigned": ("Byte", "Int", "Long", "Short"),
        "negative": ("Integer",),
        "nonNegative": ("Integer",),
        "nonPositive": ("Integer",),
        "positive": ("Integer",),
    }.items()
    for name in names
)
_TRUTH = {"1": "true", "0": "false"}


class EngineError(RuntimeError):
    """Say which engine could not answer, and why."""


class RefusedError(EngineError):
    """Say with which status of HTTP a server refused."""

    def __init__(self, message: str, status: int) -> None:
        """Take what is told, and the status."""
        super().__init__(message)
        self.status = status


class LostError(EngineError):
    """Say that a server did not answer, so that it is not known whether it did what was asked."""


class Rows(NamedTuple):
    """The solutions of a SELECT query."""

    columns: tuple[str, ...]
    rows: list[tuple[Term | None, ...]]


def rows_of(found: QuerySolutions) -> Rows:
    """Take all solutions of a query."""
    columns = tuple(v.value for v in found.variables)
    return Rows(columns, [tuple(row[c] for c in columns) for row in found])


def parsed_rows(body: bytes, source: str) -> Rows:
    """Read the solutions of a SELECT query.

    Raises:
        EngineError: the body is no such result.
    """
    return rows_of(solutions(body, source))


def parsed_truth(body: bytes, source: str) -> bool:
    """Read the truth value of an ASK query.

    Raises:
        EngineError: the body is no such result.
    """
    found = _read(body, source)
    if isinstance(found, QuerySolutions):
        # A Virtuoso says by one row whether there is an answer.
        if [v.value for v in found.variables] == ["__ASK_RETVAL"]:
            return [row[0] for row in found] == [Literal(1)]
        raise EngineError(f"{source}: gave no truth value")
    return bool(found)


def solutions(body: bytes, source: str) -> QuerySolutions:
    """Read the result of a SELECT query.

    Raises:
        EngineError: the body is no such result.
    """
    found = _read(body, source)
    if not isinstance(found, QuerySolutions):
        raise EngineError(f"{source}: not the result of a SELECT query")
    return found


def _read(body: bytes, source: str) -> QuerySolutions | QueryBoolean:
    try:
        data = json.loads(body)
        if "boolean" in data:
            kept: dict[str, Any] = {"head": {}, "boolean": data["boolean"]}
        else:
            names: dict[str, str] = {}
            rows = [
                {
                    variable: _term(term, lambda old: names.setdefault(old, f"b{len(names)}"))
                    for variable, term in row.items()
                }
                for row in data["results"]["bindings"]
            ]
            kept = {"head": {"vars": data["head"]["vars"]}, "results": {"bindings": rows}}
        return parse_query_results(json.dumps(kept), QueryResultsFormat.JSON)
    except (ArithmeticError, AttributeError, LookupError, SyntaxError, TypeError, ValueError):
        raise EngineError(
            f"{source}: the answer is not a SPARQL result; is this the address for queries?"
        ) from None


def _term(term: dict[str, Any], rename: Callable[[str], str]) -> dict[str, Any]:
    kind, value = term["type"], term["value"]
    if kind == "bnode" or (kind == "uri" and value.startswith(_BLANK)):
        return {"type": "bnode", "value": rename(value)}
    if kind not in _LITERALS:
        return term
    datatype, tag = term.get("datatype"), term.get("xml:lang")
    plain = {"type": "literal", "value": value}
    if tag:
        return {**plain, "xml:lang": tag.lower()}
    if datatype in _INTEGERS:
        canonical = str(int(value)) if re.fullmatch(r"[+-]?[0-9]+", value) else value
        return {"type": "literal", "value": canonical, "datatype": XSD + "integer"}
    if datatype == XSD + "decimal":
        return {"type": "literal", "value": _decimal(value), "datatype": datatype}
    if datatype == XSD + "boolean":
        return {"type": "literal", "value": _TRUTH.get(value, value), "datatype": datatype}
    return {**plain, "datatype": datatype} if datatype else plain


def _decimal(value: str) -> str:
    try:
        text = format(Decimal(value), "f")
    except InvalidOperation:
        return value
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text.lstrip("+")
