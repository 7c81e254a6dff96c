import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boxoffice.core.errors import BoxOfficeError, InputInvalid
from boxoffice.core.text import cells, clean_key, clean_name, visible
from tests.conftest import staff

ANYTHING = st.text(st.characters(), max_size=30)  # lone surrogates included
FAMILY = "👨\u200d👩\u200d👧"
DANGEROUS = {
    "escape": "\x1b",
    "null": "\x00",
    "line end": "\n",
    "tab": "\t",
    "delete": "\x7f",
    "C1 introducer": "\x9b",
    "left to right override": "\u202d",
    "right to left override": "\u202e",
    "isolate": "\u2066",
    "isolate end": "\u2069",
    "left to right mark": "\u200e",
    "arabic letter mark": "\u061c",
    "zero width space": "\u200b",
    "zero width non-joiner": "\u200c",
    "joiner outside an emoji": "\u200d",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "high surrogate": "\ud800",
    "low surrogate": "\udfff",
    "private use": "\ue000",
    "unassigned": "\u0378",
    "not a character": "\uffff",
    "blank Hangul letter": "\u3164",
    "blank Braille": "\u2800",
}


@pytest.mark.parametrize("bad", DANGEROUS.values(), ids=DANGEROUS)
def test_a_name_with_a_character_that_cannot_be_seen_is_refused_without_echoing_it(bad):
    for name in (f"a{bad}b", f"{bad}ab", f"ab{bad}"):
        with pytest.raises(InputInvalid) as refused:
            clean_name(name, "venue name")
        assert refused.value.message.startswith("the venue name has ")
        assert f"U+{ord(bad):04X}" in refused.value.message
        assert bad not in refused.value.message
        with pytest.raises(InputInvalid):
            clean_key(name)


@pytest.mark.parametrize("bad", DANGEROUS.values(), ids=DANGEROUS)
def test_what_is_shown_has_a_replacement_for_every_such_character(bad):
    assert visible(f"a{bad}b") == "a\ufffdb"


@pytest.mark.parametrize(
    "name",
    [
        "IU 콘서트",
        "예술의전당 오페라극장",
        "東京ドーム",
        "Café 'Ünïcode'",
        "[red]not a colour[/red]",
        "🎸 Rock night 🎸",
        FAMILY,
        "👍🏽",
        "🧑🏽\u200d🚀",
        "🙂\u200d↔️",
        "❤️\u200d🔥",
        "🇰🇷",
        "\U0001faea newer than this Python",
        "Hall 3",
    ],
)
def test_names_of_every_script_and_emoji_stay_as_they_are(name):
    assert clean_name(name, "venue name") == name
    assert visible(name) == name


def test_a_name_is_stripped_and_composed():
    assert clean_name(" \u3000Club\u00a0 ", "name") == "Club"
    decomposed = unicodedata.normalize("NFD", "콘서트 é")
    assert clean_name(decomposed, "name") == "콘서트 é"


@pytest.mark.parametrize("empty", ["", "   ", "\u3000"])
def test_an_empty_name_is_refused(empty):
    with pytest.raises(InputInvalid, match="the user name is empty"):
        clean_name(empty, "user name")
    with pytest.raises(InputInvalid, match="the key is empty"):
        clean_key(empty)


@pytest.mark.parametrize("digits", ["1", "0042", "٣", "\uff11\uff12"])
def test_a_name_of_digits_alone_is_refused_where_an_id_could_be_meant(digits):
    with pytest.raises(InputInvalid, match="taken for an id"):
        clean_name(digits, "venue name")
    assert clean_name(digits, "section name", digits=True) == digits


def test_a_name_is_measured_in_terminal_cells():
    assert clean_name("콘" * 50, "name") == "콘" * 50
    for wide in ("콘" * 51, "a" * 101, "🎸" * 51, "❤️" * 51):
        with pytest.raises(InputInvalid, match="wider than 100 cells"):
            clean_name(wide, "name")
    assert clean_name("abc", "name", cells_max=3) == "abc"
    with pytest.raises(InputInvalid, match="wider than 3 cells"):
        clean_name("abcd", "name", cells_max=3)


def test_marks_that_take_no_cell_cannot_make_a_name_endless():
    with pytest.raises(InputInvalid, match="wider"):
        clean_name("a" + "\u0301" * 1_000, "name")


def test_cells_count_wide_characters_twice():
    assert [cells(text) for text in ("abc", "콘서트", "e\u0301", "🎸", "❤️")] == [3, 6, 1, 2, 2]


def test_a_key_is_any_printable_text_of_at_most_200_characters_and_stays_as_it_is():
    for key in ("1", " spaced ", "키-🎸", "x" * 200, "cafe\u0301"):
        assert clean_key(key) == key
    with pytest.raises(InputInvalid, match="longer than 200 characters"):
        clean_key("x" * 201)


@settings(deadline=None)  # the machine may be busy
@given(ANYTHING)
def test_whatever_is_accepted_can_be_shown_and_stored(text):
    name = accepted(text)
    if name is not None:
        assert visible(name) == name
        assert name.encode().decode() == name
        assert clean_name(name, "name") == name


@settings(deadline=None)  # the machine may be busy
@given(ANYTHING)
def test_whatever_is_refused_is_refused_in_words_that_can_be_shown(text):
    if accepted(text) is None:
        with pytest.raises(InputInvalid) as refused:
            clean_name(text, "name")
        assert visible(refused.value.message) == refused.value.message


def accepted(text):
    try:
        return clean_name(text, "name")
    except InputInvalid:
        return None


@settings(deadline=None)  # the machine may be busy
@given(ANYTHING)
def test_whatever_is_shown_steers_no_terminal(text):
    shown = visible(text)
    assert len(shown) == len(text)
    assert not {"Cc", "Cs", "Co", "Zl", "Zp"} & {unicodedata.category(c) for c in shown}
    assert "\u202e" not in shown
    assert visible(shown) == shown


HALF = "a\udc80"
ENTRANCES = {
    "a concert to show": lambda office, _: office.show_concert(HALF),
    "whose balance": lambda office, _: office.balance(HALF),
    "who queues": lambda office, world: office.enqueue(str(world.concert), HALF, key="k"),
    "what they queue for": lambda office, _: office.enqueue(HALF, "user1", key="k"),
    "a new user": lambda office, _: office.add_user(HALF, key="k"),
    "a user to charge": lambda office, _: office.charge(1, HALF, key="k"),
    "a key": lambda office, _: office.charge(1, "user1", key=HALF),
    "a key to ask for": lambda office, _: office.status(HALF),
    "a key to settle": lambda office, _: office.settle(HALF),
    "a currency": lambda office, _: office.charge(1, "user1", key="k", currency=HALF),
    "a seat": lambda office, world: office.reserve(
        world.performance, staff("user1"), seats=[HALF], key="k"
    ),
    "a reservation": lambda office, _: office.pay(HALF, staff("user1"), key="k"),
    "a section": lambda office, world: office.reserve(
        world.performance, staff("user1"), best=1, section=HALF, key="k"
    ),
    "a token": lambda office, _: office.position(HALF),
    "a stub": lambda office, world: office.position(
        office.enqueue(str(world.concert), "user1", key="k").token, stub=HALF
    ),
    "a buyer": lambda office, world: office.reserve(
        world.performance, staff(HALF), best=1, key="k"
    ),
    "a search": lambda office, _: office.find_users(HALF),
}


def test_half_a_surrogate_pair_is_refused_wherever_text_comes_in(world, subtests):
    for entrance, come_in in ENTRANCES.items():
        with subtests.test(entrance), suppress(BoxOfficeError):
            come_in(world.office, world)
    assert world.box.one("SELECT count(*) FROM operations WHERE key = 'k'") == 0
