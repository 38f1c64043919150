"""Synthetic relapses for the benchmarks of `rallo classify`, and for the test of a large cohort."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray


def cohort(rows: int, seed: int = 1, first: int = 0) -> pl.DataFrame:
    """Make relapses of which each fact is missing in three rows of ten.

    Identifiers count from ``first`` on.
    """
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
        "months_from_treatment_end": months(since_end, 2).replace("NaN", None),
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
            pl.when(pl.Series(rng.random(rows) < 0.7)).then(values).otherwise(None)
        ).to_series()
        for name, values in facts.items()
    }
    identifiers = pl.Series(np.arange(first, first + rows)).cast(pl.String)
    return pl.DataFrame({"patient_id": identifiers, **kept})
