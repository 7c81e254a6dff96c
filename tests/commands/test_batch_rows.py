"""CSV in: `charge --from` and `user import` do a row as a batch does a line."""

from __future__ import annotations

import json

import pytest

ROWS = "amount,user,key\r\n100,user1,\r\n200,user2,k2\r\n\r\n300,user1,\r\n"


@pytest.fixture
def rows(tmp_path):
    """Write a CSV and name it."""

    def write(text: str) -> str:
        path = tmp_path / "rows.csv"
        path.write_text(text, encoding="utf-8", newline="")
        return str(path)

    return write


def test_each_row_is_charged_once_however_often_the_file_is_given(desk, rows):
    ran = desk.run("charge", "--from", rows(ROWS), "--json")
    told = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 0, ran.err
    assert [one["line"] for one in told] == [2, 3, 5]
    assert [one["result"]["charged"]["amount"] for one in told] == [100, 200, 300]
    assert told[1]["key"] == "k2"
    assert json.loads(ran.err) == {"done": 3, "replayed": 0, "refused": 0, "first_refused": None}
    moved = "user,amount,key\nuser1,100,\nuser2,200,k2\n\nuser1,300,\n"
    again = desk.run("charge", "--from", "-", "--json", stdin=moved.encode())
    told = {"done": 0, "replayed": 3, "refused": 0, "first_refused": None}
    assert json.loads(again.err) == told
    assert desk.world.balances() == 600
    other = desk.run("charge", "--from", rows(ROWS), "--key", "march")
    assert (other.code, desk.world.balances()) == (0, 1000)  # but for the row with its own key


def test_a_row_that_is_added_or_moved_charges_nobody_below_it_again(desk, rows):
    """Rows without a key are known by what they say, alike ones by how many there are."""
    plain = ["user1,100", "user2,200", "user1,100", "user3,300"]
    head = "user,amount"
    assert desk.run("charge", "--from", rows("\n".join([head, *plain]))).code == 0
    assert desk.world.balances() == 700
    for changed, added in (
        (["user2,7", *plain], 7),
        ([*reversed(plain), "user2,7"], 0),
        (plain[1:], 0),
        (["user1,100", *plain], 100),
    ):
        before = desk.world.balances()
        assert desk.run("charge", "--from", rows("\n".join([head, *changed]))).code == 0
        assert desk.world.balances() - before == added, changed


def test_a_pipe_gets_the_fields_of_a_charge_and_errors_are_words(desk, rows):
    ran = desk.run("charge", "--from", rows("user,amount\nuser1,5\nnobody,5\nuser1,0\nuser1,7\n"))
    user = desk.world.users[0]
    fields = [line.split("\t") for line in ran.out.splitlines()]
    assert [each[:3] for each in fields] == [[str(user), "5", "5"], [str(user), "7", "12"]]
    said = ran.err.splitlines()
    assert said[0] == "boxoffice: line 3: there is no user nobody. [user_not_found]"
    assert "line 4: " in said[1]
    assert said[2] == "2 done, 0 done before, 2 not done; the first: line 3 [user_not_found]"
    assert ran.code == 3


def test_a_file_that_is_wrong_anywhere_charges_nobody(desk, rows):
    for text in ("user,amount\nuser1,5\nuser1\n", "user\nuser1\n", "user,amount,x\n1,2,3\n", ""):
        assert desk.refused("charge", "--from", rows(text)) == ("input_invalid", 2)
    for options in (["5"], ["--user", "user1"], ["--currency", "KRW"]):
        refused = desk.refused("charge", "--from", rows(ROWS), *options)
        assert refused == ("input_invalid", 2)
    assert desk.refused("charge", "--user", "user1") == ("input_invalid", 2)
    assert desk.world.balances() == 0


def test_a_dry_run_of_rows_changes_nothing(desk, rows):
    ran = desk.run("charge", "--from", rows(ROWS), "--dry-run")
    assert (ran.code, len(ran.out.splitlines())) == (0, 3)
    assert desk.world.balances() == 0
    assert desk.run("user", "import", rows("name\nlee\n"), "--dry-run").code == 0
    assert desk.world.box.one("SELECT count(*) FROM users WHERE name = 'lee'") == 0


def test_users_are_added_from_a_csv_and_only_once(desk, rows):
    path = rows("name\n이영희\nlee\nuser1\n=cmd\n")
    ran = desk.run("user", "import", path, "--json")
    told = [json.loads(line) for line in ran.out.splitlines()]
    assert [one["ok"] for one in told] == [True, True, False, True]
    assert told[2]["error"]["code"] == "name_taken"
    assert ran.code == 5
    again = desk.run("user", "import", path)
    assert "0 done, 3 done before, 1 not done" in again.err
    assert desk.world.box.one("SELECT count(*) FROM users WHERE name = '이영희'") == 1
