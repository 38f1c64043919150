"""Large cohorts with values that cannot be used, for the tests of whole files."""

from __future__ import annotations

import csv
import random
import sys
from pathlib import Path

from faces import ROOT
from generated import BAD, BLANKS

sys.path.insert(0, str(ROOT / "tests" / "benchmarks"))
from cohorts_of_any_size import cohort

__all__ = ["cohort", "write_cohort"]


def write_cohort(path: Path, rows: int, seed: int = 8) -> None:
    """Write a cohort in which every fifth row has a bad value, and a column RALLO ignores."""
    chosen = random.Random(seed)
    records = cohort(rows, seed).to_dicts()
    columns = list(records[0])[1:]
    for number, record in enumerate(records):
        record["note, mine"] = f'"{number}"\nä'
        if number % 5 == 0:
            record[chosen.choice(columns)] = chosen.choice((*BAD, *BLANKS))
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(records[0]))
        writer.writeheader()
        writer.writerows(records)
