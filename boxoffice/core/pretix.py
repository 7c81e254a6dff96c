"""Reads seating plans as pretix keeps them: zones, rows, seats with positions, areas.

The shape is that of pretix's public schema (``seating-plan.schema.json``). What a plan says
beyond seats is kept as it is in the plan's ``drawing``, so that an export can say it again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from boxoffice.core import shapes
from boxoffice.core.areas import ORIGIN, stage_of
from boxoffice.core.errors import InputInvalid, Words
from boxoffice.core.naming import RowEntry, SeatEntry, SectionEntry
from boxoffice.core.plan_parts import (
    CATEGORIES_MAX,
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

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# What people call the place that they look at; its middle is where the best seats are near.
NO_CATEGORY = "Other"
# The columns of what a seat says besides its own: a list each, in the order of the seats.
SEAT_EXTRAS = ("seat_guid", "uuid", "radius", "start_direction")
# Written anew by an export, so not kept twice.
DERIVED = ("name", "rows", "areas", "position", "row_number", "seats", "seat_number", "category")


@dataclass(frozen=True, slots=True)
class _Seat:
    number: str
    category: str
    position: tuple[float, float]
    extras: Mapping[str, Any]


def _kept(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in DERIVED}


SEAT = record(
    lambda v: _Seat(v["seat_number"], v["category"], v["position"], _kept(v)),
    rest=KEPT,
    seat_number=number_text(empty=True),
    category=category_name(empty=True),
    position=POINT,
)
ROW = record(
    dict,
    {"position": POINT},
    rest=KEPT,
    row_number=row_name(empty=True),
    seats=shapes.Items(of=SEAT, what=Words("seats"), count_max=SEATS_MAX),
)
ZONE = record(
    dict,
    {
        "name": section_name(empty=True),
        "position": POINT,
        "areas": shapes.Items(of=KEPT, what=Words("areas"), count_max=ROWS_MAX),
    },
    rest=KEPT,
    rows=shapes.Items(of=ROW, what=Words("rows"), count_max=ROWS_MAX),
)
CATEGORY = record(dict, rest=KEPT, name=category_name())
PLAN = record(
    dict,
    {"name": venue_name(), "size": KEPT},
    rest=KEPT,
    categories=shapes.Items(of=CATEGORY, what=Words("categories"), count_max=CATEGORIES_MAX),
    zones=shapes.Items(of=ZONE, what=Words("zones"), count_max=SECTIONS_MAX),
)


def entries_of(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``build_plan`` takes, of a file that was read by the shape ``PLAN``."""
    taken = _Taken()
    sections = [
        entry for at, zone in enumerate(plan["zones"]) if (entry := taken.section(at, zone))
    ]
    taken.report_repeated_ids(plan["zones"])
    drawing = {
        "plan": {k: v for k, v in _kept(plan).items() if k not in ("categories", "zones", "size")},
        "size": plan.get("size"),
        "categories": [_kept(category) for category in plan["categories"]],
        "zones": taken.zones,
        "rows": taken.rows,
        "seats": taken.seat_columns(),
    }
    return {
        "focal": stage_of(plan["zones"]),
        "categories": [category["name"] for category in plan["categories"]],
        "sections": sections,
        "findings": taken.findings,
        "drawing": drawing,
    }


@dataclass(slots=True)
class _Taken:
    """What was taken so far, and what had to be mended for it."""

    findings: list[Words] = field(default_factory=list)
    zones: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    extras: list[Mapping[str, Any]] = field(default_factory=list)

    def section(self, at: int, zone: Mapping[str, Any]) -> SectionEntry | None:
        """Take a zone; one without seats is no section, but its areas are kept."""
        path = f"zones[{at}]"
        seated = any(row["seats"] for row in zone["rows"])
        name = zone.get("name") or zone.get("zone_id") or ""
        if seated and not (isinstance(name, str) and name):
            name = f"Zone {at + 1}"
            self._mend(f"{path}.name", Words("is missing; named {name!r}", name=name))
        self.zones.append(
            _kept(zone)
            | {
                "name": zone.get("name", ""),
                "seated": seated,
                "position": zone.get("position", ORIGIN),
                "areas": zone.get("areas", []),
            }
        )
        if not seated:
            return None
        rows = [
            self._row(f"{path}.rows[{n}]", n, row, zone.get("position", ORIGIN))
            for n, row in enumerate(zone["rows"])
        ]
        return SectionEntry(name=str(name), rows=rows, path=path)

    def _row(
        self, path: str, at: int, row: Mapping[str, Any], zone: tuple[float, float]
    ) -> RowEntry:
        own = row.get("position", ORIGIN)
        name = row["row_number"]
        if not name:
            name = str(at + 1)
            self._mend(f"{path}.row_number", Words("is empty; named {name!r}", name=name))
        self.rows.append(_kept(row) | {"position": own})
        self.extras.extend(seat.extras for seat in row["seats"])
        seats = [
            self._seat(f"{path}.seats[{n}]", n, seat, (zone[0] + own[0], zone[1] + own[1]))
            for n, seat in enumerate(row["seats"])
        ]
        return RowEntry(name=name, seats=seats)

    def _seat(self, path: str, at: int, seat: _Seat, origin: tuple[float, float]) -> SeatEntry:
        number, category = seat.number, seat.category
        if not number:
            number = str(at + 1)
            self._mend(f"{path}.seat_number", Words("is empty; numbered {n!r}", n=number))
        if not category:
            category = NO_CATEGORY
            self._mend(f"{path}.category", Words("is empty; {name!r}", name=category))
        return SeatEntry(
            number=number,
            category=category,
            x=origin[0] + seat.position[0],
            y=origin[1] + seat.position[1],
        )

    def _mend(self, path: str, problem: Words) -> None:
        self.findings.append(Words("{path}: {problem}", path=path, problem=problem))

    def report_repeated_ids(self, zones: list[Mapping[str, Any]]) -> None:
        """Report every seat whose id another has; each is kept, by its label."""
        seen: Counter[Any] = Counter()
        for path, seat in _seats(zones):
            guid = seat.extras.get("seat_guid")
            if isinstance(guid, dict | list):
                raise InputInvalid("{path}.seat_guid: must be text", path=path)
            seen[guid] += 1
            if guid is not None and seen[guid] > 1:
                self._mend(f"{path}.seat_guid", Words("{guid!r} repeats; kept", guid=guid))

    def seat_columns(self) -> dict[str, list[Any]]:
        """Return what seats say besides their own, a list for each key that any seat has."""
        return {
            key: [extras.get(key) for extras in self.extras]
            for key in SEAT_EXTRAS
            if any(key in extras for extras in self.extras)
        }


def _seats(zones: list[Mapping[str, Any]]) -> Iterator[tuple[str, _Seat]]:
    for z, zone in enumerate(zones):
        for r, row in enumerate(zone["rows"]):
            for s, seat in enumerate(row["seats"]):
                yield f"zones[{z}].rows[{r}].seats[{s}]", seat
