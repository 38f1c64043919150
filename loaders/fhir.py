"""Relapses from a FHIR bundle: observations coded in RALLO's own input columns.

Each Observation whose code has the system ``https://w3id.org/rallo/input`` states one column; all
observations of one subject describe one relapse.  Other resources are passed over, and so are
observations that were entered in error or cancelled.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

SYSTEM = "https://w3id.org/rallo/input"
_VOID = {"entered-in-error", "cancelled"}


class BundleError(ValueError):
    """Say that a bundle does not have the shape of FHIR."""


def is_bundle(data: object) -> bool:
    """Tell whether parsed JSON is a FHIR bundle."""
    return isinstance(data, dict) and data.get("resourceType") == "Bundle"


def read_bundle(data: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Yield one relapse for each subject of the bundle's observations.

    Raises:
        BundleError: an element is not of the type that FHIR gives it.
    """
    relapses: dict[str, dict[str, str]] = {}
    for entry in _list(data, "entry"):
        resource = _object(_typed(entry, dict), "resource")
        if resource.get("resourceType") != "Observation" or resource.get("status") in _VOID:
            continue
        codings = _codings(_object(resource, "code"))
        columns = [str(c.get("code")) for c in codings if c.get("system") == SYSTEM]
        subject = str(_object(resource, "subject").get("reference") or "")
        if not columns:
            continue
        values = relapses.setdefault(subject, {"patient_id": subject.rpartition("/")[2]})
        for column in columns:
            text = _value(resource)
            known = values.get(column)
            values[column] = text if not known else f"{known};{text}"
    yield from relapses.values()


def _value(resource: dict[str, Any]) -> str:
    """Write the value of an observation as the text of a column."""
    if "valueQuantity" in resource:
        quantity = _object(resource, "valueQuantity")
        return f"{quantity.get('comparator') or ''}{quantity.get('value', '')}"
    if "valueCodeableConcept" in resource:
        concept = _object(resource, "valueCodeableConcept")
        codings = _codings(concept)
        own = [c for c in codings if c.get("system") == SYSTEM] or codings
        return str(own[0].get("code", "")) if own else str(concept.get("text") or "")
    if isinstance(flag := resource.get("valueBoolean"), bool):
        return "yes" if flag else "no"
    for key in ("valueString", "valueInteger", "valueDateTime"):
        if key in resource:
            return str(resource[key])
    return ""


def _codings(concept: dict[str, Any]) -> list[dict[str, Any]]:
    return [_typed(c, dict) for c in _list(concept, "coding")]


def _object(holder: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = _typed(holder.get(name, {}), dict)
    return found


def _list(holder: dict[str, Any], name: str) -> list[Any]:
    found: list[Any] = _typed(holder.get(name, []), list)
    return found


def _typed(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise BundleError(f"not a FHIR bundle: a {kind.__name__} is expected in one place")
    return value
