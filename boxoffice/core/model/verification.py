"""The nouns of looking for what must not be, and of mending what may be mended."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """Something that must hold and does not: which check found it, where, and what is there."""

    check: str
    keys: dict[str, str | int]
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """The ledger entry that would make a user's ledger say what the balance says; not written.

    ``entry`` is credited to the user's account, or debited where it is below zero, against the
    house account ``against``; all amounts in minor units.
    """

    user: int
    currency: str
    balance: int
    ledger: int
    entry: int
    against: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What was tidied, and the entries that somebody has to decide about.

    ``redelivered`` and ``dropped`` are None where the queue's server was needed and is away.
    """

    expired: int
    redelivered: int | None
    dropped: int | None
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """How many checks were made, and what they found; ``queue`` is `checked` or `away`."""

    checks: int
    queue: str
    violations: tuple[Violation, ...]
    repair: Repair | None = None
