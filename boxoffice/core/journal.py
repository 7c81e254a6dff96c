"""What this host began and has not heard the end of: a file for each operation under way.

An entry is on the disk before the first statement is sent, and goes once the outcome is known.
The process that works on one holds a lock on it, so the kernel says whether it still lives;
what nobody works on any more is unresolved.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from boxoffice.core.errors import LocalDiskFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from boxoffice.core.config import Settings

FOLDER_MODE, FILE_MODE = 0o700, 0o600
SUFFIX = ".json"
NAME_CHARACTERS = 32
RUN_BYTES = 4
ENTRY_BYTES_MAX = 16_384
VALUE_CHARACTERS_MAX = 200
FILES_READ_MAX = 1_000
# Without waiting: opening a pipe that nobody writes to would hang.
READING = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
WRITING = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An operation that was begun here at ``at``; ``about`` says to people what it was.

    ``database`` says where it was sent; None in entries of versions that did not write it.
    """

    key: str
    command: str
    about: Mapping[str, str | int]
    at: datetime
    database: str | None


def journal_of(settings: Settings) -> Journal:
    """Return the journal of this session's state folder, as far as it is of its database."""
    return Journal(settings.journal_dir, settings.database_place)


class Unkept:
    """The journal of whoever finds every key again elsewhere, such as in the file it came from.

    It knows of no doubt but one that it was made with: that all its keys were sent before.
    """

    def __init__(self, *, in_doubt: bool = False) -> None:
        self._in_doubt = in_doubt

    def begin(self, key: str, command: str, **about: str | int | None) -> bool:  # noqa: ARG002
        """Keep nothing, and say whether the key was in doubt before."""
        return self._in_doubt

    def close(self, key: str) -> None:
        """Have nothing to remove."""

    def release(self, key: str) -> None:
        """Have nothing to leave."""


class Journal:
    """The operations of one state folder; each process writes files of its own.

    It speaks of those sent to ``database`` alone: what became of the others is not known there.
    """

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.database = database
        self._open: dict[str, tuple[int, str]] = {}
        self.damaged: tuple[str, ...] = ()  # names of files that `unresolved` could not read
        self.elsewhere: tuple[Entry, ...] = ()  # what `unresolved` found of other databases

    def begin(self, key: str, command: str, **about: str | int | None) -> bool:
        """Write an entry before anything is sent; say whether the key was unresolved before.

        ``about`` is plain: a reservation, an amount, never a token. Raises LocalDiskFailed,
        and then nothing was written or sent.
        """
        shown = {n: _short(value) for n, value in about.items() if value is not None}
        entry = {"key": key, "command": command, "about": shown, "database": self.database}
        text = json.dumps(entry).encode()
        try:
            self._make_folder()
            in_doubt = bool(self._left_behind(key))
            self._open[key] = self._write(key, text)
        except OSError as error:
            raise LocalDiskFailed(
                "the journal {folder} cannot be written ({reason}); nothing was done",
                folder=self.folder,
                reason=error.strerror,
            ) from None
        return in_doubt

    def close(self, key: str) -> None:
        """Remove what stands here of a key whose outcome is known, but for what others work on."""
        descriptor, name = self._open.pop(key, (None, None))
        with suppress(OSError):  # an entry too many costs one question
            if name is not None:
                os.unlink(self.folder / name)  # noqa: PTH108 - pathlib is no shorter
            for left in self._left_behind(key):
                os.unlink(self.folder / left)  # noqa: PTH108
        if descriptor is not None:
            os.close(descriptor)

    def release(self, key: str) -> None:
        """Leave an entry for later: this process does not work on it any more."""
        descriptor, _ = self._open.pop(key, (None, None))
        if descriptor is not None:
            os.close(descriptor)

    def unresolved(self) -> list[Entry]:
        """Return what nobody works on any more, the oldest first, one entry a key."""
        entries: dict[str, Entry] = {}
        elsewhere, damaged = [], []
        for name in self._names():
            with self._unattended(name) as descriptor:
                if descriptor is None:
                    continue
                entry = _read(descriptor, name)
                if entry is None:
                    damaged.append(name)
                elif not self._is_ours(entry):
                    elsewhere.append(entry)
                elif entry.key not in entries or entry.at < entries[entry.key].at:
                    entries[entry.key] = entry
        self.damaged, self.elsewhere = tuple(damaged), tuple(elsewhere)
        return sorted(entries.values(), key=lambda entry: entry.at)

    def _is_ours(self, entry: Entry | None) -> bool:
        """Tell whether an entry is of this database; one that does not say so may be."""
        return entry is None or entry.database in (None, self.database)

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(mode=FOLDER_MODE)
        except FileExistsError:
            if stat.S_IMODE(self.folder.stat().st_mode) & 0o077:
                self.folder.chmod(FOLDER_MODE)
            return
        except FileNotFoundError:
            self.folder.mkdir(mode=FOLDER_MODE, parents=True)
        _sync_folder(self.folder.parent)

    def _write(self, key: str, text: bytes) -> tuple[int, str]:
        """Write a file that appears whole and locked, and return its descriptor and name."""
        name = f"{_prefix(key)}-{os.urandom(RUN_BYTES).hex()}{SUFFIX}"
        fresh = self.folder / f".{name}"
        descriptor = os.open(fresh, WRITING, FILE_MODE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.write(descriptor, text) < len(text):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # noqa: TRY301
            os.fsync(descriptor)
            fresh.rename(self.folder / name)
            _sync_folder(self.folder)
        except BaseException:
            for path in (fresh, self.folder / name):
                with suppress(OSError):
                    path.unlink()
            os.close(descriptor)
            raise
        return descriptor, name

    def _left_behind(self, key: str) -> list[str]:
        """Name the files of a key, sent to this database, that nobody works on any more."""
        prefix = _prefix(key)
        left = []
        for name in self._names():
            if name.startswith(prefix):
                with self._unattended(name) as descriptor:
                    if descriptor is not None and self._is_ours(_read(descriptor, name)):
                        left.append(name)
        return left

    def _names(self) -> list[str]:
        try:
            with os.scandir(self.folder) as found:
                names = [e.name for e in found if e.name.endswith(SUFFIX) and e.name[0] != "."]
        except OSError:
            return []
        return sorted(names)[:FILES_READ_MAX]

    @contextmanager
    def _unattended(self, name: str) -> Iterator[int | None]:
        """Lend a file that no living process works on; None where one does, or it has gone."""
        try:
            descriptor = os.open(self.folder / name, READING)
        except OSError:
            yield None
            return
        try:
            # Shared, so that two who look at once do not take each other for its owner.
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            yield None
            return
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def _prefix(key: str) -> str:
    return sha256(key.encode()).hexdigest()[:NAME_CHARACTERS]


def _short(value: str | int) -> str | int:
    return value[:VALUE_CHARACTERS_MAX] if isinstance(value, str) else value


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(descriptor: int, name: str) -> Entry | None:
    """Read an entry; None for a file that is none of ours, or not any more."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        return None
    try:
        told: Any = json.loads(os.read(descriptor, ENTRY_BYTES_MAX))
        key, command, about = told["key"], told["command"], told["about"]
        database = told.get("database")
        plain = all(isinstance(value, str | int) for value in about.values())
        texts = isinstance(command, str) and isinstance(database, str | None)
        if not (texts and plain and name.startswith(_prefix(key))):
            return None
        at = datetime.fromtimestamp(status.st_mtime, UTC)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return Entry(key=key, command=command, about=about, at=at, database=database)
