"""Relapses from a FHIR bundle: observations coded in RALLO's own input columns.

Each Observation whose code has the system ``https://w3id.org/rallo/input`` states one column; all
observations of one subject describe one relapse.  Other resources are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

SYSTEM = "https://w3id.org/rallo/input"


def is_bundle(data: object) -> bool:
    """Tell whether parsed JSON is a FHIR bundle."""
    return isinstance(data, dict) and data.get("resourceType") == "Bundle"


def read_bundle(data: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Yield one relapse for each subject of the bundle's observations."""
    relapses: dict[str, dict[str, str]] = {}
    for entry in data.get("entry") or ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict) or resource.get("resourceType") != "Observation":
            continue
        columns = [
            coding.get("code")
            for coding in (resource.get("code") or {}).get("coding") or ()
            if isinstance(coding, dict) and coding.get("system") == SYSTEM
        ]
        subject = str((resource.get("subject") or {}).get("reference") or "")
        values = relapses.setdefault(subject, {"patient_id": subject.rpartition("/")[2]})
        for column in columns:
            text = _value(resource)
            known = values.get(str(column))
            values[str(column)] = text if not known else f"{known};{text}"
    yield from relapses.values()


def _value(resource: dict[str, Any]) -> str:
    """Write the value of an observation as the text of a column."""
    if isinstance(quantity := resource.get("valueQuantity"), dict):
        return f"{quantity.get('comparator') or ''}{quantity.get('value', '')}"
    if isinstance(concept := resource.get("valueCodeableConcept"), dict):
        codings = [c for c in concept.get("coding") or () if isinstance(c, dict)]
        return str(codings[0].get("code", "")) if codings else str(concept.get("text") or "")
    if isinstance(flag := resource.get("valueBoolean"), bool):
        return "yes" if flag else "no"
    for key in ("valueString", "valueInteger", "valueDateTime"):
        if key in resource:
            return str(resource[key])
    return ""
