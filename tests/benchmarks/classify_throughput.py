"""How fast `rallo classify` is, as a ratio to plainly reading and writing the same CSV.

    python tests/benchmarks/classify_throughput.py [ROWS] [--keep FOLDER]

Writes a cohort of ROWS relapses (default 1,000,000: twelve columns of facts and an identifier, 30
per cent of the facts missing, nearly all rows without contradiction), and runs whole processes on
it: one that only reads and writes it with polars, `rallo classify`, and `rallo classify` on the
first tenth, so that growth of memory with rows shows.  Prints rows a second, the ratio, and peak
memory.  Nothing is asserted, and pytest does not collect it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

PLAIN = """
import sys
import polars as pl
with open(sys.argv[2], "wb") as out:
    for n, batch in enumerate(pl.scan_csv(sys.argv[1], infer_schema=False).collect_batches(
        chunk_size=131072, maintain_order=True
    )):
        batch.write_csv(out, include_header=n == 0)
"""
MAKE = """
import sys
sys.path.insert(0, "tests/benchmarks")
from classify_throughput import cohort
frame = cohort(int(sys.argv[3]))
frame.write_csv(sys.argv[1])
frame.head(frame.height // 10).write_csv(sys.argv[2])
"""
COUNT = """
import sys
import polars as pl
problems = pl.scan_csv(sys.argv[1], infer_schema=False).select(pl.col("problems").fill_null(""))
print(problems.select((pl.col("problems") != "").mean()).collect().item())
"""
CLASSIFY = "from queries.cli import app; app(['classify', *__import__('sys').argv[1:]])"
MEASURE = """
import resource, sys
code = sys.argv.pop(1)
try:
    exec(code)
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""
ROOT = Path(__file__).parents[2]


def cohort(rows: int, seed: int = 1) -> pl.DataFrame:
    """Make relapses of which each fact is missing in three rows of ten."""
    rng = np.random.default_rng(seed)

    def some(*words: str, odds: list[float] | None = None) -> pl.Series:
        chosen = rng.choice(len(words), rows, p=odds)
        return pl.Series(words).gather(pl.Series(chosen))

    def months(values: NDArray[np.float64], digits: int) -> pl.Series:
        return pl.Series(np.round(values, digits)).cast(pl.String)

    diagnosis = rng.gamma(3.0, 11.0, rows) + 1
    on_treatment = (diagnosis < 24) ^ (rng.random(rows) < 0.01)  # the one fact that may be wrong
    since_end = np.where(
        diagnosis < 24, np.nan, np.maximum(0, diagnosis - 24 - rng.random(rows) * 2)
    )
    clear = rng.random(rows) < 0.2
    blasts = np.where(clear, rng.random(rows) * 4.9, 25 + rng.random(rows) * 75)
    facts = {
        "relapse_number": some("1", "2", odds=[0.93, 0.07]),
        "marrow_blasts_percent": months(blasts, 1),
        "cns_status": some("CNS1", "CNS2", "CNS3", odds=[0.75, 0.07, 0.18]),
        "testis": some("none", "unilateral", "bilateral", odds=[0.93, 0.05, 0.02]),
        "other_extramedullary": some("none", "present", odds=[0.96, 0.04]),
        "immunophenotype": some("BCP", "T", "other-B", odds=[0.86, 0.13, 0.01]),
        "months_from_diagnosis": months(diagnosis, 2),
        "on_treatment": pl.Series(on_treatment).replace_strict({True: "yes", False: "no"}),
        "months_from_treatment_end": months(since_end, 2).replace("NaN", ""),
        "mrd": some(
            "<1e-4", "5e-5", "2e-4", "0.0007", "3e-3", "not-detected", "week5:2e-3;week12:<1e-4"
        ),
        "genetics": some(
            "none-adverse", "ETV6-RUNX1", "BCR-ABL1", "KMT2A-r", odds=[0.7, 0.2, 0.05, 0.05]
        ),
        "donors": some("matched-sibling", "unrelated-8/8", "unrelated-7/8;cord-blood", "none"),
    }
    kept = {
        name: pl.select(
            pl.when(pl.Series(rng.random(rows) < 0.7)).then(values).otherwise(pl.lit(""))
        ).to_series()
        for name, values in facts.items()
    }
    identifiers = pl.Series(np.arange(rows)).cast(pl.String)
    return pl.DataFrame({"patient_id": identifiers, **kept})


def run(code: str, *arguments: str) -> tuple[float, float, str]:
    """Run code as a process of its own; return its seconds, peak memory in megabytes, and output.

    A process inherits the peak of the one that starts it, so this one must stay small.
    """
    command = [sys.executable, "-c", MEASURE, code, *arguments]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(done.stderr)
    return seconds, int(done.stderr.split()[-1]) / 1024, done.stdout


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("rows", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="Write the files here, and leave them.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        source, tenth = folder / "cohort.csv", folder / "tenth.csv"
        run(MAKE, str(source), str(tenth), str(given.rows))
        size = source.stat().st_size / 1e6
        plain = run(PLAIN, str(source), str(folder / "copy.csv"))
        answer = run(CLASSIFY, str(source), "-o", str(folder / "out.csv"))
        few = run(CLASSIFY, str(tenth), "-o", str(folder / "few.csv"))
        troubled = float(run(COUNT, str(folder / "out.csv"))[2])
    print(f"{given.rows:,} rows, {size:.0f} MB, {troubled:.1%} with problems")
    for name, rows, (seconds, memory, _) in (
        ("read and write", given.rows, plain),
        ("rallo classify", given.rows, answer),
        ("on a tenth", given.rows // 10, few),
    ):
        print(f"{name:15} {seconds:6.2f} s  {rows / seconds:10,.0f} rows/s  {memory:6.0f} MB")
    print(f"ratio to reading and writing: {answer[0] / plain[0]:.1f}")


if __name__ == "__main__":
    main()
