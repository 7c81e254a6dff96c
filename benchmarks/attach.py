"""Prints the median time of a warm attach to the embedded servers, in milliseconds."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from boxoffice.core import config, embedded

ROUNDS = 300


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="boxoffice-attach-") as home:
        settings = config.load({"BOXOFFICE_HOME": str(Path(home))})
        began = time.perf_counter()
        embedded.attach(settings)
        print(f"first start     {(time.perf_counter() - began) * 1_000:8.1f} ms")
        try:
            measure(settings)
            embedded.stop(settings)
            began = time.perf_counter()
            embedded.attach(settings)
            print(f"stopped pair    {(time.perf_counter() - began) * 1_000:8.1f} ms")
        finally:
            embedded.reset(settings)


def measure(settings: config.Settings) -> None:
    walls, cpus = [], []
    for _ in range(ROUNDS):
        wall, cpu = time.perf_counter_ns(), time.process_time_ns()
        embedded.attach(settings)
        cpus.append((time.process_time_ns() - cpu) / 1e6)
        walls.append((time.perf_counter_ns() - wall) / 1e6)
    print(f"warm attach wall{statistics.median(walls):8.3f} ms (median of {ROUNDS})")
    print(f"warm attach CPU {statistics.median(cpus):8.3f} ms (median of {ROUNDS})")


if __name__ == "__main__":
    main()
