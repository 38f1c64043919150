"""The cells of a question in the words of the oracle table.

A value of the ontology and a word of the article are paired here, one by one, and nowhere else. A
number of a cell is an interval: the table is asked about its closed ends, about the limits of its
own that lie inside, and about what lies between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise, product

from grid_boxes import both, either
from wording import Fact, Row

from reasoner.axes import Block, Cell, Space
from reasoner.expressions import Expression, HasNumber, HasValue
from reasoner.intervals import Interval
from reasoner.structure import Dimension

Facts = dict[str, Fact]
Way = tuple[tuple[str, int], ...]
Positions = list[list[Way]]

WORDS = {
    "MarrowClear": ("marrow", "clear"),
    "MarrowInvolved": ("marrow", "involved"),
    "CNSClear": ("CNS", "clear"),
    "CNSInvolved": ("CNS", "involved"),
    "TestisClear": ("testis", "clear"),
    "TestisInvolved": ("testis", "involved"),
    "OtherSiteClear": ("other site", "clear"),
    "OtherSiteInvolved": ("other site", "involved"),
    "BCP": ("lineage", "BCP"),
    "TLineage": ("lineage", "T"),
    "OtherB": ("lineage", "other B"),
    "OnTreatment": ("on treatment", "yes"),
    "OffTreatment": ("on treatment", "no"),
    "COGExtramedullaryEarly": ("COG extramedullary timing", "early"),
    "COGExtramedullaryLate": ("COG extramedullary timing", "late"),
    "NoTesticularEnlargement": ("testicular enlargement", "none"),
    "UnilateralEnlargement": ("testicular enlargement", "unilateral"),
    "BilateralEnlargement": ("testicular enlargement", "bilateral"),
    "ContralateralPositive": ("contralateral biopsy", "positive"),
    "ContralateralNegative": ("contralateral biopsy", "negative"),
    "ContralateralNotDone": ("contralateral biopsy", "not done"),
    "MatchedSibling": ("matched sibling", "yes"),
    "NoMatchedSibling": ("matched sibling", "no"),
    "MatchedFamilyDonor": ("other matched family donor", "yes"),
    "NoMatchedFamilyDonor": ("other matched family donor", "no"),
    "Unrelated8of8": ("unrelated donor 8 of 8", "yes"),
    "NoUnrelated8of8": ("unrelated donor 8 of 8", "no"),
    "Unrelated7of8": ("unrelated donor 7 of 8", "yes"),
    "NoUnrelated7of8": ("unrelated donor 7 of 8", "no"),
    "CordBloodUnit": ("cord blood unit", "yes"),
    "NoCordBloodUnit": ("cord blood unit", "no"),
    "HaploidenticalRelative": ("haploidentical relative", "yes"),
    "NoHaploidenticalRelative": ("haploidentical relative", "no"),
    "NKAlloreactiveRelative": ("NK-alloreactive relative", "yes"),
    "NoNKAlloreactiveRelative": ("NK-alloreactive relative", "no"),
    "InRemission": ("second remission", "yes"),
    "NotInRemission": ("second remission", "no"),
    "Refractory": ("second remission", "refractory"),
    "KMT2ARearranged": ("MLL rearrangement", "yes"),
    "KMT2ANotRearranged": ("MLL rearrangement", "no"),
    "PhiladelphiaPositive": ("BCR-ABL", "yes"),
    "PhiladelphiaNegative": ("BCR-ABL", "no"),
    "Hypodiploid": ("hypodiploidy", "yes"),
    "NotHypodiploid": ("hypodiploidy", "no"),
}
NUMBERS = {
    "relapseNumber": "relapse number",
    "monthsFromDiagnosis": "months from diagnosis",
    "monthsFromRemission": "months from remission",
    "monthsFromTreatmentEnd": "months from treatment end",
    "minimalResidualDisease": "MRD",
    "priorCranialDose": "prior cranial dose",
}


class Translator:
    """The cells of a grid as facts, in enough numbers to meet every limit of the table."""

    def __init__(self, dimensions: Mapping[str, Dimension], rows: Iterable[Row]) -> None:
        """Collect the limits that the rows compare each number with."""
        self._dimensions = dimensions
        self._limits: dict[str, set[Decimal]] = {}
        for condition in (c for row in rows for c in row.conditions):
            if not condition.sign.startswith("is"):
                self._limits.setdefault(condition.term, set()).add(condition.limit)

    def axes(self, space: Space, blocks: list[Block], terms: frozenset[str]) -> list[Positions]:
        """Return what each position of each axis stands for, in all ways that can occur.

        What the table asks about and the space has no axis for comes last, as one position.
        """
        axes = {id(axis.block): axis for axis in space.axes}
        found, beside = [], []
        for block in blocks:
            axis = axes.get(id(block))
            own = axis.dimensions if axis else ()
            wanted = [d for d in block.dimensions if d in own or self._term(d) in terms]
            if axis is not None:
                places = [block.dimensions.index(d) for d in own]
                cells = [
                    [c for c in block.cells if tuple(c[p] for p in places) == entry]
                    for entry in axis.entries
                ]
                found.append([ways(block, some, wanted) for some in cells])
            elif wanted:
                beside.append([ways(block, block.cells, wanted)])
        return [*found, *beside]

    def facts(self, way: Way) -> list[Facts]:
        """Write a way as facts, once for each number to be tried."""
        tried = [list(self._facts(dimension, atom)) for dimension, atom in way]
        return [dict(choice) for choice in product(*tried)]

    def expression(self, several: Iterable[Way]) -> Expression:
        """Write some ways as one expression."""
        return either([both([self._dimensions[d].atoms[a] for d, a in way]) for way in several])

    def _term(self, dimension: str) -> str | None:
        if dimension in NUMBERS:
            return NUMBERS[dimension]
        atom = self._dimensions[dimension].atoms[0]
        return WORDS[atom.value][0] if isinstance(atom, HasValue) and atom.value in WORDS else None

    def _facts(self, dimension: str, atom: int) -> Iterator[tuple[str, Fact]]:
        expression: Expression = self._dimensions[dimension].atoms[atom]
        match expression:
            case HasValue(_, value):
                yield WORDS[value]
            case HasNumber(name, interval):
                term = NUMBERS[name]
                for number in numbers(interval, self._limits.get(term, set())):
                    yield term, number
            case _:
                yield NUMBERS[dimension], None


def ways(block: Block, cells: Iterable[Cell], wanted: list[str]) -> list[Way]:
    """Return what cells of a block say of some facts, each combination once."""
    places = [block.dimensions.index(d) for d in wanted]
    found = sorted({tuple(c[p] for p in places) for c in cells})
    return [tuple(zip(wanted, atoms, strict=True)) for atoms in found]


def numbers(interval: Interval, limits: Iterable[Decimal]) -> list[Decimal]:
    """Return the closed ends of an interval, the limits inside it, and a number between each two.

    An open side reaches one further than all else.
    """
    ends = {e for e in (interval.low, interval.high) if e is not None}
    marks = sorted(ends | {n for n in limits if interval.contains(n)}) or [Decimal(0)]
    between = [(a + b) / 2 for a, b in pairwise(marks)]
    every = {*marks, *between, marks[0] / 2, marks[-1] + 1}
    return sorted(n for n in every if interval.contains(n))
