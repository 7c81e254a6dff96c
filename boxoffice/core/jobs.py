"""The jobs of the workers as rows: made, taken when due, ended, shown."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from boxoffice.core.database import decide
from boxoffice.core.events import SINK_SECONDS
from boxoffice.core.model import Job, WorkerStatus
from boxoffice.core.tables import jobs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

REASON_CHARACTERS_MAX = 300
# A worker takes a job within a second or, where something fails, half a minute; a delivery keeps
# it for a minute at most, and so does a lease of somebody who died.
LATE_SECONDS = 120.0
WORKING, LATE, AWAY = "working", "late", "away"


def register(connection: Connection, names: Mapping[str, bool]) -> None:
    """Make sure that jobs are known, each with whether it is a sink; events go to it from now."""
    for name, sink in names.items():
        made = insert(jobs).values(name=name, sink=sink)
        connection.execute(made.on_conflict_do_update(
            index_elements=["name"], set_={"served_at": func.now()}
        ))  # fmt: skip


def take(
    connection: Connection, name: str, worker: str, *, lease_seconds: float
) -> tuple[bool, float]:
    """Take a job that is due; return whether that was so, and else in how many seconds it is."""
    parameters = {"name": name, "worker": worker, "lease_seconds": lease_seconds}
    row = decide(connection, "take_job", parameters)
    assert row is not None, "a job is registered before it is taken"
    return bool(row[0]), float(row[1])


def end(  # noqa: PLR0913 - who ended what, and how
    connection: Connection,
    name: str,
    worker: str,
    *,
    done: int,
    error: str | None,
    next_seconds: float,
) -> None:
    """Write down how a run ended, unless another worker has the job by now."""
    connection.execute(
        update(jobs)
        .where(jobs.c.name == name, jobs.c.worker == worker)
        .values(
            due_at=func.now() + timedelta(seconds=next_seconds),
            ended_at=func.now(),
            done=done,
            failures=jobs.c.failures + 1 if error else 0,
            last_error=error and error[:REASON_CHARACTERS_MAX],
        )
    )


def read_status(connection: Connection, zone: str) -> WorkerStatus:
    """Return every job and the backlog, as they stand now."""
    backlog = decide(connection, "backlog", {})
    assert backlog is not None, "counting always answers"
    unsent, oldest, waiting, retrying, dead = backlog
    rows = connection.execute(_with_lateness()).all()
    return WorkerStatus(
        state=_state(rows),
        unsent=unsent,
        oldest_seconds=oldest,
        waiting=waiting,
        retrying=retrying,
        dead=dead,
        jobs=tuple(_job(row, ZoneInfo(zone)) for row in rows),
    )


def _with_lateness() -> Any:  # noqa: ANN401 - a query
    late = timedelta(seconds=LATE_SECONDS)
    is_wanted = or_(~jobs.c.sink, jobs.c.served_at > func.now() - timedelta(seconds=SINK_SECONDS))
    return select(
        jobs,
        and_(jobs.c.due_at < func.now() - late, is_wanted).label("late"),
        (jobs.c.served_at > func.now() - late).label("seen"),
    ).order_by(jobs.c.sink, jobs.c.name)


def _state(rows: Sequence[Any]) -> str:
    if not any(row.seen for row in rows):
        return AWAY
    return LATE if any(row.late for row in rows) else WORKING


def _job(row: Any, zone: ZoneInfo) -> Job:  # noqa: ANN401 - a row
    return Job(
        job=row.name,
        sink=row.sink,
        worker=row.worker,
        seen_at=row.served_at.astimezone(zone),
        ended_at=row.ended_at and row.ended_at.astimezone(zone),
        next_at=row.due_at.astimezone(zone),
        done=row.done,
        failures=row.failures,
        error=row.last_error,
        late=row.late,
    )
