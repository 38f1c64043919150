"""A worker: one process that holds the dataset, and can do nothing but answer.

It opens the dataset, gives up the right to open anything more, and then answers one job after the
other. No query can reach a file or the network from here, whatever it says: the process is allowed
no new descriptor. It may be killed at any time.
"""

from __future__ import annotations

import gc
import os
import re
import resource
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path
from socket import socket
from typing import IO, BinaryIO, NamedTuple, cast

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

from queries.answers import checked, find_question
from queries.catalogue import CatalogueError, load_catalogue
from queries.dataset import open_dataset
from queries.endpoint.formats import GRAPHS, ROWS
from queries.endpoint.scan import words_beyond
from queries.endpoint.wire import DATA, HEADER, Job, Verdict, frame, read_job
from queries.engines import Embedded
from queries.prefixes import PREFIXES

PART = 65_536
MESSAGE = 400
# Beyond the wall time of a query, so that a worker whose server was killed ends by itself.
GRACE = 2
# The end of an IRI that may stand as the name of an XML element.
_XML_NAME = re.compile(r"[^\W\d][\w.\-]*\Z")


class Terms(NamedTuple):
    """What a worker opens, and the limits it puts on itself."""

    path: Path
    inferred: bool
    seconds: float
    memory: int
    result_bytes: int


class Stores(NamedTuple):
    """The whole dataset, and its default graph alone, which is searched in less time."""

    whole: Store
    default: Store

    def for_query(self, text: str, job: Job) -> Store:
        """Return the smallest store that has all a query can reach."""
        if job.default_graphs or job.named_graphs or words_beyond(text):
            return self.whole
        return self.default


class TooLongError(Exception):
    """Say that an answer is longer than allowed."""


class UnwritableError(Exception):
    """Say that a graph cannot be written in a format."""


class Parts:
    """Where an answer is written: passed on in parts, up to a limit."""

    def __init__(self, wire: socket, limit: int) -> None:
        """Take where to send the parts, and how many bytes they may have together."""
        self.wire, self.limit = wire, limit
        self.waiting, self.written = bytearray(), 0

    def write(self, data: bytes) -> int:
        """Take some bytes.

        Raises:
            TooLongError: they are more than allowed.
        """
        self.written += len(data)
        if self.written > self.limit:
            raise TooLongError
        self.waiting += data
        if len(self.waiting) >= PART:
            self.wire.sendall(self.taken())
        return len(data)

    def flush(self) -> None:
        """Do nothing: what waits is sent when it is enough, or with the verdict."""

    def taken(self) -> bytes:
        """Return what waits as a frame, and forget it."""
        part = frame(DATA, bytes(self.waiting)) if self.waiting else b""
        self.waiting.clear()
        return part


def work(wire: socket, terms: Terms) -> None:
    """Open the dataset, lock the door, say so, and answer until the other side hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server decides when to stop
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # what a dying engine prints is no log
        os.dup2(nowhere, stream)
    stores = Stores(
        open_dataset(terms.path, inferred=terms.inferred),
        open_dataset(terms.path, inferred=terms.inferred, named=False),
    )
    load_catalogue()
    _rehearse(stores.default)
    gc.collect()
    gc.freeze()
    restrict(terms.memory)
    try:
        jobs = wire.makefile("rb")
        wire.sendall(Verdict(200).packed())
        while (job := _next_job(jobs)) is not None:
            _limit_processor(terms.seconds)
            parts = Parts(wire, terms.result_bytes)
            verdict = _answer(stores, job, parts)
            if verdict.status != 200:
                parts.waiting.clear()
            wire.sendall(parts.taken() + verdict.packed())
    except OSError:
        return  # the server is gone


def restrict(memory: int) -> None:
    """Give up for good: new descriptors, memory beyond a limit, and a core file at the end.

    With no descriptor allowed, no file, socket or pipe can be opened; those open stay usable.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _limit_processor(seconds: float) -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(usage.ru_utime + usage.ru_stime + seconds) + GRACE
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def _rehearse(store: Store) -> None:
    """Write a small answer in every format, so that all that is loaded late is loaded now."""
    for format in ROWS.values():
        found = cast(QuerySolutions, store.query("SELECT * { ?s ?p ?o } LIMIT 1"))
        found.serialize(cast(IO[bytes], _Nowhere()), cast(QueryResultsFormat, format.writer))
    for format in GRAPHS.values():
        triples = cast(QueryTriples, store.query("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1"))
        _write_graph(triples, _Nowhere(), cast(RdfFormat, format.writer))


class _Nowhere:
    def write(self, data: bytes) -> int:
        return len(data)

    def flush(self) -> None:
        pass


def _next_job(jobs: BinaryIO) -> Job | None:
    """Read a job; none if the other side hung up."""
    if len(head := jobs.read(HEADER.size)) < HEADER.size:
        return None
    size = HEADER.unpack(head)[1]
    return read_job(body) if len(body := jobs.read(size)) == size else None


def _answer(stores: Stores, job: Job, out: Parts) -> Verdict:
    """Answer a job, or say what is wrong with it."""
    try:
        if job.question is None:
            return _ask(stores, job, job.text, out)
        question = find_question(job.question)
        text = checked(Embedded(stores.whole), question, job.values)
        return _ask(stores, job, text, out)
    except CatalogueError as error:
        return Verdict(400, message=str(error))
    except SyntaxError as error:
        return Verdict(400, message=f"not a valid query: {_short(error)}")
    except TooLongError:
        return Verdict(
            413, message=f"the answer is over {out.limit} bytes; ask for less, as with LIMIT"
        )
    except UnwritableError as error:
        return Verdict(406, message=str(error))
    except OSError:
        # The engine found no descriptor for what the query wanted to open.
        return Verdict(403, message="the query reaches outside the dataset, as with SERVICE")
    except (RuntimeError, ValueError) as error:
        return Verdict(400, message=f"the query cannot be answered: {_short(error)}")


def _ask(stores: Stores, job: Job, text: str, out: Parts) -> Verdict:
    store = stores.for_query(text, job)
    if job.default_graphs or job.named_graphs:
        found = store.query(
            text,
            default_graph=[NamedNode(name) for name in job.default_graphs],
            named_graphs=[NamedNode(name) for name in job.named_graphs],
        )
    else:
        found = store.query(text)
    if isinstance(found, QueryTriples):
        if job.graph is None:
            return Verdict(406, message=f"a graph is offered as {_offers(GRAPHS)}")
        _write_graph(found, out, cast(RdfFormat, GRAPHS[job.graph].writer))
        return Verdict(200, job.graph)
    if job.rows is None:
        kind = "a truth value" if isinstance(found, QueryBoolean) else "a table"
        return Verdict(406, message=f"{kind} is offered as {_offers(ROWS)}")
    found.serialize(cast(IO[bytes], out), cast(QueryResultsFormat, ROWS[job.rows].writer))
    return Verdict(200, job.rows)


def _write_graph(triples: Iterable[Triple], out: Parts | _Nowhere, format: RdfFormat) -> None:
    if format == RdfFormat.RDF_XML:
        triples = _nameable(triples)
    serialize(triples, cast(IO[bytes], out), format, prefixes=PREFIXES)


def _nameable(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Pass on triples whose property XML can name; for others the writer gives broken XML."""
    for triple in triples:
        if not _XML_NAME.search(triple.predicate.value):
            raise UnwritableError("RDF/XML has no name for a property; ask for another format")
        yield triple


def _offers(formats: Iterable[str]) -> str:
    return ", ".join((ROWS | GRAPHS)[name].media for name in formats)


def _short(error: Exception) -> str:
    text = str(error)
    return text if len(text) <= MESSAGE else text[:MESSAGE] + " …"
