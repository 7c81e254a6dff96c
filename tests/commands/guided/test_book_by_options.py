"""The whole guided session by options, without a terminal."""

from __future__ import annotations

import json
import subprocess
import sys

import psycopg
import pytest

from boxoffice.core.journal import journal_of
from tests.clock import end_holds
from tests.commands.conftest import invoke
from tests.commands.guided.booking import assert_booked_once, labels, line, payments
from tests.commands.guided.person import CUSTOMER
from tests.conftest import PRICE, SHOW, key, plain, staff
from tests.invariants import assert_consistent
from tests.waiting import BLOCKED, wait_until

WHOLE = ("1", "--best", "2", "--charge-missing", "--yes")
END_SECONDS = 30


@pytest.fixture
def book(world):
    """Run `boxoffice book` for user1 in this process, without a terminal."""
    return lambda *options, **more: invoke(world.box, "book", *options, **CUSTOMER, **more)


def evening(world, day: int, hour: int = 19) -> int:
    when = SHOW.replace(day=day, hour=hour)
    made = world.office.create_performance("1", when, prices={"Standard": PRICE}, key=key())
    return made.performance


def test_a_whole_session_is_one_object(world, book):
    told = book(*WHOLE, "--json").json
    assert told["paid"] == {"amount": 2 * PRICE, "currency": "KRW"}
    assert told["charged"] == {"amount": 2 * PRICE, "currency": "KRW"}
    assert (told["state"], told["concert"], told["performance"]) == ("paid", 1, world.performance)
    assert told["date"].startswith("2099-12-24T19:30")
    assert set(told["seats"]) == labels(world, "sold")
    assert_booked_once(world)


def test_quiet_prints_the_reservation_alone_and_says_nothing(world, book):
    ran = book(*WHOLE, "-q")
    reference = world.box.one("SELECT result ->> 'reservation' FROM operations WHERE command='pay'")
    assert (ran.code, ran.out, ran.err) == (0, f"{reference}\n", "")


def test_a_session_as_a_real_process_in_a_pipe(world):
    ran = world.box.run("book", "Concert", "--seat", "B-3", "--charge", "60000", "--yes",
                        "--date", "2099-12-24", **CUSTOMER)  # fmt: skip
    assert ran.code == 0, ran.err
    assert "B-3" in ran.out.split("\t")
    assert "\x1b" not in ran.out + ran.err
    assert world.balances() == 60_000 - PRICE


MISSING = {
    ("--best", "2", "--yes"): "CONCERT",
    ("1", "--yes"): "--seat",
    ("1", "--best", "2"): "--yes",
    ("1", "--best", "2", "--yes", "--key", "k" * 199): "key",
    ("1", "--yes", "--key", "k"): "--seat",
    ("1", "--best", "2", "--seat", "A-1", "--yes"): "--seat",
    ("1", "--seat", "A-1", "--section", "Floor", "--yes"): "--best",
    ("1", "--best", "2", "--date", "Christmas", "--yes"): "--date",
    ("1", "--best", "2", "--date", "2099-12-24", "--performance", "1", "--yes"): "--date",
    ("1", "--best", "2", "--charge", "5", "--charge-missing", "--yes"): "--charge",
    ("1", "--best", "2", "--timeout", "-1", "--yes"): "--timeout",
}


def test_an_answer_that_nobody_can_give_is_named_before_anybody_queues(world, book):
    for options, named in MISSING.items():
        ran = book(*options)
        assert ran.code == 2, (options, ran.err)
        assert named in ran.err, options
    assert line(world) == (0, 0)


def test_a_date_must_be_named_where_there_are_several(world, book):
    matinee = evening(world, 24, hour=15)
    ran = book(*WHOLE, "--date", "2099-12-24")
    assert (ran.code, "--performance" in ran.err) == (2, True)
    assert book(*WHOLE, "--date", "2099-12-24T15:30", "--json").json["performance"] == matinee


def test_a_date_that_is_sold_out_is_a_conflict_and_one_that_is_not_is_unknown(world, book):
    second = evening(world, 25)
    for number in range(0, 50, 10):
        world.office.reserve(second, staff("user2"), best=10, key=f"sold-{number}")
    assert book(*WHOLE, "--date", "2099-12-25").code == 5
    assert book(*WHOLE, "--date", "2099-12-26").code == 3
    assert book(*WHOLE, "--performance", str(world.performance)).code == 0


def test_a_taken_seat_is_a_conflict_and_nothing_is_held(world, book):
    world.office.reserve(world.performance, staff("user2"), seats=["A-2"], key=key())
    ran = book("1", "--seat", "A-1", "--seat", "A-2", "--charge-missing", "--yes", "--json")
    assert (ran.code, ran.error["code"]) == (5, "seat_taken")
    assert labels(world, "held") == {"A-2"}


def test_a_short_balance_leaves_the_hold_for_a_second_try_and_says_so(world, book):
    ran = book("1", "--seat", "A-1", "--yes")
    assert (ran.code, "--charge-missing" in ran.err) == (4, True)
    assert labels(world, "held") == {"A-1"}
    assert book("1", "--seat", "A-1", "--yes", "--charge-missing").code == 0
    assert_booked_once(world, seats=1)


def test_a_hold_of_other_seats_is_left_alone(world, book):
    assert book("1", "--seat", "A-1", "--yes").code == 4
    assert book("1", "--seat", "C-1", "--yes", "--charge-missing").code == 0
    assert (labels(world, "held"), labels(world, "sold")) == ({"A-1"}, {"C-1"})


def test_waiting_ends_in_time_and_the_place_is_kept(world, book):
    world.office.configure_queue("1", capacity=1, poll_near_seconds=0.1)
    world.office.enqueue("1", "user2")
    ran = book(*WHOLE, "--timeout", "0.2", "--json")
    assert (ran.code, ran.error["code"]) == (6, "wait_timed_out")
    assert line(world) == (1, 1)


def test_each_change_of_the_place_is_a_line_where_lines_stay(world, book):
    world.office.configure_queue("1", capacity=1, poll_near_seconds=0.1)
    world.office.enqueue("1", "user2")
    ran = book(*WHOLE, "--timeout", "0.5")
    assert ran.code == 6
    assert 1 <= ran.err.count("ahead") <= 3


def test_a_place_of_another_terminal_is_taken_over_only_when_that_is_said(world, book):
    token = world.office.enqueue("1", "user1").token
    ran = book(*WHOLE)
    assert (ran.code, "--take-over" in ran.err) == (4, True)
    assert world.office.position(token).state == "admitted"
    assert book(*WHOLE, "--take-over").code == 0
    assert_booked_once(world)


# --- the same key ---


def test_the_same_key_again_gets_the_same_receipt(world, book):
    first = book(*WHOLE, "--key", "trip", "--json").json
    again = book(*WHOLE, "--key", "trip", "--json").json
    assert again.pop("replayed") is True
    assert again == first | {"charged": None}
    assert_booked_once(world)


def test_the_same_key_for_other_seats_is_refused(world, book):
    assert book(*WHOLE, "--key", "trip").code == 0
    ran = book("1", "--best", "3", "--yes", "--key", "trip", "--json")
    assert (ran.code, ran.error["code"]) == (4, "key_reused")
    assert payments(world) == 1


def test_a_key_whose_hold_has_ended_books_nothing_more(world, book):
    assert book("1", "--best", "2", "--yes", "--key", "trip").code == 4
    end_holds(world.box)
    ran = book(*WHOLE, "--key", "trip", "--json")
    assert (ran.code, ran.error["code"]) == (4, "hold_expired")
    assert payments(world) == 0


LOCKS = {
    "reserve": "LOCK TABLE reservations IN EXCLUSIVE MODE",
    "charge": "LOCK TABLE ledger_entries IN EXCLUSIVE MODE",
    "pay": "SELECT 1 FROM performance_seats FOR UPDATE",
}


def test_the_same_key_after_kills_finishes_one_booking(world):
    command = [sys.executable, "-m", "boxoffice", "book", *WHOLE, "--key", "trip", "--json"]
    for statement in LOCKS.values():
        with psycopg.connect(plain(world.box.settings.database_url)) as locker:
            locker.execute(statement)
            script = subprocess.Popen(
                command, env=world.box.environment | CUSTOMER, stdout=subprocess.PIPE
            )
            wait_until(lambda: world.box.rows(BLOCKED), "the operation is under way")
            script.kill()
            assert script.communicate(timeout=END_SECONDS) == (b"", None)
            locker.rollback()
    ran = world.box.run("book", *WHOLE, "--key", "trip", "--json", **CUSTOMER)
    assert json.loads(ran.out)["state"] == "paid"
    assert_booked_once(world)


def test_a_payment_that_was_killed_is_found_by_the_same_command_without_a_key(world, book):
    assert book("1", "--best", "2", "--yes").code == 4  # held, and not yet paid
    command = [sys.executable, "-m", "boxoffice", "book", *WHOLE]
    with psycopg.connect(plain(world.box.settings.database_url)) as locker:
        locker.execute(LOCKS["pay"])
        script = subprocess.Popen(command, env=world.box.environment | CUSTOMER,
                                  stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        wait_until(lambda: world.box.rows(BLOCKED), "the payment is under way")
        script.kill()
        script.wait(END_SECONDS)
        locker.rollback()
    ran = book(*WHOLE, "--json")
    assert ran.json["replayed"] is True
    assert_booked_once(world)


@pytest.mark.parametrize("options", [("--user", "user2"), ("--token", "c1-nonsense")])
def test_nobody_books_for_somebody_else(world, book, options):
    assert book(*WHOLE, *options).code == 4
    assert payments(world) == 0


def test_an_operator_books_for_a_named_user(world):
    ran = invoke(world.box, "book", *WHOLE, "--user", "user1", "--json")
    assert ran.json["state"] == "paid"
    assert_booked_once(world)
    assert_consistent(world.box)


def test_a_payment_of_another_command_that_was_killed_is_told_of(world, book):
    assert book("1", "--best", "2", "--yes", "--charge", "1").code == 4  # held, and not yet paid
    world.office.charge(2 * PRICE, "user1", key=key())
    reference = world.box.one("SELECT result ->> 'reservation' FROM operations"
                              " WHERE command = 'reserve'")  # fmt: skip
    with psycopg.connect(plain(world.box.settings.database_url)) as locker:
        locker.execute(LOCKS["pay"])
        payment = subprocess.Popen(
            [sys.executable, "-m", "boxoffice", "pay", reference],
            env=world.box.environment | CUSTOMER,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: world.box.rows(BLOCKED), "the payment is under way")
        payment.kill()
        payment.wait(END_SECONDS)
        locker.rollback()
    ran = book(*WHOLE)
    assert (ran.code, "Your payment of" in ran.err) == (0, True)
    assert payments(world) == 1


def left_behind(world, operation_key: str, command: str) -> None:
    """Leave in the journal what a process leaves that dies before it sends anything."""
    journal = journal_of(world.box.settings)
    journal.begin(operation_key, command, user=world.users[0], concert=1)
    journal.release(operation_key)


def test_what_never_arrived_is_settled_and_told_before_anything_else(world, book):
    lost = key()
    left_behind(world, lost, "pay")
    ran = book(*WHOLE)
    assert (ran.code, "Your payment of before did not happen." in ran.err) == (0, True)
    assert world.office.status(lost).state == "abandoned"
    assert_booked_once(world)


def test_what_others_may_guess_is_left_open_and_keeps_nobody_from_booking(world, book):
    left_behind(world, "lost", "pay")
    assert book(*WHOLE).code == 0
    assert [entry.key for entry in journal_of(world.box.settings).unresolved()] == ["lost"]
    assert payments(world) == 1


def test_an_operator_who_names_nobody_books_for_nobody(world):
    assert invoke(world.box, "enqueue", "1", "--user", "user2").code == 0
    ran = invoke(world.box, "book", *WHOLE)
    assert (ran.code, "--user" in ran.err, "user2" in ran.err) == (2, True, True)
    assert (payments(world), world.seats("held")) == (0, 0)


def pays(world, operation_key: str) -> str:
    """Pay for a seat of user1 as a process does that dies before anybody is told."""
    office = world.office
    office.charge(PRICE, "user1", key=key())
    held = office.reserve(world.performance, staff("user1"), best=1, key=key())
    office.pay(held.reservation, staff("user1"), key=operation_key)
    left_behind(world, operation_key, "pay")
    return held.reservation


def test_a_payment_that_was_cancelled_since_is_no_booking(world, book):
    cancelled = pays(world, "before")
    world.office.cancel(cancelled, staff("user1"), key=key())
    told = book(*WHOLE, "--json").json
    assert told["reservation"] != cancelled
    assert world.seats("sold") == 2


def test_what_was_paid_for_one_user_ends_nobody_elses_place(world):
    assert invoke(world.box, "enqueue", "1", "--user", "user2").code == 0
    pays(world, "before")
    assert invoke(world.box, "book", "1", "--best", "1", "--yes", "--user", "user1").code == 0
    assert invoke(world.box, "position", "-q").out == "admitted\n"


def test_what_never_arrived_is_done_by_the_same_key(world, book):
    for name, step in (("trip:reserve", "reserve"), ("trip:charge", "charge"), ("trip", "pay")):
        left_behind(world, name, step)
    assert book(*WHOLE, "--key", "trip").code == 0
    assert_booked_once(world)


def test_an_operation_of_another_customer_is_left_alone(world, book):
    journal = journal_of(world.box.settings)
    journal.begin("theirs", "pay", user="user2", reservation="R-1")
    journal.begin("nobodys", "charge", amount=5)
    for each in ("theirs", "nobodys"):
        journal.release(each)
    assert book(*WHOLE).code == 0
    assert {entry.key for entry in journal.unresolved()} == {"theirs", "nobodys"}
    assert world.box.one("SELECT count(*) FROM operations WHERE state = 'abandoned'") == 0


def test_a_script_that_is_told_to_end_in_a_payment_says_its_key(world, book):
    assert book("1", "--best", "2", "--yes", "--key", "trip").code == 4  # held, not yet paid
    with psycopg.connect(plain(world.box.settings.database_url)) as locker:
        locker.execute(LOCKS["pay"])
        script = subprocess.Popen(
            [sys.executable, "-m", "boxoffice", "book", *WHOLE, "--key", "trip"],
            env=world.box.environment | CUSTOMER,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: script.poll() is not None or world.box.rows(BLOCKED), "it is under way")
        script.terminate()
        out, _ = script.communicate(timeout=END_SECONDS)
        locker.rollback()
    assert (script.returncode, out) == (130, b"trip\n")
