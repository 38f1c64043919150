"""What goes between the endpoint and a worker: one job there, data and one verdict back.

A frame is a letter, a length and as many bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from struct import Struct

HEADER = Struct("!cI")
JOB, DATA, END = b"J", b"D", b"E"


@dataclass(frozen=True)
class Job:
    """One query, or one question of the catalogue with its values, and the formats allowed."""

    text: str = ""
    question: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    rows: str | None = None
    graph: str | None = None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()

    def written(self) -> str:
        """Write the job as text; two jobs are the same if their texts are."""
        return json.dumps(vars(self))

    def packed(self) -> bytes:
        """Write the job as a frame."""
        return frame(JOB, self.written().encode())


@dataclass(frozen=True)
class Verdict:
    """How a job ended: an HTTP status, the format of its data or what was wrong."""

    status: int
    format: str = ""
    message: str = ""

    def packed(self) -> bytes:
        """Write the verdict as a frame."""
        return frame(END, json.dumps(vars(self)).encode())


def frame(kind: bytes, body: bytes) -> bytes:
    """Put a header before some bytes."""
    return HEADER.pack(kind, len(body)) + body


def read_job(body: bytes) -> Job:
    """Read the job of a frame."""
    return Job(**json.loads(body))


def read_verdict(body: bytes) -> Verdict:
    """Read the verdict of a frame."""
    return Verdict(**json.loads(body))
