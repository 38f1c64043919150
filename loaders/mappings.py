"""Read the tables of links to outside terms, in SSSOM, into one graph.

    ontology/mappings/*.sssom.tsv + *.ttl -> rows -> load_mappings -> graph

A table holds the terminologies of one licence class, so that a user may take a file away; what is
left loads without it. ``none.sssom.tsv`` says of a term why no outside term is linked. Columns:
https://mapping-commons.github.io/sssom/.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from rdflib import OWL, RDF, RDFS, SKOS, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from loaders.facts import FactError, Problem
from ontology.files import BASE
from ontology.modules import open_module
from ontology.terms import RALLO

__all__ = ["MappingError", "Mappings", "load_mappings", "read_mappings"]

SSSOM = Namespace("https://w3id.org/sssom/")
SEMAPV = Namespace("https://w3id.org/semapv/vocab/")
NOTHING = "sssom:NoTermFound"
NONE = "none"
PREDICATES = {
    f"skos:{name}": SKOS[name]
    for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
}
HEADER = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "object_label",
    "mapping_justification",
    "object_source",
    "object_source_version",
    "comment",
)
# Of these licence classes labels may be copied, beside identifiers.
LABELLED = ("open", "attribution")
# Prefixes that every table may use, beside those of terminologies.
PREFIXES = {"rallo": BASE, "semapv": str(SEMAPV), "skos": str(SKOS), "sssom": str(SSSOM)}
_SUFFIX = ".sssom.tsv"
_SETTING = re.compile(r'#(\s*)([\w.]+):\s*"?([^"\s][^"]*?)?"?\s*')
_DATE = re.compile(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]")
_JUSTIFICATION = re.compile(r"semapv:[A-Z][A-Za-z]+")
_CURIE = re.compile(r"([\w.]+):(\S+)")


class MappingError(FactError):
    """Refuse tables of links, with all problems found in them."""


class Terminology(NamedTuple):
    """Tell what is known of a terminology: its node, the base of its IRIs, its licence class."""

    node: Node
    base: str
    licence: str


@dataclass(frozen=True)
class Link:
    """Hold one row of a table by the names of its columns."""

    file: str
    line: int
    cells: Mapping[str, str]
    date: str

    @property
    def subject(self) -> URIRef:
        """Return our term."""
        return URIRef(BASE + self.cells["subject_id"].removeprefix("rallo:"))

    @property
    def found(self) -> bool:
        """Tell whether there is an outside term."""
        return self.cells["object_id"] != NOTHING

    @property
    def prefix(self) -> str:
        """Return the prefix of the outside term."""
        return self.cells["object_id"].partition(":")[0]

    def problem(self, column: str, allowed: str) -> Problem:
        """Refuse one cell of this row."""
        return Problem(self.file, self.line, column, self.cells[column], allowed)


class Mappings:
    """The modules of a folder of links, and the rows of its tables that could be read."""

    def __init__(self, directory: Path) -> None:
        """Read all files.

        Raises:
            ontology.files.OntologyError: a module is not valid.
        """
        self.modules = Graph()
        for path in sorted(directory.glob("*.ttl")):
            self.modules += open_module(path)
        self.links: list[Link] = []
        self._unread: list[Problem] = []
        for path in sorted(directory.glob(f"*{_SUFFIX}")):
            self._unread += self._read(path)

    @cached_property
    def terminologies(self) -> Mapping[str, Terminology]:
        """The terminologies by their prefixes."""
        told = self.modules
        return {
            str(told.value(node, SKOS.notation)): Terminology(
                node,
                str(told.value(node, RALLO.iriBase)),
                str(told.value(node, RALLO.licenceClass)),
            )
            for node in sorted(told.subjects(RDF.type, RALLO.Terminology), key=str)
        }

    def iri(self, link: Link) -> URIRef:
        """Write the identifier of an outside term as an IRI."""
        base = self.terminologies[link.prefix].base
        return URIRef(base + link.cells["object_id"].partition(":")[2])

    def _read(self, path: Path) -> Iterator[Problem]:
        name = path.name
        try:
            lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            yield Problem(name, 0, "-", str(error), "a readable file in UTF-8")
            return
        top = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
        settings: dict[str, str] = {}
        for number, line in enumerate(lines[:top], start=1):
            if not (told := _SETTING.fullmatch(line)):
                yield Problem(name, number, "-", line, "a comment '#key: value'")
                continue
            indent, key, value = told.groups(default="")
            settings[f"curie_map {key}" if indent else key] = value
            if indent and value != self._base(key):
                allowed = self._base(key) or " | ".join([*PREFIXES, *self.terminologies])
                yield Problem(name, number, key, value, allowed)
        if not _DATE.fullmatch(date := settings.get("mapping_date", "")):
            yield Problem(name, 1, "mapping_date", date, "YYYY-MM-DD")
        if lines[top : top + 1] != ["\t".join(HEADER)]:
            yield Problem(
                name, top + 1, "-", "".join(lines[top : top + 1]), f"the header {' '.join(HEADER)}"
            )
            return
        declared = {k.removeprefix("curie_map ") for k in settings if k.startswith("curie_map ")}
        for number, line in enumerate(lines[top + 1 :], start=top + 2):
            cells = line.split("\t")
            if len(cells) != len(HEADER):
                yield Problem(name, number, "-", line, f"{len(HEADER)} cells")
                continue
            link = Link(name, number, dict(zip(HEADER, cells, strict=True)), date)
            self.links.append(link)
            if link.prefix not in declared:
                yield link.problem("object_id", "a prefix of the curie_map of this file")

    def _base(self, prefix: str) -> str:
        known = self.terminologies.get(prefix)
        return known.base if known else PREFIXES.get(prefix, "")

    def problems(self, names: Mapping[Node, Collection[str]]) -> Iterator[Problem]:
        """Find what breaks a rule; the terms that may be linked are given with their labels."""
        yield from self._unread
        linked = {link.subject for link in self.links if link.found}
        last: tuple[str, ...] = ()
        for link in self.links:
            yield from self._of_row(link)
            cells = link.cells
            place = (link.file, cells["subject_id"], cells["object_id"])
            if place <= last:
                yield link.problem("subject_id", "rows sorted by subject and object, each once")
            last = place
            if not cells["subject_id"].startswith("rallo:") or link.subject not in names:
                yield link.problem("subject_id", "a term of the ontology, as rallo:name")
            elif cells["subject_label"] not in names[link.subject]:
                yield link.problem("subject_label", " | ".join(sorted(names[link.subject])))
            if not link.found and link.subject in linked:
                yield link.problem("object_id", "nothing, for an outside term is linked")

    def _of_row(self, link: Link) -> Iterator[Problem]:
        cells = link.cells
        if cells["predicate_id"] not in PREDICATES:
            yield link.problem("predicate_id", " | ".join(PREDICATES))
        if not _JUSTIFICATION.fullmatch(cells["mapping_justification"]):
            yield link.problem("mapping_justification", "a justification, as semapv:Name")
        if not link.found:
            if cells["predicate_id"] != "skos:exactMatch":
                yield link.problem("predicate_id", f"skos:exactMatch, before {NOTHING}")
            if not cells["comment"]:
                yield link.problem("comment", "the reason why no term was found")
            if link.file != NONE + _SUFFIX:
                yield link.problem("object_id", f"an outside term; {NOTHING} stands in {NONE}")
            return
        known = self.terminologies.get(link.prefix)
        if not known or not _CURIE.fullmatch(cells["object_id"]):
            allowed = f"PREFIX:id, the prefix one of {' | '.join(self.terminologies)}"
            yield link.problem("object_id", allowed)
            return
        if link.file != f"{known.licence.replace('-', '_')}{_SUFFIX}":
            yield link.problem("object_id", f"a terminology of the licence class of {link.file}")
        if cells["object_label"] and known.licence not in LABELLED:
            yield link.problem("object_label", "nothing; labels of this terminology are not copied")
        if cells["object_source"] != f"rallo:terminology/{link.prefix}":
            yield link.problem("object_source", f"rallo:terminology/{link.prefix}")
        if not cells["object_source_version"]:
            yield link.problem("object_source_version", "where the identifier was read")

    def graph(self) -> Graph:
        """Return modules and links as triples.

        A link is one annotation of our term, itself annotated by where it comes from.
        """
        graph = Graph()
        graph += self.modules
        for link in self.links:
            cells = link.cells
            if not link.found:
                reason = Literal(cells["comment"], lang="en")
                graph.add((link.subject, RALLO.noTermFound, reason))
                continue
            outside, match = self.iri(link), PREDICATES[cells["predicate_id"]]
            graph.add((link.subject, match, outside))
            graph.add((outside, SKOS.notation, Literal(cells["object_id"])))
            graph.add((outside, RALLO.inTerminology, self.terminologies[link.prefix].node))
            if cells["object_label"]:
                graph.add((outside, RDFS.label, Literal(cells["object_label"], lang="en")))
            self._annotate(graph, link, (link.subject, match, outside))
        return graph

    def _annotate(self, graph: Graph, link: Link, triple: tuple[Node, Node, Node]) -> None:
        cells, axiom = link.cells, BNode()
        graph.add((axiom, RDF.type, OWL.Axiom))
        for place, node in zip(
            (OWL.annotatedSource, OWL.annotatedProperty, OWL.annotatedTarget), triple, strict=True
        ):
            graph.add((axiom, place, node))
        why = SEMAPV[cells["mapping_justification"].removeprefix("semapv:")]
        graph.add((axiom, SSSOM.mapping_justification, why))
        graph.add((axiom, SSSOM.object_source, self.terminologies[link.prefix].node))
        graph.add((axiom, SSSOM.object_source_version, Literal(cells["object_source_version"])))
        graph.add((axiom, SSSOM.mapping_date, Literal(link.date)))
        if cells["comment"]:
            graph.add((axiom, SSSOM.comment, Literal(cells["comment"], lang="en")))


def read_mappings(directory: Path, known: Graph) -> Mappings:
    """Read and judge all tables of a folder; known are the terms that they may link.

    Raises:
        MappingError: a table breaks a rule; all problems of all tables are named.
        ontology.files.OntologyError: a module is not valid.
    """
    mappings = Mappings(directory)
    names: dict[Node, set[str]] = {}
    for graph in (known, mappings.modules):
        for term, label in graph.subject_objects(RDFS.label):
            names.setdefault(term, set()).add(str(label))
    if problems := list(mappings.problems(names)):
        raise MappingError(problems)
    return mappings


def load_mappings(directory: Path, known: Graph) -> Graph:
    """Load the links of a folder as one graph; without the folder it is empty.

    Raises:
        MappingError: a table breaks a rule; all problems of all tables are named.
        ontology.files.OntologyError: a module is not valid.
    """
    return read_mappings(directory, known).graph()
