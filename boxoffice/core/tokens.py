"""Queue tokens: 160 unguessable bits that say whose place it is, stored only as a hash.

A token reads ``c<concert>-<base32>``; the concert stands in the open so that a token leads
to its queue without being asked for it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re

from boxoffice.core.errors import TokenInvalid
from boxoffice.core.references import decode, encode

TOKEN_BITS = 160
TOKEN_CHARACTERS = 32
SALT_BYTES = 16
CONCERT_BITS = 63

SHAPE = re.compile(r"c([1-9][0-9]{0,18})-([0-9a-z-]{34,80})", re.IGNORECASE | re.ASCII)


def new_salt() -> bytes:
    """Draw the 128 random bits from which a token is made."""
    return os.urandom(SALT_BYTES)


def make(concert: int, user: int, salt: bytes, key: str) -> str:
    """Make the token of a user's place: the same salt and operation key give it again.

    The queue keeps the salt, the caller keeps the key: neither alone is the token.
    """
    message = f"{concert}:{user}:{key}".encode()
    digest = hmac.digest(salt, message, "sha256")[: TOKEN_BITS // 8]
    return _written(concert, int.from_bytes(digest))


def concert_of(token: str) -> int:
    """Return the concert whose queue a token belongs to; raises TokenInvalid."""
    return _parsed(token)[0]


def canonical(token: str) -> str:
    """Return a token as it was written at first, however it was typed; raises TokenInvalid."""
    return _written(*_parsed(token))


def fingerprint(token: str) -> str:
    """Return the SHA-256 of a token, all that is ever stored of it; raises TokenInvalid."""
    return hashlib.sha256(canonical(token).encode()).hexdigest()


def _written(concert: int, secret: int) -> str:
    return f"c{concert}-{encode(secret, width=TOKEN_CHARACTERS)}"


def _parsed(token: str) -> tuple[int, int]:
    shape = SHAPE.fullmatch(token.strip())
    if shape is None:
        raise TokenInvalid("that is not a token")
    concert = int(shape[1])
    try:
        secret = decode(shape[2])
    except ValueError:
        raise TokenInvalid("that is not a token: a character is wrong") from None
    if concert >> CONCERT_BITS or secret >> TOKEN_BITS:
        raise TokenInvalid("that is not a token")
    return concert, secret
