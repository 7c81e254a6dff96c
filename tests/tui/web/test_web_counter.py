"""The whole way: a click on a seat in a browser holds it in the database."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.tui.web.browser import needs_chromium, open_browser
from tests.tui.web.served import WAIT_SECONDS, Served, play, until

pytestmark = needs_chromium

FREE_ROW = re.compile(r"a +a +a")  # free seats of the first category, side by side


@pytest.fixture
def counter(world):
    """The counter of a small sale, served to a browser."""
    command = ["counter", "--web", "--performance", str(world.performance)]
    process = subprocess.Popen(
        [sys.executable, "-m", "boxoffice", *command],
        stdout=subprocess.PIPE,
        text=True,
        env=world.box.environment,
    )
    yield Served(process=process, address=process.stdout.readline().strip(), log=world.box.home)
    process.terminate()
    assert process.wait(WAIT_SECONDS) == 0
    process.stdout.close()


def test_a_seat_that_is_clicked_in_a_browser_is_held_in_the_database(counter, world, tmp_path):
    async def scenario():
        async with open_browser(tmp_path / "browser") as page:
            await page.open(counter.address)
            await page.wait(lambda: any(map(FREE_ROW.search, page.lines)))
            column, row = next(
                (found.start(), at)
                for at, line in enumerate(page.lines)
                if (found := FREE_ROW.search(line))
            )
            await page.click(column, row)
            await until(lambda: world.seats("held") == 1, "one seat is held")
            await page.wait(lambda: page.lines[row][column] == "✓")
            assert world.seats("free") == 49
            assert page.complaints == []

    play(scenario())
