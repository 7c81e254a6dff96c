"""The plots of docs/reports/caching.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draw import save
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from pathlib import Path

CACHED, PLAIN, LIMIT = ("cache", "#c33"), ("no cache", "#245"), "#888"
INCHES, INCHES_STALE = (7.0, 3.2), (7.0, 1.6)
PROMISE_MILLISECONDS = 100  # and one reading
PERCENTILES = {"p50 ms": "o", "p95 ms": "s", "max ms": "x"}


def draw_concert_list(found: dict, folder: Path) -> None:
    """Draw looks and their times with the cache and without, and how old what they show is."""
    figures = found["figures"]
    figure = Figure(figsize=INCHES, layout="constrained")
    rates, times = figure.subplots(1, 2, sharey=True)
    _pairs(rates, figures, "looks/s")
    _pairs(times, figures, "p95 ms")
    rates.legend(fontsize=7, frameon=False)
    save(figure, folder / "caching-looks.svg")
    figure = Figure(figsize=INCHES_STALE, layout="constrained")
    _stale(figure.subplots(), figures)
    save(figure, folder / "caching-stale.svg")


def _pairs(axes: object, figures: dict[str, dict], what: str) -> None:
    """Draw one figure of each case twice, on a logarithmic axis."""
    mark = f", {CACHED[0]}, "
    cases = [name for name in figures if mark in name and name.endswith(f": {what}")][::-1]
    for way, colour in (CACHED, PLAIN):
        named = [figures[name.replace(mark, f", {way}, ")] for name in cases]
        for place, each in enumerate(named):
            axes.plot([each["low"], each["high"]], [place] * 2, color=colour, alpha=0.4)
        medians = [each["median"] for each in named]
        axes.plot(medians, range(len(cases)), "o", color=colour, label=way)
    axes.set_yticks(range(len(cases)), [_case(name, mark) for name in cases], fontsize=7)
    axes.set_xscale("log")
    axes.set_title(what, fontsize=9, loc="left")
    axes.grid(axis="x", color="#ddd", linewidth=0.5)


def _case(name: str, mark: str) -> str:
    concerts, clients = name.rpartition(":")[0].split(mark)
    return f"{concerts} concerts,\n{clients} looking".replace(", sales looking", " looking, sales")


def _stale(axes: object, figures: dict[str, dict]) -> None:
    """Draw how long after a hold's answer looks still began that did not show it."""
    sizes = [name.partition(",")[0] for name in figures if name.endswith(", stale: max ms")]
    for part, mark in PERCENTILES.items():
        medians = [figures[f"{size}, stale: {part}"]["median"] for size in sizes]
        axes.plot(medians, range(len(sizes)), mark, color=CACHED[1], label=part.split()[0])
    axes.axvline(PROMISE_MILLISECONDS, color=LIMIT, linewidth=0.8)
    axes.set_yticks(range(len(sizes)), [f"{size} concerts" for size in sizes], fontsize=7)
    axes.set_ylim(-0.6, len(sizes) - 0.4)
    axes.set_xlim(left=0)
    axes.legend(fontsize=7, frameon=False)
    axes.set_title(
        "ms until every look shows a hold (line: a copy's tenth of a second)",
        fontsize=8,
        loc="left",
    )
