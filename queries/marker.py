"""What `rallo push` leaves on a server to tell which dataset stands there, and in which graphs.

The marker is a graph of its own: the checksum, which is there only while all graphs are of that
dataset; the graph that questions are asked of; and all graphs that were pushed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from queries.dataset import GRAPH
from queries.engines import Remote
from queries.results import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

MARKER = GRAPH + "pushed"
DEFAULT = GRAPH + "default"
# How a server may refuse to be asked of a graph that it does not hold.
_UNKNOWN_GRAPH = (400, 404)
_TERMS = "http://purl.org/dc/terms/"
CHECKSUM, VERSION, PART, FORMER, OWN = (
    f"<{_TERMS}{name}>" for name in ("identifier", "hasVersion", "hasPart", "replaces", "type")
)


@dataclass(frozen=True)
class Marker:
    """What stands on a server."""

    default: str  # the graph that questions are asked of
    parts: tuple[str, ...]  # the named graphs of the dataset
    checksum: str = ""  # empty while graphs are being exchanged
    former: tuple[str, ...] = ()  # graphs kept for those who still read them
    own: bool = False  # whether the server's own default graph was filled, too
    written: tuple[str, ...] = field(default=(), compare=False)  # as it was read, a triple each

    def triples(self) -> Iterator[str]:
        """Write the marker, a triple a line."""
        if self.checksum:
            yield f"<{GRAPH}> {CHECKSUM} {Literal(self.checksum)} ."
        if self.own:
            yield f"<{GRAPH}> {OWN} {Literal('own default graph')} ."
        links = [(VERSION, self.default), *((PART, p) for p in self.parts)]
        for term, graph in [*links, *((FORMER, f) for f in self.former)]:
            yield f"<{GRAPH}> {term} {NamedNode(graph)} ."


def read_marker(url: str) -> Marker | None:
    """Read what was pushed to an endpoint, or None where nothing was.

    Raises:
        EngineError: the endpoint did not answer.
    """
    try:
        found = Remote(url, (MARKER,)).select(f"SELECT ?p ?o WHERE {{ <{GRAPH}> ?p ?o }}")
    except RefusedError as error:
        if error.status in _UNKNOWN_GRAPH:
            return None
        raise
    said: dict[str, list[str]] = {}
    for term, value in found.rows:
        if value is not None:
            said.setdefault(str(term), []).append(value.value)
    if VERSION not in said:
        return None
    # An exchange that was cut off may leave two; either is whole.
    default, *others = sorted(said[VERSION])
    return Marker(
        default,
        tuple(sorted(said.get(PART, ()))),
        said.get(CHECKSUM, [""])[0],
        tuple(sorted({*said.get(FORMER, ()), *others})),
        OWN in said,
        tuple(f"<{GRAPH}> {term} {value} ." for term, value in found.rows),
    )
