"""The session: token and stub of the place last taken, in a file that only its owner can read."""

from __future__ import annotations

import json
import os
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from boxoffice.core import errors
from boxoffice.core.config import COMMON_SESSION

if TYPE_CHECKING:
    from pathlib import Path

    from boxoffice.core.config import Settings
    from boxoffice.core.model import Place

SESSION_BYTES_MAX = 4_096
MODE = 0o600
SUFFIX_BYTES = 8


def find_token(given: str | None, settings: Settings) -> str | None:
    """Find the token: the option (``-`` reads stdin), the environment, the session file."""
    return named_token(given, settings) or _kept_in_session(settings)


def named_token(given: str | None, settings: Settings) -> str | None:
    """Find the token where somebody names one: the option or the environment."""
    if given == "-":
        line = sys.stdin.buffer.readline(SESSION_BYTES_MAX)
        return line.decode(errors="replace").strip() or None
    if given == "":
        raise errors.TokenInvalid("the token is empty")
    return given or settings.token


def kept_token(settings: Settings) -> str | None:
    """Return the session's token if it can be used, for a command that makes a new one anyway."""
    from boxoffice.core.tokens import concert_of

    try:
        token = _kept_in_session(settings)
        return token if token and concert_of(token) else None
    except (errors.InputInvalid, errors.TokenInvalid):
        return None


def _kept_in_session(settings: Settings) -> str | None:
    """Return the token of this customer's own session, or of one that an operator began."""
    own, common = _paths(settings)
    return _session_token(own) or _session_token(common)


def _paths(settings: Settings) -> tuple[Path, Path]:
    return settings.session_file, settings.state_dir / COMMON_SESSION


def stub_of(token: str | None, settings: Settings) -> str | None:
    """Find the stub of a token: the session's where it is the session's token, or the environment.

    One that belongs to another token does no harm: it is worth nothing.
    """
    if token is None:
        return settings.stub
    for path in _paths(settings):
        with suppress(errors.InputInvalid, errors.TokenInvalid):
            session = _session(path)
            if session and session["token"] == token and session.get("stub"):
                return str(session["stub"])
    return settings.stub


def save_session(place: Place, settings: Settings) -> None:
    """Keep a place's token for the commands that follow; raises OSError where it cannot."""
    session: dict[str, Any] = {"concert": place.concert, "user": place.user, "token": place.token}
    if place.stub is not None:
        session["stub"] = place.stub
    _save(settings.session_file, session)


def _save(path: Path, session: dict[str, Any]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.urandom(SUFFIX_BYTES).hex()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(descriptor, MODE)  # whatever the umask took away
            json.dump(session, file)
        fresh.replace(path)
    except OSError:
        with suppress(OSError):
            fresh.unlink()
        raise


def keep_stub(place: Place, settings: Settings) -> None:
    """Keep the fresh stub that a poll may have given, where its token is kept.

    Where that fails the old one serves on, and the next poll gives another.
    """
    if place.stub is None:
        return
    for path in _paths(settings):
        with suppress(errors.InputInvalid, errors.TokenInvalid, OSError):
            session = _session(path)
            if session and session["token"] == place.token:
                _save(path, session | {"stub": place.stub})


def _session_token(path: Path) -> str | None:
    session = _session(path)
    return str(session["token"]) if session else None


def _session(path: Path) -> dict[str, Any] | None:
    """Read a session; raises TokenInvalid for what is none, InputInvalid for what is no secret."""
    try:
        # Without waiting: opening a pipe that nobody writes to would hang.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o077:
                raise errors.InputInvalid(
                    "{path} is open to other users", hint="run: chmod 600 {path}", path=path
                )
            session: dict[str, Any] = json.loads(file.read(SESSION_BYTES_MAX) or b"")
        _ = session["token"]
    except FileNotFoundError:
        return None
    except OSError as error:
        raise errors.InputInvalid(
            "cannot read {path}: {reason}", path=path, reason=error.strerror
        ) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise errors.TokenInvalid(
            "{path} is damaged", hint="`boxoffice enqueue CONCERT` writes it anew", path=path
        ) from None
    return session
