"""Described relapses in short, for the tests that name their cases one by one."""

from __future__ import annotations

import re
from typing import Final

Record = dict[str, str]

# Question of each output column (DESIGN 5).
COLUMNS: Final = {
    "site_pattern": "site-patterns",
    "timing_table1": "bfm-table-1-timing",
    "timing_abstract": "abstract-timing",
    "timing_bfm_narrative": "bfm-narrative-timing",
    "timing_cog": "cog-timing",
    "bfm_group": "bfm-table-1-groups",
    "uk_r3_group": "uk-r3",
    "cog_group": "cog-groups",
    "intreall": "intreall",
    "hsct": "hsct",
    "local_therapy": "local-therapy",
    "donor_choice": "donor-choice",
}

# Every word states some columns; a record is some words, later ones outdoing earlier ones.
WORDS: Final[dict[str, Record]] = {
    "clear": {
        "marrow_status": "clear",
        "cns_status": "CNS1",
        "testis": "none",
        "other_extramedullary": "none",
    },
    "BM": {"marrow_status": "involved"},
    "BM?": {"marrow_status": ""},
    "CNS": {"cns_status": "CNS3"},
    "CNS?": {"cns_status": ""},
    "testis": {"testis": "unilateral", "testis_biopsy": "positive"},
    "testes": {"testis": "bilateral", "testis_biopsy": "positive"},
    "other": {"other_extramedullary": "present"},
    "BCP": {"immunophenotype": "BCP"},
    "T": {"immunophenotype": "T"},
    "other-B": {"immunophenotype": "other-B"},
    "on": {"on_treatment": "yes"},
    "very-early": {"months_from_diagnosis": "10", "on_treatment": "yes"},
    "early": {"months_from_diagnosis": "24", "on_treatment": "yes"},
    "early34": {"months_from_diagnosis": "34", "on_treatment": "yes"},
    "late": {"months_from_diagnosis": "40", "months_from_treatment_end": "12"},
    "late28": {"months_from_diagnosis": "28", "months_from_treatment_end": "7"},
    "low": {"mrd": "5e-5"},
    "limit": {"mrd": "1e-4"},
    "high": {"mrd": "5e-4"},
    "contralateral+": {"contralateral_testis_biopsy": "positive"},
    "contralateral-": {"contralateral_testis_biopsy": "negative"},
    "second": {"relapse_number": "2"},
}
SHORT: Final = {
    "dx": "months_from_diagnosis",
    "rem": "months_from_remission",
    "off": "months_from_treatment_end",
    "blasts": "marrow_blasts_percent",
    "cns": "cns_status",
    "palsy": "cranial_nerve_palsy",
    "prior": "prior_cranial_rt_gy",
    "sensitivity": "mrd_sensitivity",
    "nk": "nk_alloreactive_relative",
    "pcr": "marrow_pcr",
}


def record(text: str) -> Record:
    """Read a record from words, and from pairs of a column and its value."""
    found: Record = {}
    for word in text.split():
        column, equals, value = word.partition("=")
        found |= {SHORT.get(column, column): value} if equals else WORDS[word]
    return {column: value for column, value in found.items() if value}


def table(text: str) -> list[tuple[str, ...]]:
    """Read rows of cells, one row a line; a bar with space before it ends a cell."""
    return [tuple(re.split(r"\s+\|(?:\s+|$)", line)) for line in text.strip().splitlines()]
