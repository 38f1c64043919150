"""What the tests of the faces share: asking the command line, and the columns of the contract."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from typer.testing import CliRunner

from queries.cli import app

ROOT: Final = Path(__file__).parents[2]
EXAMPLES: Final = ROOT / "ontology" / "examples" / "relapses.csv"
BUNDLE_SYSTEM: Final = "https://w3id.org/rallo/input"

# DESIGN 5: the input columns with a value that each may hold, none contradicting another.
INPUT: Final[Mapping[str, str]] = {
    "patient_id": "p-1",
    "relapse_number": "1",
    "marrow_blasts_percent": "62.5",
    "marrow_status": "involved",
    "cns_status": "CNS3",
    "cranial_nerve_palsy": "yes",
    "testis": "unilateral",
    "testis_biopsy": "positive",
    "contralateral_testis_biopsy": "negative",
    "other_extramedullary": "none",
    "immunophenotype": "T",
    "months_from_diagnosis": "16.25",
    "months_from_remission": "14.5",
    "months_from_treatment_end": "7",
    "on_treatment": "no",
    "mrd": "0.0005",
    "mrd_sensitivity": "0.00001",
    "genetics": "BCR-ABL1;TKI-resistance-mutation",
    "chromosomes": "46",
    "marrow_pcr": "positive",
    "prior_cranial_rt_gy": "20",
    "remission": "yes",
    "nk_alloreactive_relative": "yes",
    "donors": "unrelated-7/8;cord-blood",
    "diagnosis_date": "2010-01-15",
    "remission_date": "2010-02-20",
    "treatment_end_date": "2010-10-01",
    "relapse_date": "2011-05-20",
}
# DESIGN 5: the columns that classify appends, in their order.
OUTPUT: Final = (
    "site_pattern",
    "timing_table1",
    "timing_abstract",
    "timing_bfm_narrative",
    "timing_cog",
    "bfm_group",
    "uk_r3_group",
    "cog_group",
    "hsct",
    "hsct_reason",
    "local_therapy",
    "donor_choice",
    "settled_by",
    "readings",
    "problems",
)


class Said(NamedTuple):
    """What a face printed, and the status with which it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


def rallo(*arguments: str | Path) -> Said:
    """Ask the command line within this process, on a terminal wide enough for any line."""
    result = CliRunner().invoke(app, [str(a) for a in arguments], env={"COLUMNS": "2000"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)


def process(code: str, *arguments: str | Path, env: Mapping[str, str] | None = None) -> Said:
    """Run code in an interpreter of its own."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=None if env is None else dict(env),
        capture_output=True,
        text=True,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def options(values: Mapping[str, str]) -> list[str]:
    """Write facts as options with dashes."""
    return [f"--{column.replace('_', '-')}={text}" for column, text in values.items()]


def bundle(*relapses: Mapping[str, str]) -> str:
    """Write relapses as a FHIR bundle of observations, numbers as quantities."""
    entries: list[dict[str, Any]] = [{"resource": {"resourceType": "Patient", "id": "a"}}]
    for number, values in enumerate(relapses):
        subject = values.get("patient_id", str(number))
        for column, text in values.items():
            if column != "patient_id":
                observation = {
                    "resourceType": "Observation",
                    "status": "final",
                    "subject": {"reference": f"Patient/{subject}"},
                    "code": {"coding": [{"system": BUNDLE_SYSTEM, "code": column}]},
                    **fhir_value(column, text),
                }
                entries.append({"resource": observation})
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


def fhir_value(column: str, text: str) -> dict[str, Any]:
    """Write a value as FHIR does: quantities, dates, booleans, codes."""
    if text in ("yes", "no"):
        return {"valueBoolean": text == "yes"}
    if column.endswith("_date"):
        return {"valueDateTime": text}
    if ";" in text:
        return {"valueString": text}
    try:
        return {"valueQuantity": {"value": float(text)}}
    except ValueError:
        return {"valueCodeableConcept": {"coding": [{"system": BUNDLE_SYSTEM, "code": text}]}}
