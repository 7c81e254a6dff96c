"""A look at everything the box office stands on: one line a thing, with what would mend it."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

from boxoffice.core.checkup import host, servers
from boxoffice.core.checkup.check import Check, fine
from boxoffice.core.config import SETTABLE, Settings
from boxoffice.core.errors import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Check", "examine"]

XDG = {
    "data_dir": "XDG_DATA_HOME",
    "state_dir": "XDG_STATE_HOME",
    "config_file": "XDG_CONFIG_HOME",
}
UNKNOWN = Words("no such setting: it does nothing")
UNKNOWN_HINT = Words("unset it; docs/cli.md lists the settings, BOXOFFICE_HOME sets the folders")
# Addresses may hold a password.
SECRETS = (
    "token",
    "stub",
    "database_url",
    "redis_url",
    "webhook_url",
    "webhook_secret",
    "smtp_url",
    "event_command",
)


def examine(settings: Settings) -> list[Check]:
    """Look at the program, every setting with its source, both servers and this host."""
    return [
        *_program(),
        *_settings(settings),
        *servers.examine(settings),
        *host.examine(settings),
    ]


def _program() -> Iterator[Check]:
    yield fine("python", platform.python_version(), platform.python_implementation())
    yield fine("boxoffice", version("boxoffice"), "package")


def _settings(settings: Settings) -> Iterator[Check]:
    for folder in ("data_dir", "state_dir", "config_file"):
        yield fine(folder, str(getattr(settings, folder)), _folder_source(folder))
    for name in _unknown_variables():
        yield Check(name=name, ok=False, value=UNKNOWN, source="environment", hint=UNKNOWN_HINT)
    yield fine("role in force", settings.acting_role, settings.sources.get("role", "default"))
    for name in SETTABLE:
        value = getattr(settings, name)
        hidden = name in SECRETS and value is not None
        shown = Words("(set, not shown)") if hidden else _said(value)
        source = settings.sources.get(name, "default")
        if name == "allow_insecure" and value:
            hint = Words("use TLS to these servers: see docs/security.md")
            yield Check(name=name, ok=False, value=shown, source=source, hint=hint)
        else:
            yield fine(name, shown, source)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return Words("yes") if value else Words("no")
    return "" if value is None else str(value)


def _unknown_variables() -> list[str]:
    """Name the variables that begin as ours do and set nothing."""
    known = {f"BOXOFFICE_{name.upper()}" for name in SETTABLE} | {"BOXOFFICE_HOME"}
    return sorted(
        name for name in os.environ if name.startswith("BOXOFFICE_") and name not in known
    )


def _folder_source(name: str) -> str:
    """Name what says where one of our folders is: a variable, or the default."""
    if os.environ.get("BOXOFFICE_HOME"):
        return "BOXOFFICE_HOME"
    variable = XDG[name]
    return variable if os.environ.get(variable, "").startswith("/") else "default"
