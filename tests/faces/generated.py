"""Generated relapses: consistent, contradictory and refused values, and numbers on every limit."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from faces import INPUT

from reasoner.table import Table

BAD: Final = (
    *("x", "-3", "1e400", "17,9", "nan", "inf", "--", "0x10", "1_000", "1e", ".", "+", "<", "1 8"),
    *(
        "1e-400",
        "99999999999999999999",
        "5.",
        ".5",
        "1.2.3",
        "\u200b",
        "\u0664",
        "'; DROP",
        '"',
        "\n",
    ),
    *(
        "2010-02-30",
        "10-01-2010",
        "20100101",
        "0000-01-01",
        "2010-1-5",
        "<nan",
        ">=",
        "week5:",
        ";",
    ),
    *("none;matched-sibling", "hypodiploidy;none-adverse", "mature-B", "lineage-switch", "yes no"),
)
BLANKS: Final = (" ", "  ", "\t", "\r", "\n", " \t ")
ODD_BLANKS: Final = ("\u00a0", "\u2003", "\x1f", "\x85")
MRD: Final = (
    *("not-detected", "Not-Detected", "week5:2e-3;week12:<1e-4", "week5:1e-5; week12:not-detected"),
    *("<1e-4;>1e-3", "a:b:0.5", "week5: 1e-4", "2e-3;", "0.5;0.5", "<0.5;not-detected"),
)
WORDS: Final[dict[str, str]] = {
    "marrow_status": "clear involved",
    "cns_status": "CNS1 CNS1 CNS2 CNS3 cns3",
    "cranial_nerve_palsy": "no no yes",
    "testis": "none none unilateral bilateral",
    "testis_biopsy": "positive negative",
    "contralateral_testis_biopsy": "positive negative",
    "other_extramedullary": "none present",
    "immunophenotype": "BCP BCP BCP BCP T T T other-B bcp mature-B",
    "on_treatment": "yes no YES",
    "marrow_pcr": "positive negative",
    "remission": "yes yes no refractory",
    "nk_alloreactive_relative": "yes no",
    "genetics": "KMT2A-r none-adverse BCR-ABL1;TKI-resistance-mutation ETV6-RUNX1 hypodiploidy "
    "BCR-ABL1;no-TKI-resistance-mutation KMT2A-r;hypodiploidy none-adverse;ETV6-RUNX1",
    "donors": "matched-sibling unrelated-7/8;cord-blood none haploidentical unrelated-6/8 "
    "matched-family;;cord-blood unrelated-8/8;unrelated-7/8;",
    "relapse_number": "1 1 1 1 2 3 1.0 2.000 1.5 0 20 21 1e0",
    "chromosomes": "43 44 45 46 44.0 43.999 200 0",
}


def limits(table: Table) -> dict[str, list[Decimal]]:
    """Return the limits of every column of numbers, as the compiled table has them."""
    found: dict[str, set[Decimal]] = {}
    for entry in table.dimensions.values():
        if entry["is_number"]:
            bounds = {a.get(side) for a in entry["atoms"] for side in ("low", "high")}
            bounds |= {entry["minimum"], entry["maximum"]}
            numbers = {Decimal(b) for b in bounds if b is not None}
            found.setdefault(entry["column"], set()).update(numbers)
            if entry["detection_limit_column"]:
                found[entry["detection_limit_column"]] = numbers
    return {column: sorted(numbers) for column, numbers in found.items()}


class Generator:
    """Draws records of every kind, alike for the same seed."""

    def __init__(self, table: Table, seed: int) -> None:
        """Keep the limits beside which numbers are drawn."""
        self.random = random.Random(seed)
        self.limits = limits(table)

    def record(self) -> dict[str, str]:
        """Draw a record: a third of the facts missing, a few refused, some dates."""
        dated = self.random.random() < 0.3
        record = {}
        for column in INPUT:
            if column == "patient_id" or (column.endswith("_date") and not dated):
                record[column] = ""
            else:
                record[column] = self._cell(column)
        return record

    def _cell(self, column: str) -> str:
        chance = self.random.random()
        if chance < 0.33:
            return self.random.choice(["", "", "", *BLANKS])
        if chance < 0.35:
            return self.random.choice((*BAD, *ODD_BLANKS))
        text = self._draw(column)()
        if chance > 0.95:
            blanks = self.random.choices(BLANKS if chance > 0.953 else ODD_BLANKS, k=2)
            text = blanks[0] + text + blanks[1]
        return text

    def _draw(self, column: str) -> Callable[[], str]:
        if column.endswith("_date"):
            return self._date
        if column == "mrd":
            return self._mrd
        if column in WORDS:
            return lambda: self.random.choice(WORDS[column].split(" "))
        return lambda: self.number(column)

    def _date(self) -> str:
        if self.random.random() < 0.3:
            return self.random.choice(["2012-02-29", "2010-01-31", "2011-07-31", "2012-08-15"])
        day = date(2010, 1, 1) + timedelta(days=self.random.randrange(1500))
        return day.isoformat()

    def _mrd(self) -> str:
        chance = self.random.random()
        if chance < 0.3:
            return self.random.choice(MRD)
        number = self.number("mrd")
        if chance < 0.6:
            return self.random.choice(("<", "<=", ">", ">=", "< ", ">= ")) + number
        return number

    def number(self, column: str) -> str:
        """Draw a number: on a limit, hardly beside one, or anywhere; in one of many spellings."""
        numbers = self.limits[column]
        limit, chance = self.random.choice(numbers), self.random.random()
        if chance < 0.3:
            return self._spelt(limit)
        if chance < 0.6:
            digits = self.random.choice((3, 6, 15, 16, 17, 18, 20))
            step = Decimal(1).scaleb(-digits) * self.random.choice((-1, 1))
            return f"{limit + step:f}"
        low, high = float(numbers[0]), float(numbers[-2] * 2)
        return f"{self.random.uniform(low, high):.{self.random.randrange(9)}f}"

    def _spelt(self, number: Decimal) -> str:
        plain = f"{number:f}"
        point = "" if "." in plain else "."
        return self.random.choice(
            [
                plain,
                plain + point + "0",
                plain + point + "0" * 12,
                f"{number:E}",
                f"+{plain}",
                "0" + plain,
            ]
        )
