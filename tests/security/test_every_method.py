"""Every operation of the core is one for customers, or refuses them; none is forgotten here."""

from __future__ import annotations

import inspect
import io
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime

from boxoffice.core import errors
from boxoffice.core.model import Caller, HoldOrder, PaymentOrder, Tender
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
DUE = {"relay_events", "sweep"}
ALL = [
    name for name, _ in inspect.getmembers(Office, inspect.isfunction) if not name.startswith("_")
]
FAR = datetime(2099, 1, 1, tzinfo=UTC)
GIVEN = {
    "amount": 1, "caller": staff("user2"), "changes": {"capacity": 9}, "code": "T-1",
    "concert": "1", "count": 1, "date": FAR, "entries": (), "events": (), "key": "k",
    "kind": "house", "load": None, "name": "eve", "opens": FAR, "performance": 1,
    "public_key": "x", "price_type": "adult",
    "prices": {"Standard": 1}, "reason": "why", "seats": ("A-1",), "staff": True, "tell": print,
    "text": "user", "user": "user2", "venue": "Room",
}  # fmt: skip
CARD = Tender(kind="card", note="1")
OWN = {
    "show_queue": {"concert": 1}, "serve": {"concert": 1, "user": 1},
    "reserve_set": {"orders": (HoldOrder(performance=1, seats=("A-1",), user="user2", key="k"),)},
    "pay_set": {"orders": (PaymentOrder(reservation="R-0", user="user2", key="k"),)},
}  # fmt: skip


def ask(office, name, /, **more):
    """Call a method with arguments that staff might give."""
    method = getattr(office, name)
    given = GIVEN | {"file": io.BytesIO(b"x")} | OWN.get(name, {}) | more
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


KEYS = ("", " ", "k" * 201, "k\n", "k\ud800")
HALF = "half \ud800"


def refusals(office, name, changes, **more):
    """Say which of some arguments a method does not refuse as what cannot be meant."""
    wanted = inspect.signature(getattr(office, name)).parameters
    for argument, value in changes:
        if argument not in wanted:
            continue
        try:
            ask(office, name, **more | {argument: value})
        except errors.InputInvalid:
            continue
        except Exception as error:  # noqa: BLE001 - whatever else there is, it is told
            yield f"{name} {argument} {value!r:.30}: {type(error).__name__}"
        else:
            yield f"{name} {argument} {value!r:.30}: done"


def broken(value):
    """Put half a surrogate pair into an argument, as deep as it has text."""
    if isinstance(value, str):
        return HALF
    if isinstance(value, dict):
        return {HALF: 1} if value else None
    if isinstance(value, tuple):
        return (HALF,)
    if isinstance(value, Caller):
        return replace(value, user=HALF)
    return replace(value, note=HALF) if isinstance(value, Tender) else None


def test_no_operation_takes_a_key_or_text_that_no_server_could_keep(world):
    office = world.box.office()
    held = office.reserve(world.performance, staff("user2"), seats=["B-1"], key=key()).reservation
    before = world.box.one("SELECT count(*) FROM operations")
    given = GIVEN | {"reservation": held, "text": "x", "note": "x", "types": ("adult",),
                     "token": "1.x", "stub": "s", "section": "Floor", "tender": CARD}  # fmt: skip
    texts = [(name, broken(value)) for name, value in given.items() if broken(value) is not None]
    taken = []
    for name in ALL:
        more = {"reservation": held}
        taken += refusals(office, name, [("key", each) for each in KEYS], **more)
        taken += refusals(office, name, texts, **more)
    assert taken == []
    assert world.box.one("SELECT count(*) FROM operations") == before
    assert_consistent(world.box)


def test_the_lists_name_operations_that_there_are():
    assert set(ALL) >= THEIRS | DUE
