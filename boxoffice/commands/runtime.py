"""What every command needs around it: the office, the settings, the session."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from boxoffice.commands import output, unresolved
from boxoffice.commands.session import find_token, named_token, stub_of
from boxoffice.core import errors
from boxoffice.core.config import load
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from boxoffice.core.config import Settings
    from boxoffice.core.journal import Journal, Unkept
    from boxoffice.core.model import Caller
    from boxoffice.core.office import Office

T = TypeVar("T")
KEY_BYTES = 16
# A place is known to its queue, not to `status`, and a queue gives nobody two.
QUEUE_AGAIN = errors.Words("give the same command again: it is done only once")
# Where a command makes something, the field of its number: a rehearsal has none to tell, for it
# will be another's.
NUMBERS = {
    "charge": "entry",
    "concert create": "id",
    "performance create": "performance",
    "performance import": "performances",
    "user add": "user",
    "user correct": "entry",
    "venue import": "venue",
}
# Of whoever runs many commands in one process; without these each command has its own.
_LENT: ContextVar[tuple[Office, Unkept] | None] = ContextVar("lent", default=None)


@contextmanager
def lending(office: Office, *, in_doubt: bool = False) -> Iterator[None]:
    """Give the commands within one office, which stays open, and a journal that keeps nothing.

    In doubt, their keys were sent before, and nobody knows what became of them.
    """
    from boxoffice.core.journal import Unkept

    before = _LENT.set((office, Unkept(in_doubt=in_doubt)))
    try:
        yield
    finally:
        _LENT.reset(before)


@contextmanager
def open_office(*, besides: str | None = None, dry_run: bool = False) -> Iterator[Office]:
    """Open the office for one command, and say what is unresolved ``besides`` this key."""
    lent, _ = _LENT.get() or (None, None)
    if lent is not None and (lent.stores.dry_run or not dry_run):
        yield lent
        return
    from boxoffice.core.office import Office

    office = Office(load(), dry_run=dry_run)
    unresolved.tell(office.settings, besides=besides)
    try:
        yield office
    except KeyboardInterrupt:  # Typer would leave with 130 and say nothing
        raise errors.Interrupted("interrupted", hint="") from None
    finally:
        office.close()


@contextmanager
def changing(command: str, key: str, *, dry_run: bool = False) -> Iterator[Change]:
    """Open the office for a command that changes something; an open outcome carries its key."""
    with open_office(besides=key, dry_run=dry_run) as office:
        with ExitStack() as since_sent:
            change = Change(office, command, key, since_sent)
            try:
                yield change
            except errors.LocalDiskFailed as error:
                if not change.done:
                    raise
                raise _answer_lost(error, key) from None
            change.told()
        if dry_run:
            output.say(tr("would {command}: nothing was changed", command=command))


@contextmanager
def told_to_end(key: str, hint: str | None = None) -> Iterator[None]:
    """Take SIGTERM for Ctrl-C within, and make either Interrupted, which says the key."""
    former: Any = None
    with suppress(ValueError):  # only the main thread may, and only it is told
        former = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        raise _interrupted(key, hint) from None
    finally:
        if former is not None:
            signal.signal(signal.SIGTERM, former)


@contextmanager
def queueing(key: str) -> Iterator[Office]:
    """Open the office for a command about a place in a queue, which nobody takes twice."""
    with open_office() as office:
        if office.stores.dry_run:
            raise errors.InputInvalid("a place in a queue cannot be taken back", hint="")
        try:
            yield office
        except errors.LocalDiskFailed as error:
            raise _answer_lost(error, key, hint=QUEUE_AGAIN) from None
        except errors.OutcomeUnknown:
            raise _unknown(key) from None
        except KeyboardInterrupt:
            raise _interrupted(key, hint=QUEUE_AGAIN) from None


def _answer_lost(
    error: errors.LocalDiskFailed, key: str, hint: str | None = None
) -> errors.AnswerLost:
    lost = errors.AnswerLost("it was done, but {reason}", hint=hint, reason=error.message)
    lost.key = key
    return lost


def _unknown(key: str) -> errors.OutcomeUnknown:
    unknown = errors.OutcomeUnknown("it may or may not have happened", hint=QUEUE_AGAIN)
    unknown.key = key
    return unknown


def _interrupted(key: str, hint: str | None = None) -> errors.Interrupted:
    interrupted = errors.Interrupted(hint=hint)
    interrupted.key = key
    return interrupted


class Change:
    """The one change that a command makes under its key."""

    def __init__(self, office: Office, command: str, key: str, since_sent: ExitStack) -> None:
        self.office = office
        self.done = False
        self._command, self._key, self._since_sent = command, key, since_sent
        self._journal: Journal | Unkept | None = None

    @property
    def settings(self) -> Settings:
        """The settings of this command."""
        return self.office.settings

    def once(
        self, call: Callable[[str], T], *, token: str | None = None, **about: str | int | None
    ) -> T:
        """Make the call once under the key and return its answer; ``about`` is for the journal.

        Whoever ends the command from here on, until its answer is written, is told the key.
        """
        from boxoffice.core.journal import journal_of
        from boxoffice.core.outcomes import conclude

        if self.office.stores.dry_run:  # nothing can be in doubt
            return self._without_number(call(self._key))
        self._since_sent.enter_context(told_to_end(self._key))
        _, lent = _LENT.get() or (None, None)
        self._journal = journal_of(self.settings) if lent is None else lent
        answer = conclude(
            self.office,
            self._key,
            self._command,
            call,
            about=about,
            token=token,
            journal=self._journal,
        )
        self.done = True
        return answer

    def _without_number(self, answer: T) -> T:
        number: Any = NUMBERS.get(self._command)
        if number is None or getattr(answer, "replayed", False):
            return answer
        rehearsed: Any = answer
        return cast("T", replace(rehearsed, **{number: None}))

    def told(self) -> None:
        """Close the journal on what was done, now that the answer was written."""
        if self._journal is not None:
            self._journal.close(self._key)


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
        token = find_token(self.token, settings)
        return Caller(token=token, stub=stub_of(token, settings))


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
