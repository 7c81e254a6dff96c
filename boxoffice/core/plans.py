"""Venue plans: reads and writes the file format of docs/plans.md."""

from __future__ import annotations

import json
import os
import stat
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO

from boxoffice.core import shapes
from boxoffice.core.errors import InputInvalid, Words
from boxoffice.core.naming import (
    CATEGORIES_MAX,
    RowEntry,
    SeatEntry,
    SectionEntry,
    build_plan,
)
from boxoffice.core.text import clean_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from decimal import Decimal

    from boxoffice.core.model import Plan, PlanSeat

FORMAT = "boxoffice-plan-1"
PLAN_BYTES_MAX = 64 * 1024 * 1024
SEATS_MAX = 100_000
SECTIONS_MAX = 1_000
ROWS_MAX = 20_000
ROW_CELLS_MAX = 20
NUMBER_CELLS_MAX = 20
COORDINATE_MAX = 1_000_000
TEXTS_REMEMBERED_MAX = 4_096
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

    Raises InputInvalid naming the path or the line of the mistake; with ``strict`` also for
    what is otherwise mended and listed in the plan's ``skipped``.
    """
    try:
        entry = shapes.read(file, PLAN, bytes_max=PLAN_BYTES_MAX)
        given = entry.get("name") if name is None else clean_name(name, Words("venue name"))
        if given is None:
            raise InputInvalid("the plan has no 'name'")  # noqa: TRY301 - one place adds the hint
        plan = build_plan(
            name=given,
            time_zone=entry.get("time_zone"),
            focal=entry.get("focal"),
            categories=entry["categories"],
            sections=entry["sections"],
        )
    except InputInvalid as error:
        raise InputInvalid(error.message, hint=HINT) from None
    if strict and plan.skipped:
        raise InputInvalid(plan.skipped[0], hint="without --strict the plan is taken as it is")
    return plan


# --- the file's shape ---


def _text(what: str, cells_max: int) -> shapes.Value:
    """Expect a name; few names are many seats', so those just seen are not checked again."""

    @lru_cache(TEXTS_REMEMBERED_MAX)
    def check(text: str) -> str:
        return clean_name(text, what, cells_max=cells_max, digits=True)

    return shapes.Value(kinds=("string",), words=Words("text"), check=check)


def _number_text() -> shapes.Value:
    text = _text(Words("seat number"), NUMBER_CELLS_MAX)

    def check(value: str | int | Decimal) -> str:
        if not isinstance(value, str | int):
            raise InputInvalid("must be text or a whole number")
        return str(text.check(str(value)))

    return shapes.Value(
        kinds=("string", "number"), words=Words("text or a whole number"), check=check
    )


def _coordinate(value: int | Decimal) -> float:
    if not -COORDINATE_MAX <= value <= COORDINATE_MAX:
        raise InputInvalid("must be from -{most:,} to {most:,}", most=COORDINATE_MAX)
    return float(value)


def _venue_name(text: str) -> str:
    return clean_name(text, Words("venue name"))


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


def _record(
    build: Callable[[dict[str, Any]], Any],
    optional: dict[str, shapes.Shape] | None = None,
    **required: shapes.Shape,
) -> shapes.Record:
    return shapes.Record(
        keys=required | (optional or {}), required=frozenset(required), build=build
    )


FLAG = shapes.Value(kinds=("boolean",), words=Words("true or false"), check=bool)
COORDINATE = shapes.Value(kinds=("number",), words=Words("a number"), check=_coordinate)
CATEGORY = _text(Words("category"), 100)
SEAT = _record(
    lambda values: SeatEntry(**values),
    {"wheelchair": FLAG, "companion": FLAG, "obstructed": FLAG},
    number=_number_text(),
    category=CATEGORY,
    x=COORDINATE,
    y=COORDINATE,
)
ROW = _record(
    lambda values: RowEntry(**values),
    name=_text(Words("row name"), ROW_CELLS_MAX),
    seats=shapes.Items(of=SEAT, what=Words("seats"), count_max=SEATS_MAX),
)
SECTION = _record(
    lambda values: SectionEntry(**values),
    name=_text(Words("section name"), 100),
    rows=shapes.Items(of=ROW, what=Words("rows"), count_max=ROWS_MAX),
)
PLAN = _record(
    dict,
    {
        "name": shapes.Value(kinds=("string",), words=Words("text"), check=_venue_name),
        "time_zone": shapes.Value(kinds=("string",), words=Words("text"), check=_time_zone),
        "focal": _record(lambda at: (at["x"], at["y"]), x=COORDINATE, y=COORDINATE),
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


def _json(value: str | Sequence[str]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _short(number: float) -> str:
    return repr(int(number) if number == int(number) else number)
