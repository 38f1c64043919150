"""THE CATALOGUE of questions: every `.rq` file with its sentence, parameters and keywords.

    questions/<theme>/<name>.rq -> Question -> fill(values) -> SPARQL

A header is made of comment lines at the top of the file:

    # title: Results of a study
    # question: Which results does the article report of a study?
    # parameter: study, study, all-r3, the study asked about
    # keywords: study, outcome
    # example: rallo query study_results --param study=all-r3

A parameter has a name, a type, a default and a sentence. Its type is `term` for a name of the
ontology's own, `thing` for one that may lie in a branch, `code` for one of an outside terminology
that is linked to, `text`, `number`, the values allowed joined by `|`, or else a branch below which
the individuals lie, such as `study`. In the query it is the token `$study`, which is replaced by a
serialised term, never by the text that was given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from ontology.files import BASE

QUESTIONS = Path(__file__).parent / "questions"
XSD = "http://www.w3.org/2001/XMLSchema#"

_HEADER = re.compile(r"# ([a-z]+): (.+)")
CODE, THING = "code", "thing"
_ONCE = ("title", "question", "keywords", "example")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LOCAL = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9.]*:[^\s<>\"{}|\\^`]+")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


class CatalogueError(ValueError):
    """Say which question breaks a rule of the catalogue, or which value a parameter refuses."""


# What a value of each type may be, in words; any other type is a branch or a list of choices.
_WORDS = {
    "term": "a name of the ontology",
    THING: "a name of the ontology, with its branch before it, as study/id",
    CODE: "a code of an outside terminology, as NCIT:C3167",
    "text": "text",
    "number": "a decimal number",
}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a question."""

    name: str
    type: str
    default: str
    sentence: str

    @property
    def choices(self) -> tuple[str, ...]:
        """Return the values allowed, where they are listed in the header."""
        return tuple(self.type.split("|")) if "|" in self.type else ()

    @property
    def branch(self) -> str | None:
        """Return where the individuals lie among which the value must be."""
        return None if self.choices or self.type in _WORDS else self.type

    @property
    def allowed(self) -> str:
        """Say in words what a value may be."""
        if self.choices:
            return ", ".join(self.choices)
        return _WORDS.get(self.type, f"the id of a {self.type}")

    def node(self, value: str) -> NamedNode | Literal:
        """Turn a value into a term.

        Raises:
            CatalogueError: the value is none of the allowed ones.
        """
        if self.choices:
            if value in self.choices:
                return Literal(value)
        elif self.type == "text":
            if value.isprintable():
                return Literal(value)
        elif self.type == "number":
            if _NUMBER.fullmatch(value):
                return Literal(value, datatype=NamedNode(XSD + "decimal"))
        elif self.type == CODE:
            if _CODE.fullmatch(value) and value.isprintable():
                return Literal(value)
        elif self.type == THING:
            if all(map(_LOCAL.fullmatch, value.split("/"))):
                return NamedNode(BASE + value)
        elif _LOCAL.fullmatch(value):
            return NamedNode(BASE + (f"{self.branch}/{value}" if self.branch else value))
        raise CatalogueError(f"{self.name} {value!r}: allowed: {self.allowed}")


@dataclass(frozen=True)
class Question:
    """One question of the catalogue."""

    name: str
    theme: str
    title: str
    question: str
    keywords: tuple[str, ...]
    example: str
    parameters: tuple[Parameter, ...]
    text: str

    @property
    def names_graphs(self) -> bool:
        """Tell whether it asks for a named graph, as for what is inferred."""
        body = (line for line in self.text.splitlines() if not line.startswith("#"))
        return any(re.search(r"\bGRAPH\b", line) for line in body)

    def nodes(self, values: Mapping[str, str]) -> dict[str, NamedNode | Literal]:
        """Return a term for every parameter, by its value or its default.

        Raises:
            CatalogueError: a parameter is unknown, or a value is not allowed.
        """
        names = [p.name for p in self.parameters]
        if unknown := [n for n in values if n not in names]:
            allowed = ", ".join(names) or "none; the question has no parameters"
            raise CatalogueError(f"parameter {unknown[0]!r}: allowed: {allowed}")
        return {p.name: p.node(values.get(p.name, p.default)) for p in self.parameters}

    def fill(self, values: Mapping[str, str] | None = None) -> str:
        """Return the SPARQL with every token replaced by a serialised term.

        Raises:
            CatalogueError: a parameter is unknown, or a value is not allowed.
        """
        nodes = self.nodes(values or {})
        return _tokens(nodes)(lambda m: str(nodes[m[1]]), self.text) if nodes else self.text


def _tokens(names: Iterable[str]) -> Callable[[Callable[[re.Match[str]], str], str], str]:
    return re.compile(rf"\$({'|'.join(map(re.escape, names))})\b").sub


def read_question(path: Path) -> Question:
    """Read one file of the catalogue.

    Raises:
        CatalogueError: its header lacks a line, or a parameter and its token do not match.
    """
    text = path.read_text(encoding="utf-8")
    head: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not (found := _HEADER.fullmatch(line)):
            break
        head.setdefault(found[1], []).append(found[2])
    if unknown := head.keys() - {*_ONCE, "parameter"}:
        raise CatalogueError(f"{path.name}: header line {sorted(unknown)[0]!r} is not known")
    for key in _ONCE:
        if len(head.get(key, ())) != 1:
            raise CatalogueError(f"{path.name}: the header needs one line '# {key}: …'")
    parameters = tuple(_parameter(path, line) for line in head.get("parameter", ()))
    body = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    tokens = set(re.findall(r"\$(\w+)", body))
    if tokens != {p.name for p in parameters}:
        raise CatalogueError(f"{path.name}: tokens {sorted(tokens)} are not its parameters")
    question = Question(
        path.stem,
        path.parent.name,
        head["title"][0],
        head["question"][0],
        tuple(word.strip() for word in head["keywords"][0].split(",")),
        head["example"][0],
        parameters,
        text,
    )
    question.nodes({})
    return question


def _parameter(path: Path, line: str) -> Parameter:
    parts = [part.strip() for part in line.split(",", 3)]
    if len(parts) != 4 or not all(parts) or not _NAME.fullmatch(parts[0]):
        raise CatalogueError(f"{path.name}: a parameter is 'name, type, default, sentence'")
    return Parameter(*parts)


@cache
def load_catalogue(folder: Path = QUESTIONS) -> Mapping[str, Question]:
    """Read all questions of a folder, by name.

    Raises:
        CatalogueError: a header breaks a rule, or two files bear one name.
    """
    found: dict[str, Question] = {}
    for path in sorted(folder.glob("*/*.rq")):
        if path.stem in found:
            raise CatalogueError(f"{path.name}: two questions bear this name")
        found[path.stem] = read_question(path)
    return found
