"""The first screen: are both servers there? Where one is not, the command that mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from boxoffice.core import checkup, language
from boxoffice.core.checkup import servers
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
NEEDED = {"postgres", "schema"}


def mending(check: Check, settings: Settings) -> str:
    """Return the command that mends a failed check, or what to set where none does."""
    if check.name not in ("postgres", "redis"):
        return str(language.spoken(check.hint))
    if settings.embedded:
        return "boxoffice store start"
    if check.name == "redis":
        return tr("start Redis, or mend BOXOFFICE_REDIS_URL")
    return tr("start Postgres, or mend BOXOFFICE_DATABASE_URL")


def _link(failed: set[str]) -> str:
    if failed & NEEDED:
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
        """Go on where nothing is wrong with a server: the app hears the message then."""
        self._checks = examined.checks
        failed = {check.name for check in examined.checks if not check.ok}
        counter(self).tell_link(_link(failed))
        self.refresh_bindings()
        if any(check.source == servers.SERVER for check in examined.checks if not check.ok):
            examined.stop()
            self.query_one("#checks", Static).update(self._lines())

    def on_call_refused(self, refused: CallRefused) -> None:
        """Show settings that cannot be used."""
        refused.stop()
        self.query_one("#checks", Static).update(Content(refused.text))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer to go on where something is wrong that selling does not need."""
        failed = {check.name for check in self._checks if not check.ok}
        return bool(failed) and not failed & NEEDED if action == "go_on" else True

    def action_go_on(self) -> None:
        """Sell all the same."""
        self.app.post_message(Examined(self._checks))

    def _lines(self) -> Content:
        failed = {check.name for check in self._checks if not check.ok}
        heading = tr("Selling can go on, but not everything is as it should be.")
        if failed & {*NEEDED, "redis"}:
            heading = tr("The counter cannot begin yet.")
        lines = [Content.styled(heading, "bold"), Content("")]
        # The schema of a server that does not answer can be seen by nobody.
        hidden = {"schema"} if "postgres" in failed else set()
        shown = [c for c in self._checks if (c.name in SHOWN or not c.ok) and c.name not in hidden]
        width = max(NAME_CELLS, *(len(check.name) for check in shown))
        for check in shown:
            lines += self._check_lines(check, width)
        return Content("\n").join(lines)

    def _check_lines(self, check: Check, width: int) -> list[Content]:
        mark = tr("ok") if check.ok else tr("FAILS")
        value = visible(str(language.spoken(check.value)))
        line = f" {padded(mark, 6)} {padded(check.name, width)} {value}"
        if check.ok:
            return [Content(line)]
        command = mending(check, counter(self).settings)
        return [Content.styled(line, "bold"), Content.styled(f"{'':20}{command}", "$accent")]
