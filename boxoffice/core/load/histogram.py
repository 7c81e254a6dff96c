"""Counts of durations in little memory, each to within two per cent.

The idea is HdrHistogram's (Gil Tene, hdrhistogram.org): within each power of two there are equally
many buckets, so that a bucket is as wide as its values are precise, from microseconds to hours. Its
Python port brings compiled code and a log format; 40 lines do what is needed here.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SPLIT_BITS = 6  # 64 buckets in each power of two: the widest is 1/64 of its value
SPLIT = 1 << SPLIT_BITS
MICROSECONDS = 1_000_000
MICROSECONDS_MAX = (1 << 36) - 1  # 19 hours: all longer ones are counted together
# Where the bars of a drawing end, in milliseconds.
EDGES_MS = tuple(digit * 10.0**power for power in range(-1, 9) for digit in (1, 1.5, 2, 3, 5, 7))


class Histogram:
    """Durations counted by size; at most 2,000 counters, and the largest one as it was."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()
        self.max_seconds = 0.0

    @property
    def count(self) -> int:
        """How many durations there are."""
        return self.counts.total()

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self.counts[_bucket(min(max(round(seconds * MICROSECONDS), 0), MICROSECONDS_MAX))] += 1
        self.max_seconds = max(self.max_seconds, seconds)

    def merge(self, other: Histogram) -> None:
        """Count all that another one has counted, too."""
        self.counts.update(other.counts)
        self.max_seconds = max(self.max_seconds, other.max_seconds)

    def quantile_ms(self, share: float) -> float:
        """Return the duration that this share of all do not exceed, in ms; 0 of none."""
        wanted, passed = share * self.count, 0
        for bucket, count in sorted(self.counts.items()):
            passed += count
            if passed >= wanted:
                return min(_highest(bucket) / 1_000, self.max_ms)
        return self.max_ms

    @property
    def max_ms(self) -> float:
        """The longest duration in milliseconds."""
        return self.max_seconds * 1_000

    def bars(self) -> Iterator[tuple[float, int]]:
        """Yield the upper end of each bar in ms and its count, from the first to the last used."""
        found: Counter[float] = Counter()
        for bucket, count in self.counts.items():
            longest = _highest(bucket) / 1_000 / (1 + 2 / SPLIT)  # a bucket may reach over an edge
            found[next(edge for edge in EDGES_MS if longest <= edge)] += count
        used = [edge for edge in EDGES_MS if found[edge]]
        for edge in EDGES_MS:
            if used and used[0] <= edge <= used[-1]:
                yield edge, found[edge]


def _bucket(value: int) -> int:
    """Number the bucket of a value: one each for small ones, then 64 for each power of two."""
    shift = max(value.bit_length() - SPLIT_BITS - 1, 0)
    return (shift << SPLIT_BITS) + (value >> shift)


def _highest(bucket: int) -> int:
    """Return the largest value of a bucket."""
    shift = max((bucket >> SPLIT_BITS) - 1, 0)
    return ((bucket - (shift << SPLIT_BITS) + 1) << shift) - 1
