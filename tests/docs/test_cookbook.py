"""The scripts of the cookbook, taken out of its page and run as they stand."""

from __future__ import annotations

import base64
import hmac
import json
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.conftest import PRICE, Ran, World, key, make_world, staff
from tests.core.receivers import SECRET
from tests.core.test_pretix_plans import HALL
from tests.waiting import wait_until

PAGE = Path(__file__).parents[2] / "docs" / "cookbook.md"
NAMED = re.compile(r"^`([\w.-]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(?:bash|python)$", re.MULTILINE)
SCRIPT_SECONDS = 60
ONE, TWO = staff("user1"), staff("user2")


@dataclass(frozen=True)
class Cookbook:
    """The files of the page in a folder, and `boxoffice` where a shell finds it."""

    world: World
    folder: Path
    programs: Path

    def run(self, name: str, *arguments: str, stdin: str = "", **environment: str) -> Ran:
        """Run a script of the page."""
        ran = subprocess.run(
            [str(self.folder / name), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=SCRIPT_SECONDS,
            cwd=self.folder,
            env=self.environment | environment,
            check=False,
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def program(self, name: str, *lines: str) -> None:
        """Put a program before those of the host."""
        file = self.programs / name
        file.write_text("\n".join(("#!/bin/sh", *lines, "")))
        file.chmod(0o700)

    def write(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text)
        return name

    @property
    def environment(self) -> dict[str, str]:
        given = self.world.box.environment
        return given | {"PATH": f"{self.programs}{os.pathsep}{given['PATH']}"}

    def buy(self, seat: str, buyer=ONE) -> str:
        """Sell a seat; return the reservation."""
        office, world = self.world.office, self.world
        office.charge(PRICE, buyer.user, key=key())
        held = office.reserve(world.performance, buyer, seats=[seat], key=key()).reservation
        office.pay(held, buyer, key=key())
        return held


def opened(world: World, folder: Path) -> Cookbook:
    """Lay the page out in a folder."""
    book = Cookbook(world, folder / "cookbook", folder / "programs")
    book.folder.mkdir()
    book.programs.mkdir()
    for name, text in NAMED.findall(PAGE.read_text()):
        book.write(name, text)
        (book.folder / name).chmod(0o700)
    book.program("boxoffice", f'exec {shlex.quote(sys.executable)} -m boxoffice "$@"')
    book.program("sleep", "exit 1")  # nobody waits for a time here
    return book


@pytest.fixture
def book(world, tmp_path):
    return opened(world, tmp_path)


def test_every_script_of_the_page_is_named_and_run_here():
    text = PAGE.read_text()
    scripts = [name for name, body in NAMED.findall(text) if body.startswith("#!")]
    assert len(BLOCK.findall(text)) == len([*scripts, "retry.sh"])
    assert [name for name in scripts if f'"{name}"' not in Path(__file__).read_text()] == []
    assert re.findall(r"^## (\d+)\.", text, re.MULTILINE) == [str(n) for n in range(1, 11)]


def test_a_season_is_made_once_however_often_its_script_is_run(book):
    concert = book.world.office.create_concert("Winter Jazz", "Room", key=key()).id
    made, again = (book.run("season.sh", "season.csv").json for _ in range(2))
    assert again == made | {"replayed": True}
    assert (len(made["performances"]), made["seats"]) == (3, 150)
    count = "SELECT count(*) FROM performances WHERE concert_id = %s"
    assert book.world.box.one(count, concert) == 3


def test_a_list_of_refunds_is_done_once_and_what_is_refused_is_told(book):
    first, second, third = book.buy("A-1"), book.buy("A-2", TWO), book.buy("A-3", TWO)
    users = book.world.users
    rows = f"reservation,user\r\n{first},{users[0]}\r\n\r\n{second}\t{users[1]}\r\n"
    done = book.run("refunds.sh", book.write("tonight.csv", rows))
    assert (done.code, done.out, done.err) == (0, "", "2 done, 0 done before, 0 not done\n")
    again = book.run("refunds.sh", book.write("tonight.csv", rows + f"{third},{users[0]}"))
    assert (again.code, "0 done, 2 done before, 1 not done" in again.err) == (3, True)
    assert '"reservation_not_found"' in again.err
    # A cancel under any other key would be answered as done before, too.
    keys = book.world.box.rows("SELECT key FROM operations WHERE command = 'cancel'")
    assert sorted(keys) == sorted([(f"refund-{first}",), (f"refund-{second}",)])
    assert (book.world.balances(), book.world.seats("sold")) == (2 * PRICE, 1)
    hostile = book.write("hostile.csv", f'{third},{users[1]}\nR-1","user":1,2\n')
    assert book.run("refunds.sh", hostile).code == 2
    assert book.world.seats("sold") == 1


def test_an_on_sale_is_watched_until_nothing_is_left(box, tmp_path):
    book = opened(make_world(box, rows=1, seats=1), tmp_path)
    book.world.office.charge(PRICE, "user1", key=key())
    sell = "reservation=$(boxoffice reserve 1 --best 1 --staff --user user1 -q) || exit 1"
    book.program("sleep", sell, 'boxoffice pay "$reservation" --staff --user user1 -q')
    watched = book.run("watch.sh", "Concert")
    assert watched.code == 0, watched.err
    told = re.findall(r"open  waiting 0  admitted 0  free (\d)  held 0  sold (\d)", watched.out)
    assert told == [("1", "0"), ("0", "1")]
    assert watched.out.endswith("\nsold out\n")
    assert book.world.seats("sold") == 1


def test_the_cash_up_is_a_file_that_equals_the_ledger(book):
    book.buy("A-1")
    made = book.run("cash-up.sh", ".", "all")
    assert (made.code, made.out) == (0, "./cash-up-all.csv\n"), made.err
    lines = (book.folder / "cash-up-all.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].split(",")[:5] == ["clerk", "tender", "currency", "sales", "takings"]
    takings = {line.split(",")[1]: int(line.split(",")[4]) for line in lines[1:]}
    assert takings == {"balance": PRICE, "charge": PRICE}
    sales = "SELECT sum(amount)::bigint FROM ledger_entries WHERE type = 'use'"
    assert takings["balance"] == book.world.box.one(sales)
    assert book.run("cash-up.sh", ".", "tomorrow").code == 2
    assert [file.name for file in book.folder.glob("cash-up-*")] == ["cash-up-all.csv"]


def test_a_kiosk_sells_to_one_person_and_runs_nothing_else(book):
    world = book.world
    homes = book.folder / "homes"
    (homes / "user1").mkdir(parents=True, mode=0o700)
    config = homes / "user1" / "config.toml"
    config.touch(mode=0o600)
    urls = world.box.settings.database_url, world.box.settings.redis_url
    config.write_text('database_url = "{}"\nredis_url = "{}"\n'.format(*urls))
    text = (book.folder / "kiosk").read_text()
    for there, here in (
        ("/usr/bin/boxoffice", book.programs / "boxoffice"),
        ("/var/lib/boxoffice/kiosk", homes),
    ):
        assert text.count(there) == 1
        text = text.replace(there, str(here))
    book.write("kiosk", text)

    def ask(command):
        return book.run("kiosk", SSH_ORIGINAL_COMMAND=command, BOXOFFICE_USER="user1")

    assert ask("enqueue 1").code == 0
    assert ask("reserve 1 --best 1").code == 0
    assert world.box.one("SELECT user_id FROM reservations") == world.users[0]
    assert ask("balance --user user2").code == 4
    for command in ("charge 100", "ticket list", "balance; id", "$(id)", "balance\nid", "verify"):
        refused = ask(command)
        assert (refused.code, refused.out) == (4, ""), command


def test_a_receiver_keeps_each_signed_event_once_and_no_forged_one(book):
    event = f"pay:{book.buy('A-1')}"
    server = subprocess.Popen(
        [str(book.folder / "receiver.py"), "0"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=book.folder,
        env={"PATH": book.environment["PATH"], "WEBHOOK_SECRET": SECRET},
    )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{server.stdout.readline().split()[-1]}/"
        hook = {
            "BOXOFFICE_WEBHOOK_URL": url,
            "BOXOFFICE_WEBHOOK_SECRET": SECRET,
            "BOXOFFICE_WEBHOOK_ALLOW_PRIVATE": "true",
        }
        told = book.world.box.run("worker", "--once", **hook)
        assert (told.code, "webhook: 1 done" in told.err) == (0, True), told.err
        now = int(time.time())
        assert post(url, event, now) == 204  # a repeat
        assert post(url, "forged", now, secret=b"another") == 401
        assert post(url, "old", now - 600) == 401
        assert post(url, "later", now + 600) == 401
    finally:
        server.terminate()
        server.communicate()
    with sqlite3.connect(book.folder / "events.db") as kept:
        ((identity, body),) = kept.execute("SELECT id, body FROM events")
    kept.close()
    assert identity == event
    assert json.loads(body)["type"] == "reservation.paid"


def post(url: str, event: str, sent: int, secret: bytes | None = None) -> int:
    """Send an event as the convention has it; return the answer's status."""
    secret = secret or base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.digest(secret, f"{event}.{sent}.{{}}".encode(), "sha256")
    signature = f"v1,bm9ib2R5 v1,{base64.b64encode(digest).decode()}"
    headers = {
        "webhook-id": event,
        "webhook-timestamp": str(sent),
        "webhook-signature": signature,
    }
    try:
        with urlopen(Request(url, data=b"{}", headers=headers), timeout=30) as answer:
            return answer.status
    except HTTPError as refused:
        with refused:
            return refused.code


def test_vouchers_are_charged_once_a_month_whatever_becomes_of_the_list(book):
    first = book.run("vouchers.sh", "members.csv", "2026-12")
    assert (first.code, first.err) == (0, "3 done, 0 done before, 0 not done\n")
    lines = (book.folder / "members.csv").read_text().splitlines()
    turned = book.write("turned.csv", "\r\n".join((lines[0], "nobody,1", *lines[:0:-1])))
    again = book.run("vouchers.sh", turned, "2026-12")
    assert (again.code, "0 done, 3 done before, 1 not done" in again.err) == (3, True)
    assert book.world.balances() == 75_000
    for wrong in ("name,amount\nuser1,1\n", "user,amount\nuser1,1,2\n"):
        assert book.run("vouchers.sh", book.write("wrong.csv", wrong), "2027-02").code == 2
    assert book.world.balances() == 75_000


def test_a_door_without_network_lets_in_once_and_the_office_hears_of_it(book):
    world = book.world
    held = book.buy("A-1")
    (code,) = world.box.run("ticket", "show", held, "--staff", "-q").out.split()
    before = book.run("door-before.sh", "1")
    assert before.code == 0, before.err
    *_, listed, public_key, _ = before.err.split()
    away = {
        "BOXOFFICE_DATABASE_URL": "postgresql://x@/x?host=/nonexistent",
        "BOXOFFICE_REDIS_URL": "unix:///nonexistent/socket",
    }
    at_door = (listed, public_key, "East")
    door = book.run("door.sh", *at_door, stdin=f"{code}\n{code}\nT-0\n", **away)
    assert door.code == 0, door.err
    answers = [line.split("\t")[0] for line in door.out.splitlines()]
    assert answers == ["admitted", "ticket_used", "ticket_not_found"]
    assert world.box.one("SELECT count(*) FROM check_ins") == 0
    for _ in range(2):
        after = book.run("door-after.sh", f"{listed}.journal")
        assert (after.code, after.out, after.err) == (0, "1\n", "")
    assert world.box.rows("SELECT gate FROM check_ins") == [("East",)]


def test_a_hall_of_pretix_is_on_sale_with_its_house_seats_kept(book):
    plan = book.write("hall.json", json.dumps(HALL))
    first = book.run("hall.sh", plan)
    assert first.code == 0, first.err
    again = book.run("hall.sh", plan)
    assert (again.code, again.out) == (0, first.out)
    box = book.world.box
    kept = "SELECT count(*), count(DISTINCT release_at) FROM seat_blocks WHERE kind = 'house'"
    assert box.rows(kept) == [(3, 1)]
    assert book.world.seats("blocked") == 3
    assert box.one("SELECT count(*) FROM venues") == 2
    assert box.one("SELECT count(*) FROM performances") == 2
    assert box.rows("SELECT price_type, amount FROM type_prices") == [("child", 45_000)]


def test_a_worker_as_its_unit_starts_it_is_well_until_it_stops(book):
    unit = (book.folder / "boxoffice-worker.service").read_text()
    (start,) = re.findall(r"^ExecStart=/usr/bin/(.+)$", unit, re.MULTILINE)
    worker = subprocess.Popen(
        shlex.split(start), env=book.environment, cwd=book.folder,
        executable=book.programs / "boxoffice", stderr=subprocess.PIPE,
    )  # fmt: skip
    box = book.world.box
    try:
        rested = "SELECT count(*) FROM jobs WHERE worker IS NULL OR due_at <= now()"
        wait_until(lambda: box.one("SELECT count(*) FROM jobs") >= 5, "the jobs are known")
        wait_until(lambda: box.one(rested) == 0, "each job was done")
        well = book.run("health.sh")
        assert (well.code, well.out.startswith("the worker is well\n")) == (0, True), well
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.communicate(timeout=30)
    assert worker.returncode == 0
    box.execute("UPDATE jobs SET due_at = now() - interval '1 hour' WHERE name = 'sweep'")
    book.world.office.charge(PRICE, "user1", key=key())
    box.execute("UPDATE accounts SET balance = balance + 1 WHERE user_id > 0")
    ill = book.run("health.sh")
    assert (ill.code, "balance" in ill.out) == (1, True), ill
    assert re.match(r"sweep is 36\d\d s late: does a worker run\?\n", ill.out)
    away = {"BOXOFFICE_DATABASE_URL": "postgresql://x@/x?host=/nonexistent"}
    assert book.run("health.sh", **away).code == 6


def test_what_has_no_answer_is_repeated_under_its_key_and_done_once(book, tmp_path):
    lost = tmp_path / "lost"
    program = f'{shlex.quote(sys.executable)} -m boxoffice "$@"'
    book.program("boxoffice", f"mkdir {lost} 2>/dev/null && exec {program} > /dev/full",
                 f"exec {program}")  # fmt: skip
    book.program("sleep", "exit 0")
    gift = book.run("gift.sh", "user1", "30000", "2026")
    assert "exit 7: trying again in 2 s (1 of 6)" in gift.err
    assert (gift.json["balance"]["amount"], gift.json["replayed"]) == (30_000, True)
    assert book.world.balances() == 30_000


def test_a_server_that_is_away_is_waited_for_and_one_that_refuses_is_not(book, tmp_path):
    sockets = tmp_path / "sockets"
    url = book.world.box.settings.database_url
    real, away = re.search(r"host=([^&]+)", url).group(1), str(sockets)
    book.program("sleep", f"exec ln -s {real} {away}")  # the server is back
    environment = {"BOXOFFICE_DATABASE_URL": url.replace(real, away)}
    gift = book.run("gift.sh", "user1", "30000", "2026", **environment)
    assert (gift.code, gift.err.count("exit 6: trying again")) == (0, 1), gift.err
    assert book.run("gift.sh", "user1", "40000", "2026").code == 4
    assert book.world.balances() == 30_000
