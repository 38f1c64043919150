"""The page of coverage and gaps: what is encoded, what the sources leave open, what was proved."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ontology.files import BASE, HOME
from queries.answers import answer, find_question
from queries.coverage import coverage_counts
from queries.site.pages import Page
from queries.site.records import Archive, Record, places
from queries.text import REASONS
from queries.web.holdings import Holdings
from reasoner.certificate import DEFAULT

AGREEMENT = HOME / "certificate" / "agreement.tsv"
# What is counted at the top: a class, its name there, and the page that has it.
COUNTED = (
    ("Statement", "statements", "paragraphs.html"),
    ("Outcome", "results", "studies.html"),
    ("Quantity", "other numbers", "paragraphs.html"),
    ("Study", "studies", "studies.html"),
    ("Arm", "arms", "studies.html"),
    ("Population", "populations", "populations.html"),
    ("Regimen", "regimens", "treatments.html#regimens"),
    ("Agent", "drugs and classes", "treatments.html"),
    ("Lesion", "markers", "treatments.html"),
    ("Publication", "publications", "references.html"),
    ("SourceStatement", "statements of cited works", "references.html"),
    ("LaterEvidence", "later findings", "references.html#later"),
    ("Advice", "pieces of advice", "advice.html"),
)
DIFFERS = ("table_differs", "hermit_differs", "openllet_differs")
MODES = ("printed", "inherited", "none")
RELATIONS = ("supports", "contradicts", "qualifies")
OPEN_FACTS = f"""SELECT ?fact ?reason ?text WHERE {{
  ?fact <{BASE}openBecause> ?reason ; <http://www.w3.org/2004/02/skos/core#definition> ?text
}} ORDER BY ?fact"""


def chapter(held: Holdings) -> Iterator[Page]:
    """Yield the page of coverage and gaps."""
    archive = Archive(held)
    figures = sorted(archive.of("Algorithm").values(), key=lambda r: r.iri)
    passages = archive.of("OpenPassage")
    yield Page(
        "coverage.html",
        "Coverage and gaps",
        "coverage.html",
        {
            "archive": archive,
            "reasons": REASONS,
            "counted": [(words, len(archive.of(kind)), at) for kind, words, at in COUNTED],
            "coverage": _coverage(held),
            "schemes": list(_schemes(archive)),
            "contradictions": list(_pairs(archive)),
            "against": _against_advice(archive),
            "figures": figures,
            "undecided": _undecided(archive),
            "open_facts": held.rows(OPEN_FACTS),
            "modes": MODES,
            "cited": _cited(archive),
            "uncited_figures": _rows(held, "figures_without_citation"),
            "otherwise": list(archive.of("SourceStatement").values()),
            "terms": _terms(held),
            "terminologies": _rows(held, "terminologies"),
            "later": _later(archive),
            "agreement": _agreement(),
        },
        {
            **places([*figures, *passages.values()]),
            **places(archive.of("Terminology").values()),
        },
    )


def _rows(held: Holdings, name: str) -> list[dict[str, str]]:
    """Ask one question of the catalogue, with its defaults."""
    found = answer(held.engine, find_question(name))
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def _coverage(held: Holdings) -> tuple[list[str], list[list[str]]]:
    rows = _rows(held, "coverage")
    return coverage_counts((r["paragraph"], r["kind"], int(r["statements"])) for r in rows)


def _schemes(archive: Archive) -> Iterator[dict[str, Any]]:
    """Yield every scheme with its counts under the default readings and what leaves it open."""
    counts = {
        c.one("ofScheme"): c
        for c in archive.of("PartitionCertificate").values()
        if c.one("underReadings") == DEFAULT
    }
    touched: Counter[tuple[str, str]] = Counter()
    for kind in ("Hole", "Overlap"):
        for place in archive.of(kind).values():
            if place.one("underReadings") == DEFAULT:
                for cause in place.all("causedBy"):
                    touched[place.one("ofScheme"), cause] += int(place.one("cells"))
    causes = archive.pointing("OpenPassage", "ofScheme")
    for entry in archive.held.knowledge().table.schemes:
        iri = f"{BASE}scheme/{entry['name']}"
        yield {
            "label": entry["label"],
            "iri": iri,
            "count": counts[iri],
            "passages": [(p, touched[iri, p.iri]) for p in causes.get(iri, ())],
        }


def _pairs(archive: Archive) -> Iterator[tuple[Record, Record]]:
    """Yield statements that contradict each other, each pair once."""
    statements = archive.of("Statement")
    for one in statements.values():
        for iri in one.all("contradicts"):
            if iri in statements and one.iri < iri:
                yield one, statements[iri]


def _against_advice(archive: Archive) -> list[Record]:
    advice = archive.of("Advice")
    statements = archive.of("Statement").values()
    return [s for s in statements if any(iri in advice for iri in s.all("contradicts"))]


def _undecided(archive: Archive) -> list[tuple[str, list[Record]]]:
    """Return the advice that has no answer, by the reason why."""
    found: dict[str, list[Record]] = {}
    for advice in archive.listed("Advice"):
        if reason := advice.one("reason"):
            found.setdefault(reason, []).append(advice)
    return [(reason, found[reason]) for reason in REASONS if reason in found]


def _cited(archive: Archive) -> list[tuple[str, list[int]]]:
    """Count statements by kind and by how they are cited, with a line of totals."""
    counts = Counter(
        (kind, s.one("citationMode"))
        for s in archive.of("Statement").values()
        for kind in (s.one("kind"), "total")
    )
    kinds = sorted({kind for kind, _ in counts} - {"total"})
    return [(kind, [counts[kind, mode] for mode in MODES]) for kind in [*kinds, "total"]]


def _terms(held: Holdings) -> Mapping[str, Any]:
    """Count the terms looked for outside, and those not found by the reason given."""
    without = _rows(held, "unlinked_terms")
    reasons = Counter(row["reason"] for row in without)
    unfound = {BASE + row["term"] for row in without}
    return {
        "linked": len(held.looked_for - unfound),
        "unfound": len(unfound),
        "reasons": sorted(reasons.items(), key=lambda item: (-item[1], item[0])),
    }


def _later(archive: Archive) -> Mapping[str, Any]:
    """Return the later findings by date, and count the advice by the state they leave it in."""
    found = sorted(
        archive.of("LaterEvidence").values(),
        key=lambda e: (not e.one("published"), e.one("published"), e.iri),
    )
    advice = {(e.one("adviceStatus"), iri) for e in found for r in RELATIONS for iri in e.all(r)}
    return {
        "findings": found,
        "advice": {e.iri: [iri for r in RELATIONS for iri in e.all(r)] for e in found},
        "states": sorted(Counter(status for status, _ in advice).items()),
        "touched": len({iri for _, iri in advice}),
        "undated": sum(not e.one("published") for e in found),
    }


def _agreement() -> Mapping[str, Any]:
    """Read what the comparison of the engines has found, and add it up."""
    with AGREEMENT.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    default = [row for row in rows if row["readings"] == DEFAULT]
    return {
        "default": [{**row, "label": row["scheme"].replace("-", " ")} for row in default],
        "switched": sorted({row["readings"] for row in rows} - {DEFAULT}),
        "totals": {
            name: _sum(default, name) for name in ("cells", "relapses", "questions", *DIFFERS)
        },
        "differs": sum(_sum(rows, name) for name in DIFFERS),
    }


def _sum(rows: Iterable[Mapping[str, str]], name: str) -> int:
    return sum(int(row[name]) for row in rows)
