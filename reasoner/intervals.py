"""Intervals of the number line with open and closed ends, compared exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, order=True)
class Interval:
    """Numbers between two bounds; ``None`` is no bound."""

    low: Decimal | None = None
    low_closed: bool = False
    high: Decimal | None = None
    high_closed: bool = False

    @classmethod
    def read(cls, bounds: Mapping[str, Any]) -> Interval:
        """Return the interval that plain data describe."""
        low, high = (None if bounds[k] is None else Decimal(bounds[k]) for k in ("low", "high"))
        return cls(low, bounds["low_closed"], high, bounds["high_closed"])

    def contains(self, number: Decimal) -> bool:
        """Tell whether a number lies in the interval."""
        above = self.low is None or number > self.low or (self.low_closed and number == self.low)
        below = (
            self.high is None or number < self.high or (self.high_closed and number == self.high)
        )
        return above and below

    def covers(self, piece: Interval) -> bool:
        """Tell whether the interval holds the whole of another."""
        low_fits = self.low is None or (
            piece.low is not None
            and (
                piece.low > self.low
                or (piece.low == self.low and (self.low_closed or not piece.low_closed))
            )
        )
        high_fits = self.high is None or (
            piece.high is not None
            and (
                piece.high < self.high
                or (piece.high == self.high and (self.high_closed or not piece.high_closed))
            )
        )
        return low_fits and high_fits

    def words(self) -> str:
        """Write the interval as comparisons."""
        if self.low is not None and self.low == self.high:
            return f"= {self.low}"
        parts = []
        if self.low is not None:
            parts.append(f"{'>=' if self.low_closed else '>'} {self.low}")
        if self.high is not None:
            parts.append(f"{'<=' if self.high_closed else '<'} {self.high}")
        return " and ".join(parts) or "stated"

    def phrase(self) -> str:
        """Write the interval in words."""
        if self.low is not None and self.low == self.high:
            return f"exactly {self.low:f}"
        parts = []
        if self.low is not None:
            parts.append(f"{'at least' if self.low_closed else 'more than'} {self.low:f}")
        if self.high is not None:
            parts.append(f"{'at most' if self.high_closed else 'less than'} {self.high:f}")
        return " and ".join(parts) or "any number"

    def bounds(self) -> dict[str, str | bool | None]:
        """Write the interval as plain data."""
        return {
            "low": None if self.low is None else f"{self.low:f}",
            "low_closed": self.low_closed,
            "high": None if self.high is None else f"{self.high:f}",
            "high_closed": self.high_closed,
        }

    def touches(self, following: Interval) -> bool:
        """Tell whether another interval begins where this one ends, with no number between."""
        return (
            self.high is not None
            and self.high == following.low
            and self.high_closed != following.low_closed
        )

    def up_to(self, last: Interval) -> Interval:
        """Return the interval from the beginning of this one to the end of another."""
        return Interval(self.low, self.low_closed, last.high, last.high_closed)

    def without_ends_of(self, outermost: Interval) -> Interval:
        """Drop the ends that say no more than what every number obeys."""
        return Interval(
            None if self.low == outermost.low and self.low_closed else self.low,
            self.low_closed and self.low != outermost.low,
            None if self.high == outermost.high and self.high_closed else self.high,
            self.high_closed and self.high != outermost.high,
        )

    def meets(self, other: Interval) -> bool:
        """Tell whether two intervals of the number line share a number."""
        for lower, upper in ((self, other), (other, self)):
            if lower.low is None or upper.high is None:
                continue
            if lower.low > upper.high:
                return False
            if lower.low == upper.high and not (lower.low_closed and upper.high_closed):
                return False
        return True
