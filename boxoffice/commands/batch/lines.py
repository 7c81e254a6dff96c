"""The lines of a batch: read in bounded memory, each one telling by itself whether it is sound."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NoReturn

from boxoffice.core.errors import InputInvalid, Words
from boxoffice.core.references import number_in, stored_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

LINE_BYTES_MAX = 65_536
CHUNK_BYTES = 65_536
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
KEY_HEX = 40
NUMBERED, NAMED = "numbered", "named"
# Of a run, so that its memory has an end: some 100 bytes each.
KEYLESS_LINES_MAX = 1_000_000
DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line by its number, from 1; no text where it was too long to be kept."""

    number: int
    text: bytes | None


class Lines:
    """Lines out of a stream, never more of them at once than a chunk holds."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream: Any = stream
        self._ready: deque[bytes | None] = deque()
        self._rest = b""
        self._is_skipping = False
        self._number = 0
        self.ended = False

    def __iter__(self) -> Iterator[Line]:
        """Yield each line as soon as it is there."""
        while True:
            line = self.take()
            if line is not None:
                yield line
            elif self.ended:
                return
            else:
                self.fill()

    def fileno(self) -> int:
        """Return the descriptor that `fill` reads; raises OSError where there is none."""
        return int(self._stream.fileno())

    def take(self) -> Line | None:
        """Return the next line if it is there."""
        if not self._ready:
            return None
        text = self._ready.popleft()
        self._number += 1
        if self._number == 1 and text is not None:
            text = text.removeprefix(BYTE_ORDER_MARK)
        return Line(number=self._number, text=text and text.removesuffix(b"\r"))

    def fill(self) -> None:
        """Read what there is, and wait where there is nothing yet; raises OSError."""
        chunk = self._stream.read1(CHUNK_BYTES)
        *complete, rest = chunk.split(b"\n")
        for part in complete:
            self._end(part)
        self._grow(rest)
        if not chunk:
            self.ended = True
            if self._rest or self._is_skipping:
                self._end(b"")

    def _end(self, part: bytes) -> None:
        self._grow(part)
        self._ready.append(None if self._is_skipping else self._rest)
        self._rest, self._is_skipping = b"", False

    def _grow(self, part: bytes) -> None:
        if self._is_skipping:
            return
        self._rest += part
        if len(self._rest) > LINE_BYTES_MAX:
            self._rest, self._is_skipping = b"", True


class Keys:
    """Keys for lines that name none: of run and user, the text, and which of its kind it is.

    Not of the line's number: whoever adds a line would have all below it done once more.
    """

    def __init__(self, name: str, user: str | None, *, most: int = KEYLESS_LINES_MAX) -> None:
        """Make keys for a run with a name, by a customer who need not be named in its lines."""
        self._most = most
        self._whose = f"{name}\0{user or ''}"
        self._seen: dict[bytes, int] = {}

    def key_of(self, line: Line) -> str:
        """Return the key of a line; raises InputInvalid where too many have none."""
        text = line.text or b""
        short = sha256(text).digest()[:DIGEST_BYTES]
        before = self._seen.get(short, 0)
        if not before and len(self._seen) >= self._most:
            raise InputInvalid(
                "more than {most:,} lines have no key",
                most=self._most,
                hint="give each line a key of its own",
            )
        self._seen[short] = before + 1
        digest = sha256(f"{self._whose}\0{before + 1}\0".encode() + text)
        return f"batch-{digest.hexdigest()[:KEY_HEX]}"


def read_object(line: Line) -> dict[str, Any]:
    """Return the fields of a line; raises InputInvalid, never with what stands in it."""
    if line.text is None:
        raise InputInvalid("the line is longer than {most} bytes", most=LINE_BYTES_MAX, hint="")
    if not line.text.strip():
        raise InputInvalid("the line is empty", hint="")
    try:
        found = DECODER.decode(line.text.decode())
    except UnicodeDecodeError:
        raise InputInvalid("the line is not UTF-8", hint="") from None
    except RecursionError:
        raise InputInvalid("the line is nested too deeply", hint="") from None
    except ValueError:  # a number of thousands of digits, too
        raise InputInvalid("the line is not JSON", hint=EXAMPLE_HINT) from None
    if not isinstance(found, dict):
        raise InputInvalid("the line is no JSON object", hint=EXAMPLE_HINT)
    return found


def affinity(line: Line) -> tuple[str, str] | None:
    """Return how a line names its user, and whom; None where it names nobody."""
    try:
        user = read_object(line).get("user")
    except InputInvalid:
        return None
    if not isinstance(user, str | int):
        return None
    number = number_in(str(user))
    return (NAMED, stored_name(str(user))) if number is None else (NUMBERED, str(number))


EXAMPLE_HINT = Words('as in {"command": "balance", "user": "kim"}')


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InputInvalid("a name stands twice in the line", hint="")
    return found


def _no_number(_: str) -> NoReturn:
    raise InputInvalid("NaN and Infinity are no numbers in JSON", hint="")


DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_no_number)
