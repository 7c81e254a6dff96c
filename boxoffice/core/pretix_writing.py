"""Writes a plan as pretix keeps it; what only our own format can say is left out."""

from __future__ import annotations

import json
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from boxoffice.core.model import Plan, PlanSeat

ORIGIN = (0.0, 0.0)
MARGIN = 50
DECIMALS = 6  # what is left of a sum of two positions after the first is taken away again
PALETTE = ("#7f4a91", "#3b7dd8", "#2f9e62", "#d99a2b", "#c94f4f", "#5a6b7b")


def write_pretix(plan: Plan, file: BinaryIO) -> None:
    """Write the plan by pretix's public schema, in UTF-8."""
    writer = _Writer(plan)
    document = {
        **writer.kept,
        "name": plan.name,
        "size": plan.drawing.get("size") or _size(plan),
        "categories": writer.categories(),
        "zones": list(writer.zones()),
    }
    file.write(json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n")


class _Writer:
    """One plan, and what was kept of the file that it came from."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._drawing = plan.drawing
        self.kept: dict[str, Any] = dict(self._drawing.get("plan", {}))
        # A plan of our own has no ids but its labels, and no row or zone that begins elsewhere.
        self._columns: Mapping[str, Sequence[Any]] = self._drawing.get("seats") or {
            "seat_guid": [seat.label for seat in plan.seats]
        }
        self._numbers = {id(seat): number for number, seat in enumerate(plan.seats)}
        self._rows: dict[int, list[PlanSeat]] = {
            row: list(seats) for row, seats in groupby(plan.seats, key=attrgetter("row"))
        }

    def categories(self) -> list[dict[str, Any]]:
        """Return every category with what was kept of it, or with a colour to tell it by."""
        kept = self._drawing.get("categories") or [
            {"color": PALETTE[number % len(PALETTE)]}
            for number in range(len(self._plan.categories))
        ]
        return [
            (kept[number] if number < len(kept) else {}) | {"name": name}
            for number, name in enumerate(self._plan.categories)
        ]

    def zones(self) -> Iterator[dict[str, Any]]:
        """Yield the zones: each section, and in their places those that have areas alone."""
        drawn = self._drawing.get("zones") or [
            {"name": name, "seated": True} for name in self._plan.sections
        ]
        section = 0
        for zone in drawn:
            own = {key: value for key, value in zone.items() if key != "seated"}
            position = tuple(zone.get("position", ORIGIN))
            rows = list(self._zone_rows(section, position)) if zone["seated"] else []
            section += zone["seated"]
            yield own | {
                "position": _point(position),
                "rows": rows,
                "areas": zone.get("areas", []),
            }

    def _zone_rows(self, section: int, zone: tuple[float, ...]) -> Iterator[dict[str, Any]]:
        kept = self._drawing.get("rows", [])
        for number, row in enumerate(self._plan.rows):
            if row.section != section:
                continue
            own = kept[number] if number < len(kept) else {}
            position = tuple(own.get("position", ORIGIN))
            origin = (zone[0] + position[0], zone[1] + position[1])
            yield own | {
                "row_number": row.name,
                "position": _point(position),
                "seats": [self._seat(seat, origin) for seat in self._rows.get(number, [])],
            }

    def _seat(self, seat: PlanSeat, origin: tuple[float, float]) -> dict[str, Any]:
        number = self._numbers[id(seat)]
        said = {key: column[number] for key, column in self._columns.items()}
        return {key: value for key, value in said.items() if value is not None} | {
            "seat_number": seat.number,
            "category": self._plan.categories[seat.category],
            "position": _point((seat.x - origin[0], seat.y - origin[1])),
        }


def _point(at: Sequence[float]) -> dict[str, float]:
    return {axis: _short(round(value, DECIMALS)) for axis, value in zip("xy", at, strict=True)}


def _short(number: float) -> float:
    return int(number) if number == int(number) else number


def _size(plan: Plan) -> dict[str, int]:
    """Return a size that holds every seat with a margin."""
    return {
        "width": round(max(seat.x for seat in plan.seats)) + MARGIN,
        "height": round(max(seat.y for seat in plan.seats)) + MARGIN,
    }
