"""Draws docs/counter.svg: the counter itself, in front of a large hall, with a cart.

Run `make picture`: private servers in a temporary folder, a stadium, a third of it sold.
"""

from __future__ import annotations

import asyncio
import io
import os
import random
import secrets
import tempfile
import time
from datetime import datetime
from pathlib import Path

os.environ["TEXTUAL_COLOR_SYSTEM"] = "truecolor"  # before Textual looks

from boxoffice.core import embedded
from boxoffice.core.config import load
from boxoffice.core.examples import EXAMPLES
from boxoffice.core.model import WALK_IN, Caller, Tender
from boxoffice.core.office import Office
from boxoffice.core.plans import write_plan
from boxoffice.tui.app import CounterApp

PICTURE = Path(__file__).parent / "counter.svg"
SIZE = (132, 40)
PRICES = (198_000, 154_000, 132_000, 110_000, 88_000, 66_000)
ORDERS, HOLDS, SEATS = 4_000, 60, 4
WAIT_SECONDS = 30
CARD = Tender(kind="card", note="0000")
STAFF = Caller(staff=True, user=WALK_IN)


def key() -> str:
    """Make an operation key."""
    return secrets.token_hex(16)


def stadium(office: Office) -> int:
    """Make a stadium with a performance, sell some of it, and return the performance."""
    file = io.BytesIO()
    write_plan(EXAMPLES["stadium"](), file)
    file.seek(0)
    venue = office.import_venue(file, key=key())
    office.create_concert("Winter Nights", venue.name, key=key())
    prices = dict(zip(venue.categories, PRICES, strict=False))
    date = datetime(2030, 12, 24, 19, 30)  # noqa: DTZ001 - the venue's own time
    made = office.create_performance("Winter Nights", date, prices=prices, key=key())
    sell_some(office, made.performance)
    return made.performance


def sell_some(office: Office, performance: int) -> None:
    """Sell groups of seats here and there, and hold some more."""
    dice = random.Random(7)  # noqa: S311 - the same picture every time
    labels = office.seat_map(performance).labels
    states = bytearray(office.seat_states(performance).states)
    for number in range(ORDERS):
        first = dice.randrange(len(labels) - SEATS)
        if states[first : first + SEATS] != b"f" * SEATS:
            continue
        states[first : first + SEATS] = b"s" * SEATS
        seats = labels[first : first + SEATS]
        held = office.reserve(performance, STAFF, seats=seats, key=key())
        if number >= HOLDS:
            office.pay(held.reservation, STAFF, key=key(), tender=CARD)


async def draw(app: CounterApp) -> str:
    """Take the best four of the open map, and return the picture."""
    async with app.run_test(size=SIZE) as pilot:
        deadline = time.monotonic() + WAIT_SECONDS
        while len(getattr(getattr(app.screen, "till", None), "seats", ())) < SEATS:
            assert time.monotonic() < deadline, "the cart stays empty"
            if getattr(app.screen, "seat_map", None) and not app.desk.busy:
                await pilot.press("4", "b")
            await pilot.pause(1)
        app.clear_notifications()
        await pilot.pause(1)
        return app.export_screenshot(title="boxoffice counter")


def main() -> None:
    """Draw the picture."""
    with tempfile.TemporaryDirectory(prefix="boxoffice-picture-") as home:
        Path(home).chmod(0o755)
        settings = load({"BOXOFFICE_HOME": home, "BOXOFFICE_ROLE": "admin"})
        office = Office(settings)
        try:
            performance = stadium(office)
            app = CounterApp(settings, performance=performance)
            PICTURE.write_text(asyncio.run(draw(app)))
            app.desk.close()
        finally:
            office.close()
            embedded.stop(settings)


if __name__ == "__main__":
    main()
