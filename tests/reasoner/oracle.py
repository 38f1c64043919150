"""What the article says of a described relapse, worked out a second time and in another way.

Written from the article and the decision procedure (P, A and B numbers are theirs), from section 4
of the later evidence for the UK, COG and IntReALL groups, and from nothing of the program: every
complete case is put through plain conditions. Readings go by their names in the project's list.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from itertools import product
from typing import NamedTuple

Readings = frozenset[str]

EARLY, LATE, VERY_EARLY = "early", "late", "very early"
Groups = frozenset[str]
NONE: Groups = frozenset()


class Sites(NamedTuple):
    """Which sites are involved."""

    marrow: bool
    cns: bool
    testis: bool
    other: bool

    @property
    def extramedullary(self) -> int:
        """Number of sites outside the marrow."""
        return self.cns + self.testis + self.other


def site_pattern(sites: Sites) -> str:
    """Name the pattern (step 1 of the procedure; A13)."""
    outside = [w for w, on in zip(("CNS", "testis", "other"), sites[1:], strict=True) if on]
    if sites.marrow:
        return "+".join(["combined BM", *outside]) if outside else "isolated BM"
    if not outside:
        return "no relapse"
    if len(outside) > 1:
        return "multisite extramedullary"
    return {
        "CNS": "isolated CNS",
        "testis": "isolated testicular",
        "other": "isolated other extramedullary",
    }[outside[0]]


def table1_timing(dx: Decimal, off: Decimal | None, readings: Readings) -> Groups:
    """Apply the key of Table 1 (P13): strict operators; on treatment (``off`` none) by B2."""
    found = set()
    if dx < 18:
        found.add(VERY_EARLY)
    if dx > 18 and ("B2" in readings if off is None else off < 6):
        found.add(EARLY)
    if off is not None and off > 6 and not ("A04" in readings and dx < 18):
        found.add(LATE)
    return frozenset(found)


def r3_timing(dx: Decimal, off: Decimal | None, readings: Readings) -> Groups:
    """Apply the trial's own text: the same limits, and no reading that ranks them."""
    return table1_timing(dx, off, readings - {"A04"})


def narrative_timing(dx: Decimal, rem: Decimal) -> Groups:
    """Apply P10: very early from diagnosis, early and late from remission (A02)."""
    found = {VERY_EARLY} if dx < 18 else set()
    if 18 < rem < 30:
        found.add(EARLY)
    if rem >= 30:
        found.add(LATE)
    return frozenset(found)


def one_limit(dx: Decimal, limit: int, before: str, after: str) -> Groups:
    """Apply a scheme with one limit that belongs to neither side (P1, P10)."""
    if dx == limit:
        return NONE
    return frozenset({before if dx < limit else after})


def table1_groups(timing: Groups, sites: Sites, lineage: str, readings: Readings) -> Groups:
    """Read off the lines of Table 1 (P12) for the timings that hold."""
    non_t, found = lineage != "T", set()
    combined = sites.marrow and sites.extramedullary > 0
    bm = sites.marrow and (not combined or "A10" in readings)
    if not sites.marrow and sites.extramedullary:
        found |= {"S1"} if LATE in timing else set()
        found |= {"S2"} if timing & {EARLY, VERY_EARLY} else set()
    if bm:
        found |= {"S2"} if non_t and LATE in timing else set()
        found |= {"S3"} if non_t and EARLY in timing else set()
        found |= {"S4"} if VERY_EARLY in timing or not non_t else set()
    if combined:
        found |= {"S2"} if non_t and timing & {EARLY, LATE} else set()
        found |= {"S4"} if VERY_EARLY in timing else set()
        found |= {"S4"} if not non_t and "A11" in readings else set()
    return frozenset(found)


def around(dx: Decimal, off: Decimal | None) -> Iterable[tuple[Decimal, Decimal | None]]:
    """Yield the clocks on either side of every limit of Table 1 that a clock stands on."""
    step = Decimal("0.0001")
    first = (dx - step, dx + step) if dx == 18 else (dx,)
    second = (off - step, off + step) if off is not None and off == 6 else (off,)
    return product(first, second)


def on_boundary(dx: Decimal, off: Decimal | None) -> bool:
    """Tell whether a clock stands on a limit of Table 1."""
    return dx == 18 or off == 6


@cache
def bfm_group(
    sites: Sites, lineage: str, dx: Decimal, off: Decimal | None, readings: Readings
) -> Groups:
    """Return the groups of Table 1; on a boundary what all sides lead to (A03)."""

    def at(d: Decimal, o: Decimal | None) -> Groups:
        return table1_groups(table1_timing(d, o, readings), sites, lineage, readings)

    here = at(dx, off)
    untimed = not table1_timing(dx, off, readings)
    if untimed and on_boundary(dx, off) and "A03" in readings:
        return here | frozenset.intersection(*(at(d, o) for d, o in around(dx, off)))
    return here


def uk_group(sites: Sites, lineage: str, timing: Groups) -> Groups:
    """Read the UK groups off the table of first-relapse schemes."""
    b, found = lineage != "T", set()
    if sites.marrow:
        isolated = not sites.extramedullary
        if not b or VERY_EARLY in timing or (isolated and EARLY in timing):
            found.add("HR")
        if b and (LATE in timing or (not isolated and EARLY in timing)):
            found.add("IR")
    elif sites.extramedullary:
        named = {LATE: "SR", EARLY: "IR", VERY_EARLY: "HR"}
        found |= {named[t] for t in timing}
    return frozenset(found)


def cog_group(sites: Sites, lineage: str, marrow: Groups, em_late: bool, low: bool) -> Groups:
    """Read the COG groups off the same table; what late means outside the marrow is not known.

    ``low`` is residual disease under 0.1 percent.
    """
    if not sites.marrow and not sites.extramedullary:
        return NONE
    if lineage == "T":
        return frozenset({"high"})
    if sites.marrow:
        early, late = EARLY in marrow, "later" in marrow
    else:
        early, late = not em_late, em_late
    if late:
        return frozenset({"low" if low else "intermediate"})
    return frozenset({"high"}) if early else NONE


def intreall(sites: Sites, lineage: str, timing: Groups, readings: Readings) -> Groups:
    """Read standard risk off the registry record; high risk only by reading I2."""
    isolated_bm = sites.marrow and not sites.extramedullary
    found = set()
    if not sites.marrow and sites.extramedullary and timing & {EARLY, LATE}:
        found.add("SR")
    if (
        lineage == "BCP"
        and sites.marrow
        and (LATE in timing or (EARLY in timing and not isolated_bm))
    ):
        found.add("SR")
    if "I2" in readings and (sites.marrow or sites.extramedullary):
        very_early = VERY_EARLY in timing
        if very_early or (isolated_bm and EARLY in timing) or (sites.marrow and lineage == "T"):
            found.add("HR")
    return frozenset(found)


@cache
def hsct(
    first: bool,
    sites: Sites,
    lineage: str,
    dx: Decimal,
    off: Decimal | None,
    remission: str,
    adverse: bool,
    mrd: int,
    readings: Readings,
) -> tuple[str, str] | None:
    """Answer the transplant question of one complete case with its reason (A5, B7, D-7).

    ``mrd`` is -1 below 1e-4, 0 at it and 1 above.
    """
    if not any(sites):
        return None
    if not first or remission != "yes":
        return "undetermined", "text-silent"  # D-7; A29
    high = mrd > 0 or (mrd == 0 and "A33" in readings)
    groups = bfm_group(sites, lineage, dx, off, readings)
    em = not sites.marrow
    combined = not em and sites.extramedullary > 0
    serious = bool(groups & {"S3", "S4"})
    features = (serious and bool(readings & {"B1", "A22"})) or (
        "A22" in readings and sites.marrow and lineage == "T"
    )
    good = not high and "B4" in readings
    late = dx > 30 or LATE in table1_timing(dx, off, readings)  # A07: either may be meant
    spared = "A07" in readings and "S3" in groups
    for_it = high or features
    against = (
        (good and late and lineage == "BCP" and not em and not combined and not spared)
        or (good and combined and lineage != "T" and "S2" in groups)
        or ("S1" in groups and not (high and "A24" in readings))
    )
    if for_it and against:
        return "undetermined", "text-conflict"
    reasons = set()
    if high and em and not groups and off == 6 and "A24" not in readings:
        reasons.add("boundary")  # yes as S2 (B7.1), a conflict as S1 (B7.6)
    if not high:
        if not features and mrd == 0:
            reasons.add("boundary")  # A5.5
        if not groups and on_boundary(dx, off) and not (combined and lineage == "T" and dx > 18):
            reasons.add("boundary")  # A03; T combined is in no group on either side (A11)
        if "S2" in groups and (em or adverse):
            reasons.add("figure-only")  # A5.7, B7.2, B7.3
        if "S1" in groups and lineage != "BCP":
            reasons.add("figure-only")  # B7.8
        if combined and lineage == "T" and not features:
            reasons.add("text-silent")  # A5.8
        if serious and not features:
            reasons.add("text-silent")  # B1 off
    if reasons or not (for_it or against):
        return "undetermined", first_reason(reasons or {"text-silent"})
    return ("yes" if for_it else "no"), ""


def first_reason(reasons: Iterable[str]) -> str:
    """Return the reason that goes first where several keep an answer open."""
    order = ("text-conflict", "boundary", "figure-only", "text-silent")
    return next(r for r in order if r in set(reasons))
