"""The first screen: are both servers there? Where one is not, the command that mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from boxoffice.core import checkup, language
from boxoffice.core.errors import BoxOfficeError
from boxoffice.core.language import tr
from boxoffice.core.text import visible
from boxoffice.tui.actions import bindings
from boxoffice.tui.messages import CallRefused, Examined
from boxoffice.tui.screen import CounterScreen, counter
from boxoffice.tui.words import padded

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from boxoffice.core.checkup import Check
    from boxoffice.core.config import Settings

NAME_CELLS = 12
SHOWN = ("boxoffice", "postgres", "schema", "redis")


def mending(check: Check, settings: Settings) -> str:
    """Return the command that mends a failed check, or what to set where none does."""
    if check.name == "schema":
        return str(language.spoken(check.hint))
    if settings.embedded:
        return "boxoffice store start"
    if check.name == "redis":
        return tr("start Redis, or mend BOXOFFICE_REDIS_URL")
    return tr("start Postgres, or mend BOXOFFICE_DATABASE_URL")


def _link(failed: set[str]) -> str:
    if failed & {"postgres", "schema"}:
        return "offline"
    return "polling" if "redis" in failed else "live"


class DoctorScreen(CounterScreen):
    """Looks at everything once, goes on where all is well, and else says what mends it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("start.again", "start.go_on")]

    def __init__(self) -> None:
        super().__init__()
        self._checks: list[Check] = []

    def compose_body(self) -> ComposeResult:
        """Yield room for the checks."""
        with VerticalScroll(classes="lines"):
            yield Static(tr("looking at the servers ..."), id="checks", markup=False)

    def on_mount(self) -> None:
        """Look."""
        self.show_facts(title=tr("start"))
        self.action_again()

    def action_again(self) -> None:
        """Look at everything."""
        self._examine(counter(self).settings)

    @work(thread=True, exclusive=True, exit_on_error=False, group="doctor")
    def _examine(self, settings: Settings) -> None:
        """Look, beside the desk: that a look ended says nothing about the servers."""
        try:
            self.post_message(Examined(checkup.examine(settings)))
        except BoxOfficeError as error:
            self.post_message(CallRefused(tr("checks"), error))

    def on_examined(self, examined: Examined) -> None:
        """Go on where nothing is wrong: the app hears the message then."""
        self._checks = examined.checks
        failed = {check.name for check in examined.checks if not check.ok}
        counter(self).tell_link(_link(failed))
        self.refresh_bindings()
        if failed:
            examined.stop()
            self.query_one("#checks", Static).update(self._lines())

    def on_call_refused(self, refused: CallRefused) -> None:
        """Show settings that cannot be used."""
        refused.stop()
        self.query_one("#checks", Static).update(Content(refused.text))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer to go on only where nothing but the queue is missing."""
        failed = [check.name for check in self._checks if not check.ok]
        return failed == ["redis"] if action == "go_on" else True

    def action_go_on(self) -> None:
        """Sell without the queue."""
        self.app.post_message(Examined(self._checks))

    def _lines(self) -> Content:
        lines = [Content.styled(tr("The counter cannot begin yet."), "bold"), Content("")]
        without_server = any(c.name == "postgres" and not c.ok for c in self._checks)
        for check in self._checks:
            if check.name == "schema" and without_server:
                continue  # nobody can see it
            if check.name in SHOWN or not check.ok:
                lines += self._check_lines(check)
        return Content("\n").join(lines)

    def _check_lines(self, check: Check) -> list[Content]:
        mark = tr("ok") if check.ok else tr("FAILS")
        value = visible(str(language.spoken(check.value)))
        line = f" {padded(mark, 6)} {padded(check.name, NAME_CELLS)} {value}"
        if check.ok:
            return [Content(line)]
        command = mending(check, counter(self).settings)
        return [Content.styled(line, "bold"), Content.styled(f"{'':20}{command}", "$accent")]
