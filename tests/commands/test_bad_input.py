"""Whatever is typed: one line, a code, a documented exit code, and nothing changed."""

from __future__ import annotations

import os

import pytest

from tests.conftest import key

HUGE = str(10**30)
UNKNOWN_RESERVATION = "R-1JWK-29B2-6KCH-QRA"
STAFF = ("--staff", "--user", "user1")

REFUSALS = [
    # unknown, huge, negative and empty names
    (("show-concert", "999"), "concert_not_found", 3),
    (("show-concert", HUGE), "concert_not_found", 3),
    (("show-concert", ""), "concert_not_found", 3),
    (("show-concert", "-1"), "input_invalid", 2),
    (("show-concert", "\x1b[31mred"), "concert_not_found", 3),
    (("show-concert", "x" * 100_000), "concert_not_found", 3),
    (("list-dates", HUGE, "--staff"), "concert_not_found", 3),
    (("list-seats", HUGE, "--staff"), "performance_not_found", 3),
    (("list-seats", "0", "--staff"), "performance_not_found", 3),
    (("list-seats", "x", "--staff"), "input_invalid", 2),
    (("list-seats", "9" * 5_000, "--staff"), "input_invalid", 2),
    (("list-seats", "-3", "--staff"), "input_invalid", 2),
    (("reserve", HUGE, "--seat", "A-1", *STAFF), "performance_not_found", 3),
    (("reserve", "0", "--best", "1", *STAFF), "performance_not_found", 3),
    (("enqueue", "1", "--user", "nobody"), "user_not_found", 3),
    (("enqueue", HUGE, "--user", "user1"), "concert_not_found", 3),
    (("enqueue", "1", "--user", ""), "input_invalid", 2),
    (("balance", "--user", HUGE), "user_not_found", 3),
    (("balance", "--user", "-1"), "user_not_found", 3),
    (("list-reservations", "--user", "nobody"), "user_not_found", 3),
    (("pay", UNKNOWN_RESERVATION, *STAFF), "reservation_not_found", 3),
    (("pay", "1", *STAFF), "reservation_not_found", 3),
    (("pay", "", *STAFF), "reservation_not_found", 3),
    (("cancel", "R-" + "Z" * 50, *STAFF), "reservation_not_found", 3),
    (("status", "never-used"), "operation_not_seen", 6),
    (("status", ""), "input_invalid", 2),
    # seats
    (("reserve", "1", *STAFF), "input_invalid", 2),
    (("reserve", "1", "--seat", "A-1", "--best", "1", *STAFF), "input_invalid", 2),
    (("reserve", "1", "--seat", "A-1", "--seat", "A-1", *STAFF), "input_invalid", 2),
    (("reserve", "1", "--seat", "A-1", "--section", "Floor", *STAFF), "input_invalid", 2),
    (("reserve", "1", "--seat", "Z-99", *STAFF), "seat_not_found", 3),
    (("reserve", "1", "--seat", "", *STAFF), "seat_not_found", 3),
    (("reserve", "1", "--seat", "A-1;--", *STAFF), "seat_not_found", 3),
    (("reserve", "1", "--best", "0", *STAFF), "input_invalid", 2),
    (("reserve", "1", "--best", "-1", *STAFF), "input_invalid", 2),
    (("reserve", "1", "--best", "11", *STAFF), "too_many_seats", 4),
    (("reserve", "1", "--best", HUGE, *STAFF), "too_many_seats", 4),
    (("reserve", "1", "--best", "1", "--section", "Nowhere", *STAFF), "input_invalid", 2),
    (("reserve", "1", "--best", "1", "--staff"), "input_invalid", 2),
    (("reserve", "1", "--best", "1", "--user", "user1"), "input_invalid", 2),
    (("reserve", "1", "--best", "1", *STAFF, "--token", "x"), "input_invalid", 2),
    (("list-seats", "1", "--best", "0", "--staff"), "input_invalid", 2),
    # amounts
    (("charge", "0", "--user", "user1"), "amount_invalid", 4),
    (("charge", "-5", "--user", "user1"), "amount_invalid", 4),
    (("charge", "--", "+-5", "--user", "user1"), "input_invalid", 2),
    (("charge", "+-5", "--user", "user1"), "amount_invalid", 4),
    (("charge", "--5", "--user", "user1"), "amount_invalid", 4),
    (("charge", HUGE, "--user", "user1"), "amount_invalid", 4),
    (("charge", "9" * 5_000, "--user", "user1"), "amount_invalid", 4),
    (("charge", "1e3", "--user", "user1"), "amount_invalid", 4),
    (("charge", "1.5", "--user", "user1"), "amount_invalid", 4),
    (("charge", "1_000", "--user", "user1"), "amount_invalid", 4),
    (("charge", "", "--user", "user1"), "amount_invalid", 4),
    (("charge", "nan", "--user", "user1"), "amount_invalid", 4),
    (("charge", "5", "--user", "user1", "--currency", ""), "input_invalid", 2),
    (("charge", "5", "--user", "user1", "--currency", "WON!"), "input_invalid", 2),
    # keys
    (("charge", "5", "--user", "user1", "--key", ""), "input_invalid", 2),
    (("charge", "5", "--user", "user1", "--key", "a\x1bb"), "input_invalid", 2),
    (("charge", "5", "--user", "user1", "--key", "k" * 201), "input_invalid", 2),
    # names
    (("user", "add", ""), "input_invalid", 2),
    (("user", "add", "  "), "input_invalid", 2),
    (("user", "add", "12"), "input_invalid", 2),
    (("user", "add", "a\nb"), "input_invalid", 2),
    (("user", "add", "\x1b]0;title\x07"), "input_invalid", 2),
    (("user", "add", "a\u202eb"), "input_invalid", 2),
    (("user", "add", "\u200b"), "input_invalid", 2),
    (("user", "add", "x" * 101), "input_invalid", 2),
    (("user", "add", "lone \udc80 byte"), "input_invalid", 2),
    (("user", "add", "user1"), "name_taken", 5),
    (("concert", "create", "Concert", "--venue", "Room"), "name_taken", 5),
    (("concert", "create", "Other", "--venue", HUGE), "venue_not_found", 3),
    (("concert", "create", "Other", "--venue", "Nowhere"), "venue_not_found", 3),
    (("concert", "create", "Other", "--venue", "Room", "--currency", "KRWX"), "input_invalid", 2),
    # options
    (("list-concerts", "--fields", ""), "input_invalid", 2),
    (("list-concerts", "--fields", "id,"), "input_invalid", 2),
    (("list-concerts", "--fields", "id,secret"), "input_invalid", 2),
    (("list-concerts", "--fields", "\x1b[2J"), "input_invalid", 2),
    (("list-concerts", "extra"), "input_invalid", 2),
    (("list-concerts", "--nope"), "input_invalid", 2),
    (("charge",), "input_invalid", 2),
    (("frobnicate",), "input_invalid", 2),
    (("venue", "frobnicate"), "input_invalid", 2),
    (("venue", "example", "opera"), "input_invalid", 2),
    (("position", "--timeout", "5"), "input_invalid", 2),
    (("position", "--wait", "--timeout", "nan"), "input_invalid", 2),
    (("position", "--wait", "--timeout", "inf"), "input_invalid", 2),
    (("position", "--wait", "--timeout", "-1"), "input_invalid", 2),
    (("position", "--wait", "--timeout", "soon"), "input_invalid", 2),
    # tokens
    (("position",), "token_invalid", 4),
    (("position", "--token", "x"), "token_invalid", 4),
    (("position", "--token", ""), "token_invalid", 4),
    (("position", "--token", "c1-" + "0" * 34), "token_invalid", 4),
    (("leave", "--token", "c" + HUGE + "-" + "0" * 34), "token_invalid", 4),
    (("pay", UNKNOWN_RESERVATION), "token_invalid", 4),
    # the servers belong to others here
    (("store", "stop"), "store_not_embedded", 4),
    (("store", "status"), "store_not_embedded", 4),
]


def counts(box) -> tuple[int, ...]:
    """Count everything that a command could have made."""
    tables = ("users", "concerts", "performances", "reservations", "ledger_entries", "operations")
    return tuple(box.one(f"SELECT count(*) FROM {table}") for table in tables)


def test_what_cannot_be_meant_gets_a_code_and_changes_nothing(desk, subtests):
    before = counts(desk.box)
    for arguments, code, exit_code in REFUSALS:
        with subtests.test(ascii(" ".join(arguments)[:60])):
            assert desk.refused(*arguments) == (code, exit_code)
    assert counts(desk.box) == before


@pytest.mark.parametrize("form", ["human", "json"])
def test_an_error_never_sends_what_was_typed_to_the_terminal_as_control(desk, form):
    options = ("--json",) if form == "json" else ()
    ran = desk.run("show-concert", "\x1b[31m\x9bred\u202e[bold]", *options)
    assert not set(ran.err) & set("\x1b\x9b\u202e")
    assert "[bold]" in ran.err


def test_an_error_is_one_line_however_much_was_typed(desk):
    ran = desk.run("show-concert", "x" * 100_000)
    assert len(ran.err) < 700
    assert ran.err.startswith("boxoffice: there is no concert xxx")
    assert ran.err.count("\n") == 2


WHEN = "2099-12-24T20:30"
PRICED = ("--price", "Standard=100")
BAD_PERFORMANCES = [
    ("--date", "tomorrow", *PRICED),
    ("--date", "", *PRICED),
    ("--date", "2099-13-01T10:00", *PRICED),
    ("--date", "9999-12-31T23:59-10:00", *PRICED),
    ("--date", "0001-01-01T00:00+14:00", *PRICED),
    ("--date", "2001-01-01T10:00", *PRICED),  # the sale would have ended
    ("--date", WHEN, *PRICED, "--sale-opens", "2099-12-25T10:00"),
    ("--date", WHEN, *PRICED, "--sale-opens", "2099-12-02", "--sale-closes", "2099-12-01"),
    ("--date", WHEN, *PRICED, "--sale-opens", ""),
    ("--date", WHEN, *PRICED, "--sale-closes", "never"),
    ("--date", WHEN),
    ("--date", WHEN, "--price", "Standard"),
    ("--date", WHEN, "--price", "=5"),
    ("--date", WHEN, "--price", "Royal=5", *PRICED),
    ("--date", WHEN, *PRICED, *PRICED),
    ("--date", WHEN, "--price", ""),
]


def test_a_performance_that_cannot_be_is_refused_and_not_made(desk, subtests):
    for options in BAD_PERFORMANCES:
        with subtests.test(" ".join(options)):
            refused = desk.refused("performance", "create", "1", *options)
            assert refused == ("input_invalid", 2)
    for amount in ("-1", str(10**30), "1e3", "x", ""):
        with subtests.test(amount):
            refused = desk.refused(
                "performance", "create", "1", "--date", WHEN, "--price", f"Standard={amount}"
            )
            assert refused == ("amount_invalid", 4)
    assert desk.box.one("SELECT count(*) FROM performances") == 1


def test_a_clock_that_skips_or_repeats_the_hour_must_be_told_which(desk, tmp_path):
    plan = desk.run("venue", "example", "club").out.replace(
        '"name": "Blue Door Club"', '"name": "Klub", "time_zone": "Europe/Berlin"', 1
    )
    plan = plan.replace(' "time_zone": "Asia/Seoul",\n', "")
    (tmp_path / "plan.json").write_text(plan)
    assert desk.run("venue", "import", str(tmp_path / "plan.json")).code == 0
    concert = desk.json("concert", "create", "Nacht", "--venue", "Klub")["id"]
    prices = ("--price", "R=1", "--price", "S=1")

    def create(time: str):
        return desk.run("performance", "create", str(concert), "--date", time, *prices, "--json")

    assert create("2050-03-27T02:30").error["code"] == "input_invalid"  # skipped
    assert create("2050-10-30T02:30").error["code"] == "input_invalid"  # twice
    assert create("2050-10-30T02:30+01:00").json["date"] == "2050-10-30T02:30:00+01:00"
    assert create("2050-06-01T20:00").json["date"] == "2050-06-01T20:00:00+02:00"


def test_a_seat_of_another_performance_is_not_found_in_this_one(desk):
    plan = desk.run("venue", "example", "club").out.replace(
        '{"name": "A", "seats"', '{"name": "Q", "seats"'
    )
    desk.run("venue", "import", "-", stdin=plan.encode())
    concert = str(desk.json("concert", "create", "Club night", "--venue", "Blue Door Club")["id"])
    prices = ("--price", "R=1", "--price", "S=1")
    other = desk.json("performance", "create", concert, "--date", WHEN, *prices)["performance"]
    labels = [seat["seat"] for seat in desk.json("list-seats", str(other), "--staff")]
    strange = next(label for label in labels if label.startswith("Q-"))
    refused = desk.refused("reserve", "1", "--seat", "A-1", "--seat", strange, *STAFF)
    assert refused == ("seat_not_found", 3)
    assert desk.world.seats("held") == 0


def test_a_plan_that_cannot_be_read_is_refused_with_its_place(desk, tmp_path, subtests):
    good = desk.run("venue", "example", "club").out.encode()
    files = {
        "empty": b"",
        "truncated": good[: len(good) // 2],
        "binary": bytes(range(256)) * 10,
        "other": b'{"format": "something"}',
        "list": b"[1, 2]",
        "deep": b"[" * 100_000,
    }
    for name, content in files.items():
        path = tmp_path / name
        path.write_bytes(content)
        with subtests.test(name):
            assert desk.refused("venue", "import", str(path)) == ("input_invalid", 2)
            assert desk.refused("venue", "import", "-", stdin=content) == ("input_invalid", 2)
    huge = tmp_path / "huge"
    with huge.open("wb") as file:
        file.truncate(2 * 1024**3)
    os.mkfifo(tmp_path / "pipe")
    for path in (huge, tmp_path, tmp_path / "missing", tmp_path / "pipe", "", "/dev/zero", "a\nb"):
        with subtests.test(str(path)):
            assert desk.refused("venue", "import", str(path)) == ("input_invalid", 2)
    assert desk.box.one("SELECT count(*) FROM venues") == 1


def test_the_same_key_for_another_request_is_refused(desk):
    shared = key()
    first = desk.json("charge", "100", "--user", "user1", "--key", shared)
    again = desk.json("charge", "100", "--user", "user1", "--key", shared)
    assert again == first | {"replayed": True}
    assert "replayed" not in first
    assert desk.refused("charge", "101", "--user", "user1", "--key", shared) == ("key_reused", 4)
    assert desk.world.balances() == 100
