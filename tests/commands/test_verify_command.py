"""`boxoffice verify`: exit 0 or 1, lines or JSON, and a repair that touches no balance."""

from __future__ import annotations

import json

import pytest

from tests.clock import end_holds
from tests.conftest import PRICE, key, staff

NO_REDIS = {"BOXOFFICE_REDIS_URL": "unix:///nonexistent/socket"}
WRONG = "UPDATE accounts SET balance = balance + 7 WHERE user_id = 1"
LINES = (
    "balance_is_ledger\tuser=1 currency=KRW\tthe balance is 107, the ledger says 100\n"
    "money_conserved\tcurrency=KRW\tthe balances differ from the ledger by 7\n"
)


@pytest.fixture
def house(desk):
    """Money in an account and a hold that is over."""
    desk.world.office.charge(100, "user1", key=key())
    desk.world.office.reserve(1, staff("user2"), seats=["A-1"], key=key())
    end_holds(desk.box)
    return desk


def rows(desk, table: str) -> list[tuple]:
    return desk.box.rows(f"SELECT * FROM {table} ORDER BY 1, 2")


def test_a_sound_box_office_is_exit_0_and_says_how_much_was_checked(house):
    ran = house.run("verify")
    assert (ran.code, ran.out) == (0, "")
    assert "checks: everything is as it must be" in ran.err
    told = house.json("verify")
    assert told == {
        "checks": told["checks"],
        "queue": "checked",
        "violations": [],
        "repair": None,
    }
    assert told["checks"] >= 38


def test_a_violation_is_exit_1_and_told_with_its_keys(house):
    house.box.execute(WRONG)
    ran = house.run("verify")
    assert (ran.code, ran.out) == (1, LINES)
    assert "2 violations" in ran.err
    ran = house.run("verify", "--json")
    assert ran.code == 1
    assert json.loads(ran.out)["violations"][0] == {
        "check": "balance_is_ledger",
        "keys": {"user": 1, "currency": "KRW"},
        "detail": "the balance is 107, the ledger says 100",
    }


def test_fields_choose_what_is_told_of_a_violation(house):
    house.box.execute(WRONG)
    assert house.run("verify", "--fields", "check").out == "balance_is_ledger\nmoney_conserved\n"
    told = json.loads(house.run("verify", "--json", "--fields", "check").out)
    assert told["violations"] == [{"check": "balance_is_ledger"}, {"check": "money_conserved"}]
    assert house.refused("verify", "--fields", "nothing") == ("input_invalid", 2)


def test_a_weaker_commit_than_on_is_refused(house):
    name = house.box.one("SELECT current_database()")
    house.box.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    ran = house.run("verify", "--fields", "check")
    assert (ran.code, set(ran.out.split())) == (1, {"durable_commits"})


def test_without_redis_the_rest_is_checked_and_the_queue_told_to_be_away(house):
    ran = house.run("verify", **NO_REDIS)
    assert ran.code == 0
    assert "the queues were not checked" in ran.err
    assert house.run("verify", "--json", **NO_REDIS).json["queue"] == "away"


def test_clerks_may_look_admins_may_repair_and_customers_neither(house):
    assert house.run("verify", BOXOFFICE_ROLE="clerk").code == 0
    assert house.refused("verify", "--repair", BOXOFFICE_ROLE="clerk") == ("forbidden", 4)
    assert house.refused("verify", BOXOFFICE_ROLE="customer") == ("forbidden", 4)


def test_a_repair_ends_what_is_over_delivers_events_and_drops_strangers_once(house):
    office = house.world.office
    office.charge(PRICE, "user3", key=key())
    paid = office.reserve(1, staff("user3"), seats=["B-1"], key=key())
    office.pay(paid.reservation, staff("user3"), key=key())
    with office.stores.redis() as redis:
        redis.zadd("{concert:1}:waiting", {"404": 0})
    assert "queue_strangers" in house.run("verify", "--fields", "check").out
    told = house.json("verify", "--repair")
    done = {"expired": 1, "redelivered": 1, "dropped": 1, "corrections": []}
    assert (told["repair"], told["violations"]) == (done, [])
    assert house.box.one("SELECT count(*) FROM reservations WHERE state = 'expired'") == 1
    assert house.box.one("SELECT count(*) FROM outbox WHERE sent_at IS NULL") == 0
    assert house.json("verify", "--repair")["repair"] == dict.fromkeys(done, 0) | {
        "corrections": []
    }


def test_a_repair_is_audited_with_whom_it_dropped(house):
    with house.world.office.stores.redis() as redis:
        redis.zadd("{concert:1}:waiting", {"404": 0})
    assert house.run("verify", "--repair").code == 0
    audited = house.box.rows(
        "SELECT action, detail FROM audit WHERE action IN ('repair', 'drop from queue') ORDER BY id"
    )
    assert audited == [
        ("repair", {"corrections": []}),
        ("drop from queue", {"concert": 1, "users": [404]}),
    ]


def test_a_repair_prints_the_correcting_entry_and_touches_no_balance(house):
    house.box.execute(WRONG)
    before = rows(house, "accounts"), rows(house, "ledger_entries")
    ran = house.run("verify", "--repair", "--json")
    assert ran.code == 1
    (entry,) = json.loads(ran.out)["repair"]["corrections"]
    assert entry == {
        "user": 1,
        "currency": "KRW",
        "balance": 107,
        "ledger": 100,
        "entry": 7,
        "against": "house:corrections",
    }
    words = house.run("verify", "--repair").err
    assert "boxoffice user correct 1 --amount +7 --currency KRW --reason TEXT" in words
    assert (rows(house, "accounts"), rows(house, "ledger_entries")) == before


def test_a_repair_without_redis_ends_holds_and_leaves_the_rest(house):
    told = house.run("verify", "--repair", "--json", **NO_REDIS).json
    assert told["repair"] == {
        "expired": 1,
        "redelivered": 0,
        "dropped": None,
        "corrections": [],
    }


def test_a_check_that_the_database_does_not_answer_is_told_as_any_other_failure(house):
    house.box.execute("ALTER TABLE accounts RENAME TO elsewhere")
    for words in (("verify",), ("verify", "--repair")):
        assert house.refused(*words) == ("schema_outdated", 6)
