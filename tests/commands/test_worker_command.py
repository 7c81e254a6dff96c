"""`boxoffice worker` as a process: until told to stop, or once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager

from tests.conftest import PRICE, key, staff
from tests.core.receivers import OK, SECRET, receiving
from tests.waiting import wait_until

ONE = staff("user1")


def buy(world) -> str:
    world.office.charge(PRICE, "user1", key=key())
    held = world.office.reserve(world.performance, ONE, best=1, key=key()).reservation
    world.office.pay(held, ONE, key=key())
    return f"pay:{held}"


@contextmanager
def running(box, *options, **environment):
    """Run a worker, and end it however the test does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "boxoffice", "worker", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=box.environment | environment,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def hook(receiver):
    return {
        "BOXOFFICE_WEBHOOK_URL": receiver.url,
        "BOXOFFICE_WEBHOOK_SECRET": SECRET,
        "BOXOFFICE_WEBHOOK_ALLOW_PRIVATE": "true",
    }


def test_a_worker_told_to_stop_finishes_the_delivery_in_hand_and_leaves_with_0(world):
    entered, leave = threading.Event(), threading.Event()

    def slowly(connection, _request):
        entered.set()
        leave.wait(30)
        connection.sendall(OK)
        return True

    event = buy(world)
    with (
        receiving(slowly) as receiver,
        running(world.box, "--json", **hook(receiver)) as worker,
    ):
        assert entered.wait(30)
        later = buy(world)
        worker.send_signal(signal.SIGTERM)
        leave.set()
        out, err = worker.communicate(timeout=30)
    assert (worker.returncode, out) == (0, "")
    notes = [json.loads(line) for line in err.splitlines()]
    assert {"what": "done", "job": "webhook", "count": 1, "message": ""} in [
        {name: value for name, value in note.items() if name != "at"} for note in notes
    ]
    assert receiver.ids == [event]
    assert [one.event for one in world.office.list_outbox()] == [later]


def test_a_worker_told_twice_leaves_in_the_middle_and_another_tells_the_event(world):
    entered, leave = threading.Event(), threading.Event()

    def hang(_connection, _request):
        entered.set()
        leave.wait(60)
        return False

    event = buy(world)
    with receiving(hang) as receiver:
        given = hook(receiver) | {"BOXOFFICE_DELIVERY_SECONDS": "60"}
        with running(world.box, **given) as worker:
            assert entered.wait(30)
            worker.send_signal(signal.SIGTERM)
            worker.send_signal(signal.SIGINT)
            _, err = worker.communicate(timeout=30)  # shorter than the delivery
        leave.set()
    assert (worker.returncode, "left in the middle" in err) == (130, True)
    assert [one.event for one in world.office.list_outbox()] == [event]


def test_a_worker_survives_the_restart_of_its_servers(tmp_path):
    """The embedded pair is stopped under a worker and started again, elsewhere."""
    from tests.conftest import Box

    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "BOXOFFICE_HOME": str(tmp_path)}
    tmp_path.chmod(0o755)
    box = Box(environment=environment, settings=None, home=tmp_path)
    assert box.run("store", "start").code == 0
    try:
        with running(box, "--json") as worker:
            wait_until(lambda: jobs_seen(box), "the worker is at work")
            assert box.run("store", "stop").code == 0
            line = json.loads(worker.stderr.readline())
            assert line["what"] == "trouble"
            assert box.run("store", "start").code == 0
            while json.loads(worker.stderr.readline())["what"] != "over":
                pass
            worker.send_signal(signal.SIGINT)
            worker.communicate(timeout=30)
            assert worker.returncode == 0
    finally:
        box.run("store", "reset", "--yes")


def jobs_seen(box):
    return any(job["worker"] for job in box.run("worker", "status", "--json").json["jobs"])


def test_once_does_what_is_due_says_it_and_ends(world):
    event = buy(world)
    program = f"tee {world.box.home}/told"
    ran = world.box.run("worker", "--once", BOXOFFICE_EVENT_COMMAND=program)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.splitlines() == ["relay: 1 done", "command: 1 done"]
    assert json.loads((world.box.home / "told").read_text())["id"] == event
    status = world.box.run("worker", "--json", "status").json
    assert (status["unsent"], status["waiting"], status["dead"]) == (0, 0, 0)
    jobs = {job["job"] for job in status["jobs"]}
    assert jobs == {"sweep", "releases", "relay", "retention", "command"}
    again = world.box.run("worker", "--once", BOXOFFICE_EVENT_COMMAND=program)
    assert (again.code, again.err) == (0, "")


def test_a_watch_is_told_by_the_exit_code_that_nobody_works(desk):
    reader = {"BOXOFFICE_ROLE": "reader"}  # who watches needs no right to act
    away = desk.run("worker", "status", "--check", **reader)
    assert (away.code, "no worker is at work. [workers_away]" in away.err) == (6, True)
    assert desk.run("worker", "status", **reader).code == 0
    assert desk.run("worker", "--once").code == 0
    well = desk.run("worker", "status", "--check", "--json", **reader)
    assert (well.code, well.json["state"], well.err) == (0, "working", "")
    desk.box.execute("UPDATE jobs SET due_at = now() - interval '1 hour' WHERE name = 'sweep'")
    late = desk.run("worker", "status", "--check", **reader)
    told = "jobs that nobody does in time: sweep. [workers_late]"
    assert (late.code, told in late.err) == (6, True)


def test_a_command_that_is_told_of_events_sees_no_setting(world):
    buy(world)
    script = world.box.home / "told.sh"
    script.write_text(f"#!/bin/sh\ncat > {world.box.home}/in\nenv > {world.box.home}/env\n")
    script.chmod(0o700)
    settings = {"BOXOFFICE_EVENT_COMMAND": str(script), "BOXOFFICE_WEBHOOK_SECRET": SECRET}
    assert world.box.run("worker", "--once", **settings).code == 0
    assert "BOXOFFICE" not in (world.box.home / "env").read_text()
    assert (world.box.home / "in").exists()


def test_what_cannot_be_meant_and_who_may_not_are_refused_in_one_line(desk):
    secret = {"BOXOFFICE_WEBHOOK_URL": "https://h/", "BOXOFFICE_WEBHOOK_SECRET": "whsec_canary"}
    assert desk.refused("worker", "--once", **secret) == ("input_invalid", 2)
    assert "canary" not in desk.run("worker", "--once", **secret).err
    assert desk.refused("worker", "--once", BOXOFFICE_ROLE="clerk") == ("forbidden", 4)
    away = {"BOXOFFICE_DATABASE_URL": "postgresql://x@/x?host=/nonexistent"}
    assert desk.refused("worker", "--once", **away) == ("database_unavailable", 6)


def test_the_doctor_says_where_sinks_are_set_and_none_of_their_secrets(desk):
    given = {
        "BOXOFFICE_WEBHOOK_URL": "https://example.com/canary",
        "BOXOFFICE_WEBHOOK_SECRET": "whsec_canary",
        "BOXOFFICE_SMTP_URL": "smtp://kim:canary@example.com",
        "BOXOFFICE_EVENT_COMMAND": "told --password canary",
    }
    ran = desk.run("doctor", "--json", **given)
    assert "canary" not in ran.out + ran.err
    assert {"webhook_secret", "smtp_url"} <= {check["name"] for check in json.loads(ran.out)}
