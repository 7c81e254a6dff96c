"""Where a session's token and the settings come from, and what is refused."""

from __future__ import annotations

import json
import os
import stat

import pytest

CUSTOMER = {"BOXOFFICE_ROLE": "customer", "BOXOFFICE_USER": "user1"}


@pytest.fixture
def session(desk):
    return desk.box.settings.session_file


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_a_session_is_readable_by_its_owner_alone_under_any_umask(desk, session, umask):
    before = os.umask(umask)
    try:
        token = desk.admitted()
    finally:
        os.umask(before)
    assert stat.S_IMODE(session.stat().st_mode) == 0o600
    kept = json.loads(session.read_text())
    assert kept.pop("stub")
    assert kept == {"concert": 1, "user": 1, "token": token}
    assert [path.name for path in session.parent.glob(".*session*")] == []


def test_later_commands_take_the_token_of_the_session(desk):
    token = desk.admitted()
    assert desk.json("position")["token"] == token
    assert len(desk.json("list-seats", "1", **CUSTOMER)) == 50


def test_a_poll_keeps_the_fresh_stub_that_it_is_given(desk, session):
    token = desk.admitted()
    kept = json.loads(session.read_text())
    assert "stub" not in desk.json("position")
    assert json.loads(session.read_text()) == kept
    session.write_text(json.dumps(kept | {"stub": "S0"}))
    told = desk.json("position")
    assert json.loads(session.read_text()) == kept | {"stub": told["stub"]}
    assert stat.S_IMODE(session.stat().st_mode) == 0o600
    session.write_text(json.dumps(kept | {"token": "another", "stub": "S0"}))
    assert desk.json("position", "--token", token, BOXOFFICE_STUB="S0")["stub"]
    assert json.loads(session.read_text())["stub"] == "S0"


def test_option_then_environment_then_session_name_the_token(desk):
    tokens = [desk.admitted(user) for user in ("user1", "user2", "user3")]
    assert desk.json("position")["user"] == 3
    assert desk.json("position", BOXOFFICE_TOKEN=tokens[1])["user"] == 2
    told = desk.json("position", "--token", tokens[0], BOXOFFICE_TOKEN=tokens[1])
    assert told["user"] == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_session_open_to_others_is_refused(desk, session, mode):
    desk.admitted()
    session.chmod(mode)
    ran = desk.run("position")
    assert (ran.code, f"chmod 600 {session}" in ran.err) == (2, True)


DAMAGED = [b"", b"{", b"[]", b"null", b'{"concert": 1}', b"\xff\xfe", b"[" * 4_000, b'{"token": 5}']


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_session_is_told_and_stands_in_nobodys_way(desk, session, content):
    session.write_bytes(content)
    session.chmod(0o600)
    assert desk.refused("position") == ("token_invalid", 4)
    assert desk.run("balance", "--user", "user1").code == 0
    assert desk.run("balance", **CUSTOMER).code == 0
    assert desk.run("list-seats", "1", "--staff").code == 0
    assert desk.run("position", "--token", "x", "--json").error["code"] == "token_invalid"
    assert desk.admitted()
    assert desk.run("position").code == 0


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_a_session_that_is_no_file_does_not_hang(desk, session, kind):
    session.mkdir() if kind == "folder" else os.mkfifo(session, 0o600)
    assert desk.run("position").code in (2, 4)


def test_a_place_is_told_even_where_its_session_cannot_be_kept(desk, tmp_path):
    (tmp_path / "file").touch()
    ran = desk.run("enqueue", "1", "--user", "user1", "--json", BOXOFFICE_HOME="/proc/boxoffice")
    assert ran.json["state"] == "admitted"
    assert "BOXOFFICE_TOKEN" in ran.err


CONFIGS = {
    "an unknown key": "hold_second = 5\n",
    "a key of one session": 'token = "x"\n',
    "text for a number": 'hold_seconds = "soon"\n',
    "a bool for a number": "hold_seconds = true\n",
    "a number for text": "role = 5\n",
    "out of bounds": "seats_per_reservation_max = 0\n",
    "not a number": "hold_seconds = nan\n",
    "no such role": 'role = "king"\n',
    "no such zone": 'time_zone = "Mars/Olympus"\n',
    "no zone at all": 'time_zone = "../../etc/passwd"\n',
    "no TOML": "hold_seconds: 5\n",
    "too deep": "x = " + "[" * 20_000,
    "a long number": "hold_seconds = " + "9" * 10_000,
    "too long": "#" * 70_000,
    "a table": "[hold_seconds]\na = 1\n",
}


@pytest.mark.parametrize("text", CONFIGS.values(), ids=CONFIGS)
def test_a_config_file_that_cannot_be_meant_is_refused(desk, text):
    config = desk.box.settings.config_file
    config.write_text(text)
    config.chmod(0o600)
    ran = desk.run("list-concerts", "--json")
    assert (ran.error["code"], ran.code) == ("input_invalid", 2)
    assert ran.err.count("\n") == 1


def test_an_unknown_key_is_answered_with_the_nearest_known_one(desk):
    config = desk.box.settings.config_file
    config.write_text("hold_second = 5\n")
    config.chmod(0o600)
    assert "did you mean hold_seconds?" in desk.run("list-concerts").err


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_config_file_open_to_others_is_refused(desk, mode):
    config = desk.box.settings.config_file
    config.write_text("hold_seconds = 5\n")
    config.chmod(mode)
    assert desk.refused("list-concerts") == ("input_invalid", 2)


def test_the_environment_outranks_the_config_file(desk):
    config = desk.box.settings.config_file
    config.write_text("charge_max = 10\n")
    config.chmod(0o600)
    assert desk.refused("charge", "11", "--user", "user1") == ("amount_invalid", 4)
    assert desk.run("charge", "11", "--user", "user1", BOXOFFICE_CHARGE_MAX="20").code == 0


@pytest.mark.parametrize(
    "setting",
    [
        {"BOXOFFICE_HOLD_SECONDS": "nan"},
        {"BOXOFFICE_HOLD_SECONDS": "0"},
        {"BOXOFFICE_CHARGE_MAX": "1.5"},
        {"BOXOFFICE_TIME_ZONE": "Nowhere"},
        {"BOXOFFICE_DATABASE_URL": "mysql://x"},
        {"BOXOFFICE_DATABASE_URL": "://"},
        {"BOXOFFICE_HOME": "~nobody-of-that-name/x"},
    ],
    ids=str,
)
def test_a_variable_that_cannot_be_meant_is_refused(desk, setting):
    assert desk.refused("balance", "--user", "user1", **setting) == ("input_invalid", 2)


def test_a_redis_address_that_is_none_is_refused(desk):
    assert desk.refused("position", "--token", "c1-" + "0" * 34, BOXOFFICE_REDIS_URL="x") == (
        "input_invalid",
        2,
    )
