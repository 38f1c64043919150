"""A folder of its own in which the commands of one page run, one after another."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from ontology.files import HOME as ONTOLOGY
from queries.site.pages import SiteError

PACKAGES = Path(__file__).parent.parent.parent
CALL = "from queries.cli import main; main()"
COMMAND = "rallo"
SECONDS = 300
# Wide enough for a terminal, the same on every machine.
SHOWN_IN = {"COLUMNS": "80", "LINES": "40", "PYTHONUTF8": "1", "TERM": "dumb", "NO_COLOR": "1"}


class Bench:
    """Runs commands as a reader would, beside the examples that RALLO ships."""

    def __enter__(self) -> Bench:
        """Lay the example relapses where a checkout has them."""
        self._kept = TemporaryDirectory(prefix="rallo-page-")
        self.folder = Path(self._kept.name)
        examples = self.folder / "ontology" / "examples"
        examples.mkdir(parents=True)
        for file in sorted((ONTOLOGY / "examples").iterdir()):
            shutil.copyfile(file, examples / file.name)
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind."""
        self._kept.cleanup()

    def write(self, name: str, text: str) -> None:
        """Write a file for later commands.

        Raises:
            SiteError: the name leads out of the folder.
        """
        self._path(name).write_text(text, encoding="utf-8", newline="\n")

    def read(self, name: str) -> str:
        """Return what a command wrote.

        Raises:
            SiteError: there is no such file.
        """
        path = self._path(name)
        if not path.is_file():
            raise SiteError(f"no command wrote {name}")
        return path.read_text(encoding="utf-8")

    def run(self, command: str, *more: str, status: int = 0) -> str:
        """Run a command in a fresh process; return what it prints, its notes last.

        Raises:
            SiteError: it is not a rallo command, or ends with another status.
        """
        words = shlex.split(command.replace("\\\n", " "))
        if words[:1] != [COMMAND]:
            raise SiteError(f"only {COMMAND} commands are run, not {command!r}")
        path = os.pathsep.join(filter(None, (str(PACKAGES), os.environ.get("PYTHONPATH"))))
        done = subprocess.run(
            # -P: a folder that a page makes is never taken for a package.
            [sys.executable, "-P", "-c", CALL, *words[1:], *more],
            cwd=self.folder,
            env={**os.environ, **SHOWN_IN, "PYTHONPATH": path},
            capture_output=True,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            timeout=SECONDS,
        )
        if done.returncode != status:
            told = done.stderr.strip().splitlines()[-1:] or ["nothing said"]
            raise SiteError(f"{shlex.join(words)}: status {done.returncode}: {told[0]}")
        return done.stdout + done.stderr

    def _path(self, name: str) -> Path:
        path = (self.folder / name).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise SiteError(f"{name}: leads out of the folder")
        return path
