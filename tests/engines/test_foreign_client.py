"""Prove that a client made by others gets the rows that ours gets.

The environment variable RALLO_COMUNICA names a folder with Comunica in it, which takes up to a
minute to install: copy `comunica/package.json` there, and run `npm install` in it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from foreign_servers import free_port, with_dataset

from queries.catalogue import load_catalogue
from queries.dataset import open_dataset
from queries.engines import Embedded
from queries.results import parsed_rows

FOLDER = os.environ.get("RALLO_COMUNICA") or None
NODE = shutil.which("node")
QUESTIONS = ("bfm_group_shares", "cns_status_definitions", "publications", "timing_definitions")

pytestmark = [
    pytest.mark.skipif(NODE is None, reason="Node.js is not installed"),
    pytest.mark.skipif(FOLDER is None, reason="RALLO_COMUNICA names no folder with Comunica"),
]


@pytest.fixture(scope="module", params=["rallo serve", "oxigraph"])
def endpoint(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Run our own endpoint, and a server that the dataset was pushed to."""
    if request.param == "oxigraph":
        with with_dataset("oxigraph", tmp_path_factory.mktemp("oxigraph")) as server:
            yield server.url
        return
    port = free_port()
    command = [sys.executable, "-m", "queries.cli", "serve", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=Path(__file__).parents[2], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        assert any('"serving"' in line for line in process.stderr)
        reader = threading.Thread(target=process.stderr.read)
        reader.start()
        yield f"http://127.0.0.1:{port}/sparql"
        process.terminate()
        process.wait(20)
        reader.join()


def test_comunica_gets_the_rows_of_the_embedded_engine(endpoint: str, tmp_path: Path) -> None:
    """Shipped questions, unchanged, have the same columns and rows through Comunica."""
    embedded = Embedded(open_dataset(named=False))
    program = Path(str(FOLDER)) / "node_modules" / ".bin" / "comunica-sparql"
    different = []
    for name in QUESTIONS:
        text = load_catalogue()[name].fill()
        file = tmp_path / f"{name}.rq"
        file.write_text(text, encoding="utf-8")
        command = [str(NODE), str(program), f"sparql@{endpoint}", "-f", str(file)]
        done = subprocess.run(
            [*command, "-t", "application/sparql-results+json"], capture_output=True, check=True
        )
        theirs = parsed_rows(done.stdout, "comunica")
        mine = embedded.select(text)
        if (mine.columns, Counter(mine.rows)) != (theirs.columns, Counter(theirs.rows)):
            different.append(name)
    assert different == []
