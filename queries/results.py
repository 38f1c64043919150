"""SPARQL results in JSON, read whatever their dialect, and written down in one way.

Servers differ in how they spell the same term: a boolean as 1, an integer by a subtype, a decimal
with zeros behind it, a language tag in capitals, a blank node as a URI of their own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, parse_query_results

from queries.catalogue import XSD
from queries.engines import EngineError

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


def read_results(body: bytes, source: str) -> QuerySolutions | QueryBoolean:
    """Read the results of a SELECT or ASK query.

    Raises:
        EngineError: the body is no such result.
    """
    try:
        data = json.loads(body)
        if "boolean" not in data:
            names: dict[str, str] = {}
            for row in data["results"]["bindings"]:
                for variable, term in row.items():
                    row[variable] = _term(term, lambda old: names.setdefault(old, f"b{len(names)}"))
        return parse_query_results(json.dumps(data), QueryResultsFormat.JSON)
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
