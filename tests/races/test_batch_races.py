"""Batches that are killed, told to end, or not read to their end: each line done once or not."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys

import pytest

from boxoffice.commands import run
from boxoffice.commands.batch.acting import Manner
from boxoffice.commands.batch.jobs import Job
from tests.conftest import PRICE
from tests.invariants import assert_consistent
from tests.races.crowd import DEADLINE_SECONDS, FORK
from tests.waiting import wait_until

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

COMMAND = [sys.executable, "-m", "boxoffice", "batch", "--staff"]
KILLS = 10
SEATS = [f"{row}-{number}" for row in "ABCDE" for number in range(1, 11)]
CHARGES = 40


def sale_lines() -> list[dict]:
    """Charge each user for what they buy, then sell every seat, then charge on."""
    users = [f"user{number}" for number in (1, 2, 3)]
    lines = [{"command": "charge", "user": user, "amount": 50 * PRICE} for user in users]
    for at, seat in enumerate(SEATS):
        user = users[at % 3]
        held = {"performance": 1, "seats": [seat], "key": f"hold {seat}"}
        lines.append({"command": "reserve", "user": user, **held})
        lines.append({"command": "pay", "user": user, "reservation": f"@hold {seat}"})
    lines += [{"command": "charge", "user": users[at % 3], "amount": 1} for at in range(CHARGES)]
    return lines


@pytest.fixture
def file(world, tmp_path):
    """A sale of the whole hall as a file."""
    path = tmp_path / "sale.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in sale_lines()))
    world.office.close()
    return path


def require_done_once(world) -> None:
    """Count in the database that every line of the sale was done, and none twice."""
    box = world.box
    assert world.seats("sold") == len(SEATS)
    assert box.one("SELECT count(*) FROM ledger_entries WHERE type = 'charge'") == 3 + CHARGES
    assert world.balances() == 150 * PRICE + CHARGES - len(SEATS) * PRICE
    assert_consistent(box)


def lines_of(path) -> int:
    return path.read_bytes().count(b"\n")


def in_process(environment: dict[str, str], words: list[str], results: str) -> None:
    """Run a command in a fork of the test: no interpreter has to start before it is killed."""
    os.setpgid(0, 0)
    os.environ.clear()
    os.environ.update(environment)
    descriptor = os.open(results, os.O_WRONLY | os.O_TRUNC)
    os.dup2(descriptor, 1)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8")
    os._exit(run(words))


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_kill_9_at_any_moment_and_the_same_file_again_end_as_one_run(world, file, tmp_path, jobs):
    words = ["batch", str(file), "--staff", "--jobs", jobs]
    results = tmp_path / "results"
    for kill in range(KILLS):
        results.write_bytes(b"")
        process = FORK.Process(target=in_process, args=(world.box.environment, words, str(results)))
        process.start()
        told = random.randrange(kill * len(sale_lines()) // KILLS + 1)
        wait_until(lambda: lines_of(results) >= told, f"{told} results")  # noqa: B023
        process.kill()
        process.join(DEADLINE_SECONDS)
    ran = world.box.run(*words)
    assert ran.code == 0, ran.err
    numbers = [json.loads(line)["line"] for line in ran.out.splitlines()]
    assert numbers == list(range(1, len(sale_lines()) + 1))
    require_done_once(world)


@pytest.mark.parametrize("which", [signal.SIGTERM, signal.SIGINT])
def test_who_is_told_to_end_says_after_which_line_and_goes_on_from_there(world, which):
    lines = [{"command": "charge", "user": "user1", "amount": 1} for _ in range(5)]
    text = [f"{json.dumps(line)}\n" for line in lines]
    with subprocess.Popen(
        COMMAND,
        env=world.box.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for line in text[:3]:  # whoever writes a line may wait for its result
            process.stdin.write(line)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["ok"]
        process.send_signal(which)
        _, err = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode == 130
    assert "interrupted after 3 lines" in err
    assert "Traceback" not in err
    ran = world.box.run("batch", "--staff", stdin="".join(text))
    assert ran.err == "2 done, 3 done before, 0 not done\n"
    assert world.balances() == 5


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("| head -n 1 > /dev/null; exit ${PIPESTATUS[0]}", b"the reader has gone"),
        ("> /dev/full", b"No space left"),
    ],
    ids=["reader", "disk"],
)
def test_results_that_nobody_gets_end_the_run_and_the_same_file_completes_it(
    world, file, line, reason
):
    words = f'"{sys.executable}" -m boxoffice batch --staff "{file}"'
    ran = subprocess.run(
        ["bash", "-c", f"{words} {line}"],
        env=world.box.environment,
        capture_output=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    assert ran.returncode == 7
    assert b"[answer_lost]" in ran.stderr
    assert reason in ran.stderr
    assert world.seats("sold") < len(SEATS)
    assert world.box.run("batch", str(file), "--staff").code == 0
    require_done_once(world)


def test_jobs_keep_the_order_of_each_user_and_of_the_results(world):
    ids = dict(zip(("user1", "user2", "user3"), map(str, world.users), strict=True))
    lines = []
    for at in range(60):
        name = f"user{at % 3 + 1}"
        user = name if at // 20 % 2 else ids[name]  # the same person by either name
        lines.append({"command": "charge", "user": user, "amount": 10**at % 97 + 1})
    lines += [{"command": "user add", "name": "user4"}]
    lines += [{"command": "charge", "user": "user4", "amount": 1}, {"command": "list-concerts"}]
    ran = world.box.run("batch", "--jobs", "2", stdin="\n".join(map(json.dumps, lines)))
    told = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 0, ran.err
    assert [one["line"] for one in told] == list(range(1, len(lines) + 1))
    for user in range(3):
        total = 0
        for at in range(user, 60, 3):
            total += lines[at]["amount"]
            assert told[at]["result"]["balance"]["amount"] == total, at


def test_jobs_end_with_the_run_that_was_killed(world):
    process = subprocess.Popen(
        [*COMMAND, "--jobs", "2"],
        env=world.box.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    process.stdin.write(b'{"command": "balance", "user": "1"}\n')
    process.stdin.flush()
    process.stdout.readline()
    children = f"/proc/{process.pid}/task/{process.pid}/children"
    with open(children) as file:  # noqa: PTH123
        jobs = file.read().split()
    assert len(jobs) == 2
    process.kill()
    process.wait(DEADLINE_SECONDS)
    wait_until(lambda: not any(map(is_alive, jobs)), "the jobs have ended")
    for stream in (process.stdin, process.stdout):
        stream.close()


def is_alive(pid: str) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            return file.read().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def test_a_job_that_is_killed_ends_the_run_and_the_same_lines_complete_it(world):
    lines = [json.dumps({"command": "charge", "user": f"user{n % 3 + 1}", "amount": 1})
             for n in range(30)]  # fmt: skip
    with subprocess.Popen(
        [*COMMAND, "--jobs", "2"],
        env=world.box.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdin.write(lines[0] + "\n")
        process.stdin.flush()
        process.stdout.readline()
        with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:  # noqa: PTH123
            for pid in file.read().split():
                os.kill(int(pid), signal.SIGKILL)
        _, err = process.communicate("\n".join(lines[1:]), timeout=DEADLINE_SECONDS)
    assert process.returncode == 7
    assert "[outcome_unknown]" in err
    ran = world.box.run("batch", "--staff", "--jobs", "2", stdin="\n".join(lines))
    assert ran.code == 0
    assert world.balances() == 30


def test_a_job_leaves_by_itself_though_others_live_on(box):
    """Each is told by the end of its wire, of which no later job may hold a copy."""
    jobs: list[Job] = []
    try:
        for _ in range(3):
            jobs.append(Job(Manner(), box.settings, before=jobs))
        assert [job.end() for job in jobs] == [True, True, True]
    finally:
        for job in jobs:
            job.kill()
