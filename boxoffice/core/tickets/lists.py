"""A list of tickets for a door without network: a file that only its database can have signed.

JSON Lines: what it is, a ticket a line, and the Ed25519 signature (RFC 8032) of all lines before
it. It names no person, and nobody makes a code from it: of each there is the SHA-256 alone.
"""

from __future__ import annotations

import json
import os
import stat
from datetime import datetime
from typing import Any, BinaryIO

from boxoffice.core import errors
from boxoffice.core.model import DoorList, DoorTicket
from boxoffice.core.text import visible
from boxoffice.core.tickets.gates import EARLIEST, LATEST

FORMAT, VERSION = "boxoffice-door-list", 1
DOMAIN = b"boxoffice door list 1\0"
FILE_BYTES_MAX = 64 * 1024 * 1024
STATES = ("valid", "used", "cancelled")
HINT = errors.Words("`boxoffice ticket export` makes one")


def open_file(path: str, *, hint: str = HINT) -> BinaryIO:
    """Open a file of a door; raises InputInvalid unless it is a regular one that can be read."""
    try:
        # Without waiting: opening a pipe that nobody writes to would hang.
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or errors.Words("not a file name")
        raise errors.InputInvalid(
            "cannot read {path}: {reason}", hint=hint, path=path, reason=reason
        ) from None
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise errors.InputInvalid("{path} is not a regular file", hint=hint, path=path)
    return file


def read(file: BinaryIO, *, public_key: str | None = None) -> tuple[DoorList, str]:
    """Return a list and the public key that it is signed with, `public_key` where one is given.

    Raises InputInvalid for anything else: a list that was changed, cut, or signed by others.
    """
    data = file.read(FILE_BYTES_MAX + 1)
    if len(data) > FILE_BYTES_MAX:
        raise errors.InputInvalid("the list is larger than {most:,} bytes", most=FILE_BYTES_MAX)
    lines = data.splitlines(keepends=True)
    try:
        head, signature = json.loads(lines[0]), json.loads(lines[-1])["signature"]
        if (head["format"], head["version"]) != (FORMAT, VERSION):
            raise ValueError  # noqa: TRY301 - the same answer for every file that is none
        signed_by = str(head["public_key"])
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        raise errors.InputInvalid("this is no list of tickets", hint=HINT) from None
    if public_key is not None and public_key.strip().lower() != signed_by:
        raise errors.InputInvalid("the list is signed with another key", hint=HINT)
    _require_signature(b"".join(lines[:-1]), signed_by, signature)
    try:
        return _parsed(head, lines[1:-1]), signed_by
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # By a key that nobody vouched for anything can be signed.
        raise errors.InputInvalid("this is no list of tickets", hint=HINT) from None


def _require_signature(signed: bytes, public_key: str, signature: object) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(str(signature)), DOMAIN + signed)
    except (InvalidSignature, ValueError):
        raise errors.InputInvalid("the list was changed after it was signed", hint=HINT) from None


def _parsed(head: dict[str, Any], lines: list[bytes]) -> DoorList:
    """Read what is signed; raises ValueError or the like where it is not of this format."""
    return DoorList(
        performance=int(head["performance"]),
        concert=visible(head["concert"]),
        venue=visible(head["venue"]),
        date=_moment(head["date"]),
        made_at=_moment(head["made_at"]),
        tickets=tuple(_ticket(json.loads(line)) for line in lines),
    )


def _ticket(told: dict[str, Any]) -> DoorTicket:
    at = told.pop("checked_in_at", None)
    shown = {name: visible(text) for name, text in told.items()}
    ticket = DoorTicket(**shown, checked_in_at=None if at is None else _moment(at))
    if ticket.state not in STATES or (ticket.state == "used") != (at is not None):
        raise ValueError
    return ticket


def _moment(text: str) -> datetime:
    """Read a time with its offset, of a year in which every zone has a clock."""
    at = datetime.fromisoformat(text)
    if not EARLIEST <= at <= LATEST:
        raise ValueError
    return at
