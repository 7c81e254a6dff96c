"""`boxoffice batch`: every line is done by its command, alone, and answered in its place."""

from __future__ import annotations

import json

import pytest

from boxoffice.commands.batch.lines import Keys, Line
from boxoffice.commands.output import Exit
from boxoffice.commands.reference import walk
from boxoffice.core.errors import InputInvalid
from tests.conftest import PRICE


def encoded(lines) -> bytes:
    return "".join(f"{json.dumps(line)}\n" for line in lines).encode()


class Lines:
    """What a batch answered: its results by line, its last words, its exit code."""

    def __init__(self, ran) -> None:
        self.code, self.said = ran.code, ran.err
        self.told = [json.loads(line) for line in ran.out.splitlines()]
        assert [one["line"] for one in self.told] == list(range(1, len(self.told) + 1))

    @property
    def codes(self) -> list[str | None]:
        return [one.get("error", {}).get("code") for one in self.told]

    @property
    def oks(self) -> list[bool]:
        return [one["ok"] for one in self.told]

    def result(self, number: int):
        return self.told[number - 1]["result"]


@pytest.fixture
def batch(desk):
    """Run lines (mappings, or bytes as they are) in this process."""

    def run(lines, *options: str, **environment: str) -> Lines:
        stdin = lines if isinstance(lines, bytes) else encoded(lines)
        return Lines(desk.run("batch", *options, stdin=stdin, **environment))

    return run


def charge(user="user1", amount=PRICE, **more):
    return {"command": "charge", "user": user, "amount": amount, **more}


def reserve(*seats, user="user1", **more):
    return {"command": "reserve", "user": user, "performance": 1, "seats": seats, **more}


SALE = [
    charge(amount=2 * PRICE),
    reserve("A-1", "A-2", key="r1"),
    {"command": "pay", "user": "user1", "reservation": "@r1"},
]


# --- results ---


def test_a_result_has_the_fields_of_the_command_s_own_json(desk, batch):
    told = batch([*SALE, {"command": "list-reservations", "user": "user1"}], "--staff")
    assert (told.code, told.oks) == (0, [True] * 4)
    assert told.result(4) == desk.json("list-reservations", "--user", "user1")
    key = told.told[2]["key"]
    assert desk.json("status", key)["result"] == told.result(3)
    assert told.told[1]["key"] == "r1"
    assert told.told[3]["key"] is None
    assert told.said == "4 done, 0 done before, 0 not done\n"


def test_a_list_that_is_empty_is_an_empty_list_and_fields_are_chosen(batch):
    seats = {"command": "list-seats", "performance": 1, "fields": "seat"}
    told = batch(
        [{"command": "list-reservations", "user": "user1"}, seats | {"best": 1}], "--staff"
    )
    assert told.result(1) == []
    assert [*told.result(2)[0]] == ["seat"]


def test_a_command_that_prints_on_its_own_way_answers_with_its_text(desk, batch):
    told = batch([{"command": "venue example", "name": "club"}])
    assert told.result(1)["text"] == desk.run("venue", "example", "club").out


def test_an_answer_by_exit_code_is_no_ok(desk, batch):
    assert desk.run("charge", "5", "--user", "user1", "--key", "k").code == 0
    told = batch([{"command": "status", "key": "k"}, {"command": "status", "key": "gone"}])
    assert told.oks == [True, False]
    desk.run("status", "gone2", "--settle")
    told = batch([{"command": "status", "key": "gone2"}])
    assert (told.code, told.oks, told.result(1)["state"]) == (3, [False], "abandoned")


def test_prices_may_be_an_object_and_fields_the_names_of_options(batch):
    create = {"command": "performance create", "concert": 1, "prices": {"Standard": 5}}
    told = batch(
        [
            create | {"date": "2099-01-01T10:00", "sale-opens": "2020-01-01T00:00"},
            create | {"date": "2099-01-02T10:00", "sale_opens": "2020-01-01T00:00"},
        ]
    )
    assert told.code == 0, told.told


# --- keys ---


def test_the_same_lines_again_do_only_what_was_not_done(desk, batch):
    lines = [*SALE, reserve("A-3", user="nobody")]
    first = batch(lines, "--staff")
    assert first.codes == [None, None, None, "user_not_found"]
    desk.run("user", "add", "nobody")
    again = batch([*lines, reserve("A-4")], "--staff")
    assert again.oks == [True] * 5
    assert [one["result"].get("replayed", False) for one in again.told] == [True] * 3 + [False] * 2
    assert again.told[0]["result"] == first.told[0]["result"] | {"replayed": True}
    assert "2 done, 3 done before, 0 not done" in again.said
    assert desk.world.box.one("SELECT count(*) FROM ledger_entries") == 2


def test_a_line_s_key_is_of_its_text_of_how_many_are_like_it_and_of_the_run_s_name(desk, batch):
    two = batch([charge(), charge()])
    assert two.oks == [True, True]
    assert two.told[0]["key"] != two.told[1]["key"]
    assert batch([charge(), charge()], "--key", "again").oks == [True, True]
    assert desk.world.balances() == 4 * PRICE
    assert batch([charge(), charge(amount=1)]).result(2)["balance"]["amount"] == 4 * PRICE + 1
    changed = batch([charge(key="k"), charge(key="k", amount=1)])
    assert changed.codes == [None, "key_reused"]


def test_a_line_that_is_added_has_none_of_the_others_done_again(desk, batch):
    lines = [charge(), charge(user="user2"), charge()]
    assert batch(lines).code == 0
    again = batch([{"command": "list-concerts"}, charge(amount=1), *lines[::-1]])
    assert [one["result"].get("replayed", False) for one in again.told[1:]] == [False] + [True] * 3
    assert desk.world.balances() == 3 * PRICE + 1


def test_two_customers_may_give_the_same_lines(batch):
    """Who acts is said by the session, and by no line."""
    lines = [{"command": "charge", "amount": 5}]
    for user in ("user1", "user2"):
        told = batch(lines, BOXOFFICE_ROLE="customer", BOXOFFICE_USER=user)
        assert (told.codes, told.result(1)["balance"]["amount"]) == ([None], 5)


def test_lines_alike_keep_their_keys_in_any_number_of_jobs(desk):
    lines = [charge(), charge(), charge(user="user2"), charge(), charge(user="user2")]
    for jobs, line in (("1", 1), ("3", 2)):
        stdin = encoded([charge(amount=line), *lines])
        assert desk.box.run("batch", "--jobs", jobs, stdin=stdin).code == 0
    assert desk.world.balances() == len(lines) * PRICE + 3


def test_lines_without_a_key_are_told_apart_up_to_a_number_that_memory_has_room_for():
    keys = Keys("", None, most=2)
    texts = [b"a", b"b", b"a"]
    assert len({keys.key_of(Line(number=1, text=text)) for text in texts}) == 3
    with pytest.raises(InputInvalid, match="more than 2 lines"):
        keys.key_of(Line(number=4, text=b"c"))


def test_line_ends_and_a_byte_order_mark_are_no_part_of_a_line(desk, batch):
    unix = batch(encoded([charge(), charge()]).rstrip(b"\n"))
    windows = batch(b"\xef\xbb\xbf" + encoded([charge(), charge()]).replace(b"\n", b"\r\n"))
    assert [one["key"] for one in unix.told] == [one["key"] for one in windows.told]
    assert desk.world.balances() == 2 * PRICE


# --- references ---


def test_a_reservation_is_named_by_the_key_that_made_it_in_this_run_or_before(desk, batch):
    assert batch([reserve("A-1", key="r1")], "--staff").code == 0
    assert batch(SALE[::2], "--staff").oks == [True, True]
    assert desk.world.seats("sold") == 1


def test_a_key_that_made_no_reservation_is_not_found(batch):
    lines = [charge(key="c1")]
    lines += [{"command": "pay", "user": "user1", "reservation": f"@{k}"} for k in ("c1", "x", "")]
    told = batch(lines, "--staff")
    assert told.codes == [None, *["reservation_not_found"] * 2, "input_invalid"]


def test_a_customer_names_only_their_own_reservations(desk, batch):
    desk.run("charge", str(PRICE), "--user", "user1")
    assert batch([reserve("A-1", user="user2", key="theirs")], "--staff").code == 0
    customer = {"BOXOFFICE_ROLE": "customer", "BOXOFFICE_TOKEN": desk.admitted("user1")}
    lines = [
        {"command": "reserve", "performance": 1, "seats": ["A-2"], "key": "mine"},
        {"command": "pay", "reservation": "@theirs"},
        {"command": "pay", "reservation": "@mine"},
    ]
    told = batch(lines, **customer)
    assert told.codes == [None, "reservation_not_found", None]
    assert desk.world.seats("sold") == 1


# --- staff, dry runs, stopping ---


def test_only_operators_act_as_staff(desk):
    stdin = encoded([reserve("A-1")])
    refused = desk.refused("batch", "--staff", stdin=stdin, BOXOFFICE_ROLE="customer")
    assert refused == ("forbidden", 4)


def test_a_dry_run_changes_nothing_and_says_which_lines_it_cannot_try(desk, batch):
    told = batch(
        [*SALE, {"command": "enqueue", "concert": 1, "user": "user1"}, {"command": "verify"}],
        "--staff",
        "--dry-run",
    )
    assert told.oks == [True, True, False, False, True]
    assert "took back" in told.told[2]["error"]["message"]
    assert "queue" in told.told[3]["error"]["message"]
    assert desk.world.box.one("SELECT count(*) FROM operations WHERE command = 'charge'") == 0
    assert desk.world.seats("free") == 50
    assert batch(SALE, "--staff").code == 0
    assert batch(SALE, "--staff", "--dry-run").oks == [True] * 3  # replays, nothing to take back


def test_a_line_may_be_a_dry_run_of_its_own(desk, batch):
    told = batch([charge(dry_run=True), charge()])
    assert told.result(2)["balance"]["amount"] == PRICE
    assert desk.world.balances() == PRICE


def test_a_run_stops_at_its_first_error_where_that_is_wanted(desk, batch):
    told = batch([charge(), charge(user="nobody"), charge()], "--stop-on-error")
    assert told.oks == [True, False]
    assert desk.world.balances() == PRICE


def test_the_last_words_name_the_first_line_that_was_not_done(desk, batch):
    lines = [charge(), charge(user="nobody"), {"command": "fly"}]
    first = "1 done, 0 done before, 2 not done; the first: line 2 [user_not_found]\n"
    assert batch(lines).said == first
    told = json.loads(batch(lines[1:], "--json").said)
    assert told["first_refused"] == {"line": 1, "code": "user_not_found"}
    desk.run("status", "gone", "--settle")
    by_code = batch([{"command": "status", "key": "gone"}])  # an answer, and no error
    assert by_code.said == "0 done, 0 done before, 1 not done; the first: line 1\n"


def test_a_run_leaves_with_its_worst_code(batch):
    assert batch([{"command": "pay", "user": "user1", "reservation": "R-0"}], "--staff").code == 3
    lines = [{"command": "show-concert", "concert": "none"}, {"command": "show-concert"}]
    assert batch(lines).code == Exit.USAGE
    assert batch([*lines, {"command": "status", "key": "x"}]).code == Exit.UNAVAILABLE
    assert batch(b"").code == 0


# --- what is wrong with a line ---

BROKEN = {
    "no JSON": b"{",
    "no object": b"[1]",
    "empty": b"",
    "no UTF-8": b'{"command": "balance", "user": "\xff"}',
    "too long": b'{"command": "balance", "user": "' + b"x" * 100_000 + b'"}',
    "too deep": b'{"command": ' + b"[" * 60_000,
    "twice": b'{"command": "charge", "amount": 1, "user": "user1", "amount": 2}',
    "not a number": b'{"command": "charge", "amount": NaN, "user": "user1"}',
    "huge": b'{"command": "charge", "amount": 1' + b"0" * 400 + b', "user": "user1"}',
    "endless": b'{"command": "charge", "amount": 1' + b"0" * 5_000 + b', "user": "user1"}',
    "NUL": b'{"command": "charge", "amount": 1, "user": "user1\\u0000"}',
    "half a pair": b'{"command": "charge", "amount": 1, "user": "\\ud800"}',
    "no command": b'{"amount": 1, "user": "user1"}',
    "unknown command": b'{"command": "fly", "user": "user1"}',
    "a command of another kind": b'{"command": ["charge"], "user": "user1"}',
    "unknown field": b'{"command": "charge", "amount": 1, "user": "user1", "colour": 1}',
    "the same field by two names":
        b'{"command": "reserve", "performance": 1, "seat": "A-1", "seats": ["A-2"]}',
    "a part": b'{"command": "charge", "amount": 1.5, "user": "user1"}',
    "a truth": b'{"command": "charge", "amount": true, "user": "user1"}',
    "a text": b'{"command": "reserve", "performance": "1", "best": 1, "user": "user1"}',
    "nothing": b'{"command": "reserve", "performance": null, "best": 1, "user": "user1"}',
    "missing": b'{"command": "reserve", "best": 1, "user": "user1"}',
    "a list": b'{"command": "charge", "amount": [1], "user": "user1"}',
    "a number in a list": b'{"command": "reserve", "performance": 1, "seats": [{}]}',
    "stdin": b'{"command": "venue import", "file": "-"}',
    "the token of stdin": b'{"command": "position", "token": "-"}',
    "a key of another kind": b'{"command": "charge", "amount": 1, "user": "user1", "key": {}}',
    "an empty key": b'{"command": "charge", "amount": 1, "user": "user1", "key": " "}',
    "another batch": b'{"command": "batch"}',
    "a screen": b'{"command": "counter"}',
    "rows": b'{"command": "user import", "file": "x.csv"}',
    "rows to charge": b'{"command": "charge", "from": "x.csv"}',
    "a way to print": b'{"command": "balance", "user": "user1", "json": true}',
}  # fmt: skip


def test_a_broken_line_fails_alone_and_changes_nothing(desk, batch):
    sound = encoded([charge()]).strip()
    told = batch(b"\n".join(part for text in BROKEN.values() for part in (text, sound)), "--staff")
    wrong = dict(zip(BROKEN, told.told[::2], strict=True))
    assert {n: one for n, one in wrong.items() if one["ok"]} == {}
    codes = {name: one["error"]["code"] for name, one in wrong.items()}
    assert {n: c for n, c in codes.items() if c not in ("input_invalid", "amount_invalid")} == {}
    assert told.code == Exit.USAGE
    assert all(one["ok"] for one in told.told[1::2])
    assert desk.world.balances() == len(BROKEN) * PRICE
    assert desk.world.seats("free") == 50


def test_no_error_repeats_what_stood_in_the_line(batch):
    told = batch(b'{"command": "charge", "token": "s3cret", "colour": "s3cret"}\n{"s3cret": s3cret')
    assert told.oks == [False, False]
    assert "s3cret" not in json.dumps(told.told)


def test_a_file_that_cannot_be_read_is_told_before_anything_is_done(desk, tmp_path):
    for path in (tmp_path / "none", tmp_path):
        assert desk.refused("batch", str(path)) == ("input_invalid", 2)
    for wrong in (["--jobs", "0"], ["--jobs", "33"], ["--key", ""]):
        assert desk.refused("batch", *wrong) == ("input_invalid", 2)


# --- the commands there are ---


def test_every_command_is_in_a_batch_but_for_those_left_out_with_a_reason():
    from boxoffice.commands.batch.operations import LEFT_OUT, operations

    known, there_are = operations(), {name for name, _ in walk()}
    out = {name for name in there_are if {name, name.split()[0]} & LEFT_OUT.keys()}
    assert known.keys() == there_are - out
    assert {name.split()[0] for name in out} <= {
        *("batch", "bench", "book", "counter", "demo", "doctor", "store", "user", "worker")
    }
    assert all(LEFT_OUT.values())


def test_no_field_has_the_name_of_what_a_line_says_itself():
    from boxoffice.commands.batch.operations import operations

    for name, operation in operations().items():
        assert "command" not in operation.fields, name
        assert not {"as_json", "json", "quiet", "yes", "source", "help"} & operation.fields.keys()
        assert "as_json" in operation.defaults or not operation.is_keyed, name
