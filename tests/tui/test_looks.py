"""How screens look, as text: a change of a look is a readable change of a file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from boxoffice.core.model import Tender
from tests.conftest import PRICE, key, staff
from tests.tui.stage import counter, played, until_looks

SIZES = {"60x18": (60, 18), "80x24": (80, 24), "120x40": (120, 40), "400x120": (400, 120)}
NO_DATABASE = "postgresql://boxoffice@/boxoffice?host=/nonexistent"


@pytest.fixture
def evening(world):
    """A queue, a card payment and a hold for somebody with a Korean name."""
    office, concert = world.office, str(world.concert)
    office.configure_queue(concert, capacity=1)
    kim = office.add_user("김민아", key=key()).name
    for user in ("user1", "user2", kim):
        office.enqueue(concert, user, key=key())
    sold = office.reserve(world.performance, staff("user1"), seats=["A-1", "A-2"], key=key())
    card = Tender(kind="card", note="T-4711")
    office.pay(sold.reservation, staff("user1"), key=key(), tender=card)
    office.charge(PRICE, kim, key=key())
    office.reserve(world.performance, staff(kim), seats=["B-7"], key=key())
    return world


async def started(stage):
    await stage.until(lambda: stage.app.programme, "the performances are read")
    await stage.pilot.pause()


@pytest.mark.parametrize("size", SIZES)
@played
async def test_the_modes_look_as_they_did(evening, size):
    async with counter(evening.box.settings, size=SIZES[size]) as stage:
        await started(stage)
        await until_looks(stage, f"performances-{size}")
        await stage.press("w")
        await stage.until_seen("김민아")
        await until_looks(stage, f"queue-{size}")
        await stage.press("o")
        await stage.until_seen("B-7")
        await stage.press("down")
        await until_looks(stage, f"orders-{size}")


@pytest.mark.parametrize("size", ["60x18", "80x24"])
@played
async def test_dialogs_look_as_they_did(evening, size):
    async with counter(evening.box.settings, size=SIZES[size]) as stage:
        await started(stage)
        await stage.press("o")
        await stage.until_seen("B-7")
        await stage.press("down", "x")
        await stage.until_seen("back to the card")
        await until_looks(stage, f"refund-{size}")
        await stage.press("escape", "e")
        await stage.until_seen("now: A-1 A-2")
        await stage.type("c-1")
        await stage.until_seen("Give back")
        await until_looks(stage, f"exchange-{size}")
        await stage.press("escape", "?")
        await stage.until_seen("Keys")
        await until_looks(stage, f"help-{size}")
        await stage.press("escape", "ctrl+p")
        await stage.until_seen("What is to be done?")
        await until_looks(stage, f"palette-{size}")


@played
async def test_plain_ascii_looks_as_it_did(evening):
    async with counter(evening.box.settings, size=SIZES["120x40"], ascii_only=True) as stage:
        await started(stage)
        await stage.press("o")
        await stage.until_seen("B-7")
        await stage.press("x")
        await stage.until_seen("Nothing was paid")
        await until_looks(stage, "ascii-120x40")


@played
async def test_the_doctor_looks_as_it_did(box):
    lost = replace(box.settings, database_url=NO_DATABASE)
    async with counter(lost) as stage:
        await stage.until_seen("cannot begin yet")
        await stage.until_seen("offline since")
        await until_looks(stage, "doctor-80x24")
