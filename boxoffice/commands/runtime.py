"""What every command needs around it: the office, the settings, the session."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from boxoffice.commands.session import find_token, named_token
from boxoffice.core import errors
from boxoffice.core.config import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boxoffice.core.config import Settings
    from boxoffice.core.model import Caller
    from boxoffice.core.office import Office

KEY_BYTES = 16


@contextmanager
def open_office(key: str | None = None) -> Iterator[Office]:
    """Open the office for one command; an outcome that stays open carries the command's key."""
    from boxoffice.core.office import Office

    office = Office(load())
    try:
        yield office
    except errors.OutcomeUnknown as error:
        error.key = key or ""
        raise
    except errors.LocalDiskFailed as error:
        if key is None:
            raise
        lost = errors.AnswerLost("it was done, but {reason}", reason=error.message)
        lost.key = key
        raise lost from None
    except KeyboardInterrupt:
        interrupted = errors.Interrupted(None if key else "interrupted", hint=None if key else "")
        interrupted.key = key or ""
        raise interrupted from None
    finally:
        office.close()


def operation_key(given: str | None) -> str:
    """Return the operation key of this command: the given one, or a new unguessable one."""
    from boxoffice.core.text import clean_key

    return os.urandom(KEY_BYTES).hex() if given is None else clean_key(given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a command acts for, as its options say."""

    token: str | None = None
    staff: bool = False
    user: str | None = None

    def caller(self, settings: Settings) -> Caller:
        """Return the caller of a command behind the queue."""
        from boxoffice.core.model import Caller  # not for `--help`

        if self.staff:
            if self.token is not None:
                raise errors.InputInvalid("either --staff or --token", hint="staff need no token")
            return Caller(staff=True, user=self.user)
        if self.user is not None:
            raise errors.InputInvalid(
                "--user needs --staff here", hint="customers act by their token"
            )
        return Caller(token=find_token(self.token, settings))


def own_token(given: str | None, user: str | None, office: Office) -> str | None:
    """Find the token that says whose balance it is, where nothing else does."""
    named = user if office.is_operator else office.settings.user
    settings = office.settings
    return find_token(given, settings) if named is None else named_token(given, settings)


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
        # The second pair is what a Korean keyboard types for the first.
        if sys.stdin.readline().strip().lower() in ("y", "yes", "ㅛ", "예"):
            return
        raise errors.Interrupted("not confirmed, nothing was done", hint="")
    if required or no_input:
        raise errors.InputInvalid("this wants a confirmation", hint="give --yes")
