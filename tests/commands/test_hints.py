"""Whoever got something wrong is told what there is, in the words of what they gave."""

from __future__ import annotations

import pytest

from tests.conftest import PRICE, key, staff

BLOCK = ("performance", "block", "1", "--kind", "house")
NOBODYS = "R-1000-0000-0000-5PY"


def hint(desk, *arguments, stdin: bytes = b"", **environment: str) -> str:
    return desk.run(*arguments, "--json", stdin=stdin, **environment).error["hint"]


def test_a_season_with_an_unknown_category_is_told_of_columns(desk):
    season = b"concert,date,price:VIP\nConcert,2099-01-01T19:30,7\n"
    told = hint(desk, "performance", "import", "-", stdin=season)
    assert told.startswith("columns: concert, date,")
    create = ("performance", "create", "1", "--date", "2099-01-01T19:30", "-p", "VIP=7")
    assert hint(desk, *create) == "give --price CATEGORY=AMOUNT for each category"


def test_an_unknown_row_or_section_is_answered_with_those_there_are(desk):
    assert hint(desk, *BLOCK, "--row", "Z") == "there are: A, B, C, D, E"
    assert hint(desk, *BLOCK, "--row", "Z", "--section", "Floor") == "there are: A, B, C, D, E"
    for more in ((), ("--row", "A")):
        refused = desk.run(*BLOCK, "--section", "Balcony", *more, "--json").error
        assert refused["message"] == "there is no section Balcony"
        assert refused["hint"] == "there are: Floor"


@pytest.mark.parametrize("text", ["R-1", "seven", "R-0G00-0000-0000-0B", "7"])
@pytest.mark.parametrize("more", [(), ("--staff",), ("--staff", "--user", "user1")])
def test_what_is_no_reference_is_said_to_be_none(desk, text, more):
    refused = desk.run("cancel", text, "--yes", *more, "--json").error
    assert refused["code"] == "reservation_not_found"
    assert refused["message"] == "that is no reservation"
    assert refused["hint"] == "reservations look like R-1V2J-FD5T-J2HR-FAW"


def test_staff_are_not_told_of_a_user_whom_they_did_not_name(desk):
    for words in (("cancel", "--yes"), ("pay",), ("ticket", "show")):
        refused = desk.run(*words, NOBODYS, "--staff", "--json").error
        assert refused["message"] == "there is no such reservation", words
    named = desk.run("cancel", NOBODYS, "--yes", "--staff", "--user", "user1", "--json").error
    assert named["message"] == "there is no such reservation of this user"


def test_staff_pay_and_cancel_for_whoever_holds_it(desk):
    office = desk.world.office
    office.charge(PRICE, "user2", key=key())
    held = office.reserve(1, staff("user2"), seats=["A-1"], key=key()).reservation
    for words in (("pay", held), ("cancel", held, "--yes")):
        other = (*words, "--staff", "--user", "user1")
        assert desk.refused(*other) == ("reservation_not_found", 3)
        assert desk.refused(*words, "--staff", "--user", "") == ("input_invalid", 2)
        customer = {"BOXOFFICE_ROLE": "customer", "BOXOFFICE_USER": "user2"}
        assert desk.refused(*words, "--staff", **customer) == ("forbidden", 4)
        told = desk.json(*words, "--staff", "--key", words[0])
        assert desk.json(*words, "--staff", "--key", words[0]) == told | {"replayed": True}
        named = desk.json(*words, "--staff", "--user", "user2", "--key", words[0])
        assert named == told | {"replayed": True}
    audited = desk.box.rows("SELECT action, user_id FROM audit WHERE action IN ('pay', 'cancel')")
    assert audited == [("pay", 2), ("cancel", 2)]
    assert desk.box.one("SELECT balance FROM accounts WHERE user_id = 2") == PRICE


def test_the_history_of_a_balance_has_the_clock_of_the_house(desk):
    desk.world.office.charge(PRICE, "user1", key=key())
    (entry,) = desk.json("balance", "--user", "user1", "--history")["history"]
    assert entry["at"].endswith("+09:00")
    assert desk.run("balance", "--user", "user1", "--history").out.endswith("+09:00\n")
