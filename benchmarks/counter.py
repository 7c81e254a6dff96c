"""What the counter's seat map costs to draw and to follow, at 20,000 and 60,000 seats.

    python benchmarks/counter.py [--rounds 5] [--json]

Each hall is drawn in a process of its own, without a database, by drawn.py. Beside: the fill rate,
which is what the same Textual takes for the same screen out of ready strips, either one plain piece
a line or a coloured one a cell; and one widget a seat, at 2,000 seats. Times are medians of CPU
milliseconds; only the answer to a key is by the clock on the wall. What is to be reached by itself
stands among the figures as "to reach".
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from drawn import (
    CHANGES,
    COLOURED,
    CURSOR,
    FIRST,
    IDLE,
    KEY,
    MEMORY,
    PLAIN,
    REPAINT,
)
from harness import Comparison, Findings, parser_of, take_turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness import Turn

# For each hall: sections of the example stadium, columns, lines, zoom.
HALLS = {
    "2k@80x24": (1, 80, 24, "normal"),
    "20k@200x60": (22, 200, 60, "normal"),
    "60k@400x120": (102, 400, 120, "half"),
}
SMALL, LARGE, LARGEST = HALLS
WIDGETS = "2k widgets"
FILL = "<=1.5"
GOALS = {
    (LARGE, FIRST): 700,
    (LARGE, REPAINT): 15,
    (LARGE, CURSOR): 2,
    (LARGE, CHANGES): 12,
    (LARGE, KEY): 50,
    (LARGE, IDLE): 1,
    (LARGE, MEMORY): 120,
    (LARGEST, REPAINT): 50,
}


def main() -> None:
    options = parser_of(__doc__).parse_args()
    asked = {WIDGETS: ["widgets"]}
    for name, (sections, width, height, zoom) in HALLS.items():
        asked[name] = ["map", sections, width, height, zoom]
        asked[_strips(name)] = ["strips", width, height]
    works = {name: partial(drawn, words) for name, words in asked.items()}
    figures = take_turns(options.rounds, works)
    for (name, what), value in GOALS.items():
        figures[f"to reach, {name}: {what}"] = [float(value)] * options.rounds
    Findings(title="The counter's seat map", figures=figures, comparisons=compared()).tell(options)


def drawn(words: Sequence[object], _round: int) -> Turn:
    """Measure in a process of its own."""
    command = [sys.executable, str(Path(__file__).with_name("drawn.py")), *map(str, words)]
    return json.loads(subprocess.check_output(command, text=True))


def compared() -> list[Comparison]:
    """Return what is put beside the fill rate, beside widgets, and beside what is to be reached."""
    fills = [
        Comparison(ours=f"{name}: {REPAINT}", beside=f"{_strips(name)}: {how}", goal=goal)
        for name in HALLS
        for how, goal in ((PLAIN, ""), (COLOURED, FILL))
    ]
    widgets = [
        Comparison(ours=f"{SMALL}: {what}", beside=f"{WIDGETS}: {what}", goal="<=1")
        for what in (FIRST, REPAINT, CURSOR, CHANGES)
    ]
    alone = [
        Comparison(ours=f"{name}: {what}", beside=f"to reach, {name}: {what}", goal="<=1")
        for name, what in GOALS
    ]
    return [*fills, *widgets, *alone]


def _strips(name: str) -> str:
    return f"strips {name.partition('@')[2]}"


if __name__ == "__main__":
    main()
