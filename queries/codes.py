"""Codes of outside terminologies: the one that is meant, or those that are near."""

from __future__ import annotations

from difflib import get_close_matches

from pyoxigraph import Literal

from ontology.files import BASE
from queries.catalogue import CatalogueError
from queries.engines import Engine

NEAR = 5
_OUTSIDE = f"""?outside <http://www.w3.org/2004/02/skos/core#notation> ?code ;
  <{BASE}inTerminology> ?terminology"""
_LABEL = "OPTIONAL { ?outside <http://www.w3.org/2000/01/rdf-schema#label> ?label }"


def find_code(engine: Engine, name: str, value: str) -> str:
    """Return a code as the graph writes it, of whatever case it was given, or given as an IRI.

    Raises:
        CatalogueError: no term of ours is linked to it; the message names the codes that are near,
            or the prefixes there are.
    """
    if engine.ask(f"ASK {{ {_OUTSIDE} FILTER (?code = {Literal(value)}) }}"):
        return value
    codes: dict[str, str] = {}
    for outside, code, label in engine.select(
        f"SELECT ?outside ?code ?label WHERE {{ {_OUTSIDE} . {_LABEL} }}"
    ).rows:
        if outside is not None and code is not None:
            if value == outside.value or _same(value, code.value):
                return code.value
            codes[code.value] = label.value if label else ""
    raise CatalogueError(f"{name} {value!r}: {_near(value, codes)}")


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _near(value: str, codes: dict[str, str]) -> str:
    """Say which codes come close, or that the prefix is not known."""
    prefix, _, wanted = value.partition(":")
    there = {c.partition(":")[2]: c for c in sorted(codes) if _same(c.partition(":")[0], prefix)}
    if there:
        near = [there[local] for local in get_close_matches(wanted, there, n=NEAR, cutoff=0.0)]
        told = (f"{code} ({codes[code]})" if codes[code] else code for code in near)
        return f"no term is linked to it; near: {', '.join(told)}"
    prefixes = sorted({code.partition(":")[0] for code in codes})
    return f"no terminology linked to has this prefix; allowed: {', '.join(prefixes) or 'none'}"
