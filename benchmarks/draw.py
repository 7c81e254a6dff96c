"""Put the tables and plots of kept results into the reports.

    python benchmarks/draw.py

Reads benchmarks/results/NAME.json. In docs/reports/*.md what stands between a line
``<!-- table: NAME -->`` and the next ``<!-- end -->`` becomes that table, so that no figure of a
report is typed by hand. A report that shows NAME.svg gets the ratios of that result drawn, and
every function ``draw_NAME`` of a module ``plots_*.py`` draws what else there is to see.
"""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path

import harness
import matplotlib as mpl
from matplotlib.figure import Figure

HERE = Path(__file__).parent
RESULTS = HERE / "results"
REPORTS = HERE.parent / "docs" / "reports"
TABLE = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
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
    results = {path.stem: json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))}
    for module in sorted(HERE.glob("plots_*.py")):
        draw_special(import_module(module.stem), results)
    for report in sorted(REPORTS.glob("*.md")):
        text = report.read_text()
        report.write_text(TABLE.sub(lambda match: _filled(match, results), text))
        for name, found in results.items():
            if f"]({name}.svg)" in text:
                draw_ratios(found, REPORTS / f"{name}.svg")


def draw_special(module: object, results: dict[str, dict]) -> None:
    """Let a module draw the results that it has a function for."""
    for name, found in results.items():
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


def _filled(match: re.Match[str], results: dict[str, dict]) -> str:
    found = results.get(match[2])
    return match[0] if found is None else f"{match[1]}{harness.table(found)}\n{match[3]}"


if __name__ == "__main__":
    main()
