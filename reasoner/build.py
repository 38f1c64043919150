"""Writes the compiled tables, whole or not at all, and tells whether they are stale."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ontology.files import HOME, checksum
from reasoner.drafts import write_text
from reasoner.table import TABLE_FILE


def build(home: Path = HOME, folder: Path | None = None) -> Path:
    """Compile the ontology and put the table in place in one step; return its path."""
    from reasoner.compiler import compile_tables

    return write(compile_tables(home), (folder or Path(__file__).parent) / TABLE_FILE)


def write(data: dict[str, Any], path: Path) -> Path:
    """Write plain data as sorted JSON, an entry a line, so that a change can be read."""
    lines = ",\n".join(f"{json.dumps(key)}: {_block(value)}" for key, value in sorted(data.items()))
    return write_text("{\n" + lines + "\n}\n", path)


def _block(value: Any) -> str:
    if isinstance(value, dict):
        rows = (
            f" {json.dumps(k)}: {json.dumps(v, sort_keys=True, ensure_ascii=False)}"
            for k, v in sorted(value.items())
        )
        return "{\n" + ",\n".join(rows) + "\n}"
    if isinstance(value, list):
        return (
            "[\n"
            + ",\n".join(" " + json.dumps(v, sort_keys=True, ensure_ascii=False) for v in value)
            + "\n]"
        )
    return json.dumps(value, ensure_ascii=False)


def is_stale(home: Path = HOME, folder: Path | None = None) -> bool:
    """Tell whether the table is missing or was compiled from other modules."""
    path = (folder or Path(__file__).parent) / TABLE_FILE
    if not path.exists():
        return True
    return bool(json.loads(path.read_text(encoding="utf-8"))["checksum"] != checksum(home))
