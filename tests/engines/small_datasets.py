"""Two small datasets that follow one another, and what of them stands on a server."""

from __future__ import annotations

from pathlib import Path

from foreign_servers import Foreign
from pyoxigraph import BlankNode

from queries.dataset import ASSERTED, CASES, FACTS, GRAPH, INFERRED
from queries.engines import Remote
from queries.marker import DEFAULT, read_marker

# One graph stays, one is changed, one goes, one comes.
OLD = {
    f"{ASSERTED}core": ["<a:a> <a:p> _:b", "_:b <a:p> <a:c>", "<a:d> <a:p> <a:e>"],
    f"{ASSERTED}gone": ["<a:gone> <a:p> <a:x>"],
    FACTS: ['<a:fact> <a:value> "1.5"^^<http://www.w3.org/2001/XMLSchema#decimal>'],
    CASES: ['<a:case> <a:name> "é"@en'],
    INFERRED: ["<a:case> <a:p> <a:old>"],
}
NEW = {
    f"{ASSERTED}core": ["<a:a> <a:p> _:b", "_:b <a:p> <a:f>"],
    f"{ASSERTED}fresh": ["<a:fresh> <a:p> <a:x>", "<a:fresh> <a:p> <a:y>"],
    FACTS: ['<a:fact> <a:value> "2"^^<http://www.w3.org/2001/XMLSchema#decimal>'],
    CASES: ['<a:case> <a:name> "é"@en'],
    INFERRED: ["<a:case> <a:p> <a:new>"],
}
Content = dict[str, list[str]]


def write_dataset(path: Path, checksum: str, graphs: Content) -> Path:
    """Write a compiled dataset."""
    quads = [f"{triple} <{name}> .\n" for name, triples in graphs.items() for triple in triples]
    path.write_text(f"# checksum {checksum}\n" + "".join(sorted(quads)), encoding="utf-8")
    return path


def standing(server: Foreign) -> dict[str, object]:
    """Read what stands: the checksum, what questions find, and every graph of either dataset."""
    marker = read_marker(server.url)
    found: dict[str, object] = {name: _triples(server, (name,)) for name in {*OLD, *NEW, DEFAULT}}
    found["questions"] = _triples(server, ())
    found["checksum"] = marker.checksum if marker else None
    found["parts"] = marker.parts if marker else ()
    if server.kind == "oxigraph":
        found["own default graph"] = _triples(server, None)
    return found


def _triples(server: Foreign, graphs: tuple[str, ...] | None) -> list[str]:
    rows = Remote(server.url, graphs).select("SELECT ?s ?p ?o WHERE { ?s ?p ?o }").rows
    return sorted(" ".join("_:" if isinstance(t, BlankNode) else str(t) for t in r) for r in rows)


def left_over(server: Foreign) -> list[str]:
    """List the graphs of a push that are there when none is under way."""
    text = f'SELECT DISTINCT ?g {{ GRAPH ?g {{ ?s ?p ?o }} FILTER STRSTARTS(STR(?g), "{GRAPH}") }}'
    rows = Remote(server.url, None).select(text).rows
    return sorted(row[0].value for row in rows if row[0] and "/staging" in row[0].value)
