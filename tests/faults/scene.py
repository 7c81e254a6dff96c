"""The sale that a campaign attacks: a small hall, a few customers with money, a short hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from boxoffice.core.config import load
from boxoffice.core.office import Office
from tests.conftest import PRICE, SHOW, Servers, import_plan, key, small_plan
from tests.faults.proxy import PORT

if TYPE_CHECKING:
    from pathlib import Path

    from boxoffice.core.config import Settings
    from tests.faults.plans import Plan

BALANCE = 20 * PRICE
ADMITTED_MAX = 2


def settings(folder: Path, servers: Servers, database: str, plan: Plan) -> Settings:
    """Return the settings of who goes to the servers directly."""
    return load(
        {
            "BOXOFFICE_HOME": str(folder),
            "BOXOFFICE_DATABASE_URL": servers.named(database),
            "BOXOFFICE_REDIS_URL": servers.redis_url,
            "BOXOFFICE_ROLE": "admin",
            "BOXOFFICE_HOLD_SECONDS": str(plan.hold_seconds),
            "BOXOFFICE_QUEUE_CAPACITY": str(ADMITTED_MAX),
            "BOXOFFICE_QUEUE_RATE_PER_MINUTE": "60000",
        }
    )


def through(direct: Settings, folder: Path, database: str) -> Settings:
    """Return the settings of who goes through the proxy that listens in a folder."""
    url = f"postgresql+psycopg://boxoffice@/{database}?host={folder}&port={PORT}"
    return replace(direct, database_url=url)


def build(direct: Settings, plan: Plan) -> dict[str, Any]:
    """Make the sale, and return what workers must know of it."""
    office = Office(direct)
    hall = small_plan(rows=plan.rows, seats=plan.seats)
    import_plan(office, hall)
    concert = office.create_concert("Concert", "Room", key=key()).id
    performance = office.create_performance(
        str(concert), SHOW, prices={"Standard": PRICE}, key=key()
    ).performance
    users = tuple(f"user{number}" for number in range(1, plan.users + 1))
    slots = range(plan.staff, plan.staff + plan.customers)
    for user in (*users, *(f"customer{slot}" for slot in slots)):
        office.add_user(user, key=key())
        office.charge(BALANCE, user, key=key())
    office.close()
    labels = tuple(seat.label for seat in hall.seats)
    return {"concert": concert, "performance": performance, "users": users, "labels": labels}
