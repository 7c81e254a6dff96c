"""Draw kept results for the reports.

    python benchmarks/draw.py

A report that shows NAME.svg gets the ratios of benchmarks/results/NAME.json drawn, and every
function ``draw_NAME`` of a module ``plots_*.py`` draws what else there is to see.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure
from tables import HERE, REPORTS, results

if TYPE_CHECKING:
    from pathlib import Path

STYLE = {
    "svg.fonttype": "none",  # text stays text: small files that can be searched
    "svg.hashsalt": "boxoffice",  # the same figures give the same file
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "savefig.bbox": "tight",
}
INCHES_WIDE, INCHES_A_BAR = 7.0, 0.34


def main() -> None:
    mpl.rcParams.update(STYLE)
    kept = results()
    for module in sorted(HERE.glob("plots_*.py")):
        draw_special(import_module(module.stem), kept)
    shown = "".join(report.read_text(encoding="utf-8") for report in REPORTS.glob("*.md"))
    for name, found in kept.items():
        if f"]({name}.svg)" in shown:
            draw_ratios(found, REPORTS / f"{name}.svg")


def draw_special(module: object, kept: dict[str, dict]) -> None:
    """Let a module draw the results that it has a function for."""
    for name, found in kept.items():
        if draw := getattr(module, f"draw_{name}", None):
            draw(found, REPORTS)


def draw_ratios(found: dict, path: Path) -> None:
    """Draw each ratio as a point with its spread, and the goal as a line across it."""
    ratios = found["ratios"][::-1]
    figure = Figure(figsize=(INCHES_WIDE, 0.8 + INCHES_A_BAR * len(ratios)))
    axes = figure.subplots()
    for place, ratio in enumerate(ratios):
        axes.plot([ratio["low"], ratio["high"]], [place, place], color="#8aa", linewidth=4)
        axes.plot(ratio["median"], place, "o", color="#245")
        if ratio["goal"]:
            goal = float(ratio["goal"][2:])
            axes.plot([goal, goal], [place - 0.4, place + 0.4], color="#c33", linewidth=2)
    labels = [f"{ratio['ours']}\n/ {ratio['beside']}" for ratio in ratios]
    axes.set_yticks(range(len(ratios)), labels, fontsize=7)
    axes.set_xlim(left=0)
    axes.set_xlabel("ratio: median, spread of the rounds; red: to reach")
    axes.set_title(found["title"], fontsize=9, loc="left")
    save(figure, path)


def save(figure: Figure, path: Path) -> None:
    """Write a figure as SVG, the same bytes for the same figures."""
    figure.savefig(path, format="svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
