"""Where a real process may find itself: streams closed or full, no home, no letters, a signal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from pathlib import Path

COMMAND = (sys.executable, "-m", "boxoffice")
COMMAND_SECONDS = 60
# About as long as a command takes; a signal that comes later finds nobody, which is no harm.
SIGNAL_SECONDS_MAX = 0.6
BEGIN = (
    "import os, sys; os.close(int(sys.argv.pop(1))); from boxoffice.commands import main; main()"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstance:
    """What is unusual: a redirection, variables set or (None) missing, a signal."""

    name: str
    redirection: str = ""
    variables: dict[str, str | None] = field(default_factory=dict)
    signals: tuple[signal.Signals, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a process ended; a negative code is the signal that ended it."""

    code: int
    out: bytes
    err: bytes


def circumstances(folder: Path) -> tuple[Circumstance, ...]:
    """Return all of them; `folder` gets a folder and a file in the way of any state."""
    sealed = folder / "sealed"
    sealed.mkdir(mode=0o500)
    (folder / "file").touch()
    letters = {"LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    nowhere = {"BOXOFFICE_HOME": None, "HOME": "/dev/null/nobody"}
    return (
        Circumstance(name="nothing unusual"),
        Circumstance(name="stdin closed", redirection="<&-"),
        Circumstance(name="stdout closed", redirection=">&-"),
        Circumstance(name="stderr closed", redirection="2>&-"),
        Circumstance(name="all closed", redirection="<&- >&- 2>&-"),
        Circumstance(name="stdout full", redirection="> /dev/full"),
        Circumstance(name="stderr full", redirection="2> /dev/full"),
        Circumstance(name="reader gone", redirection="| :"),
        Circumstance(name="no letters", variables=letters),
        Circumstance(name="strict letters", variables={"PYTHONIOENCODING": "ascii:strict"}),
        Circumstance(name="no home", variables=nowhere),
        Circumstance(name="a file in the way", variables={"BOXOFFICE_HOME": f"{folder}/file/x"}),
        Circumstance(name="a sealed folder", variables={"BOXOFFICE_HOME": str(sealed)}),
        Circumstance(name="interrupted", signals=(signal.SIGINT,)),
        Circumstance(name="terminated", signals=(signal.SIGTERM,)),
        Circumstance(name="hung up", signals=(signal.SIGHUP,)),
        Circumstance(name="interrupted twice", signals=(signal.SIGINT, signal.SIGINT)),
    )


def run(words: Sequence[bytes], environment: dict[str, str], place: Circumstance) -> Ended:
    """Run a command line there and return how it ended."""
    line = f'"$@" {place.redirection}; exit ${{PIPESTATUS[0]}}'
    with _started(["bash", "-c", line, "bash", *COMMAND, *words], environment, place) as process:
        out, err = process.communicate(timeout=COMMAND_SECONDS)
        return Ended(code=process.returncode, out=out, err=err)


def run_signalled(
    words: Sequence[bytes], environment: dict[str, str], place: Circumstance, chance: random.Random
) -> Ended:
    """Run a command line and send it its signals at any moment after Python itself has begun."""
    seen, begun = os.pipe()
    command = [sys.executable, "-c", BEGIN, str(begun), *words]
    with _started(command, environment, place, pass_fds=(begun,)) as process:
        os.close(begun)
        os.read(seen, 1)  # returns with nothing once the other end is closed
        os.close(seen)
        for number in place.signals:
            time.sleep(chance.uniform(0, SIGNAL_SECONDS_MAX))
            process.send_signal(number)
        out, err = process.communicate(timeout=COMMAND_SECONDS)
        return Ended(code=process.returncode, out=out, err=err)


def _started(
    command: list[Any], environment: dict[str, str], place: Circumstance, **options: Any
) -> subprocess.Popen[bytes]:
    changed = environment | place.variables
    return subprocess.Popen(
        command,
        env={name: value for name, value in changed.items() if value is not None},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def as_bytes(words: Sequence[str]) -> list[bytes] | None:
    """Write words as a process gets them; None where one cannot be passed at all."""
    if any("\0" in word for word in words):
        return None
    return [
        os.fsencode(word) if _is_escaped(word) else word.encode(errors="surrogatepass")
        for word in words
    ]


def _is_escaped(word: str) -> bool:
    """Tell a word whose surrogates stand for bytes, as Python reads them."""
    return all("\udc80" <= letter <= "\udcff" for letter in word if "\ud800" <= letter <= "\udfff")
