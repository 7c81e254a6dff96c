"""What the palette offers: actions of now, performances, and what the screen adds."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from boxoffice.core.language import tr
from boxoffice.tui.actions import available, find
from boxoffice.tui.messages import PerformanceChosen
from boxoffice.tui.pick import Entry
from boxoffice.tui.screen import Command, CounterScreen
from boxoffice.tui.words import day_and_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.binding import ActiveBinding

    from boxoffice.tui.app import CounterApp

LEFT_OUT = ("app.palette", "app.focus_next")
GROUPS_LEFT_OUT = ("table", "map")  # moving about has no name that anybody would look for


def offered(app: CounterApp) -> list[Entry[Command]]:
    """Return everything that can be done now."""
    screen = app.screen
    more = screen.commands() if isinstance(screen, CounterScreen) else ()
    commands = [*_actions(app), *_performances(app), *more]
    return [Entry(words=c.words, value=c, help=c.help) for c in commands]


def _actions(app: CounterApp) -> Iterator[Command]:
    for name, active in available(app.screen).items():
        action = find(name)
        if name in LEFT_OUT or action.group in GROUPS_LEFT_OUT:
            continue
        run = partial(_run, app, active)
        yield Command(words=tr(action.words), run=run, help=action.shown_keys[0])


async def _run(app: CounterApp, active: ActiveBinding) -> None:
    await app.run_action(active.binding.action, active.node)


def _performances(app: CounterApp) -> Iterator[Command]:
    if app.current_mode == "start":
        return
    for listed in app.programme:
        chosen = PerformanceChosen(listed.performance.performance)
        words = f"{listed.concert_name}  {day_and_time(listed.performance.date)}"
        yield Command(words=words, run=partial(app.post_message, chosen), help=listed.venue)
