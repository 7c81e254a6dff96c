import itertools

import pytest

from boxoffice.core import tokens
from boxoffice.core.errors import TokenInvalid

SALT = bytes(range(16))


def test_the_same_salt_and_key_give_the_same_token_again():
    assert tokens.make(7, 1, SALT, "k") == tokens.make(7, 1, SALT, "k")


def test_another_salt_key_user_or_concert_gives_another_token():
    made = {
        tokens.make(7, 1, SALT, "k"),
        tokens.make(7, 1, SALT, "l"),
        tokens.make(7, 1, tokens.new_salt(), "k"),
        tokens.make(7, 2, SALT, "k"),
        tokens.make(8, 1, SALT, "k"),
    }
    assert len(made) == 5


def test_a_token_carries_160_bits_and_says_its_concert():
    token = tokens.make(123, 1, SALT, "k")
    concert, secret = token.split("-")
    assert concert == "c123"
    assert len(secret) * 5 == 160 + 10  # with two check characters
    assert tokens.concert_of(token) == 123


def test_two_joins_never_get_the_same_token():
    assert len({tokens.make(1, 1, tokens.new_salt(), "") for _ in range(1000)}) == 1000


def test_a_token_is_read_in_any_case_with_hyphens_and_look_alikes():
    token = tokens.make(7, 1, SALT, "k")
    head, secret = token.split("-")
    grouped = "-".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    typed = f" {head}-{grouped}\n".lower().replace("1", "l").replace("0", "o")
    assert tokens.canonical(typed) == token
    assert tokens.fingerprint(typed) == tokens.fingerprint(token)


def test_the_fingerprint_is_not_the_token():
    token = tokens.make(7, 1, SALT, "k")
    assert token.split("-")[1].lower() not in tokens.fingerprint(token)
    assert len(tokens.fingerprint(token)) == 64


def test_one_wrong_character_is_always_noticed():
    token = tokens.make(7, 1, SALT, "k")
    start = token.index("-") + 1
    for at, other in itertools.product(
        range(start, len(token)), "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    ):
        if token[at] != other:
            with pytest.raises(TokenInvalid):
                tokens.concert_of(token[:at] + other + token[at + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",  # a user id is no token
        "c1-",
        "c-" + "0" * 34,
        "c0-" + "0" * 34,
        "c99999999999999999999-" + "0" * 34,
        "c9999999999999999999-" + "0" * 34,
        "c1-" + "U" * 34,
        "c1-" + "0" * 5000,
        "c1-" + "-" * 40,
        "c1-" + "Z" * 60,
        "c\u0661-" + "0" * 34,
        "c1-\uff10" + "0" * 33,
        "\ud800",
        "c1-" + "0" * 33 + "\x1b",
    ],
)
def test_anything_else_is_not_a_token(text):
    with pytest.raises(TokenInvalid):
        tokens.fingerprint(text)
