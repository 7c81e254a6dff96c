"""Another counter, without a screen: takes, pays and gives back seats until its stdin ends."""

from __future__ import annotations

import os
import select
import sys
from contextlib import suppress

from boxoffice.core.config import load
from boxoffice.core.errors import BoxOfficeError
from boxoffice.core.model import Caller
from boxoffice.core.office import Office
from tests.fuzz.seeds import chance_of

KEYS = "rival-"
PAUSE_SECONDS = 0.05
HELD_MAX, PAID_SHARE = 8, 0.3
USER = "user3"


def main(performance: int) -> None:
    """Change something, look whether it is over, and again; then tell how often it went well."""
    chance, held, done, number = chance_of("rival"), [], 0, 0
    office, caller = Office(load()), Caller(staff=True, user=USER)
    while not select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
        number += 1
        key = f"{KEYS}{os.getpid()}-{number}"
        with suppress(BoxOfficeError):
            if len(held) >= HELD_MAX:
                office.cancel(held.pop(0), caller, key=key)
            elif held and chance.random() < PAID_SHARE:
                office.pay(chance.choice(held), caller, key=key)
            else:
                best = chance.randint(1, 3)
                held.append(office.reserve(performance, caller, best=best, key=key).reservation)
            done += 1
    office.close()
    sys.stdout.write(f"{done}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
