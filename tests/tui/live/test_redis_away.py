"""Redis away: the map is asked for every two seconds, and selling goes on."""

from __future__ import annotations

from tests.conftest import PRICE
from tests.invariants import assert_consistent
from tests.tui.live.selling import pays_cash
from tests.tui.live.watching import HELD, SOLD, link_is, reserves, shows
from tests.tui.sell.desk import at_map, labels, sells
from tests.tui.stage import played


@played
async def test_without_redis_the_map_polls_selling_goes_on_and_redis_back_is_live_again(sale, pair):
    async with at_map(sale) as stage:
        await link_is(stage, "live")
        pair.lose_redis()
        await link_is(stage, "polling")
        await stage.until_seen("polling 2 s")
        await reserves(sale, "C-5")
        await shows(stage, "C-5", HELD)
        await sells(stage, "space", seats=1)
        (seat,) = stage.app.screen.till.seats
        await pays_cash(stage)
        assert labels(sale, "sold") == {seat}
        await stage.press("escape")
        await shows(stage, seat, SOLD)
        pair.start()
        await link_is(stage, "live")
        await stage.until_seen("● live")
        await reserves(sale, "D-5")
        await shows(stage, "D-5", HELD)
        assert sale.box.rows("SELECT tender, amount FROM ledger_entries") == [("cash", PRICE)]
    assert_consistent(sale.box)


@played
async def test_a_redis_that_refused_for_a_while_does_not_leave_the_counter_polling(sale):
    """The queue's question is refused, while the watch of the seats goes on hearing."""
    async with at_map(sale) as stage:
        await link_is(stage, "live")
        with sale.office.stores.redis() as redis:
            redis.config_set("maxmemory", 1)
            await link_is(stage, "polling")
            redis.config_set("maxmemory", 0)
        await link_is(stage, "live")
        await stage.until_seen("● live")
