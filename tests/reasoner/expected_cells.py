"""What the text says of every complete cell: one array of truths for each thing it speaks of.

Schemes, lines of groups, situations of advice, decisions and ties between facts, lifted from the
oracles; nothing here imports the reasoner.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import facts_oracle
import numpy as np
import oracle
from cell_truth import Cells, Option, Truth
from expected import QUESTIONS, Question
from facts_oracle import DEFAULTS, Readings, active
from numpy.typing import NDArray
from oracle import Groups
from passages_oracle import PASSAGES
from situations_oracle import AT_THE_POINT, CLAUSES, SCOPES, SITUATIONS, Case
from situations_oracle import TESTES as TESTES_ADVICE
from text_grid import PARTITIONS, TESTES, TESTIS, lifted, one, options

ALTERNATIVES: Final = ("A04", "A05", "A07", "A10", "A11", "A15", "A22", "A24", "A33", "I2")
# The default readings, each of them off, each other one on, and some together.
READINGS: Final[tuple[Readings, ...]] = tuple(
    dict.fromkeys(
        [
            DEFAULTS,
            *(active((), (name,)) for name in sorted(DEFAULTS)),
            *(active((name,), ()) for name in ALTERNATIVES),
            active(("A04", "A10", "A24", "A33", "I2"), ("B5", "B7")),
            active(("A07", "A11", "A22"), ("A03", "B4", "B6")),
        ]
    )
)


# What is compared, by where the text says it.
SCHEMES, LINES, DECISION = "cells of the schemes", "lines of the groups", "transplant decision"
OPEN = "passages that leave something open"
ADVISED, TIES, FACTS = "situations of the advice", "facts that can occur together", "list of facts"
ONLY, OWNERS, SCOPE = "only relapses", "classes of the readings", "scope of the decisions"
Key = tuple[str, str]
Tie = Callable[[Mapping[str, Any], Readings], bool]
# The transplant question: for is yes, against is no, a reason says why it is undetermined.
ANSWERS: Final = (
    "not-applicable", "for", "against", "text-conflict", "boundary", "figure-only", "text-silent",
)  # fmt: skip
SIDES: Final = {"yes": "for", "no": "against"}


@cache
def expected(readings: Readings) -> dict[Key, NDArray[Any]]:
    """Return, for everything that is compared cell by cell, what the text says of each cell."""
    found: dict[Key, NDArray[Any]] = {}
    for name, question in QUESTIONS.items():
        said = lifted(question.facts, _in_order(question, readings))
        found[SCHEMES, f"{name} applies"] = _each(said, lambda groups: groups is not None)
        for value in question.order:
            found[SCHEMES, f"{name}: {value}"] = _each(said, _holding(value))
    case = Case(lifted, readings)
    found |= {(LINES, name): rule(case) for name, rule in CLAUSES.items()}
    found |= {(OPEN, name): rule(case) for name, rule in PASSAGES.items()}
    found |= {(ADVISED, name): rule(case) & case.point for name, rule in AT_THE_POINT.items()}
    found |= {(ADVISED, name): rule(case) for name, rule in SITUATIONS.items()}
    found |= {(SCOPE, name): rule(case) for name, rule in SCOPES.items()}
    case = Case(lambda plain, rule: lifted(plain, rule, TESTIS), readings)
    found |= {(ADVISED, name): rule(case) for name, rule in TESTES_ADVICE.items()}
    for name, (cells, tie) in BLOCKS.items():
        found[TIES, name] = cells.lift(
            {f: (f, _reader(f)) for f in cells.names}, _of(tie, readings)
        )
    return found


@cache
def transplant(readings: Readings) -> NDArray[np.int8]:
    """Return the answer of the transplant question, or why it is open, as a place in a list."""
    plain = (
        "first",
        "marrow",
        "cns",
        "testis",
        "other",
        "lineage",
        "dx",
        "off",
        "remission",
        "mrd_side",
    )

    def answer(adverse: bool) -> NDArray[Any]:
        def rule(
            marrow: bool, cns: bool, testis: bool, other: bool, mrd_side: int, **facts: Any
        ) -> int:
            sites = oracle.Sites(marrow, cns, testis, other)
            said = oracle.hsct(
                sites=sites, adverse=adverse, mrd=mrd_side, readings=readings, **facts
            )
            word = "not-applicable" if said is None else said[1] or SIDES[said[0]]
            return ANSWERS.index(word)

        return lifted(plain, rule).astype(np.int8)

    bad = lifted(("kmt2a", "low_count", "ph"), lambda **lesions: any(lesions.values()))
    return np.where(bad, answer(True), answer(False))


def _in_order(question: Question, readings: Readings) -> Callable[..., Groups | None]:
    return lambda **facts: question.rule(*(facts[name] for name in question.facts), readings)


def _holding(value: str) -> Callable[[Groups | None], bool]:
    return lambda groups: groups is not None and value in groups


def _of(tie: Tie, readings: Readings) -> Callable[..., bool]:
    return lambda **facts: tie(facts, readings)


def _reader(fact: str) -> Callable[[Option], Any]:
    return lambda option: option[fact]


def _each(said: NDArray[Any], test: Callable[[Any], bool]) -> Truth:
    return np.array([test(groups) for groups in said.flat], dtype=bool).reshape(said.shape)


def _word(fact: str, value: Any) -> Any:
    return PARTITIONS[fact][value]


def _treatment(facts: Mapping[str, Any], readings: Readings) -> bool:
    on = bool(_word("hasTreatmentAtRelapse", facts["hasTreatmentAtRelapse"]) == "yes")
    return on == (facts["monthsFromTreatmentEnd"] is None)  # P13: an end to count from, or none


def _marrow(facts: Mapping[str, Any], readings: Readings) -> bool:
    record = {
        "marrow_blasts_percent": str(facts["marrowBlasts"]),
        "marrow_status": _word("hasMarrowInvolvement", facts["hasMarrowInvolvement"]),
    }
    return bool(facts_oracle.marrow(record, readings))


def _cns(facts: Mapping[str, Any], readings: Readings) -> bool:
    record = {
        "cns_status": facts["hasCNSStatus"],
        "cranial_nerve_palsy": _word("hasCranialNervePalsy", facts["hasCranialNervePalsy"]),
    }
    return facts["hasCNSInvolvement"] in {
        name
        for name, involved in PARTITIONS["hasCNSInvolvement"].items()
        if involved in facts_oracle.cns(record, readings)
    }


def _testis(facts: Mapping[str, Any], readings: Readings) -> bool:
    record = {
        "testis": _word(TESTES[0], facts[TESTES[0]]),
        "testis_biopsy": _word("hasTesticularBiopsy", facts["hasTesticularBiopsy"]),
        "contralateral_testis_biopsy": _word(TESTES[1], facts[TESTES[1]]),
    }
    return _word(TESTES[2], facts[TESTES[2]]) in facts_oracle.testis(record)


def _ploidy(facts: Mapping[str, Any], readings: Readings) -> bool:
    found = facts_oracle.ploidy({"chromosomes": str(facts["chromosomeCount"])})
    return _word("hasPloidyStatus", facts["hasPloidyStatus"]) in found


def _block(*facts: str) -> Cells:
    return Cells({fact: options(fact) for fact in facts})


BLOCKS: Final[dict[str, tuple[Cells, Tie]]] = {
    "marrow": (_block("marrowBlasts", "hasMarrowInvolvement"), _marrow),
    "CNS": (_block("hasCNSStatus", "hasCranialNervePalsy", "hasCNSInvolvement"), _cns),
    "testis": (_block(*TESTES, "hasTesticularBiopsy"), _testis),
    "ploidy": (_block("chromosomeCount", "hasPloidyStatus"), _ploidy),
    "treatment": (
        Cells(
            {
                "hasTreatmentAtRelapse": options("hasTreatmentAtRelapse"),
                "monthsFromTreatmentEnd": [
                    *one("monthsFromTreatmentEnd", None),
                    *options("monthsFromTreatmentEnd"),
                ],
            }
        ),
        _treatment,
    ),
}
