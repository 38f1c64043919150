"""Trials as ClinicalTrials.gov hands them out: the JSON of its API, version 2."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from loaders.registries import RegistryError, Trial

ALLOWED = "a study of the ClinicalTrials.gov API v2, or an object with a list of studies"


def read_trials(path: Path) -> list[Trial]:
    """Read all trials of a file.

    Raises:
        OSError: the file cannot be read.
        RegistryError: it is no JSON of the API, or a study has no NCT number.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise RegistryError(f"{path.name}: not JSON; allowed: {ALLOWED}") from error
    if isinstance(data, dict) and isinstance(data.get("studies"), list):
        studies = data["studies"]
    else:
        studies = data if isinstance(data, list) else [data]
    return [_trial(s, f"{path.name}, record {n}") for n, s in enumerate(studies, 1)]


def _trial(study: Any, place: str) -> Trial:
    if not isinstance(study, dict) or "protocolSection" not in study:
        raise RegistryError(f"{place}: has no protocolSection; allowed: {ALLOWED}")
    protocol = study["protocolSection"]
    nct = _at(protocol, "identificationModule", "nctId")
    if not isinstance(nct, str) or not re.fullmatch(r"NCT\d{8}", nct):
        raise RegistryError(f"{place}: nctId {nct!r}; allowed: NCT and eight figures")
    title = _at(protocol, "identificationModule", "officialTitle")
    return Trial(
        place,
        nct,
        str(title or _at(protocol, "identificationModule", "briefTitle") or ""),
        str(_at(protocol, "designModule", "enrollmentInfo", "count") or ""),
    )


def _at(data: Any, *path: str) -> Any:
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data
