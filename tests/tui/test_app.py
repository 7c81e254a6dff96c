"""What is the same on every screen: modes, going back, help, palette, quitting, sizes, toasts."""

from __future__ import annotations

import pytest

from boxoffice.core.errors import DatabaseUnavailable, SeatTaken
from boxoffice.tui.messages import TOAST_SECONDS, CallRefused, PerformanceChosen
from boxoffice.tui.screen import CounterScreen
from tests.tui.stage import counter, played

SIZES = [(60, 18), (80, 24), (120, 40), (400, 120)]


class Holding(CounterScreen):
    """A screen with a cart in it."""

    def seats_held(self) -> int:
        return 4


@pytest.mark.parametrize("keys", [("p", "w", "o"), ("f3", "f4", "f5"), ("ㅔ", "ㅈ", "ㅐ")])
@played
async def test_modes_change_by_letters_function_keys_and_jamo(world, keys):
    sell, queue, orders = keys
    async with counter(world.box.settings) as stage:
        await stage.until(lambda: stage.app.current_mode == "sell", "the start is over")
        for key, mode in ((queue, "queue"), (orders, "orders"), (sell, "sell")):
            await stage.press(key)
            assert stage.app.current_mode == mode


@played
async def test_esc_goes_back_to_sell_and_no_further(world):
    async with counter(world.box.settings) as stage:
        await stage.until_seen("Concert")
        await stage.press("w", "escape")
        assert stage.app.current_mode == "sell"
        await stage.press("escape", "escape")
        assert stage.app.current_mode == "sell"
        assert len(stage.app.screen_stack) == 1


@played
async def test_help_shows_the_keys_of_the_screen_below_and_of_no_other(world):
    async with counter(world.box.settings, size=(80, 50)) as stage:
        await stage.until_seen("Concert")
        await stage.press("w", "?")
        await stage.until_seen("sell to this customer")
        assert "exchange seats" not in stage.text
        await stage.press("escape")
        await stage.until_gone("sell to this customer")


@played
async def test_the_palette_runs_an_action_by_name(world):
    async with counter(world.box.settings) as stage:
        await stage.until_seen("Concert")
        await stage.press("ctrl+p")
        await stage.type("waiting que")
        await stage.press("enter")
        await stage.until(lambda: stage.app.current_mode == "queue", "the queue is shown")


@played
async def test_the_palette_opens_a_performance_by_the_name_of_its_concert(world):
    async with counter(world.box.settings) as stage:
        await stage.until(lambda: stage.app.programme, "the performances are read")
        await stage.press("ctrl+p")
        await stage.type("concert 12/24")
        await stage.press("enter")
        await stage.until(lambda: getattr(stage.app.screen, "performance", 0), "a map is open")
        assert stage.app.screen.performance == world.performance


@played
async def test_the_palette_offers_what_a_screen_adds(world):
    from boxoffice.tui.screen import Command

    ran = []

    class Seats(CounterScreen):
        def commands(self):
            return [Command(words="seat C-12", run=lambda: ran.append("C-12"))]

    async with counter(world.box.settings) as stage:
        await stage.until_seen("Concert")
        await stage.app.push_screen(Seats())
        await stage.press("ctrl+p")
        await stage.type("c-12")
        await stage.press("enter")
        await stage.until(lambda: ran == ["C-12"], "it ran")


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ㅂ"])
@played
async def test_quitting_leaves_at_once_where_nothing_is_held(world, key):
    async with counter(world.box.settings) as stage:
        await stage.until_seen("Concert")
        await stage.press(key)
        await stage.until(lambda: stage.app.return_code == 0, "it is left")


@played
async def test_quitting_asks_while_seats_are_held_in_any_mode(world):
    async with counter(world.box.settings) as stage:
        await stage.until_seen("Concert")
        await stage.app.push_screen(Holding())
        await stage.press("w", "q")
        await stage.until_seen("4 seats are held")
        await stage.press("enter")
        await stage.until_gone("4 seats are held")
        assert stage.app.return_code is None
        await stage.press("q", "right", "enter")
        await stage.until(lambda: stage.app.return_code == 0, "it is left")


@played
async def test_a_performance_named_at_the_start_is_opened(world):
    async with counter(world.box.settings, performance=world.performance) as stage:
        await stage.until(lambda: getattr(stage.app.screen, "performance", 0), "a map is open")
        await stage.press("escape")
        await stage.until_seen("performances")


@played
async def test_the_same_performance_chosen_again_keeps_its_map(world):
    async with counter(world.box.settings, performance=world.performance) as stage:
        await stage.until(lambda: getattr(stage.app.screen, "performance", 0), "a map is open")
        before = stage.app.screen
        await stage.press("w")
        stage.app.post_message(PerformanceChosen(world.performance))
        await stage.until(lambda: stage.app.screen is before, "the same map is shown")


@pytest.mark.parametrize("size", SIZES)
@played
async def test_every_mode_fits_every_size_and_survives_the_others(world, size):
    async with counter(world.box.settings, size=size) as stage:
        await stage.until_seen("Concert")
        for key in ("w", "o", "?", "escape", "p"):
            await stage.press(key)
            for width, height in (*SIZES, (1, 1), size):
                await stage.resize(width, height)
            lines = stage.text.splitlines()
            assert len(lines) <= size[1]
            assert "live" in lines[0]


@played
async def test_a_terminal_that_is_too_small_says_so_takes_no_key_and_keeps_everything(world):
    async with counter(world.box.settings) as stage:
        await stage.until_seen("Concert")
        await stage.press("o")
        await stage.press("/")
        await stage.type("kim")
        for size in ((59, 24), (80, 17), (1, 1)):
            await stage.resize(*size)
            await stage.press("x", "escape", "enter", "q")
        await stage.resize(59, 24)
        assert stage.text.split() == ["needs", "60x18"]
        await stage.resize(60, 18)
        await stage.until_seen("kim")
        assert "needs" not in stage.text
        assert stage.app.current_mode == "orders"
        assert stage.app.screen.query_one("#wanted").value == "kim"


@played
async def test_a_dialog_that_gets_too_little_room_takes_no_key_either(world):
    async with counter(world.box.settings) as stage:
        await stage.until_seen("Concert")
        await stage.app.push_screen(Holding())
        await stage.press("q")
        await stage.until_seen("Leave the counter?")
        await stage.resize(40, 10)
        await stage.press("right", "enter")
        assert stage.text.split() == ["needs", "60x18"]
        assert stage.app.return_code is None
        await stage.resize(80, 24)
        await stage.until_seen("Leave the counter?")


@played
async def test_the_side_panel_is_there_from_a_hundred_columns_on(world):
    async with counter(world.box.settings, size=(99, 30)) as stage:
        await stage.until_seen("Concert")
        await stage.press("o")
        side = stage.app.screen.query_one("#side")
        assert not side.display
        await stage.resize(100, 30)
        assert (side.display, side.size.width) == (True, 27)
        await stage.press("?")
        await stage.resize(80, 24)
        await stage.press("escape")
        assert not side.display


@played
async def test_an_error_stays_until_esc_puts_it_away(world):
    async with counter(world.box.settings, size=(200, 60)) as stage:
        await stage.until_seen("Concert")
        stage.app.post_message(CallRefused("orders", DatabaseUnavailable()))
        await stage.until_seen("orders: the database cannot be reached")
        await stage.until_seen("`boxoffice doctor` shows what is wrong")
        await stage.press("w", "escape")
        await stage.until_gone("orders: the database cannot be reached")
        assert stage.app.current_mode == "queue"


def test_information_is_shown_for_three_seconds_a_warning_for_six_an_error_for_a_day():
    assert TOAST_SECONDS == {"information": 3, "warning": 6, "error": 86_400}


@played
async def test_a_refusal_is_a_warning_and_a_lost_server_an_error(world):
    async with counter(world.box.settings) as stage:
        await stage.until_seen("Concert")
        stage.app.post_message(CallRefused("B-12", SeatTaken()))
        await stage.until(lambda: stage.app.screen.query(".-warning"), "a warning is shown")
        stage.app.post_message(CallRefused("orders", DatabaseUnavailable()))
        await stage.until(lambda: stage.app.screen.query("Toast.-error"), "an error is shown")


@played
async def test_the_same_toast_within_five_seconds_is_shown_once(world):
    async with counter(world.box.settings) as stage:
        await stage.until_seen("Concert")
        for _ in range(3):
            stage.app.tell("B-12 is taken", "warning")
        stage.app.tell("[b]B-13[/b] is taken", "warning")
        await stage.until_seen("[b]B-13[/b] is taken")
        assert stage.text.count("B-12 is taken") == 1


@played
async def test_ascii_draws_nothing_that_could_be_two_cells_wide(world):
    from unicodedata import east_asian_width

    async with counter(world.box.settings, size=(120, 40), ascii_only=True) as stage:
        await stage.until_seen("Concert")
        for keys in (("w",), ("?",), ("escape", "o"), ("ctrl+p",), ("escape", "p")):
            await stage.press(*keys)
            stage.app.tell("a warning", "warning")
            text = stage.text.replace("₩", "")
            wide = {c for c in text if east_asian_width(c) == "A"}
            assert wide == set(), keys
