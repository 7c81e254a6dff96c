"""Tables of lines: what they show has room, whenever it is drawn."""

from __future__ import annotations

import pytest
from textual.app import App

from boxoffice.tui.table import Table
from tests.tui.stage import played


class OnlyTable(App[None]):
    """A table and nothing else, on a screen wide enough for it."""

    def compose(self):
        yield Table("state", "seats", id="orders")


@pytest.mark.parametrize("word", ["cancelled", "취소되었음"])
@played
async def test_a_word_wider_than_all_before_is_whole_when_drawn_before_textual_measured_it(word):
    app = OnlyTable()
    async with app.run_test() as pilot:
        table = app.query_one(Table)
        table.show({"R-1": ("paid", "A-1")})
        await pilot.pause()
        table.show({"R-1": (word, "A-1")})
        drawn_at_once = table.render_line(1).text
        await pilot.pause()
        assert word in drawn_at_once
        assert table.render_line(1).text == drawn_at_once


@played
async def test_columns_stay_as_wide_when_shorter_words_come():
    app = OnlyTable()
    async with app.run_test() as pilot:
        table = app.query_one(Table)
        table.show({"R-1": ("cancelled", "A-1")})
        await pilot.pause()
        before = table.render_line(1).text.index("A-1")
        table.show({"R-2": ("paid", "A-1")})
        await pilot.pause()
        assert table.render_line(1).text.index("A-1") == before
        table.show({})
        await pilot.pause()
        assert (table.row_count, table.chosen) == (0, None)
