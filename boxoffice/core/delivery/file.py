"""Events in a file, a line of JSON each."""

from __future__ import annotations

import fcntl
import os
import stat
from typing import TYPE_CHECKING

from boxoffice.core.delivery.letters import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.core.delivery.letters import Letter

LETTERS_AT_ONCE = 500
ROOT = 0
# Opened anew each time, so that a rotated file is left in peace; a pipe is not waited for.
FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class FileSink:
    """Appends to a file for its owner alone; whole lines, on the disk before they count.

    A line that a crash cut off is ended, so that it takes no other with it: what it told is brought
    again.
    """

    name = "file"
    lanes = 1
    at_once = LETTERS_AT_ONCE

    def __init__(self, path: str) -> None:
        self._path = path

    def deliver(self, letters: Sequence[Letter]) -> Failure | None:
        """Append letters, or nothing where the disk does not take all of them."""
        try:
            descriptor = os.open(self._path, FLAGS, 0o600)
        except OSError as error:
            return _away(error)
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                return Failure(reason="event_file is no regular file", means="away")
            if found.st_uid not in (os.geteuid(), ROOT):  # laid out in a folder open to all
                return Failure(reason="event_file belongs to somebody else", means="away")
            # Whoever keeps it locked for long would hold the worker, too.
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _append(descriptor, b"".join(letter.line() for letter in letters))
        except OSError as error:
            return _away(error)
        finally:
            os.close(descriptor)
        return None

    def close(self) -> None:
        """Nothing is kept open."""


def _append(descriptor: int, lines: bytes) -> None:
    size = os.fstat(descriptor).st_size
    is_cut_off = size and os.pread(descriptor, 1, size - 1) != b"\n"
    try:
        left = memoryview(b"\n" + lines if is_cut_off else lines)
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise


def _away(error: OSError) -> Failure:
    return Failure(reason=f"event_file cannot be written: {error.strerror}", means="away")
