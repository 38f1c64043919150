"""Servers that tests start and stop on loopback: Oxigraph's own, and Virtuoso 7."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from queries.push import push
from queries.transport import PASSWORD, USER

OXIGRAPH = shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or shutil.which(
    "oxigraph"
)
VIRTUOSO = shutil.which("virtuoso-t")
needs_virtuoso = pytest.mark.skipif(
    VIRTUOSO is None, reason="the Debian package virtuoso-opensource-7 is not installed"
)
KINDS = ("oxigraph", pytest.param("virtuoso", marks=needs_virtuoso))

# Without an address both ports would be open to other machines.
_VIRTUOSO_INI = """[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
FileExtension = 200
[TempDatabase]
DatabaseFile = {folder}/temp.db
TransactionFile = {folder}/temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql_port}
DirsAllowed = {folder}
CheckpointInterval = 0
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
ServerThreads = 10
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 6
[SPARQL]
ResultSetMaxRows = 10000
"""


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@dataclass
class Foreign:
    """A server of one kind over a folder, which it finds again when it is started again."""

    kind: str
    folder: Path
    port: int = field(default_factory=free_port)
    durable: bool = True
    process: subprocess.Popen[str] | None = None
    _reader: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Return where it answers queries."""
        path = "query" if self.kind == "oxigraph" else "sparql"
        return f"http://127.0.0.1:{self.port}/{path}"

    def start(self) -> None:
        """Start it, and return when it says that it listens."""
        said = "Listening" if self.kind == "oxigraph" else "Server online"
        self.process = subprocess.Popen(
            self._command(),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if said in line:
                break
        else:
            raise AssertionError("".join(lines))
        self._reader = threading.Thread(target=self.process.stdout.read, daemon=True)
        self._reader.start()

    def _command(self) -> list[str]:
        if self.kind == "oxigraph":
            assert OXIGRAPH, "install the extra dev"
            place = ["--location", str(self.folder / "store")] if self.durable else []
            return [OXIGRAPH, "serve", "--bind", f"127.0.0.1:{self.port}", *place]
        assert VIRTUOSO
        settings = self.folder / "virtuoso.ini"
        if not settings.exists():
            text = _VIRTUOSO_INI.format(folder=self.folder, port=self.port, sql_port=free_port())
            settings.write_text(text, encoding="utf-8")
        return [VIRTUOSO, "+foreground", "+configfile", str(settings)]

    def kill(self) -> None:
        """Stop it as a loss of power does to a process: by SIGKILL."""
        if self.process:
            self.process.kill()
            self._ended()

    def stop(self) -> None:
        """Stop it as an administrator does."""
        if self.process:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
            self.process.kill()
            self._ended()

    def _ended(self) -> None:
        assert self.process and self.process.stdout and self._reader
        self.process.wait()
        self._reader.join()
        self.process.stdout.close()
        self.process = None


@contextmanager
def running(kind: str, folder: Path, *, durable: bool = True) -> Iterator[Foreign]:
    """Run a server of one kind over an empty folder."""
    folder.mkdir(parents=True, exist_ok=True)
    server = Foreign(kind, folder, durable=durable)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def administrator() -> Iterator[None]:
    """Name the user that a new Virtuoso has; other servers do not ask."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(USER, "dba")
        patch.setenv(PASSWORD, "dba")
        yield


@contextmanager
def with_dataset(kind: str, folder: Path) -> Iterator[Foreign]:
    """Run a server with the compiled dataset pushed to it."""
    with running(kind, folder, durable=False) as server:
        with administrator():
            push(server.url)
        yield server
