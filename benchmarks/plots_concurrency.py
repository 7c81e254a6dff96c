"""The plots of docs/reports/concurrency.md that are not plain ratios."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

if TYPE_CHECKING:
    from pathlib import Path

CONTESTS = ("seat", "sell-out", "balance")
RATE, LOSER = "attempts/s", "a loser, us"
OURS, OTHER, SPREAD = "#c33", "#245", "#8aa"
INCHES = (7.0, 2.8)
INCHES_ONE = (7.0, 2.4)


def draw_strategies(found: dict, folder: Path) -> None:
    """Draw each way's rate in each contest, and how long a loser of one seat is kept."""
    figure = Figure(figsize=INCHES, layout="constrained")
    for axes, contest in zip(figure.subplots(1, len(CONTESTS)), CONTESTS, strict=True):
        _points(axes, found["figures"], contest, RATE)
        axes.set_title(f"{contest}: {RATE}", fontsize=8, loc="left")
    figure.savefig(folder / "strategies-rates.svg", format="svg", metadata={"Date": None})
    figure = Figure(figsize=INCHES_ONE, layout="constrained")
    axes = figure.subplots()
    _points(axes, found["figures"], "seat", LOSER)
    axes.set_title("microseconds until a loser of one seat hears of it", fontsize=8, loc="left")
    figure.savefig(folder / "strategies-losers.svg", format="svg", metadata={"Date": None})


def _points(axes: object, figures: dict[str, dict], contest: str, what: str) -> None:
    """Draw each way as a point with its spread, on a logarithmic axis."""
    start, end = f"{contest}, ", f": {what}"
    ways = {
        name.removeprefix(start).removesuffix(end): figure
        for name, figure in figures.items()
        if name.startswith(start) and name.endswith(end)
    }
    for place, (name, figure) in enumerate(reversed(ways.items())):
        colour = OURS if "ours" in name else OTHER
        axes.plot([figure["low"], figure["high"]], [place, place], color=SPREAD, linewidth=4)
        axes.plot(figure["median"], place, "o", color=colour)
    axes.set_yticks(range(len(ways)), list(reversed(ways)), fontsize=7)
    axes.set_xscale("log")
    lowest = min(figure["low"] for figure in ways.values())
    highest = max(figure["high"] for figure in ways.values())
    axes.set_xlim(10 ** math.floor(math.log10(lowest)), 10 ** math.ceil(math.log10(highest)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.grid(axis="x", color="#ddd", linewidth=0.5)
