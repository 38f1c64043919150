"""Read the curated tables of facts into one graph.

    ontology/facts/*.tsv -> read_table -> rows -> load_facts -> graph

A fact half read is worse than none: every problem of every table is gathered first and raised
once, and no graph is given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from rdflib import RDF, RDFS, Graph, Literal, URIRef
from rdflib.term import Node

from loaders.tables import TABLES, closed_lists, kind_of, property_of
from ontology.files import BASE
from ontology.terms import RALLO, local

__all__ = ["FactError", "Problem", "Row", "load_facts", "read_table"]

# The one source: whatever stands in statements.tsv is said there.
ARTICLE = URIRef(BASE + "article")
LINKS = ("supports", "contradicts", "qualifies")
# Words by which the article does not bind itself; no recommendation is made of them.
HEDGES = {"may", "perhaps"}
HEDGED_VERBS = {"perhaps", "could", "describe", "open"}
# Whose rows have a name that others are told by.
LABELLED = ("arms.tsv", "populations.tsv")


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

    @property
    def node(self) -> Node:
        """Return the individual that the row tells of."""
        return TABLES[self.file].node(self.cells["id"])

    def parts(self, column: str) -> list[str]:
        """Split a cell that lists several things; an empty one lists nothing."""
        return kind_of(column).parts(self.cells[column]) if self.cells[column] else []

    def objects(self, column: str) -> Iterator[tuple[str, Node]]:
        """Yield what a cell says, as written and as it stands in the graph."""
        for part in self.parts(column):
            yield part, kind_of(column).node(part)

    def problem(self, column: str, allowed: str) -> Problem:
        """Refuse one cell of this row."""
        return Problem(self.file, self.line, column, self.cells[column], allowed)


Tables = Mapping[str, list[Row]]


def _cell_problems(row: Row) -> Iterator[Problem]:
    """Find cells that break the rule of their own column."""
    optional = TABLES[row.file].optional
    for column, value in row.cells.items():
        closed = None if column == "id" else closed_lists().get(property_of(column))
        allowed = " | ".join(closed) if closed else kind_of(column).allowed
        if not value and column not in optional:
            yield row.problem(column, f"{allowed}; never empty")
        elif value and not (
            kind_of(column).admits(value)
            and (closed is None or all(part in closed for part in row.parts(column)))
        ):
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
    if "reports" in cells and bool(cells["reports"]) == (cells["citation_mode"] == "none"):
        yield row.problem("reports", "references if printed or inherited, nothing if none")
    if "operator" in cells:
        yield from _number_problems(row)
    if "n_counts" in cells and bool(cells["n"]) != bool(cells["n_counts"]):
        yield row.problem("n_counts", "whom n counts, if and only if n is given")
    if "role" in cells:
        for column in ("role", "treatment"):
            if bool(cells[column]) != (cells["quantity"] == "dose"):
                yield row.problem(column, f"the {column} of a dose, if and only if it is a dose")
    if "hedge" in cells:
        yield from _recommendation_problems(row)
    if "supports" in cells:
        linked = [part for column in LINKS for part in row.parts(column)]
        if len(set(linked)) < len(linked):
            yield row.problem("supports", "each target under one link only")
        if "advice_status" in cells and not linked:
            yield row.problem("supports", "at least one advice that the finding bears on")


def _number_problems(row: Row) -> Iterator[Problem]:
    """Find a number told by halves."""
    cells = row.cells
    value, high = (Decimal(cells[column] or 0) for column in ("value", "value_high"))
    given = [bool(cells[column]) for column in ("operator", "value", "unit")]
    told = cells.get("direction") or cells["note"]
    if len(set(given)) > 1 or not (given[0] or told):
        yield row.problem("value", "a number with operator and unit, or a direction or note")
    if bool(cells["value_high"]) != (cells["operator"] == "range") or (
        cells["value_high"] and high <= value
    ):
        yield row.problem("value_high", "a number above the value for a range, else nothing")
    if cells["unit"] == "%" and max(value, high) > 100:
        yield row.problem("value", "a percentage, 0 to 100")
    if cells.get("derived_value") and not cells["check"]:
        yield row.problem("check", "how the derived value agrees with the printed one")


def _recommendation_problems(row: Row) -> Iterator[Problem]:
    """Find recommendations without a verb, and hedged sentences told as recommendations."""
    cells = row.cells
    if bool(cells["modality"]) != (cells["kind"] == "recommendation"):
        yield row.problem("modality", "the verb of a recommendation, and of nothing else")
    elif cells["modality"] in HEDGED_VERBS or (cells["modality"] and cells["hedge"] in HEDGES):
        yield row.problem("kind", "no recommendation, for the sentence is hedged")


def _read(path: Path | Traversable) -> tuple[list[Row], list[Problem]]:
    """Read what can be read of a table, and all that is wrong with it."""
    name = path.name
    if name not in TABLES:
        return [], [Problem(name, 0, "-", name, " | ".join(TABLES))]
    header = TABLES[name].header
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
    """Read one table, or refuse it with all its problems.

    Raises:
        FactError: the table breaks a rule; all problems are named.
    """
    rows, problems = _read(path)
    if problems:
        raise FactError(problems)
    return rows


def _link_problems(tables: Tables, known: Collection[Node] | None) -> Iterator[Problem]:
    """Find links that lead nowhere, and what has two sides told from one."""
    rows = [row for table in tables.values() for row in table]
    told = {row.node for row in rows}
    # Without the ontology's own terms only links from table to table can be judged.
    branches = {_branch(node) for node in told} - {"treatment"}
    for row in rows:
        for column in row.cells.keys() - {"id"}:
            for part, node in row.objects(column):
                if node == row.node:
                    yield row.problem(column, f"another than the row itself, {part}")
                if not isinstance(node, URIRef) or node in told:
                    continue
                if (known is None and _branch(node) in branches) or (
                    known is not None and node not in known
                ):
                    yield row.problem(column, f"what exists, unlike {part}")
    yield from _one_sided(rows)


def _one_sided(rows: Iterable[Row]) -> Iterator[Problem]:
    said = {
        (row.node, column, node): row
        for row in rows
        for column in {"contradicts", "different_from"} & row.cells.keys()
        if row.file != "later_evidence.tsv"  # a statement of 2012 knows nothing of it
        for _, node in row.objects(column)
        if _branch(node) != "advice"
    }
    for (one, column, other), row in said.items():
        if (other, column, one) not in said:
            yield row.problem(column, f"what {local(other)} says of this row too")


def _branch(node: Node) -> str:
    return local(node).partition("/")[0]


def load_facts(directory: Path | Traversable, known: Collection[Node] | None = None) -> Graph:
    """Load all tables as one graph; with the ontology's own terms, also check the links to them.

    Raises:
        FactError: a table breaks a rule; all problems of all tables are named.
    """
    read = {name: _read(directory.joinpath(name)) for name in TABLES}
    tables = {name: rows for name, (rows, _) in read.items()}
    problems = [problem for _, found in read.values() for problem in found]
    if not problems:
        problems += _link_problems(tables, known)
    if problems:
        raise FactError(problems)
    graph = Graph()
    graph.bind("rallo", BASE)
    names = {row.node: row.cells["label"] for name in LABELLED for row in tables[name]}
    for rows in tables.values():
        titles = {row.node: _title(row, names) for row in rows}
        often = Counter(titles.values())
        for row in rows:
            title = titles[row.node]
            # Two findings may read alike; the id, in words, tells which is meant.
            _add(graph, row, title if often[title] == 1 else f"{title} [{_words(row)}]")
    return graph


def _words(row: Row) -> str:
    return row.cells["id"].replace("-", " ")


def _title(row: Row, names: Mapping[Node, str]) -> str:
    """Say what a row is about, where it has no column for that alone."""
    cells = row.cells
    if "metric" not in cells:
        return cells.get("title") or cells.get("measures") or _words(row)
    (told,) = (names[n] for _, n in row.objects("arm" if cells["arm"] else "population"))
    others = " and ".join(names[node] for _, node in row.objects("comparator"))
    figure = " to ".join(filter(None, (cells["value"], cells["value_high"])))
    counted = cells["unit"] == "1" and cells["n"]
    result = [
        cells["metric"].replace("-", " "),
        "" if cells["operator"] in ("=", "range") else cells["operator"],
        f"{figure} of {cells['n']}" if counted else figure + cells["unit"].removesuffix("1"),
        cells["direction"].replace("-", " "),
    ]
    against = f" against {others}" if others else ""
    time = "" if cells["time_point"] == "not stated" else f" ({cells['time_point']})"
    return f"{' '.join(filter(None, result))}: {told}{against}{time}"


def _add(graph: Graph, row: Row, title: str) -> None:
    node = row.node
    graph.add((node, RDF.type, TABLES[row.file].type))
    for column in row.cells.keys() - {"id"}:
        for part, value in row.objects(column):
            if property_of(column) == RDFS.label:
                value = Literal(part, lang="en")
            graph.add((node, property_of(column), value))
    if (node, RDFS.label, None) not in graph:
        graph.add((node, RDFS.label, Literal(title, lang="en")))
    if row.file == "statements.tsv":
        graph.add((node, RALLO.saidIn, ARTICLE))
