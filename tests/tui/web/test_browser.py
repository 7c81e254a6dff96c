"""A real browser draws the counter and clicks in it, and asks nobody else for anything."""

from __future__ import annotations

from tests.tui.web.browser import needs_chromium, open_browser
from tests.tui.web.served import play

pytestmark = needs_chromium


def test_a_click_in_the_page_reaches_the_counter_at_that_cell(served, tmp_path):
    async def scenario():
        async with open_browser(tmp_path / "browser") as page:
            await page.open(served.address)
            await page.saw("TINY COUNTER 콘서트")
            await page.click(12, 5)
            await served.told("clicked 12,5")
            await page.click(page.columns - 1, page.rows - 1)
            await served.told(f"clicked {page.columns - 1},{page.rows - 1}")
            await page.type("k")
            await served.told("pressed k")
            assert await page.evaluate("location.href") == served.origin + "/"
            assert await page.evaluate("document.cookie") == ""

    play(scenario())


def test_a_browser_asks_this_server_alone_and_has_nothing_to_complain_of(served, tmp_path):
    async def scenario():
        async with open_browser(tmp_path / "browser") as page:
            await page.open(served.address)
            await page.saw("TINY COUNTER")
            assert await page.evaluate("document.fonts.check('16px Roboto Mono')")
            here = (served.origin, served.origin.replace("http", "ws"), "data:")
            assert [url for url in page.requests if not url.startswith(here)] == []
            assert page.complaints == []

    play(scenario())


def test_another_browser_with_the_same_address_gets_nothing(served, tmp_path):
    served.enter()

    async def scenario():
        async with open_browser(tmp_path / "browser") as page:
            assert "has been used" in await page.visit(served.address)
            assert not served.children()

    play(scenario())
