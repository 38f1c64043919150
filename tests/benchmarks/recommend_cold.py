"""How long `rallo recommend` takes as a whole process, beside an interpreter that does nothing.

    python tests/benchmarks/recommend_cold.py [TIMES]

Runs `python -c pass`, `rallo recommend` on options, and `rallo recommend` on a CSV file, each TIMES
times (default 15) in turn, and prints median and worst.  Nothing is asserted, and pytest does not
collect it.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAIN = "from queries.cli import main; main()"
FACTS = [
    "--marrow-status=involved",
    "--immunophenotype=T",
    "--months-from-diagnosis=16",
    "--mrd=<1e-4",
]
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "recommend, options": ["-c", MAIN, "recommend", *FACTS],
    "recommend, JSON": ["-c", MAIN, "recommend", *FACTS, "--format", "json"],
    "recommend, 8 rows of CSV": ["-c", MAIN, "recommend", "ontology/examples/relapses.csv"],
}


def seconds(arguments: list[str]) -> float:
    """Run one process and return how long it took."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure in turn, so that a noisy minute hits all alike, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("times", nargs="?", type=int, default=15)
    times = parser.parse_args().times
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(times):
        for name, arguments in COMMANDS.items():
            taken[name].append(seconds(arguments))
    base = statistics.median(taken["python -c pass"])
    for name, found in taken.items():
        middle = statistics.median(found)
        print(
            f"{name:26} median {middle * 1000:6.0f} ms  worst {max(found) * 1000:6.0f} ms"
            f"  {middle / base:5.1f} x python -c pass"
        )


if __name__ == "__main__":
    main()
