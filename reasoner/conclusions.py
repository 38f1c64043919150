"""What is concluded of a relapse, and why: the data that explanations are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Explanation:
    """Given facts that entail a conclusion, none of which can be left out.

    ``clauses`` hold by these facts (``by`` is ``clause``), or one of them does whatever the facts
    named in ``varying`` are (``cases``), or there are none (``none``).  ``readings`` are those
    without which these facts do not entail the conclusion.
    """

    facts: dict[str, str]
    by: str
    clauses: list[dict[str, Any]]
    varying: list[str]
    readings: list[str]


@dataclass(frozen=True)
class Conclusion:
    """What is concluded of a relapse, or said to be open, and why.

    ``of`` is the output column or name of what was asked, ``term`` the class, advice, decision or
    scheme that is concluded.  ``clauses`` hold by all that is given; an explanation may rest on
    more, of which one holds whatever else is given.  ``readings`` tells for each reading that takes
    part what the answer is without it; without those in ``needs`` the conclusion is lost.
    """

    of: str
    kind: str
    label: str
    entry: dict[str, Any]
    status: str
    value: str
    term: str
    possible: list[str]
    reason: str
    settled_by: list[str]
    clauses: list[dict[str, Any]] = field(default_factory=list)
    explanations: list[Explanation] = field(default_factory=list)
    readings: dict[str, str] = field(default_factory=dict)
    needs: list[str] = field(default_factory=list)
