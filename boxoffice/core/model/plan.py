"""What a venue is made of, as a plan file says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSeat:
    """A seat of a plan; ``x`` and ``y`` are map units, ``section`` and ``row`` are indexes."""

    label: str
    section: int
    row: int
    number: str
    category: int
    x: float
    y: float
    wheelchair: bool = False
    companion: bool = False
    obstructed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """A row of a plan and the index of its section."""

    section: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A venue as a plan file describes it; seats refer to the other lists by index.

    ``focal`` is the point that the best seats are near (the middle of the stage); ``drawing``
    is what else the file says of how the plan is drawn (docs/plans.md).
    """

    name: str
    time_zone: str | None
    focal: tuple[float, float]
    categories: tuple[str, ...]
    sections: tuple[str, ...]
    rows: tuple[PlanRow, ...]
    seats: tuple[PlanSeat, ...]
    skipped: tuple[str, ...] = ()
    drawing: Mapping[str, Any] = field(default_factory=dict)
