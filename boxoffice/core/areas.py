"""What a plan draws beside its seats: the stage, and whatever else has a name and a place.

Areas are kept as pretix has them, unread; here they are read as far as can be shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boxoffice.core.model import Area
from boxoffice.core.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ORIGIN = (0.0, 0.0)
AREAS_SHOWN_MAX = 100
FAR = 1e9  # what lies beyond was never meant
STAGES = ("stage", "bühne", "podium", "scène", "escenario", "palco", "무대", "舞台")


def stage_of(zones: Sequence[Mapping[str, Any]]) -> tuple[float, float] | None:
    """Return the middle of the first area that is called a stage, or None."""
    for zone in zones:
        for area in zone.get("areas", ()):
            if any(word in _text_of(area).casefold() for word in STAGES):
                x, y = zone.get("position", ORIGIN)
                across, along = _middle(area)
                return x + across, y + along
    return None


def named_areas(zones: Any) -> tuple[Area, ...]:  # noqa: ANN401 - as the database kept them
    """Return the first AREAS_SHOWN_MAX areas with a name, but for the stage, of a kept drawing."""
    areas = []
    for zone in zones:
        x, y = zone.get("position") or ORIGIN
        for area in zone.get("areas") or ():
            name = visible(" ".join(_text_of(area).split()))
            if name and not any(word in name.casefold() for word in STAGES):
                across, along = _middle(area)
                areas.append(Area(name=name, x=x + across, y=y + along))
    return tuple(areas[:AREAS_SHOWN_MAX])


def _text_of(area: Any) -> str:  # noqa: ANN401 - kept as the file has it
    text = area.get("text") if isinstance(area, dict) else None
    said = text.get("text") if isinstance(text, dict) else text  # a text alone in older plans
    return said if isinstance(said, str) else ""


def _middle(area: Mapping[str, Any]) -> tuple[float, float]:
    """Return the middle of an area: a rectangle hangs from its position, others lie around it."""
    x, y = _point(area.get("position"))
    shape = area.get("rectangle", area)
    if isinstance(shape, dict) and area.get("shape", "rectangle") == "rectangle":
        return x + _number(shape.get("width")) / 2, y + _number(shape.get("height")) / 2
    return x, y


def _point(value: Any) -> tuple[float, float]:  # noqa: ANN401
    at = value if isinstance(value, dict) else {}
    return _number(at.get("x")), _number(at.get("y"))


def _number(value: Any) -> float:  # noqa: ANN401
    is_near = isinstance(value, int | float) and abs(value) <= FAR
    return float(value) if is_near else 0.0
