"""The code of a ticket: which seat of which reservation, and a proof that this database says so.

The proof is 64 bits of HMAC-SHA256 (RFC 2104) by a key that never leaves the database: whoever
guesses has one chance in 18 million million million a try, each of them at a door.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256

from boxoffice.core.errors import TicketNotFound
from boxoffice.core.references import GROUP_CHARACTERS, NONCE_BITS, PERFORMANCE_BITS, decode, encode

LETTER = "T"
SEAT_BITS = 20
PROOF_BITS = 64
# Nothing else that a key of this program signs begins like this.
DOMAIN = b"boxoffice ticket 1\0"
TEXT_CHARACTERS_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a code says, and its proof, which is still to be looked at."""

    performance: int
    nonce: int
    seat_no: int
    proof: int

    @property
    def code(self) -> str:
        """Write the code as everybody writes it: capitals and digits in groups of four."""
        return _grouped(_digits(self))

    @property
    def scanned(self) -> str:
        """Write the code as a scanner reads it, without hyphens: a smaller picture."""
        return LETTER + _digits(self)

    def is_proved(self, key: bytes) -> bool:
        """Tell whether the proof is that of the key, in a time that tells nothing else."""
        meant = _proof(key, self.performance, self.nonce, self.seat_no)
        size = PROOF_BITS // 8
        return hmac.compare_digest(self.proof.to_bytes(size, "big"), meant.to_bytes(size, "big"))


def make(key: bytes, performance: int, nonce: int, seat_no: int) -> Claim:
    """Make the claim of a seat of a reservation, with its proof."""
    assert 0 < performance < 1 << PERFORMANCE_BITS
    assert 0 <= nonce < 1 << NONCE_BITS
    assert 0 <= seat_no < 1 << SEAT_BITS
    proof = _proof(key, performance, nonce, seat_no)
    return Claim(performance=performance, nonce=nonce, seat_no=seat_no, proof=proof)


def parse(text: str) -> Claim:
    """Read a code as typed or scanned, in any case; raises TicketNotFound."""
    plain = text.strip()
    if plain[:1].upper() != LETTER or len(plain) > TEXT_CHARACTERS_MAX:
        raise TicketNotFound
    try:
        number = decode(plain[1:])
    except ValueError:
        raise TicketNotFound from None
    number, proof = _split(number, PROOF_BITS)
    number, seat_no = _split(number, SEAT_BITS)
    performance, nonce = _split(number, NONCE_BITS)
    if not 0 < performance < 1 << PERFORMANCE_BITS:
        raise TicketNotFound
    return Claim(performance=performance, nonce=nonce, seat_no=seat_no, proof=proof)


def fingerprint(claim: Claim) -> str:
    """Return what a door without network knows a code by, from which nobody makes the code."""
    return sha256(claim.code.encode()).hexdigest()


def _proof(key: bytes, performance: int, nonce: int, seat_no: int) -> int:
    parts = b"".join(part.to_bytes(8, "big") for part in (performance, nonce, seat_no))
    digest = hmac.digest(key, DOMAIN + parts, "sha256")
    return int.from_bytes(digest[: PROOF_BITS // 8], "big")


def _split(number: int, bits: int) -> tuple[int, int]:
    return number >> bits, number & ((1 << bits) - 1)


def _digits(claim: Claim) -> str:
    number = claim.performance << NONCE_BITS | claim.nonce
    number = (number << SEAT_BITS | claim.seat_no) << PROOF_BITS | claim.proof
    return encode(number)


def _grouped(digits: str) -> str:
    starts = range(0, len(digits), GROUP_CHARACTERS)
    return f"{LETTER}-" + "-".join(digits[at : at + GROUP_CHARACTERS] for at in starts)
