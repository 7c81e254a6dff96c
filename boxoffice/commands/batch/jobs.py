"""Lines done by several processes: those of one user in their order, results in that of all.

A user's lines go to one process, by name or by number. A line that names nobody is done alone,
when all before it are done and before any after it; one that names its user the other way than
the line before it is begun when all before it are done.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections import deque
from contextlib import ExitStack, closing, suppress
from importlib import import_module
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any
from zlib import crc32

from boxoffice.commands.batch.acting import Actor
from boxoffice.commands.batch.lines import Line, affinity
from boxoffice.commands.batch.operations import operations
from boxoffice.commands.batch.sets import Sets
from boxoffice.commands.batch.telling import RUN_AGAIN
from boxoffice.core.errors import Interrupted, OutcomeUnknown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection

    from boxoffice.commands.batch.acting import Answer, Manner
    from boxoffice.commands.batch.lines import Lines
    from boxoffice.commands.batch.telling import Tally
    from boxoffice.core.config import Settings

# Forked: that costs milliseconds, and nothing is connected yet.
FORK = multiprocessing.get_context("fork")
# What a job does in sets: more save little, and hold their locks for longer.
SET_LINES_MAX = 32
# What a job has waiting, so that it need not wait for its next set; it fits into the wire, so
# that nobody writes to somebody who is writing.
AHEAD_LINES, AHEAD_BYTES = 2 * SET_LINES_MAX, 32_768
# What is kept for a job that is slower than others, so that they go on.
BACKLOG_BYTES = 1_048_576
WINDOW_LINES = 1_000  # between the first line that is not told yet and the last that was begun
END_SECONDS = 5.0
LOADED = (
    *("boxoffice.core.accounts", "boxoffice.core.booking", "boxoffice.core.events"),
    *("boxoffice.core.outcomes", "boxoffice.core.patience", "boxoffice.core.queue"),
    *("boxoffice.core.schema", "boxoffice.core.tables"),
    *("redis", "sqlalchemy.dialects.postgresql.psycopg"),
)
Result = tuple[int, int, bool, str]


def run_in_jobs(lines: Lines, settings: Settings, manner: Manner, tally: Tally, count: int) -> None:
    """Do the lines in so many processes; raises OutcomeUnknown where one of them ends."""
    _load()
    with ExitStack() as ending:
        jobs: list[Job] = []
        for _ in range(count):
            jobs.append(Job(manner, settings, before=jobs))
            ending.callback(jobs[-1].kill)
        Dispatch(lines, jobs, manner, tally).run()
        for job in jobs:
            job.end()


def _load() -> None:
    """Load once, for all jobs, what each of them will use."""
    for name in LOADED:
        import_module(name)
    operations()
    gc.freeze()  # what all share stays shared


class Job:
    """A process that does lines, and the wire to it.

    It leaves when the parent's end of its wire is closed, so that no other process may keep that
    open: each closes those of the jobs ``before`` it, which it inherits.
    """

    def __init__(self, manner: Manner, settings: Settings, *, before: Sequence[Job] = ()) -> None:
        self._backlog: deque[Line] = deque()
        self._backlog_bytes = 0
        self._sizes: deque[int] = deque()  # of the lines that are on the wire
        self.wire, theirs = FORK.Pipe()
        inherited = [self.wire, *(job.wire for job in before)]
        arguments = (theirs, inherited, manner, settings)
        self._process = FORK.Process(target=_work, args=arguments, daemon=True)
        self._process.start()
        theirs.close()

    @property
    def waiting(self) -> int:
        """How many lines it has not answered yet."""
        return len(self._sizes) + len(self._backlog)

    @property
    def is_full(self) -> bool:
        """Whether it has as many bytes to do as may be kept for it."""
        return self._backlog_bytes >= BACKLOG_BYTES

    def give(self, line: Line) -> None:
        """Give it a line to do after those it has; raises OutcomeUnknown where it has ended."""
        self._backlog.append(line)
        self._backlog_bytes += _size(line)
        self._feed()

    def _feed(self) -> None:
        while self._backlog and self._may_send(self._backlog[0]):
            line = self._backlog.popleft()
            self._backlog_bytes -= _size(line)
            self._sizes.append(_size(line))
            try:
                self.wire.send((line.number, line.text))
            except OSError:
                raise _ended() from None

    def _may_send(self, line: Line) -> bool:
        ahead = len(self._sizes)
        return not ahead or (ahead < AHEAD_LINES and sum(self._sizes) + _size(line) <= AHEAD_BYTES)

    def results(self) -> list[Result]:
        """Take the next results; raises OutcomeUnknown where the process has ended."""
        try:
            results: list[Result] = self.wire.recv()
        except (EOFError, OSError):
            raise _ended() from None
        for _ in results:
            self._sizes.popleft()
        self._feed()
        return results

    def end(self) -> bool:
        """Let it go, who has nothing to do; tell whether it went by itself."""
        self.wire.close()
        self._process.join(END_SECONDS)
        return self._process.exitcode == 0

    def kill(self) -> None:
        """End it wherever it is: its line is done or not done."""
        self._process.kill()
        self._process.join()


class Dispatch:
    """Gives lines to jobs, and tells their results in the order of the lines."""

    def __init__(self, lines: Lines, jobs: list[Job], manner: Manner, tally: Tally) -> None:
        self._lines, self._jobs, self._tally = lines, jobs, tally
        self._stop_on_error = manner.stop_on_error
        self._next: Line | None = None
        self._whose: tuple[str, str] | None = None
        self._form: str | None = None  # how the lines under way name their users
        self._early: dict[int, Result] = {}
        self._is_stopping = False

    def run(self) -> None:
        """Do all lines; raises OutcomeUnknown, AnswerLost, OSError."""
        while True:
            self._begin_what_may()
            is_last = self._is_stopping or (self._lines.ended and self._next is None)
            if is_last and not self._is_under_way():
                return
            self._wait(reading=self._next is None and not is_last)

    def _is_under_way(self) -> bool:
        return any(job.waiting for job in self._jobs)

    def _begin_what_may(self) -> None:
        while not self._is_stopping:
            if self._next is None:
                self._next = self._lines.take()
                if self._next is None:
                    return
                self._whose = affinity(self._next)
            job = self._job_for(self._next)
            if job is None:
                return
            job.give(self._next)
            self._next = None

    def _job_for(self, line: Line) -> Job | None:
        """Return who does a line, None while it must wait."""
        form, user = self._whose or (None, "")
        if (form is None or form != self._form) and self._is_under_way():
            return None
        self._form = form
        job = self._jobs[crc32(user.encode(errors="surrogatepass")) % len(self._jobs)]
        is_near = line.number - self._tally.lines <= WINDOW_LINES
        is_full = job.waiting if self._stop_on_error else job.is_full
        return job if is_near and not is_full else None

    def _wait(self, *, reading: bool) -> None:
        """Wait for a result or, where one is wanted, for a line."""
        busy: dict[Any, Job] = {job.wire: job for job in self._jobs if job.waiting}
        sources: list[Any] = [*busy, self._lines] if reading else [*busy]
        for ready in wait(sources):
            if ready in busy:
                self._hear(busy[ready])
            else:
                self._lines.fill()

    def _hear(self, job: Job) -> None:
        for result in job.results():
            self._early[result[0]] = result
            if self._stop_on_error and result[1]:
                self._is_stopping = True
        while (told := self._early.pop(self._tally.lines + 1, None)) is not None:
            _, exit_code, replayed, text = told
            self._tally.tell(text, exit_code, replayed=replayed)


def _size(line: Line) -> int:
    return len(line.text or b"")


def _ended() -> OutcomeUnknown:
    return OutcomeUnknown("one of the processes has ended in the middle", hint=RUN_AGAIN)


def _work(
    wire: Connection, inherited: list[Connection], manner: Manner, settings: Settings
) -> None:
    """Do lines until there are no more, or nobody to tell."""
    from boxoffice.core.office import Office

    for end in inherited:
        end.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's goes to all: the parent decides
    parent = os.getppid()
    gone = (EOFError, OSError, KeyboardInterrupt, Interrupted)
    with suppress(*gone), closing(Office(settings, dry_run=manner.dry_run)) as office:
        sets = Sets(Actor(office, manner), office, manner)
        while os.getppid() == parent:
            wire.send([_result(answer) for answer in sets.act(_at_hand(wire))])


def _at_hand(wire: Connection) -> list[Line]:
    """Wait for a line, and take what else there is."""
    lines: list[Line] = []
    while not lines or (len(lines) < SET_LINES_MAX and wire.poll()):
        number, text = wire.recv()
        lines.append(Line(number=number, text=text))
    return lines


def _result(answer: Answer) -> Result:
    return answer.number, answer.exit, answer.replayed, answer.written()
