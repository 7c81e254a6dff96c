"""The beginning of a queue on a server, and its beginning again after a loss."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from boxoffice.core.queue.scripts import Recall, payers_key, run, run_bare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from redis import Redis

    from boxoffice.core.config import Settings

PAIRS_A_CALL = 500


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
    return int(run_bare(redis, "found", concert, (payers_key(concert),), *words))


def note_payers(
    redis: Redis, concert: int, settings: Settings, payers: Sequence[tuple[int, int]]
) -> None:
    """Tell a queue which users paid so many milliseconds ago: their earlier stubs are spent."""
    for words, _ in _batches(payers):
        _tell(redis, "payers", concert, settings, (payers_key(concert),), words)


def admit_holders(
    redis: Redis, concert: int, settings: Settings, holders: Sequence[tuple[int, int]]
) -> int:
    """Admit users whose hold still lasts so many milliseconds, and say for how many was room.

    With this the queue has been told all that Postgres knows of it.
    """
    return sum(
        _tell(redis, "holders", concert, settings, (), ["1" if is_last else "0", *words])
        for words, is_last in _batches(holders)
    )


def _batches(pairs: Sequence[tuple[int, int]]) -> Iterator[tuple[list[int], bool]]:
    """Give pairs as words, some at a time and nothing as one time, and whether it is the last."""
    for first in range(0, max(len(pairs), 1), PAIRS_A_CALL):
        words = [word for pair in pairs[first : first + PAIRS_A_CALL] for word in pair]
        yield words, first + PAIRS_A_CALL >= len(pairs)


def _tell(  # noqa: PLR0913 - what a script is run with
    redis: Redis,
    operation: str,
    concert: int,
    settings: Settings,
    keys: tuple[str, ...],
    words: Sequence[str | int],
) -> int:
    try:
        return int(run(redis, operation, concert, settings, keys, *words))
    except Recall:  # asked for just this once more, where it took long
        return int(run(redis, operation, concert, settings, keys, *words))
