"""The programme as staff keep it: what there is, when it is, and what is called off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boxoffice.core import errors
from boxoffice.core.foundation import Foundation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from typing import BinaryIO

    from sqlalchemy import Connection

    from boxoffice.core import model

    Told = Callable[[int, int], None]

# What every server, language and offset can still count with.
YEAR_MIN, YEAR_MAX = 1970, 9_000
REASON_CELLS_MAX = 200


class Scheduling(Foundation):
    """Concerts and performances, kept by admins; each operation raises Forbidden for others."""

    def list_programme(self) -> list[model.ListedConcert]:
        """Return every concert, on sale or not, the newest first."""
        from boxoffice.core import timetable

        self._access.require_operator()
        with self.stores.database() as connection:
            return timetable.list_concerts(connection)

    def list_performances(self, concert: str) -> list[model.ListedPerformance]:
        """Return every performance of a concert with its seats counted; raises ConcertNotFound."""
        from boxoffice.core import timetable

        self._access.require_operator()
        with self.stores.database() as connection:
            return timetable.list_performances(connection, concert)

    def reschedule(
        self, performance: int, date: datetime, *, sale_closes: datetime | None = None, key: str
    ) -> model.ScheduledPerformance:
        """Move a performance to another time; what is held or sold stays so.

        Times without an offset are the venue's. Raises DateTaken when the concert has one at
        that time, PerformanceNotFound, PerformanceCancelled, InputInvalid, KeyReused.
        """
        from boxoffice.core import timetable

        command = "performance reschedule"

        def change(connection: Connection) -> dict[str, Any]:
            return timetable.reschedule(
                connection,
                performance,
                date=date,
                sale_closes=sale_closes,
                event=f"{command}:{key}",
            )

        times = {"date": date, "sale_closes": sale_closes}
        return self._schedule(key, command, performance, times, change)

    def set_sale(
        self,
        performance: int,
        *,
        opens: datetime | None = None,
        closes: datetime | None = None,
        key: str,
    ) -> model.ScheduledPerformance:
        """Set when the sale of a performance opens or closes, or both.

        Times without an offset are the venue's. Raises PerformanceNotFound,
        PerformanceCancelled, InputInvalid, KeyReused.
        """
        from boxoffice.core import timetable

        if opens is None and closes is None:
            raise errors.InputInvalid("say when it opens, or when it closes")

        def change(connection: Connection) -> dict[str, Any]:
            return timetable.set_sale(connection, performance, opens=opens, closes=closes)

        times = {"opens": opens, "closes": closes}
        return self._schedule(key, "performance sale", performance, times, change)

    def _schedule(
        self,
        key: str,
        command: str,
        performance: int,
        times: dict[str, datetime | None],
        change: Callable[[Connection], dict[str, Any]],
    ) -> model.ScheduledPerformance:
        from boxoffice.core import answers, timetable

        self._access.require_admin()
        require_years(*times.values())
        stored, replayed = self._administer(
            key,
            command,
            {"performance": performance}
            | {name: time and time.isoformat() for name, time in times.items()},
            change,
            before=lambda c: timetable.told(timetable.standing(c, performance)),
        )
        self.stores.hint(performance)
        return answers.scheduled(stored, replayed=replayed)

    def import_season(self, file: BinaryIO, *, key: str) -> model.Season:
        """Create the performances of a file, all of them or none.

        Raises InputInvalid naming each wrong cell, ConcertNotFound, DateTaken, KeyReused.
        """
        from boxoffice.core import answers, season

        self._access.require_admin()
        rows = season.read(file)
        stored, replayed = self._administer(
            key,
            "performance import",
            {"performances": len(rows), "file": season.fingerprint(rows)},
            lambda c: season.create(c, rows),
        )
        for number in stored["performances"]:
            self.stores.hint(number)
        return answers.season(stored, replayed=replayed)

    def cancel_performance(
        self, performance: int, *, reason: str, key: str, told: Told | None = None
    ) -> model.CancelledPerformance:
        """Call a performance off: nothing is sold any more, holds end, payments are refunded.

        Whoever was interrupted goes on with the same key. One that was called off before is
        asked for what is left. `told` hears how many of how many reservations are done. Raises
        PerformanceNotFound, InputInvalid, KeyReused.
        """
        from boxoffice.core import answers, catalogue

        def find(connection: Connection) -> list[int]:
            catalogue.concert_of(connection, performance)
            return [performance]

        stored, replayed = self._call_off(
            key, "performance cancel", {"performance": performance}, find, reason, told
        )
        return answers.called_off_performance(stored, replayed=replayed)

    def cancel_concert(
        self, concert: str, *, reason: str, key: str, told: Told | None = None
    ) -> model.CancelledConcert:
        """Call off every performance of a concert still to come, as `cancel_performance` does.

        Raises ConcertNotFound, InputInvalid, KeyReused.
        """
        from boxoffice.core import answers, cancelling, catalogue

        self._access.require_admin()
        with self.stores.database() as connection:
            number = catalogue.concert_id(connection, concert)
        stored, replayed = self._call_off(
            key,
            "concert cancel",
            {"concert": number},
            lambda c: cancelling.coming_performances(c, number),
            reason,
            told,
        )
        return answers.called_off_concert(stored, replayed=replayed)

    def _call_off(  # noqa: PLR0913 - what, why, and who hears of it
        self,
        key: str,
        command: str,
        what: dict[str, int],
        find: Callable[[Connection], list[int]],
        reason: str,
        told: Told | None,
    ) -> tuple[dict[str, Any], bool]:
        """Mark performances as cancelled, then give back what is left, then write the answer."""
        from boxoffice.core import cancelling

        self._access.require_admin()
        why = clean_reason(reason)

        def begin(connection: Connection) -> dict[str, Any]:
            numbers = find(connection)
            since = cancelling.begin(connection, numbers, event=f"{command}:{key}", reason=why)
            left = cancelling.count_open(connection, numbers)
            if self.stores.dry_run:
                return what | {"state": cancelling.CANCELLED, "since": since} | left
            none = cancelling.count_ended(connection, [], key=key)
            return what | {"state": cancelling.CANCELLING, "since": since} | none

        stored, replayed = self._administer(
            key,
            command,
            what | {"reason": why},
            begin,
            before=lambda c: {"since": cancelling.since(c, find(c))},
        )
        if stored["state"] == cancelling.CANCELLED:
            return stored, replayed
        numbers = [int(number) for number in stored["since"]]
        self._give_back(key, numbers, told)
        with self.stores.database(changing=True) as connection:
            ended = cancelling.count_ended(connection, numbers, key=key)
            done = stored | {"state": cancelling.CANCELLED} | ended
            cancelling.finish(connection, key, done)
        return done, False

    def _give_back(self, key: str, numbers: Sequence[int], told: Told | None) -> None:
        from boxoffice.core import cancelling
        from boxoffice.core.audit import current_principal

        by = current_principal(self.settings.acting_role)
        with self.stores.database(changing=True) as connection:
            left = cancelling.count_open(connection, numbers)
            total, done = left["released"] + left["refunded"], 0

            def note(count: int) -> None:
                nonlocal done
                done += count
                if told:
                    told(done, total)

            for number in numbers:
                cancelling.end_all(connection, number, staff=by, key=key, ended=note)
        for number in numbers:
            self.stores.hint(number)


def clean_reason(text: str) -> str:
    """Return why something is done as the record keeps it; raises InputInvalid."""
    from boxoffice.core.text import clean_name

    return clean_name(text, errors.Words("reason"), cells_max=REASON_CELLS_MAX, digits=True)


def require_years(*times: datetime | None) -> None:
    """Raise InputInvalid for a time that not everything can count with."""
    for time in times:
        if time and not YEAR_MIN <= time.year <= YEAR_MAX:
            raise errors.InputInvalid(
                "a year must be from {first} to {last}", first=YEAR_MIN, last=YEAR_MAX
            )
