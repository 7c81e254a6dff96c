"""What was begun on this host before: told when the counter starts, and settled."""

from __future__ import annotations

from boxoffice.core.journal import journal_of
from tests.conftest import PRICE
from tests.tui.stage import counter, played


def leave_behind(settings, key, command, **about):
    journal = journal_of(settings)
    journal.begin(key, command, **about)
    journal.release(key)


@played
async def test_the_counter_tells_at_its_start_what_is_unresolved_and_settles_it(world):
    settings = world.box.settings
    world.office.charge(PRICE, "user1", key="done")
    leave_behind(settings, "done", "counter", what="Charge 50,000")
    leave_behind(settings, "never", "pay", reservation="R-1")
    async with counter(settings, performance=world.performance) as stage:
        await stage.until_seen("2 unresolved operations")
        await stage.until_seen("Charge 50,000: it was done once")
        await stage.until_seen("pay R-1: it was not done, and will not be")
        await stage.press("escape")
        await stage.until_gone("unresolved")
        await stage.until_seen("A")
    assert journal_of(settings).unresolved() == []
    assert world.office.status("never").state == "abandoned"


@played
async def test_a_counter_with_nothing_behind_it_starts_as_ever(world):
    async with counter(world.box.settings) as stage:
        await stage.until_seen("performances")
        assert "unresolved" not in stage.text
