"""The DL queries in the documentation give what is printed below them, as HermiT has it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from dl_query import BOXES

from ontology.editor import EXAMPLES, editor_files
from ontology.files import HOME, ROOT
from queries.site.pages import HOME as SITE

FOLDER = os.environ.get("RALLO_OPENLLET")
needs_owl_api = pytest.mark.skipif(
    not FOLDER, reason="RALLO_OPENLLET names no folder with the jars of the OWL API"
)

HERE = Path(__file__).parent
PAGES = sorted((SITE / "pages").rglob("*.md"))
BLOCK = re.compile(r"^```manchester\n(.*?)^```\n\n?((?:- [^\n]*\n)*)", re.DOTALL | re.MULTILINE)
Query = tuple[str, str, frozenset[str]]


def printed() -> list[Query]:
    """Read every query of every page: expression, box, and the names listed for it."""
    found = []
    for page in PAGES:
        for expression, answers in BLOCK.findall(page.read_text(encoding="utf-8")):
            assert answers, f"{page.name}: no list below {expression}"
            for line in answers.splitlines():
                box, _, rest = line.removeprefix("- ").partition(": ")
                names = re.findall(r"`(?:owl:)?([^`]*)`", rest)
                assert box in BOXES and (names or rest == "none"), f"{page.name}: {line}"
                assert len(set(names)) == len(names), f"{page.name}: {line}"
                found.append((expression.strip(), box, frozenset(names)))
    return found


QUERIES = printed()


def answered(file: Path, queries: list[tuple[str, str]]) -> list[list[str]]:
    """Ask HermiT in a process of its own."""
    call = [sys.executable, str(HERE / "dl_query.py"), str(FOLDER), str(file)]
    asked = json.dumps(queries)
    done = subprocess.run(call, input=asked, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    answers: list[list[str]] = json.loads(done.stdout)
    return answers


@cache
def answers() -> dict[tuple[str, str], list[str]]:
    """Ask all queries of the pages at once, with the example relapses open."""
    queries = [(expression, box) for expression, box, _ in QUERIES]
    return dict(zip(queries, answered(HOME / EXAMPLES, queries), strict=True))


def test_no_query_is_overlooked() -> None:
    """Every block of Manchester syntax is read as a query, and there are many kinds."""
    blocks = sum(page.read_text("utf-8").count("```manchester") for page in PAGES)
    assert len({expression for expression, _, _ in QUERIES}) == blocks >= 8
    assert {box for _, box, _ in QUERIES} >= {"Instances", "Superclasses", "Equivalent classes"}


@needs_owl_api
@pytest.mark.parametrize(
    ("expression", "box", "names"), QUERIES, ids=[f"{e}, {b}" for e, b, _ in QUERIES]
)
def test_the_answer_is_the_one_that_is_printed(
    expression: str, box: str, names: frozenset[str]
) -> None:
    """HermiT gives each box exactly the names that the page lists."""
    assert sorted(answers()[expression, box]) == sorted(names)


@needs_owl_api
def test_a_reading_is_switched_as_the_guide_says(tmp_path: Path) -> None:
    """With A04 on by default and imported, and the closure written anew, no relapse is both."""
    home = tmp_path / "ontology"
    shutil.copytree(HOME, home)
    reading = home / "readings" / "A04.ttl"
    text = reading.read_text(encoding="utf-8")
    assert text.count("rallo:onByDefault   false") == 1
    reading.write_text(text.replace("onByDefault   false", "onByDefault   true"), "utf-8")
    root = home / ROOT
    text = root.read_text(encoding="utf-8")
    start = "owl:imports\n"
    added = f"{start}        <https://w3id.org/rallo/reading/A04/module> ,\n"
    root.write_text(text.replace(start, added, 1), "utf-8")
    for path, written in editor_files(home).items():
        path.write_text(written, encoding="utf-8")
    (equal,) = answered(root, [("Table1VeryEarly and Table1Late", "Equivalent classes")])
    assert "Nothing" in equal and "Table1LateSetAside" not in equal
