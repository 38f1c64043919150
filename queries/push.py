"""The compiled dataset loaded into a SPARQL 1.1 server, all or nothing.

    stage    every graph by Graph Store Protocol under a name that nobody reads, then counted
    swap     one update moves all of them to their names, and the marker with them
    tell     the marker says which dataset stands there

The named graphs keep their names. What questions are asked of, the merged graph of all that is
asserted, is `https://w3id.org/rallo/graph/default`; the server's own default graph is filled, too,
if it is empty or was filled so. Nothing else on the server is touched.

A server whose update is one transaction shows the old dataset or the new. On one that runs it step
by step, such as Virtuoso 7, the merged graph gets a name of its own for each push, to which the
marker points: questions still find the old or the new. The other graphs change one after another
there; meanwhile the marker bears no checksum, and if a step fails they are put back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

from queries.dataset import (
    DATASET_FILE,
    GRAPH,
    MERGED,
    StaleDatasetError,
)
from queries.engines import Remote
from queries.marker import CHECKSUM, DEFAULT, MARKER, Marker, read_marker
from queries.results import EngineError, LostError
from queries.server import Server

STAGING = GRAPH + "staging"
_PROBE = STAGING + "/probe"
_HOLDS = f"<{STAGING}/holds>"
_QUAD = re.compile(r"(.*) <([^<>]*)> \.")


class PushError(EngineError):
    """Say why the dataset was not pushed, and what stands on the server now."""


class Pushed(NamedTuple):
    """How much was pushed."""

    graphs: int
    triples: int


class _Content(NamedTuple):
    checksum: str
    graphs: Mapping[str, list[str]]  # N-Triples by name, the merged graph among them

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(sorted(name for name in self.graphs if name != DEFAULT))


def push(
    endpoint: str,
    *,
    store_url: str | None = None,
    update_url: str | None = None,
    dataset: Path = DATASET_FILE,
) -> Pushed:
    """Load the compiled dataset into a server; return how much it is.

    Raises:
        PushError: it was not loaded; the message says what stands on the server now.
        EngineError: there is no such server, or its other addresses must be given.
        queries.dataset.StaleDatasetError: the dataset is missing.
    """
    content = _read(dataset)
    server = Server.at(endpoint, store_url, update_url)
    try:
        before = read_marker(server.query_url)
        exchange = _Exchange(server, content, before, _updates_are_transactions(server))
        exchange.stage()
    except EngineError as error:
        with suppress(EngineError):
            _clear(server)
        raise PushError(f"{error}; what stood on the server is untouched") from error
    exchange.swap()
    with suppress(EngineError):  # what is left over costs space alone, and the next push clears it
        _clear(server)
    parts = content.parts
    return Pushed(len(parts), sum(len(content.graphs[part]) for part in parts))


def _read(path: Path) -> _Content:
    try:
        head, *lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise StaleDatasetError(f"{path.name} is missing; run: rallo build") from error
    graphs: dict[str, list[str]] = {}
    merged: set[str] = set()
    for line in lines:
        if not (quad := _QUAD.fullmatch(line)):
            raise StaleDatasetError(f"{path.name} is damaged; run: rallo build")
        triple, name = f"{quad[1]} .", quad[2]
        graphs.setdefault(name, []).append(triple)
        if name.startswith(MERGED):
            merged.add(triple)
    return _Content(head.rpartition(" ")[2], {**graphs, DEFAULT: sorted(merged)})


def _updates_are_transactions(server: Server) -> bool:
    """Try whether an update that fails in its second step leaves its first undone."""
    server.update(f"DROP SILENT GRAPH <{_PROBE}>")
    steps = [_insert(_PROBE, [f"<{GRAPH}> <{GRAPH}> <{GRAPH}> ."]), f"CREATE GRAPH <{_PROBE}>"]
    failed = False
    try:
        server.update(_joined(steps))
    except LostError:
        raise
    except EngineError:
        failed = True
    left = server.count(_PROBE)
    server.update(f"DROP SILENT GRAPH <{_PROBE}>")
    if not failed and not left:
        raise EngineError(f"{server.update_url}: accepts an update and does not do it")
    return failed and not left


def _clear(server: Server) -> None:
    """Drop what a push leaves under names of its own."""
    found = Remote(server.query_url, (STAGING,)).select(f"SELECT ?o WHERE {{ ?s {_HOLDS} ?o }}")
    names = [row[0].value for row in found.rows if row[0]]
    server.update(_joined(f"DROP SILENT GRAPH <{name}>" for name in [*names, STAGING]))


class _Exchange:
    """One push on its way: what is staged, and how it is swapped in or put back."""

    def __init__(
        self, server: Server, content: _Content, before: Marker | None, atomic: bool
    ) -> None:
        self.server, self.content, self.before, self.atomic = server, content, before, atomic
        mark = token_hex(6)
        self.places = {name: f"{STAGING}/{mark}/{n}" for n, name in enumerate(content.graphs)}
        self.default = DEFAULT if atomic else f"{DEFAULT}/{mark}"
        self.places.setdefault(self.default, f"{STAGING}/{mark}/questions")
        self.backups: dict[str, str] = {}

    def stage(self) -> None:
        """Put every graph under a name that nobody reads, and keep what cannot be undone."""
        server, before = self.server, self.before
        _clear(server)
        # Graphs of these names that no push tells of are exchanged and put back like any other.
        known = {*self.places, *(before.parts if before else ())}
        self.old = sorted(name for name in known if server.count(name))
        if not self.atomic:
            kept = self.places[self.default] + "/old"
            self.backups = {name: f"{kept}/{n}" for n, name in enumerate(self.old)}
        # The list of these names comes first, so that what a killed push leaves can be cleared.
        names = [*self.places.values(), *self.backups.values()]
        server.put(STAGING, [f"<{STAGING}> {_HOLDS} <{name}> ." for name in names])
        for name, place in self.places.items():
            triples = self.content.graphs[DEFAULT if name == self.default else name]
            server.put(place, triples)
            self._counted(place, len(triples))
        for name, backup in self.backups.items():
            server.update(f"COPY <{name}> TO <{backup}>")
            self._counted(backup, server.count(name))
        former = {before.default} - {DEFAULT} if before else set()
        own = self.atomic and self._may_fill()
        content = self.content
        self.target = Marker(
            self.default, content.parts, content.checksum, tuple(sorted(former)), own
        )

    def _counted(self, graph: str, wanted: int) -> None:
        if (there := self.server.count(graph)) != wanted:
            raise EngineError(
                f"{self.server.store_url}: holds {there} of {wanted} triples of a graph"
            )

    def _may_fill(self) -> bool:
        """Tell whether the server's own default graph is empty, or as a push has filled it."""
        there = self.server.count()
        before = self.before
        return not there or bool(before and before.own and there == self.server.count(DEFAULT))

    def swap(self) -> None:
        """Move every graph to its name, and the marker with them, by one update.

        Raises:
            PushError: it failed; the message says what stands on the server now.
        """
        gone = [name for name in self.old if name not in self.places]
        steps = [f"DROP SILENT GRAPH <{name}>" for name in gone]
        if self.target.own:
            steps.append(f"COPY <{self.places[DEFAULT]}> TO DEFAULT")
        steps += [f"MOVE <{place}> TO <{name}>" for name, place in self.places.items()]
        if self.before:
            former = set(self.before.former) - {*self.target.former, self.default}
            steps.insert(0, _delete(MARKER, [t for t in self.before.written if CHECKSUM in t]))
            stale = [t for t in self.before.written if t not in set(self.target.triples())]
        else:
            former, stale = set(), []
        # The new pointer comes before the old one goes: whoever reads it finds one of the two.
        steps.append(_insert(MARKER, [t for t in self.target.triples() if CHECKSUM not in t]))
        steps.append(_delete(MARKER, [t for t in stale if CHECKSUM not in t]))
        steps.append(_insert(MARKER, [t for t in self.target.triples() if CHECKSUM in t]))
        steps += [f"DROP SILENT GRAPH <{name}>" for name in sorted(former)]
        try:
            self.server.update(_joined(steps))
        except EngineError as error:
            if not self._has_arrived():
                raise PushError(f"{error}; {self._put_back(error)}") from error

    def _has_arrived(self) -> bool:
        try:
            now = read_marker(self.server.query_url)
        except EngineError:
            return False
        return bool(now and now.checksum) and now == self.target

    def _put_back(self, error: EngineError) -> str:
        """Undo a swap that stopped half-way; say what stands on the server now."""
        whole = "questions find the old dataset or the new, whole"
        if isinstance(error, LostError):
            # The server may still be at it; to undo what is being done would mix the two.
            return f"{whole}; push again" + (
                "" if self.atomic else " to mend graphs that were being exchanged"
            )
        if self.atomic:
            with suppress(EngineError):
                _clear(self.server)
            return "what stood on the server is untouched"
        try:
            self._restore()
        except EngineError:
            return f"{whole}; other graphs may be mixed, and are until you push again"
        return "what stood on the server was put back"

    def _restore(self) -> None:
        steps = [f"COPY <{backup}> TO <{name}>" for name, backup in self.backups.items()]
        steps += [f"DROP SILENT GRAPH <{n}>" for n in self.places if n not in self.backups]
        kept = self.before.written if self.before else ()
        steps.append(_insert(MARKER, [t for t in kept if CHECKSUM not in t]))
        steps.append(_delete(MARKER, [t for t in self.target.triples() if t not in kept]))
        steps.append(_insert(MARKER, [t for t in kept if CHECKSUM in t]))
        self.server.update(_joined(steps))
        for name, backup in self.backups.items():
            self._counted(name, self.server.count(backup))
        _clear(self.server)


def _insert(graph: str, triples: Iterable[str]) -> str:
    return _data("INSERT", graph, triples)


def _delete(graph: str, triples: Iterable[str]) -> str:
    return _data("DELETE", graph, triples)


def _data(verb: str, graph: str, triples: Iterable[str]) -> str:
    lines = "\n".join(triples)
    return f"{verb} DATA {{ GRAPH <{graph}> {{\n{lines}\n}} }}" if lines else ""


def _joined(steps: Iterable[str]) -> str:
    return " ;\n".join(filter(None, steps))
