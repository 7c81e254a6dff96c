"""Numbers as people read them aloud: Crockford base32 with two check characters.

Crockford's own check symbol is one of 37, among them ``*``, ``~``, ``$`` and ``=``, which
shells take for themselves. Here the check is ``number mod 1021`` (the largest prime below
32 squared) in two characters of the ordinary alphabet: every wrong character and every two
characters swapped are found, since 1021 divides neither a digit nor 32**i - 32**j.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from boxoffice.core.errors import ReservationNotFound

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
VALUES = {character: value for value, character in enumerate(ALPHABET)} | {"I": 1, "L": 1, "O": 0}
PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
CHECK_MODULUS = 1021
CHECK_CHARACTERS = 2
TEXT_CHARACTERS_MAX = 100
GROUP_CHARACTERS = 4

# An operation writes and reads the same reference several times.
REMEMBERED = 256

ID_MAX = 2**63 - 1
NONCE_BITS = 60
PERFORMANCE_BITS = 63


def encode(number: int, *, width: int = 0) -> str:
    """Write a number of zero or more, with its check, in at least ``width`` characters."""
    assert number >= 0
    return (_digits(number).rjust(width, "0") if width else _digits(number)) + _digits(
        number % CHECK_MODULUS
    ).rjust(CHECK_CHARACTERS, "0")


def decode(text: str) -> int:
    """Read what ``encode`` wrote, in any case, with hyphens, I and L for 1 and O for 0.

    Raises ValueError for anything else and for a check that does not fit.
    """
    if not text.isascii() or len(text) > TEXT_CHARACTERS_MAX:
        raise ValueError("not a reference")
    plain = text.replace("-", "").upper()
    if len(plain) <= CHECK_CHARACTERS or not VALUES.keys() >= set(plain):
        raise ValueError("not a reference")
    number = _value(plain[:-CHECK_CHARACTERS])
    if number % CHECK_MODULUS != _value(plain[-CHECK_CHARACTERS:]):
        raise ValueError("a character is wrong")
    return number


@lru_cache(maxsize=REMEMBERED)
def reservation_reference(performance: int, nonce: int) -> str:
    """Write the public name of a reservation: unguessable by its nonce of 60 random bits."""
    return "R-" + _grouped(_packed(performance, nonce))


def payment_reference(performance: int, nonce: int) -> str:
    """Write the public name of the payment of a reservation: the same with another letter."""
    return "P" + reservation_reference(performance, nonce)[1:]


@lru_cache(maxsize=REMEMBERED)
def parse_reservation(text: str) -> tuple[int, int]:
    """Read the performance and the nonce of a reservation; raises ReservationNotFound."""
    plain = text.strip()
    if plain[:1] not in ("R", "r"):
        raise _no_reference()
    try:
        number = decode(plain[1:])
    except ValueError:
        raise _no_reference() from None
    performance, nonce = number >> NONCE_BITS, number & ((1 << NONCE_BITS) - 1)
    if not 0 < performance < 1 << PERFORMANCE_BITS:
        raise _no_reference()
    return performance, nonce


def _no_reference() -> ReservationNotFound:
    return ReservationNotFound(
        "that is no reservation", hint="reservations look like R-1V2J-FD5T-J2HR-FAW"
    )


def _packed(performance: int, nonce: int) -> str:
    assert 0 < performance < 1 << PERFORMANCE_BITS
    assert 0 <= nonce < 1 << NONCE_BITS
    return encode(performance << NONCE_BITS | nonce)


def _grouped(text: str) -> str:
    starts = range(0, len(text), GROUP_CHARACTERS)
    return "-".join(text[start : start + GROUP_CHARACTERS] for start in starts)


def _digits(number: int) -> str:
    digits = ""
    while number:
        number, pair = divmod(number, len(PAIRS))
        digits = PAIRS[pair] + digits
    return digits.removeprefix("0") or "0"


def _value(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * len(ALPHABET) + VALUES[digit]
    return number


def number_in(reference: str) -> int | None:
    """Return the id that a reference is, or None where it is a name; no id is above ID_MAX."""
    if not (reference.isascii() and reference.isdigit()):
        return None
    return min(int(reference[:20]), ID_MAX)


def stored_name(reference: str) -> str:
    """Return a name as it is stored, however its letters were composed when it was typed."""
    return unicodedata.normalize("NFC", reference)
