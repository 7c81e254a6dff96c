"""A door without network: a signed list says which tickets are good, a journal who came in.

The journal is a file of this door alone. An entry is on the disk before anybody is let in, so
that whatever ends this program, nobody comes in twice by it.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from boxoffice.core import errors
from boxoffice.core.model import DoorEntry, DoorList
from boxoffice.core.tickets import codes
from boxoffice.core.tickets.gates import EARLIEST, LATEST, clean_gate

if TYPE_CHECKING:
    from typing import Self

    from boxoffice.core.model import DoorTicket

FORMAT, VERSION = "boxoffice-door-journal", 1
FILE_BYTES_MAX = 64 * 1024 * 1024
FILE_MODE = 0o600
OPENING = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
HINT = errors.Words("--journal FILE names another file; `boxoffice ticket upload` takes this one")
READING_HINT = errors.Words("`boxoffice ticket door FILE` writes one: FILE.journal")


class Door:
    """Looks at codes by a list and a journal; nobody else writes the journal meanwhile."""

    def __init__(self, tickets: DoorList, public_key: str, journal: str) -> None:
        self._list = tickets
        self._known = {ticket.hash: ticket for ticket in tickets.tickets}
        self._file = _open(journal)
        try:
            self._came = self._begin(journal, public_key)
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def admit(self, text: str, *, at: datetime, gate: str | None) -> DoorTicket:
        """Let in whoever has this code, once, and return the ticket with when and where.

        Raises TicketNotFound, WrongPerformance, TicketCancelled, TicketUsed, and LocalDiskFailed
        where the journal cannot be written: then nobody was let in.
        """
        claim = codes.parse(text)
        ticket = self._known.get(codes.fingerprint(claim))
        if ticket is None:
            if claim.performance != self._list.performance:
                raise errors.WrongPerformance(
                    "the ticket is for performance {performance}", performance=claim.performance
                )
            raise errors.TicketNotFound("the ticket is not on the list")
        if ticket.state == "cancelled":
            raise errors.TicketCancelled
        if ticket.state == "used":
            assert ticket.checked_in_at is not None, "a used ticket says since when"
            raise self._used(ticket.checked_in_at, ticket.gate)
        if first := self._came.get(ticket.hash):
            raise self._used(first.at, first.gate)
        entry = DoorEntry(hash=ticket.hash, at=at, gate=gate)
        self._append(_line(_plain(entry)))
        self._came[ticket.hash] = entry
        return replace(ticket, checked_in_at=self._local(at), gate=gate)

    def _used(self, at: datetime, gate: str | None) -> errors.TicketUsed:
        return used(self._local(at), gate)

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self._list.date.tzinfo)

    def _begin(self, path: str, public_key: str) -> dict[str, DoorEntry]:
        """Read what stands in the journal, or begin it; no other file is touched."""
        head = {"performance": self._list.performance, "public_key": public_key}
        begun = _line({"format": FORMAT, "version": VERSION, **head})
        data = os.pread(self._file, FILE_BYTES_MAX + 1, 0)
        if begun.startswith(data) and len(data) < len(begun):  # new, or a crash cut its head
            os.ftruncate(self._file, 0)
            os.fchmod(self._file, FILE_MODE)  # whatever the umask took away
            self._append(begun)
            _keep_name(path)
            return {}
        found, entries = _parse(data)
        if any(found.get(name) != value for name, value in head.items()):
            raise errors.InputInvalid("the journal is of another list", hint=HINT)
        os.ftruncate(self._file, len(_whole(data)))  # a line that a crash cut let nobody in
        return {entry.hash: entry for entry in reversed(entries)}

    def _append(self, line: bytes) -> None:
        size = os.fstat(self._file).st_size
        try:
            if os.write(self._file, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # noqa: TRY301
            os.fsync(self._file)
        except OSError as error:
            os.ftruncate(self._file, size)
            raise errors.LocalDiskFailed(
                "the journal cannot be written ({reason}); nobody was let in",
                reason=error.strerror,
            ) from None


def used(at: datetime, gate: str | None) -> errors.TicketUsed:
    """Say when, by the clock of the venue, and where somebody came in with a ticket."""
    told = f"{at:%Y-%m-%d %H:%M:%S}"
    if gate is None:
        return errors.TicketUsed("somebody came in with this ticket at {at}", at=told)
    return errors.TicketUsed(
        "somebody came in with this ticket at {at} at {gate}", at=told, gate=gate
    )


def read_journal(file: BinaryIO) -> tuple[int, list[DoorEntry], str]:
    """Return a journal's performance, its entries in order, and the key that signed its list.

    Raises InputInvalid.
    """
    head, entries = _parse(file.read(FILE_BYTES_MAX + 1), READING_HINT)
    return head["performance"], entries, head["public_key"]


def _whole(data: bytes) -> bytes:
    return data[: data.rfind(b"\n") + 1]


def _parse(data: bytes, hint: str = HINT) -> tuple[dict[str, Any], list[DoorEntry]]:
    if len(data) > FILE_BYTES_MAX:
        raise errors.InputInvalid(
            "the journal is larger than {most:,} bytes", hint=hint, most=FILE_BYTES_MAX
        )
    try:
        lines = _whole(data).splitlines()
        head: dict[str, Any] = json.loads(lines[0])
        if (head["format"], head["version"]) != (FORMAT, VERSION):
            raise ValueError  # noqa: TRY301
        if type(head["performance"]) is not int or not isinstance(head["public_key"], str):
            raise TypeError  # noqa: TRY301
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        raise errors.InputInvalid("this is no journal of a door", hint=hint) from None
    return head, [_entry(number, line, hint) for number, line in enumerate(lines[1:], 2)]


def _entry(number: int, line: bytes, hint: str) -> DoorEntry:
    """Read a line; what this door cannot have written is damaged."""
    try:
        told = json.loads(line)
        at, gate = datetime.fromisoformat(told["at"]), clean_gate(told["gate"])
        is_whole = EARLIEST <= at <= LATEST and isinstance(told["hash"], str)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, errors.InputInvalid):
        is_whole = False
    if not is_whole:
        raise errors.InputInvalid("line {line} of the journal is damaged", hint=hint, line=number)
    return DoorEntry(hash=told["hash"], at=at, gate=gate)


def _plain(entry: DoorEntry) -> dict[str, Any]:
    return {"hash": entry.hash, "at": entry.at.isoformat(), "gate": entry.gate}


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode() + b"\n"


def _open(path: str) -> int:
    try:
        file = os.open(path, OPENING, FILE_MODE)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or errors.Words("not a file name")
        raise errors.InputInvalid(
            "cannot open the journal {path}: {reason}", path=path, reason=reason
        ) from None
    try:
        _lock(file, path)
    except BaseException:
        os.close(file)
        raise
    return file


def _lock(file: int, path: str) -> None:
    if not stat.S_ISREG(os.fstat(file).st_mode):
        raise errors.InputInvalid("the journal {path} is not a regular file", path=path)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise errors.InputInvalid("another door writes this journal", hint=HINT) from None


def _keep_name(path: str) -> None:
    """Have the folder remember the new file, too."""
    folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY | os.O_DIRECTORY)  # noqa: PTH100, PTH120
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
