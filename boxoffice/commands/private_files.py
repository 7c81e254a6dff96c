"""Files that a command writes for its owner alone: whole, or not at all."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from boxoffice.commands import output
from boxoffice.core.errors import InputInvalid

MODE = 0o600
SUFFIX_BYTES = 8


def write(path: str, data: bytes) -> None:
    """Write a file, or stdout where the path is ``-``, so that it is never there by half.

    Raises InputInvalid for bytes that a terminal would get, LocalDiskFailed.
    """
    if path != "-":
        target = Path(os.path.realpath(path))  # a link stays one
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
