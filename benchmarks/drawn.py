"""One process of counter.py: what Textual spends on the map, on bare strips, on widgets.

    python benchmarks/drawn.py map SECTIONS WIDTH HEIGHT ZOOM | strips WIDTH HEIGHT | widgets

Textual draws as it does for a terminal, and what it would write is thrown away.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FIRST, REPAINT, CURSOR = "first paint, ms", "repaint, ms", "cursor, ms"
CHANGES, IDLE, KEY = "1,000 changes/s, % of a core", "idle, % of a core", "key p95, ms"
MEMORY, MAP_MEMORY = "memory, MB", "memory of the map, MB"
PLAIN, COLOURED = "plain repaint, ms", "coloured repaint, ms"
REPAINTS = 20
CHANGES_PER_SECOND = 1_000
FRAMES_PER_SECOND = 15
FOLLOW_SECONDS = 2
IDLE_SECONDS = 1
SETTLE_SECONDS = 0.5
KEYS = 20
KEY_PAUSE_SECONDS = 0.05
KEY_SECONDS_MAX = 5
WIDGETS, WIDGETS_A_LINE = 2_000, 50
WIDGETS_REPAINTS = 3  # they take their time


# --- the map ---


async def of_map(sections: int, width: int, height: int, zoom: str) -> dict[str, float]:
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
            FIRST: first * 1_000,
            REPAINT: await _median(app, lambda _: (view.notify_style_update(), view.refresh())),
            CURSOR: await _median(app, lambda at: view.move(("up", "down")[at % 2])),
            CHANGES: await _follow(lambda: view.apply(_changes(len(states)))),
            KEY: await _keys(app, view),
            IDLE: await _share(asyncio.sleep(IDLE_SECONDS), IDLE_SECONDS),
            MEMORY: _rss_mb(),
            MAP_MEMORY: _rss_mb() - before,
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
    for at in range(REPAINTS):
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


# --- strips that need no thinking ---


async def of_strips(width: int, height: int) -> dict[str, float]:
    """Return what Textual takes to fill a screen: by plain lines, and by a colour a seat."""
    from rich.segment import Segment  # noqa: PLC0415
    from rich.style import Style  # noqa: PLC0415
    from textual.strip import Strip  # noqa: PLC0415
    from textual.widget import Widget  # noqa: PLC0415

    colours = [Style(color=name, bgcolor="black") for name in ("green", "yellow", "red")]
    chosen = random.Random(1)
    cells = ([Segment("a", chosen.choice(colours)) for _ in range(width)] for _ in range(height))

    class Filled(Widget):
        lines: list[Strip]

        def render_line(self, y: int) -> Strip:
            return self.lines[y]

    view = Filled()
    view.lines = [Strip([Segment("a" * width)], width)] * height
    app = _app(view)
    async with app.run_test(size=(width, height)) as pilot:
        await pilot.pause()
        plain = await _median(app, lambda _: view.refresh())
        view.lines = [Strip(line, width) for line in cells]
        return {PLAIN: plain, COLOURED: await _median(app, lambda _: view.refresh())}


# --- one widget a seat ---


async def of_widgets() -> dict[str, float]:
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
            FIRST: first * 1_000,
            REPAINT: await _widgets_median(app, lambda _: [seat.refresh() for seat in seats]),
            CURSOR: await _widgets_median(app, lambda at: seats[at % 2].focus()),
            CHANGES: await _follow(change),
        }


async def _widgets_median(app: Any, change: Any) -> float:
    spent = []
    for at in range(WIDGETS_REPAINTS):
        began = time.process_time()
        app.drawn.clear()
        change(at)
        await asyncio.wait_for(app.drawn.wait(), KEY_SECONDS_MAX)
        spent.append((time.process_time() - began) * 1_000)
    return statistics.median(spent)


def main() -> None:
    kind, *numbers = sys.argv[1:]
    sizes = [int(number) for number in numbers if number.isdigit()]
    if kind == "map":
        found = of_map(*sizes, zoom=numbers[-1])
    else:
        found = of_strips(*sizes) if kind == "strips" else of_widgets()
    print(json.dumps(asyncio.run(found)))


if __name__ == "__main__":
    main()
