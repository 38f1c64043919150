"""Which complete facts fit the columns of a record, worked out from their definitions alone.

Facts that a definition ties together are enumerated together over values on and between all limits;
columns that contradict each other say nothing, together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import product
from typing import Any, Final

Readings = frozenset[str]
Options = tuple[Any, ...]
DEFAULTS: Final = frozenset(
    ["A03", "A18", "A41", "B0", "B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "C1", "I1"]
)
FALL_BACK: Final = {"B2": "A05", "B3": "A10", "B8": "A11"}
REPLACES: Final = {"A05": "B2", "A10": "B3", "A11": "B8", "A22": "B1"}


def numbers(text: str) -> tuple[Decimal, ...]:
    """Read numbers that are joined by spaces."""
    return tuple(Decimal(word) for word in text.split())


# Values that stand for all others: every limit of any scheme, and one number in every gap between.
DIAGNOSIS: Final = numbers("1 18 24 30 33 36 60")
REMISSION: Final = numbers("1 18 24 30 60")
OFF: Final = numbers("1 6 12")
BLASTS: Final = numbers("1 10 60")
RESIDUAL: Final = numbers("0 0.000099 0.0001 0.000101 0.0009 0.001 0.5")
CHROMOSOMES: Final = numbers("40 46")
LIMIT: Final = Decimal("0.0001")
COG_LIMIT: Final = Decimal("0.001")


def active(with_: Iterable[str] = (), without: Iterable[str] = ()) -> Readings:
    """Return the readings that hold: switching one on or off switches the one it stands against."""
    readings = set(DEFAULTS)
    for name in without:
        readings.discard(name)
        readings |= {FALL_BACK[name]} if name in FALL_BACK else set()
    for name in with_:
        readings.discard(REPLACES.get(name, ""))
        readings.add(name)
    return frozenset(readings)


def given(record: Mapping[str, str], column: str, choices: Iterable[Any]) -> tuple[Any, ...]:
    """Return the one value given in a column, or all choices."""
    text = record.get(column, "")
    if not text:
        return tuple(choices)
    return (Decimal(text),) if isinstance(next(iter(choices)), Decimal) else (text,)


def marrow(record: Mapping[str, str], readings: Readings) -> set[bool]:
    """Return whether the marrow may be involved (P9, B6, A09)."""
    return {
        status == "involved"
        for status in given(record, "marrow_status", ("clear", "involved"))
        for blasts in given(record, "marrow_blasts_percent", BLASTS)
        if not (blasts < 5 and status == "involved")
        and not (blasts >= 25 and status == "clear" and "B6" in readings)
    }


def cns(record: Mapping[str, str], readings: Readings) -> set[bool]:
    """Return whether the CNS may be involved (P8, B5, A15)."""
    found = set()
    grades = given(record, "cns_status", ("CNS1", "CNS2", "CNS3"))
    palsies = given(record, "cranial_nerve_palsy", ("yes", "no"))
    for grade, palsy in product(grades, palsies):
        if palsy == "yes" and grade != "CNS3":
            continue
        if grade == "CNS2":
            found |= {True} if "A15" in readings else {True, False}
        else:
            found |= {grade == "CNS3"} if "B5" in readings else {True, False}
    return found


def testis(record: Mapping[str, str]) -> set[bool]:
    """Return whether a testis may be involved: enlarged and proven by biopsy (P9, A16)."""
    found = set()
    for enlarged, biopsy, other in product(
        given(record, "testis", ("none", "unilateral", "bilateral")),
        given(record, "testis_biopsy", ("positive", "negative")),
        given(record, "contralateral_testis_biopsy", ("positive", "negative", "not-done")),
    ):
        if enlarged == "none" and biopsy == "positive":
            continue  # the column is about an enlarged testis
        involved = enlarged != "none" and biopsy == "positive"
        if involved or other != "positive":
            found.add(involved)
    return found


def off_treatment(record: Mapping[str, str]) -> set[Decimal | None]:
    """Return the possible months off treatment, none while it goes on (A05)."""
    found: set[Decimal | None] = set()
    for on in given(record, "on_treatment", ("yes", "no")):
        if on == "no":
            found |= set(given(record, "months_from_treatment_end", OFF))
        elif not record.get("months_from_treatment_end"):
            found.add(None)
    return found


def residual(record: Mapping[str, str]) -> set[Decimal]:
    """Return the possible residual disease; not detected says only below the sensitivity (A35)."""
    text, sensitivity = record.get("mrd", ""), record.get("mrd_sensitivity", "")
    found: set[Decimal] = set()
    for part in text.split(";") if text else [">=0"]:
        word = part.rpartition(":")[2]
        if word == "not-detected":
            word = f"<{sensitivity}" if sensitivity else ">=0"
        if word[0] not in "<>":
            found.add(Decimal(word))
            continue
        bound = Decimal(word.lstrip("<>="))
        values = {*RESIDUAL, *((bound,) if "=" in word else ())}
        found |= {v for v in values if v == bound and "=" in word}
        found |= {v for v in values if (v < bound if word[0] == "<" else v > bound)}
    return found


def ploidy(record: Mapping[str, str]) -> set[bool]:
    """Return whether the leukaemia may be hypodiploid: fewer than 44 chromosomes (P10, A19)."""
    words = record.get("genetics", "").split(";")
    return {
        count < 44
        for count in given(record, "chromosomes", CHROMOSOMES)
        if not ("hypodiploidy" in words and count >= 44)
        and not ("none-adverse" in words and count < 44)
    }


def adverse(record: Mapping[str, str], readings: Readings) -> set[bool]:
    """Return whether an adverse lesion may be there (P10); by A18 only a reported one is."""
    words = record.get("genetics", "").split(";")
    low = ploidy(record)
    if not low:
        return adverse({}, readings)
    found = {True} if "KMT2A-r" in words or "BCR-ABL1" in words or low == {True} else {True, False}
    if "none-adverse" in words or ("A18" in readings and found != {True}):
        return {False}
    return found


def possible_facts(record: Mapping[str, str], readings: Readings) -> dict[str, Options]:
    """Return what a record leaves possible, fact by fact; a contradiction leaves all."""
    empty: dict[str, str] = {}
    first = {n == 1 for n in given(record, "relapse_number", (Decimal(1), Decimal(2)))}
    states = set(given(record, "remission", ("yes", "no", "refractory")))
    found: dict[str, Iterable[Any]] = {
        "marrow": marrow(record, readings) or marrow(empty, readings),
        "cns": cns(record, readings) or cns(empty, readings),
        "testis": testis(record) or testis(empty),
        "other": [
            w == "present" for w in given(record, "other_extramedullary", ("present", "none"))
        ],
        "lineage": given(record, "immunophenotype", ("BCP", "T", "other-B")),
        "dx": given(record, "months_from_diagnosis", DIAGNOSIS),
        "rem": given(record, "months_from_remission", REMISSION),
        "off": off_treatment(record) or off_treatment(empty),
        "mrd_side": [(m > LIMIT) - (m < LIMIT) for m in residual(record)],
        "mrd_low": [m < COG_LIMIT for m in residual(record)],
        "first": {True} if len(first) > 1 and "B0" in readings else first,
        "remission": {"yes"} if len(states) > 1 and "B7" in readings else states,
        "adverse": adverse(record, readings),
        "em_late": (True, False),
    }
    return {name: tuple(dict.fromkeys(values)) for name, values in found.items()}
