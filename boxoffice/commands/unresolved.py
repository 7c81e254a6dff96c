"""What this host began and has not heard the end of: told to people before their next command."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from typing import TYPE_CHECKING

from boxoffice.core.language import tr

if TYPE_CHECKING:
    from boxoffice.core.config import Settings

KEYS_SHOWN_MAX = 3


def tell(settings: Settings, *, besides: str | None = None) -> None:
    """Say on stderr which operations are unresolved, ``besides`` the one this is about."""
    if not _is_anything_left(settings):
        return
    from boxoffice.commands import output
    from boxoffice.core.journal import journal_of

    journal = journal_of(settings)
    keys = [entry.key for entry in journal.unresolved() if entry.key != besides]
    if keys:
        output.say(f"boxoffice: {_words(keys)}")
    if journal.damaged:
        names = ", ".join(journal.damaged[:KEYS_SHOWN_MAX])
        told = tr("{folder} has damaged files: {names}", folder=journal.folder, names=names)
        output.say(f"boxoffice: {told}")


def close(settings: Settings, key: str) -> None:
    """Forget an operation whose end is known."""
    if _is_anything_left(settings):
        from boxoffice.core.journal import journal_of

        journal_of(settings).close(key)


def _is_anything_left(settings: Settings) -> bool:
    """Look before anything is loaded: nearly always there is nothing."""
    with suppress(OSError):
        return bool(os.listdir(settings.journal_dir))  # noqa: PTH208 - loads less
    return False


def _words(keys: list[str]) -> str:
    commands = ", ".join(
        f"`boxoffice status {shlex.quote(key)} --settle`" for key in keys[:KEYS_SHOWN_MAX]
    )
    if len(keys) == 1:
        return tr("1 unresolved operation: run {command}", command=commands)
    if len(keys) > KEYS_SHOWN_MAX:
        commands += ", ..."
    return tr("{count} unresolved operations: run {commands}", count=len(keys), commands=commands)
