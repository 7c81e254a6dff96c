"""The draw: an order by lot that nobody can choose, and that anybody can check afterwards.

The seed's SHA-256 is published before the first place is taken, the seed after the draw; a
user's lot is the beginning of ``sha1(seed:user)``, as prelude.lua computes it.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SEED_BYTES = 32
LOT_DIGITS = 13


def new_seed() -> str:
    """Return 256 random bits, in hexadecimal."""
    return secrets.token_hex(SEED_BYTES)


def commitment(seed: str) -> str:
    """Return what is published before the draw: the seed's SHA-256."""
    return hashlib.sha256(seed.encode()).hexdigest()


def lot(seed: str, user: int) -> int:
    """Return a user's lot: the first 52 bits of ``sha1(seed:user)``, of which the least wins."""
    digest = hashlib.sha1(f"{seed}:{user}".encode(), usedforsecurity=False).hexdigest()
    return int(digest[:LOT_DIGITS], 16)


def order(seed: str, users: Iterable[int]) -> list[int]:
    """Return users in the order of the draw; equal lots go by the number as text."""
    return sorted(users, key=lambda user: (lot(seed, user), str(user)))


def verify(published: str, seed: str) -> bool:
    """Tell whether a revealed seed is the one that was committed to."""
    return secrets.compare_digest(published, commitment(seed))
