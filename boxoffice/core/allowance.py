"""How many staff sell beside the queue of a concert at once, and who sells without it."""

from __future__ import annotations

import hashlib
import os
import time
from typing import TYPE_CHECKING

from boxoffice.core import errors
from boxoffice.core.audit import record

if TYPE_CHECKING:
    from boxoffice.core.audit import Principal
    from boxoffice.core.config import Settings
    from boxoffice.core.stores import Stores

OVERRIDE = "sell without the queue"
SESSION_CHARACTERS = 16
# Whoever was counted counts for a minute: to ask again at every sale would change nothing.
COUNTED_SECONDS = 1.0


class Allowance:
    """The small share of a sale that does not stand in line; counted in Redis."""

    def __init__(self, settings: Settings, stores: Stores) -> None:
        self._settings = settings
        self._stores = stores
        self._concerts: dict[int, int] = {}
        self._counted_until: dict[tuple[int, Principal], float] = {}

    def use(self, staff: Principal, performance: int, *, user: int, key: str) -> None:
        """Count this session as selling for a minute; at most once a second.

        Without Redis nobody counts, and that they sold all the same is put on record. Raises
        StaffAllowanceUsed, PerformanceNotFound.
        """
        from boxoffice.core import queue

        concert = self._concert_of(performance)
        if time.monotonic() < self._counted_until.get((concert, staff), 0):
            return
        try:
            if self._stores.redis_is_away:
                raise errors.QueueUnavailable  # noqa: TRY301 - as if asked a moment ago
            with self._stores.redis() as redis:
                queue.may_sell(redis, concert, self._settings, session_of(staff))
            self._counted_until[concert, staff] = time.monotonic() + COUNTED_SECONDS
        except errors.StaffAllowanceUsed:
            raise
        except Exception:  # noqa: BLE001 - whatever ails the queue stops no counter
            self._stores.note_redis_away()
            detail = {"performance": performance, "queue": "away"}
            with self._stores.database() as connection:
                record(connection, staff, OVERRIDE, user=user, key=key, detail=detail)

    def _concert_of(self, performance: int) -> int:
        known = self._concerts.get(performance)
        if known is None:
            from boxoffice.core import catalogue

            with self._stores.database() as connection:
                known = catalogue.concert_of(connection, performance)
            self._concerts[performance] = known
        return known


def session_of(staff: Principal) -> str:
    """Name the session of somebody of the staff: a login on a host, whatever it runs."""
    where = staff.terminal or f"session {os.getsid(0)}"
    text = f"{os.uname().nodename}:{staff.name}:{where}"
    return hashlib.sha256(text.encode()).hexdigest()[:SESSION_CHARACTERS]
