"""Who acts for whom: customers by their token, staff for a user, and nobody for another."""

from __future__ import annotations

import pytest

from tests.conftest import key

CUSTOMER = {"BOXOFFICE_ROLE": "customer"}
KIM = CUSTOMER | {"BOXOFFICE_USER": "user1"}
STAFF = ("--staff", "--user", "user1")
CLERKS = [{"BOXOFFICE_ROLE": "clerk"}, {"BOXOFFICE_ROLE": "admin"}]


@pytest.mark.parametrize("named", ["user1", "1"])
@pytest.mark.parametrize("environment", ["user1", "1"])
def test_a_customer_may_name_himself_by_id_or_by_name(desk, named, environment):
    me = CUSTOMER | {"BOXOFFICE_USER": environment}
    assert desk.json("charge", "100", "--user", named, **me)["user"] == 1
    assert desk.json("balance", "--user", named, **me)["balance"]["amount"] == 100
    assert desk.json("list-reservations", "--user", named, **me) == []
    assert desk.json("enqueue", "1", "--user", named, **me)["user"] == 1


@pytest.mark.parametrize("other", ["user2", "2", "nobody", "99"])
def test_a_customer_acts_for_nobody_else_and_learns_of_nobody_else(desk, other):
    for command in (("charge", "5"), ("balance",), ("list-reservations",), ("enqueue", "1")):
        assert desk.refused(*command, "--user", other, **KIM) == ("forbidden", 4)
        assert desk.refused(*command, "--user", other, **CUSTOMER) == ("forbidden", 4)
    assert desk.world.balances() == 0


def test_a_customer_is_the_owner_of_his_token(desk):
    token = desk.admitted("user2")
    me = CUSTOMER | {"BOXOFFICE_TOKEN": token}
    assert desk.json("charge", "70", **me)["user"] == 2
    assert desk.json("balance", "--user", "user2", **me)["balance"]["amount"] == 70
    assert desk.refused("balance", "--user", "user1", **me) == ("forbidden", 4)


def test_nobody_named_is_asked_for_in_the_words_of_the_role(desk):
    assert desk.refused("balance") == ("input_invalid", 2)
    assert "--user" in desk.run("balance").err
    assert "BOXOFFICE_USER" in desk.run("balance", **CUSTOMER).err


BEHIND = [
    ("list-dates", "1"),
    ("list-seats", "1"),
    ("reserve", "1", "--seat", "A-1"),
    ("pay", "R-1JWK-29B2-6KCH-QRA"),
]


@pytest.mark.parametrize("command", BEHIND, ids=lambda command: command[0])
def test_what_is_behind_the_queue_wants_an_admission(desk, command):
    assert desk.refused(*command, **KIM) == ("token_invalid", 4)
    desk.admitted("user2", BOXOFFICE_QUEUE_CAPACITY="1")
    waiting = desk.json("enqueue", "1", "--user", "user1", BOXOFFICE_QUEUE_CAPACITY="1")
    queued = KIM | {"BOXOFFICE_TOKEN": waiting["token"], "BOXOFFICE_QUEUE_CAPACITY": "1"}
    assert desk.refused(*command, **queued) == ("not_admitted", 4)


@pytest.mark.parametrize("command", BEHIND, ids=lambda command: command[0])
def test_staff_is_a_right_of_operators(desk, command):
    assert desk.refused(*command, *STAFF, **KIM) == ("forbidden", 4)
    assert desk.refused(*command, "--staff", **CUSTOMER) == ("forbidden", 4)


@pytest.mark.parametrize("role", CLERKS, ids=lambda role: role["BOXOFFICE_ROLE"])
def test_an_operator_serves_a_user_beside_the_queue_and_each_act_is_audited(desk, role):
    desk.json("charge", "50000", "--user", "user1", **role)
    held = desk.json("reserve", "1", "--seat", "A-1", *STAFF, **role)["reservation"]
    desk.json("pay", held, *STAFF, **role)
    desk.json("cancel", held, *STAFF, **role)
    audited = desk.box.rows(
        "SELECT action, principal, user_id FROM audit WHERE user_id IS NOT NULL ORDER BY id"
    )
    assert [action for action, _, _ in audited] == ["charge", "reserve", "pay", "cancel"]
    assert {user for _, _, user in audited} == {1}
    assert all(who.startswith(role["BOXOFFICE_ROLE"] + ":") for _, who, _ in audited)


def test_customers_leave_no_audit_rows(desk):
    token = desk.admitted()
    me = KIM | {"BOXOFFICE_TOKEN": token}
    desk.json("charge", "50000", **me)
    held = desk.json("reserve", "1", "--seat", "A-1", **me)["reservation"]
    desk.json("pay", held, **me)
    desk.json("cancel", held, **me)
    assert desk.box.one("SELECT count(*) FROM audit WHERE user_id IS NOT NULL") == 0


def test_staff_look_at_seats_and_dates_without_a_user(desk):
    assert len(desk.json("list-seats", "1", "--staff")) == 50
    assert len(desk.json("list-dates", "1", "--staff")) == 1


def test_staff_book_for_somebody(desk):
    assert desk.refused("reserve", "1", "--seat", "A-1", "--staff") == ("input_invalid", 2)
    nobody = ("--staff", "--user", "nobody")
    assert desk.refused("reserve", "1", "--seat", "A-1", *nobody) == ("user_not_found", 3)


ADMINISTRATION = [
    ("user", "add", "lee"),
    ("concert", "create", "Other", "--venue", "Room"),
    ("performance", "create", "1", "--date", "2099-01-01T10:00", "--price", "Standard=1"),
    ("venue", "import", "-"),
]


@pytest.mark.parametrize("command", ADMINISTRATION, ids=lambda command: command[0])
def test_administration_is_for_operators(desk, command):
    assert desk.refused(*command, **KIM) == ("forbidden", 4)


def test_a_reservation_of_somebody_else_is_not_found(desk):
    held = desk.json("reserve", "1", "--seat", "A-1", *STAFF)["reservation"]
    stranger = CUSTOMER | {"BOXOFFICE_TOKEN": desk.admitted("user2")}
    assert desk.refused("pay", held, **stranger) == ("reservation_not_found", 3)
    assert desk.refused("cancel", held, **stranger) == ("reservation_not_found", 3)
    assert desk.world.seats("held") == 1


def test_a_token_of_another_concert_opens_no_door_here(desk):
    desk.json("concert", "create", "Other", "--venue", "Room")
    token = desk.json("enqueue", "2", "--user", "user1")["token"]
    me = KIM | {"BOXOFFICE_TOKEN": token}
    for command in BEHIND[:3]:
        assert desk.refused(*command, **me) == ("not_admitted", 4)


def test_a_token_can_come_on_stdin_so_that_no_process_list_shows_it(desk):
    token = desk.admitted()
    ran = desk.run("position", "--token", "-", "--json", stdin=f"{token}\n".encode())
    assert ran.json["token"] == token
    assert desk.refused("position", "--token", "-", stdin=b"\xff\xfe\n") == ("token_invalid", 4)
    desk.box.settings.session_file.unlink()
    assert desk.refused("position", "--token", "-", stdin=b"") == ("token_invalid", 4)


def test_a_role_is_one_of_three(desk):
    assert desk.refused("list-concerts", BOXOFFICE_ROLE="root") == ("input_invalid", 2)


def test_without_a_role_named_servers_make_a_customer(desk):
    assert desk.refused("user", "add", "lee", BOXOFFICE_ROLE="") == ("forbidden", 4)


def test_an_answer_given_once_is_given_again_after_the_place_has_ended(desk):
    me = KIM | {"BOXOFFICE_TOKEN": desk.admitted()}
    desk.json("charge", "50000", **me)
    shared = key()
    held = desk.json("reserve", "1", "--seat", "A-1", **me)["reservation"]
    first = desk.json("pay", held, "--key", shared, **me)
    assert desk.json("pay", held, "--key", shared, **me) == first | {"replayed": True}
    assert desk.refused("reserve", "1", "--seat", "A-2", **me) == ("token_invalid", 4)


EMBEDDED = {"BOXOFFICE_DATABASE_URL": "", "BOXOFFICE_REDIS_URL": ""}


@pytest.mark.parametrize("command", [("store", "stop"), ("store", "reset", "--yes")])
def test_a_customer_cannot_end_the_sale(desk, command):
    assert desk.refused(*command, **EMBEDDED, **CUSTOMER) == ("forbidden", 4)


def test_nothing_is_deleted_without_a_yes(desk):
    assert desk.refused("store", "reset", **EMBEDDED) == ("input_invalid", 2)
    assert desk.refused("store", "reset", "--no-input", **EMBEDDED) == ("input_invalid", 2)
