"""Prove that the project is packaged whole and keeps to its own rules."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from rdflib import SKOS, Graph, Literal
from rdflib.namespace import XSD

from ontology.files import RELEASE
from ontology.modules import open_all
from ontology.terms import RALLO

ROOT = Path(__file__).parent.parent
PACKAGES = ("ontology", "loaders", "reasoner", "queries")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

# Written so that this file does not hold what it looks for.
FOREIGN = re.compile(
    r"[f]iles\.pythonhosted|[p]ypi\.org/simple|[r]egistry\.npmjs|[d]eb\.debian\.org"
    r"|[r]epo1?\.maven|[p]roxy\.golang|[c]onda\.anaconda"
    r"|(?<![\w.:/-])/(?:[w]ork|[r]oot|[h]ome|[U]sers|[o]pt|[s]rv|[m]nt)/[\w.]"
    r"|\b[A-Z]:\\[U]sers"
)

# Words of a scheme that are plain English too: ends of an interval, what came after.
PLAIN_WORDS = {"low", "high", "later"}

FACETS = (XSD.minInclusive, XSD.minExclusive, XSD.maxInclusive, XSD.maxExclusive)


def tracked() -> list[Path]:
    """List the files that git tracks, or would track if all were added."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    paths = {ROOT / name for name in listed.stdout.split("\0") if name}
    return sorted(path for path in paths if path.is_file())


def constants(path: Path) -> Iterator[tuple[int, object]]:
    """Yield every number and text of a Python file with its line, docstrings apart.

    The parser gives the values of its number and string tokens, those within f-strings included.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    prose = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in prose:
            yield node.lineno, node.value


def numbers_in(value: object) -> Iterator[Decimal]:
    """Yield the number that a constant is, or those in its text; counts of a pattern are none."""
    if isinstance(value, str):
        text = re.sub(r"\{\d*,?\d*\}", "", value)
        yield from map(Decimal, re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?:[eE]-?\d+)?(?!\w)", text))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield Decimal(str(value))


@pytest.fixture(scope="module")
def ontology() -> Graph:
    """Open all modules."""
    return open_all()


@pytest.fixture(scope="module")
def limits(ontology: Graph) -> set[Decimal]:
    """Gather the limits and doses of the ontology; small whole numbers could be anything."""
    found = {Decimal(str(o)) for facet in FACETS for o in ontology.objects(None, facet)}
    texts = [str(o) for o in ontology.objects() if isinstance(o, Literal)]
    found |= {Decimal(n) for text in texts for n in re.findall(r"\b(\d+) Gy\b", text)}
    return {n for n in found if n != n.to_integral_value() or n >= 13}


@pytest.fixture(scope="module")
def categories(ontology: Graph) -> set[str]:
    """Gather the words by which the schemes name their categories."""
    named = ontology.subjects(RALLO.inScheme, None)
    words = {str(word) for c in named for word in ontology.objects(c, SKOS.notation)}
    return words - PLAIN_WORDS


def test_limits_and_categories_are_found(limits: set[Decimal], categories: set[str]) -> None:
    """The two tests below look for what matters: the limits and groups that everybody knows."""
    assert {Decimal(n) for n in ("18", "30", "36", "24", "0.0001")} <= limits
    assert {"S1", "S2", "S3", "S4", "HR", "very early", "isolated BM"} <= categories


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_python_file_holds_a_clinical_limit(path: Path, limits: set[Decimal]) -> None:
    """No number and no text of a Python file, docstrings apart, holds a limit of the ontology."""
    found = [
        (line, value)
        for line, value in constants(path)
        if any(number in limits for number in numbers_in(value))
    ]
    assert not found


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_python_file_names_a_category(path: Path, categories: set[str]) -> None:
    """No text of a Python file, docstrings apart, is or contains the name of a category.

    Lower-case words count only as a whole text, since they may stand in any sentence; and a place
    in the article, such as a row of its table, is no category.
    """
    inside = {c for c in categories if not re.fullmatch("[a-z ]+", c)}
    place = re.compile(r"\bP\d+ [A-Z]\d\b")
    pattern = re.compile(rf"(?<![\w+])(?:{'|'.join(map(re.escape, sorted(inside)))})(?![\w+])")
    found = [
        (line, value)
        for line, value in constants(path)
        if isinstance(value, str) and (value in categories or pattern.search(place.sub("", value)))
    ]
    assert not found


def test_the_wheel_holds_every_text_file(tmp_path: Path) -> None:
    """The wheel holds each module, table, page, picture and compiled file of the four packages."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path)]
    done = subprocess.run([*build, str(ROOT)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    data = {".ttl", ".rq", ".tsv", ".csv", ".json", ".nq"}
    kinds = {".py", *data, ".html", ".css", ".js", ".svg", ".md", ".png"}
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in tracked()
        if path.suffix in kinds and path.relative_to(ROOT).parts[0] in PACKAGES
    }
    for folder in ("reasoner", "queries"):
        assert any(name.startswith(f"{folder}/compiled/") for name in wanted)
    assert wanted <= packed, sorted(wanted - packed)
    assert {name.rpartition("/")[2] for name in packed if "/licenses/" in name} == {"LICENSE"}
    tops = {name.partition("/")[0] for name in packed}
    assert tops == {*PACKAGES, f"rallo-{RELEASE}.dist-info"}


def test_no_file_names_a_registry_or_a_machine() -> None:
    """No file that git tracks holds the host of a package registry or a path of one machine."""
    found = []
    for path in tracked():
        lines = path.read_bytes().decode("utf-8", "replace").splitlines()
        found += [(str(path), n) for n, line in enumerate(lines, 1) if FOREIGN.search(line)]
    assert not found


def test_the_citation_file_is_well_formed() -> None:
    """CITATION.cff has what version 1.2.0 demands, this release, and the article as a reference."""
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert "\t" not in text and text.endswith("\n")
    keys = re.findall(r"^([\w-]+):", text, re.MULTILINE)
    assert len(keys) == len(set(keys))
    assert {"cff-version", "message", "title", "authors", "version", "references"} <= set(keys)
    for line in text.splitlines():
        assert re.match(r"^(?: *(?:- )?[a-z-]+:(?: \S.*)?| +- \S.*|  \S.*)$", line), line
        plain = line.partition(": ")[2]
        assert plain[:1] in ('"', ">") or ": " not in plain, f"needs quotes: {line}"
    for line in ("cff-version: 1.2.0", "type: software", f"version: {RELEASE}"):
        assert re.search(rf"^{re.escape(line)}$", text, re.MULTILINE), line
    references = text.partition("references:\n")[2]
    for part in ("type: article", "journal: Blood", "year: 2012", "volume: 120", "start: 2807"):
        assert part in references, part


def test_the_release_has_one_number() -> None:
    """pyproject.toml, the ontology and the changelog speak of the same release."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{RELEASE}"\n' in project
    assert RELEASE in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_both_licences_are_there_in_full() -> None:
    """The Apache License stands in full, and the ontology's names CC BY 4.0 and its legal code."""
    code = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in code and "END OF TERMS AND CONDITIONS" in code
    content = (ROOT / "ontology" / "LICENSE").read_text(encoding="utf-8")
    assert "https://creativecommons.org/licenses/by/4.0/legalcode" in content


def test_every_module_says_its_licence() -> None:
    """Each Turtle module of axioms carries the licence of the ontology."""
    for path in sorted((ROOT / "ontology").rglob("*.ttl")):
        if path.parent.name != "examples":
            text = path.read_text(encoding="utf-8")
            assert "<https://creativecommons.org/licenses/by/4.0/>" in text, path.name
