"""A dry run leaves nothing: every table and the queue are as they were."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import PRICE, key, staff

HALL = Path(__file__).parents[2] / "docs" / "plans" / "club.json"

LATER = "2099-12-26T19:30"
OFF = ("--reason", "ill", "--yes")
TABLES = (
    "SELECT table_name FROM information_schema.tables"
    " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
)
SEASON = b"concert,date,price:Standard\nConcert,2099-01-01T19:30,7\nConcert,2099-01-02T19:30,7\n"
BATCH = b'{"command": "charge", "user": "user1", "amount": 5}\n'
PAID_IN = b"user,amount\nuser1,5\n"
COMMANDS = {
    ("concert", "create", "Another", "--venue", "Room"): b"",
    ("concert", "cancel", "Concert", *OFF): b"",
    ("performance", "create", "1", "--date", "2099-01-01T10:00", "-p", "Standard=1"): b"",
    ("performance", "reschedule", "1", "--date", LATER): b"",
    ("performance", "sale", "1", "--closes", "2099-12-01T10:00"): b"",
    ("performance", "cancel", "1", *OFF): b"",
    ("performance", "import", "-"): SEASON,
    ("performance", "set-price", "1", "-p", "Standard:child=1", "-p", "Standard=2"): b"",
    ("performance", "block", "1", "--row", "D", "--kind", "house"): b"",
    ("performance", "unblock", "1", "--row", "E"): b"",
    ("user", "add", "lee"): b"",
    ("user", "correct", "user1", "--amount", "-5", "--reason", "twice"): b"",
    ("user", "anonymise", "user1", "--yes"): b"",
    ("charge", "5", "--user", "user1"): b"",
    ("charge", "--from", "-"): PAID_IN,
    ("queue", "set", "1", "--capacity", "7"): b"",
    ("queue", "pause", "1"): b"",
    ("queue", "close", "1"): b"",
    ("outbox", "retry", "--all"): b"",
    ("outbox", "discard", "pay:given-up"): b"",
    ("batch", "-", "--staff"): BATCH,
}


def everything(desk):
    """Return every row of every table, and the queue in figures."""
    rows = {
        table: sorted(map(repr, desk.box.rows(f"SELECT * FROM {table}")))
        for (table,) in desk.box.rows(TABLES)
    }
    status = desk.world.office.queue_status("Concert")
    return rows | {"queue": (status.state, status.waiting, status.admitted, status.settings)}


def give_up_an_event(box) -> None:
    """Let somebody have been told of the payment in vain."""
    box.execute("UPDATE outbox SET dedupe_key = 'pay:given-up' WHERE type = 'reservation.paid'")
    box.execute(
        "INSERT INTO deliveries SELECT performance_id, id, 'file', 'dead', 16, now(), 'it hung'"
        " FROM outbox WHERE dedupe_key = 'pay:given-up'"
    )


def test_a_rehearsal_leaves_every_table_and_the_queues_as_they_were(desk):
    office, number = desk.world.office, desk.world.performance
    office.charge(3 * PRICE, "user1", key=key())
    paid = office.reserve(number, staff("user1"), seats=["A-1"], key=key()).reservation
    office.pay(paid, staff("user1"), key=key())
    office.reserve(number, staff("user1"), seats=["A-2"], key=key())
    office.block_seats(number, row="E", kind="house", key=key())
    office.enqueue("Concert", "user1")
    office.relay_events()
    give_up_an_event(desk.box)
    before = everything(desk)
    for command, stdin in COMMANDS.items():
        ran = desk.run(*command, "--dry-run", "--key", "rehearsed", "--json", stdin=stdin)
        assert ran.code == 0, (command, ran.err)
    assert everything(desk) == before
    assert office.add_user("lee", key="rehearsed").replayed is False


def test_a_rehearsal_tells_no_number_of_what_it_would_make(desk):
    made = {
        "venue": ("venue", "import", str(HALL), "--name", "Other"),
        "id": ("concert", "create", "Another", "--venue", "Room"),
        "performance": ("performance", "create", "1", "--date", LATER, "-p", "Standard=1"),
        "performances": ("performance", "import", "-"),
        "user": ("user", "add", "lee"),
        "entry": ("charge", "5", "--user", "user1"),
    }
    for number, command in made.items():
        stdin = COMMANDS.get(command, b"")
        told = desk.run(*command, "--dry-run", "--json", stdin=stdin).json
        assert told[number] is None, command
        assert desk.run(*command, "--dry-run", "-q", stdin=stdin).out == "", command
        piped = desk.run(*command, "--dry-run", stdin=stdin).out
        assert "" in piped.rstrip("\n").split("\t"), command
    corrected = ("user", "correct", "user1", "--amount", "5", "--reason", "owed", "--dry-run")
    assert desk.json(*corrected)["entry"] is None
    rows = desk.run("charge", "--from", "-", "--dry-run", stdin=PAID_IN).out
    assert rows == "1\t5\t5\t\tfalse\n"


def test_a_rehearsal_of_what_is_done_already_tells_its_number(desk):
    done = desk.json("user", "add", "lee", "--key", "once")
    again = desk.json("user", "add", "lee", "--key", "once", "--dry-run")
    assert again == done | {"replayed": True}
