"""What reads a person's words, given anything: a value that reads back the same, or a refusal."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from boxoffice.commands import money
from boxoffice.commands.admin import values
from boxoffice.core import references, text, tokens
from boxoffice.core.config import SETTABLE, load
from boxoffice.core.errors import BoxOfficeError, InputInvalid, TokenInvalid
from boxoffice.core.model import Money
from boxoffice.core.queue import SETTINGS, STATES, check_settings
from boxoffice.tui.words import minor_units
from tests.fuzz.hostile import WORDS
from tests.fuzz.manners import steering
from tests.fuzz.seeds import examples

ANYTHING = st.text() | st.text(st.characters()) | st.sampled_from(WORDS)
NEARLY_TOKENS = st.from_regex(r"[cC][0-9]{1,20}-[0-9a-zA-Z-]{30,40}", fullmatch=True)
NEARLY_NUMBERS = st.from_regex(r"[-+ ]?[0-9_.,eE]{0,45}", fullmatch=True)
SHORT, FULL = 150, 5_000


def refusal_of(error: BoxOfficeError) -> str:
    """Return what a refusal says, which must be fit to be shown."""
    assert steering(str(error.message)) == []
    return str(error.message)


@examples(SHORT, FULL)
@given(ANYTHING | NEARLY_TOKENS)
def test_a_token_is_read_as_itself_or_refused(typed):
    try:
        written = tokens.canonical(typed)
    except TokenInvalid as error:
        refusal_of(error)
        return
    assert tokens.canonical(written) == written
    assert 0 < tokens.concert_of(written) < 1 << tokens.CONCERT_BITS
    assert tokens.fingerprint(typed) == tokens.fingerprint(written)


@examples(SHORT, FULL)
@given(st.integers(1, 2**63 - 1), st.integers(1), st.binary(min_size=16, max_size=16), ANYTHING)
def test_a_token_made_of_anything_is_a_token(concert, user, salt, key):
    made = tokens.make(concert, user, salt, key.encode(errors="replace").decode())
    assert tokens.canonical(f" {made.lower()}\n") == made
    assert tokens.concert_of(made) == concert


@examples(SHORT, FULL)
@given(ANYTHING | st.from_regex(r"[rR][-0-9A-Za-z]{3,40}", fullmatch=True))
def test_a_reservation_is_read_as_itself_or_not_found(typed):
    try:
        performance, nonce = references.parse_reservation(typed)
    except BoxOfficeError as error:
        refusal_of(error)
        return
    written = references.reservation_reference(performance, nonce)
    assert references.parse_reservation(written) == (performance, nonce)


@examples(SHORT, FULL)
@given(ANYTHING | st.text("0123456789", max_size=5_000))
def test_an_id_is_a_number_that_the_database_can_hold(typed):
    number = references.number_in(typed)
    assert number is None or 0 <= number <= references.ID_MAX
    if number is None:
        assert not (typed.isascii() and typed.isdigit())


@examples(SHORT, FULL)
@given(ANYTHING)
def test_a_key_is_taken_as_it_is_or_refused(typed):
    try:
        key = text.clean_key(typed)
    except InputInvalid as error:
        refusal_of(error)
        return
    assert key == typed
    assert 0 < len(key) <= text.KEY_CHARACTERS_MAX
    assert steering(key) == []
    key.encode()


@examples(SHORT, FULL)
@given(ANYTHING, st.integers(1, 200))
def test_a_name_that_was_cleaned_is_clean(typed, cells):
    try:
        name = text.clean_name(typed, "name", cells_max=cells)
    except InputInvalid as error:
        refusal_of(error)
        return
    assert text.clean_name(name, "name", cells_max=cells) == name
    assert text.cells(name) <= cells
    assert unicodedata.is_normalized("NFC", name)
    assert steering(name) == []
    assert text.visible(name) == name


@examples(SHORT, FULL)
@given(ANYTHING | NEARLY_NUMBERS)
def test_an_amount_is_a_whole_number_or_refused(typed):
    try:
        amount = money.whole_number(typed)
    except BoxOfficeError as error:
        refusal_of(error)
        return
    assert typed.isascii()
    assert amount == int(typed)
    assert abs(amount) < 10**40


@examples(SHORT, FULL)
@given(ANYTHING | NEARLY_NUMBERS, st.sampled_from(["KRW", "EUR", "BHD"]))
def test_money_typed_at_the_counter_is_exact_or_refused(typed, currency):
    try:
        units = minor_units(typed, currency)
    except ValueError:
        return
    assert isinstance(units, int)
    Money(amount=units, currency=currency)


@examples(SHORT, FULL)
@given(ANYTHING | st.datetimes().map(datetime.isoformat))
def test_a_time_is_read_or_refused_in_words_that_can_be_shown(typed):
    try:
        assert isinstance(values.read_time(typed), datetime)
    except InputInvalid as error:
        refusal_of(error)


@examples(SHORT, FULL)
@given(st.lists(ANYTHING | st.tuples(ANYTHING, NEARLY_NUMBERS).map("=".join), max_size=4))
def test_prices_are_one_whole_number_a_category_or_refused(typed):
    try:
        prices = values.read_prices(typed)
    except BoxOfficeError as error:
        refusal_of(error)
        return
    assert len(prices) == len(typed)
    assert all(isinstance(price, int) for price in prices.values())


@examples(SHORT, FULL)
@given(st.sampled_from(sorted(SETTABLE)), ANYTHING | NEARLY_NUMBERS)
def test_a_variable_of_the_environment_is_a_setting_within_its_limits_or_refused(name, value):
    environment = {"BOXOFFICE_HOME": "/nonexistent/box", f"BOXOFFICE_{name.upper()}": value}
    try:
        settings = load(environment)
    except InputInvalid as error:
        refusal_of(error)
        return
    limits = SETTABLE[name].metadata
    if limits:
        assert limits["low"] <= getattr(settings, name) <= limits["high"]


@examples(SHORT, FULL)
@given(
    st.sampled_from(["state", *SETTINGS]) | ANYTHING,
    st.none() | st.integers() | st.floats() | st.booleans() | ANYTHING,
)
def test_a_setting_of_a_queue_is_within_its_limits_or_refused(name, value):
    try:
        (kept,) = check_settings(**{name: value}).values()
    except InputInvalid as error:
        refusal_of(error)
        return
    if kept is None or name == "state":
        assert kept in (None, *STATES)
        return
    limits = SETTABLE[SETTINGS[name]].metadata
    assert limits["low"] <= kept <= limits["high"]


def test_every_known_bad_word_can_be_shown():
    assert [word for word in WORDS if steering(text.visible(word))] == []
