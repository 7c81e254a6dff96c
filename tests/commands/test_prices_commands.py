"""Prices and blocks from the command line: what is printed, rehearsed, repeated and refused."""

from __future__ import annotations

STAFF = ("--staff", "--user", "user1")


def test_prices_are_set_by_category_and_type_and_chosen_at_reserve(desk):
    ran = desk.run("performance", "set-price", "1", "-p", "Standard:child=25000", "--dry-run")
    assert (ran.code, ran.out) == (0, "Standard\tadult\t50000\nStandard\tchild\t25000\n")
    assert "would performance set-price: nothing was changed" in ran.err
    assert desk.run("performance", "prices", "1").out == "Standard\tadult\t50000\n"
    sets = ("performance", "set-price", "1", "-p", "Standard:child=25000", "-k", "set")
    told = desk.json(*sets)
    assert told["prices"][1] == {
        "category": "Standard",
        "type": "child",
        "price": {"amount": 25000, "currency": "KRW"},
    }
    assert desk.json(*sets)["replayed"]
    assert desk.json("status", "set")["result"]["prices"] == told["prices"]
    assert desk.run(*sets, "-q").out == "1\n"
    assert desk.json("performance", "prices", "1", BOXOFFICE_ROLE="customer") == told["prices"]
    assert desk.json("show-concert", "1")["dates"][0]["price_types"] == ["child"]
    seats = ("--seat", "A-1", "--seat", "A-2")
    held = desk.json("reserve", "1", *seats, "--type", "child", "--type", "adult", *STAFF)
    assert (held["types"], held["total"]["amount"]) == (["child", "adult"], 75_000)
    plain = desk.json("reserve", "1", "--best", "2", *STAFF)
    assert ("types" in plain, plain["total"]["amount"]) == (False, 100_000)
    wrong = ("reserve", "1", "--seat", "B-1", *STAFF, "--type")
    assert desk.refused(*wrong, "dog") == ("price_type_not_found", 3)
    assert desk.refused(*wrong, "child", "--type", "adult") == ("input_invalid", 2)
    assert desk.refused("performance", "set-price", "1", "-p", "Standard:child") == (
        "input_invalid",
        2,
    )


def test_seats_are_blocked_listed_and_given_back(desk):
    blocks = ("performance", "block", "1", "--kind", "house", "--seat", "A-2", "--seat", "A-1")
    until = ("--until", "2099-12-01T12:00", "--note", "press")
    rehearsed = desk.run(*blocks, "--dry-run", "-q")
    assert (rehearsed.out, desk.json("performance", "blocks", "1")) == ("A-1,A-2\n", [])
    told = desk.json(*blocks, *until, "-k", "b")
    assert told == {
        "performance": 1,
        "seats": ["A-1", "A-2"],
        "kind": "house",
        "until": "2099-12-01T12:00:00+09:00",
        "note": "press",
    }
    assert desk.json("status", "b")["result"]["until"] == told["until"]
    assert desk.run("performance", "blocks", "1").out == (
        "A-1\thouse\t2099-12-01T12:00:00+09:00\tpress\tFloor\tA\n"
        "A-2\thouse\t2099-12-01T12:00:00+09:00\tpress\tFloor\tA\n"
    )
    listed = desk.json("list-seats", "1", "--all", "--staff", "--fields", "seat,state,block")
    assert listed[0] == {"seat": "A-1", "state": "blocked", "block": "house"}
    assert desk.refused("reserve", "1", "--seat", "A-1", *STAFF) == ("seat_blocked", 4)
    desk.json("reserve", "1", "--seat", "A-3", *STAFF)
    row = ("performance", "block", "1", "--kind", "house", "--row", "A")
    assert desk.refused(*row) == ("seat_taken", 5)
    assert desk.refused("performance", "block", "1", "--kind", "house") == ("input_invalid", 2)
    assert desk.refused("performance", "blocks", "1", BOXOFFICE_ROLE="customer")[0] == "forbidden"
    assert desk.run("performance", "unblock", "1", "--row", "A", "-q").out == "A-1,A-2\n"
    assert desk.json("performance", "unblock", "1", "--row", "A")["seats"] == []
