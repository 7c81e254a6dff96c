"""The nouns of the workers: their jobs, and what is told to whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - docs/cli.md is made from these annotations


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job of the workers: who has it, when it ran, what came of that.

    ``done`` is what the last run did; ``failures`` counts since one did not fail; ``seen_at`` is
    when a worker last took it, and ``late`` whether one should have done so long ago.
    """

    job: str
    sink: bool
    worker: str | None
    seen_at: datetime
    ended_at: datetime | None
    next_at: datetime
    done: int
    failures: int
    error: str | None
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerStatus:
    """The jobs, and what is still to be told: events unsent, and deliveries by their state.

    ``state`` is `working`, `late` (some job is left undone) or `away` (no worker is at work).
    """

    state: str
    unsent: int
    oldest_seconds: float | None
    waiting: int
    retrying: int
    dead: int
    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An event in the outbox; ``sink`` is who it is to be brought to, where that is what is open.

    The state is `waiting`, `retrying`, `dead` (given up) or `sent`.
    """

    event: str
    type: str
    performance: int
    sink: str | None
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxChange:
    """How many deliveries were made due again, or let go, and of which events."""

    deliveries: int
    events: tuple[str, ...]
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something a worker has to say: `done`, `failed`, `dead`, `trouble` or `over`, in a job."""

    what: str
    job: str
    count: int = 0
    message: str = ""
