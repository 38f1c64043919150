"""What the text says of every complete cell, beside what a graph says of it.

The cells stand on every printed limit, just beside each, and on every value of every fact. For
each scheme, group line, decision, advice and tie between facts there is one expected array of
truths, lifted from the oracles; nothing here imports the reasoner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final

import facts_oracle
import numpy as np
import oracle
from cell_truth import Cells, CellTruth, Option, Truth, UndefinedError
from expected import QUESTIONS
from facts_oracle import DEFAULTS, LIMIT, Readings, active, numbers
from numpy.typing import NDArray
from ontology_mutants import (
    APPLIES_TO,
    BASE,
    IN_SCHEME,
    IN_SITUATION,
    POLARITY,
    READING_OF,
    RELAPSE,
    facts_of,
    local,
)
from rdflib import Graph
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDFS, SKOS
from rdflib.term import BNode, Node, URIRef
from situations_oracle import (
    AT_THE_POINT,
    CLAUSES,
    READING_CLASSES,
    SCOPES,
    SITUATIONS,
    Case,
)
from situations_oracle import TESTES as TESTES_ADVICE

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


def one(fact: str, *values: Any) -> list[Option]:
    """List the values of one fact."""
    return [{fact: value} for value in values]


def many(fact: str, text: str) -> list[Option]:
    """List numbers of one fact."""
    return one(fact, *numbers(text))


def yes_no(fact: str, yes: str, no: str) -> list[Option]:
    """List the two values of a fact that is or is not so."""
    return one(fact, yes, no)


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


# What is compared, by where the text says it.
SCHEMES, LINES, DECISION = "cells of the schemes", "lines of the groups", "transplant decision"
ADVISED, TIES, FACTS = "situations of the advice", "facts that can occur together", "list of facts"
ONLY, OWNERS, SCOPE = "only relapses", "classes of the readings", "scope of the decisions"
Key = tuple[str, str]
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
        said = lifted(
            question.facts,
            lambda rule=question.rule, names=question.facts, **facts: rule(
                *(facts[n] for n in names), readings
            ),
        )
        found[SCHEMES, f"{name} applies"] = _each(said, lambda groups: groups is not None)
        for value in question.order:
            found[SCHEMES, f"{name}: {value}"] = _each(
                said, lambda groups, value=value: groups is not None and value in groups
            )
    case = Case(lifted, readings)
    found |= {(LINES, name): rule(case) for name, rule in CLAUSES.items()}
    found |= {(ADVISED, name): rule(case) & case.point for name, rule in AT_THE_POINT.items()}
    found |= {(ADVISED, name): rule(case) for name, rule in SITUATIONS.items()}
    found |= {(SCOPE, name): rule(case) for name, rule in SCOPES.items()}
    case = Case(lambda plain, rule: lifted(plain, rule, TESTIS), readings)
    found |= {(ADVISED, name): rule(case) for name, rule in TESTES_ADVICE.items()}
    for name, (cells, tie) in BLOCKS.items():
        found[TIES, name] = cells.lift(
            {f: (f, lambda o, f=f: o[f]) for f in cells.names},
            lambda tie=tie, **facts: tie(facts, readings),
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


def _each(said: NDArray[Any], test: Callable[[Any], bool]) -> Truth:
    return np.array([test(groups) for groups in said.flat], dtype=bool).reshape(said.shape)


def _word(fact: str, value: Any) -> Any:
    return PARTITIONS[fact][value]


def _treatment(facts: Mapping[str, Any], readings: Readings) -> bool:
    on, off = (
        _word("hasTreatmentAtRelapse", facts["hasTreatmentAtRelapse"]),
        facts["monthsFromTreatmentEnd"],
    )
    return (off is None) == (on == "yes")  # P13: there is an end to count from, or there is none


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
    return _word("hasCNSInvolvement", facts["hasCNSInvolvement"]) in facts_oracle.cns(
        record, readings
    )


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


Tie = Callable[[Mapping[str, Any], Readings], bool]
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


ALL_ADVICE: Final = {*AT_THE_POINT, *SITUATIONS, *TESTES_ADVICE}


class Said:
    """What a graph says of the same cells, under the same keys."""

    def __init__(
        self,
        graph: Graph,
        readings: Readings,
        base: Said | None = None,
        touched: Iterable[Node] = (),
    ) -> None:
        """Prepare the classes; each is worked out when it is first asked for.

        What a base says of classes that do not rest on those ``touched`` is taken over.
        """
        self.classes = named_classes(graph) if base is None else base.classes
        self.tied = _tied(graph) if base is None else base.tied
        self._ties_hold = base is not None and not {*touched} & self.tied
        self.graph, self.readings = graph, readings
        cells = {"main": MAIN, "testis": TESTIS, "nothing": NO_RELAPSE}
        self._truth = {
            name: CellTruth(graph, c, readings)
            if base is None
            else base._truth[name].without(graph, touched)
            for name, c in cells.items()
        }
        self.main, self.testis = self._truth["main"], self._truth["testis"]

    def differences(self) -> list[Key]:
        """List what the graph does not say as the text does, cell by cell."""
        wanted = expected(self.readings)
        found = [key for key, truth in wanted.items() if not self._as(key, truth)]
        return [*found, *self.no_relapse()]

    def names_differ(self) -> list[Key]:
        """List the categories, advice, facts and classes of readings that are not of the text."""
        found = [(SCHEMES, key) for key in sorted(self.categories() - wanted_categories())]
        found += [(ADVISED, a) for a in sorted(self.advice() - ALL_ADVICE)]
        return [*found, *self.facts(), *self.owners()]

    def transplant_differs(self) -> bool:
        """Tell whether the answer to the transplant question differs in some cell."""
        try:
            return bool(np.any(self.decision("hsct") != transplant(self.readings)))
        except UndefinedError:
            return True

    def _as(self, key: Key, truth: NDArray[Any]) -> bool:
        if key[0] == TIES and self._ties_hold:
            return True
        try:
            said = self.truth(key)
        except UndefinedError:
            return False
        return not np.any(said != truth)

    def truth(self, key: Key) -> NDArray[Any]:
        """Return what the graph says of something.

        Raises:
            UndefinedError: the graph does not say it, or not of these facts.
        """
        kind, name = key
        if kind == SCHEMES:
            return self._scheme(name)
        if kind == LINES:
            return self.main.holds(name)
        if kind == ADVISED:
            return self._situation(name)
        if kind == TIES:
            return CellTruth(self.graph, BLOCKS[name][0], self.readings).possible()
        return self.main.named(self._scope("decision", name))

    def _scope(self, kind: str, name: str) -> Node:
        scopes = list(self.graph.objects(URIRef(f"{BASE}{kind}/{name}"), APPLIES_TO))
        if len(scopes) != 1:
            raise UndefinedError(f"{name} has {len(scopes)} scopes")
        return scopes[0]

    def _scheme(self, name: str) -> Truth:
        scheme, colon, value = name.partition(": ")
        node = URIRef(f"{BASE}scheme/{scheme.removesuffix(' applies')}")
        scope = self.main.named(self._scope("scheme", scheme.removesuffix(" applies")))
        if not colon:
            return scope
        classes = [
            c
            for c in self.graph.subjects(IN_SCHEME, node)
            if str(self.graph.value(c, SKOS.notation)) == value
        ]
        if len(classes) != 1:
            raise UndefinedError(f"{name} is {len(classes)} classes")
        return scope & self.main.named(classes[0])

    def _situation(self, name: str) -> Truth:
        situations = list(self.graph.objects(URIRef(f"{BASE}advice/{name}"), IN_SITUATION))
        if len(situations) != 1:
            raise UndefinedError(f"{name} has {len(situations)} situations")
        truth = self.testis if name in TESTES_ADVICE else self.main
        return truth.named(situations[0])

    def decision(self, name: str) -> NDArray[Any]:
        """Join the advice on a decision: both sides are a conflict, a deferral keeps it open."""
        node = URIRef(f"{BASE}decision/{name}")
        scope = self._scope("decision", name)
        sides: dict[str, Truth] = {}
        for advice in self.graph.subjects(URIRef(f"{BASE}onDecision"), node):
            side = str(self.graph.value(advice, URIRef(f"{BASE}reason")) or "")
            side = side or str(self.graph.value(advice, POLARITY))
            held = self._situation(local(advice).removeprefix("advice/"))
            sides[side] = sides.get(side, MAIN.constant(False)) | held
        nothing = MAIN.constant(False)
        sides["text-conflict"] = sides.get("for", nothing) & sides.get("against", nothing)
        found: NDArray[np.int8] = np.full(nothing.shape, ANSWERS.index("text-silent"), np.int8)
        for answer in ("against", "for", "text-silent", "figure-only", "boundary", "text-conflict"):
            found = np.where(sides.get(answer, nothing), np.int8(ANSWERS.index(answer)), found)
        return np.where(self.main.named(scope), found, np.int8(ANSWERS.index("not-applicable")))

    def categories(self) -> set[str]:
        """Return the categories of all schemes."""
        return {
            f"{local(scheme).removeprefix('scheme/')}: {self.graph.value(c, SKOS.notation)}"
            for c, scheme in self.graph.subject_objects(IN_SCHEME)
        }

    def advice(self) -> set[str]:
        """Return the names of all advice that has a situation."""
        return {local(a).removeprefix("advice/") for a in self.graph.subjects(IN_SITUATION)}

    def owners(self) -> list[Key]:
        """List the classes that do not belong to the reading that the text gives them."""
        found: dict[str, set[str]] = {}
        for node, reading in self.graph.subject_objects(READING_OF):
            found.setdefault(local(reading).removeprefix("reading/"), set()).add(local(node))
        names = {*found, *READING_CLASSES}
        return [(OWNERS, n) for n in sorted(names) if found.get(n) != READING_CLASSES.get(n)]

    def no_relapse(self) -> list[Key]:
        """List the classes that hold of something that is no relapse."""
        truth, found = self._truth["nothing"], []
        for node in self.classes:
            try:
                if truth.named(node).any():
                    found.append((ONLY, local(node)))
            except UndefinedError:
                found.append((ONLY, local(node)))
        return found

    def facts(self) -> list[Key]:
        """List the facts that are not those of the text, or have other values."""
        found = {}
        for prop in facts_of(self.graph):
            kind = self.graph.value(prop, RDFS.range)
            values = self.graph.value(self.graph.value(kind, OWL.equivalentClass), OWL.oneOf)
            listed = Collection(self.graph, values) if values is not None else ()
            found[local(prop)] = {local(v) for v in listed}
        wanted = {f: set(v) for f, v in PARTITIONS.items()} | {f: set() for f in LINES_OF_NUMBERS}
        different = {f for f in {*found, *wanted} if found.get(f) != wanted.get(f)}
        return [(FACTS, fact) for fact in sorted(different)]


def _tied(graph: Graph) -> set[Node]:
    """Return the classes by which facts are tied."""
    return {s for s, o in graph.subject_objects(RDFS.subClassOf) if isinstance(o, BNode)} - {
        RELAPSE
    }


def wanted_categories() -> set[str]:
    """Return the categories of all schemes, as the text names them."""
    return {f"{name}: {value}" for name, q in QUESTIONS.items() for value in q.order}


def named_classes(graph: Graph) -> set[URIRef]:
    """Return the classes that have a definition or clauses, lists of values left out."""
    defined = {
        s
        for s, d in graph.subject_objects(OWL.equivalentClass)
        if not (isinstance(d, BNode) and (d, OWL.oneOf, None) in graph)
    }
    closed = set(graph.subjects(URIRef(f"{BASE}closed")))
    return {n for n in defined | closed if isinstance(n, URIRef)}
