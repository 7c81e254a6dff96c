"""The local journal: on the disk before anything is sent, and nobody's trouble when damaged."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from contextlib import contextmanager, suppress

import pytest

from boxoffice.core.errors import LocalDiskFailed
from boxoffice.core.journal import Journal

SECONDS = 30
ABOUT = {"reservation": "R-1", "amount": 7}
ODD = "a key/with .. 'everything' \\ 한글 that prints"
# Another process: begins an operation, says so, and ends only with its stdin, or killed.
OTHER = """
import sys
from pathlib import Path
from boxoffice.core.journal import Journal
Journal(Path(sys.argv[1]), "db").begin("k", "pay")
print("begun", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path / "state" / "journal", "db")


def keys(journal):
    """What a later command of the same host finds unresolved."""
    return [entry.key for entry in Journal(journal.folder, "db").unresolved()]


@contextmanager
def another(journal):
    """Run another process that is working on the key "k"."""
    with subprocess.Popen(
        [sys.executable, "-c", OTHER, str(journal.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline() == b"begun\n"
        yield process
        process.kill()


def test_an_entry_that_nobody_works_on_any_more_is_unresolved_and_says_what_it_was(journal):
    assert not journal.begin(ODD, "pay", **ABOUT, token=None)
    journal.release(ODD)
    (entry,) = Journal(journal.folder, "db").unresolved()
    assert (entry.key, entry.command, entry.about) == (ODD, "pay", ABOUT)
    written = next(journal.folder.iterdir()).stat().st_mtime
    assert entry.at.timestamp() == pytest.approx(written)


def test_only_the_owner_can_read_the_journal(journal):
    journal.folder.mkdir(parents=True, mode=0o755)
    journal.begin("k", "pay")
    (file,) = journal.folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.folder.stat().st_mode) == 0o700


def test_a_known_outcome_removes_the_entry_and_a_second_close_is_nothing(journal):
    journal.begin("k", "pay")
    journal.begin("l", "pay")
    journal.close("k")
    journal.close("k")
    journal.close("never begun")
    journal.release("l")
    assert keys(journal) == ["l"]
    Journal(journal.folder, "db").close("l")
    assert list(journal.folder.iterdir()) == []


def test_what_a_living_process_works_on_is_not_unresolved_until_it_is_killed(journal):
    with another(journal) as process:
        assert keys(journal) == []
        journal.begin("k", "pay")
        journal.close("k")
        process.kill()
        process.wait(SECONDS)
        assert keys(journal) == ["k"]


def test_two_processes_with_one_key_each_keep_their_entry(journal):
    with another(journal) as first, another(journal) as second:
        assert len(list(journal.folder.iterdir())) == 2
        first.kill()
        first.wait(SECONDS)
        assert keys(journal) == ["k"]
        Journal(journal.folder, "db").close("k")
        assert keys(journal) == []
        assert len(list(journal.folder.iterdir())) == 1
        second.kill()
        second.wait(SECONDS)
        assert keys(journal) == ["k"]


def test_a_key_that_was_left_behind_is_in_doubt_from_the_start_and_closed_as_one(journal):
    journal.begin("k", "pay")
    journal.release("k")
    assert journal.begin("k", "pay")
    assert not journal.begin("l", "pay")
    assert len(list(journal.folder.iterdir())) == 3
    journal.close("k")
    assert len(list(journal.folder.iterdir())) == 1


def test_damaged_and_foreign_files_are_named_and_skipped(journal):
    journal.begin("k", "pay")
    (entry,) = journal.folder.iterdir()
    whole = entry.read_bytes()
    (journal.folder / "notes.txt").write_text("not ours")
    os.mkfifo(journal.folder / "pipe.json")
    (journal.folder / "folder.json").mkdir()
    (journal.folder / "link.json").symlink_to(entry)
    wrong = [b"", whole[:9], b"[]", b"\xff", b"[" * 9_000, b'{"key": 5}', whole * 2_000]
    wrong += [whole, whole.replace(b'"about": {}', b'"about": 5')]  # under other keys' names
    for number, content in enumerate(wrong):
        (journal.folder / f"{number}.json").write_bytes(content)
    journal.release("k")
    found = Journal(journal.folder, "db")
    assert [entry.key for entry in found.unresolved()] == ["k"]
    named = {f"{number}.json" for number in range(len(wrong))} | {"folder.json", "pipe.json"}
    assert set(found.damaged) == named
    found.close("k")
    assert found.unresolved() == []


def test_entries_of_another_database_are_apart_even_under_the_same_key(journal):
    other = Journal(journal.folder, "other")
    for each in (journal, other):
        each.begin("k", "pay")
        each.release("k")
    found = Journal(journal.folder, "db")
    assert [entry.database for entry in found.unresolved()] == ["db"]
    assert [entry.database for entry in found.elsewhere] == ["other"]
    journal.close("k")
    assert keys(journal) == []
    assert not journal.begin("k", "pay")
    assert [entry.key for entry in other.unresolved()] == ["k"]


def test_an_entry_that_names_no_database_is_told_everywhere(journal):
    journal.begin("k", "pay")
    (file,) = journal.folder.iterdir()
    file.write_bytes(file.read_bytes().replace(b', "database": "db"', b""))
    journal.release("k")
    assert [entry.database for entry in Journal(journal.folder, "any").unresolved()] == [None]
    assert journal.begin("k", "pay")


def test_a_folder_that_cannot_be_written_refuses_before_anything_is_sent(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalDiskFailed, match="nothing was done"):
        Journal(tmp_path / "file" / "journal", "db").begin("k", "pay")
    assert Journal(tmp_path / "file" / "journal", "db").unresolved() == []


@contextmanager
def small_disk(folder):
    """Lend a disk of one megabyte; only root may mount one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, timeout=SECONDS, check=False)
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], timeout=SECONDS, check=True)


def test_a_full_disk_refuses_before_anything_is_sent_and_leaves_nothing(tmp_path):
    disk = tmp_path / "disk"
    with small_disk(disk):
        journal = Journal(disk / "journal", "db")
        journal.begin("k", "pay")
        with suppress(OSError), (disk / "ballast").open("wb", buffering=0) as ballast:
            while True:
                ballast.write(b"x" * 4096)
        with pytest.raises(LocalDiskFailed, match="nothing was done"):
            journal.begin("l", "pay")
        assert len(list(journal.folder.iterdir())) == 1
        (disk / "ballast").unlink()
        journal.begin("l", "pay")
        journal.release("l")
        assert keys(journal) == ["l"]
