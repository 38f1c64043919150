"""The complete cells of the tests: every value of every fact, and numbers on and beside limits.

The limits are those that the text prints. Plain facts, as the oracles take them, are read off the
values here; nothing of the reasoner is used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import facts_oracle
from cell_truth import Cells, Option
from facts_oracle import LIMIT, numbers
from numpy.typing import NDArray


def one(fact: str, *values: Any) -> list[Option]:
    """List the values of one fact."""
    return [{fact: value} for value in values]


# Values of the facts, by the words of the input (DESIGN 5).
PARTITIONS: Final[dict[str, dict[str, Any]]] = {
    "hasMarrowInvolvement": {"MarrowInvolved": "involved", "MarrowClear": "clear"},
    "hasMarrowPCR": {"MarrowPCRPositive": True, "MarrowPCRNegative": False},
    "hasCNSStatus": {"CNS1": "CNS1", "CNS2": "CNS2", "CNS3": "CNS3"},
    "hasCranialNervePalsy": {"PalsyPresent": "yes", "PalsyAbsent": "no"},
    "hasCNSInvolvement": {"CNSInvolved": True, "CNSClear": False},
    "hasTesticularEnlargement": {
        "NoTesticularEnlargement": "none",
        "UnilateralEnlargement": "unilateral",
        "BilateralEnlargement": "bilateral",
    },
    "hasTesticularBiopsy": {"BiopsyPositive": "positive", "BiopsyNegative": "negative"},
    "hasContralateralBiopsy": {
        "ContralateralPositive": "positive",
        "ContralateralNegative": "negative",
        "ContralateralNotDone": "not-done",
    },
    "hasTesticularDisease": {"TestisInvolved": True, "TestisClear": False},
    "hasOtherExtramedullaryDisease": {"OtherSiteInvolved": True, "OtherSiteClear": False},
    "hasImmunophenotype": {"BCP": "BCP", "TLineage": "T", "OtherB": "other-B"},
    "hasTreatmentAtRelapse": {"OnTreatment": "yes", "OffTreatment": "no"},
    "hasRemissionState": {"InRemission": "yes", "NotInRemission": "no", "Refractory": "refractory"},
    "hasKMT2AStatus": {"KMT2ARearranged": True, "KMT2ANotRearranged": False},
    "hasPloidyStatus": {"Hypodiploid": True, "NotHypodiploid": False},
    "hasPhiladelphiaStatus": {"PhiladelphiaPositive": True, "PhiladelphiaNegative": False},
    "hasTELAML1Status": {"TELAML1Positive": True, "TELAML1Negative": False},
    "hasTKIResistance": {"TKIResistant": True, "NoTKIResistance": False},
    "hasCOGExtramedullaryTiming": {"COGExtramedullaryLate": True, "COGExtramedullaryEarly": False},
    "hasMatchedSibling": {"MatchedSibling": True, "NoMatchedSibling": False},
    "hasMatchedFamilyDonor": {"MatchedFamilyDonor": True, "NoMatchedFamilyDonor": False},
    "hasUnrelated8of8": {"Unrelated8of8": True, "NoUnrelated8of8": False},
    "hasUnrelated7of8": {"Unrelated7of8": True, "NoUnrelated7of8": False},
    "hasUnrelated6of8": {"Unrelated6of8": True, "NoUnrelated6of8": False},
    "hasCordBloodUnit": {"CordBloodUnit": True, "NoCordBloodUnit": False},
    "hasHaploidenticalRelative": {
        "HaploidenticalRelative": True,
        "NoHaploidenticalRelative": False,
    },
    "hasNKAlloreactiveRelative": {
        "NKAlloreactiveRelative": True,
        "NoNKAlloreactiveRelative": False,
    },
}
# Every printed limit, and a number just below and just above it.
LINES_OF_NUMBERS: Final = {
    "relapseNumber": numbers("1 2 3"),
    "marrowBlasts": numbers("4.9999 5 5.0001 24.9999 25 25.0001"),
    "minimalResidualDisease": numbers("0.000099 0.0001 0.000101 0.00099 0.001 0.00101"),
    "priorCranialDose": numbers("19.9999 20 20.0001"),
    "chromosomeCount": numbers("43 44 45"),
    "monthsFromDiagnosis": numbers("17.9999 18 18.0001 29.9999 30 30.0001 35.9999 36 36.0001"),
    "monthsFromRemission": numbers("17.9999 18 18.0001 29.9999 30 30.0001"),
    "monthsFromTreatmentEnd": numbers("5.9999 6 6.0001"),
}


def options(fact: str) -> list[Option]:
    """List the values of one fact."""
    values = PARTITIONS.get(fact) or LINES_OF_NUMBERS[fact]
    return one(fact, *values)


TESTES: Final = ("hasTesticularEnlargement", "hasContralateralBiopsy", "hasTesticularDisease")
TREATMENT: Final[list[Option]] = [
    {"hasTreatmentAtRelapse": "OnTreatment", "monthsFromTreatmentEnd": None},
    *(
        {"hasTreatmentAtRelapse": "OffTreatment", "monthsFromTreatmentEnd": months}
        for months in LINES_OF_NUMBERS["monthsFromTreatmentEnd"]
    ),
]
# Plain facts of the oracles: the fact they rest on, and how they are read off its value.
PLAIN: Final[dict[str, tuple[str, Callable[[Any], Any]]]] = {
    "first": ("relapseNumber", lambda number: number == 1),
    "marrow": ("hasMarrowInvolvement", lambda v: v == "MarrowInvolved"),
    "lineage": ("hasImmunophenotype", PARTITIONS["hasImmunophenotype"].__getitem__),
    "dx": ("monthsFromDiagnosis", lambda v: v),
    "rem": ("monthsFromRemission", lambda v: v),
    "off": ("monthsFromTreatmentEnd", lambda v: v),
    "mrd": ("minimalResidualDisease", lambda v: v),
    "side": ("minimalResidualDisease", lambda v: (v > LIMIT) - (v < LIMIT)),
    "mrd_side": ("minimalResidualDisease", lambda v: (v > LIMIT) - (v < LIMIT)),
    "mrd_low": ("minimalResidualDisease", lambda v: v < facts_oracle.COG_LIMIT),
    "prior": ("priorCranialDose", lambda v: v),
    **{
        plain: (fact, PARTITIONS[fact].__getitem__)
        for plain, fact in {
            "cns": "hasCNSInvolvement",
            "testis": "hasTesticularDisease",
            "enlarged": "hasTesticularEnlargement",
            "contralateral": "hasContralateralBiopsy",
            "other": "hasOtherExtramedullaryDisease",
            "pcr": "hasMarrowPCR",
            "state": "hasRemissionState",
            "remission": "hasRemissionState",
            "kmt2a": "hasKMT2AStatus",
            "low_count": "hasPloidyStatus",
            "ph": "hasPhiladelphiaStatus",
            "tki": "hasTKIResistance",
            "em_late": "hasCOGExtramedullaryTiming",
            "sibling": "hasMatchedSibling",
            "family": "hasMatchedFamilyDonor",
            "u8": "hasUnrelated8of8",
            "u7": "hasUnrelated7of8",
            "u6": "hasUnrelated6of8",
            "cord": "hasCordBloodUnit",
            "haplo": "hasHaploidenticalRelative",
            "nk": "hasNKAlloreactiveRelative",
        }.items()
    },
}
SINGLE: Final = [
    fact
    for fact in dict.fromkeys(fact for fact, _ in PLAIN.values())
    if fact not in ("monthsFromTreatmentEnd", *TESTES[:2])
]
MAIN: Final = Cells({**{f: options(f) for f in SINGLE}, "treatment": TREATMENT})
TESTIS: Final = Cells(
    {
        "testes": [
            dict(zip(TESTES, found, strict=True))
            for found in (
                (size, biopsy, disease)
                for size, plain_size in PARTITIONS[TESTES[0]].items()
                for biopsy, plain_biopsy in PARTITIONS[TESTES[1]].items()
                for disease, involved in PARTITIONS[TESTES[2]].items()
                if involved
                in facts_oracle.testis(
                    {"testis": plain_size, "contralateral_testis_biopsy": plain_biopsy}
                )
            )
        ]
    }
)
NO_RELAPSE: Final = Cells({"nothing": [{}]}, relapses=False)


def lifted(plain: tuple[str, ...], rule: Callable[..., Any], cells: Cells = MAIN) -> NDArray[Any]:
    """Put every complete case through a rule of an oracle."""

    def reader(fact: str, read: Callable[[Any], Any]) -> Callable[[Option], Any]:
        return lambda option: read(option[fact])

    return cells.lift(
        {
            name: (cells.axis_of[fact], reader(fact, read))
            for name, (fact, read) in ((name, PLAIN[name]) for name in plain)
        },
        rule,
    )
