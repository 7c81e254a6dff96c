"""When buyers come: by a rate, whatever becomes of those before them, or all at once.

People who come independently of each other, at a mean rate, have exponential gaps between them
(a Poisson process). That is an open model: a slow answer keeps nobody from coming, where a closed
one, so many buyers of whom each waits for their answer, slows itself down with the server
(Schroeder, Wierman, Harchol-Balter: "Open Versus Closed: A Cautionary Tale", NSDI 2006).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from boxoffice.core.errors import InputInvalid

if TYPE_CHECKING:
    from random import Random

    from boxoffice.core.model import Load

BUYERS_MAX = 200_000
RATE_MAX = 100_000.0  # a second
SECONDS_MAX = 86_400.0


def arrivals(load: Load, chance: Random) -> list[float]:
    """Return when each buyer comes, in seconds from the start, in order; raises InputInvalid."""
    if (load.rate is None) == (load.buyers is None):
        raise InputInvalid("give a rate of arrivals, or how many come at once")
    if load.buyers is not None:
        _require("buyers", load.buyers, BUYERS_MAX)
        return [0.0] * load.buyers
    assert load.rate is not None
    _require("rate", load.rate, RATE_MAX)
    _require("seconds", load.seconds, SECONDS_MAX)
    _require("buyers", load.rate * load.seconds, BUYERS_MAX)
    times: list[float] = []
    moment = chance.expovariate(load.rate)
    while moment < load.seconds and len(times) < BUYERS_MAX:
        times.append(moment)
        moment += chance.expovariate(load.rate)
    return times or [0.0]  # a short test at a low rate still has somebody come


def _require(what: str, value: float, most: float) -> None:
    if not 0 < value <= most:
        raise InputInvalid("{what}: above 0 and at most {most:g}", what=what, most=most)
