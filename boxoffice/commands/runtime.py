"""What every command needs around it: the office, the settings, the session."""

from __future__ import annotations

import json
import os
import stat
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from boxoffice.core import errors
from boxoffice.core.config import load
from boxoffice.core.model import Caller

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from boxoffice.core.config import Settings
    from boxoffice.core.model import Place
    from boxoffice.core.office import Office

SESSION_BYTES_MAX = 4_096
KEY_BYTES = 16


@contextmanager
def open_office(key: str | None = None) -> Iterator[Office]:
    """Open the office for one command; an outcome that stays open carries the command's key."""
    from boxoffice.core.office import Office  # noqa: PLC0415 - the one import that costs

    office = Office(load())
    try:
        yield office
    except errors.OutcomeUnknown as error:
        error.key = key or ""
        raise
    except KeyboardInterrupt:
        interrupted = errors.Interrupted(None if key else "interrupted", hint=None if key else "")
        interrupted.key = key or ""
        raise interrupted from None
    finally:
        office.close()


def operation_key(given: str | None) -> str:
    """Return the operation key of this command: the given one, or a new unguessable one."""
    from boxoffice.core.text import clean_key  # noqa: PLC0415

    return os.urandom(KEY_BYTES).hex() if given is None else clean_key(given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a command acts for, as its options say."""

    token: str | None = None
    staff: bool = False
    user: str | None = None

    def caller(self, settings: Settings) -> Caller:
        """Return the caller of a command behind the queue."""
        if self.staff:
            return Caller(staff=True, user=self.user)
        if self.user is not None:
            raise errors.InputInvalid(
                "--user needs --staff here", hint="customers act by their token"
            )
        return Caller(token=find_token(self.token, settings))


def find_token(given: str | None, settings: Settings) -> str | None:
    """Find the token: the option (``-`` reads stdin), the environment, the session file."""
    if given == "-":
        return sys.stdin.readline(SESSION_BYTES_MAX).strip() or None
    return given or settings.token or _session_token(settings.session_file)


def save_session(place: Place, settings: Settings) -> None:
    """Keep a place's token for the commands that follow, readable by this user alone."""
    path = settings.session_file
    session = {"concert": place.concert, "user": place.user, "token": place.token}
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(session, file)
        fresh.replace(path)
    except OSError as error:
        raise errors.InputInvalid(
            f"the session cannot be kept in {path}: {error.strerror}",
            hint="set BOXOFFICE_HOME to a folder of yours, or pass BOXOFFICE_TOKEN along",
        ) from None


def _session_token(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise errors.InputInvalid(
                    f"{path} is open to other users", hint=f"run: chmod 600 {path}"
                )
            session = json.loads(file.read(SESSION_BYTES_MAX))
        return str(session["token"])
    except FileNotFoundError:
        return None
    except OSError as error:
        raise errors.InputInvalid(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise errors.TokenInvalid(
            f"{path} is damaged", hint="`boxoffice enqueue CONCERT` writes it anew"
        ) from None


def confirm(question: str, *, yes: bool, no_input: bool, required: bool = False) -> None:
    """Ask before money or many rows move, on a terminal only.

    Raises InputInvalid when an answer is `required` and nobody can give it, and Interrupted
    when the answer is no.
    """
    if yes:
        return
    if sys.stdin.isatty() and sys.stderr.isatty() and not no_input:
        sys.stderr.write(f"{question} [y/N] ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() in ("y", "yes"):
            return
        raise errors.Interrupted("not confirmed, nothing was done", hint="")
    if required or no_input:
        raise errors.InputInvalid("this wants a confirmation", hint="give --yes")
