"""Locks that the kernel drops with the last process that holds them.

A `flock` belongs to an open file, and children inherit open files: a server started with
such a file holds the lock for as long as any of its processes lives, however it ends. So
"is anything of that server left" needs no pid, which could have passed to a stranger.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import TYPE_CHECKING

from boxoffice.core.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POLL_SECONDS = 0.005
STARTER_POLL_SECONDS = 0.02
STARTER_WAIT_SECONDS = 90.0
LIFE_WAIT_SECONDS = 2.0


def held(path: Path) -> bool:
    """Whether any process of the server that was given this lock still lives."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not _taken(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def life(path: Path) -> Iterator[int]:
    """Hold a server's lock and hand out the descriptor to pass to its processes.

    Waits a moment, because a look from `held` takes the lock for a few microseconds.
    """
    with _opened(path) as descriptor:
        deadline = time.monotonic() + LIFE_WAIT_SECONDS
        while not _taken(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise StoreUnavailable(
                    "a process of the embedded servers still holds {path}", path=path
                )
            time.sleep(POLL_SECONDS)
        yield descriptor


@contextlib.contextmanager
def only_starter(path: Path) -> Iterator[None]:
    """Let one process at a time start, stop or delete; raises StoreUnavailable past the wait."""
    deadline = time.monotonic() + STARTER_WAIT_SECONDS
    while True:
        with _opened(path) as descriptor:
            if _taken(descriptor, fcntl.LOCK_EX) and _still_there(path, descriptor):
                yield
                return
        if time.monotonic() > deadline:
            raise StoreUnavailable(
                "another command has been starting or stopping the embedded servers"
                " for {seconds:g} seconds",
                hint="look for a stuck `boxoffice` process and end it",
                seconds=STARTER_WAIT_SECONDS,
            )
        time.sleep(STARTER_POLL_SECONDS)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _taken(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _still_there(path: Path, descriptor: int) -> bool:
    """Whether the locked file is the one in the folder: a reset may have deleted ours."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
