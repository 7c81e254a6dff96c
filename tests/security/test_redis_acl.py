"""Redis's rights for the box office's user: all that the program does, and nothing else."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import NoPermissionError, RedisError

from boxoffice.core.config import load
from boxoffice.core.embedded.binaries import find_valkey
from boxoffice.core.model import Caller, LinkChanged
from tests.conftest import PRICE, key, staff
from tests.portability.daemons import Daemons

ROOT = Path(__file__).parents[2]
ACL = ROOT / "docs" / "redis.acl"
SCRIPTS = ROOT / "boxoffice" / "core" / "lua"
OPTIONS = ("--port", "0", "--save", "", "--appendonly", "no", "--loglevel", "warning")


@pytest.fixture(scope="module")
def ruled():
    """A Valkey with the ACL of the documentation; gives the URL of a user."""
    daemons = Daemons()
    try:
        text = ACL.read_text()
        for user in ("operator", "boxoffice"):
            digest = hashlib.sha256(user.encode()).hexdigest()
            text = text.replace(f"{user.upper()}_PASSWORD_SHA256", digest)
        rules = daemons.write("users.acl", text)
        socket = daemons.make_folder("redis") / "socket"
        server = find_valkey(load({"BOXOFFICE_HOME": "/nonexistent"}), daemons.user).path
        daemons.start(
            "valkey",
            [server, "--unixsocket", socket, "--aclfile", rules, *OPTIONS],
            lambda: answers(url_of(socket, "operator")),
        )
        yield lambda user: url_of(socket, user)
    finally:
        daemons.close()


def url_of(socket: Path, user: str) -> str:
    return f"unix://{user}:{user}@{socket}"


def answers(url: str) -> bool:
    try:
        with Redis.from_url(url) as client:
            return bool(client.ping())
    except RedisError:
        return False


@pytest.fixture
def ruled_world(world, ruled):
    """The world of the tests with its queue in the Valkey that has rules."""
    with Redis.from_url(ruled("operator")) as operator:
        operator.flushall()
    changed = replace(world.box.settings, redis_url=ruled("boxoffice"))
    return replace(world, box=replace(world.box, settings=changed))


def test_the_whole_program_works_with_these_rights(ruled_world, ruled):
    box, concert, performance = ruled_world.box, ruled_world.concert, ruled_world.performance
    admin, clerk = box.office(), box.office(role="clerk")
    admin.charge(10 * PRICE, "user1", key=key())
    watch = clerk.watch(performance)
    assert watch.next(5) == LinkChanged(state="live")
    customer = box.office(role="customer", user="user1")
    place = customer.enqueue(str(concert), key="k")
    assert customer.enqueue(str(concert), key="k").replayed
    caller = Caller(token=place.token)
    assert customer.position(place.token).state == "admitted"
    assert [each.id for each in customer.list_concerts()] == [concert]
    held = customer.reserve(performance, caller, best=2, key=key())
    customer.pay(held.reservation, caller, key=key())
    other = box.office(role="customer", user="user2")
    waiting = other.enqueue(str(concert), key=key())
    other.leave(waiting.token)
    clerk.configure_queue(str(concert), capacity=5)
    admin.configure_queue(str(concert), capacity=None, rate_per_minute=60)
    other.enqueue(str(concert), key=key())
    assert len(clerk.show_queue(concert).admitted) == 1
    assert clerk.serve(concert, ruled_world.users[1])
    clerk.reserve(performance, staff("user3"), seats=["A-1"], key=key())
    assert admin.relay_events() > 0
    inspection = admin.inspect()
    assert (inspection.queue, inspection.violations) == ("checked", ())
    admin.repair()
    watch.close()
    watch.next(0)
    with Redis.from_url(ruled("operator")) as operator:
        denied = [entry for entry in operator.acl_log() if entry["object"] != "config|get"]
    assert denied == []


REFUSED = [
    ("FLUSHALL",),
    ("FLUSHDB",),
    ("CONFIG", "GET", "requirepass"),
    ("CONFIG", "SET", "dir", "/tmp"),
    ("KEYS", "*"),
    ("ACL", "LIST"),
    ("ACL", "WHOAMI"),
    ("SHUTDOWN",),
    ("REPLICAOF", "192.0.2.1", "6379"),
    ("MODULE", "LIST"),
    ("SCRIPT", "FLUSH"),
    ("FUNCTION", "LIST"),
    ("MONITOR",),
    ("CLIENT", "LIST"),
    ("CLIENT", "KILL", "ID", "1"),
    ("SAVE",),
    ("BGREWRITEAOF",),
    ("SWAPDB", "0", "1"),
    ("GET", "somebody else's"),
    ("SET", "somebody else's", "1"),
    ("DEL", "somebody else's"),
    ("XADD", "somebody else's", "*", "a", "1"),
    ("XRANGE", "boxoffice:events", "-", "+"),
    ("PUBLISH", "somebody else's", "1"),
    ("EVAL", "return redis.call('GET', KEYS[1])", "1", "somebody else's"),
    ("EVAL", "return redis.call('FLUSHALL')", "0"),
    ("EVAL", "return redis.call('GET', 'undeclared')", "0"),
    ("RENAME", "boxoffice:concerts", "{boxoffice:concerts}:own"),
    ("DUMP", "boxoffice:concerts"),
    ("MIGRATE", "192.0.2.1", "6379", "boxoffice:concerts", "0", "100"),
]


@pytest.mark.parametrize("command", REFUSED, ids=" ".join)
def test_what_the_program_never_does_is_refused_to_its_user(ruled, command):
    with (
        Redis.from_url(ruled("boxoffice")) as client,
        pytest.raises(RedisError, match=r"(?i)permission|NOPERM|ACL failure"),
    ):
        client.execute_command(*command)


def test_every_command_of_the_scripts_is_among_the_rights():
    scripts = "".join(path.read_text() for path in SCRIPTS.glob("*.lua"))
    called = set(re.findall(r"call\('(\w+)'", scripts))
    assert len(called) > 20
    granted = set(re.findall(r"\+(\w+)", ACL.read_text().splitlines()[-1]))
    assert {command.lower() for command in called} <= granted


def test_nobody_enters_without_a_password(ruled):
    without = ruled("boxoffice").replace("boxoffice:boxoffice@", "")
    wrong = ruled("boxoffice").replace("boxoffice:boxoffice@", "boxoffice:wrong@")
    for url in (without, wrong):
        with Redis.from_url(url) as client, pytest.raises(RedisError):
            client.ping()


def test_a_channel_of_others_is_not_listened_to(ruled):
    with Redis.from_url(ruled("boxoffice")) as client:
        heard = client.pubsub()
        heard.subscribe("somebody else's")
        with pytest.raises(NoPermissionError):
            heard.get_message(timeout=5)
        heard.close()
