"""Textual's driver for a terminal, which goes on when the terminal sends what is no text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from textual.app import App
    from textual.driver import Driver


class ForgivingDriver(LinuxDriver):
    """Passes over bytes that are not UTF-8: a Latin-1 terminal's, or pasted ones."""

    def run_input_thread(self) -> None:
        """Read input until the end, beginning anew after bytes that cannot be read."""
        while not self.exit_event.is_set():
            try:
                super().run_input_thread()
            except UnicodeDecodeError:
                continue


def forgiving(app: App[int]) -> type[Driver] | None:
    """Return the driver for an app: a terminal's forgives, any other stays as it is."""
    return ForgivingDriver if app.get_driver_class() is LinuxDriver else None
