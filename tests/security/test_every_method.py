"""Every operation of the core is one for customers, or refuses them; none is forgotten here."""

from __future__ import annotations

import inspect
import io
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from boxoffice.core import errors
from boxoffice.core.office import Office
from tests.conftest import key, staff
from tests.invariants import assert_consistent

# What customers and the public may ask: about everybody's things, or by their own token.
THEIRS = {
    "balance", "charge", "clock", "close", "enqueue", "leave", "list_concerts", "list_prices",
    "list_reservations", "position", "queue_draw", "settle", "show_concert", "show_user", "status",
    "hold_draw",  # tells everybody of a draw that was held; to hold one is change_queue
}  # fmt: skip
# Housekeeping that does only what is due, whoever asks for it; every command sweeps.
DUE = {"forget_old", "relay_events", "release_blocks", "sweep"}
ALL = [
    name for name, _ in inspect.getmembers(Office, inspect.isfunction) if not name.startswith("_")
]
FAR = datetime(2099, 1, 1, tzinfo=UTC)
GIVEN = {
    "amount": 1, "caller": staff("user2"), "changes": {"capacity": 9}, "code": "T-1",
    "concert": "1", "count": 1, "date": FAR, "entries": (), "events": (), "key": "k",
    "kind": "house", "name": "eve", "opens": FAR, "performance": 1, "price_type": "adult",
    "prices": {"Standard": 1}, "reason": "why", "seats": ("A-1",), "staff": True, "tell": print,
    "text": "user", "user": "user2", "venue": "Room",
}  # fmt: skip
OWN = {"show_queue": {"concert": 1}, "serve": {"concert": 1, "user": 1}}


def ask(office, name, **more):
    """Call a method with arguments that staff might give."""
    method = getattr(office, name)
    given = GIVEN | {"file": io.BytesIO(b"x")} | more | OWN.get(name, {})
    wanted = inspect.signature(method).parameters
    asked = method(**{each: value for each, value in given.items() if each in wanted})
    if isinstance(asked, AbstractContextManager):
        with asked:
            pass


def test_what_is_not_for_customers_refuses_them(world):
    office = world.box.office()
    held = office.reserve(world.performance, staff("user2"), seats=["B-1"], key=key()).reservation
    customer = world.box.office(role="customer", user="user1")
    allowed = []
    for name in sorted(set(ALL) - THEIRS - DUE):
        try:
            ask(customer, name, reservation=held)
        except errors.Forbidden:
            continue
        except errors.BoxOfficeError as error:
            allowed.append(f"{name}: {error.code}")
        else:
            allowed.append(name)
    assert allowed == []
    assert world.box.one("SELECT count(*) FROM operations WHERE key = 'k'") == 0
    assert_consistent(world.box)


def test_the_lists_name_operations_that_there_are():
    assert set(ALL) >= THEIRS | DUE
