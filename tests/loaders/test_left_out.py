"""The restricted links can be left out of an installation, and the rest works as before."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("ontology", "loaders", "reasoner", "queries")
FACTS = ("--marrow-status", "involved", "--immunophenotype", "T", "--cns-status", "CNS1")
CALL = "from queries.cli import main; main()"


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy all packages but the restricted table, and gather the dataset anew."""
    folder = tmp_path_factory.mktemp("left")
    for name in PACKAGES:
        ignored = shutil.ignore_patterns("restricted.sssom.tsv", "__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    assert "dataset" in ran(folder, "build", "--check", status=2)
    run(folder, "from queries.dataset import build_dataset; build_dataset()")
    return folder


def run(folder: Path, code: str, *words: str, status: int = 0) -> str:
    """Run code with the packages of a folder."""
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=500,
    )
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


def ran(folder: Path, *words: str, status: int = 0) -> str:
    """Run a command of ``rallo`` there."""
    return run(folder, CALL, *words, status=status)


def test_everything_works_without_the_restricted_links(left: Path) -> None:
    """Checks pass, answers stay word for word, and only restricted codes are gone."""
    assert "tables are current" in ran(left, "check")
    assert ran(left, "recommend", *FACTS) == ran(ROOT, "recommend", *FACTS)
    for question in ("group_clauses", "toxicities"):
        assert ran(left, "query", question) == ran(ROOT, "query", question)
    code = "code=NCIT:C3167"
    assert ran(left, "query", "crosswalk", "--param", code) == ran(
        ROOT, "query", "crosswalk", "--param", code
    )
    refused = ran(left, "query", "crosswalk", "--param", "code=SNOMEDCT:91857003", status=2)
    assert "allowed:" in refused
    release = left / "release"
    ran(left, "release", str(release))
    assert not (release / "restricted.sssom.tsv").exists() and (release / "rallo.nq").is_file()
    code = "<http://snomed.info/id/91857003>"
    assert code in (ROOT / "queries" / "compiled" / "dataset.nq").read_text(encoding="utf-8")
    assert code not in (release / "rallo.nq").read_text(encoding="utf-8")
