"""The plot of the report on indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draw import INCHES_WIDE, save
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from pathlib import Path

INCHES_A_BAR = 0.2


def draw_indexes(found: dict, folder: Path) -> None:
    """Draw how many times longer each question takes without its index, by logarithm."""
    ratios = [ratio for ratio in found["ratios"] if ratio["ours"].endswith(": ms without")][::-1]
    figure = Figure(figsize=(INCHES_WIDE, 0.8 + INCHES_A_BAR * len(ratios)))
    axes = figure.subplots()
    names = [ratio["ours"].removesuffix(": ms without") for ratio in ratios]
    colours = ["#c96" if "rejected" in name else "#368" for name in names]
    axes.barh(names, [ratio["median"] for ratio in ratios], color=colours, height=0.7)
    axes.set_xscale("log")
    axes.axvline(1, color="#888", linewidth=0.8)
    axes.tick_params(axis="y", labelsize=7)
    axes.set_xlabel("times longer without the index (logarithmic)")
    axes.set_title(found["title"], fontsize=9, loc="left")
    save(figure, folder / "indexes-worth.svg")
