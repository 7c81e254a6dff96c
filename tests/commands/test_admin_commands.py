"""The commands of whoever keeps the programme and the users: what they print, ask and refuse."""

from __future__ import annotations

import pytest

from tests.conftest import PRICE, key, staff
from tests.invariants import assert_consistent

LATER = "2099-12-26T19:30"
OFF = ("--reason", "ill", "--yes")
SEASON = b"concert,date,price:Standard\nConcert,2099-01-01T19:30,7\nConcert,2099-01-02T19:30,7\n"


def state(desk):
    """All that a rehearsal or a refusal must leave as it was."""
    return [
        desk.box.rows(f"SELECT * FROM {table} ORDER BY 1, 2")
        for table in ("performances", "concerts", "users", "accounts", "ledger_entries",
                      "operations", "outbox", "audit", "performance_seats", "reservations")
    ]  # fmt: skip


def sell(desk, seat="A-1"):
    office = desk.world.office
    office.charge(PRICE, "user1", key=key())
    held = office.reserve(desk.world.performance, staff("user1"), seats=[seat], key=key())
    office.pay(held.reservation, staff("user1"), key=key())


CHANGES = {
    "concert create": ("Another", "--venue", "Room"),
    "performance create": ("1", "--date", "2099-01-01T10:00", "-p", "Standard=1"),
    "performance reschedule": ("1", "--date", LATER),
    "performance sale": ("1", "--closes", "2099-12-01T10:00"),
    "performance cancel": ("1", *OFF),
    "concert cancel": ("Concert", *OFF),
    "performance import": ("-",),
    "user add": ("lee",),
    "user correct": ("user1", "--amount", "-5", "--reason", "twice"),
    "user anonymise": ("user1", "--yes"),
}


def given(command):
    return SEASON if command == "performance import" else b""


def test_every_change_is_rehearsed_without_a_trace_and_says_so(desk):
    sell(desk)
    desk.world.office.charge(100, "user1", key=key())
    before = state(desk)
    for command, arguments in CHANGES.items():
        ran = desk.run(*command.split(), *arguments, "--dry-run", "--json", stdin=given(command))
        assert ran.json, command
        assert ran.err == f"would {command}: nothing was changed\n"
    assert state(desk) == before


def test_every_change_is_made_once_a_key_and_told_again_by_status(desk):
    desk.world.office.charge(100, "user1", key=key())
    for command, arguments in CHANGES.items():
        own = f"key of {command}"
        line = (*command.split(), *arguments, "--key", own, "--json")
        first = desk.run(*line, stdin=given(command)).json
        kept = state(desk)
        assert desk.run(*line, stdin=given(command)).json == first | {"replayed": True}, command
        assert state(desk) == kept, command
        told = desk.json("status", own)
        assert (told["command"], told["result"]) == (command, first)
    assert_consistent(desk.box)


def test_quiet_commands_print_the_ids(desk):
    expected = {
        "concert create": "2",
        "performance create": "2",
        "performance reschedule": "1",
        "performance sale": "1",
        "performance import": "3,4",
        "user add": "4",
        "user anonymise": "1",
        "performance cancel": "1",
        "concert cancel": "1",
    }
    for command, ids in expected.items():
        ran = desk.run(*command.split(), *CHANGES[command], "-q", stdin=given(command))
        assert (ran.code, ran.out) == (0, ids + "\n"), command


def test_the_programme_is_listed_for_staff(desk):
    assert desk.json("performance", "list", "1")[0] | {"sale_opens": None} == {
        "performance": 1,
        "state": "open",
        "date": "2099-12-24T19:30:00+09:00",
        "sale_opens": None,
        "sale_closes": "2099-12-24T19:30:00+09:00",
        "total_seats": 50,
        "free_seats": 50,
        "held_seats": 0,
        "sold_seats": 0,
        "blocked_seats": 0,
        "cancelled_at": None,
    }
    assert desk.json("concert", "list", "--fields", "id,name,currency,on_sale") == [
        {"id": 1, "name": "Concert", "currency": "KRW", "on_sale": True}
    ]
    assert [each["name"] for each in desk.json("user", "find", "ser2")] == ["user2"]
    assert desk.refused("performance", "list", "Nothing") == ("concert_not_found", 3)
    for line in (("concert", "list"), ("performance", "list", "1"), ("user", "find", "u")):
        assert desk.refused(*line, BOXOFFICE_ROLE="customer") == ("forbidden", 4)


def test_a_cancelled_performance_tells_what_was_given_back_by_tender(desk):
    sell(desk)
    told = desk.json("performance", "cancel", "1", *OFF)
    assert told.pop("cancelled_at").endswith("+09:00")
    assert told == {
        "performance": 1,
        "state": "cancelled",
        "released": 0,
        "refunded": 1,
        "refunds": [
            {"by": "balance", "reservations": 1, "amount": {"amount": PRICE, "currency": "KRW"}}
        ],
    }


@pytest.mark.parametrize("command", ["performance cancel", "concert cancel", "user anonymise"])
def test_what_cannot_be_undone_is_not_done_unasked(desk, command):
    before = state(desk)
    arguments = [each for each in CHANGES[command] if each != "--yes"]
    assert desk.refused(*command.split(), *arguments) == ("input_invalid", 2)
    assert state(desk) == before


def test_wrong_words_are_refused_with_their_codes(desk):
    before = state(desk)
    for line, code in {
        ("performance", "reschedule", "1", "--date", "soon"): ("input_invalid", 2),
        ("performance", "reschedule", "9", "--date", LATER): ("performance_not_found", 3),
        ("performance", "sale", "1"): ("input_invalid", 2),
        ("performance", "sale", "1", "--closes", "2001-01-01T00:00"): ("input_invalid", 2),
        ("performance", "cancel", "1", "--yes", "--reason", ""): ("input_invalid", 2),
        ("performance", "import", "/nowhere.csv"): ("input_invalid", 2),
        ("performance", "import", "/dev/null"): ("input_invalid", 2),
        ("concert", "cancel", "9", *OFF): ("concert_not_found", 3),
        ("user", "correct", "1", "--amount", "1.5", "--reason", "x"): ("amount_invalid", 4),
        ("user", "correct", "1", "--amount", "-1", "--reason", "x"): ("insufficient_balance", 4),
        ("user", "anonymise", "nobody", "--yes"): ("user_not_found", 3),
    }.items():
        assert desk.refused(*line) == code, line
    for command, arguments in CHANGES.items():
        if command != "user add":  # a clerk's right, too
            line = (*command.split(), *arguments)
            refusal = desk.refused(*line, stdin=given(command), BOXOFFICE_ROLE="clerk")
            assert refusal == ("forbidden", 4), command
    assert state(desk) == before
