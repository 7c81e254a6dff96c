"""A process that plays buyers, and how the one that started it speaks with it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from boxoffice.core.errors import BoxOfficeError
from boxoffice.core.load.crew import THREADS, Crew

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from boxoffice.core.config import Settings
    from boxoffice.core.load.crew import Arrival
    from boxoffice.core.load.house import House

TOLD_SECONDS = 0.5  # between two reports of a process
READY, STOP = "ready", "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The share of a load test that one process plays."""

    settings: Settings
    house: House
    seed: int
    arrivals: list[Arrival]


def play(part: Part, ear: Connection) -> None:
    """Play buyers from the moment that is told, and report until all have ended.

    Ends, too, when it is told to stop or whoever listens has gone. The libraries are loaded and
    one connection to each server made before; the other connections are made by the buyers.
    """
    from boxoffice.core.office import Office

    office = Office(part.settings, connections=THREADS)
    with suppress(EOFError, OSError):
        try:
            office.show_concert(str(part.house.concert))
            office.list_concerts()
        except BoxOfficeError as error:
            ear.send(error)
        else:
            ear.send(READY)
            _play(Crew(office, part.house, part.seed), part, ear)
    office.close()


def _play(crew: Crew, part: Part, ear: Connection) -> None:
    crew.start(part.arrivals, ear.recv())
    while not crew.is_done():
        if ear.poll(TOLD_SECONDS) and ear.recv() == STOP:
            crew.stop()
        ear.send(crew.tally())
    ear.send(crew.tally())
