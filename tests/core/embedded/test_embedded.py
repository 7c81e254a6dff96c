"""The pair of servers in ordinary use."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import psycopg
import pytest
import redis
from callers import (
    CODE,
    attach_command,
    connect,
    eventually,
    main_processes,
    processes_of,
    query,
    said,
    settings_of,
)

from boxoffice.core import embedded
from boxoffice.core.embedded import warm
from boxoffice.core.errors import StoreUnavailable

HEAVY = ("subprocess", "shutil", "tempfile", "ctypes", "json", "fcntl", "pwd", "importlib.util")


def test_the_first_attach_gives_an_empty_database_and_a_queue(home):
    servers = embedded.attach(settings_of(home))
    assert query(servers, "SELECT current_user, current_database()") == [("boxoffice", "boxoffice")]
    with redis.Redis.from_url(servers.redis_url) as queue:
        assert queue.ping()


def test_a_second_attach_finds_the_same_pair(shared):
    first = embedded.attach(settings_of(shared))
    before = processes_of(shared)
    assert embedded.attach(settings_of(shared)) == first
    assert processes_of(shared)[:2] == before[:2]


def test_a_warm_attach_imports_nothing_heavy_and_takes_no_time(shared):
    embedded.attach(settings_of(shared))
    code = (
        "import sys; from boxoffice.core import config, embedded; before = set(sys.modules)\n"
        "embedded.attach(config.load()); print(sorted(set(sys.modules) - before))\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    bare = f"import sys, tomllib, socket; print([n for n in {HEAVY!r} if n in sys.modules])"
    plain = said(attach_command(shared, code=bare))
    new, heavy = said(attach_command(shared, code=code)).splitlines()
    assert new in {"['encodings.unicode_escape']", "[]"}
    assert heavy == plain.strip()
    began = time.process_time()
    for _ in range(20):
        embedded.attach(settings_of(shared))
    assert (time.process_time() - began) / 20 < 0.005


def test_ten_processes_at_once_on_a_fresh_folder_end_with_one_pair(home):
    answers = {said(command) for command in [attach_command(home) for _ in range(10)]}
    assert len(answers) == 1
    assert answers.pop().startswith("Servers(")
    titles = main_processes(home)
    assert sorted("postgres" in title for title in titles) == [False, True]


def test_the_servers_hold_nothing_of_the_caller_that_started_them(home):
    command = attach_command(home, start_new_session=True)
    assert said(command).startswith("Servers(")  # the end of its output was seen: nobody holds it
    for pid in processes_of(home):
        assert os.getsid(pid) != command.pid
        held = {str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir() if path.exists()}
        assert not any("/dev/pts" in path or "/dev/tty" in path for path in held)


def test_a_stopped_pair_keeps_its_data_and_starts_again(home):
    settings = settings_of(home)
    query(embedded.attach(settings), "CREATE TABLE kept AS SELECT 1 AS n")
    embedded.stop(settings)
    assert processes_of(home) == []
    assert embedded.status(settings).socket_folder is None
    assert query(embedded.attach(settings), "SELECT n FROM kept") == [(1,)]


def test_stopping_and_resetting_what_was_never_started_does_nothing(tmp_path):
    settings = settings_of(tmp_path)
    embedded.stop(settings)
    embedded.reset(settings)
    assert not embedded.status(settings).running
    assert list(tmp_path.iterdir()) == []


def test_the_status_names_versions_pids_sizes_and_files(shared):
    settings = settings_of(shared)
    servers = embedded.attach(settings)
    status = asdict(embedded.status(settings))
    assert status["running"]
    assert status["data_folder"] == str(shared / "store")
    assert status["socket_folder"] in servers.redis_url
    assert query(servers, "SHOW server_version") == [(status["postgres"]["version"],)]
    with redis.Redis.from_url(servers.redis_url) as queue:
        assert queue.info("server")["process_id"] == status["valkey"]["pid"]
    assert status["postgres"]["size_bytes"] > 10_000_000
    for server in (status["postgres"], status["valkey"]):
        assert server["state"] == "running"
        assert server["pid"] in processes_of(shared)
        assert Path(server["binary"]).exists()
        assert Path(server["log_file"]).exists()


def test_reset_deletes_only_what_was_made_here(tmp_path):
    foreign = tmp_path / "store"
    foreign.mkdir()
    (foreign / "diary.txt").write_text("mine")
    for act in (embedded.reset, embedded.attach):
        with pytest.raises(StoreUnavailable, match="not made by boxoffice"):
            act(settings_of(tmp_path))
    assert (foreign / "diary.txt").read_text() == "mine"


def test_postgres_is_durable_and_listens_to_nobody_else(shared):
    servers = embedded.attach(settings_of(shared))
    wanted = {
        "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "jit": "off",
        "listen_addresses": "", "TimeZone": "UTC", "max_connections": "250", "autovacuum": "on",
        "dynamic_shared_memory_type": "mmap", "server_encoding": "UTF8", "data_checksums": "on",
    }  # fmt: skip
    shown = {name: query(servers, f"SHOW {name}")[0][0] for name in wanted}
    assert shown == wanted
    folder = Path(embedded.status(settings_of(shared)).socket_folder)
    assert folder.stat().st_mode & 0o077 == 0


def test_valkey_keeps_what_it_is_told_and_listens_to_nobody_else(shared):
    servers = embedded.attach(settings_of(shared))
    wanted = {"appendonly": "yes", "appendfsync": "everysec", "save": "", "port": "0",
              "maxmemory-policy": "noeviction", "timeout": "0"}  # fmt: skip
    with redis.Redis.from_url(servers.redis_url, decode_responses=True) as queue:
        assert {name: queue.config_get(name)[name] for name in wanted} == wanted


def test_two_hundred_clients_can_be_connected(shared):
    servers = embedded.attach(settings_of(shared))
    clients = [connect(servers) for _ in range(200)]
    try:
        assert query(servers, "SELECT count(*) >= 201 FROM pg_stat_activity") == [(True,)]
    finally:
        for client in clients:
            client.close()


def test_a_refused_statement_leaves_no_trace_in_the_log(shared):
    servers = embedded.attach(settings_of(shared))
    query(servers, "CREATE TABLE once (secret text PRIMARY KEY)")
    query(servers, "INSERT INTO once VALUES (%s)", "password-of-alice")
    with pytest.raises(psycopg.errors.UniqueViolation):
        query(servers, "INSERT INTO once VALUES (%s)", "password-of-alice")
    log = Path(embedded.status(settings_of(shared)).postgres.log_file).read_text()
    assert "alice" not in log
    assert "once" not in log


def test_a_log_cannot_grow_without_bound(shared):
    embedded.attach(settings_of(shared))
    log = Path(embedded.status(settings_of(shared)).postgres.log_file)
    with log.open("a") as file:
        file.write("words\n" * warm.LOG_BYTES_MAX)
    servers = embedded.attach(settings_of(shared))
    assert log.stat().st_size == 0
    with connect(servers) as client:
        pid = client.info.backend_pid
        query(servers, "SELECT pg_terminate_backend(%s)", pid)
    eventually(lambda: 0 < log.stat().st_size < 10_000)


@pytest.mark.parametrize(
    "name",
    ["with space and 'quotes\" $HOME `id`", "공연장 🎟", "x" * 200 + "/" + "y" * 200, "new\nline"],
    ids=["quotes", "unicode", "too long for a socket", "line break"],
)
def test_any_path_will_do(tmp_path, name):
    settings = settings_of(tmp_path / name)
    try:
        assert query(embedded.attach(settings), "SELECT 1") == [(1,)]
        assert embedded.status(settings).running
    finally:
        embedded.reset(settings)


def test_an_ordinary_user_has_a_pair_of_his_own(ordinary_home):
    folder, options = ordinary_home
    first = said(attach_command(folder, **options))
    assert first.startswith("Servers(")
    assert said(attach_command(folder, **options)) == first
    owners = {Path(f"/proc/{pid}").stat().st_uid for pid in processes_of(folder)}
    assert owners == {options.get("user", [os.geteuid()])[0]}


def test_importing_the_module_starts_and_reads_nothing(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "import boxoffice.core.embedded"],
        cwd=CODE,
        check=True,
        env={"HOME": str(tmp_path), "BOXOFFICE_HOME": str(tmp_path / "none")},
        capture_output=True,
    )
    assert (done.stdout, done.stderr, list(tmp_path.iterdir())) == (b"", b"", [])
