"""The counter's one way to the office: calls run in threads, answers come back as messages.

Looking: ``desk.read(self, words, call, done, group=...)``; a later read of the same asker and
group makes an earlier one worthless. Changing: ``desk.change(self, words, call, done)``, where
``call`` takes the operation key that was made for it. Changes run one after the other, in the
order of asking; while the outcome of one is open, nothing else is sent.

``done`` turns the answer into a message for the asker. A refusal comes as what ``refused`` makes
of the error; without it as CallRefused, which bubbles up to the app and is shown there.
"""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, TypeVar

from textual.worker import get_current_worker

from boxoffice.core.errors import BoxOfficeError, Unknown
from boxoffice.core.journal import journal_of
from boxoffice.core.office import Office
from boxoffice.core.outcomes import conclude
from boxoffice.tui import messages

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App
    from textual.dom import DOMNode
    from textual.message import Message

    from boxoffice.core.config import Settings
    from boxoffice.core.journal import Entry

T = TypeVar("T")

CONNECTIONS = 4
KEY_BYTES = 16
JOURNALED = "counter"  # the command that the journal names for what is done here
LOOK_SECONDS = 0.25  # how soon a waiting thread sees that the counter is being left


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that was asked for and is not over yet."""

    key: str
    words: str
    asker: DOMNode
    call: Callable[[str], Any]
    done: Callable[[Any], Message]
    refused: Callable[[BoxOfficeError], Message]


class _LeftInDoubt(Exception):
    """The counter is being left before an outcome is known; the journal keeps it."""


class Desk:
    """Holds the office of the whole counter, and the changes that wait or are under way."""

    def __init__(self, app: App[int], settings: Settings) -> None:
        self.office = Office(settings, connections=CONNECTIONS)
        self._app = app
        self._changes: deque[Change] = deque()  # the first is under way
        self._unknown: dict[str, str] = {}

    @property
    def busy(self) -> bool:
        """Whether a change is not over yet."""
        return bool(self._changes)

    @property
    def unknown(self) -> dict[str, str]:
        """Return the keys of changes that were sent and whose outcome nobody knows."""
        return dict(self._unknown)

    def read(  # noqa: PLR0913 - what to ask, and what becomes of the answer
        self,
        asker: DOMNode,
        words: str,
        call: Callable[[], T],
        done: Callable[[T], Message],
        *,
        group: str,
        refused: Callable[[BoxOfficeError], Message] | None = None,
    ) -> None:
        """Look something up for a widget or screen; ``words`` name it to people."""
        told = refused or partial(messages.CallRefused, words)

        def work() -> None:
            message = self._answer(call, done, told, partial(messages.BugMet, words))
            if not get_current_worker().is_cancelled:
                asker.post_message(message)

        asker.run_worker(work, thread=True, exclusive=True, exit_on_error=False, group=group)

    def change(
        self,
        asker: DOMNode,
        words: str,
        call: Callable[[str], T],
        done: Callable[[T], Message],
        *,
        refused: Callable[[BoxOfficeError], Message] | None = None,
    ) -> str:
        """Change something, once, and return its operation key; ``words`` name it to people."""
        change = Change(
            key=os.urandom(KEY_BYTES).hex(),
            words=words,
            asker=asker,
            call=call,
            done=done,
            refused=refused or partial(messages.CallRefused, words),
        )
        self._changes.append(change)
        if len(self._changes) == 1:
            self._start()
        return change.key

    def hand_over(self, ended: messages.ChangeEnded) -> None:
        """Give the asker its answer and begin the next change; for the app's own thread."""
        if not ended.asker.post_message(ended.answer):
            self._app.post_message(ended.answer)  # the asker is gone; the app speaks of it
        self._changes.popleft()
        if self._changes:
            self._start()

    def left_behind(self) -> list[Entry]:
        """Return what was begun on this host and nobody heard the end of."""
        return journal_of(self.office.settings).unresolved()

    def settle_left_behind(self, entries: list[Entry]) -> dict[str, str]:
        """Settle operations, and return the state of each by key; for a thread."""
        journal = journal_of(self.office.settings)
        states = {}
        for entry in entries:
            states[entry.key] = self.office.settle(entry.key).state
            if states[entry.key] != "in_progress":
                journal.close(entry.key)
        return states

    def close(self) -> None:
        """Give the connections back."""
        self.office.close()

    # --- in threads ---

    def _start(self) -> None:
        change = self._changes[0]
        self._app.run_worker(
            lambda: self._work(change), thread=True, exit_on_error=False, group="changes"
        )

    def _work(self, change: Change) -> None:
        self._unknown[change.key] = change.words
        bug = partial(messages.BugMet, change.words, key=change.key)
        try:
            message = self._answer(lambda: self._conclude(change), change.done, change.refused, bug)
        except _LeftInDoubt:
            return
        if not isinstance(message, messages.BugMet):
            del self._unknown[change.key]
        self._app.post_message(messages.ChangeEnded(change.asker, message))

    def _answer(
        self,
        call: Callable[[], T],
        done: Callable[[T], Message],
        refused: Callable[[BoxOfficeError], Message],
        bug: Callable[[Exception], Message],
    ) -> Message:
        try:
            message = done(call())
        except BoxOfficeError as error:
            self._app.post_message(messages.LinkSeen(error))
            return refused(error)
        except _LeftInDoubt:
            raise
        except Exception as error:  # noqa: BLE001 - told as a bug, instead of lost in a thread
            return bug(error)
        self._app.post_message(messages.LinkSeen(None))
        return message

    def _conclude(self, change: Change) -> Any:  # noqa: ANN401 - whatever the call answers with
        in_doubt = False

        def doubted(error: Unknown) -> None:
            nonlocal in_doubt
            in_doubt = True
            self._app.post_message(messages.LinkSeen(error))
            self._app.post_message(messages.OutcomeOpened(change.key, change.words))

        try:
            answer = conclude(
                self.office,
                change.key,
                JOURNALED,
                change.call,
                about={"what": change.words},
                deadline_seconds=inf,
                pause=self._pause,
                doubted=doubted,
            )
        except Unknown:
            raise _LeftInDoubt from None
        except BoxOfficeError:
            if in_doubt:
                self._settled(change, done=False)
            raise
        if in_doubt:
            self._settled(change, done=True)
        return answer

    def _settled(self, change: Change, *, done: bool) -> None:
        self._app.post_message(messages.OutcomeSettled(change.key, change.words, done=done))

    def _pause(self, seconds: float) -> bool:
        """Wait, and tell whether the counter is still there."""
        left = get_current_worker().cancelled_event
        while seconds > 0 and not left.is_set():
            left.wait(min(seconds, LOOK_SECONDS))
            seconds -= LOOK_SECONDS
        return not left.is_set()
