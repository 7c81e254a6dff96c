"""Dialogs: questions whose default is the safe answer, forms, and picking from a list.

``app.push_screen(Question(...), on_answer)``: the answer is None when nothing is to happen.
Money moves only by Enter on a button that was deliberately moved to; the app drops an Enter
that repeats another within ENTER_REPEAT_SECONDS, so a held key presses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.await_complete import AwaitComplete
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from boxoffice.core.language import tr
from boxoffice.core.text import cells
from boxoffice.tui.actions import bindings
from boxoffice.tui.footer import Footer
from boxoffice.tui.screen import Fitting, TooSmall

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

T = TypeVar("T")

ENTER_REPEAT_SECONDS = 0.3
FIELD_CHARACTERS_MAX = 500


class EnterRepeats:
    """Tells a key pressed again from one held down."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = float("-inf")

    def is_repeat(self) -> bool:
        """Tell whether the last Enter was less than ENTER_REPEAT_SECONDS ago, and note this one."""
        last, self._last = self._last, self._clock()
        return self._last - last < ENTER_REPEAT_SECONDS


class Dialog(Fitting[T | None], ModalScreen[T | None]):
    """A framed box in the middle; subclasses fill it. Esc closes it and changes nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("dialog.close", "dialog.next", "dialog.previous")
    ]
    AUTO_FOCUS = ".default, Input"

    def __init__(self, title: str) -> None:
        super().__init__()
        self.heading = title

    def compose(self) -> ComposeResult:
        """Lay the dialog out."""
        with Vertical(classes="frame"):
            yield Static(self.heading, classes="heading", markup=False)
            yield from self.compose_body()
        yield Footer()
        yield TooSmall()

    def compose_body(self) -> ComposeResult:
        """Yield what stands below the heading."""
        yield from ()

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close with an answer, once: a second press that was under way answers nothing."""
        if not self.is_current:
            return AwaitComplete()
        return super().dismiss(result)

    def action_close(self) -> None:
        """Close without an answer."""
        self.dismiss(None)

    def action_next(self) -> None:
        """Go to the next button or field."""
        self.focus_next()

    def action_previous(self) -> None:
        """Go to the button or field before."""
        self.focus_previous()


class Choice(Widget, can_focus=True):
    """A button: pressed by Enter where it has the focus, or by a click."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("dialog.press")]

    def __init__(self, words: str, value: object, *, default: bool = False) -> None:
        super().__init__(classes="default" if default else "")
        self.words, self.value = words, value
        self.styles.width = cells(words) + 4

    def render(self) -> Content:
        """Draw the button so that the focus shows without colour."""
        left, right = "[]" if self.has_focus else "  "
        return Content(f"{left} {self.words} {right}")

    def action_press(self) -> None:
        """Answer the dialog with this button."""
        screen = self.screen
        assert isinstance(screen, Question | Form)
        screen.answer(self.value)

    def on_click(self) -> None:
        """Press it by the mouse."""
        self.focus()
        self.action_press()


class Question(Dialog[T]):
    """A question with buttons; ``safe`` is the default and answers None."""

    def __init__(
        self, title: str, lines: Sequence[str], *, safe: str, choices: Mapping[str, T]
    ) -> None:
        super().__init__(title)
        self._lines, self._safe, self._choices = lines, safe, choices

    def compose_body(self) -> ComposeResult:
        """Yield the lines and the buttons, the safe one first."""
        with VerticalScroll(classes="lines", can_focus=False):
            yield Static("\n".join(self._lines), markup=False)
        with Horizontal(classes="choices"):
            yield Choice(self._safe, None, default=True)
            for words, value in self._choices.items():
                yield Choice(words, value)

    def answer(self, value: T | None) -> None:
        """Close with an answer."""
        self.dismiss(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A line of a form; ``check`` returns what is wrong with a value, or an empty text."""

    name: str
    words: str
    value: str = ""
    check: Callable[[str], str] = lambda _: ""


class Form(Dialog[dict[str, str]]):
    """Fields to fill in; Enter goes from one to the next, and from the last accepts.

    ``about`` says in lines what the values mean, drawn anew as they are typed. With ``risky``,
    when money moves by it, Enter leads to the buttons, and the first of them is the safe one.
    """

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        *,
        accept: str,
        about: Callable[[dict[str, str]], str] = lambda _: "",
        risky: bool = False,
    ) -> None:
        super().__init__(title)
        self._fields, self._accept, self._about, self._risky = fields, accept, about, risky

    def compose_body(self) -> ComposeResult:
        """Yield the fields, what they mean, and the buttons."""
        width = max(cells(field.words) for field in self._fields) + 2
        for field in self._fields:
            with Horizontal(classes="field"):
                label = Label(field.words, markup=False)
                label.styles.width = width
                yield label
                yield Input(
                    value=field.value,
                    name=field.name,
                    compact=True,
                    max_length=FIELD_CHARACTERS_MAX,
                )
        yield Static("", classes="about", markup=False)
        with Horizontal(classes="choices"):
            back, accept = Choice(tr("Back"), False), Choice(self._accept, True)  # noqa: FBT003
            yield from (back, accept) if self._risky else (accept, back)

    def on_mount(self) -> None:
        """Say what the first values mean."""
        self._draw_about()

    @property
    def values(self) -> dict[str, str]:
        """Return what is typed, by the fields' names."""
        return {str(field.name): field.value for field in self.query(Input)}

    def on_input_changed(self) -> None:
        """Say what the values mean now."""
        self._draw_about()

    def on_input_submitted(self, submitted: Input.Submitted) -> None:
        """Go on to the next field or button; with nothing at risk, from the last to the end.

        A value that is wrong keeps the focus.
        """
        boxes = list(self.query(Input))
        at = boxes.index(submitted.input)
        wrong = self._fields[at].check(submitted.value)
        if wrong:
            self.query_one(".about", Static).update(Content(wrong))
        elif at == len(boxes) - 1 and not self._risky:
            self.answer(True)  # noqa: FBT003 - the answer of the button
        else:
            self.focus_next()

    def answer(self, accepted: object) -> None:
        """Close with the values, unless one is wrong: then go to it and say so."""
        values = self.values
        if not accepted:
            self.dismiss(None)
            return
        for field, box in zip(self._fields, self.query(Input), strict=True):
            wrong = field.check(values[field.name])
            if wrong:
                self.query_one(".about", Static).update(Content(wrong))
                box.focus()
                return
        self.dismiss(values)

    def _draw_about(self) -> None:
        self.query_one(".about", Static).update(Content(self._about(self.values)))
