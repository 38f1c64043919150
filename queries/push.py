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

from queries.dataset import ASSERTED, CASES, DATASET_FILE, FACTS, GRAPH, StaleDatasetError
from queries.engines import EngineError, LostError
from queries.marker import DEFAULT, MARKER, Marker, read_marker
from queries.server import Server

STAGING = GRAPH + "staging"
BACKUP = STAGING + "/backup/"
_PROBE = f"{STAGING}/probe"
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
        return tuple(name for name in self.graphs if name != DEFAULT)


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
        EngineError: there is no such server, or it cannot be written to.
        queries.dataset.StaleDatasetError: the dataset is missing.
    """
    content = _read(dataset)
    server = Server.at(endpoint, store_url, update_url)
    try:
        before = read_marker(server.query_url)
        atomic = _updates_are_transactions(server)
        staged, target = _stage(server, content, before, atomic)
    except EngineError as error:
        with suppress(EngineError):
            _drop(server, _staged_names(server))
        raise PushError(f"{error}; what stood on the server is untouched") from error
    _swap(server, before, target, staged, atomic)
    with suppress(EngineError):  # what is left over costs space alone, and the next push clears it
        _drop(server, _staged_names(server))
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
        if name in (FACTS, CASES) or name.startswith(ASSERTED):
            merged.add(triple)
    return _Content(head.rpartition(" ")[2], {**graphs, DEFAULT: sorted(merged)})


def _updates_are_transactions(server: Server) -> bool:
    """Try whether an update that fails in its second step leaves its first undone."""
    triple = f"<{GRAPH}> <{GRAPH}> <{GRAPH}>"
    server.update(f"DROP SILENT GRAPH <{_PROBE}>")
    failed = False
    try:
        server.update(
            f"INSERT DATA {{ GRAPH <{_PROBE}> {{ {triple} }} }} ;\nCREATE GRAPH <{_PROBE}>"
        )
    except LostError:
        raise
    except EngineError:
        failed = True
    left = server.count(_PROBE)
    server.update(f"DROP SILENT GRAPH <{_PROBE}>")
    if not failed and not left:
        raise EngineError(f"{server.update_url}: accepts an update and does not do it")
    return failed and not left


def _stage(
    server: Server, content: _Content, before: Marker | None, atomic: bool
) -> tuple[dict[str, str], Marker]:
    """Put every graph under a name that nobody reads; return these by final name, and the marker."""
    _drop(server, _staged_names(server))
    mark = token_hex(6)
    places = {name: f"{STAGING}/{mark}/{n}" for n, name in enumerate(content.graphs)}
    default = DEFAULT
    if not atomic:
        default = f"{DEFAULT}/{mark}"
        places[default] = f"{STAGING}/{mark}/questions"
    # The list of these names comes first, so that a push that was killed can be cleared.
    server.put(STAGING, [f"<{STAGING}> <{GRAPH}part> <{place}> ." for place in places.values()])
    for name, place in places.items():
        triples = content.graphs[DEFAULT if name == default else name]
        server.put(place, triples)
        if (there := server.count(place)) != len(triples):
            raise EngineError(
                f"{server.store_url}: holds {there} of {len(triples)} triples of <{name}>"
            )
    kept = (before.default,) if before and before.default not in (DEFAULT, default) else ()
    target = Marker(
        default, content.parts, content.checksum, kept, atomic and _may_fill(server, before)
    )
    return places, target


def _may_fill(server: Server, before: Marker | None) -> bool:
    """Tell whether the server's own default graph is empty, or as a push has filled it."""
    there = server.count()
    return not there or bool(before and before.own and there == server.count(DEFAULT))


def _swap(
    server: Server, before: Marker | None, target: Marker, places: Mapping[str, str], atomic: bool
) -> None:
    old = {*before.parts, DEFAULT} if before else set()
    # A graph of the same name that no push has told of is exchanged and put back like any other.
    old = {name for name in {*old, *places} if server.count(name)}
    steps = [] if atomic else _unmark(before)
    steps += [f"DROP SILENT GRAPH <{name}>" for name in sorted(old - set(places))]
    if target.own:
        steps.append(f"COPY <{places[DEFAULT]}> TO DEFAULT")
    steps += [f"MOVE <{place}> TO <{name}>" for name, place in places.items()]
    if atomic:
        steps += [f"DROP SILENT GRAPH <{MARKER}>", _insert(target.triples())]
    else:
        steps += _point(before, target)
    try:
        if not atomic:
            for name in sorted(old):
                server.update(f"COPY <{name}> TO <{_backup(name)}>")
        server.update(" ;\n".join(steps))
    except LostError as error:
        raise PushError(f"{error}; {_standing(server, target, atomic)}") from error
    except EngineError as error:
        raise PushError(f"{error}; {_undo(server, before, old, places, atomic)}") from error
