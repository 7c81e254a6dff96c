"""The settings of one concert's queue, and with them the start and the end of its draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boxoffice.core.config import SETTABLE
from boxoffice.core.errors import DrawRefused, InputInvalid
from boxoffice.core.queue.scripts import SETTINGS, run

if TYPE_CHECKING:
    from redis import Redis

    from boxoffice.core.config import Settings

STATES = ("closed", "pre", "open", "paused", "drain")


def configure(
    redis: Redis,
    concert: int,
    settings: Settings,
    *,
    seed: str | None = None,
    **changes: str | float | None,
) -> int | None:
    """Change the settings of one concert's queue: ``state`` or a name of SETTINGS.

    None goes back to the default. Where this ends the state ``pre``, the draw by `seed` is
    held, and the number of places in it returned. Raises InputInvalid, and DrawRefused where
    there is nothing to draw; then nothing changes.
    """
    words: list[str | float] = [seed or ""]
    for name, value in check_settings(**changes).items():
        words += [name, "" if value is None else value]
    reply = run(redis, "configure", concert, settings, (), *words)
    if reply[0] == "busy":
        raise DrawRefused("people are in this queue already, so their places are not drawn")
    if reply[0] == "drawn":
        raise DrawRefused
    drawn: int | None = reply[1]
    return drawn


def check_settings(**changes: str | float | None) -> dict[str, str | float | None]:
    """Return settings of a queue as they will be kept; raises InputInvalid."""
    return {name: _checked(name, value) for name, value in changes.items()}


def _checked(name: str, value: str | float | None) -> str | float | None:
    """Check one setting against its limits in config.py."""
    if value is None and name in ("state", *SETTINGS):
        return None
    if name == "state":
        if value not in STATES:
            raise InputInvalid("state must be one of {known}", known=", ".join(STATES))
        return value
    if name not in SETTINGS:
        raise InputInvalid("a queue has no setting {name!r}", name=name)
    spec = SETTABLE[SETTINGS[name]]
    low, high = spec.metadata["low"], spec.metadata["high"]
    whole = spec.type == "int"
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise InputInvalid(
            "{name} must be a whole number" if whole else "{name} must be a number", name=name
        )
    if not low <= value <= high:
        raise InputInvalid("{name} must be from {low:g} to {high:g}", name=name, low=low, high=high)
    return value
