"""Intervals of the number line with open and closed ends, compared exactly."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, order=True)
class Interval:
    """Numbers between two bounds; ``None`` is no bound."""

    low: Decimal | None = None
    low_closed: bool = False
    high: Decimal | None = None
    high_closed: bool = False

    def contains(self, number: Decimal) -> bool:
        """Tell whether a number lies in the interval."""
        above = self.low is None or number > self.low or (self.low_closed and number == self.low)
        below = (
            self.high is None or number < self.high or (self.high_closed and number == self.high)
        )
        return above and below

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
