"""Prove that what README and CONTRIBUTING show is what a reader gets."""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PACKAGES = ("ontology", "loaders", "reasoner", "queries")


def blocks(text: str, language: str) -> list[str]:
    """Return the code blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    """Return the lines of shell blocks that call rallo."""
    lines = [line for block in blocks(text, "sh") for line in block.splitlines()]
    return [line for line in lines if line.startswith("rallo ")]


def table(heading: str) -> dict[str, str]:
    """Return the README's first table of columns after some words: name to description."""
    rows = README.partition(heading)[2].partition("| --- | --- |\n")[2].partition("\n\n")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", rows, re.MULTILINE))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the packages, so that no command shown can write into the checkout."""
    folder = tmp_path_factory.mktemp("documents")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "bundle.json").write_text(blocks(README, "json")[0], encoding="utf-8")
    return folder


def run(command: str, folder: Path) -> str:
    """Run a shown command with the packages of a folder; return what it prints."""
    call = "from queries.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", call, *shlex.split(command)[1:]],
        cwd=folder,
        env={**os.environ, "COLUMNS": "80", "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


@pytest.mark.parametrize("command", sorted({*commands(README), *commands(CONTRIBUTING)}))
def test_every_command_shown_runs(copy: Path, command: str) -> None:
    """Every rallo command of README and CONTRIBUTING runs as it stands."""
    run(command, copy)


def test_no_document_is_without_commands() -> None:
    """Both documents show commands, so that the test above speaks of both."""
    assert commands(README) and commands(CONTRIBUTING)


def test_the_example_shown_is_the_answer_given(copy: Path) -> None:
    """Each line of README's example stands in the real output, in the same order."""
    printed = iter([line.rstrip() for line in run(commands(README)[0], copy).splitlines()])
    for line in blocks(README, "text")[0].splitlines():
        assert line == "..." or line in printed, line


def test_the_bundle_shown_is_read(copy: Path) -> None:
    """The FHIR bundle of README is one relapse with all the facts it states."""
    shown = run("rallo recommend bundle.json", copy)
    assert "Relapse 7\nimmunophenotype T, months_from_diagnosis 14\n" in shown
    assert "Not used" not in shown


def test_input_columns_are_those_of_the_ontology(copy: Path) -> None:
    """README lists every input column with what it may hold, in the order of rallo columns."""
    lines = run("rallo columns", copy).splitlines()
    told = [tuple(line.split(": ", 1)) for line in lines]
    assert list(table("## Describing a relapse").items()) == told


def test_output_columns_are_those_appended(copy: Path) -> None:
    """README lists every column that rallo classify appends, in its order, and no other."""
    given = ROOT / "ontology" / "examples" / "relapses.csv"
    run(f"rallo classify {shlex.quote(str(given))} -o documents.csv", copy)
    with given.open(encoding="utf-8", newline="") as lines:
        before = next(csv.reader(lines))
    with (copy / "documents.csv").open(encoding="utf-8", newline="") as lines:
        after = next(csv.reader(lines))
    assert after == before + list(table("## The answer"))


def test_readings_named_are_there_and_stand_as_said(copy: Path) -> None:
    """README says of every reading whether it is on, and no command names another one."""
    told = dict(re.findall(r"^(\w+) \((on|off)\): ", run("rallo readings", copy), re.MULTILINE))
    for state, words in (("on", "On unless switched off: "), ("off", "Off unless switched on: ")):
        listed = README.partition(words)[2].partition(".\n")[0].split(", ")
        assert listed == [name for name, is_on in told.items() if is_on == state]
    named = re.findall(r"--with(?:out)? ([A-Z]\d+)", README + CONTRIBUTING)
    assert named and set(named) <= set(told)


def test_ci_ends_with_the_tests_of_the_readme() -> None:
    """The test command of README is the last line of .ci/run, so that its result is the result."""
    shown = next(block for block in blocks(README, "sh") if "pytest" in block).strip()
    last = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1]
    assert shown.startswith(".venv/bin/python -m pytest")
    assert last == shown.replace(".venv/bin/python", '"$bin/python"')


def test_a_line_of_the_documents_holds_one_sentence() -> None:
    """No line of running text holds a full stop followed by another sentence."""
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "ontology/README.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        running = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
        for line in running.splitlines():
            if "2807" not in line:  # the citation of the article has full stops of its own
                assert not re.search(r"[a-z)`]\. +[A-Z`]", line), (name, line)
