"""Read tables by the package `sssom`, and print as JSON what it finds in each and complains of.

Run as a program of its own: the package warns of its own dependencies while it is imported.
"""

from __future__ import annotations

import json
import logging
import sys

from sssom.constants import SchemaValidationType
from sssom.parsers import parse_sssom_table, to_mapping_set_document
from sssom.validators import validate


def found(path: str) -> dict[str, object]:
    """Return the rows that the package keeps, and its complaints."""
    table = parse_sssom_table(path)
    document = to_mapping_set_document(table)
    reports = validate(
        table, validation_types=[SchemaValidationType.JsonSchema], fail_on_error=False
    )
    complaints = [result.message for report in reports.values() for result in report.results]
    kept = [
        [str(m.subject_id), str(m.predicate_id), str(m.object_id), str(m.mapping_justification)]
        for m in document.mapping_set.mappings
    ]
    return {"rows": kept, "complaints": complaints, "licence": str(document.mapping_set.license)}


if __name__ == "__main__":
    logging.disable()
    json.dump({path: found(path) for path in sys.argv[1:]}, sys.stdout)
