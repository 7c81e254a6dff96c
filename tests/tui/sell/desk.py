"""A counter that stands at the map of a world's performance."""

from __future__ import annotations

from contextlib import asynccontextmanager

from tests.tui.stage import counter


@asynccontextmanager
async def at_map(world, **options):
    """Open the map of the world's performance."""
    settings = options.pop("settings", world.box.settings)
    async with counter(settings, performance=world.performance, **options) as stage:
        await stage.until(lambda: getattr(stage.app.screen, "seat_map", None), "the map is open")
        await stage.until(lambda: stage.app.screen.view.cursor is not None, "the hall is shown")
        yield stage


async def sells(stage, *keys, seats):
    """Press keys and wait until the cart has so many seats and nothing is under way."""
    await stage.press(*keys)
    screen = stage.app.screen
    await stage.until(
        lambda: len(screen.till.seats) == seats and not stage.app.desk.busy,
        f"{seats} seats are in the cart",
    )


def labels(world, status):
    """Return the labels of the seats in a state."""
    return {
        label
        for (label,) in world.box.rows(
            "SELECT v.label FROM performance_seats s JOIN venue_seats v USING (seat_no)"
            " WHERE s.status = %s",
            status,
        )
    }
