"""Events brought to others: each sink is told of each, whatever the other sinks do."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import hmac
import json
import os
import stat
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest

from boxoffice.core import errors, jobs
from boxoffice.core.config import load
from boxoffice.core.delivery import make_sinks
from boxoffice.core.delivery.addresses import is_public
from boxoffice.core.delivery.command import CommandSink
from boxoffice.core.delivery.postman import ATTEMPTS_MAX, Postman
from tests.conftest import PRICE, key, staff
from tests.core.receivers import OK, SECRET, answering, receiving, serving, status
from tests.waiting import wait_until

ONE = staff("user1")


def happen(world, count: int = 1) -> list[str]:
    """Make payments; return the ids of their events."""
    world.office.charge(count * PRICE, "user1", key=key())
    paid = []
    for _ in range(count):
        held = world.office.reserve(world.performance, ONE, best=1, key=key()).reservation
        world.office.pay(held, ONE, key=key())
        paid.append(f"pay:{held}")
    return paid


def work(world, **settings):
    """Let a worker do what is due, as if all that waits were due; return what it had to say."""
    notes = []
    world.box.execute("UPDATE jobs SET due_at = now()")
    world.box.execute("UPDATE deliveries SET next_at = now() WHERE state = 'waiting'")
    office = world.box.office(connections=4, **settings)
    office.worker(notes.append).once()
    return notes


def hook(receiver, **settings):
    """Set up a webhook to a receiver of this machine."""
    return {
        "webhook_url": receiver.url,
        "webhook_secret": SECRET,
        "webhook_allow_private": True,
        "delivery_seconds": 0.5,
        **settings,
    }


def open_of(world, state=None):
    return [(one.sink, one.state, one.attempts) for one in world.office.list_outbox(state)]


def test_a_webhook_is_signed_as_the_convention_has_it(world):
    (event,) = happen(world)
    with receiving() as receiver:
        work(world, **hook(receiver))
    (request,) = receiver.requests
    assert request.line == "POST /hook?from=box HTTP/1.1"
    sent = request.headers
    assert (sent["webhook-id"], sent["content-type"]) == (event, "application/json")
    assert abs(int(sent["webhook-timestamp"]) - time.time()) < 60
    signed = b".".join((event.encode(), sent["webhook-timestamp"].encode(), request.body))
    secret = base64.b64decode(SECRET.removeprefix("whsec_"))
    mac = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert sent["webhook-signature"] == f"v1,{mac}"
    told = json.loads(request.body)
    assert set(told) == {"type", "timestamp", "data"}
    assert (told["type"], told["data"]["user"]) == ("reservation.paid", world.users[0])
    assert open_of(world) == []


def test_connections_are_kept_and_each_event_is_told_once(world):
    events = happen(world, 30)
    with receiving() as receiver:
        work(world, **hook(receiver))
        work(world, **hook(receiver))
    assert sorted(receiver.ids) == sorted(events)
    assert len(receiver.connections) <= 8


def test_a_failing_sink_is_tried_again_with_the_same_id_and_the_others_are_not(world, tmp_path):
    (event,) = happen(world)
    path = tmp_path / "told"
    with receiving(status(500)) as receiver:
        for _ in range(3):
            work(world, **hook(receiver, event_file=str(path)))
        assert open_of(world) == [("webhook", "retrying", 3)]
        assert world.office.list_outbox()[0].error == "it answered 500"
        receiver.act = answering(OK)
        work(world, **hook(receiver, event_file=str(path)))
    assert receiver.ids == [event] * 4
    assert [json.loads(line)["id"] for line in path.read_text().splitlines()] == [event]
    assert open_of(world) == []


def drip(connection, _request):
    for _ in range(1_000):
        connection.sendall(b"H")
        time.sleep(0.02)
    return False


def hang(connection, _request):
    connection.recv(1)
    return False


BAD = {
    "hang": (hang, "no answer within 0.5 s"),
    "slow drip": (drip, "no answer within 0.5 s"),
    "redirect": (status(302, "Location: http://127.0.0.1:1/"), "it redirects (302), which is not"),
    "error": (status(503), "it is busy (503)"),
    "refusal": (status(404), "it answered 404"),
    "no answer": (lambda *_: False, "it cannot be reached: it hung up"),
    "no HTTP": (answering(b"220 mail.example.com ESMTP\r\n\r\n"), "what it answered is not HTTP"),
    "endless headers": (answering(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 99_999), "is not HTTP"),
}


def test_a_receiver_that_fails_is_given_up_in_time_and_told_about(world):
    told = {}
    for what, (act, said) in BAD.items():
        (event,) = happen(world)
        with receiving(act) as receiver:
            work(world, **hook(receiver))
        assert receiver.ids == [event], what
        (one,) = world.office.list_outbox("retrying")
        told[what] = said in one.error or one.error
        world.box.execute("DELETE FROM deliveries")
    assert told == dict.fromkeys(BAD, True)


def test_an_answer_of_any_length_is_an_answer_and_only_its_beginning_is_read(world):
    events = happen(world, 2)
    sizes = []

    def flood(connection, _request):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        try:
            for _ in range(1_000):
                connection.sendall(b"x" * 100_000)
        finally:
            sizes.append(1)
        return False

    with receiving(flood) as receiver:
        work(world, **hook(receiver))
        wait_until(lambda: len(sizes) == 2, "the receiver finds that nobody listens")
    assert sorted(receiver.ids) == sorted(events)
    assert open_of(world) == []


def test_a_connection_that_was_closed_meanwhile_is_made_anew(world):
    first = happen(world)
    with receiving() as receiver:
        office = world.box.office(connections=4, **hook(receiver))
        (sink,) = make_sinks(office.settings)
        postman = Postman(office.stores, sink, threading.Event(), 1.0)
        office.worker(print).once()
        receiver.connections[0].close()
        for _ in range(2):
            second = happen(world)
            office.relay_events()
            assert postman.go().delivered == 1
            receiver.connections[-1].shutdown(2)
        postman.close()
    assert receiver.ids[0] == first[0]
    assert receiver.ids[-1] == second[0]


def test_nobody_at_the_address_puts_all_off_and_tries_a_few(world):
    happen(world, 30)
    with receiving() as receiver:
        pass  # closed again
    notes = work(world, **hook(receiver))
    tried = [attempts for _, _, attempts in open_of(world)]
    assert (len(tried), set(tried)) == (30, {0, 1})
    assert sum(tried) <= 8
    assert [n.message for n in notes if n.what == "trouble"] == [
        "it cannot be reached: Connection refused"
    ]


def test_a_busy_receiver_is_left_alone_for_as_long_as_it_asks_within_bounds(world):
    happen(world, 20)
    waits = []
    for said in ("120", "999999999", "Wed, 21 Oct 2015 07:28:00 GMT", "soon"):
        with receiving(status(429, f"Retry-After: {said}")) as receiver:
            work(world, **hook(receiver))
        waits.append(world.box.one(
            "SELECT extract(epoch FROM min(next_at) - now())::float FROM deliveries"
        ))  # fmt: skip
    assert 100 < waits[0] <= 120
    assert 3_000 < waits[1] <= 3_600
    assert waits[2] <= 1
    assert waits[3] <= 1


def test_a_receiver_that_is_gone_gets_no_event_again(world):
    happen(world)
    with receiving(status(410)) as receiver:
        notes = work(world, **hook(receiver))
        work(world, **hook(receiver))
    assert len(receiver.requests) == 1
    assert open_of(world, "dead") == [("webhook", "dead", 1)]
    assert [note.what for note in notes if note.job == "webhook"] == ["failed", "dead", "trouble"]


def test_what_fails_too_often_is_given_up_kept_and_tried_again_by_hand(world):
    (event,) = happen(world)
    with receiving(status(500)) as receiver:
        work(world, **hook(receiver))
        world.box.execute("UPDATE deliveries SET attempts = %s", ATTEMPTS_MAX - 2)
        for _ in range(3):
            work(world, **hook(receiver))
        assert len(receiver.requests) == 3
        assert open_of(world) == [("webhook", "dead", ATTEMPTS_MAX)]
        (found,) = world.office.verify()
        assert (found.check, found.keys["event"]) == ("event_undelivered", event)
        again = world.office.retry_deliveries(None, key="again")
        assert (again.deliveries, again.events) == (1, (event,))
        assert world.office.retry_deliveries(None, key="again").replayed
        receiver.act = answering(OK)
        work(world, **hook(receiver))
    assert world.office.verify() == ()
    assert open_of(world, "sent") == [(None, "sent", 0)]


def test_what_was_given_up_may_be_let_go_on_the_record(world):
    (event,) = happen(world)
    with receiving(status(410)) as receiver:
        work(world, **hook(receiver))
    with pytest.raises(errors.EventNotFound):
        world.office.discard_deliveries(["pay:nothing"], key=key())
    assert world.office.discard_deliveries([event], key=key()).deliveries == 1
    assert world.office.verify() == ()
    rows = world.box.rows("SELECT detail FROM audit WHERE action = 'outbox discard'")
    assert rows == [({"events": [event]},)]


def test_the_wait_before_another_attempt_doubles_and_is_spread(world):
    happen(world, 40)
    longest = []
    with receiving(status(500)) as receiver:
        for _ in range(3):
            work(world, **hook(receiver))
            low, high = world.box.rows(
                "SELECT extract(epoch FROM min(next_at) - now())::float,"
                " extract(epoch FROM max(next_at) - now())::float FROM deliveries"
            )[0]
            assert high - low > high / 4
            longest.append(high)
    assert [limit > high for limit, high in zip((5, 10, 20), longest, strict=True)] == [True] * 3
    assert longest[2] > 5


# --- where a webhook may lead ---


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
     "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1",
     "fec0::1", "::127.0.0.1", "64:ff9b:1::7f00:1", "198.18.0.1", "192.0.0.1", "240.0.0.1",
     "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "ff02::1"],
)  # fmt: skip
def test_an_address_inside_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::", "64:ff9b::5db8:d822"])
def test_an_address_of_the_internet_is_public(address):
    assert is_public(address)


def test_a_private_address_is_refused_after_the_name_was_looked_up(world):
    happen(world)
    with receiving() as receiver:
        for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"):
            url = f"https://{host}:{receiver.port}/"
            work(world, **hook(receiver, webhook_url=url, webhook_allow_private=False))
            (one,) = world.office.list_outbox()
            assert "leads to a private address" in one.error
        assert receiver.connections == []


def test_a_receiver_with_a_certificate_of_nobody_known_gets_nothing(world, tmp_path):
    import ssl

    from tests.security.authority import Authority

    pem, private = Authority(tmp_path).certify("localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    heard = []

    def converse(connection):
        with context.wrap_socket(connection, server_side=True) as secure:
            heard.append(secure.recv(1))

    happen(world)
    with serving(converse) as (port, _):
        url = f"https://localhost:{port}/"
        work(world, webhook_url=url, webhook_secret=SECRET, webhook_allow_private=True)
    (one,) = world.office.list_outbox()
    assert (one.error, heard) == (
        "its certificate is refused: unable to get local issuer certificate", []
    )  # fmt: skip


WRONG = {
    "http over the network": {"webhook_url": "http://example.com/", "webhook_secret": SECRET},
    "no URL": {"webhook_url": "example.com", "webhook_secret": SECRET},
    "no port": {"webhook_url": "https://example.com:x/", "webhook_secret": SECRET},
    "a password": {"webhook_url": "https://kim:canary@example.com/", "webhook_secret": SECRET},
    "a line": {"webhook_url": "https://example.com/ canary", "webhook_secret": SECRET},
    "no secret": {"webhook_url": "https://example.com/"},
    "a short secret": {"webhook_url": "https://example.com/", "webhook_secret": "whsec_Y2FuYXJ5"},
    "no base64": {"webhook_url": "https://example.com/", "webhook_secret": "whsec_canary!" * 9},
    "no mail server": {"smtp_url": "mail.example.com"},
    "no mail host": {"smtp_url": "smtp://:canary@/"},
    "no name of a host": {"smtp_url": f"smtp://{'x' * 70}.example"},
    "a header more": {
        "smtp_url": "smtp://localhost",
        "smtp_from": "a@b",
        "smtp_to": "c@d\nBcc: canary@e",
    },
    "nobody to mail to": {"smtp_url": "smtp://kim:canary@example.com"},
    "no command": {"event_command": "'canary"},
}


@pytest.mark.parametrize("settings", WRONG.values(), ids=WRONG)
def test_a_sink_that_cannot_be_meant_is_refused_without_repeating_it(tmp_path, settings):
    with pytest.raises(errors.InputInvalid) as refused:
        make_sinks(load({"BOXOFFICE_HOME": str(tmp_path)}, **settings))
    assert "canary" not in refused.value.message + refused.value.advice


# --- other sinks ---


def test_where_no_sink_is_set_up_events_are_kept_in_a_file_for_its_owner_alone(world):
    events = happen(world, 3)
    work(world)
    path = world.box.home / "events.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [json.loads(line)["id"] for line in path.read_text().splitlines()] == events


def test_a_file_that_cannot_be_written_keeps_its_events_waiting(world):
    happen(world)
    for path in ("/nonexistent/events", "/dev/full", "/"):
        work(world, event_file=path)
        (one,) = world.office.list_outbox("retrying")
        assert one.error.startswith("event_file ")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_somebody_else_is_told_nothing(world):
    happen(world)
    path = world.box.home / "events.jsonl"
    path.touch()
    os.chown(path, 65_534, 65_534)
    work(world)
    assert path.read_text() == ""
    assert world.office.list_outbox()[0].error == "event_file belongs to somebody else"


def test_a_file_that_somebody_keeps_locked_holds_no_worker(world):
    happen(world)
    path = world.box.home / "events.jsonl"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        work(world)
        assert (path.read_text(), open_of(world)) == ("", [("file", "retrying", 1)])
    work(world)
    assert open_of(world) == []


def test_a_line_that_a_crash_cut_off_takes_no_other_with_it(world):
    path = world.box.home / "events.jsonl"
    path.write_text('{"id":"whole"}\n{"id":"pay:cut')
    events = happen(world, 2)
    work(world)
    whole, cut_off, *told = path.read_text().splitlines()
    assert (whole, cut_off) == ('{"id":"whole"}', '{"id":"pay:cut')
    assert [json.loads(line)["id"] for line in told] == events


def test_a_full_disk_keeps_whole_lines_in_the_file_and_the_rest_waiting(world):
    """The file may grow by half an event: what does not fit is taken back and waits."""
    (first,) = happen(world)
    work(world)
    path = world.box.home / "events.jsonl"
    whole = path.read_bytes()
    happen(world)
    world.box.execute("UPDATE jobs SET due_at = now()")
    ran = subprocess.run(
        ["prlimit", f"--fsize={len(whole) * 3 // 2}", sys.executable, "-B", "-m", "boxoffice",
         "worker", "--once"],  # -B: what it compiled would be cut off, too
        env=world.box.environment,
        capture_output=True,
        timeout=60,
        check=False,
    )  # fmt: skip
    assert b"File too large" in ran.stderr
    assert path.read_bytes() == whole
    assert open_of(world) == [("file", "retrying", 1)]
    work(world)
    ids = [json.loads(line)["id"] for line in path.read_text().splitlines()]
    assert (ids[0], len(ids)) == (first, 2)


def test_a_file_that_is_a_link_is_not_followed(world, tmp_path):
    happen(world)
    (tmp_path / "link").symlink_to(tmp_path / "target")
    work(world, event_file=str(tmp_path / "link"))
    assert not (tmp_path / "target").exists()
    assert open_of(world) == [("file", "retrying", 1)]


def script(tmp_path, text: str) -> str:
    path = tmp_path / "told.sh"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)
    return str(path)


def test_a_command_reads_each_event_and_no_shell_reads_the_command(world, tmp_path):
    events = happen(world, 2)
    program = script(tmp_path, f'cat >> {tmp_path}/in; echo "$1"')
    work(world, event_command=f"{program} '$(touch {tmp_path}/shell)'")
    lines = (tmp_path / "in").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == events
    assert not (tmp_path / "shell").exists()
    assert open_of(world) == []


def test_a_command_that_fails_or_stays_is_tried_again(world, tmp_path):
    happen(world)
    for text, said in (("exit 3", "left with 3"), ("sleep 60 & sleep 60", "ran for 0.5 s")):
        work(world, event_command=script(tmp_path, text), delivery_seconds=0.5)
        assert said in world.office.list_outbox("retrying")[0].error
    work(world, event_command="/nonexistent/told")
    assert "cannot be run" in world.office.list_outbox("retrying")[0].error


@contextmanager
def mail_server(answers=()):
    """Run a mail server that takes messages, or answers some commands otherwise."""
    messages, given = [], dict(answers)

    def converse(connection):
        with connection.makefile("rwb", buffering=0) as line:
            line.write(b"220 here\r\n")
            while word := line.readline():
                verb = word[:4].upper().strip().decode()
                if verb == "DATA":
                    line.write(b"354 go on\r\n")
                    messages.append(b"".join(iter(line.readline, b".\r\n")).decode())
                line.write(given.get(verb, "250 fine").encode() + b"\r\n")

    with serving(converse) as (port, _):
        yield f"smtp://127.0.0.1:{port}", messages


MAIL = {"smtp_from": "box@example.com", "smtp_to": "office@example.com", "delivery_seconds": 1.0}


def test_events_are_mailed_one_message_each_over_one_connection(world):
    events = happen(world, 2)
    with mail_server() as (url, messages):
        work(world, smtp_url=url, **MAIL)
    assert len(messages) == 2
    for event, message in zip(events, messages, strict=True):
        assert f"Subject: reservation.paid {event}" in message.replace("\r\n ", " ")
        assert "To: office@example.com" in message
    assert open_of(world) == []


MAIL_FAILURES = [
    ({"MAIL": "550 not you"}, "retrying", "the mail server answered 550"),
    ({"RCPT": "452 later"}, "retrying", "the mail server answered 452"),
    ({"RCPT": "550 unknown"}, "dead", "the mail server answered 550"),
    ({"EHLO": "421 bye", "HELO": "421 bye"}, "retrying", "the mail server"),
]


def test_a_mail_that_is_not_taken_waits_or_is_given_up(world):
    for answers, state, said in MAIL_FAILURES:
        happen(world)
        with mail_server(answers) as (url, _):
            work(world, smtp_url=url, **MAIL)
        (one,) = world.office.list_outbox()
        assert (one.state, said in one.error) == (state, True)
        world.box.execute("DELETE FROM deliveries")


def test_a_mail_server_that_talks_slowly_is_left_when_the_time_is_over(world):
    """Each of its bytes is soon enough; the whole never ends."""

    def drip(connection):
        while connection.send(b"2"):
            gone.wait(0.02)

    happen(world)
    gone = threading.Event()
    with serving(drip) as (port, _):
        began = time.monotonic()
        work(world, smtp_url=f"smtp://127.0.0.1:{port}", **MAIL | {"delivery_seconds": 0.3})
        assert time.monotonic() - began < 10
        gone.set()
    assert world.office.list_outbox()[0].error == "the mail server did not answer in time"


def test_a_letter_that_breaks_a_sink_costs_the_others_nothing(world, tmp_path):
    events = happen(world, 3)

    class Sink(CommandSink):
        def deliver(self, letters):
            if letters[0].id == events[1]:
                raise UnicodeError("canary")  # what no code of ours expects
            return super().deliver(letters)

    command = f"tee -a {tmp_path}/told"
    postman = Postman(
        world.office.stores, Sink(world.box.settings, command), threading.Event(), 1.0
    )
    with world.office.stores.database() as connection:
        jobs.register(connection, {"command": True})
    world.office.relay_events()
    round_ = postman.go()
    postman.close()
    assert (round_.delivered, round_.failed, round_.reason) == (2, 1, "a bug: UnicodeError")
    assert open_of(world) == [("command", "retrying", 1)]


# --- who takes what ---


def test_a_relay_where_no_sink_is_set_up_leaves_the_work_to_those_that_have_one(world):
    with receiving() as receiver:
        work(world, **hook(receiver))
        (event,) = happen(world)
        assert world.box.office().relay_events() == 1  # knows of no webhook
        assert open_of(world) == [("webhook", "waiting", 0)]
        work(world, **hook(receiver))
        assert receiver.ids == [event]


def test_nothing_is_left_for_a_sink_that_was_given_up_long_ago(world):
    with receiving() as receiver:
        work(world, **hook(receiver))
    world.box.execute("UPDATE jobs SET served_at = now() - interval '8 days'")
    happen(world)
    assert world.office.relay_events() == 1
    assert open_of(world) == []


def test_what_one_worker_has_taken_no_other_takes_before_its_lease_ends(world):
    (event,) = happen(world)
    entered, leave = threading.Event(), threading.Event()

    def slowly_at_first(connection, _request):
        if not entered.is_set():
            entered.set()
            leave.wait(20)
        connection.sendall(OK)
        return True

    with receiving(slowly_at_first) as receiver:
        settings = hook(receiver, delivery_seconds=20.0)
        office, other = (world.box.office(connections=4, **settings) for _ in range(2))
        stop = threading.Event()
        second = Postman(other.stores, make_sinks(other.settings)[0], stop, 20.0)
        first = threading.Thread(target=office.worker(print).once)
        first.start()
        assert entered.wait(20)
        assert second.go() is None
        world.box.execute("UPDATE deliveries SET next_at = now()")  # its lease has ended
        assert second.go().delivered == 1
        leave.set()
        first.join()
        second.close()
    assert receiver.ids == [event] * 2
    assert open_of(world) == []
