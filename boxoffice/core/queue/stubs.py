"""Stubs: the signed word of a place that its terminal keeps, for the day Redis loses it.

A stub is of one token and useless without it: what it says is signed together with the
token's fingerprint and the concert, under a key that never leaves the servers and the core.
It lives as long as its token would without being used, so polls give a fresh one now and then.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from boxoffice.core.references import decode, encode
from boxoffice.core.tokens import fingerprint

FIELD_BITS = {"number": 53, "terminal": 32, "issued": 40, "drawn": 1}
SIGNATURE_BITS = 128
MARK = "S"
# Signed along, so that what another version of this program signed is not read as this one's.
FORMAT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Stub:
    """Whose place, its number, which terminal's, and whether it stands where the lot put it.

    ``issued`` is in seconds of the queue's own clock.
    """

    user: int
    number: int
    terminal: int
    issued: int
    drawn: bool


def write(stub: Stub, concert: int, token: str, key: str) -> str:
    """Sign a stub of a token; `key` is hexadecimal."""
    packed = stub.user
    for name, bits in FIELD_BITS.items():
        packed = packed << bits | getattr(stub, name)
    return MARK + encode(packed << SIGNATURE_BITS | _signature(packed, concert, token, key))


def read(text: str, concert: int, token: str, key: str) -> Stub | None:
    """Return what a stub says, or None where it was not signed for this token and concert."""
    packed, signature = _parts(text)
    width = SIGNATURE_BITS // 8
    expected = _signature(packed, concert, token, key)
    if not hmac.compare_digest(signature.to_bytes(width), expected.to_bytes(width)):
        return None
    return _unpacked(packed)


def issued(text: str) -> int:
    """Return when a stub says to be issued, unchecked: enough to ask for a fresh one."""
    return _unpacked(_parts(text)[0]).issued


def _parts(text: str) -> tuple[int, int]:
    """Split a stub into what it says and its signature, which fits nothing where it is no stub."""
    try:
        whole = decode(text[1:]) if text[:1].upper() == MARK else 0
    except ValueError:
        whole = 0
    return whole >> SIGNATURE_BITS, whole & ((1 << SIGNATURE_BITS) - 1)


def _unpacked(packed: int) -> Stub:
    fields = {}
    for name, bits in reversed(FIELD_BITS.items()):
        fields[name] = packed & ((1 << bits) - 1)
        packed >>= bits
    return Stub(
        user=packed,
        number=fields["number"],
        terminal=fields["terminal"],
        issued=fields["issued"],
        drawn=bool(fields["drawn"]),
    )


def _signature(packed: int, concert: int, token: str, key: str) -> int:
    message = f"{FORMAT}:{concert}:{packed}:{fingerprint(token)}".encode()
    digest = hmac.digest(bytes.fromhex(key), message, "sha256")
    return int.from_bytes(digest[: SIGNATURE_BITS // 8])
