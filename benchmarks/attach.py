"""What it costs a command to find the embedded servers, next to one bare connection to them.

    python benchmarks/attach.py

A command looks whether the private pair runs before it connects. Beside: a connection of bare
psycopg that is opened and closed, which every command pays after it. The start of a stopped pair
is told as a note, once.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import raw
from harness import Comparison, Findings, Turn, parser_of, servers, take_turns

from boxoffice.core import embedded
from boxoffice.core.office import Office

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS = 100
MS = "ms"


def main() -> None:
    parser = parser_of(__doc__)
    options = parser.parse_args()
    with servers(options) as settings:
        Office(settings).close()
        works = {
            "attach": timed(lambda: embedded.attach(settings)),
            "bare connection": timed(lambda: raw.connect(settings).close()),
        }
        figures = take_turns(options.rounds, works)
        embedded.stop(settings)
        began = time.perf_counter()
        embedded.attach(settings)
        start_ms = (time.perf_counter() - began) * 1_000
    Findings(
        title="Finding the embedded servers",
        figures=figures,
        comparisons=[
            Comparison(ours=f"attach: {MS}", beside=f"bare connection: {MS}", goal="<=1"),
        ],
        notes={"a stopped pair is up again after": f"{start_ms:.0f} ms"},
    ).tell(options)


def timed(act: Callable[[], object]) -> Callable[[int], Turn]:
    """Return a work that does something some times, and tells the milliseconds of one."""

    def work(_: int) -> Turn:
        began = time.perf_counter()
        for _ in range(CALLS):
            act()
        return {MS: (time.perf_counter() - began) * 1_000 / CALLS}

    return work


if __name__ == "__main__":
    main()
