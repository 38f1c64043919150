"""Generated cohorts as files, for the tests of large cohorts."""

from __future__ import annotations

import csv
from pathlib import Path

from generated import Generator

from queries.knowledge import Knowledge


def write_records(path: Path, knowledge: Knowledge, rows: int, seed: int = 8) -> None:
    """Write generated records, refused and contradictory ones too, and a column RALLO ignores."""
    generator = Generator(knowledge.table, seed)
    records = [{**generator.record(), "note, mine": f'"{n}"\nä'} for n in range(rows)]
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(records[0]))
        writer.writeheader()
        writer.writerows(records)
