"""Read the curated tables of facts into one graph.

    ontology/facts/*.tsv -> read_table -> rows -> load_facts -> graph

A fact half read is worse than none: every problem of every table is gathered first and raised
once, and no graph is given. What a closed column may say is read from `ontology/evidence.ttl`.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache, partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

__all__ = ["TABLES", "FactError", "Problem", "Row", "load_facts", "read_table"]

RALLO = Namespace("https://w3id.org/rallo/")


class Problem(NamedTuple):
    """Say what is wrong with one cell, and what would be right."""

    file: str
    line: int
    column: str
    value: str
    allowed: str


class FactError(ValueError):
    """Refuse tables of facts, with all problems found in them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems, and write one a line."""
        self.problems = tuple(problems)
        sentence = "{0}, line {1}, column {2}: {3!r} is refused; allowed: {4}"
        super().__init__("\n".join(sentence.format(*problem) for problem in self.problems))


class Row(NamedTuple):
    """Hold one line of a table by the names of its columns."""

    file: str
    line: int
    cells: Mapping[str, str]

    def parts(self, column: str) -> list[str]:
        """Split a cell that lists several things; an empty one lists nothing."""
        return [part for part in self.cells[column].split(";") if part]

    def problem(self, column: str, allowed: str) -> Problem:
        """Refuse one cell of this row."""
        return Problem(self.file, self.line, column, self.cells[column], allowed)


class Kind(NamedTuple):
    """Tell what some columns may hold and what becomes of it in the graph."""

    columns: str
    allowed: str
    pattern: str
    node: Callable[[str], Node] = Literal
    many: bool = False

    def parts(self, value: str) -> list[str]:
        """Split the cell if these columns list several things."""
        return value.split(";") if self.many else [value]

    def admits(self, value: str) -> bool:
        """Test the cell: every part well formed, none of them twice."""
        parts = self.parts(value)
        return len({*parts}) == len(parts) and all(re.fullmatch(self.pattern, p) for p in parts)


def _under(branch: str) -> Callable[[str], Node]:
    return lambda name: RALLO[f"{branch}/{name}"]


NAME = r"[a-z0-9]+(?:-[a-z0-9]+)*"
NUMBER = r"[1-9]|[1-8][0-9]|9[0-6]"
PLACE = r"P(?:[1-9]|[1-3][0-9]|4[0-3])|P12 S[1-4]"
DATE = r"[12][0-9]{3}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?"
AMOUNT = r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"
ADVICE = ("supports", "contradicts", "qualifies")

TEXT = Kind("", "text without outer blanks; the unknown is left empty", r"(?!-$)\S(?:.*\S)?")
KINDS = (
    Kind("id", "small letters and digits, joined by single hyphens", NAME),
    Kind("et_al", "true or false", "true|false", partial(Literal, datatype=XSD.boolean)),
    Kind("published", "YYYY, YYYY-MM or YYYY-MM-DD", DATE),
    Kind("year n", "a whole number", r"0|[1-9][0-9]*", partial(Literal, datatype=XSD.integer)),
    Kind("value value_high", "a decimal number", AMOUNT, partial(Literal, datatype=XSD.decimal)),
    Kind("locator", "P1 to P43, or a group of Table 1 as 'P12 S2'", PLACE),
    Kind("pmid", "a PubMed number", r"[1-9][0-9]{0,8}"),
    Kind("doi", "a DOI without an address before it", r"10\.[0-9]{4,9}/\S+"),
    Kind("number", "a reference number, 1 to 96", NUMBER, partial(Literal, datatype=XSD.integer)),
    Kind("citations", "reference numbers, 1 to 96, joined by ;", NUMBER, _under("reference"), True),
    Kind("identifiers", "identifiers joined by ;", r"[^\s;]+", many=True),
    Kind("outcomes", "ids of outcomes.tsv joined by ;", NAME, _under("outcome"), True),
    Kind("disputes", "ids of evidence.tsv joined by ;", NAME, _under("evidence"), True),
    Kind(" ".join(ADVICE), "ids of advice joined by ;", NAME, _under("advice"), True),
)
KIND_OF = {column: kind for kind in KINDS for column in kind.columns.split()}

# A column becomes the property of its own name in camel case, but for these.
PROPERTY_OF = {
    "authors": DCTERMS.creator,
    "title": DCTERMS.title,
    "title_or_trial": DCTERMS.title,
    "year": DCTERMS.date,
    "note": SKOS.editorialNote,
    "curator_note": SKOS.editorialNote,
    "citations": RALLO.cites,
    "outcomes": RALLO.hasOutcome,
    "n": RALLO.sampleSize,
    "unit": RALLO.valueUnit,
}


class Table(NamedTuple):
    """Describe one file: what its rows are, and its columns, `?` if optional."""

    type: URIRef
    node: Callable[[str], Node]
    columns: str


TABLES = {
    "publications.tsv": Table(
        RALLO.Publication,
        lambda name: RALLO[re.sub(r"^reference-0?", "reference/", name)],
        "id number? authors et_al title container year volume? issue? pages? publication_type "
        "pmid? doi? id_source? note?",
    ),
    "outcomes.tsv": Table(
        RALLO.Outcome,
        _under("outcome"),
        "id subject population arm? comparator? metric operator? value? value_high? unit? "
        "time_point n? n_counts? locator citations? citation_mode note?",
    ),
    "evidence.tsv": Table(
        RALLO.EvidenceStatement,
        _under("evidence"),
        "id statement hedge locator citations? citation_mode population age_group directness "
        "study_design outcomes? supports? contradicts? qualifies? disputes? curator_note?",
    ),
    "later_evidence.tsv": Table(
        RALLO.LaterEvidence,
        _under("later-evidence"),
        "id statement published? title_or_trial identifiers? population figures supports? "
        "contradicts? qualifies? advice_status where_read note?",
    ),
}


def _property(column: str) -> URIRef:
    first, *rest = column.split("_")
    return PROPERTY_OF.get(column, RALLO[first + "".join(map(str.capitalize, rest))])


@cache
def _closed_lists() -> Mapping[Node, Collection[str]]:
    """Read from the ontology what each closed property may say."""
    graph = Graph().parse(data=files("ontology").joinpath("evidence.ttl").read_text("utf-8"))
    return {
        term: [str(member) for member in graph.items(members)]
        for term, datatype in graph.subject_objects(RDFS.range)
        for members in graph.objects(datatype, OWL.oneOf)
    }


def _cell_problems(row: Row) -> Iterator[Problem]:
    """Find cells that break the rule of their own column."""
    optional = {name for name in TABLES[row.file].columns.split() if name.endswith("?")}
    for column, value in row.cells.items():
        kind, closed = KIND_OF.get(column, TEXT), _closed_lists().get(_property(column))
        allowed = " | ".join(closed) if closed else kind.allowed
        if not value and f"{column}?" not in optional:
            yield row.problem(column, f"{allowed}; never empty")
        elif value and not (value in closed if closed else kind.admits(value)):
            yield row.problem(column, allowed)


def _row_problems(row: Row) -> Iterator[Problem]:
    """Find cells of one row that contradict each other."""
    cells = row.cells
    if "number" in cells:
        name = f"reference-{cells['number']:0>2}" if cells["number"] else "article"
        if cells["id"] != name:
            yield row.problem("id", f"{name}, by its number")
    if "citations" in cells and bool(cells["citations"]) == (cells["citation_mode"] == "none"):
        yield row.problem("citations", "references if printed or inherited, nothing if none")
    if "operator" in cells:
        value, high = (Decimal(cells[column] or 0) for column in ("value", "value_high"))
        given = [bool(cells[column]) for column in ("operator", "value", "unit")]
        if len(set(given)) > 1 or not (given[0] or cells["note"]):
            yield row.problem("value", "a number with operator and unit, or a note why not")
        if bool(cells["value_high"]) != (cells["operator"] == "range") or (high and high <= value):
            yield row.problem("value_high", "a number above the value for a range, else nothing")
        if cells["unit"] == "percent" and max(value, high) > 100:
            yield row.problem("value", "a percentage, 0 to 100")
        if bool(cells["n"]) != bool(cells["n_counts"]):
            yield row.problem("n_counts", "whom n counts, if and only if n is given")
    if "supports" in cells:
        linked = [advice for column in ADVICE for advice in row.parts(column)]
        if not linked or len(set(linked)) < len(linked):
            yield row.problem("supports", "at least one advice, and each under one link only")


def _read(path: Path | Traversable) -> tuple[list[Row], list[Problem]]:
    """Read what can be read of a table, and all that is wrong with it."""
    name = path.name
    if name not in TABLES:
        return [], [Problem(name, 0, "-", name, " | ".join(TABLES))]
    header = TABLES[name].columns.replace("?", "").split()
    try:
        first, *lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        return [], [Problem(name, 0, "-", str(error), "a readable file in UTF-8")]
    if first.split("\t") != header:
        return [], [Problem(name, 1, "-", first, "the header " + " ".join(header))]
    rows, problems, last = [], [], ""
    for number, line in enumerate(lines, start=2):
        cells = line.split("\t")
        if len(cells) != len(header):
            problems.append(Problem(name, number, "-", line, f"{len(header)} cells"))
            continue
        row = Row(name, number, dict(zip(header, cells, strict=True)))
        found = list(_cell_problems(row))
        problems += found or _row_problems(row)
        if row.cells["id"] <= last:
            problems.append(row.problem("id", f"an id that sorts after {last}, each once"))
        last = row.cells["id"]
        rows.append(row)
    return rows, problems


def read_table(path: Path | Traversable) -> list[Row]:
    """Read one table, or refuse it with all its problems."""
    rows, problems = _read(path)
    if problems:
        raise FactError(problems)
    return rows


def _link_problems(
    tables: Mapping[str, list[Row]], advice_ids: Collection[str] | None
) -> Iterator[Problem]:
    """Find links that lead nowhere, and disputes told from one side."""
    rows = [row for table in tables.values() for row in table]
    evidence = {row.cells["id"]: row for row in tables["evidence.tsv"]}
    targets: dict[str, Collection[str]] = {
        "citations": {row.cells["number"] for row in tables["publications.tsv"]},
        "outcomes": {row.cells["id"] for row in tables["outcomes.tsv"]},
        "disputes": evidence,
    }
    if advice_ids is not None:
        targets |= dict.fromkeys(ADVICE, advice_ids)
    for row in rows:
        for column in targets.keys() & row.cells.keys():
            for part in row.parts(column):
                if part not in targets[column]:
                    yield row.problem(column, f"what exists, unlike {part}")
    for name, row in evidence.items():
        for other in row.parts("disputes"):
            if other in evidence and name not in evidence[other].parts("disputes"):
                yield row.problem("disputes", f"a dispute that {other} tells too")


def load_facts(directory: Path | Traversable, advice_ids: Collection[str] | None = None) -> Graph:
    """Load the four tables as one graph; with advice ids, also check the links to advice."""
    read = {name: _read(directory.joinpath(name)) for name in TABLES}
    tables = {name: rows for name, (rows, _) in read.items()}
    problems = [problem for _, found in read.values() for problem in found]
    if all(tables.values()):
        problems += _link_problems(tables, advice_ids)
    if problems:
        raise FactError(problems)
    graph = Graph()
    graph.bind("rallo", RALLO)
    for table, rows in ((TABLES[name], rows) for name, rows in tables.items()):
        for cells in (row.cells for row in rows):
            node = table.node(cells["id"])
            label = cells.get("statement") or cells.get("title") or cells["id"].replace("-", " ")
            graph.add((node, RDF.type, table.type))
            graph.add((node, RDFS.label, Literal(label, lang="en")))
            for column in cells.keys() - {"id", "statement"}:
                kind = KIND_OF.get(column, TEXT)
                for part in filter(None, kind.parts(cells[column])):
                    graph.add((node, _property(column), kind.node(part)))
    return graph
