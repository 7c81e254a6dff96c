"""Whatever dies, the next attach works and nothing acknowledged is lost."""

from __future__ import annotations

import os
import random
import shutil
import threading
import time
from pathlib import Path

import psycopg
import pytest
import redis
from callers import (
    attach_command,
    connect,
    eventually,
    kill,
    main_processes,
    processes_of,
    query,
    said,
    settings_of,
)

from boxoffice.core import embedded

STARTER_KILLS = 6
FIRST_START_SECONDS = 1.2


def _postmaster(home):
    return [embedded.status(settings_of(home)).postgres.pid]


def _valkey(home):
    return [embedded.status(settings_of(home)).valkey.pid]


def _children(home):
    mains = {*_postmaster(home), *_valkey(home)}
    return [pid for pid in processes_of(home) if pid not in mains]


VICTIMS = {"postmaster": _postmaster, "valkey": _valkey, "children": _children,
           "everything": processes_of}  # fmt: skip


@pytest.mark.parametrize("victim", VICTIMS)
def test_kill_9_loses_no_acknowledged_write(shared, victim):
    settings = settings_of(shared)
    servers = embedded.attach(settings)
    query(servers, f"CREATE TABLE {victim} (n int PRIMARY KEY)")
    with connect(servers) as client, redis.Redis.from_url(servers.redis_url) as queue:
        for n in range(100):
            client.execute(f"INSERT INTO {victim} VALUES (%s)", (n,))
            queue.rpush(victim, n)
        queue.execute_command("WAITAOF", 1, 0, 5_000)
        kill(*VICTIMS[victim](shared))
    began = time.monotonic()
    servers = embedded.attach(settings)
    assert time.monotonic() - began < 5
    with redis.Redis.from_url(servers.redis_url) as queue:
        assert queue.lrange(victim, 0, -1) == [b"%d" % n for n in range(100)]

    def rows():  # Postgres itself may be mending a killed child just now
        try:
            return query(servers, f"SELECT count(*) FROM {victim}")
        except psycopg.OperationalError:
            return None

    eventually(lambda: rows() == [(100,)])
    assert len(main_processes(shared)) == 2


def test_a_backend_that_outlives_its_postmaster_is_ended_before_the_restart(shared):
    settings = settings_of(shared)
    servers = embedded.attach(settings)
    client = connect(servers)
    backend = client.info.backend_pid

    def work():
        with pytest.raises(psycopg.OperationalError):
            client.execute("SELECT count(*) FROM generate_series(1, 1000000000)")

    worker = threading.Thread(target=work)
    worker.start()
    busy = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND state = 'active'"
    eventually(lambda: query(servers, busy, backend))
    kill(*_postmaster(shared))
    assert backend in processes_of(shared)
    assert query(embedded.attach(settings), "SELECT 1") == [(1,)]
    assert backend not in processes_of(shared)
    worker.join(timeout=10)
    client.close()


def test_a_starter_killed_anywhere_leaves_nothing_that_the_next_one_cannot_finish(tmp_path):
    chance = random.Random(20)
    for n in range(STARTER_KILLS):
        home = tmp_path / str(n)
        starter = attach_command(home)
        time.sleep(FIRST_START_SECONDS * (n + chance.random()) / STARTER_KILLS)
        starter.kill()
        starter.communicate(timeout=5)
        try:
            assert query(embedded.attach(settings_of(home)), "SELECT 1") == [(1,)]
            assert len(main_processes(home)) == 2
            assert list((home / "store").glob("*.new")) == []
        finally:
            embedded.reset(settings_of(home))
        assert not (home / "store").exists()


def test_ten_processes_mend_a_killed_pair_once(shared):
    embedded.attach(settings_of(shared))
    kill(*processes_of(shared))
    answers = {said(command) for command in [attach_command(shared) for _ in range(10)]}
    assert len(answers) == 1
    assert len(main_processes(shared)) == 2


def _folder_gone(folder):
    shutil.rmtree(folder)


def _sockets_gone(folder):
    for path in folder.iterdir():
        path.unlink()


def _open_to_others(folder):
    folder.chmod(0o755)


def _link_elsewhere(folder):
    moved = folder.with_name(f"{folder.name}-moved")
    folder.rename(moved)
    folder.symlink_to(moved)


@pytest.mark.parametrize("harm", [_folder_gone, _sockets_gone, _open_to_others, _link_elsewhere])
def test_a_socket_folder_that_is_not_as_it_was_is_not_used(shared, harm):
    servers = embedded.attach(settings_of(shared))
    folder = Path(servers.redis_url.removeprefix("unix://")).parent
    harm(folder)
    after = embedded.attach(settings_of(shared))
    assert query(after, "SELECT 1") == [(1,)]
    assert len(main_processes(shared)) == 2
    for left in folder.parent.glob(f"{folder.name}*"):
        if after.redis_url != servers.redis_url:
            shutil.rmtree(left) if not left.is_symlink() else left.unlink()


def test_a_stale_pid_file_of_a_living_stranger_is_no_obstacle(shared):
    settings = settings_of(shared)
    embedded.attach(settings)
    embedded.stop(settings)
    pid_file = shared / "store/postgres/postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n/proc/self/cwd\n1\n5432\n/nowhere\n\n0 0\nready   \n")
    assert query(embedded.attach(settings), "SELECT 1") == [(1,)]
    assert embedded.status(settings).postgres.pid != os.getpid()
