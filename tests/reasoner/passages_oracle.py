"""Where passages leave something open, worked out from the text a second time.

P and A numbers are those of the article and of its ambiguities; section 4 of the later evidence for
UK, COG and IntReALL. Nothing of the program is used.
"""

from __future__ import annotations

from typing import Any, Final

from situations_oracle import Case, Rule


def _on_treatment(case: Case) -> Any:
    """No end of treatment to count from, and past the very early time (P13)."""
    return case.where("off", lambda months: months is None) & case.where("dx", lambda m: m > 18)


def _two_clocks(case: Case) -> Any:
    """Very early from diagnosis, late from the end of treatment (A04)."""
    return case.where("dx", lambda m: m < 18) & case.where("off", lambda m: m is not None and m > 6)


PASSAGES: Final[dict[str, Rule]] = {
    "AbstractOnBoundary": lambda c: c.where("dx", lambda months: months == 30),  # abstract
    "COGMarrowBDisease": lambda c: c["marrow"] & c.lineage("non-T"),  # section 4.2
    "COGOnBoundary": lambda c: c.where("dx", lambda months: months == 36),  # P10
    "IntReALLUnnamedLineage": lambda c: (  # section 4.3: standard risk names BCP, high risk T
        c.where("lineage", lambda lineage: lineage not in ("BCP", "T"))
        & (
            (c.sites["isolated"] & c.timing("IntReALL", "late"))
            | (c.sites["combined"] & c.timing("IntReALL", "early", "late"))
        )
    ),
    "NarrativeBeforeEarly": lambda c: c.where("rem", lambda months: months < 18),  # P10
    "NarrativeBetweenClocks": lambda c: (  # P10, A02
        c.where("rem", lambda m: m < 18) & c.where("dx", lambda m: m >= 18)
    ),
    "NarrativeOnRemissionBoundary": lambda c: (  # P10
        c.where("rem", lambda m: m == 18) & c.where("dx", lambda m: m >= 18)
    ),
    "R3OnDiagnosisBoundary": lambda c: c.dx_limit,  # section 4.1
    "R3OnTreatmentEndBoundary": lambda c: c.off_limit,
    "R3OnTreatmentPastVeryEarly": _on_treatment,
    "R3VeryEarlyAndLate": _two_clocks,
    "Table1EarlyNonTCombined": lambda c: (  # P12 S2 and S3, A10
        c.sites["combined"] & c.lineage("non-T") & c.timing("Table 1", "early")
    ),
    "Table1OnTreatmentPastVeryEarly": _on_treatment,
    "Table1UnlistedTCombined": lambda c: c.t_combined & c.where("dx", lambda m: m >= 18),  # A11
    "Table1VeryEarlyAndLate": lambda c: _two_clocks(c) & (not c.reads("A04")),
}
