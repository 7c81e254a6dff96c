"""What the seat map costs: CPU of drawing 20,000 and 60,000 seats, and of following changes.

    python benchmarks/counter.py [--json]

Each hall is measured in a process of its own, without a database: Textual draws as it does for
a terminal, and what it would write is thrown away. Times are medians of CPU milliseconds; only
the answer to a key is by the clock on the wall. The ratios are to one widget a seat, at 2,000
seats in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

# For each hall: sections of the example stadium, columns, lines, zoom.
HALLS = {
    "2k@80x24": (1, 80, 24, "normal"),
    "20k@200x60": (22, 200, 60, "normal"),
    "60k@400x120": (102, 400, 120, "half"),
}
NAIVE = "2k widgets"
GOALS = {
    ("20k@200x60", "first_paint_ms"): 700,
    ("20k@200x60", "repaint_ms"): 15,
    ("20k@200x60", "cursor_ms"): 2,
    ("20k@200x60", "changes_percent"): 12,
    ("20k@200x60", "key_p95_ms"): 50,
    ("20k@200x60", "idle_percent"): 0,
    ("20k@200x60", "memory_mb"): 120,
    ("60k@400x120", "repaint_ms"): 50,
}
ROUNDS = 40
CHANGES_PER_SECOND = 1_000
FRAMES_PER_SECOND = 15
FOLLOW_SECONDS = 5
IDLE_SECONDS = 3
SETTLE_SECONDS = 0.5
KEYS = 60
KEY_PAUSE_SECONDS = 0.05
KEY_SECONDS_MAX = 5
WIDGETS, WIDGETS_A_LINE = 2_000, 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure = _naive() if options.measure == NAIVE else _measure(*HALLS[options.measure])
        print(json.dumps(asyncio.run(measure)))
        return
    found = {name: _child(name) for name in (*HALLS, NAIVE)}
    ratios = {what: spent / found["2k@80x24"][what] for what, spent in found[NAIVE].items()}
    if options.json:
        print(json.dumps({**found, "ratios": ratios}))
        return
    for name, values in found.items():
        for what, value in values.items():
            goal = GOALS.get((name, what))
            words = "" if goal is None else f"  (to reach: {goal})"
            print(f"{name:12} {what:16} {value:8.1f}{words}")
    for what, ratio in ratios.items():
        print(f"{what:16} one widget a seat / the map: {ratio:.1f}")


def _child(name: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--measure", name]
    ran = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(ran.stdout)


# --- the map ---


async def _measure(sections: int, width: int, height: int, zoom: str) -> dict[str, float]:
    from textual import scroll_view  # noqa: F401, PLC0415 - what the map costs comes after it

    seat_map = _seat_map(sections)
    states = bytes(random.Random(1).choices(b"fsh", (5, 4, 1), k=len(seat_map.labels)))
    before = _rss_mb()
    began = time.process_time()
    from boxoffice.tui.map.palette import TRUECOLOR  # noqa: PLC0415
    from boxoffice.tui.map.view import SeatMapView  # noqa: PLC0415

    view = SeatMapView(palette=TRUECOLOR)
    app = _app(view)
    async with app.run_test(size=(width, height)) as pilot:
        view.show(seat_map, states)
        await pilot.pause()
        first = time.process_time() - began
        view.zoom_in()
        while view.zoom_name != zoom:
            view.zoom_out() if zoom == "half" else view.zoom_in()
        view.move("page_down")
        await pilot.pause()
        return {
            "first_paint_ms": first * 1_000,
            "repaint_ms": await _median(
                app, lambda _: (view.notify_style_update(), view.refresh())
            ),
            "cursor_ms": await _median(app, lambda at: view.move(("up", "down")[at % 2])),
            "changes_percent": await _follow(lambda: view.apply(_changes(len(states)))),
            "key_p95_ms": await _keys(app, view),
            "idle_percent": await _share(asyncio.sleep(IDLE_SECONDS), IDLE_SECONDS),
            "memory_mb": _rss_mb(),
            "map_memory_mb": _rss_mb() - before,
        }


def _app(*widgets: Any, css: str = "") -> Any:
    """Make an application that draws as for a terminal, without one."""
    from textual.app import App  # noqa: PLC0415

    class Drawn(App[None]):
        CSS = css

        def __init__(self) -> None:
            super().__init__()
            self.drawn, self.asked = asyncio.Event(), asyncio.Event()

        def compose(self) -> Any:
            yield from widgets

        def on_key(self, event: Any) -> None:
            widgets[0].move(event.key)
            self.drawn.clear()
            self.asked.set()

        def _display(self, screen: Any, renderable: Any) -> None:
            if hasattr(renderable, "render_segments"):
                renderable.render_segments(self.console)
                self.drawn.set()
            super()._display(screen, renderable)

    return Drawn()


async def _median(app: Any, change: Any) -> float:
    """Return the milliseconds that a change and drawing it take."""
    screen, spent = app.screen, []
    for at in range(ROUNDS):
        began = time.process_time()
        change(at)
        screen._dirty_widgets.update(app.screen.children)  # noqa: SLF001 - what its timer does,
        screen._on_timer_update()  # noqa: SLF001 - now and not in the next sixtieth of a second
        spent.append((time.process_time() - began) * 1_000)
        await asyncio.sleep(0)
    return statistics.median(spent)


def _changes(seats: int) -> list[tuple[int, int]]:
    count = -(-CHANGES_PER_SECOND // FRAMES_PER_SECOND)
    return [(random.randrange(seats), random.choice(b"fsh")) for _ in range(count)]


async def _follow(take: Any, seconds: float = FOLLOW_SECONDS) -> float:
    """Return the share of a core that batches of 1,000 changes a second take."""

    async def batches() -> None:
        due = time.perf_counter()
        for _ in range(round(seconds * FRAMES_PER_SECOND)):
            take()
            due += 1 / FRAMES_PER_SECOND
            await asyncio.sleep(max(due - time.perf_counter(), 0))

    return await _share(batches(), seconds)


async def _share(work: Any, seconds: float) -> float:
    await asyncio.sleep(SETTLE_SECONDS)
    began = time.process_time()
    await work
    return 100 * (time.process_time() - began) / seconds


async def _keys(app: Any, view: Any) -> float:
    """Return the 95th percentile of the time from a key to its line, while changes come in."""
    from textual.events import Key  # noqa: PLC0415

    busy = asyncio.create_task(_follow(lambda: view.apply(_changes(view.counts.free)), KEYS * 1.0))
    spent = []
    for at in range(KEYS):
        await asyncio.sleep(KEY_PAUSE_SECONDS)
        began = time.perf_counter()
        app.asked.clear()
        app.post_message(Key(("up", "down")[at % 2], None))
        await app.asked.wait()
        await asyncio.wait_for(app.drawn.wait(), KEY_SECONDS_MAX)
        spent.append((time.perf_counter() - began) * 1_000)
    busy.cancel()
    return statistics.quantiles(spent, n=20)[-1]


def _rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _seat_map(sections: int) -> Any:
    """Make the map of a performance in the first sections of the example stadium."""
    from boxoffice.core.examples import stadium  # noqa: PLC0415
    from boxoffice.core.model import SeatMap  # noqa: PLC0415

    plan = stadium()
    seats = [seat for seat in plan.seats if seat.section < sections]
    day = datetime(2030, 11, 20, 19, 30, tzinfo=UTC)
    labels = tuple(seat.label for seat in seats)
    return SeatMap(
        performance=1,
        concert=1,
        concert_name="Concert",
        venue=plan.name,
        date=day,
        time_zone="Asia/Seoul",
        sale_opens=day,
        sale_closes=day,
        currency="KRW",
        sections=plan.sections,
        rows=tuple(row.name for row in plan.rows),
        row_sections=tuple(row.section for row in plan.rows),
        categories=plan.categories,
        prices=tuple(100_000 for _ in plan.categories),
        labels=labels,
        numbers=tuple(seat.number for seat in seats),
        seat_rows=[seat.row for seat in seats],
        seat_categories=[seat.category for seat in seats],
        xs=[seat.x for seat in seats],
        ys=[seat.y for seat in seats],
        attributes=bytes(len(seats)),
        focal=plan.focal,
        indexes={label: at for at, label in enumerate(labels)},
    )


# --- one widget a seat ---


async def _naive() -> dict[str, float]:
    from textual.containers import ScrollableContainer  # noqa: PLC0415
    from textual.widgets import Static  # noqa: PLC0415

    began = time.process_time()
    seats = [Static("a") for _ in range(WIDGETS)]
    for seat in seats:
        seat.can_focus = True
    grid = ScrollableContainer(*seats)
    css = f"ScrollableContainer {{ layout: grid; grid-size: {WIDGETS_A_LINE}; grid-rows: 1; }}"
    app = _app(grid, css=css + " Static { width: 2; height: 1; } Static:focus { background: red; }")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        first = time.process_time() - began

        def change() -> None:
            for at, letter in _changes(WIDGETS):
                seats[at].update(chr(letter), layout=False)

        return {
            "first_paint_ms": first * 1_000,
            "repaint_ms": await _naive_median(app, lambda _: [seat.refresh() for seat in seats]),
            "cursor_ms": await _naive_median(app, lambda at: seats[at % 2].focus()),
            "changes_percent": await _follow(change),
        }


async def _naive_median(app: Any, change: Any) -> float:
    spent = []
    for at in range(ROUNDS):
        began = time.process_time()
        app.drawn.clear()
        change(at)
        await asyncio.wait_for(app.drawn.wait(), KEY_SECONDS_MAX)
        spent.append((time.process_time() - began) * 1_000)
    return statistics.median(spent)


if __name__ == "__main__":
    main()
