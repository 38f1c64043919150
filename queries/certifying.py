"""The certificate as files, compared with what the tables give, and as plain data."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from loaders.certificate import COLUMNS, COUNTS, JOIN, PLACES
from reasoner.certificate import Certificate
from reasoner.drafts import write_text
from reasoner.table import Table

SHOWN = 5


def texts(made: Certificate) -> dict[str, str]:
    """Return the text of each table by the name of its file."""
    rows = {COUNTS: made.counts, PLACES: made.places}
    return {
        name: "".join(
            "\t".join(line) + "\n"
            for line in [columns, *([_cell(getattr(r, c)) for c in columns] for r in rows[name])]
        )
        for name, columns in COLUMNS.items()
    }


def write(made: Certificate, folder: Path) -> list[Path]:
    """Put every table in place in one step each; return the paths."""
    return [write_text(text, folder / name) for name, text in texts(made).items()]


def differences(made: Certificate, folder: Path) -> list[str]:
    """Say in which rows the tables of a folder are not what they should be, or that one is missing.

    A row that the tables give and the folder lacks is marked with a plus, the reverse with a minus.
    """
    found: list[str] = []
    for name, text in texts(made).items():
        path = folder / name
        if not path.is_file():
            found.append(f"{name}: missing")
            continue
        shipped = path.read_bytes().decode("utf-8", errors="replace").replace("\r\n", "\n")
        if shipped != text:
            told = _changed(shipped.splitlines(), text.splitlines())
            found += [f"{name}: {line}" for line in told or ["order of rows"]]
    return found


def _changed(shipped: list[str], made: list[str]) -> list[str]:
    told = []
    for mark, some, others in (("-", shipped, set(made)), ("+", made, set(shipped))):
        lines = [line.replace("\t", " | ") for line in some if line not in others]
        told += [f"{mark} {line}" for line in lines[:SHOWN]]
        if len(lines) > SHOWN:
            told.append(f"{mark} and {len(lines) - SHOWN} rows more")
    return told


def _cell(value: object) -> str:
    return JOIN.join(value) if isinstance(value, tuple) else str(value)


def plain(made: Certificate, table: Table) -> dict[str, Any]:
    """Return the certificate with the words of its schemes and passages, ready for JSON."""
    return {
        "checksum": made.checksum,
        "release": table.release,
        "schemes": {
            s["name"]: {"label": s["label"], "locator": s["locator"] or s["source"]}
            for s in table.schemes
        },
        "counts": [asdict(c) for c in made.counts],
        "places": [asdict(p) for p in made.places],
        "passages": {
            p["name"]: {k: v for k, v in p.items() if k != "name"} for p in table.passages
        },
        "disclaimer": table.data["disclaimer"],
    }
