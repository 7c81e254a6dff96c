"""The beginning of a queue on a server, and its beginning again after a loss."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from boxoffice.core.queue.scripts import Recall, run, run_bare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from redis import Redis

    from boxoffice.core.config import Settings

HOLDERS_A_CALL = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """What Postgres knows of a queue: enough to go on without a word of Redis.

    ``base`` is above every number that was ever given; ``lost`` says that there was a queue.
    """

    database: str
    stub_key: str
    base: int = 0
    lost: bool = False
    seed: str | None = None
    settings: Mapping[str, str | float] = field(default_factory=dict)


def found(redis: Redis, concert: int, founding: Founding) -> int:
    """Begin a queue, or go on with it as far as the server still has it.

    Returns the base that is in force: more than Postgres said, where the server knew better.
    """
    words: list[str | float] = [
        founding.database,
        founding.stub_key,
        founding.base,
        "1" if founding.lost else "0",
        founding.seed or "",
    ]
    for name, value in founding.settings.items():
        words += [name, value]
    return int(run_bare(redis, "found", concert, (), *words))


def admit_holders(
    redis: Redis, concert: int, settings: Settings, holders: Sequence[tuple[int, int]]
) -> int:
    """Admit users whose hold still lasts so many milliseconds, and say for how many was room.

    With this the queue has been told all that Postgres knows of it.
    """
    admitted = 0
    for first in range(0, max(len(holders), 1), HOLDERS_A_CALL):
        words = [word for pair in holders[first : first + HOLDERS_A_CALL] for word in pair]
        is_last = "1" if first + HOLDERS_A_CALL >= len(holders) else "0"
        try:
            admitted += int(run(redis, "holders", concert, settings, (), is_last, *words))
        except Recall:  # asked for just this once more, where it took long
            admitted += int(run(redis, "holders", concert, settings, (), is_last, *words))
    return admitted
