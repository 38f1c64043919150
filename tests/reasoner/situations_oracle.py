"""Lines of the groups and situations of the advice, worked out from the text a second time.

Written from the article and the decision procedure (P, A, B, C and D numbers are theirs) and, for
the UK, COG and IntReALL lines, from section 4 of the later evidence; nothing of the program is
used. Every rule is put to all complete cases at once: a fact is an array of truths, one a case.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

import numpy as np
import oracle
from facts_oracle import COG_LIMIT, LIMIT, Readings
from numpy.typing import NDArray
from oracle import EARLY, LATE, VERY_EARLY, Groups, Sites

Truth = NDArray[np.bool_]
Lift = Callable[[tuple[str, ...], Callable[..., Any]], NDArray[Any]]


class Case:
    """The plain facts of complete cases, and the words that the text makes of them.

    ``lift`` puts a rule over named plain facts to all cases: whether it is the first relapse, the
    sites, the lineage, months (dx from diagnosis, off from the end of treatment), the state of
    remission, residual disease, the earlier cranial dose, lesions, testes and donors.
    """

    def __init__(self, lift: Lift, readings: Readings) -> None:
        """Keep the cases and the readings that hold."""
        self._lift, self.readings = lift, readings

    def __getitem__(self, fact: str) -> Truth:
        """Return in which cases something is so."""
        return self.where(fact, bool)

    def where(self, fact: str, test: Callable[[Any], bool]) -> Truth:
        """Return in which cases a fact passes a test."""
        found: Truth = self._lift((fact,), lambda **facts: test(facts[fact]))
        return found

    def lineage(self, name: str) -> Truth:
        """Return in which cases the lineage is BCP, T or non-T."""
        if name == "non-T":
            return ~self.lineage("T")
        return self.where("lineage", lambda lineage: lineage == name)

    def reads(self, *names: str) -> bool:
        """Tell whether one of some readings holds."""
        return bool(self.readings & set(names))

    @cached_property
    def em(self) -> Truth:
        """A site outside the marrow."""
        return self["cns"] | self["testis"] | self["other"]

    @cached_property
    def sites(self) -> dict[str, Truth]:
        """Sites as the printed lines name them; bm is what Table 1 calls BM relapse (B3, A10)."""
        marrow, em = self["marrow"], self.em
        return {
            "em": em & ~marrow,
            "isolated": marrow & ~em,
            "combined": marrow & em,
            "any": marrow,
            "bm": marrow if self.reads("A10") else marrow & ~em,
            "em or combined": em,
        }

    def timing(self, scheme: str, *wanted: str) -> Truth:
        """Return in which cases one of some timings holds in a scheme."""
        if scheme == "COG":
            dx = {"early": -1, "later": 1}
            sides = {dx[w] for w in wanted if self.reads("C1")}
            return self.where("dx", lambda months: (months > 36) - (months < 36) in sides)
        rule = oracle.r3_timing if scheme == "UK" else oracle.table1_timing
        silent = scheme == "IntReALL" and not self.reads("I1")

        def held(dx: Any, off: Any) -> bool:
            return not silent and bool(rule(dx, off, self.readings) & set(wanted))

        return self._lift(("dx", "off"), held)

    @cached_property
    def _groups(self) -> NDArray[Any]:
        def rule(
            marrow: bool, cns: bool, testis: bool, other: bool, lineage: str, dx: Any, off: Any
        ) -> int:
            sites = Sites(marrow, cns, testis, other)
            return _bits(oracle.bfm_group(sites, lineage, dx, off, self.readings))

        return self._lift(("marrow", "cns", "testis", "other", "lineage", "dx", "off"), rule)

    def group(self, *names: str) -> Truth:
        """Return in which cases one of some groups of Table 1 holds."""
        found: Truth = (self._groups & _bits(frozenset(names))) != 0
        return found

    @cached_property
    def point(self) -> Truth:
        """A5 and B7 speak of a first relapse with a site, in remission (P28, B7)."""
        return self["first"] & (self["marrow"] | self.em) & self.state("yes")

    def state(self, *words: str) -> Truth:
        """Return in which cases the remission is yes, no or refractory."""
        return self.where("state", lambda state: state in words)

    @cached_property
    def high(self) -> Truth:
        """High residual disease (P19); at the limit by A33."""
        return self.where("mrd", lambda m: m > LIMIT or (m == LIMIT and self.reads("A33")))

    @cached_property
    def features(self) -> Truth:
        """High-risk features (B1, A22)."""
        serious = self.group("S3", "S4") & self.reads("B1", "A22")
        return serious | (self["marrow"] & self.lineage("T") & self.reads("A22"))

    @cached_property
    def good(self) -> Truth:
        """Good clearance (B4)."""
        return ~self.high & self.reads("B4")

    @cached_property
    def t_combined(self) -> Truth:
        """On no line of Table 1 unless very early (A11)."""
        return self.sites["combined"] & self.lineage("T")

    @cached_property
    def dx_limit(self) -> Truth:
        """Exactly 18 months from diagnosis."""
        return self.where("dx", lambda months: months == 18)

    @cached_property
    def off_limit(self) -> Truth:
        """Exactly 6 months from the end of treatment."""
        return self.where("off", lambda months: months == 6)

    @cached_property
    def advanced(self) -> Truth:
        """A second or later relapse, or refractory disease (P43)."""
        return ~self["first"] | self.state("refractory")

    @cached_property
    def no_family(self) -> Truth:
        """Neither a sibling nor another family donor is matched (C-2)."""
        return ~self["sibling"] & ~self["family"]

    @cached_property
    def both_testes(self) -> Truth:
        """The biopsy of the other testis goes before its size (B-4, B-5)."""

        def both(enlarged: str, contralateral: str) -> bool:
            unproven = enlarged == "bilateral" and contralateral == "not-done"
            return contralateral == "positive" or unproven

        return self["testis"] & self._lift(("enlarged", "contralateral"), both)

    @cached_property
    def clash(self) -> Truth:
        """Between S1 and S2 with high residual disease: yes as S2 (B7.1), conflict as S1 (B7.6)."""
        return self.sites["em"] & self.off_limit & self.high & (not self.reads("A24"))

    @cached_property
    def open_boundary(self) -> Truth:
        """A clock on a limit, residual disease not high, and both sides on lines of Table 1."""
        unplaced = self.t_combined & self.where("dx", lambda months: months > 18)
        return (self.dx_limit | self.off_limit) & ~self.high & ~unplaced


def _bits(groups: Groups) -> int:
    return sum(1 << int(group[1]) for group in groups)


Rule = Callable[[Case], Truth]
WHENEVER: Final[tuple[str, ...]] = ()
# For every printed line: its site, its lineage and its timings.
LINES: Final[dict[str, dict[str, tuple[str, str, tuple[str, ...]]]]] = {
    "Table 1": {
        "S1Clause1": ("em", "all", (LATE,)),
        "S2Clause1": ("em", "all", (EARLY,)),
        "S2Clause2": ("em", "all", (VERY_EARLY,)),
        "S2Clause3": ("bm", "non-T", (LATE,)),
        "S2Clause4": ("combined", "non-T", (EARLY, LATE)),
        "S3Clause1": ("bm", "non-T", (EARLY,)),
        "S4Clause1": ("bm", "all", (VERY_EARLY,)),
        "S4Clause2": ("combined", "all", (VERY_EARLY,)),
        "S4Clause3": ("bm", "T", WHENEVER),
        "A11Clause1": ("combined", "T", WHENEVER),
        "A22Clause3": ("any", "T", WHENEVER),
    },
    "UK": {
        "R3StandardRiskClause1": ("em", "all", (LATE,)),
        "R3IntermediateRiskClause1": ("em", "all", (EARLY,)),
        "R3IntermediateRiskClause2": ("isolated", "non-T", (LATE,)),
        "R3IntermediateRiskClause3": ("combined", "non-T", (EARLY, LATE)),
        "R3HighRiskClause1": ("em", "all", (VERY_EARLY,)),
        "R3HighRiskClause2": ("isolated", "non-T", (EARLY,)),
        "R3HighRiskClause3": ("any", "non-T", (VERY_EARLY,)),
        "R3HighRiskClause4": ("any", "T", WHENEVER),
    },
    "IntReALL": {
        "IntReALLStandardRiskClause1": ("isolated", "BCP", (LATE,)),
        "IntReALLStandardRiskClause2": ("combined", "BCP", (EARLY, LATE)),
        "IntReALLStandardRiskClause3": ("em", "all", (EARLY, LATE)),
        "I2Clause1": ("isolated", "all", (VERY_EARLY, EARLY)),
        "I2Clause2": ("em or combined", "all", (VERY_EARLY,)),
        "I2Clause3": ("any", "T", WHENEVER),
    },
    "COG": {
        "COGHighRiskClause1": ("any", "non-T", (EARLY,)),
    },
}


def line(scheme: str, site: str, lineage: str, times: tuple[str, ...]) -> Rule:
    """Write a printed line as a rule."""

    def rule(case: Case) -> Truth:
        held = case.sites[site]
        if lineage != "all":
            held = held & case.lineage(lineage)
        return held & case.timing(scheme, *times) if times else held

    return rule


# The lines above, other lines that a reading adds, and the words that lines are made of.
CLAUSES: Final[dict[str, Rule]] = {
    **{n: line(s, *entry) for s, entries in LINES.items() for n, entry in entries.items()},
    "COGHighRiskClause2": lambda c: c.sites["em"] & ~c["em_late"] & c.lineage("non-T"),
    "COGHighRiskClause3": lambda c: (c["marrow"] | c.em) & c.lineage("T"),
    "COGLowMRD": lambda c: c.where("mrd", lambda mrd: mrd < COG_LIMIT),
    "A03Clause1": lambda c: (  # S2 whether very early or early
        c.sites["em"]
        & c.dx_limit
        & c.where("off", lambda off: c.reads("B2") if off is None else off < 6)
    ),
    "A03Clause2": lambda c: (  # S2 whether early or late
        c.sites["combined"]
        & c.lineage("non-T")
        & c.off_limit
        & c.where("dx", lambda months: months > 18)
    ),
    "InABFMGroup": lambda c: c.group("S1", "S2", "S3", "S4"),
    "Table1OnDiagnosisBoundary": lambda c: c.dx_limit,
    "Table1OnDiscontinuationBoundary": lambda c: c.off_limit,
    "ResidualDiseaseAtLimit": lambda c: c.where("mrd", lambda mrd: mrd == LIMIT),
    "BoundaryBetweenS1AndS2": lambda c: c.clash,
    "SubmicroscopicMarrowDisease": lambda c: c["pcr"] & ~c["marrow"],  # P8, P9
}

AT_THE_POINT: Final[dict[str, Rule]] = {
    "hsct-high-risk": lambda c: c.features,  # A5.1
    "hsct-high-mrd": lambda c: c.high,  # A5.2, B7.1
    "hsct-late-bcp-marrow": lambda c: (  # A5.3, A5.9, A5.10
        c.good
        & c.sites["isolated"]
        & c.lineage("BCP")
        & (c.where("dx", lambda months: months > 30) | c.timing("Table 1", LATE))  # P1, A07
        & ~(c.group("S3") & c.reads("A07"))
    ),
    "hsct-low-mrd-combined": lambda c: (  # A5.4
        c.good & c.sites["combined"] & c.lineage("non-T") & c.group("S2")
    ),
    "hsct-s1-not-used": lambda c: c.group("S1") & ~(c.high & c.reads("A24")),  # B7.5, B7.6
    "hsct-mrd-boundary": lambda c: (  # A5.5
        c.where("mrd", lambda mrd: mrd == LIMIT) & ~c.high & ~c.features
    ),
    "hsct-group-boundary": lambda c: (  # A03
        ~c.group("S1", "S2", "S3", "S4") & (c.open_boundary | c.clash)
    ),
    "hsct-adverse-genetics": lambda c: (  # A5.7
        c.group("S2") & c["marrow"] & (c["kmt2a"] | c["low_count"] | c["ph"]) & ~c.high
    ),
    "hsct-t-combined": lambda c: c.t_combined & ~c.features & ~c.high,  # A5.8
    "hsct-cns-early": lambda c: c.group("S2") & c.sites["em"] & c["cns"] & ~c.high,  # B7.2
    "hsct-extramedullary-s2": lambda c: (  # B7.3
        c.group("S2") & c.sites["em"] & ~c["cns"] & ~c.high
    ),
    "hsct-s1-not-bcp": lambda c: c.group("S1") & ~c.lineage("BCP") & ~c.high,  # B7.8
    "hsct-high-risk-undefined": lambda c: c.group("S3", "S4") & ~c.features & ~c.high,  # B1 off
}
ADVANCED: Final[dict[str, Rule]] = {
    "hsct-not-in-remission": lambda c: c["first"] & ~c.state("yes"),  # C-4, A29
    "hsct-second-relapse": lambda c: ~c["first"],  # D-7
    "nonresponse-trial": lambda c: c["first"] & c.state("refractory"),  # P19
    "second-relapse-trial": lambda c: ~c["first"],  # D-1
    "refractory-trial": lambda c: c.state("refractory"),  # D-1
    "clofarabine-bcp": lambda c: (  # D-2
        c.lineage("BCP") & (c.state("refractory") | (~c["first"] & c["marrow"]))
    ),
    "nelarabine-t": lambda c: c.lineage("T"),  # D-3
    "imatinib-ph": lambda c: c["ph"] & ~c["tki"],  # D-4
    "newer-tki-ph": lambda c: c["ph"] & c["tki"],  # D-4
    "liposomal-cytarabine-cns": lambda c: c["cns"] & c.state("refractory"),  # D-5
    "trial-agents-bcp": lambda c: c.lineage("BCP") & c.advanced,  # P33, P34, P43
    "trial-bortezomib": lambda c: c.advanced,  # P39, P43
    "trial-agents-flt3": lambda c: c.advanced & c["kmt2a"],  # P41, P43
}
REINDUCTION: Final[dict[str, Rule]] = {
    "reinduction-proven-protocol": lambda c: c["first"] & c["marrow"],  # A1
    "reinduction-choice-open": lambda c: c["first"] & c["marrow"],  # A1
    "reinduction-in-trial": lambda c: c["marrow"] | c.em,  # A1
    "reinduction-intensive-high-risk": lambda c: c["first"] & c.features,  # A2
    "mrd-measurement": lambda c: c["first"] & (c["marrow"] | c.em),  # A4
    "hsct-timing-cr2": lambda c: c["first"],  # A6
    "hsct-conditioning-tbi": lambda c: c["first"],  # A6
}
LOCAL: Final[dict[str, Rule]] = {
    "systemic-plus-local": lambda c: c.em,  # B-1
    "local-after-systemic": lambda c: c["cns"] & ~c["marrow"],  # B-2
    "cns-field-open": lambda c: c["cns"],  # B-3
    "cns-radiotherapy-18": lambda c: c["cns"] & c.where("prior", lambda dose: dose <= 20),  # B-3
    "cns-radiotherapy-15": lambda c: c["cns"] & c.where("prior", lambda dose: dose > 20),  # B-3
    "other-site-radiotherapy": lambda c: c["other"],  # B-6
}
TESTES: Final[dict[str, Rule]] = {
    "testis-unilateral": lambda c: c["testis"] & ~c.both_testes,  # B-4
    "testis-bilateral": lambda c: c.both_testes,  # B-5
}
DONORS: Final[dict[str, Rule]] = {
    "donor-matched-sibling": lambda c: c["sibling"],  # C-1
    "donor-compatible-family": lambda c: c["family"] & ~c["sibling"],  # C-1
    "donor-unrelated": lambda c: c.no_family & (c["u8"] | c["u7"]),  # C-2
    "donor-unrelated-mismatched": lambda c: c.no_family & c["u6"] & ~c["u8"] & ~c["u7"],  # P28
    "donor-cord-blood": lambda c: c.no_family & c["cord"],  # C-2
    # An NK-alloreactive relative is a haploidentical one (P28).
    "donor-haploidentical-t-depleted": lambda c: c.no_family & (c["haplo"] | c["nk"]),  # C-2
    "donor-haploidentical-unmanipulated": lambda c: (  # C-3
        c.no_family & c["haplo"] & ~c["u8"] & ~c["u7"] & ~c["cord"] & ~c["nk"]
    ),
}
SITUATIONS: Final = {**ADVANCED, **REINDUCTION, **LOCAL, **DONORS}
# What a decision is about.
SCOPES: Final[dict[str, Rule]] = {
    "hsct": lambda c: c["marrow"] | c.em,
    "local-therapy": lambda c: c.em,
    "donor-choice": lambda c: c["marrow"] | c.em,
}
# Classes of each reading; a reading without one only assumes a fact or stands against another.
READING_CLASSES: Final = {
    "A03": {"A03Clause1", "A03Clause2"},
    "A04": {"A04Clause1"},
    "A07": {"A07Clause1"},
    "A10": {"A10Clause1"},
    "A11": {"A11Clause1"},
    "A15": {"A15Constraint1"},
    "A22": {"A22Clause1", "A22Clause2", "A22Clause3"},
    "A24": {"A24Clause1"},
    "A33": {"A33Clause1"},
    "B1": {"B1Clause1", "B1Clause2"},
    "B2": {"B2Clause1", "B2Clause2"},
    "B3": {"B3Clause1"},
    "B4": {"B4Clause1"},
    "B5": {"B5Constraint1", "B5Constraint2"},
    "B6": {"B6Constraint1"},
    "B8": {"UnassignedCombinedRelapse"},
    "C1": {"C1Clause1", "C1Clause2"},
    "I1": {"I1Clause1", "I1Clause2", "I1Clause3"},
    "I2": {"I2Clause1", "I2Clause2", "I2Clause3"},
}
