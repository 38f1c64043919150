"""The formats of an answer, and which of them a client prefers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from pyoxigraph import QueryResultsFormat, RdfFormat

from queries.engines import FORMATS

UTF8 = "; charset=utf-8"
HTML = "text/html"


class Format(NamedTuple):
    """One way to write an answer: its media type, its other names, and its writer."""

    media: str
    aliases: tuple[str, ...]
    writer: QueryResultsFormat | RdfFormat


# Solutions and truth values; the first is given to those who do not mind.
ROWS = {
    "json": Format("application/sparql-results+json", ("application/json",), FORMATS["json"]),
    "xml": Format("application/sparql-results+xml", ("application/xml",), FORMATS["xml"]),
    "csv": Format("text/csv", (), FORMATS["csv"]),
    "tsv": Format("text/tab-separated-values", (), FORMATS["tsv"]),
}
GRAPHS = {
    "ttl": Format("text/turtle", ("application/x-turtle",), RdfFormat.TURTLE),
    "nt": Format("application/n-triples", ("text/plain",), RdfFormat.N_TRIPLES),
    "jsonld": Format("application/ld+json", ("application/json",), RdfFormat.JSON_LD),
    "rdf": Format("application/rdf+xml", ("application/xml",), RdfFormat.RDF_XML),
}

_RANGE = re.compile(r"\s*([^\s;/]+/[^\s;/]+)\s*((?:;.*)?)", re.DOTALL)
_QUALITY = re.compile(r";\s*[qQ]\s*=\s*([0-9]*\.?[0-9]*)")


class Choice(NamedTuple):
    """A chosen format, and the name under which the client asked for it."""

    name: str
    media: str


def content_type(media: str) -> str:
    """Return a media type with its character set, where it has one."""
    return media + UTF8 if media.startswith("text/") else media


def choose(accept: str | None, formats: Mapping[str, Format]) -> Choice | None:
    """Return the format that an Accept header prefers, or None if it allows none."""
    offers = [(name, format.media) for name, format in formats.items()]
    offers += [(name, alias) for name, f in formats.items() for alias in f.aliases]
    return _best(accept, tuple(offers))


@lru_cache(maxsize=64)
def _best(accept: str | None, offers: tuple[tuple[str, str], ...]) -> Choice | None:
    ranges = _ranges(accept)
    best, most = None, 0.0
    for name, media in offers:
        if (quality := _quality(media, ranges)) > most:
            best, most = Choice(name, media), quality
    return best


def prefers(accept: str | None, media: str, others: Iterable[str]) -> bool:
    """Tell whether an Accept header prefers one media type to all others."""
    ranges = _ranges(accept)
    return _quality(media, ranges) > max(_quality(other, ranges) for other in others)


@lru_cache(maxsize=64)
def _ranges(accept: str | None) -> Mapping[str, float]:
    """Read an Accept header; none, or an empty one, allows all."""
    found = {}
    for part in (accept or "*/*").split(","):
        if entry := _RANGE.fullmatch(part):
            given = _QUALITY.search(entry[2])
            try:
                quality = min(float(given[1]), 1.0) if given else 1.0
            except ValueError:
                quality = 0.0
            found[entry[1].lower()] = quality
    return found


def _quality(media: str, ranges: Mapping[str, float]) -> float:
    """Return the quality that the narrowest matching range gives a media type."""
    for wide in (media, media.partition("/")[0] + "/*", "*/*"):
        if wide in ranges:
            return ranges[wide]
    return 0.0
