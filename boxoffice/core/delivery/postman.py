"""Rounds of deliveries: take what is due, bring it, write down what became of it.

No transaction is open while a sink is spoken to. What was taken is due again after its lease, so
that whoever dies on the way loses nothing; what was brought and not written down is brought again
under the same id.
"""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boxoffice.core.database import statement
from boxoffice.core.delivery.letters import Failure, Letter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.core.delivery.letters import Sink
    from boxoffice.core.stores import Stores

LETTERS_MAX = 500
# After so long nothing more is begun in a round, and the rest is given back.
ROUND_SECONDS = 2.0
WRITE_SECONDS = 5.0
ATTEMPTS_MAX = 16
# Full jitter: from nothing to the doubled limit, so that receivers are not met by crowds.
RETRY_BASE_SECONDS, RETRY_CAP_SECONDS = 5.0, 6 * 3_600.0
PAUSE_BASE_SECONDS, PAUSE_CAP_SECONDS = 1.0, 60.0
DOUBLINGS_MAX = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What a round came to: `reason` is of one failure, `away` says why nobody is there."""

    delivered: int
    failed: int
    dead: int
    reason: str
    away: str | None
    more: bool


class Postman:
    """Brings letters to one sink, and leaves it alone for a while where nobody is there."""

    def __init__(self, stores: Stores, sink: Sink, stop: threading.Event, seconds: float) -> None:
        self.sink = sink
        self._stores = stores
        self._stop = stop
        self._lease_seconds = ROUND_SECONDS + seconds + WRITE_SECONDS
        self._pool = ThreadPoolExecutor(sink.lanes, thread_name_prefix=sink.name)
        self._lock = threading.Lock()
        self._pauses = 0
        self._rest_until = 0.0

    def close(self) -> None:
        """Finish what is in hand, and hang up."""
        self._pool.shutdown()
        self.sink.close()

    def go(self) -> Round | None:
        """Make one round; return None where nothing is due. Raises DatabaseUnavailable."""
        letters = [] if time.monotonic() < self._rest_until else self._take()
        if not letters:
            return None
        ends: dict[int, Failure | None] = {}
        away = self._bring(letters, ends)
        if away:
            self._rest(away)
        elif ends:
            self._pauses = 0
        self._write(letters, ends)
        failed = [failure for failure in ends.values() if failure]
        return Round(
            delivered=len(ends) - len(failed),
            failed=len(failed),
            dead=sum(self._is_last(letters[at], ends[at]) for at in ends),
            reason=failed[0].reason if failed else "",
            away=away.reason if away else None,
            more=not away and (len(ends) < len(letters) or len(letters) == LETTERS_MAX),
        )

    def _take(self) -> list[Letter]:
        parameters = {
            "sink": self.sink.name,
            "deliveries_max": LETTERS_MAX,
            "lease_seconds": self._lease_seconds,
        }
        with self._stores.database() as connection:
            rows = connection.exec_driver_sql(statement("take_deliveries"), parameters).all()
        return [_letter(row) for row in rows]

    def _bring(self, letters: list[Letter], ends: dict[int, Failure | None]) -> Failure | None:
        """Hand the letters over, on every lane, until there is nobody or no time any more."""
        until = time.monotonic() + ROUND_SECONDS
        parts = iter(range(0, len(letters), self.sink.at_once))
        gone: list[Failure] = []

        def serve() -> None:
            while not gone and not self._stop.is_set() and time.monotonic() < until:
                with self._lock:
                    start = next(parts, None)
                if start is None:
                    return
                part = range(start, min(start + self.sink.at_once, len(letters)))
                failure = self._deliver([letters[at] for at in part])
                ends.update(dict.fromkeys(part, failure))
                if failure and (failure.means == "away" or failure.after_seconds):
                    gone.append(failure)

        lanes = min(self.sink.lanes, len(letters))
        for served in [self._pool.submit(serve) for _ in range(lanes)]:
            served.result()
        return gone[0] if gone else None

    def _deliver(self, letters: list[Letter]) -> Failure | None:
        try:
            return self.sink.deliver(letters)
        except Exception as error:  # noqa: BLE001 - a bug about one letter must not cost the others
            return Failure(reason=f"a bug: {type(error).__name__}")

    def _rest(self, failure: Failure) -> None:
        """Leave the sink alone: as long as it asked, or longer each time it is found away."""
        limit = min(PAUSE_BASE_SECONDS * 2 ** min(self._pauses, DOUBLINGS_MAX), PAUSE_CAP_SECONDS)
        self._pauses += 1
        seconds = failure.after_seconds or random.uniform(limit / 2, limit)  # noqa: S311 - no secret
        self._rest_until = time.monotonic() + seconds

    def _write(self, letters: list[Letter], ends: dict[int, Failure | None]) -> None:
        rest = max(self._rest_until - time.monotonic(), 0.0)
        lines = [
            self._line(letter, rest, tried=at in ends, failure=ends.get(at))
            for at, letter in enumerate(letters)
        ]
        names = ("performances", "events", "leases", "outcomes", "waits", "reasons")
        columns: dict[str, Any] = dict(zip(names, map(list, zip(*lines, strict=True)), strict=True))
        with self._stores.database() as connection:
            connection.exec_driver_sql(
                statement("end_deliveries"), columns | {"sink": self.sink.name}
            )

    def _line(
        self, letter: Letter, rest: float, *, tried: bool, failure: Failure | None
    ) -> Sequence[Any]:
        named = (letter.performance, letter.number, letter.lease)
        if not tried:
            return (*named, "put_off", rest, None)
        if failure is None:
            return (*named, "delivered", 0.0, None)
        if self._is_last(letter, failure):
            return (*named, "dead", 0.0, failure.reason)
        return (*named, "again", max(_wait(letter.attempts), rest), failure.reason)

    @staticmethod
    def _is_last(letter: Letter, failure: Failure | None) -> bool:
        return failure is not None and (
            failure.means == "never" or letter.attempts + 1 >= ATTEMPTS_MAX
        )


def _wait(attempts: int) -> float:
    limit = min(RETRY_BASE_SECONDS * 2 ** min(attempts, DOUBLINGS_MAX), RETRY_CAP_SECONDS)
    return random.uniform(0, limit)  # noqa: S311 - no secret


def _letter(row: Any) -> Letter:  # noqa: ANN401
    performance, number, key, type_, data, created_at, attempts, lease, taken = row
    return Letter(
        performance=performance,
        number=number,
        key=key,
        type=type_,
        data=data,
        created_at=created_at,
        attempts=attempts,
        lease=lease,
        taken=taken,
    )
