"""What was picked and released last, so that it can be taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

DEEDS_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Seats that were picked, or released."""

    picked: bool
    labels: tuple[str, ...]


@dataclass(slots=True)
class Deeds:
    """The last deeds of one cart, the newest last."""

    _done: list[Deed] = field(default_factory=list)

    def add(self, labels: Sequence[str], *, picked: bool) -> None:
        """Remember a deed."""
        self._done = [*self._done, Deed(picked=picked, labels=tuple(labels))][-DEEDS_MAX:]

    def last(self, cart: Collection[str]) -> Deed | None:
        """Return what is to be done to take the last deed back, and forget it.

        A pick that did not succeed, or whose seats are gone, is passed over.
        """
        while self._done:
            deed = self._done.pop()
            if not deed.picked:
                return Deed(picked=True, labels=deed.labels)
            mine = tuple(label for label in deed.labels if label in cart)
            if mine:
                return Deed(picked=False, labels=mine)
        return None

    def forget(self) -> None:
        """Begin anew."""
        self._done.clear()
