"""What is brought to a sink, and what can come of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An event on its way to a sink; ``taken`` is when, in seconds since 1970 by the database."""

    performance: int
    number: int
    key: str
    type: str
    data: Any
    created_at: datetime
    attempts: int
    lease: datetime
    taken: float

    @property
    def id(self) -> str:
        """The same in every attempt and unlike any other event's, of letters that headers take."""
        return quote(self.key, safe=":")

    def body(self, **besides: str) -> bytes:
        """Write the event as the Standard Webhooks convention has it (standardwebhooks.com)."""
        told = {
            **besides,
            "type": self.type,
            "timestamp": self.created_at.isoformat(),
            "data": self.data,
        }
        return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()

    def line(self) -> bytes:
        """Write the event with its id in one line."""
        return self.body(id=self.id) + b"\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a letter was not taken, and what that means.

    `again`: this letter may be taken later; `away`: so may all, there is nobody now; `never`: it
    is given up. ``after_seconds`` is what the sink asked for.
    """

    reason: str
    means: Literal["again", "away", "never"] = "again"
    after_seconds: float | None = None


class Sink(Protocol):
    """Somebody who is told of events."""

    name: str
    # How many are spoken to at once, and how many letters are handed over together.
    lanes: int
    at_once: int

    def deliver(self, letters: Sequence[Letter]) -> Failure | None:
        """Bring letters, all or none; return why they were not taken."""

    def close(self) -> None:
        """Hang up."""
