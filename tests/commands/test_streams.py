"""Streams, signals and encodings of real processes: the answer arrives, or its loss is told."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from tests.conftest import key, plain
from tests.tui.wire import wired
from tests.waiting import BLOCKED, wait_until

COMMAND = [sys.executable, "-m", "boxoffice"]
COMMAND_SECONDS = 60


def shell(box, line: str, **environment: str) -> subprocess.CompletedProcess:
    """Run a line of shell in which `boxoffice` is this program."""
    script = f'boxoffice() {{ "{sys.executable}" -m boxoffice "$@"; }}\n{line}'
    return subprocess.run(
        ["bash", "-c", script],
        env=box.environment | environment,
        capture_output=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )


def test_a_closed_stdout_is_quiet_and_what_was_asked_is_done(desk):
    ran = shell(desk.box, "boxoffice charge 5 --user user1 >&-")
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert desk.world.balances() == 5


def test_a_reader_that_has_gone_is_no_error(desk):
    ran = shell(desk.box, "boxoffice list-seats 1 --staff | true; exit ${PIPESTATUS[0]}")
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_full_disk_is_told_and_the_key_says_what_became_of_it(desk):
    ran = shell(desk.box, "boxoffice charge 5 --user user1 --key k1 --json > /dev/full")
    error = json.loads(ran.stderr)["error"]
    assert (ran.returncode, error["code"], error["key"]) == (7, "answer_lost", "k1")
    assert "boxoffice status k1" in error["hint"]
    assert desk.json("status", "k1")["result"]["charged"]["amount"] == 5
    ran = shell(desk.box, "boxoffice balance --user user1 > /dev/full")
    assert (ran.returncode, ran.stderr.count(b"\n")) == (6, 2)
    assert b"[local_disk_failed]" in ran.stderr


def test_help_on_a_full_disk_is_told_in_one_line(desk):
    for how in ("", "PYTHONUNBUFFERED=1 COLUMNS=300"):  # whether or not it is written at once
        ran = shell(desk.box, f"{how} boxoffice > /dev/full")
        assert (ran.returncode, ran.stderr.count(b"\n")) == (6, 2)
        assert b"[local_disk_failed]" in ran.stderr


def test_a_stderr_that_is_full_or_closed_changes_no_exit_code(desk):
    assert shell(desk.box, "boxoffice balance --user nobody 2> /dev/full").returncode == 3
    assert shell(desk.box, "boxoffice balance --user nobody 2>&-").returncode == 3


def test_a_closed_stdin_is_an_empty_one(desk):
    ran = shell(desk.box, "boxoffice position --token - <&-")
    assert (ran.returncode, b"[token_invalid]" in ran.stderr) == (4, True)
    ran = shell(desk.box, "boxoffice venue import - <&-")
    assert (ran.returncode, b"[input_invalid]" in ran.stderr) == (2, True)


@pytest.mark.parametrize(
    "locale",
    [
        {"LANG": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1:strict"},
    ],
    ids=lambda locale: next(iter(locale)),
)
def test_a_stream_without_the_letters_still_gets_the_answer(desk, locale):
    desk.json("concert", "create", "겨울 🎸", "--venue", "Room")
    ran = shell(desk.box, "boxoffice show-concert 2 --json", **locale)
    assert json.loads(ran.stdout)["name"] == "겨울 🎸"
    ran = shell(desk.box, "boxoffice concert create Other --venue Nowhere\\ 겨울", **locale)
    assert ran.returncode in (2, 3)
    assert ran.stderr.count(b"\n") == 2


def test_bytes_that_are_no_text_are_refused(desk):
    ran = desk.box.run("user", "add", b"\xff\xfe".decode(errors="surrogateescape"), "--json")
    assert (ran.code, ran.error["code"]) == (2, "input_invalid")


def test_help_works_without_a_home_and_without_servers():
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    for arguments in (["--help"], ["-h"], ["store", "-h"], ["performance", "create", "-h"]):
        ran = subprocess.run(
            [*COMMAND, *arguments], env=environment, capture_output=True, timeout=60, check=False
        )
        assert (ran.returncode, ran.stderr) == (0, b"")
        assert b"Usage: boxoffice" in ran.stdout


# --- waiting ---


def admit_one_and_queue_another(desk) -> dict[str, str]:
    """Fill a queue of one place; return the environment of who waits behind it."""
    one = {"BOXOFFICE_QUEUE_CAPACITY": "1", "BOXOFFICE_POLL_NEAR_SECONDS": "0.1"}
    admitted = desk.json("enqueue", "1", "--user", "user1", **one)
    waiting = desk.json("enqueue", "1", "--user", "user2", **one)
    assert (admitted["state"], waiting["state"]) == ("admitted", "waiting")
    return one | {"BOXOFFICE_TOKEN": waiting["token"], "ADMITTED": admitted["token"]}


def test_waiting_ends_with_the_admission(desk):
    environment = admit_one_and_queue_another(desk)
    waiter = start(desk, environment, "position", "--wait", "--timeout", "30", "--json")
    assert desk.run("leave", "--token", environment["ADMITTED"]).code == 0
    out, err = waiter.communicate(timeout=COMMAND_SECONDS)
    assert (waiter.returncode, err) == (0, "")
    assert json.loads(out)["state"] == "admitted"


def test_waiting_ends_with_the_timeout_and_keeps_the_place(desk):
    environment = admit_one_and_queue_another(desk)
    ran = desk.run("position", "--wait", "--timeout", "0.3", "--json", **environment)
    assert (ran.code, ran.error["code"]) == (6, "wait_timed_out")
    assert desk.json("position", **environment)["position"] == 1


def test_control_c_while_waiting_is_one_line_and_130(desk):
    environment = admit_one_and_queue_another(desk)
    waiter = start(desk, environment, "position", "--wait")
    wait_until_polled(desk)
    waiter.send_signal(signal.SIGINT)
    out, err = waiter.communicate(timeout=COMMAND_SECONDS)
    assert (waiter.returncode, out) == (130, "")
    assert err == "boxoffice: interrupted. [interrupted]\n"


def test_leaving_twice_gives_the_same_answer(desk):
    token = desk.admitted()
    left = desk.json("leave", "--token", token)
    assert left == {"concert": 1, "user": 1, "state": "left"}
    assert desk.json("leave", "--token", token) == left | {"replayed": True}
    assert desk.refused("position", "--token", token) == ("place_not_found", 3)


def start(desk, environment: dict[str, str], *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [*COMMAND, *arguments],
        env=desk.box.environment | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until_polled(desk) -> None:
    """Wait until the other process has asked the queue, as the server counts commands."""
    office = desk.box.office()
    deadline = time.monotonic() + 30
    with office.stores.redis() as redis:
        before = redis.info("commandstats").get("cmdstat_evalsha", {}).get("calls", 0)
        while time.monotonic() < deadline:
            calls = redis.info("commandstats").get("cmdstat_evalsha", {}).get("calls", 0)
            if calls > before + 1:
                return
            time.sleep(0.02)
    raise AssertionError("nobody asked the queue")


# --- servers that are not there ---


def test_a_stopped_server_is_exit_6_and_says_what_to_do(desk):
    gone = "postgresql://boxoffice@/boxoffice?host=/nonexistent"
    for command in (("balance", "--user", "user1"), ("charge", "5", "--user", "user1")):
        ran = desk.run(*command, BOXOFFICE_DATABASE_URL=gone)
        assert (ran.code, "[database_unavailable]" in ran.err) == (6, True)
        assert "boxoffice doctor" in ran.err
    deaf = {"BOXOFFICE_REDIS_URL": "unix:///nonexistent/valkey.sock"}
    ran = desk.run("enqueue", "1", "--user", "user1", **deaf)
    assert (ran.code, "[queue_unavailable]" in ran.err) == (6, True)
    # What needs no queue works without it.
    assert desk.run("list-concerts", **deaf).code == 0
    assert desk.run("reserve", "1", "--best", "1", "--staff", "--user", "user1", **deaf).code == 0


def test_doctor_names_what_is_wrong_and_never_a_secret(desk):
    secret = "postgresql://boxoffice:hunter2@/boxoffice?host=/nonexistent"
    ran = desk.run("doctor", "--json", BOXOFFICE_DATABASE_URL=secret, BOXOFFICE_TOKEN="t0ken")
    checks = {check["name"]: check for check in json.loads(ran.out)}
    assert (ran.code, checks["postgres"]["ok"], checks["redis"]["ok"]) == (6, False, True)
    assert "hunter2" not in ran.out + ran.err
    assert "t0ken" not in ran.out + ran.err
    assert checks["token"]["source"] == "environment"


def test_doctor_names_variables_that_set_nothing_and_says_what_sets_the_folders(desk):
    wrong = {"BOXOFFICE_STATE_DIR": "/elsewhere", "BOXOFFICE_HOLD_SECOND": "5"}
    ran = desk.run("doctor", "--json", **wrong)
    checks = {check["name"]: check for check in json.loads(ran.out)}
    for name in wrong:
        assert (checks[name]["ok"], "BOXOFFICE_HOME" in checks[name]["hint"]) == (False, True)
    assert checks["state_dir"]["source"] == "BOXOFFICE_HOME"
    assert str(desk.box.home) in checks["state_dir"]["value"]
    assert ran.code == 6


@pytest.mark.parametrize(
    ("version", "hint"), [("0000", "boxoffice store migrate"), ("9999", "upgrade boxoffice")]
)
def test_another_schema_is_exit_6_and_says_what_to_do(desk, version, hint):
    desk.box.execute("UPDATE alembic_version SET version_num = %s", version)
    ran = desk.run("balance", "--user", "user1")
    assert (ran.code, "[schema_outdated]" in ran.err) == (6, True)
    assert hint in ran.err


def test_an_empty_database_is_migrated_on_request(box):
    box.execute("DROP SCHEMA public CASCADE")
    box.execute("CREATE SCHEMA public")
    assert box.run("list-concerts", "--json").error["code"] == "schema_outdated"
    assert re.fullmatch(r'\{"schema": "\d{4}"\}\n', box.run("store", "migrate", "--json").out)
    assert box.run("list-concerts").code == 0


def test_every_change_prints_its_key_when_the_outcome_is_open(desk):
    """A connection cut in the middle: the key stands on stdout, for `boxoffice status`."""
    shared = key()
    desk.box.execute("ALTER TABLE ledger_entries ADD COLUMN slow text DEFAULT pg_sleep(1)::text")
    at_once = {"BOXOFFICE_OUTCOME_SECONDS": "0"}
    before = start(desk, at_once, "charge", "5", "--user", "user1", "--key", shared, "--json")
    cut_the_charge(desk)
    out, err = before.communicate(timeout=COMMAND_SECONDS)
    error = json.loads(err)["error"]
    assert (before.returncode, error["code"], error["key"]) == (7, "outcome_unknown", shared)
    assert out == f"{shared}\n"
    assert f"boxoffice status {shared}" in error["hint"]


SLOW_COMMIT = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER slow AFTER INSERT OR UPDATE ON queues
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow();
"""


def test_a_place_in_doubt_is_asked_for_again_and_not_by_its_key(desk):
    """A commit whose answer is lost: `status` knows nothing of places, a queue gives no two."""
    desk.admitted()
    desk.box.execute("UPDATE queue_identity SET database_id = 'restored elsewhere'")
    desk.box.execute(SLOW_COMMIT)
    with (
        psycopg.connect(plain(desk.box.settings.database_url)) as locker,
        tempfile.TemporaryDirectory(prefix="wire") as folder,
        wired(desk.box, Path(folder)) as (wire, settings),
    ):
        locker.execute("SELECT pg_advisory_xact_lock(7)")
        through = {"BOXOFFICE_DATABASE_URL": settings.database_url}
        place = start(desk, through, "enqueue", "1", "--user", "user2", "--key", "k", "--json")
        wait_until(lambda: desk.box.rows(BLOCKED), "the first place waits in its commit")
        wire.lose_answers()
        locker.rollback()
        out, err = place.communicate(timeout=COMMAND_SECONDS)
    error = json.loads(err)["error"]
    assert (place.returncode, error["code"], out) == (7, "outcome_unknown", "k\n")
    assert "same command again" in error["hint"]
    assert "status" not in error["hint"]
    assert desk.run("enqueue", "1", "--user", "user2", "--key", "k").code == 0
    assert "enqueue" in desk.run("status", "k", "--json").error["hint"]


def cut_the_charge(desk) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        cut = desk.box.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE '%%ledger_entries%%' AND state = 'active'"
            " AND pid <> pg_backend_pid() AND datname = current_database()"
        )
        if cut:
            return
        time.sleep(0.02)
    raise AssertionError("nobody charged")
