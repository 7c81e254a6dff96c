"""What it costs a command to find the embedded servers, next to one bare connection to them.

    python benchmarks/attach.py

A command looks whether the private pair runs before it connects. Beside: a connection of bare
psycopg that is opened and closed, which every command pays after it. The start of a stopped pair
is told as a note, once.
"""

from __future__ import annotations

import time

import raw
from harness import MS, Comparison, Findings, parser_of, servers, take_turns, timed

from boxoffice.core import embedded
from boxoffice.core.office import Office

CALLS = 100


def main() -> None:
    parser = parser_of(__doc__)
    options = parser.parse_args()
    with servers(options) as settings:
        Office(settings).close()
        works = {
            "attach": timed(lambda: embedded.attach(settings), CALLS),
            "bare connection": timed(lambda: raw.connect(settings).close(), CALLS),
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


if __name__ == "__main__":
    main()
