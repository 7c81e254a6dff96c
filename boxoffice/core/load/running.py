"""A load test from its first to its last buyer: processes that play them, and what they report."""

from __future__ import annotations

import multiprocessing
import secrets
import signal
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from random import Random
from typing import TYPE_CHECKING

from boxoffice.core.errors import BoxOfficeError, InputInvalid, LocalDiskFailed
from boxoffice.core.load.arrivals import arrivals
from boxoffice.core.load.crew import Arrival
from boxoffice.core.load.house import SEATS_MAX, make_crowd, make_house
from boxoffice.core.load.player import READY, STOP, Part, play
from boxoffice.core.load.populations import choose_kinds
from boxoffice.core.load.reporting import progress, report
from boxoffice.core.load.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from boxoffice.core.load.house import House
    from boxoffice.core.model import Load, LoadProgress, LoadReport
    from boxoffice.core.office import Office

PROCESSES_MAX, ADMITTED_MAX = 64, 1_000_000
START_SECONDS = 0.2  # from when all are ready, so that all begin at the same moment
READY_SECONDS_MAX = 60.0
LOOK_SECONDS = 0.25
DRAIN_SECONDS_MAX = 3_600.0  # after the last arrival; who has not ended by then is unfinished
END_SECONDS_MAX = 30.0  # for the steps in hand when it is stopped
LOST = "process_lost"


@dataclass(slots=True)
class _Player:
    process: BaseProcess
    pipe: Connection
    tally: Tally = field(default_factory=Tally)
    is_open: bool = True


def run(
    office: Office,
    load: Load,
    tell: Callable[[LoadProgress], None],
    is_stopped: Callable[[], bool],
) -> LoadReport:
    """Make a house and its buyers, let them come, and count what came of it.

    `tell` hears how far it is a few times a second; once `is_stopped` says so, nothing new
    begins. Raises InputInvalid, and what making the house raises.
    """
    _require_limits(load)
    chance = Random(load.seed)  # noqa: S311 - a repetition is the point
    run = f"bench-{secrets.token_hex(4)}"
    moments = arrivals(load, chance)
    kinds = choose_kinds(load.mix, len(moments), chance)
    house = make_house(office, run, load, load.seats or min(len(moments), SEATS_MAX))
    make_crowd(office, run, load, kinds)
    coming = [
        Arrival(number=number, seconds=seconds, kind=kind)
        for number, (seconds, kind) in enumerate(zip(moments, kinds, strict=True))
    ]
    with _players(office, house, load, coming) as players:
        began = _start(players)
        last = began + moments[-1] + DRAIN_SECONDS_MAX
        while any(player.is_open for player in players):
            _hear(players, LOOK_SECONDS)
            tell(progress(_sum(players), time.monotonic() - began, len(coming)))
            if is_stopped() or time.monotonic() > last:
                interrupted = is_stopped()
                _stop(players)
                break
        else:
            interrupted = False
    return report(
        office, load, house, _sum(players), began=began, buyers=len(coming), interrupted=interrupted
    )


def _require_limits(load: Load) -> None:
    limits = (
        ("processes", load.processes, PROCESSES_MAX),
        ("admitted", load.admitted, ADMITTED_MAX),
        ("seats", 1 if load.seats is None else load.seats, SEATS_MAX),
    )
    for what, value, most in limits:
        if not 0 < value <= most:
            raise InputInvalid("{what}: from 1 to {most}", what=what, most=most)


@contextmanager
def _players(
    office: Office, house: House, load: Load, coming: Sequence[Arrival]
) -> Iterator[list[_Player]]:
    """Start the processes, each with every n-th buyer, and end them whatever happens.

    They are started anew and not forked: a fork would share this one's connections. Ctrl-C is
    for this one alone to hear.
    """
    context = multiprocessing.get_context("spawn")
    players = []
    try:
        for number in range(load.processes):
            here, there = context.Pipe()
            part = Part(
                settings=replace(office.settings, sources={}),
                house=house,
                seed=load.seed,
                arrivals=list(coming[number :: load.processes]),
            )
            process = context.Process(target=play, args=(part, there), daemon=True)
            with _deaf():
                process.start()
            there.close()  # so that its end is seen here when it dies
            players.append(_Player(process, here))
        yield players
    finally:
        for player in players:
            player.pipe.close()
            player.process.join(END_SECONDS_MAX)
            player.process.kill()


@contextmanager
def _deaf() -> Iterator[None]:
    """Ignore Ctrl-C for a moment: what is started meanwhile ignores it for ever."""
    if threading.current_thread() is not threading.main_thread():  # it may not, and hears none
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _start(players: Sequence[_Player]) -> float:
    """Wait until all are ready, and tell them when to begin; raises what one of them met."""
    for player in players:
        if not player.pipe.poll(READY_SECONDS_MAX):
            raise LocalDiskFailed("a process of buyers does not start", hint="")
        try:
            answer = player.pipe.recv()
        except EOFError:
            raise LocalDiskFailed("a process of buyers did not start", hint="") from None
        if isinstance(answer, BoxOfficeError):
            raise answer
        assert answer == READY
    began = time.monotonic() + START_SECONDS
    for player in players:
        player.pipe.send(began)
    return began


def _hear(players: Sequence[_Player], seconds: float) -> None:
    """Take what was reported within some seconds; one that ended has said all."""
    by_pipe = {player.pipe: player for player in players if player.is_open}
    for pipe in wait(list(by_pipe), seconds):
        player = by_pipe[pipe]  # type: ignore[index]
        try:
            while player.pipe.poll():
                player.tally = player.pipe.recv()
        except (EOFError, OSError):
            player.is_open = False


def _stop(players: Sequence[_Player]) -> None:
    """Let the steps in hand end, and hear what they came to."""
    for player in players:
        with suppress(OSError):
            player.pipe.send(STOP)
    deadline = time.monotonic() + END_SECONDS_MAX
    while any(player.is_open for player in players) and time.monotonic() < deadline:
        _hear(players, LOOK_SECONDS)


def _sum(players: Sequence[_Player]) -> Tally:
    total = Tally()
    for player in players:
        total.merge(player.tally)
        if player.process.exitcode:
            total.failures[LOST] += 1
    return total
