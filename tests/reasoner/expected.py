"""What every column should say of a record: the oracle's cases taken together.

Certain is what all complete cases share, possible what some have (DESIGN 4 and 5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from itertools import product
from typing import Any, Final, NamedTuple

import oracle
from facts_oracle import Options, Readings
from oracle import NONE, Groups, Sites

Facts = dict[str, Options]
STEP: Final = Decimal("0.0001")


class Expected(NamedTuple):
    """What a column should say, and what is possible and certain."""

    value: str
    possible: Groups
    certain: Groups
    reason: str


class Question(NamedTuple):
    """The facts that a column rests on, its values in order, and its rule for one complete case."""

    facts: tuple[str, ...]
    order: tuple[str, ...]
    rule: Callable[..., Groups | None]


SITES: Final = ("marrow", "cns", "testis", "other")
CLOCKS: Final = ("dx", "off")
PATTERNS: Final = (
    "isolated BM", "combined BM+CNS", "combined BM+testis", "combined BM+other",
    "combined BM+CNS+testis", "combined BM+CNS+other", "combined BM+testis+other",
    "combined BM+CNS+testis+other", "isolated CNS", "isolated testicular",
    "isolated other extramedullary", "multisite extramedullary", "no relapse",
)  # fmt: skip
TIMES: Final = ("very early", "early", "late")


def bfm(first: bool, dx: Decimal, off: Decimal | None, *rest: Any) -> Groups | None:
    """Put a case into the groups of Table 1."""
    *sites, lineage, readings = rest
    return oracle.bfm_group(Sites(*sites), lineage, dx, off, readings) if first else None


def uk(first: bool, dx: Decimal, off: Decimal | None, *rest: Any) -> Groups | None:
    """Put a case into the UK strata."""
    *sites, lineage, readings = rest
    timing = oracle.r3_timing(dx, off, readings)
    return oracle.uk_group(Sites(*sites), lineage, timing) if first else None


def intreall(first: bool, dx: Decimal, off: Decimal | None, *rest: Any) -> Groups | None:
    """Put a case into the IntReALL groups, timing words as in Table 1 by reading I1."""
    *sites, lineage, readings = rest
    timing = oracle.table1_timing(dx, off, readings) if "I1" in readings else NONE
    return oracle.intreall(Sites(*sites), lineage, timing, readings) if first else None


def cog(first: bool, dx: Decimal, em_late: bool, low: bool, *rest: Any) -> Groups | None:
    """Put a case into the COG groups, marrow timing by reading C1."""
    *sites, lineage, readings = rest
    timing = oracle.one_limit(dx, 36, "early", "later") if "C1" in readings else NONE
    return oracle.cog_group(Sites(*sites), lineage, timing, em_late, low) if first else None


QUESTIONS: Final = {
    "site-patterns": Question(
        SITES, PATTERNS, lambda *a: frozenset({oracle.site_pattern(Sites(*a[:4]))})
    ),
    "bfm-table-1-timing": Question(
        ("first", *CLOCKS), TIMES, lambda f, d, o, r: oracle.table1_timing(d, o, r) if f else None
    ),
    "abstract-timing": Question(
        ("first", "dx"),
        ("early", "late"),
        lambda f, d, r: oracle.one_limit(d, 30, "early", "late") if f else None,
    ),
    "bfm-narrative-timing": Question(
        ("first", "dx", "rem"),
        TIMES,
        lambda f, d, m, r: oracle.narrative_timing(d, m) if f else None,
    ),
    "cog-timing": Question(
        ("first", "dx", "marrow"),
        ("early", "later"),
        lambda f, d, m, r: oracle.one_limit(d, 36, "early", "later") if f and m else None,
    ),
    "bfm-table-1-groups": Question(
        ("first", *CLOCKS, *SITES, "lineage"), ("S1", "S2", "S3", "S4"), bfm
    ),
    "uk-r3": Question(("first", *CLOCKS, *SITES, "lineage"), ("SR", "IR", "HR"), uk),
    "cog-groups": Question(
        ("first", "dx", "em_late", "mrd_low", *SITES, "lineage"),
        ("low", "intermediate", "high"),
        cog,
    ),
    "intreall": Question(("first", *CLOCKS, *SITES, "lineage"), ("SR", "HR"), intreall),
}
TRANSPLANT: Final = (
    "first", *SITES, "lineage", *CLOCKS, "remission", "adverse", "mrd_side"
)  # fmt: skip


def expect(name: str, facts: Facts, readings: Readings) -> Expected:
    """Return what a column should say where these facts are possible."""
    needed = TRANSPLANT if name == "hsct" else QUESTIONS[name].facts
    options = tuple(tuple(sorted(facts[fact], key=str)) for fact in needed)
    return _hsct(options, readings) if name == "hsct" else _scheme(name, options, readings)


@cache
def _case(name: str, case: Options, readings: Readings) -> Groups | None:
    return QUESTIONS[name].rule(*case, readings)


@cache
def _scheme(name: str, options: tuple[Options, ...], readings: Readings) -> Expected:
    order = QUESTIONS[name].order
    found = {_case(name, case, readings) for case in product(*options)}
    inside = [groups for groups in found if groups is not None]
    if not inside:
        return Expected("not-applicable", NONE, NONE, "")
    possible, shared = NONE.union(*inside), frozenset.intersection(*inside)
    if None in found:
        return Expected(_listed("undetermined", possible, order), possible, NONE, "missing-facts")
    if len(shared) == 1:
        return Expected(min(shared), possible, shared, "")
    if shared:
        return Expected(_listed("overlap", shared, order), possible, shared, "")
    if possible:
        return Expected(_listed("undetermined", possible, order), possible, NONE, "missing-facts")
    near = NONE.union(*(_nearby(name, case, readings) for case in product(*options)))
    return Expected(_listed("gap", near, order), NONE, NONE, "boundary" if near else "text-silent")


def _listed(word: str, groups: Groups, order: tuple[str, ...]) -> str:
    return ":".join(filter(None, (word, "|".join(g for g in order if g in groups))))


def _nearby(name: str, case: Options, readings: Readings) -> Groups:
    """Return the values just beside a case, each clock on a limit moved to either side of it.

    18 months from remission is such a limit too: only the other end of that period is closed (A03).
    """
    moves: list[Iterator[Any] | list[Any]] = []
    for fact, value in zip(QUESTIONS[name].facts, case, strict=True):
        limits = {"dx": (18, 30, 36), "rem": (18,), "off": (6,)}.get(fact, ())
        moves.append([value, value - STEP, value + STEP] if value in limits else [value])
    found = (_case(name, moved, readings) for moved in product(*moves))
    return NONE.union(*(groups for groups in found if groups is not None))


@cache
def _hsct(options: tuple[Options, ...], readings: Readings) -> Expected:
    found = set()
    for first, marrow, cns, testis, other, *rest in product(*options):
        found.add(oracle.hsct(first, Sites(marrow, cns, testis, other), *rest, readings))
    inside = [answer for answer in found if answer is not None]
    answers = frozenset(answer for answer, _ in inside)
    if not inside:
        return Expected("not-applicable", NONE, NONE, "")
    if None in found or len(answers) > 1:
        return Expected("undetermined", answers, NONE, "missing-facts")
    # Where facts decide why the answer is open, those facts are what is missing (B7.7, B7.8).
    reasons = {r for _, r in inside}
    return Expected(
        min(answers), answers, NONE, reasons.pop() if len(reasons) == 1 else "missing-facts"
    )
