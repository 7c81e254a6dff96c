"""What the buyers of a process have done so far; small enough to be sent twice a second."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from boxoffice.core.load.histogram import Histogram


@dataclass(slots=True)
class Tally:
    """Counts of a process, or of all of them; who shares one between threads holds a lock."""

    arrived: int = 0
    turned_away: int = 0
    last_end: float = 0.0  # by time.monotonic, which all processes of a host share
    ended: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    steps: dict[str, Histogram] = field(default_factory=dict)

    def took(self, step: str, seconds: float) -> None:
        """Count how long a step took."""
        self.steps.setdefault(step, Histogram()).add(seconds)

    def merge(self, other: Tally) -> None:
        """Count what another process has counted, too."""
        self.arrived += other.arrived
        self.turned_away += other.turned_away
        self.last_end = max(self.last_end, other.last_end)
        self.ended.update(other.ended)
        self.failures.update(other.failures)
        for step, histogram in other.steps.items():
            self.steps.setdefault(step, Histogram()).merge(histogram)

    @property
    def under_way(self) -> int:
        """How many have come and not ended."""
        return self.arrived - self.ended.total() - self.turned_away
