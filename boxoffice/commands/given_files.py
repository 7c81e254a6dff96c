"""Files that a command reads once or more, and what is given on stdin instead."""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager


@contextmanager
def given_file(
    path: str, opened: Callable[[str], AbstractContextManager[BinaryIO]], *, bytes_max: int
) -> Iterator[BinaryIO]:
    """Lend a file to be read again from its beginning; - is stdin, which is kept up to a byte more.

    A lost answer is asked for with the same file. Raises what ``opened`` raises.
    """
    if path == "-":
        yield io.BytesIO(sys.stdin.buffer.read(bytes_max + 1))
        return
    with opened(path) as file:
        yield file


def anew(file: BinaryIO) -> BinaryIO:
    """Return a file at its beginning."""
    file.seek(0)
    return file
