"""What happened: one message a fact, posted by workers and screens, never a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from boxoffice.core import language
from boxoffice.core.errors import Unavailable, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.dom import DOMNode

    from boxoffice.core.checkup import Check
    from boxoffice.core.errors import BoxOfficeError
    from boxoffice.core.model import Order

TOAST_SECONDS = {"information": 3.0, "warning": 6.0, "error": 86_400.0}
MERGE_SECONDS = 5.0


class CustomerChosen(Message):
    """Somebody is to be sold to; ``queued`` when the queue of the concert named them."""

    def __init__(self, *, user: int, name: str, concert: int, queued: bool) -> None:
        super().__init__()
        self.user, self.name, self.concert, self.queued = user, name, concert, queued


class PerformanceChosen(Message):
    """A performance is to be sold."""

    def __init__(self, performance: int) -> None:
        super().__init__()
        self.performance = performance


class HoldTaken(Message):
    """Seats that were held for somebody are to be sold now: their order becomes the cart."""

    def __init__(self, order: Order) -> None:
        super().__init__()
        self.order = order


class OrderSought(Message):
    """An order is to be found by what was typed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class CallRefused(Message):
    """A call of the office ended in an error; unless stopped, the app shows it."""

    def __init__(self, words: str, error: BoxOfficeError) -> None:
        super().__init__()
        self.words, self.error = words, error

    @property
    def text(self) -> str:
        """Say what was refused; the hints of errors are commands, which mend only servers."""
        sentence, advice = language.of(self.error)
        mending = advice and isinstance(self.error, Unavailable | Unknown)
        return f"{self.words}: {sentence}" + (f"\n{advice}" if mending else "")


class BugMet(Message):
    """A call ended in an error that is nobody's to expect; ``key`` where it was a change."""

    def __init__(self, words: str, error: Exception, key: str = "") -> None:
        super().__init__()
        self.words, self.error, self.key = words, error, key


class LinkSeen(Message, bubble=False):
    """A call told whether the servers answer: with ``error``, or None for an answer."""

    def __init__(self, error: BoxOfficeError | None) -> None:
        super().__init__()
        self.error = error


class OutcomeOpened(Message, bubble=False):
    """Nobody knows whether a change happened; it is being found out."""

    def __init__(self, key: str, words: str) -> None:
        super().__init__()
        self.key, self.words = key, words


class OutcomeSettled(Message, bubble=False):
    """What became of a change in doubt is known: ``done``, or refused."""

    def __init__(self, key: str, words: str, *, done: bool) -> None:
        super().__init__()
        self.key, self.words, self.done = key, words, done


class ChangeEnded(Message, bubble=False):
    """A change is over: its answer is to be given to the asker, and the next may begin."""

    def __init__(self, asker: DOMNode, answer: Message) -> None:
        super().__init__()
        self.asker, self.answer = asker, answer


class Examined(Message):
    """Everything the box office stands on was looked at."""

    def __init__(self, checks: list[Check]) -> None:
        super().__init__()
        self.checks = checks


class RecentWords:
    """Remembers what was said lately, so that the same words within seconds are said once."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._said: dict[str, float] = {}

    def is_news(self, words: str) -> bool:
        """Tell whether these words were not said in the last MERGE_SECONDS, and note them."""
        now = self._clock()
        self._said = {w: at for w, at in self._said.items() if now - at < MERGE_SECONDS}
        fresh = words not in self._said
        self._said.setdefault(words, now)
        return fresh
