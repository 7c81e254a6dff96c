"""The shapes of results: JSON with exactly these fields, lines for pipes, tables for people."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import sys
import termios
import time
import unicodedata
from datetime import UTC, datetime

import pytest

from tests.conftest import key, staff

STAFF = ("--staff", "--user", "user1")
WON = {"amount", "currency"}
FIELDS = {
    "enqueue": (
        "concert user state position ahead wait_seconds poll_seconds admitted_until token stub"
    ),
    "list-concerts": "id name venue performances first_date last_date on_sale free_seats"
    " price_from price_to",
    "list-dates": "performance date sale_opens sale_closes total_seats free_seats price_types",
    "list-seats": "seat section row number category price state block",
    "reserve": "reservation performance seats total state held_until payment",
    "pay": "reservation payment state paid balance seats paid_at",
    "cancel": "reservation state refund balance",
    "list-reservations": "reservation concert performance date seats state total held_until"
    " created_at",
    "charge": "user charged balance entry",
    "entry": "entry type amount balance_after reservation at",
}


def fields(name: str) -> list[str]:
    return FIELDS[name].split()


def rfc3339(text: str) -> bool:
    return datetime.fromisoformat(text).utcoffset() is not None


def test_every_result_has_exactly_its_fields_in_their_order(desk):
    place = desk.json("enqueue", "1", "--user", "user1")
    assert list(place) == fields("enqueue")
    assert (place["position"], place["ahead"]) == (None, None)
    assert (type(place["concert"]), type(place["user"])) == (int, int)
    assert rfc3339(place["admitted_until"])

    (concert,) = desk.json("list-concerts")
    assert list(concert) == fields("list-concerts")
    assert set(concert["price_from"]) == WON
    assert list(desk.json("show-concert", "Concert")) == [*fields("list-concerts"), "dates"]

    (date,) = desk.json("list-dates", "1")
    assert list(date) == fields("list-dates")
    assert all(rfc3339(date[name]) for name in ("date", "sale_opens", "sale_closes"))
    seats = desk.json("list-seats", "1")
    assert len(seats) == 50
    assert list(seats[0]) == fields("list-seats")

    held = desk.json("reserve", "1", "--seat", "A-1", "--seat", "A-2")
    assert list(held) == fields("reserve")
    assert (held["state"], held["seats"]) == ("held", ["A-1", "A-2"])
    assert held["total"] == {"amount": 100_000, "currency": "KRW"}

    charged = desk.json("charge", "150000", "--user", "user1")
    assert list(charged) == fields("charge")
    paid = desk.json("pay", held["reservation"])
    assert list(paid) == fields("pay")
    assert paid["balance"]["amount"] == 50_000

    (listed,) = desk.json("list-reservations", "--user", "user1")
    assert list(listed) == fields("list-reservations")
    assert (listed["concert"], listed["state"]) == (1, "paid")

    cancelled = desk.json("cancel", held["reservation"])
    assert list(cancelled) == fields("cancel")
    assert cancelled["refund"] == paid["paid"]
    again = desk.json("cancel", held["reservation"])
    assert again == cancelled | {"replayed": True}

    told = desk.json("balance", "--user", "user1", "--history")
    assert list(told) == ["user", "balance", "history"]
    assert [entry["type"] for entry in told["history"]] == ["refund", "use", "charge"]
    assert all(list(entry) == fields("entry") for entry in told["history"])
    assert list(desk.json("balance", "--user", "user1")) == ["user", "balance"]


def test_a_waiting_place_has_a_position_and_no_admission(desk):
    desk.json("enqueue", "1", "--user", "user1", BOXOFFICE_QUEUE_CAPACITY="1")
    place = desk.json("enqueue", "1", "--user", "user2", BOXOFFICE_QUEUE_CAPACITY="1")
    assert (place["state"], place["position"], place["ahead"]) == ("waiting", 1, 0)
    assert place["admitted_until"] is None
    assert list(place) == fields("enqueue")


def test_an_empty_history_is_an_empty_array(desk):
    assert desk.json("balance", "--user", "user3", "--history")["history"] == []


def test_nothing_is_an_empty_array_and_an_empty_pipe(desk):
    assert desk.run("list-reservations", "--user", "user1", "--json").out == "[]\n"
    assert desk.run("list-reservations", "--user", "user1").out == ""


def test_a_pipe_gets_lines_with_tabs_and_no_header(desk):
    lines = desk.run("list-seats", "1", "--staff").out.splitlines()
    assert len(lines) == 50
    assert lines[0].split("\t") == ["A-1", "Floor", "A", "1", "Standard", "50000", "free", ""]
    desk.run("charge", "500", "--user", "user1")
    history = desk.run("balance", "--user", "user1", "--history").out.splitlines()
    assert [line.split("\t")[:4] for line in history] == [["1", "charge", "500", "500"]]
    dates = desk.run("show-concert", "1").out.splitlines()
    assert [line.split("\t")[0] for line in dates] == ["1"]
    assert desk.run("user", "add", "kim").out == "4\tkim\n"


def test_fields_are_printed_as_asked_for_in_that_order(desk):
    assert desk.run("list-concerts", "--fields", "name,id").out == "Concert\t1\n"
    assert desk.run("list-concerts", "--fields", " name , id ", "--json").out == (
        '[{"name": "Concert", "id": 1}]\n'
    )


def test_quiet_prints_only_ids(desk):
    token = desk.run("enqueue", "1", "--user", "user1", "-q").out.strip()
    held = desk.run("reserve", "1", "--best", "2", "-q", BOXOFFICE_TOKEN=token).out.strip()
    desk.run("charge", "100000", "--user", "user1", "-q")
    assert (
        desk.run("pay", held, "-q", BOXOFFICE_TOKEN=token).out == held.replace("R-", "P-", 1) + "\n"
    )
    assert desk.run("list-reservations", "--user", "user1", "-q").out == held + "\n"
    assert desk.run("list-concerts", "-q").out == "1\n"
    assert desk.run("user", "add", "lee", "-q").out == "4\n"


def test_a_replay_says_so_and_gives_the_first_answer(desk):
    shared = key()
    command = ("reserve", "1", "--seat", "B-1", *STAFF, "--key", shared)
    first, second = desk.json(*command), desk.json(*command)
    assert "replayed" not in first
    assert second == first | {"replayed": True}
    told = desk.json("status", shared)
    assert (told["command"], told["state"]) == ("reserve", "done")
    assert told["result"]["reservation"] == first["reservation"]


def test_enqueueing_twice_keeps_the_place_and_its_token(desk):
    first = desk.json("enqueue", "1", "--user", "user1")
    second = desk.json("enqueue", "1", "--user", "user1")
    assert second["token"] == first["token"]  # the session says which
    shared = key()
    one, two = (desk.json("enqueue", "1", "--user", "user2", "--key", shared) for _ in range(2))
    assert (two["token"], two["replayed"]) == (one["token"], True)


# --- on a terminal ---


def on_terminal(box, *arguments: str, columns: int = 80, typed: bytes = b"", **environment: str):
    """Run a real process on a terminal of its own; return what it showed and its exit code."""
    command = [sys.executable, "-m", "boxoffice", *arguments]
    variables = box.environment | {"TERM": "xterm"} | environment
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover - another program from here on
        os.execve(command[0], command, variables)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    os.write(terminal, typed)
    shown = read_all(terminal)
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    text = re.sub(r"\x1b\[[0-9;]*m", "", shown.decode())
    return text.replace("\r\n", "\n"), os.waitstatus_to_exitcode(status)


def read_all(terminal: int) -> bytes:
    shown, deadline = b"", time.monotonic() + 30
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            part = os.read(terminal, 65_536)
        except OSError:  # the other side has gone
            return shown
        if not part:
            return shown
        shown += part
    raise AssertionError(shown)


def cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def test_a_concert_on_a_terminal_is_facts_and_a_table_of_its_dates(desk):
    shown, code = on_terminal(desk.box, "show-concert", "1")
    assert code == 0
    assert "datetime" not in shown
    assert "₩50,000" in shown
    assert re.search(
        r"^performance +date +sale opens +sale closes +seats +free$", shown, re.MULTILINE
    )
    assert re.search(r"(?m)^ +1  2099-12-24 19:30 .* 50 +50$", shown)


def test_names_of_every_script_stand_in_columns_and_markup_stays_text(desk):
    names = ["김철수의 겨울 밤", "[red]x[/]", "🎸 live"]
    for name in names:
        number = str(desk.json("concert", "create", name, "--venue", "Room")["id"])
        price = ("--price", "Standard=1")
        desk.json("performance", "create", number, "--date", "2099-01-01T19:30", *price)
    shown, code = on_terminal(desk.box, "list-concerts", columns=120)
    assert code == 0
    lines = [line for line in shown.splitlines() if "Room" in line]
    assert len(lines) == 4
    assert len({cells(line[: line.index("Room")]) for line in lines}) == 1
    assert all(any(name in line for line in lines) for name in names)


@pytest.mark.parametrize("locale", ["C.UTF-8", "ko_KR.UTF-8"])
def test_a_table_of_concerts_fits_into_80_columns_with_its_prices_whole(desk, locale):
    desk.json("concert", "create", "Winter Nights of the Great Hall", "--venue", "Room")
    price = ("--price", "Standard=234567")
    desk.json("performance", "create", "2", "--date", "2099-12-24T19:30", *price)
    shown, code = on_terminal(desk.box, "list-concerts", LANG=locale)
    assert code == 0
    assert max(cells(line.rstrip()) for line in shown.splitlines()) <= 80
    assert shown.count("₩234,567") == 2
    assert "" not in shown.splitlines()


def test_long_words_are_broken_before_a_table_is_wider_than_80_columns(desk):
    office, name = desk.world.office, "Gesamtkunstwerksaufführungsreihe"
    office.create_concert(name, "Room", key=key())
    date = datetime(2099, 1, 1, 20, tzinfo=UTC)
    office.create_performance(name, date, prices={"Standard": 12_345_678}, key=key())
    held = office.reserve(2, staff("user1"), seats=["A-1"], key=key())
    shown, code = on_terminal(desk.box, "list-reservations", "--user", "user1")
    assert (code, max(map(len, shown.split("\n")))) == (0, 80)
    assert f"{held.reservation}  " in shown
    assert "₩12,345,678" in shown
    assert "".join(line[22:31].strip() for line in shown.split("\n")).endswith(name)
    shown, code = on_terminal(desk.box, "doctor")
    assert (code, max(map(len, shown.split("\n"))), "False" in shown) == (0, 80, False)


def test_a_narrow_terminal_cuts_nothing_off(desk):
    held = desk.json("reserve", "1", "--best", "2", *STAFF)["reservation"]
    shown, _ = on_terminal(desk.box, "list-reservations", "--user", "user1", columns=30)
    assert held in shown
    assert "₩100,000" in shown


def test_a_balance_on_a_terminal_has_its_history_below_in_local_time(desk):
    desk.json("charge", "1234", "--user", "user1")
    shown, _ = on_terminal(
        desk.box, "balance", "--user", "user1", "--history", BOXOFFICE_TIME_ZONE="Pacific/Apia"
    )
    assert re.search(r"(?m)^balance +₩1,234$", shown)
    assert re.search(
        r"^ +1  charge  ₩1,234 +₩1,234  -  +today \d\d:\d\d:\d\d$", shown, re.MULTILINE
    )


@pytest.mark.parametrize(
    ("typed", "code", "state"), [(b"y\n", 0, "cancelled"), (b"\n", 130, "held")]
)
def test_a_terminal_is_asked_before_money_moves(desk, typed, code, state):
    held = desk.json("reserve", "1", "--best", "1", *STAFF)["reservation"]
    shown, exit_code = on_terminal(desk.box, "cancel", held, *STAFF, typed=typed)
    assert (f"Cancel {held}?" in shown, exit_code) == (True, code)
    assert [r["state"] for r in desk.json("list-reservations", "--user", "user1")] == [state]


def test_json_on_a_terminal_is_json(desk):
    shown, _ = on_terminal(desk.box, "list-concerts", "--json")
    assert json.loads(shown)[0]["name"] == "Concert"
