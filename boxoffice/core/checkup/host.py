"""This host: the terminal, room on the disk, who can read our files, what was left open."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import sys
from typing import TYPE_CHECKING

from boxoffice.core.checkup.check import Check, fine, judged
from boxoffice.core.errors import Words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from boxoffice.core.config import Settings

HOST = "host"
GIBIBYTE = 1 << 30
FREE_GIBIBYTES_MIN = 1
OTHERS = 0o077
NO_TERMINAL = Words("none: output goes to a pipe or a file")
ENCODING_HINT = Words("set LANG to a UTF-8 locale, such as C.UTF-8")
DISK_HINT = Words("make room in {folder}")
MODES_HINT = Words("run: chmod go= {paths}")
ELSEWHERE = Words("{count} at {places}: whoever uses that database again is told of them")
JOURNAL_HINT = Words("`boxoffice status {key} --settle` says what became of it")


def examine(settings: Settings) -> Iterator[Check]:
    """Look at what the host gives."""
    yield from _terminal()
    yield _disk(settings.data_dir)
    yield _modes(settings)
    yield from _unresolved(settings)


def _terminal() -> Iterator[Check]:
    screen = sys.__stdout__  # the counter puts something else in the place of sys.stdout
    if screen is None or not screen.isatty():
        yield fine("terminal", NO_TERMINAL, HOST)
        return
    columns, lines = shutil.get_terminal_size()
    yield fine("terminal", f"{columns}x{lines}", HOST)
    yield fine("colours", _colours(), os.environ.get("TERM", "-"))
    encoding = screen.encoding.lower()
    yield judged(
        "encoding", encoding, HOST, ok=encoding.replace("-", "") == "utf8", hint=ENCODING_HINT
    )


def _colours() -> str:
    """Tell how many colours the environment promises; nobody asks the terminal."""
    term = os.environ.get("TERM", "")
    if os.environ.get("NO_COLOR"):
        return "NO_COLOR"
    if os.environ.get("COLORTERM", "") in ("truecolor", "24bit"):
        return "16777216"
    if term in ("", "dumb"):
        return "0"
    return "256" if "256" in term else "16"


def _disk(folder: Path) -> Check:
    """Tell how much is free, to a power of two: the exact figure changes by the second."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    gibibytes = shutil.disk_usage(there).free // GIBIBYTE
    shown = Words("at least {size} GiB free", size=1 << gibibytes.bit_length() - 1)
    if gibibytes < FREE_GIBIBYTES_MIN:
        shown = Words("less than {size} GiB free", size=FREE_GIBIBYTES_MIN)
    hint = Words(DISK_HINT.template, folder=there)
    return judged("disk", shown, HOST, ok=gibibytes >= FREE_GIBIBYTES_MIN, hint=hint)


def _modes(settings: Settings) -> Check:
    """Tell which of our files others could read: sessions, journal, settings."""
    journal = settings.journal_dir
    own = [settings.config_file, *settings.state_dir.glob("session*.json")]
    own += [journal, *journal.glob("*")]
    open_ones = [path for path in own if path.exists() and path.stat().st_mode & OTHERS]
    if not open_ones:
        return fine("file modes", Words("only this account can read them"), HOST)
    shown = ", ".join(f"{stat.S_IMODE(path.stat().st_mode):04o} {path}" for path in open_ones)
    hint = Words(MODES_HINT.template, paths=" ".join(str(path) for path in open_ones))
    return Check(name="file modes", ok=False, value=shown, source=HOST, hint=hint)


def _unresolved(settings: Settings) -> Iterator[Check]:
    from boxoffice.core.journal import journal_of

    journal = journal_of(settings)
    entries = journal.unresolved()
    hint = Words(JOURNAL_HINT.template, key=shlex.quote(entries[0].key)) if entries else ""
    yield judged("unresolved", str(len(entries)), "journal", ok=not entries, hint=hint)
    if journal.elsewhere:
        places = ", ".join(sorted({entry.database or "" for entry in journal.elsewhere}))
        shown = Words(ELSEWHERE.template, count=len(journal.elsewhere), places=places)
        yield fine("unresolved elsewhere", shown, "journal")
