"""THE CERTIFICATE: proof that each scheme puts every case in one category, or where it does not.

    table -> every set of readings -> every scheme -> count of its cells, its holes and overlaps

Beside the default readings every other set is tried that differs from them by one switch. Where a
switch changes no cell of a scheme, that is all that is said of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from reasoner.boxes import Boxes
from reasoner.partition import HOLE, OVERLAP, Partition, partitions
from reasoner.table import Table, View

DEFAULT = "default"


@dataclass(frozen=True)
class Count:
    """A scheme under one set of readings: how many cells are in how many categories.

    ``cells`` is the sum of all counts; ``impossible`` those in which an interval would exceed one
    that it lies within. ``without_effect`` are readings that, switched over, change no cell.
    """

    scheme: str
    readings: str
    cells: int
    out_of_scope: int
    impossible: int
    in_one_category: int
    in_holes: int
    in_overlaps: int
    checksum: str
    without_effect: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """A box of cells that are in no category, or in the same several ones, for the same causes.

    ``categories`` are those of an overlap, or those beside a hole; ``causes`` are names of
    passages, ``why`` their titles, ``locator`` where they stand, and ``closed_by`` the readings
    under which they leave nothing open.
    """

    scheme: str
    readings: str
    kind: str
    number: int
    criteria: str
    categories: tuple[str, ...]
    cells: int
    causes: tuple[str, ...]
    why: str
    locator: str
    closed_by: tuple[str, ...]


@dataclass(frozen=True)
class Certificate:
    """The counts of all schemes, and all their holes and overlaps."""

    counts: tuple[Count, ...]
    places: tuple[Place, ...]

    @property
    def checksum(self) -> str:
        """SHA-256 over all rows; those of the counts cover every cell."""
        rows = "\n".join(map(repr, (*self.counts, *self.places)))
        return sha256(rows.encode("utf-8")).hexdigest()


def certificate(table: Table) -> Certificate:
    """Count every cell of every scheme under every set of readings.

    The default readings come first in each scheme, then what differs from them.
    """
    counts: list[Count] = []
    listed: list[Place] = []
    sets = [(label, switched, partitions(view)) for label, switched, view in reading_sets(table)]
    _, _, default = sets[0]
    for name, usual in default.items():
        idle: list[str] = []
        differing = []
        for label, switched, found in sets[1:]:
            if found[name].checksum == usual.checksum:
                idle += switched
            else:
                differing.append((label, found[name]))
        counts.append(_count(DEFAULT, usual, tuple(sorted(idle))))
        counts += [_count(label, partition) for label, partition in differing]
        for label, partition in [(DEFAULT, usual), *differing]:
            listed += places(label, partition)
    return Certificate(tuple(counts), tuple(listed))


def reading_sets(table: Table) -> list[tuple[str, list[str], View]]:
    """Return the default readings, and all sets that one switch makes of them.

    Each has a name in words and the readings by whose switch it comes about: switching off a
    reading may be the same as switching on the one that the literal text amounts to.
    """
    usual = table.view()
    found: dict[frozenset[str], tuple[str, list[str], View]] = {
        usual.readings: (DEFAULT, [], usual)
    }
    for reading in table.readings:
        on = reading in usual.readings
        view = table.view(without=[reading]) if on else table.view(with_=[reading])
        label = ", ".join(
            [f"without {r}" for r in sorted(usual.readings - view.readings)]
            + [f"with {r}" for r in sorted(view.readings - usual.readings)]
        )
        found.setdefault(view.readings, (label, [], view))[1].append(reading)
    return [found.pop(usual.readings), *sorted(found.values(), key=lambda s: s[0])]


def _count(label: str, partition: Partition, idle: tuple[str, ...] = ()) -> Count:
    scope = partition.vector(partition.scope)
    holes, overlaps = partition.count(HOLE), partition.count(OVERLAP)
    occurring = partition.occurring.bit_count()
    return Count(
        partition.name,
        label,
        partition.space.size,
        partition.space.size - scope.bit_count(),
        scope.bit_count() - occurring,
        occurring - holes - overlaps,
        holes,
        overlaps,
        partition.checksum,
        idle,
    )


def places(label: str, partition: Partition) -> Iterator[Place]:
    """Yield the holes and overlaps of a scheme as boxes, under readings that go by a name."""
    passages: dict[str, dict[str, Any]] = {p["name"]: p for p in partition.passages}
    boxes = Boxes(partition.view, partition.space, partition.vector(partition.scope))
    numbers = {HOLE: 0, OVERLAP: 0}
    for flaw in partition.flaws:
        causes = [passages[name] for name in flaw.causes]
        sources = dict.fromkeys(str(c["locator"] or c["source"]) for c in causes)
        for box in boxes.cut(flaw.cells):
            numbers[flaw.kind] += 1
            yield Place(
                partition.name,
                label,
                flaw.kind,
                numbers[flaw.kind],
                boxes.words(box),
                flaw.categories,
                boxes.cells(box).bit_count(),
                flaw.causes,
                "; ".join(c["label"] for c in causes),
                "; ".join(sources),
                tuple(sorted({c["closed_by"] for c in causes} - {None})),
            )
