"""What is shown while nobody knows whether a change happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Static

from boxoffice.core.language import tr
from boxoffice.tui.actions import bindings
from boxoffice.tui.dialogs import Dialog, Question

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


class Checking(Dialog[None]):
    """Covers everything until the outcome is known; it cannot be closed, only left for good."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("dialog.leave")]

    def __init__(self, key: str, words: str) -> None:
        super().__init__(tr("Checking, do not charge again"))
        self.key, self._words = key, words
        self._is_settled = False

    def compose_body(self) -> ComposeResult:
        """Yield what is in doubt and how it goes on."""
        lines = (
            self._words,
            "",
            tr("The connection was lost before the answer came. It is being asked for,"),
            tr("and this goes on by itself. Operation key:"),
            self.key,
        )
        yield Static("\n".join(lines), markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keep Esc and the arrows of other dialogs out."""
        return action not in ("close", "next", "previous")

    def settle(self) -> None:
        """Close now, or as soon as nothing lies above."""
        self._is_settled = True
        if self.is_current:
            self.dismiss(None)

    def on_screen_resume(self) -> None:
        """Close where the outcome became known below another dialog."""
        if self._is_settled:
            self.dismiss(None)

    def action_leave(self) -> None:
        """Ask whether to leave without knowing."""
        question = Question[bool](
            tr("Leave without knowing?"),
            [self._words, tr("Later this says what became of it:"), f"boxoffice status {self.key}"],
            safe=tr("Stay"),
            choices={tr("Leave"): True},
        )
        self.app.push_screen(question, lambda leave: self.app.exit(0) if leave else None)
