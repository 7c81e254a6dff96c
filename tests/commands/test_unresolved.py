"""What a command began and did not hear the end of is told before the next one, and settled."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace

import psycopg
import pytest

from boxoffice.core.journal import Journal, journal_of
from tests.conftest import plain
from tests.waiting import BLOCKED, wait_until

COMMAND_SECONDS = 60
CHARGES = "SELECT count(*) FROM ledger_entries WHERE type = 'charge'"


@pytest.fixture
def journal(desk):
    return journal_of(desk.box.settings)


def leave_behind(journal, *keys):
    for key in keys:
        journal.begin(key, "pay", reservation="R-1")
        journal.release(key)


def keys(journal):
    return [entry.key for entry in journal.unresolved()]


@pytest.fixture
def waiting_charge(desk):
    """A charge as a process of its own, which waits in the server for a lock of this test."""
    desk.run("charge", "1", "--user", "user1")
    with psycopg.connect(plain(desk.box.settings.database_url)) as locker:
        locker.execute("SELECT 1 FROM accounts FOR UPDATE")
        process = subprocess.Popen(
            [sys.executable, "-m", "boxoffice", "charge", "5", "--user", "user1", "--key", "k"],
            env=desk.box.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            wait_until(lambda: desk.box.rows(BLOCKED), "the charge waits in the server")
            process.locker = locker
            yield process
            process.kill()


def test_the_next_commands_say_what_is_unresolved_on_stderr_alone(desk, journal):
    leave_behind(journal, "k")
    ran = desk.run("balance", "--user", "user1", "--json")
    assert ran.json["balance"]["amount"] == 0
    assert ran.err == "boxoffice: 1 unresolved operation: run `boxoffice status k --settle`\n"
    leave_behind(journal, "it's", "l", "m")
    told = desk.run("list-concerts").err
    assert told.startswith(
        "boxoffice: 4 unresolved operations: run `boxoffice status k --settle`, "
    )
    assert told.count("status") == 3
    ran = desk.run("balance", "--user", "nobody", "--json")
    assert (ran.code, ran.out, ran.error["code"]) == (3, "", "user_not_found")


def test_a_key_with_spaces_and_quotes_is_told_as_the_shell_reads_it(desk, journal):
    leave_behind(journal, "it's mine")
    assert """`boxoffice status 'it'"'"'s mine' --settle`""" in desk.run("list-concerts").err


def test_what_was_sent_to_another_database_is_neither_told_nor_closed_here(desk, journal):
    other = Journal(journal.folder, "elsewhere.example:5432/boxoffice")
    leave_behind(other, "k")
    assert desk.run("list-concerts").err == ""
    told = {check["name"]: check for check in desk.json("doctor", "--json")}
    assert "elsewhere.example" in told["unresolved elsewhere"]["value"]
    assert told["unresolved"]["ok"]
    assert desk.run("charge", "5", "--user", "user1", "--key", "k").code == 0
    assert keys(other) == ["k"]
    leave_behind(journal, "k")
    assert desk.run("list-concerts").err.count("status k --settle") == 1
    assert desk.run("status", "k").code == 0
    assert (keys(journal), keys(other)) == ([], ["k"])


def test_no_secret_of_a_databases_address_is_in_the_journal(desk, journal):
    url = "postgresql://boxoffice_app:s3cret@db.example:5432/house?sslpassword=s3cret&port=6432"
    settings = replace(desk.box.settings, database_url=url)
    leave_behind(journal_of(settings), "k")
    (written,) = journal.folder.iterdir()
    assert "s3cret" not in written.read_text()
    (entry,) = journal_of(settings).unresolved()
    assert entry.database == "db.example:5432/house&port=6432"


def test_status_is_quiet_about_its_own_key_and_says_how_to_make_sure(desk, journal):
    leave_behind(journal, "k")
    ran = desk.run("status", "k")
    assert (ran.code, ran.out) == (6, "")
    assert "unresolved" not in ran.err
    assert "--settle" in ran.err
    assert keys(journal) == ["k"]


def test_settling_ends_with_3_where_nothing_was_done_and_closes_the_entry(desk, journal):
    leave_behind(journal, "k")
    ran = desk.run("status", "k", "--settle", "--json")
    assert (ran.code, '"state": "abandoned"' in ran.out, ran.err) == (3, True, "")
    assert keys(journal) == []
    assert desk.run("status", "k", "-q").out == "abandoned\n"
    assert desk.refused("charge", "5", "--user", "user1", "--key", "k") == (
        "operation_abandoned",
        4,
    )
    assert desk.box.one(CHARGES) == 0


def test_a_final_answer_closes_the_entry_and_what_is_in_progress_does_not(desk, journal):
    desk.run("charge", "5", "--user", "user1", "--key", "done")
    leave_behind(journal, "done", "flying")
    assert desk.json("status", "done")["result"]["charged"]["amount"] == 5
    assert keys(journal) == ["flying"]
    with psycopg.connect(plain(desk.box.settings.database_url)) as locker:
        locker.execute("INSERT INTO operations VALUES ('flying', 'x', 'r', NULL, '{}')")
        ran = desk.run("status", "flying", "-q")
        assert (ran.code, ran.out) == (6, "in_progress\n")
        ran = desk.run("status", "flying", "--settle", "-q")
        assert (ran.code, ran.out) == (6, "in_progress\n")
        locker.rollback()
    assert keys(journal) == ["flying"]


def test_a_command_that_knows_its_outcome_leaves_nothing(desk, journal):
    desk.run("charge", "5", "--user", "user1")
    desk.refused("charge", "0", "--user", "user1")
    desk.refused("user", "add", "user1")
    desk.run("user", "add", "new")
    assert list(journal.folder.iterdir()) == []


def test_a_damaged_entry_is_named_and_breaks_no_command(desk, journal):
    journal.folder.mkdir()
    (journal.folder / "broken.json").write_text("{")
    ran = desk.run("charge", "5", "--user", "user1")
    assert ran.code == 0
    assert "broken.json" in ran.err


def test_a_journal_that_cannot_be_written_refuses_a_change_and_no_look(desk, journal):
    journal.folder.write_text("in the way")
    ran = desk.run("charge", "5", "--user", "user1", "--key", "k", "--json")
    assert (ran.code, ran.error["code"], ran.out) == (6, "local_disk_failed", "")
    assert desk.json("balance", "--user", "user1")["balance"]["amount"] == 0
    assert desk.box.one(CHARGES) == 0


def test_a_process_killed_after_its_statement_was_sent_is_told_of_and_was_done_once(
    desk, journal, waiting_charge
):
    assert keys(journal) == []  # it lives
    waiting_charge.send_signal(signal.SIGKILL)
    waiting_charge.wait(COMMAND_SECONDS)
    told = desk.run("list-concerts").err
    assert told == "boxoffice: 1 unresolved operation: run `boxoffice status k --settle`\n"
    waiting_charge.locker.rollback()
    wait_until(lambda: desk.run("status", "k").code == 0, "the server has done it")
    assert desk.run("list-concerts").err == ""
    assert desk.box.one(CHARGES) == 2


def test_a_process_killed_and_settled_before_it_was_done_is_never_done(desk, waiting_charge):
    waiting_charge.send_signal(signal.SIGKILL)
    waiting_charge.wait(COMMAND_SECONDS)
    assert desk.run("status", "k", "--settle").code == 3
    waiting_charge.locker.rollback()
    wait_until(lambda: not desk.box.rows(BLOCKED), "the late charge has come to its end")
    assert desk.box.one(CHARGES) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_answer_is_out_leaves_the_entry_and_says_the_key(
    journal, waiting_charge, number
):
    waiting_charge.send_signal(number)
    out, err = waiting_charge.communicate(timeout=COMMAND_SECONDS)
    assert (waiting_charge.returncode, out) == (130, "k\n")
    assert "boxoffice status k" in err
    assert keys(journal) == ["k"]
