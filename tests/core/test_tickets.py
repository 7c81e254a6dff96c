"""Tickets: codes that nobody guesses, seats that come in once, doors without network."""

from __future__ import annotations

import io
import json
import resource
import stat
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pypdf
import pytest
import zxingcpp
from PIL import Image

from boxoffice.core import errors
from boxoffice.core.model import Money, Ticket
from boxoffice.core.references import decode, encode
from boxoffice.core.tickets import codes, lists, pdf, pictures
from boxoffice.core.tickets.door import Door, read_journal
from tests.conftest import PRICE, SHOW, key, staff
from tests.invariants import assert_consistent

ONE = staff("user1")
NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
COUNT = "SELECT count(*) FROM check_ins"


def sell(world, *seats, user="user1", **options):
    """Sell seats and return the reservation."""
    world.office.charge(len(seats) * PRICE, user, key=key())
    held = world.office.reserve(
        world.performance, staff(user), seats=list(seats), key=key(), **options
    )
    world.office.pay(held.reservation, staff(user), key=key())
    return held.reservation


def tickets(world, reservation, user="user1"):
    return world.office.show_tickets(reservation, user=user)


def code_of(world, *seats):
    return tickets(world, sell(world, *(seats or ("A-1",))))[0].code


def come(world, code, **where):
    return world.office.check_in(code, key=key(), **where)


def refused(world, code, **where):
    """Say with which code of an error somebody is refused; nobody came in by it."""
    before = world.box.one(COUNT)
    with pytest.raises(errors.BoxOfficeError) as error:
        come(world, code, **where)
    assert world.box.one(COUNT) == before
    return error.value.code


# --- what a ticket is ---


def test_each_paid_seat_has_one_ticket_that_tells_what_it_is_for(world):
    world.office.set_prices(world.performance, {"Standard:child": 9}, key=key())
    reservation = sell(world, "A-1", "A-2", types=["adult", "child"])
    first, second = tickets(world, reservation)
    told = asdict(second)
    assert first.code != told.pop("code")
    assert str(told.pop("date")) == f"{SHOW}+09:00"
    assert told == {
        "reservation": reservation,
        "concert": world.concert,
        "concert_name": "Concert",
        "venue": "Room",
        "performance": world.performance,
        "seat": "A-2",
        "section": "Floor",
        "row": "A",
        "price_type": "child",
        "price": {"amount": 9, "currency": "KRW"},
        "user": world.users[0],
        "user_name": "user1",
    }
    assert tickets(world, reservation) == [first, second]  # the same codes again


def test_paying_writes_nothing_for_tickets_and_the_first_look_makes_the_keys(world):
    reservation = sell(world, "A-1")
    assert world.box.rows("TABLE ticket_keys") == []
    tickets(world, reservation)
    ((_, code_key, signing_key),) = world.box.rows("TABLE ticket_keys")
    assert len({code_key, signing_key}) == 2
    world.office.ticket_key()
    assert world.box.rows("TABLE ticket_keys") == [(True, code_key, signing_key)]


def test_there_is_no_ticket_of_what_is_not_paid_or_not_yours(world):
    held = world.office.reserve(world.performance, ONE, seats=["A-1"], key=key()).reservation
    with pytest.raises(errors.ReservationNotPaid):
        tickets(world, held)
    world.office.charge(PRICE, "user1", key=key())
    world.office.pay(held, ONE, key=key())
    customer = world.box.office(role="customer", user="user2")
    for act in (
        lambda: tickets(world, held, user="user2"),
        lambda: customer.show_tickets(held),
        lambda: tickets(world, "R-0G00-0000-0000-0A"),
    ):
        with pytest.raises(errors.ReservationNotFound):
            act()
    with pytest.raises(errors.Forbidden):
        customer.show_tickets(held, user="user1")
    with pytest.raises(errors.Forbidden):
        customer.show_tickets(held, staff=True)
    own = world.box.office(role="customer", user="user1")
    assert own.show_tickets(held) == world.office.show_tickets(held, staff=True)
    world.office.cancel(held, ONE, key=key())
    with pytest.raises(errors.TicketCancelled):
        tickets(world, held)


# --- codes ---


def test_a_code_says_its_seat_and_is_read_in_any_case_with_or_without_hyphens():
    claim = codes.make(b"k" * 32, 2**40 + 3, 2**60 - 1, 99_999)
    for text in (claim.code, claim.scanned, claim.code.lower(), f" {claim.scanned}\r\n"):
        assert codes.parse(text) == claim
    assert claim.code.replace("-", "") == claim.scanned
    short = codes.make(b"k" * 32, 3, 2**59, 0)
    assert (len(short.scanned), short.is_proved(b"k" * 32)) == (33, True)
    assert not short.is_proved(b"K" * 32)


@pytest.mark.parametrize(
    "text", ["", "T", "T-", "-", "A-1", "T-" + "0" * 10, "T-" + "9" * 200, "T-ÄÖÜ", "\0", "R-1R00"]
)
def test_what_is_no_code_is_not_found(text):
    with pytest.raises(errors.TicketNotFound):
        codes.parse(text)


def test_a_code_with_any_bit_of_it_flipped_lets_nobody_in(world):
    """Also with the check characters made right: only the proof is left to refuse it."""
    code = code_of(world, "A-1", "A-2")
    number = decode(code[1:])
    forged = [f"T{encode(number ^ 1 << bit)}" for bit in range(number.bit_length())]
    forged += [
        code[:at] + ("2" if code[at] == "1" else "1") + code[at + 1 :]
        for at in range(2, len(code))
        if code[at] != "-"
    ]
    for wrong in forged:
        with pytest.raises(errors.TicketNotFound):
            come(world, wrong)
    assert world.box.one(COUNT) == 0
    assert come(world, code).seat == "A-1"


def test_a_code_that_another_database_made_is_not_found_like_any_other(world):
    code = code_of(world)
    world.box.execute("UPDATE ticket_keys SET code_key = sha256('another database')")
    with pytest.raises(errors.TicketNotFound) as foreign:
        come(world, code)
    with pytest.raises(errors.TicketNotFound) as nonsense:
        come(world, "T-1")
    assert str(foreign.value) == str(nonsense.value)


# --- coming in ---


def test_a_ticket_lets_in_once_and_the_second_scan_is_told_when_and_where(world):
    code = code_of(world)
    came = come(world, code, gate="West", performance=world.performance)
    assert (came.seat, came.gate, came.replayed) == ("A-1", "West", False)
    assert came.checked_in_at.utcoffset() == timedelta(hours=9)
    with pytest.raises(errors.TicketUsed) as again:
        come(world, code, gate="East")
    assert str(again.value).endswith(f"{came.checked_in_at:%Y-%m-%d %H:%M:%S} at West")
    assert world.box.one(COUNT) == 1
    (listed,) = world.office.list_tickets(world.performance)
    assert (listed.checked_in_at, listed.gate) == (came.checked_in_at, "West")
    assert_consistent(world.box)


def test_each_seat_of_a_reservation_comes_in_by_itself(world):
    first, second = tickets(world, sell(world, "A-1", "A-2"))
    come(world, second.code)
    listed = world.office.list_tickets(world.performance)
    assert [one.checked_in_at is not None for one in listed] == [False, True]
    come(world, first.code)
    assert_consistent(world.box)


def test_the_same_key_gets_the_first_answer_and_another_request_is_refused(world):
    first, second = tickets(world, sell(world, "A-1", "A-2"))
    came = world.office.check_in(first.code, gate="West", key="k")
    again = world.office.check_in(first.code, gate="West", key="k")
    assert (again.replayed, again.checked_in_at) == (True, came.checked_in_at)
    with pytest.raises(errors.KeyReused):
        world.office.check_in(second.code, gate="West", key="k")
    assert world.office.status("k").result == came
    assert world.box.one(COUNT) == 1


def test_what_was_cancelled_or_exchanged_after_its_ticket_was_made_lets_nobody_in(world):
    reservation = sell(world, "A-1")
    (gone,) = tickets(world, reservation)
    world.office.cancel(reservation, ONE, key=key())
    assert refused(world, gone.code) == "ticket_cancelled"
    (mine,) = tickets(world, sell(world, "A-1", user="user2"), user="user2")
    assert come(world, mine.code).reservation != reservation  # the seat was sold again
    assert refused(world, gone.code) == "ticket_cancelled"
    old = sell(world, "B-1")
    (before,) = tickets(world, old)
    done = world.office.exchange(old, ONE, seats=["B-1"], key=key())  # the same seat, even
    assert refused(world, before.code) == "ticket_cancelled"
    assert come(world, tickets(world, done.paid.reservation)[0].code).seat == "B-1"
    assert_consistent(world.box)


def test_a_ticket_for_another_performance_is_told_apart_from_a_forged_one(world):
    code = code_of(world)
    assert refused(world, code, performance=world.performance + 1) == "wrong_performance"
    number = decode(code[1:])
    assert refused(world, f"T{encode(number ^ 1)}", performance=99) == "ticket_not_found"


def test_whoever_came_in_cannot_cancel_but_staff_can_and_it_is_on_the_record(world):
    reservation = sell(world, "A-1", "A-2")
    come(world, tickets(world, reservation)[0].code, gate="West")
    token = world.office.enqueue(str(world.concert), "user1").token
    customer = world.box.office(role="customer")
    with pytest.raises(errors.Forbidden, match="come in"):
        customer.cancel(reservation, type(ONE)(token=token), key=key())
    world.office.cancel(reservation, ONE, key=key())
    acts = world.box.rows("SELECT action, detail->>'gate' FROM audit ORDER BY id")
    assert ("ticket check-in", "West") in acts
    assert acts[-1][0] == "cancel"
    assert world.balances() == 2 * PRICE
    assert_consistent(world.box)


def test_customers_let_nobody_in_and_only_admins_see_all_codes(world):
    code = code_of(world)
    customer, clerk = world.box.office(role="customer"), world.box.office(role="clerk")
    for act in (
        lambda: customer.check_in(code, key=key()),
        lambda: customer.list_tickets(world.performance),
        lambda: customer.export_tickets(world.performance),
        lambda: customer.upload_check_ins(world.performance, [], ""),
        customer.ticket_key,
        lambda: clerk.list_tickets(world.performance, with_codes=True),
    ):
        with pytest.raises(errors.Forbidden):
            act()
    assert [one.code for one in clerk.list_tickets(world.performance)] == [None]
    seen = world.office.list_tickets(world.performance, with_codes=True)
    assert [one.code for one in seen] == [code]
    assert world.box.rows("SELECT detail->>'codes' FROM audit WHERE action = 'ticket list'") == [
        ("true",)
    ]
    assert clerk.check_in(code, key=key()).seat == "A-1"
    with pytest.raises(errors.PerformanceNotFound):
        clerk.list_tickets(99)


def test_a_gate_has_a_name_that_can_be_shown(world):
    code = code_of(world)
    for gate in ("", "\x1b[2J", "x" * 51):
        assert refused(world, code, gate=gate) == "input_invalid"


# --- pictures ---


def scanned(image):
    return [found.text for found in zxingcpp.read_barcodes(image)]


def test_a_scanner_reads_the_code_from_the_terminal():
    code = codes.make(b"k" * 32, 7, 2**59 + 5, 49).code
    lines = pictures.for_terminal(code).splitlines()
    drawn = [line[len(pictures.DARK_ON_LIGHT) : -len(pictures.PLAIN)] for line in lines]
    halves = {picture: pair for pair, picture in pictures.HALVES.items()}
    rows = [[halves[c][half] for c in line] for line in drawn for half in (0, 1)]
    image = Image.new("L", (len(rows[0]), len(rows)), 255)
    image.putdata([0 if dark else 255 for row in rows for dark in row])
    quiet = rows[:4] + [row[:4] for row in rows] + [row[-4:] for row in rows]
    assert not any(dark for row in quiet for dark in row)
    (text,) = scanned(image.resize((image.width * 6, image.height * 6), Image.Resampling.NEAREST))
    assert codes.parse(text).code == code


NAMES = {
    "김철수 뷁": "김철수 뷁",
    "山田 花子": "山田 花子",
    "Zoë 🎫👩‍👧": "Zoë □□□",
    "שלום": "□□□□",
    "Иван": "Иван",
    "x" * 100: "x" * 100,
    "한" * 50: "한" * 50,
    "<b>&amp;": "<b>&amp;",
}


def printed(name, seat_no):
    return Ticket(
        code=codes.make(b"k" * 32, 7, 2**59 + 5, seat_no).code,
        reservation="R-1",
        concert=1,
        concert_name=name,
        venue="예술의전당",
        performance=7,
        date=SHOW,
        seat="A-1",
        section="Floor",
        row="A",
        price_type="adult",
        price=Money(amount=PRICE, currency="KRW"),
        user=12,
        user_name=name,
    )


def test_a_page_a_ticket_says_what_it_is_for_whatever_the_names_are_written_in():
    made = [printed(name, number) for number, name in enumerate(NAMES)]
    pages = pypdf.PdfReader(io.BytesIO(pdf.write(made))).pages
    assert len(pages) == len(made)
    for page, ticket in zip(pages, made, strict=True):
        text = page.extract_text()
        flat = text.replace("\n", "").replace(" ", "")
        assert flat.count(NAMES[ticket.user_name].replace(" ", "")) == 2, ticket.user_name
        for part in (ticket.code, "예술의전당", "2099-12-24 19:30", "#12", "50,000", "A-1"):
            assert part in text


# --- doors without network ---


@pytest.fixture
def door(world, tmp_path):
    """A door with a list of three tickets: A-1 valid, A-2 used, B-1 cancelled."""
    first, second = tickets(world, sell(world, "A-1", "A-2"))
    come(world, second.code, gate="West")
    other = sell(world, "B-1")
    (third,) = tickets(world, other)
    world.office.cancel(other, ONE, key=key())
    path = tmp_path / "door.list"
    path.write_bytes(world.office.export_tickets(world.performance))
    return path, (first.code, second.code, third.code)


def opened(path, **options):
    with path.open("rb") as file:
        return Door(*lists.read(file, **options), f"{path}.journal")


def turned_away(keeper, code, gate="East"):
    with pytest.raises(errors.BoxOfficeError) as error:
        keeper.admit(code, at=NOW, gate=gate)
    return error.value


def test_a_door_lets_in_once_by_the_list_and_remembers_over_a_restart(world, door):
    path, (valid, used, cancelled) = door
    with opened(path, public_key=world.office.ticket_key()) as keeper:
        assert keeper.admit(valid.lower(), at=NOW, gate="East").seat == "A-1"
        again = turned_away(keeper, valid)
        assert (again.code, str(again)[-27:]) == ("ticket_used", "2026-11-23 04:00:00 at East")
        assert turned_away(keeper, used).message.endswith("at West")
        assert turned_away(keeper, cancelled).code == "ticket_cancelled"
        assert turned_away(keeper, code_of(world, "C-1")).code == "ticket_not_found"
        other = codes.make(b"k" * 32, world.performance + 1, 5, 5).code
        assert turned_away(keeper, other).code == "wrong_performance"
    with opened(path) as keeper:
        assert turned_away(keeper, valid).code == "ticket_used"
    assert stat.S_IMODE((path.parent / "door.list.journal").stat().st_mode) == 0o600


def test_a_list_names_no_person_holds_no_code_and_is_refused_when_changed_anywhere(door):
    path, known = door
    whole = path.read_bytes()
    assert b"user1" not in whole
    assert not any(part.encode() in whole for code in known for part in code.split("-")[-4:])
    lines = whole.splitlines(keepends=True)
    broken = [whole.replace(b'"used"', b'"valid"'), whole.replace(b'"A-1"', b'"A-9"', 1)]
    broken += [b"".join(lines[:1] + lines[2:]), b"".join(lines[:-1]), whole[:-3], b"", b"[]\n{}\n"]
    broken += [whole + lines[-1], b"\xff" + whole, b"[" * 100_000]
    step = max(1, len(whole) // 60)
    broken += [
        whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, len(whole), step)
    ]
    for data in broken:
        with pytest.raises(errors.InputInvalid):
            lists.read(io.BytesIO(data))
    lists.read(io.BytesIO(whole))


def test_a_list_of_another_box_office_is_refused_and_so_is_its_journal(world, door):
    path, _ = door
    mine = world.office.ticket_key()
    opened(path).__exit__()
    world.box.execute("UPDATE ticket_keys SET signing_key = sha256('another')")
    path.write_bytes(world.office.export_tickets(world.performance))
    with pytest.raises(errors.InputInvalid, match="another key"):
        opened(path, public_key=mine)
    with pytest.raises(errors.InputInvalid, match="of another list"):
        opened(path)


def test_a_journal_is_one_doors_and_a_line_that_a_crash_cut_is_forgotten(door):
    path, (valid, *_) = door
    journal = path.parent / "door.list.journal"
    with opened(path) as keeper:
        keeper.admit(valid, at=NOW, gate=None)
        with pytest.raises(errors.InputInvalid, match="another door"):
            opened(path)
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-5])
    with opened(path) as keeper:
        assert keeper.admit(valid, at=NOW, gate=None).seat == "A-1"
    assert journal.read_bytes() == whole
    with pytest.raises(errors.InputInvalid, match="regular file"), path.open("rb") as file:
        Door(*lists.read(file), "/dev/null")
    for damaged in (whole + b"{}\n", b"x" + whole, whole.replace(b'"at"', b'"when"')):
        journal.write_bytes(damaged)
        with pytest.raises(errors.InputInvalid):
            opened(path)


def test_a_journal_that_cannot_be_written_lets_nobody_in(door):
    path, (valid, *_) = door
    with opened(path) as keeper:
        journal = path.parent / "door.list.journal"
        before = journal.read_bytes()
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        # As on a full disk: some of the line is written, and then no more.
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 9, limits[1]))
        try:
            with pytest.raises(errors.LocalDiskFailed, match="nobody was let in"):
                keeper.admit(valid, at=NOW, gate=None)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert journal.read_bytes() == before
        assert keeper.admit(valid, at=NOW, gate=None).seat == "A-1"


def upload(world, path):
    with (path.parent / "door.list.journal").open("rb") as file:
        return world.office.upload_check_ins(*read_journal(file))


def test_what_a_door_did_is_recorded_with_its_time_and_once(world, door):
    path, (valid, *_) = door
    late, gone = tickets(world, sell(world, "D-1", "D-2")), sell(world, "E-1")
    path.write_bytes(world.office.export_tickets(world.performance))
    early = datetime.now(UTC) - timedelta(hours=1)
    with opened(path) as keeper:
        for code in (valid, late[0].code, tickets(world, gone)[0].code, late[1].code):
            keeper.admit(code, at=early, gate="East")
    come(world, late[0].code, gate="West")  # the same ticket at a door with network
    world.office.cancel(gone, ONE, key=key())
    told = {one.seat: one for one in upload(world, path)}
    assert {seat: one.state for seat, one in told.items()} == {
        "A-1": "recorded",
        "D-1": "used",
        "E-1": "cancelled",
        "D-2": "recorded",
    }
    assert told["D-1"].first_gate == "West"
    assert (
        world.box.rows(
            "SELECT gate, checked_in_at FROM check_ins WHERE recorded_at <> checked_in_at"
        )
        == [("East", early)] * 2
    )
    count = world.box.one(COUNT)
    states = [one.state for one in upload(world, path)]
    assert (states, world.box.one(COUNT)) == (["known", "used", "cancelled", "known"], count)
    assert refused(world, valid) == "ticket_used"
    assert_consistent(world.box)


def test_a_clock_that_is_ahead_and_a_line_of_nobody_do_no_harm(world, door):
    path, (valid, *_) = door
    with opened(path) as keeper:
        keeper.admit(valid, at=datetime.now(UTC) + timedelta(days=1), gate=None)
    journal = path.parent / "door.list.journal"
    stranger = {"hash": "0" * 64, "at": NOW.isoformat(), "gate": None}
    with journal.open("a") as file:
        file.write(json.dumps(stranger) + "\n")
    assert [one.state for one in upload(world, path)] == ["recorded", "unknown"]
    assert_consistent(world.box)


DAMAGED = [
    {"gate": "\x1b[2J"},
    {"gate": "x" * 51},
    {"gate": ""},
    {"gate": "a\0"},
    {"gate": "\ud800"},
    {"gate": 5},
    {"at": "0001-01-01T00:00:00+14:00"},
    {"at": "9999-12-31T23:59:59-14:00"},
    {"at": "2026-11-22T19:00:00"},
    {"at": None},
    {"hash": None},
]


def test_a_line_that_no_door_writes_is_damaged_and_nothing_is_recorded(world, door):
    path, (valid, *_) = door
    line = {"hash": codes.fingerprint(codes.parse(valid)), "at": NOW.isoformat(), "gate": None}
    opened(path).__exit__()
    journal = path.parent / "door.list.journal"
    head, before = journal.read_text(), world.box.one(COUNT)
    for wrong in DAMAGED:
        lines = "".join(json.dumps(one) + "\n" for one in (line, line | wrong))
        journal.write_text(head + lines)
        with pytest.raises(errors.InputInvalid, match="line 3 of the journal is damaged"):
            upload(world, path)
    assert world.box.one(COUNT) == before


def test_a_clock_that_was_never_set_is_told_as_it_stood_and_harms_no_list(world, door):
    path, (valid, *_) = door
    with opened(path) as keeper:
        keeper.admit(valid, at=datetime(1970, 1, 1, tzinfo=UTC), gate=None)
    (told,) = upload(world, path)
    assert (told.state, str(told.at)) == ("recorded", "1970-01-01 09:00:00+09:00")
    listed = world.office.list_tickets(world.performance)
    assert [str(one.checked_in_at)[:4] for one in listed] == ["1970", str(datetime.now(UTC).year)]


def test_the_journal_of_another_box_office_is_refused_before_anything_is_recorded(world, door):
    path, (valid, *_) = door
    with opened(path) as keeper:
        keeper.admit(valid, at=NOW, gate=None)
    world.box.execute("UPDATE ticket_keys SET signing_key = sha256('another')")
    with pytest.raises(errors.InputInvalid, match="of another box office"):
        upload(world, path)


def test_a_file_that_is_no_journal_stays_as_it_is(door):
    path, _ = door
    other = path.parent / "door.list.journal"
    for text in ("a letter", "two lines\nof a letter", "\n\n", "{}\n"):
        other.write_text(text)
        other.chmod(0o644)
        with pytest.raises(errors.InputInvalid, match="no journal"):
            opened(path)
        assert (other.read_text(), stat.S_IMODE(other.stat().st_mode)) == (text, 0o644)


def test_a_journal_whose_first_line_a_crash_cut_is_begun_again(door):
    path, _ = door
    opened(path).__exit__()
    journal = path.parent / "door.list.journal"
    whole = journal.read_bytes()
    for size in (0, 1, len(whole) - 1):
        journal.write_bytes(whole[:size])
        opened(path).__exit__()
        assert journal.read_bytes() == whole


def forged(path, **changes):
    """Sign what no box office signs, with a key of one's own; `head` or `ticket` is changed."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    head, *tickets = map(json.loads, path.read_bytes().splitlines()[:-1])
    head |= {"public_key": key.public_key().public_bytes_raw().hex()} | changes.get("head", {})
    tickets[0] |= changes.get("ticket", {})
    signed = b"".join(json.dumps(line).encode() + b"\n" for line in (head, *tickets))
    signature = key.sign(lists.DOMAIN + signed).hex()
    return io.BytesIO(signed + json.dumps({"signature": signature}).encode() + b"\n")


NO_LIST = [
    {"head": {"date": "0001-01-01T00:00:00+14:00"}},
    {"head": {"made_at": "2026-11-22T19:00:00"}},
    {"head": {"concert": 5}},
    {"head": {"performance": None}},
    {"ticket": {"seat": None}},
    {"ticket": {"state": "used"}},
    {"ticket": {"state": "maybe"}},
    {"ticket": {"unknown": ""}},
    {"ticket": {"checked_in_at": 5}},
]


def test_a_list_that_strangers_signed_is_no_list_where_it_says_what_no_list_says(door):
    path, _ = door
    lists.read(forged(path))
    for changes in NO_LIST:
        with pytest.raises(errors.InputInvalid, match="no list of tickets"):
            lists.read(forged(path, **changes))
    found, _ = lists.read(forged(path, ticket={"section": "\x1b[2J"}, head={"concert": "\x1b"}))
    assert (found.concert, found.tickets[0].section) == ("\ufffd", "\ufffd[2J")
