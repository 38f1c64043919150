"""The compiled tables, opened, and viewed under a set of readings.

A table file is refused when it was compiled from other modules than those beside it: a stale table
could answer by a rule that is no longer there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from ontology.files import HOME, checksum
from reasoner.axes import Block

TABLE_FILE = Path("compiled") / "decisions.json"


class StaleTableError(RuntimeError):
    """Say that a table does not belong to the modules beside it, and how to rebuild it."""


class ReadingError(ValueError):
    """Say that a reading is not known, and which are."""


class Table:
    """Everything that was compiled, independent of readings."""

    def __init__(self, data: dict[str, Any]) -> None:
        """Keep compiled data as they were written."""
        self.data = data
        self.dimensions: dict[str, Any] = data["dimensions"]
        self.classes: dict[str, Any] = data["classes"]
        self.terms: dict[str, Any] = data["terms"]
        self.readings: dict[str, Any] = data["readings"]
        self.schemes: list[dict[str, Any]] = data["schemes"]
        self.decisions: list[dict[str, Any]] = data["decisions"]
        self.advice: list[dict[str, Any]] = data["advice"]
        self.passages: list[dict[str, Any]] = data["passages"]

    @property
    def release(self) -> dict[str, str]:
        """The version of the release, and the checksum of what the tables were compiled from."""
        return {"version": self.data["release"], "tables": self.data["checksum"]}

    def view(self, with_: Iterable[str] = (), without: Iterable[str] = ()) -> View:
        """Return the table under the default readings, changed as asked.

        A reading switched on switches off the one it replaces; a reading switched off lets in the
        one that the literal text amounts to.

        Raises:
            ReadingError: a name is no reading.
        """
        with_, without = list(with_), list(without)
        for name in [*with_, *without]:
            if name not in self.readings:
                raise ReadingError(
                    f"unknown reading {name!r}; known are {', '.join(self.readings)}"
                )
        return self.changed(self.data["default_readings"], with_, without)

    def changed(
        self, readings: Iterable[str], with_: Iterable[str] = (), without: Iterable[str] = ()
    ) -> View:
        """Return the table under some readings, of which known ones are switched on or off.

        What an active reading replaced comes back with its switching off.
        """
        before = frozenset(readings)
        active = set(before)
        for name in without:
            entry = self.readings[name]
            back = {entry["falls_back_to"], entry["replaces"] if name in before else None}
            active = (active - {name}) | (back - {None})
        for name in with_:
            active.discard(self.readings[name]["replaces"])
            active.add(name)
        return View(self, frozenset(active))


class View:
    """A table under a fixed set of readings."""

    def __init__(self, table: Table, readings: frozenset[str]) -> None:
        """Keep the table and choose the variant of each block that the readings call for."""
        self.table = table
        self.readings = readings
        self.blocks = [
            Block(
                b["dimensions"],
                _variant(b, readings),
                b["switches"],
                {r: _variant(b, readings - {r}) for r in b["switches"] if r in readings},
            )
            for b in table.data["blocks"]
        ]

    @cached_property
    def defaults(self) -> dict[str, tuple[int, str]]:
        """Atoms that a reading assumes for a fact that is not given: mask and reading."""
        found: dict[str, tuple[int, str]] = {}
        for name in sorted(self.readings):
            for assumed in self.table.readings[name]["assumes"]:
                if len(assumed) == 2:
                    found[assumed[0]] = (1 << assumed[1], name)
                else:
                    entry = self.table.classes[assumed[0]]
                    (reference,) = entry["references"]
                    mask = sum(1 << row[0] for row in entry["true"])
                    found[reference[1:]] = (mask, name)
        return found

    def clauses(self, name: str) -> list[str]:
        """Return the clauses of a closed class that the readings let stand."""
        return [
            c["name"]
            for c in self.table.classes[name]["clauses"]
            if c["reading"] is None or c["reading"] in self.readings
        ]

    def parts(self, name: str) -> list[str]:
        """Return what a class refers to: its clauses, or its references without facts' marks."""
        entry = self.table.classes[name]
        return self.clauses(name) if "clauses" in entry else entry["references"]

    def closure(self, names: Iterable[str]) -> tuple[list[str], set[str]]:
        """Return all classes that some classes rest on, parts first, and all facts they reach."""
        order: dict[str, None] = {}
        facts: set[str] = set()

        def visit(name: str) -> None:
            if name in order:
                return
            for part in self.parts(name):
                if part[0] == "@":
                    facts.add(part[1:])
                else:
                    visit(part)
            order[name] = None

        for name in names:
            if name != "Relapse":
                visit(name)
        return list(order), facts


def _variant(block: dict[str, Any], readings: frozenset[str]) -> list[tuple[int, ...]]:
    active = [r for r in block["switches"] if r in readings]
    return next(
        [tuple(c) for c in v["cells"]] for v in block["variants"] if v["readings"] == active
    )


def load(home: Path = HOME, folder: Path | None = None, *, check: bool = True) -> Table:
    """Open the compiled table.

    Raises:
        StaleTableError: it is missing, or was compiled from other modules.
    """
    path = (folder or Path(__file__).parent) / TABLE_FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise StaleTableError(f"no compiled table {path.name}; run: rallo build") from error
    if check and data["checksum"] != checksum(home):
        raise StaleTableError(
            f"{path.name} was compiled from other modules than those in {home.name}; "
            "run: rallo build"
        )
    return Table(data)
