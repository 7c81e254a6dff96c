"""Five hundred plans that nobody means, through the command that imports them."""

from __future__ import annotations

import io
import json
import os
import re

import pytest

from boxoffice.core.errors import InputInvalid
from boxoffice.core.plans import PEEK_BYTES_MAX, PLAN_BYTES_MAX, read_plan
from tests.commands.conftest import invoke
from tests.fuzz.bad_plans import GOOD, PRETIX, SPACES_BYTES, Endless, bad_plan
from tests.fuzz.manners import require_manners
from tests.fuzz.seeds import SEED, chance_of, share
from tests.invariants import assert_consistent

PLANS = 500
REFUSED_MIN, IMPORTED_MIN = PLANS // 2, PLANS // 50
PLACE = re.compile(r"line \d|the plan|^\S+: |larger than|more than")
# A reader asks for a buffer more than it uses, and no more.
READ_AHEAD_BYTES = 4 * io.DEFAULT_BUFFER_SIZE + 2 * 64 * 1024
BEGIN, PRETIX_BEGIN = json.dumps(GOOD).encode(), json.dumps(PRETIX).encode()


def imported(box, path, *more: str):
    words = ["venue", "import", str(path), "--json", *more]
    ran = invoke(box, *words)
    require_manners(ran, words, as_json=True, secrets=())
    return ran


def test_a_bad_plan_is_refused_by_its_place_or_imported_whole(box, tmp_path):
    chance = chance_of("plans")
    seats = {}
    refused = 0
    path = tmp_path / "plan.json"
    for number in range(share(PLANS, PLANS)):
        content = bad_plan(chance)
        path.write_bytes(content)
        try:
            ran = imported(box, path, "--name", f"Hall {number}")
            if ran.code:
                refused += 1
                assert (ran.code, ran.error["code"]) == (2, "input_invalid")
                assert PLACE.search(ran.error["message"])
            else:
                seats[ran.json["venue"]] = ran.json["seats"]
        except (AssertionError, ValueError) as error:
            raise AssertionError(
                f"{error}\nFUZZ_SEED={SEED}, plan {number}: {content[:3_000]!r}"
            ) from error
    assert refused >= REFUSED_MIN
    assert len(seats) >= IMPORTED_MIN
    stored = "SELECT venue_id, count(*) FROM venue_seats GROUP BY venue_id"
    assert dict(box.rows(stored)) == {venue: count for venue, count in seats.items() if count}
    assert box.one("SELECT count(*) FROM venues") == len(seats)
    assert_consistent(box)


def test_what_is_no_regular_file_is_refused_unread(box, tmp_path, subtests):
    pipe, loop, spaces = (tmp_path / name for name in ("pipe", "loop", "spaces"))
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    spaces.write_bytes(b" " * SPACES_BYTES)
    for path in (pipe, loop, tmp_path, "/dev/zero", "/dev/tty", spaces):
        with subtests.test(str(path)):
            assert imported(box, path).error["code"] == "input_invalid"
    assert imported(box, "/proc/self/mem").error["code"] == "local_disk_failed"
    assert box.one("SELECT count(*) FROM venues") == 0


@pytest.mark.parametrize(
    ("begin", "piece", "bytes_max"),
    [
        (b"", b" ", PEEK_BYTES_MAX),
        (b"", b" " * 1_000 + b"\n", PLAN_BYTES_MAX),
        (b"", b"[", PEEK_BYTES_MAX),
        (b"", b"[\n", PEEK_BYTES_MAX),
        (b'{"focal": {"x": ', b"1", PEEK_BYTES_MAX),
        (b'{"name": "', b"x", PEEK_BYTES_MAX),
        (b'{"sections": [', b'{"name": "S", "rows": []},\n', PLAN_BYTES_MAX // 100),
        (b'{"categories": [', b'"R",\n', PEEK_BYTES_MAX),
        (BEGIN, b" " * 1_000 + b"\n", PLAN_BYTES_MAX),
        (BEGIN, b"{}\n", 64 * 1024),
        (b'{"zones": [', b'{"name": "Z", "rows": []},\n', PLAN_BYTES_MAX // 100),
        (b'{"zones": [{"name": "Z", "rows": [', b'{"row_number": "1", "seats": []},\n', 2**20),
        (b'{"zones": [{"name": "Z", "rows": [], "areas": [', b"{},\n", PLAN_BYTES_MAX // 100),
        (b'{"zones": [{"uuid": ', b"[", PEEK_BYTES_MAX),
        (PRETIX_BEGIN, b"{}\n", 64 * 1024),
    ],
)
def test_an_endless_plan_is_read_no_further_than_its_first_mistake_or_the_limit(
    begin, piece, bytes_max
):
    endless = Endless(begin, piece)
    with pytest.raises(InputInvalid, match=PLACE):
        read_plan(io.BufferedReader(endless))
    assert endless.given <= bytes_max + READ_AHEAD_BYTES
