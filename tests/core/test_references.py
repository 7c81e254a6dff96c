import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.core import references
from boxoffice.core.errors import ReservationNotFound


@given(st.integers(0, 1 << 200))
def test_a_number_is_read_back_from_its_text(number):
    assert references.decode(references.encode(number)) == number


@given(st.integers(1, (1 << 63) - 1), st.integers(0, (1 << 60) - 1))
def test_a_reservation_is_read_back_however_it_is_typed(performance, nonce):
    text = references.reservation_reference(performance, nonce)
    typed = text.lower().replace("-", "").replace("1", "i").replace("0", "o")
    assert references.parse_reservation(text) == (performance, nonce)
    assert references.parse_reservation(f" {typed} ") == (performance, nonce)


def test_a_reference_is_grouped_in_fours():
    text = references.reservation_reference(5, 1 << 59)
    prefix, *groups = text.split("-")
    assert prefix == "R"
    assert all(len(group) == 4 for group in groups[:-1])
    assert references.payment_reference(5, 1 << 59) == "P" + text[1:]


def test_a_wrong_character_and_two_swapped_ones_are_noticed():
    text = references.reservation_reference(12, 987654321987654321).replace("-", "")
    wrong = {
        text[:at] + other + text[at + 1 :]
        for at, other in itertools.product(range(1, len(text)), references.ALPHABET)
    }
    for a, b in itertools.combinations(range(1, len(text)), 2):
        letters = list(text)
        letters[a], letters[b] = letters[b], letters[a]
        wrong.add("".join(letters))
    for typo in wrong - {text}:
        with pytest.raises(ReservationNotFound):
            references.parse_reservation(typo)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "R",
        "R-",
        "R-0",
        "R-00",
        "R-000",
        "P-0011",
        "R-U",
        "R-" + "Z" * 99,
        "R-\u0131",
        "\ud800",
        "1",
    ],
)
def test_anything_else_is_no_reservation(text):
    with pytest.raises(ReservationNotFound):
        references.parse_reservation(text)


def test_numbers_beyond_the_bounds_are_no_reservation():
    for number in (0, 5, 1 << 123, (1 << 123) + 1):
        with pytest.raises(ReservationNotFound):
            references.parse_reservation("R-" + references.encode(number))
