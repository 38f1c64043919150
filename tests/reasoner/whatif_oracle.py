"""What-if questions answered a second time: columns are altered one by one and the oracle is asked.

Nothing here looks at the program; a changed record is a dictionary of columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations, product
from typing import Final

from expected import Expected, expect
from facts_oracle import Readings, possible_facts

Record = dict[str, str]
Cost = tuple[int, int]

QUESTION_OF: Final = {
    "timing_table1": "bfm-table-1-timing",
    "bfm_group": "bfm-table-1-groups",
    "hsct": "hsct",
}

# One value on every limit and one in every gap between limits, for each column.
VALUES: Final = {
    column: text.split()
    for column, text in {
        "relapse_number": "1 2",
        "marrow_status": "clear involved",
        "marrow_blasts_percent": "1 5 10 60",
        "cns_status": "CNS1 CNS2 CNS3",
        "cranial_nerve_palsy": "yes no",
        "testis": "none unilateral bilateral",
        "testis_biopsy": "positive negative",
        "other_extramedullary": "none present",
        "immunophenotype": "BCP T other-B",
        "months_from_diagnosis": "10 18 24 30 33 36 60",
        "months_from_treatment_end": "3 6 8",
        "on_treatment": "yes no",
        "mrd": "0.00001 0.0001 0.0005 0.1",
        "remission": "yes no refractory",
    }.items()
}


def answer(column: str, record: Record, readings: Readings) -> Expected:
    """Return what a column should say of a record."""
    return expect(QUESTION_OF[column], possible_facts(record, readings), readings)


def contradictory(record: Record) -> bool:
    """Tell by the definitions whether columns exclude each other (P8, P9, A05, B6)."""
    status, grade = record.get("marrow_status"), record.get("cns_status", "CNS3")
    blasts = float(record.get("marrow_blasts_percent", 10))
    off, since = record.get("months_from_treatment_end"), record.get("months_from_diagnosis")
    return any(
        (
            status == "involved" and blasts < 5,
            status == "clear" and blasts >= 25,
            grade != "CNS3" and record.get("cranial_nerve_palsy") == "yes",
            record.get("testis") == "none" and record.get("testis_biopsy") == "positive",
            record.get("on_treatment") == "yes" and off is not None,
            off is not None and since is not None and Decimal(off) > Decimal(since),
        )
    )


def altered(record: Record, count: int) -> Iterator[tuple[Cost, Record]]:
    """Yield every record that says so many columns anew, with the changes and additions it took."""
    for columns in combinations(VALUES, count):
        changed = sum(c in record for c in columns)
        options = [[v for v in VALUES[c] if v != record.get(c)] for c in columns]
        for values in product(*options):
            made = {**record, **dict(zip(columns, values, strict=True))}
            if not contradictory(made):
                yield (changed, count - changed), made


def full_records(record: Record, asked: list[str]) -> Iterator[Record]:
    """Yield every way in which columns can turn out; months off treatment only where it is over."""
    for values in product(*(VALUES[c] for c in asked)):
        made = {**record, **dict(zip(asked, values, strict=True))}
        if made.get("on_treatment") == "yes":
            made.pop("months_from_treatment_end", None)
        elif not contradictory(made):
            yield made
            continue
        if not contradictory(made):
            yield made
