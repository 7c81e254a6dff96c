"""Stubs: the signed word of a place that its terminal keeps, for the day Redis loses it.

A stub is of one token and useless without it: what it says is signed together with the
token's fingerprint and the concert, under a key that never leaves the servers and the core.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from boxoffice.core.references import decode, encode
from boxoffice.core.tokens import fingerprint

NUMBER_BITS, TERMINAL_BITS, SIGNATURE_BITS = 53, 32, 128
MARK = "S"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stub:
    """Whose place, its number, which terminal's, and whether it stands where the lot put it."""

    user: int
    number: int
    terminal: int
    drawn: bool


def write(stub: Stub, concert: int, token: str, key: str) -> str:
    """Sign a stub of a token; `key` is hexadecimal."""
    packed = stub.user
    for value, bits in ((stub.number, NUMBER_BITS), (stub.terminal, TERMINAL_BITS)):
        packed = packed << bits | value
    packed = packed << 1 | stub.drawn
    return MARK + encode(packed << SIGNATURE_BITS | _signature(packed, concert, token, key))


def read(text: str, concert: int, token: str, key: str) -> Stub | None:
    """Return what a stub says, or None where it was not signed for this token and concert."""
    if text[:1].upper() != MARK:
        return None
    try:
        whole = decode(text[1:])
    except ValueError:
        return None
    packed, signature = whole >> SIGNATURE_BITS, whole & ((1 << SIGNATURE_BITS) - 1)
    width = SIGNATURE_BITS // 8
    expected = _signature(packed, concert, token, key)
    if not hmac.compare_digest(signature.to_bytes(width), expected.to_bytes(width)):
        return None
    drawn, packed = bool(packed & 1), packed >> 1
    terminal, packed = packed & ((1 << TERMINAL_BITS) - 1), packed >> TERMINAL_BITS
    number, user = packed & ((1 << NUMBER_BITS) - 1), packed >> NUMBER_BITS
    return Stub(user=user, number=number, terminal=terminal, drawn=drawn)


def _signature(packed: int, concert: int, token: str, key: str) -> int:
    message = f"{concert}:{packed}:{fingerprint(token)}".encode()
    digest = hmac.digest(bytes.fromhex(key), message, "sha256")
    return int.from_bytes(digest[: SIGNATURE_BITS // 8])
