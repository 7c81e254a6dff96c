"""Venue plans: reads and writes the file format of docs/plans.md."""

from __future__ import annotations

import json
import os
import stat
from collections import deque
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, BinaryIO

from boxoffice.core import shapes
from boxoffice.core.errors import InputInvalid, Words
from boxoffice.core.naming import RowEntry, SeatEntry, SectionEntry, build_plan
from boxoffice.core.plan_parts import (
    CATEGORIES_MAX,
    COORDINATE,
    KEPT,
    POINT,
    ROWS_MAX,
    SEATS_MAX,
    SECTIONS_MAX,
    category_name,
    number_text,
    record,
    row_name,
    section_name,
    venue_name,
)
from boxoffice.core.text import clean_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from boxoffice.core.model import Plan, PlanSeat

FORMAT = "boxoffice-plan-1"
PRETIX_KEY = "zones"
FORMAT_KEYS = ("format", "sections", PRETIX_KEY)
PEEK_BYTES_MAX = 1024 * 1024
PLAN_BYTES_MAX = 64 * 1024 * 1024
HINT = Words("`boxoffice venue example club` prints a plan to start from")


@contextmanager
def open_plan(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a plan file for reading; raises InputInvalid unless it is a regular file."""
    try:
        # Without waiting: opening a pipe that nobody writes to would hang.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or Words("not a file name")
        raise InputInvalid("cannot read the plan: {reason}", hint=HINT, reason=reason) from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise InputInvalid("cannot read the plan: it is not a regular file", hint=HINT)
    with os.fdopen(descriptor, "rb") as file:
        if status.st_size > PLAN_BYTES_MAX:
            raise InputInvalid(
                "the file is larger than {most:,} bytes", hint=HINT, most=PLAN_BYTES_MAX
            )
        yield file


def read_plan(file: BinaryIO, *, name: str | None = None, strict: bool = False) -> Plan:
    """Read a plan of at most 64 MiB; a given ``name`` replaces the file's.

    A seating plan of pretix is known by its keys. Raises InputInvalid naming the path or the
    line of the mistake; with ``strict`` also for what is otherwise mended and listed in the
    plan's ``skipped``.
    """
    try:
        peeked = _Peeked(file)
        entries = _read_pretix(peeked) if peeked.is_pretix else _read_own(peeked)
        given = entries.pop("name", None) if name is None else clean_name(name, Words("venue name"))
        if given is None:
            raise InputInvalid("the plan has no 'name'")  # noqa: TRY301 - one place adds the hint
        plan = build_plan(**entries | {"name": given})
    except InputInvalid as error:
        raise InputInvalid(error.message, hint=HINT) from None
    if strict and plan.skipped:
        raise InputInvalid(plan.skipped[0], hint="without --strict the plan is taken as it is")
    return plan


def _read_own(file: _Peeked) -> dict[str, Any]:
    entries: dict[str, Any] = shapes.read(file, PLAN, bytes_max=PLAN_BYTES_MAX)
    del entries["format"]
    return {"time_zone": None, "focal": None} | entries


def _read_pretix(file: _Peeked) -> dict[str, Any]:
    from boxoffice.core import pretix

    plan = shapes.read(file, pretix.PLAN, bytes_max=PLAN_BYTES_MAX)
    return {"name": plan.get("name"), "time_zone": None} | pretix.entries_of(plan)


class _Peeked:
    """A file that was looked into: what was read of it is read again."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._again: deque[bytes] = deque()
        self.is_pretix = self._find_key() == PRETIX_KEY

    def readline(self, size: int) -> bytes:
        """Read a line, or a piece of at most ``size`` bytes."""
        return self._again.popleft() if self._again else self._file.readline(size)

    def _find_key(self) -> str:
        """Return the first key that only one of the formats has, if it comes soon."""
        import ijson  # type: ignore[import-untyped] # only an import of a plan needs it

        events, depth, left = ijson.sendable_list(), 0, PEEK_BYTES_MAX
        parser = ijson.basic_parse_coro(events)
        with suppress(*shapes.parser_errors()):  # what is broken is told by the reader
            while left > 0 and (piece := self._file.readline(shapes.PIECE_BYTES_MAX)):
                self._again.append(piece)
                left -= len(piece)
                parser.send(piece)
                for event, value in events:
                    depth += event.startswith("start_") - event.startswith("end_")
                    if depth == 1 and value in FORMAT_KEYS:
                        return str(value)
                events.clear()
        return ""


# --- the file's shape ---


def _format(text: str) -> str:
    if text != FORMAT:
        raise InputInvalid("must be {wanted}", wanted=repr(FORMAT))
    return text


def _time_zone(text: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        raise InputInvalid("is not the name of a time zone, such as 'Asia/Seoul'") from None
    return text


FLAG = shapes.Value(kinds=("boolean",), words=Words("true or false"), check=bool)
CATEGORY = category_name()
SEAT = record(
    lambda values: SeatEntry(**values),
    {"wheelchair": FLAG, "companion": FLAG, "obstructed": FLAG},
    number=number_text(),
    category=CATEGORY,
    x=COORDINATE,
    y=COORDINATE,
)
ROW = record(
    lambda values: RowEntry(**values),
    name=row_name(),
    seats=shapes.Items(of=SEAT, what=Words("seats"), count_max=SEATS_MAX),
)
SECTION = record(
    lambda values: SectionEntry(**values),
    name=section_name(),
    rows=shapes.Items(of=ROW, what=Words("rows"), count_max=ROWS_MAX),
)
PLAN = record(
    dict,
    {
        "name": venue_name(),
        "time_zone": shapes.Value(kinds=("string",), words=Words("text"), check=_time_zone),
        "focal": POINT,
        "drawing": record(dict, rest=KEPT),
    },
    format=shapes.Value(kinds=("string",), words=f"{FORMAT!r}", check=_format),
    categories=shapes.Items(of=CATEGORY, what=Words("categories"), count_max=CATEGORIES_MAX),
    sections=shapes.Items(of=SECTION, what=Words("sections"), count_max=SECTIONS_MAX),
)


# --- writing ---


def write_plan(plan: Plan, file: BinaryIO) -> None:
    """Write the plan in the format that ``read_plan`` reads, one seat a line, in UTF-8."""
    file.writelines(line.encode() + b"\n" for line in _written(plan))


def _written(plan: Plan) -> Iterator[str]:
    yield "{"
    yield f' "format": {_json(FORMAT)},'
    yield f' "name": {_json(plan.name)},'
    if plan.time_zone is not None:
        yield f' "time_zone": {_json(plan.time_zone)},'
    yield f' "focal": {{"x": {_short(plan.focal[0])}, "y": {_short(plan.focal[1])}}},'
    yield f' "categories": {_json(plan.categories)},'
    if plan.drawing:
        yield f' "drawing": {_json(plan.drawing)},'
    yield ' "sections": ['
    yield from _written_sections(plan)
    yield " ]"
    yield "}"


def _written_sections(plan: Plan) -> Iterator[str]:
    rows: list[list[PlanSeat]] = [[] for _ in plan.rows]
    for seat in plan.seats:
        rows[seat.row].append(seat)
    for section, name in enumerate(plan.sections):
        yield f'  {{"name": {_json(name)}, "rows": ['
        inside = [at for at, row in enumerate(plan.rows) if row.section == section]
        for at in inside:
            yield f'   {{"name": {_json(plan.rows[at].name)}, "seats": ['
            last = len(rows[at]) - 1
            for n, seat in enumerate(rows[at]):
                yield f"    {_written_seat(seat, plan)}{',' if n < last else ''}"
            yield f"   ]}}{',' if at != inside[-1] else ''}"
        yield f"  ]}}{',' if section < len(plan.sections) - 1 else ''}"


def _written_seat(seat: PlanSeat, plan: Plan) -> str:
    flags = "".join(
        f', "{flag}": true'
        for flag in ("wheelchair", "companion", "obstructed")
        if getattr(seat, flag)
    )
    category = _json(plan.categories[seat.category])
    return (
        f'{{"number": {_json(seat.number)}, "category": {category},'
        f' "x": {_short(seat.x)}, "y": {_short(seat.y)}{flags}}}'
    )


def _json(value: str | Sequence[str] | Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _short(number: float) -> str:
    return repr(int(number) if number == int(number) else number)
