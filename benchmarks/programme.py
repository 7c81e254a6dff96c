"""What is on in a town: clubs by the dozen and some stadiums, each concert several times."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

from stage import PRICE, ROW_SEATS, hall

from boxoffice.core import plans

if TYPE_CHECKING:
    from stage import Stage

PERFORMANCES = 3
CLUB, ARENA, STADIUM = 300, 20_000, 60_000  # seats
# Of a hundred concerts two are in an arena and one in a stadium, the first ones.
ARENAS_IN, STADIUMS_IN = 50, 100


class Programme:
    """So many concerts on sale, each with three performances; more can be added."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.concerts: list[int] = []
        self.performances: dict[int, list[int]] = {}  # by the seats of the hall
        self.seats = 0
        for seats in (CLUB, ARENA, STADIUM):
            file = BytesIO()
            plans.write_plan(hall(self._hall(seats), seats), file)
            file.seek(0)
            stage.office.import_venue(file, key=f"{stage.run}-hall-{seats}")

    def grow(self, concerts: int) -> None:
        """Add concerts until there are so many."""
        for number in range(len(self.concerts), concerts):
            self._concert(number, _seats_of(number))
        # As autovacuum would have done before anybody looks.
        with self.stage.office.stores.bare_database() as connection:
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql("VACUUM ANALYZE")
            connection.exec_driver_sql("RESET statement_timeout")

    def club_seat(self, place: int) -> tuple[int, str]:
        """Return a performance and a seat of the clubs, by a place from 0."""
        performance = self.performances[CLUB][place // CLUB]
        seat = place % CLUB
        return performance, f"{seat // ROW_SEATS + 1}-{seat % ROW_SEATS + 1}"

    def _hall(self, seats: int) -> str:
        return f"House of {seats} {self.stage.run}"

    def _concert(self, number: int, seats: int) -> None:
        office, run = self.stage.office, f"{self.stage.run}-list-{number}"
        made = office.create_concert(f"Concert {run}", self._hall(seats), key=run)
        self.concerts.append(made.id)
        for day in range(PERFORMANCES):
            date = datetime(2098, 1, 1) + timedelta(hours=number, days=200 * day)  # noqa: DTZ001 - the venue's
            prices = {"Any": PRICE}
            done = office.create_performance(str(made.id), date, prices=prices, key=f"{run}-{day}")
            self.performances.setdefault(seats, []).append(done.performance)
            self.seats += seats


def _seats_of(number: int) -> int:
    if number % STADIUMS_IN == 0:
        return STADIUM
    return ARENA if number % ARENAS_IN == 1 else CLUB
