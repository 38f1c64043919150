"""Where the ontology lies on disk, what belongs to it, and the checksum of it all.

Apart from the module that opens graphs, so that answering from compiled tables imports no RDF
library.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

HOME = Path(__file__).parent
RELEASE = "0.1.0"
BASE = "https://w3id.org/rallo/"

# What takes part in classification. Examples are data, shapes judge data; neither defines a class.
_AXIOM_FOLDERS = ("", "schemes", "readings", "advice")
# What is put together from the modules for those who open the ontology in an editor.
ROOT, CLOSURE, CATALOGUE = "rallo.ttl", "closure.ttl", "catalog-v001.xml"


class OntologyError(ValueError):
    """Say which module breaks a rule of the house, and how."""


def module_files(home: Path = HOME) -> list[Path]:
    """List the Turtle files that hold axioms, sorted by path."""
    files = [path for folder in _AXIOM_FOLDERS for path in (home / folder).glob("*.ttl")]
    return sorted(path for path in files if path.name not in (ROOT, CLOSURE))


def checksum(home: Path = HOME) -> str:
    """Return the SHA-256 over names and texts of all modules and fact tables."""
    digest = hashlib.sha256()
    for path in [*module_files(home), *sorted((home / "facts").glob("*.tsv"))]:
        digest.update(path.relative_to(home).as_posix().encode() + b"\0")
        digest.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()
