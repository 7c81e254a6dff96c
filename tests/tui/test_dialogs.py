"""Dialogs: the safe answer is the default, held keys press nothing, letters are text."""

from __future__ import annotations

from boxoffice.tui.dialogs import ENTER_REPEAT_SECONDS, Field, Form, Question
from boxoffice.tui.pick import Entry, Pick, matching
from tests.tui.stage import counter, played


async def ask(stage, dialog):
    await stage.until_seen("performances")
    answers = []
    await stage.app.push_screen(dialog, answers.append)
    await stage.pilot.pause()
    return answers


def refund():
    return Question("Refund?", ["₩154,000"], safe="Keep it", choices={"Refund": "refunded"})


def form(**options):
    number = Field(name="n", words="number", value="1", check=lambda t: "" if t == "7" else "not 7")
    return Form("Numbers", [number, Field(name="m", words="more")], accept="Take", **options)


@played
async def test_enter_alone_gives_the_safe_answer(box):
    async with counter(box.settings) as stage:
        answers = await ask(stage, refund())
        await stage.press("enter")
        assert answers == [None]


@played
async def test_a_deliberate_move_and_enter_give_the_other(box):
    async with counter(box.settings) as stage:
        answers = await ask(stage, refund())
        await stage.press("right", "enter")
        assert answers == ["refunded"]


@played
async def test_no_letter_answers_a_question_and_esc_changes_nothing(box):
    async with counter(box.settings) as stage:
        answers = await ask(stage, refund())
        await stage.press("right", *"qyrpx", "space", "f3", "delete")
        assert answers == []
        await stage.press("escape")
        assert answers == [None]


@played
async def test_an_enter_held_down_answers_nothing(box):
    async with counter(box.settings) as stage:
        await stage.until_seen("performances")
        await stage.press("enter")  # as if it had opened the dialog
        answers = await ask(stage, refund())
        await stage.pilot.press("right")
        for _ in range(20):
            stage.clock.pass_by(ENTER_REPEAT_SECONDS / 2)
            await stage.pilot.press("enter")
        assert answers == []
        await stage.press("enter")
        assert answers == ["refunded"]


@played
async def test_a_form_swallows_letters_and_korean_ones(box):
    async with counter(box.settings) as stage:
        answers = await ask(stage, form())
        await stage.press("end", "backspace", "7", "down")
        await stage.type("qwop?김")
        await stage.press("enter", "enter")
        assert answers == [{"n": "7", "m": "qwop?김"}]
        assert stage.app.return_code is None


@played
async def test_a_wrong_value_is_told_and_gone_to(box):
    async with counter(box.settings) as stage:
        answers = await ask(stage, form())
        await stage.press("enter", "enter", "enter")
        assert answers == []
        assert "not 7" in stage.text
        await stage.press("end", "backspace", "7", "enter", "enter", "enter")
        assert answers == [{"n": "7", "m": ""}]


@played
async def test_a_form_that_moves_money_reaches_the_safe_button_first(box):
    async with counter(box.settings) as stage:
        answers = await ask(stage, form(risky=True))
        await stage.press("end", "backspace", "7", "enter", "enter", "enter")
        assert answers == [None]


@played
async def test_a_form_says_what_its_values_mean_as_they_are_typed(box):
    async with counter(box.settings) as stage:
        await ask(stage, form(about=lambda values: f"twice {2 * int(values['n'] or 0)}"))
        assert "twice 2" in stage.text
        await stage.press("end", "5")
        await stage.until_seen("twice 30")


@played
async def test_words_of_people_are_never_markup(box):
    async with counter(box.settings) as stage:
        await ask(stage, Question("[b]x[/b]", ["[red]y[/"], safe="[ok]", choices={}))
        for words in ("[b]x[/b]", "[red]y[/", "[ok]"):
            assert words in stage.text


def entries(*words):
    return [Entry(words=one, value=one) for one in words]


def test_a_list_is_narrowed_by_parts_of_names_the_best_first():
    found = matching(entries("Winter Nights", "IU 콘서트", "waiting queue"), "콘서")
    assert [entry.value for entry in found] == ["IU 콘서트"]
    assert len(matching(entries("a", "b"), "  ")) == 2
    assert matching(entries("a"), "z") == []


@played
async def test_picking_takes_the_highlighted_line(box):
    async with counter(box.settings) as stage:
        answers = await ask(stage, Pick("Which?", entries("one", "two", "three")))
        await stage.press("down", "down", "up", "enter")
        assert answers == ["two"]


@played
async def test_where_nothing_matches_enter_takes_nothing(box):
    async with counter(box.settings) as stage:
        answers = await ask(stage, Pick("Which?", entries("one")))
        await stage.type("zzz")
        await stage.press("enter")
        assert answers == []
        assert "nothing matches" in stage.text
        await stage.press("escape")
        assert answers == [None]
