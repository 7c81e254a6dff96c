"""A fence around the files of a test: what is typed at random may run as root."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Events of Python that change files, with how many of their first arguments are paths.
CHANGES = {"os.rename": 2, "os.link": 2, "os.symlink": 2}
CHANGES |= dict.fromkeys(("os.chmod", "os.chown", "os.mkdir", "os.remove", "os.rmdir"), 1)
CHANGES |= dict.fromkeys(("os.truncate", "os.utime"), 1)
# Where streams end that nobody reads, and what imports leave.
HARMLESS, COMPILED = (os.devnull,), "__pycache__"
_fence: list[Path] = []
_outside: list[str] = []


class OutsideError(Exception):
    """Something would have been written outside the fence."""


@contextmanager
def within(folder: Path) -> Iterator[None]:
    """Let this process write nowhere but in a folder; fails where something tried, and did not."""
    _fence.append(folder.resolve())
    try:
        yield
    finally:
        _fence.pop()
        tried, _outside[:] = list(_outside), []
        assert tried == []


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if not _fence:
        return
    if event == "open" and arguments[2] & WRITING and arguments[0] not in HARMLESS:
        paths = arguments[:1]
    else:
        paths = arguments[: CHANGES.get(event, 0)]
    for path in paths:
        if isinstance(path, str | bytes | os.PathLike) and not _is_inside(os.fsdecode(path)):
            _outside.append(f"{event} {os.fsdecode(path)!r}")
            raise OutsideError


def _is_inside(path: str) -> bool:
    if "\0" in path:  # names nothing
        return True
    place = Path(path).parent.resolve() / Path(path).name  # a link is changed where it stands
    return COMPILED in place.parts or place.is_relative_to(_fence[-1])


sys.addaudithook(_look)  # there is no way to take one away
