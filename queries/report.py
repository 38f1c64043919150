"""A cohort as a report: counts as lines, the same for the page and for machines.

    cohort.csv -> CohortTally -> lines (section, key, value, count) -> report.html, report.csv

Nothing of a single relapse is in a line.  Small counts can be withheld, for a count of a few may
point at a patient even so.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from queries.cohorts import Cohort
from queries.knowledge import BATCH, Knowledge
from reasoner.discordance import NOT_COMPARED, RELATIONS
from reasoner.drafts import whole
from reasoner.questions import NOT_APPLICABLE, UNDETERMINED
from reasoner.tally import CohortTally, Tally

STATUSES = ("determined", UNDETERMINED, "gap", "overlap", NOT_APPLICABLE)
# Values of a scheme that the page lists at once; further ones open on demand.
LISTED = 12
COLUMNS = ("section", "key", "value", "count")


@dataclass(frozen=True)
class Line:
    """One count: of what, among how many rows, and the group of which the counts add up to them.

    ``shown`` is how the count is written where it is withheld.
    """

    section: str
    key: str
    value: str
    count: int
    of: int
    group: str = ""
    shown: str = ""

    @property
    def text(self) -> str:
        """Return the count as it may be written."""
        return self.shown or str(self.count)


def tally_cohort(
    knowledge: Knowledge, source: Path, progress: Callable[[int], None] | None = None
) -> CohortTally:
    """Count a cohort batch by batch.

    Raises:
        queries.cohorts.ColumnError: the header is missing, names a column twice, or has none of
            the input columns.
        polars.exceptions.PolarsError: it is not a file that can be read.
    """
    counter = CohortTally(knowledge.answerer)
    cohort = Cohort(source, knowledge.intake, [], as_text=True)
    for batch in cohort.facts("row").collect_batches(chunk_size=BATCH, maintain_order=True):
        counter.add(batch)
        if progress is not None:
            progress(counter.tally.rows)
    return counter


def lines_of(knowledge: Knowledge, tally: Tally, smallest: int = 0) -> list[Line]:
    """Return all counts in the order of the report.

    With ``smallest``, a count of one to below it is withheld, as is one that it could be taken
    from: the rest of its rows, or the only other line that adds up to a known sum.
    """
    found = list(_lines(knowledge, tally))
    if not smallest:
        return found
    held = {line: _withheld(line, smallest) for line in found}
    groups: dict[str, list[Line]] = {}
    for line in found:
        if line.group:
            groups.setdefault(line.group, []).append(line)
    for members in groups.values():
        if sum(bool(held[m]) for m in members) == 1:
            others = [m for m in members if not held[m] and m.count]
            if others:
                held[min(others, key=lambda m: m.count)] = "withheld"
    for line in found:
        # What adds up to a withheld count is withheld with it.
        if line.section == "reason" and any(
            held[m] for m in groups[f"answer {line.key}"] if m.value == line.value.split(":")[0]
        ):
            held[line] = held[line] or "withheld"
    return [replace(line, shown=held[line]) for line in found if line.section != "status"]


def _withheld(line: Line, smallest: int) -> str:
    if 0 < line.count < smallest:
        return f"<{smallest}"
    return "withheld" if not line.group and 0 < line.of - line.count < smallest else ""


def _lines(knowledge: Knowledge, tally: Tally) -> Iterator[Line]:
    rows = tally.rows
    yield Line("cohort", "relapses", "", rows, rows, "cohort")
    yield Line("cohort", "with a value that was not used", "", tally.troubled, rows)
    for column, counts in tally.answers.items():
        if column in _questions(knowledge):
            for status in STATUSES:
                number = sum(n for v, n in counts.items() if status_of(v) == status)
                yield Line("status", column, status, number, rows, f"status {column}")
    for column, counts in tally.answers.items():
        if column in _questions(knowledge):
            for value in _ordered(knowledge, column, counts):
                yield Line("answer", column, value, counts[value], rows, f"answer {column}")
    for column, reasons in tally.reasons.items():
        for (value, reason), number in sorted(reasons.items(), key=lambda i: (i[0][0], -i[1])):
            text = f"{value}: {reason}"
            yield Line("reason", column, text, number, rows, f"reason {column} {value}")
    for column in knowledge.intake.columns:
        if column != "patient_id":
            yield Line("lacking", column, "", tally.lacking[column], rows)
            yield Line("asked for", column, "", tally.rows_asking[column], rows)
            for output, asked in tally.asked.items():
                if asked[column]:
                    yield Line("asked for by", output, column, asked[column], rows)
                    alone = tally.asked_alone[output][column]
                    yield Line("settles alone", output, column, alone, rows)
    for (column, allowed), number in sorted(tally.problems.items()):
        yield Line("problem", column, allowed, number, rows)
    for pair, counts in tally.pairs.items():
        for relation in (*RELATIONS, UNDETERMINED):
            number = sum(n for v, n in counts.items() if _relation(v) == relation)
            yield Line("schemes", pair, relation, number, rows, f"schemes {pair}")
    for number, count in sorted(tally.differing.items()):
        yield Line("rows that differ", "pairs of schemes", str(number), count, rows, "differing")
    yield Line("rows that may differ", "", "", tally.possibly_differing, rows)
    for name in sorted(knowledge.view.readings):
        yield Line("reading", name, "", tally.readings[name], rows)


def status_of(value: str) -> str:
    """Return the status of a value as it stands in a column."""
    word = value.partition(":")[0]
    return word if word in STATUSES else "determined"


def _relation(value: str) -> str:
    """Return how two schemes stand to each other; a relapse out of scope is compared by none."""
    word = value.partition(":")[0]
    return NOT_COMPARED if word == NOT_APPLICABLE else word


def _questions(knowledge: Knowledge) -> dict[str, Mapping[str, Any]]:
    """Return what has an output column, by the column."""
    entries = [*knowledge.table.schemes, *knowledge.table.decisions]
    return {e["column"]: e for e in entries if e["column"] is not None}


def _ordered(knowledge: Knowledge, column: str, counts: Mapping[str, int]) -> list[str]:
    """Put the values of a column in the order of its scheme, what is not determined last."""
    entry = _questions(knowledge)[column]
    known = [c["value"] for c in entry.get("categories", ())]
    known = [*known, *(["yes", "no"] if entry.get("kind") == "yes-or-no" else [])]
    determined = sorted(
        (v for v in counts if status_of(v) == "determined" and v not in known),
        key=lambda v: (-counts[v], v),
    )
    rest = sorted(
        (v for v in counts if status_of(v) != "determined"),
        key=lambda v: (STATUSES.index(status_of(v)), -counts[v], v),
    )
    return [*known, *determined, *rest]


def render_csv(lines: Iterable[Line]) -> str:
    """Return the lines as CSV, one count a line."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((n.section, n.key, n.value, n.text) for n in lines)
    return text.getvalue()


def render_html(knowledge: Knowledge, counter: CohortTally, lines: list[Line], least: int) -> str:
    """Return the lines as one page that needs nothing beside it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sections: dict[str, dict[str, list[Line]]] = {}
    for line in lines:
        sections.setdefault(line.section, {}).setdefault(line.key, []).append(line)
    return environment.get_template("report.html").render(
        rows=counter.tally.rows,
        sections=sections,
        questions=_questions(knowledge),
        statuses=STATUSES,
        relations=[*RELATIONS, UNDETERMINED],
        status_of=status_of,
        pairs={p.name: p for p in counter.pairs},
        facts=_facts(lines),
        readings=knowledge.table.readings,
        smallest=least,
        listed=LISTED,
        release=knowledge.table.data["release"],
        checksum=knowledge.table.data["checksum"][:12],
        disclaimer=knowledge.table.data["disclaimer"],
    )


def _facts(lines: Iterable[Line]) -> dict[str, dict[str, Line]]:
    """Gather what is said of each input column; the most lacked and asked for come first."""
    found: dict[str, dict[str, Line]] = {}
    for line in lines:
        if line.section in ("lacking", "asked for"):
            found.setdefault(line.key, {})[line.section] = line
        elif line.section in ("asked for by", "settles alone"):
            found.setdefault(line.value, {})[f"{line.section} {line.key}"] = line

    def cost(item: tuple[str, dict[str, Line]]) -> tuple[int, int]:
        told = item[1]
        return (-told["asked for"].count, -told["lacking"].count)

    return dict(sorted(found.items(), key=cost))


def write_report(
    knowledge: Knowledge,
    source: Path,
    page: Path,
    table: Path | None = None,
    smallest: int = 0,
    progress: Callable[[int], None] | None = None,
) -> Tally:
    """Count a cohort and write the page, and on demand the table; both whole or neither.

    Raises:
        queries.cohorts.ColumnError: the header cannot be used.
        polars.exceptions.PolarsError: the cohort is not a file that can be read.
    """
    counter = tally_cohort(knowledge, source, progress)
    lines = lines_of(knowledge, counter.tally, smallest)
    texts = {page: render_html(knowledge, counter, lines, smallest)}
    if table is not None:
        texts[table] = render_csv(lines)
    with ExitStack() as stack:
        for path, text in texts.items():
            stack.enter_context(whole(path)).write_text(text, encoding="utf-8", newline="\n")
    return counter.tally
