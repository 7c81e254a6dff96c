"""How much is tried, and from which seed.

`FUZZ_SEED` draws other cases; `FUZZ=10000` tries that many command lines in process and of
everything else as many as belong to it. Without them a run is short and always the same.
"""

from __future__ import annotations

import os
import random

import hypothesis

SEED = int(os.environ.get("FUZZ_SEED", "2026"))
LINES = int(os.environ.get("FUZZ", "0"))
LINES_FULL = 10_000


def share(short: int, full: int) -> int:
    """Return how many cases to try: `short` by default, `full` beside ten thousand lines."""
    return short if not LINES else max(1, full * LINES // LINES_FULL)


def chance_of(name: str) -> random.Random:
    """Return the chance of a test, its own and the same in every run of a seed."""
    return random.Random(f"{SEED} {name}")


def examples(short: int, full: int):
    """Let hypothesis draw from the seed alone, nothing remembered from run to run."""

    def decorated(test):
        settings = hypothesis.settings(
            max_examples=share(short, full), deadline=None, database=None
        )
        return hypothesis.seed(SEED)(settings(test))

    return decorated
