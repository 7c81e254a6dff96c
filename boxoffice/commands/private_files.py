"""Files that a command writes for its owner alone: whole, or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from boxoffice.commands import output
from boxoffice.core.errors import InputInvalid

MODE = 0o600
SUFFIX_BYTES = 8
LINKS_MAX = 40


def write(path: str, data: bytes) -> None:
    """Write a file, or stdout where the path is ``-``, so that it is never there by half.

    Raises InputInvalid for bytes that a terminal would get and for another's link, LocalDiskFailed.
    """
    if path != "-":
        target = _target(Path(path))
        if target.exists() and not target.is_file():  # /dev/null stays what it is
            target.write_bytes(data)
        else:
            _replace(target, data)
        return
    if sys.stdout.isatty():
        raise InputInvalid("this is no text for a terminal", hint="--output FILE, or a pipe")

    def write_all(file: BinaryIO) -> None:
        file.write(data)

    output.print_file(write_all)


def _target(path: Path) -> Path:
    """Follow links, which stay what they are, but none that anybody may have laid in /tmp.

    The rule of Linux's fs.protected_symlinks, which asks only who opens what a link stands for.
    """
    for _ in range(LINKS_MAX):
        path = Path(os.path.realpath(path.parent), path.name)
        if not path.is_symlink():
            return path
        folder = path.parent.stat()
        is_common = folder.st_mode & stat.S_ISVTX and folder.st_mode & stat.S_IWOTH
        if is_common and path.lstat().st_uid not in (os.geteuid(), folder.st_uid):
            raise InputInvalid("{path} is a link that somebody else laid", hint="", path=path)
        if path.exists() and not path.is_file():  # as /dev/fd/63, which names no place
            return path
        path = path.parent / path.readlink()
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def _replace(path: Path, data: bytes) -> None:
    fresh = path.with_name(f".{path.name}.{os.urandom(SUFFIX_BYTES).hex()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, MODE)  # whatever the umask took away
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        fresh.replace(path)
    except BaseException:
        with suppress(OSError):
            fresh.unlink()
        raise
