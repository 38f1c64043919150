"""The pool: a fixed number of workers, a bounded queue before them, and a deadline for each job.

A query that takes too long cannot be stopped from within, so its worker is killed and replaced.
"""

from __future__ import annotations

import asyncio
import math
import os
import shutil
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing import forkserver, get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from queries.dataset import DATASET_FILE, StaleDatasetError
from queries.endpoint.limits import Limits
from queries.endpoint.refusals import Refusal, busy
from queries.endpoint.wire import DATA, END, HEADER, Job, Verdict, read_verdict
from queries.endpoint.worker import Terms, work
from queries.engines import EngineError

START_SECONDS = 60
# The engine takes thousands of small pieces of memory for a query and gives them back. Where glibc
# keeps so many at hand, a query takes a fifth less time. It reads this when a process starts.
MEMORY_AT_HAND = ("GLIBC_TUNABLES", "glibc.malloc.tcache_count=2000")
PAUSE, LONGEST_PAUSE = 0.1, 5.0


class PoolError(EngineError):
    """Say that the workers could not be started."""


@dataclass(frozen=True)
class Reply:
    """An answer: the name of its format, and its bytes."""

    format: str
    body: bytes


class Worker(asyncio.Protocol):
    """One worker, as the server sees it: its process, and our end of the wire to it."""

    def __init__(self, process: ForkServerProcess) -> None:
        """Take its process, which was started but has not said anything yet."""
        self.process = process
        self.alive, self.ready, self.busy = True, False, False
        self.gone = asyncio.get_running_loop().create_future()
        self._wire: asyncio.Transport | None = None
        self._rest, self._parts = bytearray(), list[bytes]()
        self._expect()

    def _expect(self) -> None:
        self._ended: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()

    async def ask(self, job: Job) -> tuple[Verdict, bytes]:
        """Hand over a job and gather the answer.

        Raises:
            EOFError: the worker died.
        """
        assert self._wire is not None
        self._expect()
        self._wire.write(job.packed())
        return await self.verdict()

    async def verdict(self) -> tuple[Verdict, bytes]:
        """Gather what the worker sends up to its verdict.

        Raises:
            EOFError: the worker died.
        """
        if self.gone.done():
            raise EOFError
        verdict = await self._ended
        body = b"".join(self._parts)
        self._parts.clear()
        return verdict, body

    def close(self) -> None:
        """Hang up."""
        if self._wire is not None:
            self._wire.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep our end of the wire."""
        self._wire = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Take the frames that are whole; the one with the verdict ends an answer."""
        rest, start = self._rest, 0
        rest += data
        while len(rest) - start >= HEADER.size:
            kind, size = HEADER.unpack_from(rest, start)
            end = start + HEADER.size + size
            if len(rest) < end:
                break
            frame = bytes(memoryview(rest)[start + HEADER.size : end])
            start = end
            if kind == DATA:
                self._parts.append(frame)
            elif kind == END and not self._ended.done():
                self._ended.set_result(read_verdict(frame))
        del rest[:start]

    def connection_lost(self, error: Exception | None) -> None:
        """Tell who waits that the worker died."""
        self.gone.set_result(None)
        if not self._ended.done():
            self._ended.set_exception(EOFError())
            self._ended.exception()  # perhaps nobody waits


def start_forkserver() -> None:
    """Start the process that all workers come from, unless it runs already."""
    name, value = MEMORY_AT_HAND
    given = os.environ.get(name)
    os.environ[name] = ":".join(part for part in (value, given) if part)
    try:
        forkserver.ensure_running()
    finally:
        del os.environ[name]
        if given is not None:
            os.environ[name] = given


class Pool:
    """Workers over one dataset."""

    def __init__(
        self, limits: Limits, *, inferred: bool = False, path: Path = DATASET_FILE
    ) -> None:
        """Take the limits, the dataset, and whether its default graph holds what is inferred."""
        self.limits, self.inferred, self.path = limits, inferred, path
        self.held = 0
        self.waiting = 0
        self.checksum = ""
        self._workers: set[Worker] = set()
        self._idle: asyncio.Queue[Worker] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False
        # The book-keeping of multiprocessing is not made for several threads.
        self._starter = ThreadPoolExecutor(1, "starter")
        self._context = get_context("forkserver")

    async def open(self) -> None:
        """Copy the dataset, so that a rebuild changes nothing here, and start all workers.

        Raises:
            PoolError: a worker did not start.
            queries.dataset.StaleDatasetError: the compiled dataset is missing.
        """
        if not self.path.is_file():
            raise StaleDatasetError(f"{self.path.name} is missing; run: rallo build")
        self._folder = TemporaryDirectory(prefix="rallo-")
        copy = Path(self._folder.name, self.path.name)
        shutil.copyfile(self.path, copy)
        self.checksum = sha256(copy.read_bytes()).hexdigest()
        limits = self.limits
        self._terms = Terms(
            copy, self.inferred, limits.seconds, limits.worker_memory, limits.result_bytes
        )
        self._context.set_forkserver_preload(["queries.endpoint.worker"])
        await self._apart(start_forkserver)
        starts = (self._start() for _ in range(limits.workers))
        ended = await asyncio.gather(*starts, return_exceptions=True)
        if failures := [error for error in ended if error is not None]:
            await self.close()
            raise PoolError("a worker did not start") from failures[0]

    async def close(self) -> None:
        """Stop all workers at once."""
        self._closing = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        workers = list(self._workers)
        for worker in workers:
            self._stop(worker)
            await self._apart(worker.process.join)
        await asyncio.gather(*(worker.gone for worker in workers))
        self._starter.shutdown()
        self._folder.cleanup()

    async def run(self, job: Job) -> Reply:
        """Answer a job.

        Raises:
            Refusal: it was not answered; its status says why.
        """
        worker = await self._take()
        worker.busy = True
        try:
            async with asyncio.timeout(self.limits.seconds):
                verdict, body = await worker.ask(job)
        except TimeoutError:
            self._replace(worker)
            raise Refusal(
                504, f"the query took longer than {self.limits.seconds:g} seconds"
            ) from None
        except EOFError:
            self._replace(worker)
            raise Refusal(
                503, "the query needed more memory than allowed, or its worker was stopped"
            ) from None
        except BaseException:  # the client left in the middle of the answer
            self._replace(worker)
            raise
        worker.busy = False
        self._idle.put_nowait(worker)
        if verdict.status != 200:
            raise Refusal(verdict.status, verdict.message)
        return Reply(verdict.format, body)

    def state(self) -> dict[str, Any]:
        """Count workers and queue."""
        ready, busy = (sum(getattr(w, s) for w in self._workers) for s in ("ready", "busy"))
        return {
            "workers": {"wanted": self.limits.workers, "ready": ready, "busy": busy},
            "queue": {"waiting": self.waiting, "limit": self.limits.queue},
        }

    async def _take(self) -> Worker:
        """Wait for a worker that is alive."""
        if self.held > self.limits.held_bytes or self.waiting >= self.limits.queue:
            raise busy()
        while not self._idle.empty():
            if (worker := self._idle.get_nowait()).alive:
                return worker
        self.waiting += 1
        try:
            async with asyncio.timeout(self.limits.wait_seconds):
                while not (worker := await self._idle.get()).alive:
                    pass
        except TimeoutError:
            raise busy(math.ceil(self.limits.seconds)) from None
        finally:
            self.waiting -= 1
        return worker

    async def _start(self) -> None:
        """Start one worker and wait until it has opened the dataset."""
        ours, theirs = socket.socketpair()
        process = self._context.Process(target=work, args=(theirs, self._terms), daemon=True)
        try:
            with theirs:
                await self._apart(process.start)
            loop = asyncio.get_running_loop()
            _, worker = await loop.create_unix_connection(lambda: Worker(process), sock=ours)
        except BaseException:
            ours.close()
            raise
        self._workers.add(worker)
        try:
            async with asyncio.timeout(START_SECONDS):
                await worker.verdict()
        except BaseException:
            self._stop(worker)
            raise
        worker.ready = True
        asyncio.get_running_loop().add_reader(process.sentinel, self._replace, worker)
        self._idle.put_nowait(worker)

    def _stop(self, worker: Worker) -> None:
        worker.alive = False
        self._workers.discard(worker)
        asyncio.get_running_loop().remove_reader(worker.process.sentinel)
        worker.process.kill()
        worker.close()

    def _replace(self, worker: Worker) -> None:
        """Kill a worker, if it lives, and start another; do so once."""
        if not worker.alive:
            return
        self._stop(worker)
        if not self._closing:
            task = asyncio.get_running_loop().create_task(self._restart(worker.process))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _restart(self, dead: ForkServerProcess) -> None:
        await self._apart(dead.join)
        pause = PAUSE
        while True:
            try:
                return await self._start()
            except (OSError, EOFError, TimeoutError):
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _apart(self, call: Callable[[], None]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._starter, call)
