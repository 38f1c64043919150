"""The tables of links read anew, and what they may say by the list of verified identifiers.

``verified_ids.tsv`` tells which identifiers were read in which relation to a concept, and
``verified_bases.tsv`` the base of their IRIs and the licence class of their terminologies.
``aligned_concepts.tsv`` is the curator's: how each term of ours stands to a concept, and which
identifiers were left out although the concept has them. Nothing here imports the loader.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

TABLES = Path(__file__).parents[2] / "ontology" / "mappings"
LISTS = Path(__file__).parent
NOTHING = "sssom:NoTermFound"
# How an outside term stands to ours, if it stands so to a concept to which ours stands so.
COMPOSED = {
    "same": {"exact": "exact", "close": "close", "broad": "broad", "narrow": "narrow"},
    "close": {"exact": "close", "close": "close", "broad": "broad"},
    "narrower": {"exact": "broad"},
    "wider": {"exact": "narrow", "narrow": "narrow"},
    "involves": {"exact": "related"},
    # The outside term was compared with ours by its own label.
    "read": {"broad": "exact"},
}
STRONGEST = ("exact", "close", "narrow", "broad", "related")
Cells = dict[str, str]


def read(path: Path) -> list[Cells]:
    """Read a table whose comments begin with a number sign."""
    with path.open(encoding="utf-8", newline="") as lines:
        told = (line for line in lines if not line.startswith("#"))
        return list(csv.DictReader(told, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def written() -> dict[str, list[Cells]]:
    """Read all tables of links by licence class."""
    suffix = ".sssom.tsv"
    return {p.name.removesuffix(suffix): read(p) for p in sorted(TABLES.glob(f"*{suffix}"))}


def links() -> list[Cells]:
    """Return the rows that link a term of ours to an outside term."""
    return [row for rows in written().values() for row in rows if row["object_id"] != NOTHING]


def unlinked() -> list[Cells]:
    """Return the rows that say why a term of ours is not linked."""
    return [row for rows in written().values() for row in rows if row["object_id"] == NOTHING]


@cache
def bases() -> dict[str, tuple[str, str]]:
    """Return base and licence class of each terminology."""
    return {r["prefix"]: (r["base"], r["class"]) for r in read(LISTS / "verified_bases.tsv")}


def iri(code: str) -> str:
    """Write a code as an IRI."""
    prefix, _, local = code.partition(":")
    return bases()[prefix][0] + local


def allowed() -> dict[tuple[str, str], str]:
    """Derive every link from what was verified and how our terms stand to the concepts."""
    verified = read(LISTS / "verified_ids.tsv")
    found: dict[tuple[str, str], str] = {}
    for row in read(LISTS / "aligned_concepts.tsv"):
        for known in (k for k in verified if k["concept"] == row["concept"]):
            match = COMPOSED[row["relation"]].get(known["match"])
            if match is None or known["id"] in row["left_out"].split(";"):
                continue
            pair = (f"rallo:{row['term']}", known["id"])
            best = min(match, found.get(pair, match), key=STRONGEST.index)
            found[pair] = best
    return found
