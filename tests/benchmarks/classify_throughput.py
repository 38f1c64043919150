"""How fast and how exact `rallo classify` is, as ratios to plain polars and beside other reasoners.

    python tests/benchmarks/classify_throughput.py [ROWS] [--check N] [--cases N ...]

Writes a cohort of ROWS relapses (default 1,000,000: twelve columns of facts and an identifier, 30
per cent of the facts missing, nearly all rows without contradiction) and runs whole processes:

- **reading and writing the same columns**: polars reads the cohort and writes it with as many
  answers as `rallo classify` writes, made ready beforehand.  It does all but the answering;
- **the table written**: polars streams what `rallo classify` wrote from one file into another;
- **the input columns alone**: polars streams the cohort into another file, a seventh in size;
- **rallo classify** on the cohort, and on every tenth part of it down to 10,000 rows.  From these
  comes the growth exponent: the slope of the logarithm of time over that of rows, least squares,
  after the time for 100 rows (the process start) is taken from every time.

A random N rows are then answered one at a time by completion of the record, and compared.  Last,
the groups of Table 1 are asked for the same cases of HermiT case by case, of SPARQL rules in rdflib
and pyoxigraph (see ``table_1_rules``), and of the tables, with how many determined groups each
finds.  Of a shared machine CPU seconds say more than seconds by the clock: both are printed.
Nothing is asserted, and pytest does not collect it.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

HEAD = """
import sys
import polars as pl
sys.path.insert(0, "tests/benchmarks")
"""
MAKE = (
    HEAD
    + """
from cohorts_of_any_size import cohort
rows, left = int(sys.argv[2]), int(sys.argv[2])
with open(sys.argv[1], "wb") as out:
    while left > 0:
        part = cohort(min(left, 1_000_000), seed=1 + rows - left, first=rows - left)
        part.write_csv(out, include_header=left == rows)
        left -= part.height
"""
)
CUT = (
    HEAD
    + "pl.scan_csv(sys.argv[1], infer_schema=False).head(int(sys.argv[3])).sink_csv(sys.argv[2])"
)
COPY = HEAD + "pl.scan_csv(sys.argv[1], infer_schema=False).sink_csv(sys.argv[2])"
SAME = (
    HEAD
    + """
scan = pl.scan_csv(sys.argv[1], infer_schema=False)
names = scan.collect_schema().names()
ready = pl.read_csv(sys.argv[3], infer_schema=False, n_rows=131072).drop(names)
with open(sys.argv[2], "wb") as out:
    for n, batch in enumerate(scan.collect_batches(chunk_size=131072, maintain_order=True)):
        whole = batch.hstack(ready.head(batch.height))
        whole.write_csv(out, include_header=n == 0)
"""
)
CHECK = (
    HEAD
    + """
import random
from queries.knowledge import Knowledge
knowledge = Knowledge()
answerer = knowledge.answerer
found = pl.scan_csv(sys.argv[1], infer_schema=False)
troubled = found.select((pl.col("problems") != "").mean()).collect().item()
number, rows = int(sys.argv[2]), int(sys.argv[3])
chosen = pl.Series("row", random.Random(1).sample(range(1, rows + 1), number), dtype=pl.UInt32)
numbered = found.with_row_index("row", offset=1).filter(pl.col("row").is_in(chosen.implode()))
wrong = seen = 0
for row in numbered.collect(engine="streaming").fill_null("").iter_rows(named=True):
    expected = answerer.columns(answerer.read(row, row["row"]))
    wrong += any(row[c] != text for c, text in expected.items())
    seen += 1
print(troubled, seen, wrong)
"""
)
CASES = (
    HEAD
    + """
import time
from table_1_rules import (
    Rules, by_hermit, by_pyoxigraph, by_rdflib, case_of, open_without_assumptions
)
from reasoner.cohort import CohortClassifier
knowledge = open_without_assumptions()
rules = Rules(knowledge.view)
head = pl.read_csv(sys.argv[1], infer_schema=False, n_rows=10 * int(sys.argv[-1]))
rows, cases = [], []
for row in head.fill_null("").with_columns(relapse_number=pl.lit("1")).iter_rows(named=True):
    case = case_of(knowledge, row)
    if case is not None:
        rows.append(row)
        cases.append(case)
classifier = CohortClassifier(knowledge.answerer)
def by_tables(cases, rules):
    groups = classifier.classify(pl.DataFrame(rows[:len(cases)]))["bfm_group"].cast(pl.String)
    return [{g} & set(rules.queries) for g in groups]
engines = {"HermiT, case by case": by_hermit, "SPARQL rules, rdflib": by_rdflib,
           "SPARQL rules, pyoxigraph": by_pyoxigraph,
           "decision tables, opening": by_tables, "decision tables, again": by_tables}
by_hermit(cases[:1], rules)  # Java starts here
for number in map(int, sys.argv[2:]):
    sure = None
    classifier = CohortClassifier(knowledge.answerer)
    for name, ask in engines.items():
        start = time.perf_counter()
        found = ask(cases[:number], rules)
        seconds = time.perf_counter() - start
        one = [len(f) == 1 for f in found]
        sure = sure or sum(one)
        print(f"{number:4} cases  {name:26} {seconds:9.3f} s  {number / seconds:9,.0f} cases/s  "
              f"{sum(one)} of {sure} determined groups")
"""
)
CLASSIFY = "from queries.cli import app; app(['classify', *__import__('sys').argv[1:]])"
MEASURE = """
import resource, sys
code = sys.argv.pop(1)
try:
    exec(code)
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr)
"""
ROOT = Path(__file__).parents[2]


class Measured(NamedTuple):
    """What one process took: seconds by the clock and of the processor, megabytes, its output."""

    clock: float
    processor: float
    memory: float
    said: str


def run(code: str, *arguments: object) -> Measured:
    """Run code as a process of its own.

    A process inherits the peak of the one that starts it, so this one must stay small.
    """
    command = [sys.executable, "-c", MEASURE, code, *map(str, arguments)]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(done.stderr)
    processor, memory = done.stderr.split()[-2:]
    return Measured(seconds, float(processor), int(memory) / 1024, done.stdout)


def slope(rows: Sequence[int], seconds: Sequence[float]) -> float:
    """Return the exponent of growth by least squares over logarithms."""
    x, y = [math.log(r) for r in rows], [math.log(s) for s in seconds]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return above / sum((a - mean_x) ** 2 for a in x)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("rows", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--check", type=int, default=5_000, help="Rows to compare.")
    parser.add_argument("--cases", type=int, nargs="*", default=[10, 30, 100])
    parser.add_argument("--keep", type=Path, help="Write the files here, and leave them.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        source, out, copy = folder / "cohort.csv", folder / "out.csv", folder / "copy.csv"
        run(MAKE, source, given.rows)
        print(f"{given.rows:,} rows, {source.stat().st_size / 1e6:,.0f} MB", flush=True)
        whole = run(CLASSIFY, source, "-o", out)
        plain = {
            "the same columns": run(SAME, source, copy, out),
            "the table written": run(COPY, out, copy),
            "the input columns": run(COPY, source, copy),
        }
        copy.unlink()
        show("rallo classify", given.rows, whole)
        for name, measured in plain.items():
            show(name, given.rows, measured)
        for name, measured in plain.items():
            clock = whole.clock / measured.clock
            processor = whole.processor / measured.processor
            print(
                f"ratio to {name:18} {clock:5.2f} by the clock  {processor:5.2f} by the processor"
            )
        troubled, seen, wrong = run(
            CHECK, out, min(given.check, given.rows), given.rows
        ).said.split()
        print(f"{int(seen):,} random rows compared: {wrong} differ; {float(troubled):.1%} problems")
        out.unlink()
        growth(source, folder, given.rows, whole)
        if given.cases:
            print(run(CASES, source, *given.cases).said, end="")


def show(name: str, rows: int, measured: Measured) -> None:
    """Print one measurement on a line."""
    print(
        f"{name:18} {rows:>11,} rows  {measured.clock:7.2f} s"
        f"  processor {measured.processor:7.2f} s"
        f"  {rows / measured.clock:9,.0f} rows/s  {measured.memory:5.0f} MB",
        flush=True,
    )


def growth(source: Path, folder: Path, rows: int, whole: Measured) -> None:
    """Classify tenths of the cohort down to 10,000 rows, and print how time grows."""
    part, out = folder / "part.csv", folder / "part_out.csv"
    found = {rows: whole}
    for number in (100, *(10**n for n in range(4, 9) if 10**n < rows)):
        run(CUT, source, part, number)
        found[number] = run(CLASSIFY, part, "-o", out)
        show("rallo classify", number, found[number])
    start, sizes = found.pop(100), sorted(found.keys() - {100})
    if len(sizes) > 1:
        for name in ("clock", "processor"):
            none = getattr(start, name)
            taken = [max(getattr(found[n], name) - none, 1e-3) for n in sizes]
            steps = [
                f"{slope(sizes[i : i + 2], taken[i : i + 2]):.2f}" for i in range(len(sizes) - 1)
            ]
            print(f"growth exponent by the {name}: {slope(sizes, taken):.3f} ({', '.join(steps)})")


if __name__ == "__main__":
    main()
