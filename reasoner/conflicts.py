"""Where the text, or the schemes, contradict each other for one relapse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reasoner.questions import CONFLICT


def conflicts(
    classification: Mapping[str, Any], advice: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """List where the text, or the schemes, contradict each other for this relapse."""
    found: list[dict[str, Any]] = []
    for item in advice:
        if item["reason"] == CONFLICT:
            sides = {
                side: [b["says"] for b in item["because"] if b.get("polarity") == side]
                for side in ("for", "against")
            }
            found.append({"kind": CONFLICT, "on": item["action"], **sides})
    for name, entry in classification.items():
        if entry["status"] == "overlap":
            found.append({"kind": "overlap", "on": name, "values": entry["possible"]})
        elif entry["status"] == "entailed" and len(entry["possible"]) > 1:
            others = [v for v in entry["possible"] if v != entry["value"]]
            found.append({"kind": "not-excluded", "on": name, "values": others})
    words = {n: e["value"] for n, e in classification.items() if n.startswith("timing_")}
    settled = {n: v for n, v in words.items() if classification[n]["status"] == "entailed"}
    if differ(set(settled.values())):
        found.append({"kind": "schemes-differ", "on": "timing", "values": settled})
    return found


def differ(words: set[str]) -> bool:
    """Tell whether words differ by more than an ending, as late and later do not."""
    return any(not a.startswith(b) and not b.startswith(a) for a in words for b in words)
