"""`boxoffice doctor`: what everything stands on, what is weak, and what mends it."""

from __future__ import annotations

import json
import time

import pytest

from boxoffice.core.checkup import servers
from boxoffice.core.errors import Words
from boxoffice.core.journal import journal_of

GONE = {
    "BOXOFFICE_DATABASE_URL": "postgresql://boxoffice:hunter2@/boxoffice?host=/nonexistent",
    "BOXOFFICE_REDIS_URL": "unix://:hunter2@/nonexistent/socket",
}
PATIENCE_SECONDS = 30  # more than every time-out together
FIELDS = {"name", "ok", "value", "source", "hint"}


def lines(desk, **environment: str) -> tuple[int, dict[str, dict]]:
    ran = desk.run("doctor", "--json", **environment)
    checks = json.loads(ran.out)
    assert all(check.keys() == FIELDS for check in checks)
    assert len({check["name"] for check in checks}) == len(checks)
    return ran.code, {check["name"]: check for check in checks}


def test_a_sound_house_is_exit_0_and_every_line_is_ok(desk):
    code, told = lines(desk)
    assert (code, [name for name, check in told.items() if not check["ok"]]) == (0, [])
    strong = {
        "synchronous_commit": "on",
        "fsync": "on",
        "full_page_writes": "on",
        "server_encoding": "UTF8",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
    }
    assert {name: told[name]["value"] for name in strong} == strong
    assert int(told["max_connections"]["value"]) > 0
    assert {"TimeZone", "run_id", "postgres clock", "redis clock", "disk", "file modes"} <= set(
        told
    )
    assert told["unresolved"]["value"] == "0"


def test_a_weaker_commit_is_not_ok_and_the_hint_names_what_to_set(desk):
    name = desk.box.one("SELECT current_database()")
    desk.box.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    code, told = lines(desk)
    weak = told["synchronous_commit"]
    assert (code, weak["ok"], weak["value"]) == (6, False, "off")
    assert "synchronous_commit = on" in weak["hint"]


@pytest.mark.parametrize(
    ("name", "weak", "strong"),
    [
        ("maxmemory-policy", "allkeys-lru", "noeviction"),
        ("appendfsync", "no", "everysec"),
        ("appendonly", "no", "yes"),
    ],
)
def test_a_queue_that_may_forget_is_not_ok(desk, name, weak, strong):
    with desk.world.office.stores.redis() as redis:
        redis.config_set(name, weak)
        try:
            code, told = lines(desk)
        finally:
            redis.config_set(name, strong)
    assert (code, told[name]["ok"], told[name]["value"]) == (6, False, weak)
    assert name in told[name]["hint"]


def test_an_operation_left_in_the_journal_is_told_with_the_command_that_settles_it(desk):
    journal = journal_of(desk.box.settings)
    journal.begin("lost-key", "pay", reservation="R-1")
    journal.release("lost-key")
    code, told = lines(desk)
    assert (code, told["unresolved"]["value"]) == (6, "1")
    assert "boxoffice status lost-key --settle" in told["unresolved"]["hint"]


def test_files_that_others_can_read_are_named(desk):
    session = desk.box.settings.session_file
    session.write_text("{}")
    session.chmod(0o644)
    _, told = lines(desk)
    assert told["file modes"]["value"] == f"0644 {session}"
    assert told["file modes"]["hint"] == f"run: chmod go= {session}"


def test_with_everything_down_it_says_so_at_once_and_shows_no_secret(desk):
    started = time.monotonic()
    ran = desk.box.run("doctor", "--json", **GONE)
    told = {check["name"]: check["ok"] for check in json.loads(ran.out)}
    assert ran.code == 6
    assert {name for name, ok in told.items() if not ok} == {"postgres", "schema", "redis"}
    assert "hunter2" not in ran.out + ran.err
    assert time.monotonic() - started < PATIENCE_SECONDS


@pytest.mark.parametrize(
    ("apart_seconds", "ok", "value"),
    [
        (0.5, True, "within a second of this host"),
        (90, False, "+90.0 s from this host"),
        (-90, False, "-90.0 s from this host"),
    ],
)
def test_a_clock_more_than_a_second_off_is_not_ok(apart_seconds, ok, value):
    told = servers._skew("clock", lambda: servers._host_clock() + apart_seconds)
    assert (told.ok, told.value, bool(told.hint)) == (ok, value, not ok)
    assert isinstance(told.value, Words)
