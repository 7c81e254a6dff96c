"""The plots of docs/reports/load-test.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

if TYPE_CHECKING:
    from pathlib import Path

RATE = re.compile(r"([\d.]+) a second: (p50|p95|p99) ms")
COLOURS = {"p50": "#8aa", "p95": "#245", "p99": "#c33"}
INCHES = (7.0, 3.2)


def draw_flow(found: dict, folder: Path) -> None:
    """Draw how long a whole flow takes as buyers come faster, on two logarithmic axes."""
    points: dict[str, list[tuple[float, dict]]] = {}
    for name, figure in found["figures"].items():
        if match := RATE.fullmatch(name):
            points.setdefault(match[2], []).append((float(match[1]), figure))
    chart = Figure(figsize=INCHES)
    axes = chart.subplots()
    for share, measured in points.items():
        rates = [rate for rate, _ in measured]
        middle = [figure["median"] for _, figure in measured]
        low, high = ([figure[end] for _, figure in measured] for end in ("low", "high"))
        axes.plot(rates, middle, "o-", color=COLOURS[share], label=share)
        axes.fill_between(rates, low, high, color=COLOURS[share], alpha=0.15, linewidth=0)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks([rate for rate, _ in points["p50"]], [f"{rate:g}" for rate, _ in points["p50"]])
    axes.set_xlabel("buyers a second (open model)")
    axes.set_ylabel("ms from arrival to payment")
    axes.set_title("The whole flow: the last rate is past the limit", fontsize=9, loc="left")
    axes.legend(frameon=False)
    chart.savefig(folder / "flow-rates.svg", format="svg", metadata={"Date": None})


def draw_intervals(found: dict, folder: Path) -> None:
    """Draw the polls a second of each line, on a logarithmic axis: simulated and beside it."""
    figures = found["figures"]
    cases = [ratio["ours"] for ratio in found["ratios"] if "computed" in ratio["beside"]][::-1]
    chart = Figure(figsize=INCHES)
    axes = chart.subplots()
    for place, ours in enumerate(cases):
        case = ours.partition(":")[0]
        fixed, computed = (f"{case}, {way}: polls/s" for way in ("fixed", "computed"))
        marks = ((ours, "o", "#245"), (computed, "|", "#c33"), (fixed, "s", "#8aa"))
        for name, mark, colour in marks:
            label = name.removeprefix(case).strip(", ").partition(":")[0] or "simulated"
            value = figures[name]["median"]
            axes.plot(value, place, mark, color=colour, markersize=9, label=label)
    axes.set_xscale("log")
    axes.set_yticks(range(len(cases)), [name.partition(":")[0] for name in cases])
    axes.set_ylim(-0.6, len(cases) - 0.4)
    axes.set_xlabel("polls a second")
    axes.set_title("What a waiting line asks of its server", fontsize=9, loc="left")
    handles, labels = axes.get_legend_handles_labels()
    kinds = dict(zip(labels, handles, strict=True))
    axes.legend(kinds.values(), kinds.keys(), frameon=False)
    chart.savefig(folder / "intervals-needed.svg", format="svg", metadata={"Date": None})
