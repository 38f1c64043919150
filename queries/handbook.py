"""The evidence behind each advice, asked of the graph once and kept as plain data for the faces."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ontology.files import BASE, HOME, checksum
from reasoner.build import write
from reasoner.dates import read_last_day

if TYPE_CHECKING:
    from rdflib import Graph

QUESTIONS = Path(__file__).parent / "questions" / "evidence"
HANDBOOK_FILE = Path(__file__).parent / "compiled" / "handbook.json"


def compile_handbook(graph: Graph, home: Path = HOME) -> dict[str, Any]:
    """Ask the graph for publications, evidence and later evidence by advice."""
    figures: dict[str, list[dict[str, str]]] = {}
    for row in _ask(graph, "figures_by_evidence"):
        figures.setdefault(row.pop("evidence"), []).append(row)
    return {
        "checksum": checksum(home),
        "publications": {r["number"]: r for r in _ask(graph, "publications")},
        "evidence": _gather(_ask(graph, "evidence_by_advice"), "citation", figures),
        "later": _gather(_ask(graph, "later_evidence_by_advice"), "identifier", {}),
    }


def _ask(graph: Graph, name: str) -> list[dict[str, str]]:
    text = (QUESTIONS / f"{name}.rq").read_text(encoding="utf-8")
    found = []
    for row in graph.query(text):
        values = row.asdict()  # type: ignore[union-attr]
        found.append({k: _short(str(v)) for k, v in values.items()})
    return found


def _short(value: str) -> str:
    return value.removeprefix(BASE)


def _gather(
    rows: list[dict[str, str]], many: str, figures: dict[str, list[dict[str, str]]]
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Join rows that differ in one column only, and sort them by advice and relation."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        advice, relation = row.pop("advice").removeprefix("advice/"), row.pop("relation")
        one = row.pop(many, None)
        identity = row["evidence"]
        entry = found.setdefault(advice, {}).setdefault(
            f"{relation} {identity}", {**row, "relation": relation, f"{many}s": []}
        )
        if one is not None and one not in entry[f"{many}s"]:
            entry[f"{many}s"].append(one)
        if row.get("design", "") not in entry.get("design", ""):
            entry["design"] += f"; {row['design']}"
        if identity in figures:
            entry["figures"] = figures[identity]
    return {
        advice: {
            relation: sorted((e for e in entries.values() if e["relation"] == relation), key=_rank)
            for relation in ("supports", "contradicts", "qualifies")
        }
        for advice, entries in sorted(found.items())
    }


def _rank(entry: dict[str, Any]) -> tuple[bool, bool, bool, str]:
    """Put figures first, then what is cited on the spot; the authors' own advice comes last."""
    own = entry.get("kind") == "recommendation"
    return own, "figures" not in entry, entry.get("citationMode") != "printed", entry["evidence"]


def build_handbook(graph: Graph, home: Path = HOME) -> Path:
    """Write the handbook in one step; return its path."""
    return write(compile_handbook(graph, home), HANDBOOK_FILE)


def handbook_is_stale(home: Path = HOME, path: Path = HANDBOOK_FILE) -> bool:
    """Tell whether the handbook is missing or was compiled from other modules or facts."""
    if not path.exists():
        return True
    return bool(json.loads(path.read_text(encoding="utf-8"))["checksum"] != checksum(home))


class Handbook:
    """The compiled handbook, opened."""

    def __init__(self, data: dict[str, Any]) -> None:
        """Keep the data as they were written."""
        self.data = data

    @classmethod
    def load(cls, path: Path = HANDBOOK_FILE) -> Handbook:
        """Open the handbook that the build has written."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def evidence(self, advice: list[str], relation: str) -> list[dict[str, Any]]:
        """Return the evidence that stands in a relation to some advice, each once."""
        found: dict[str, dict[str, Any]] = {}
        for name in advice:
            for entry in self.data["evidence"].get(name, {}).get(relation, ()):
                citations = [self.citation(int(n)) for n in entry["citations"]]
                found.setdefault(entry["evidence"], {**_plain(entry), "citations": citations})
        return list(found.values())

    def later(self, advice: list[str], as_of: str) -> list[dict[str, Any]]:
        """Return evidence on some advice published after the article and by the end of a period.

        What is known by its year or month alone is published by the last day of it, and not before.
        Without a date it is left out.
        """
        end = read_last_day(as_of)
        found: dict[str, dict[str, Any]] = {}
        for name in advice:
            for entries in self.data["later"].get(name, {}).values():
                for entry in entries:
                    if (published := entry.get("published")) and read_last_day(published) <= end:
                        found.setdefault(entry["evidence"], entry)
        return list(found.values())

    def citation(self, number: int) -> dict[str, Any]:
        """Return a reference by its number, short enough for a line."""
        entry = self._publications[str(number)]
        first = entry.get("authors", "").split(";")[0]
        more = " et al" if ";" in entry.get("authors", "") or entry.get("etAl") == "true" else ""
        return {
            "number": number,
            "text": f"{first}{more}. {entry.get('container', '')} {entry.get('year', '')}",
            "title": entry["title"],
        }

    @cached_property
    def _publications(self) -> dict[str, dict[str, str]]:
        publications: dict[str, dict[str, str]] = self.data["publications"]
        return publications


def _plain(entry: dict[str, Any]) -> dict[str, Any]:
    kept = {k: v for k, v in entry.items() if k not in ("evidence", "relation")}
    return {"id": entry["evidence"].removeprefix("statement/"), **kept}
