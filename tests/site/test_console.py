"""Prove the lines of the guides that need a server: each is answered by a real one."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from web_origin import served

from queries.site.prose import PAGES

SHOWN = "http://127.0.0.1:8000"
CALLS = [
    line.removeprefix("$ ")
    for page in sorted(PAGES.rglob("*.md"))
    for line in page.read_text(encoding="utf-8").splitlines()
    if line.startswith("$ curl ")
]


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Serve pages and endpoint."""
    with served() as address:
        yield address


def test_there_are_such_lines() -> None:
    """The test below speaks of something."""
    assert len(CALLS) >= 3 and all(SHOWN in call for call in CALLS)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is absent")
@pytest.mark.parametrize("call", CALLS)
def test_every_call_of_curl_is_answered(origin: str, call: str) -> None:
    """The server answers with the kind of content that the line asks for."""
    words = shlex.split(call.replace(SHOWN, origin))
    done = subprocess.run(
        [*words, "--fail", "--write-out", "\n%{content_type}"],
        capture_output=True,
        encoding="utf-8",
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    body, _, media = done.stdout.rpartition("\n")
    wanted = re.search(r"Accept: ([\w/+-]+)", call)
    assert wanted and media.startswith(wanted[1]) and len(body) > 50
