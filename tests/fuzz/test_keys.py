"""The counter under random keys, clicks, sizes and other people's changes: it only does as told."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.fuzz.player import Player
from tests.fuzz.rival import KEYS
from tests.fuzz.seeds import SEED, chance_of, share
from tests.invariants import assert_consistent
from tests.tui.sell.desk import at_map
from tests.tui.stage import played
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(1_200)
PORTIONS = 2
STEPS, STEPS_FULL = 80, 600
SESSION_STEPS_MAX, WATCH_STEPS = 50, 5
RIVAL_SECONDS = 30
OWN = f"operation_key NOT LIKE '{KEYS}%%'"
MONEY = f"SELECT count(DISTINCT operation_key) FROM ledger_entries WHERE {OWN}"
CHANGES = f"SELECT count(*) FROM operations WHERE key NOT LIKE '{KEYS}%%'"


@contextmanager
def rival(world):
    """Let another process change the same seats meanwhile."""
    world.office.charge(10_000_000, "user3", key=f"{KEYS}charge")
    with subprocess.Popen(
        [sys.executable, "-m", "tests.fuzz.rival", str(world.performance)],
        env=world.box.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        wait_until(lambda: world.seats("free") < 50, "the rival has begun")
        yield
        out, _ = process.communicate(timeout=RIVAL_SECONDS)
        assert process.returncode == 0
        assert int(out) > 0


@pytest.mark.parametrize("portion", range(PORTIONS))
@played
async def test_no_keys_clicks_or_sizes_break_the_counter_or_move_money_unasked(world, portion):
    chance = chance_of(f"keys {portion}")
    for name in ("user1", "user2"):
        world.office.charge(200_000, name, key=f"{KEYS}{name}")
    before, agreed, asked = world.box.one(CHANGES), 0, 0
    steps = share(STEPS, STEPS_FULL) // PORTIONS
    with rival(world):
        while steps > 0:
            player = await session(world, chance, steps)
            agreed, asked = agreed + player.agreed, asked + player.asked
            steps -= player.done
    assert world.box.one(MONEY) <= agreed
    assert 0 < world.box.one(CHANGES) - before <= asked
    assert_consistent(world.box)


async def session(world, chance, steps: int) -> Player:
    """Open the counter, watch it a while, and play until it is left or all steps are done."""
    async with at_map(world) as stage:
        player = Player(stage, chance)
        try:
            found = world.box.one(CHANGES)
            await player.watch(WATCH_STEPS)
            assert world.box.one(CHANGES) == found, "it changed something unasked"
            await player.play(min(steps, SESSION_STEPS_MAX))
        except BaseException as error:
            error.add_note(f"FUZZ_SEED={SEED}, the last deeds: {player.told}")
            raise
    return player
