"""What each process meant to do and what it was told: one line a fact, written before acting.

Lines are appended with one `write` each, so that they outlive a `kill -9`. An intent is one thing
that a customer wants once; it has one operation key, whatever becomes of it.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

OK, REFUSED, UNKNOWN, ABANDONED = "ok", "refused", "unknown", "abandoned"
HEARD = "heard"


class Recorder:
    """Appends to the history of one process."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND
        self._file = os.open(folder / f"{name}.jsonl", flags, 0o600)

    def write(self, fact: str, intent: str, **about: Any) -> None:
        """Append a fact about an intent."""
        line = {"fact": fact, "intent": intent, "at": time.monotonic(), **about}
        os.write(self._file, (json.dumps(line) + "\n").encode())

    def close(self) -> None:
        os.close(self._file)


@dataclass(slots=True)
class Intent:
    """One thing that was wanted once, and what was said about it."""

    name: str
    command: str
    arguments: dict[str, Any]
    at: float
    journaled: bool
    keys: list[str] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    lost: int = 0  # how often no answer came
    heard: bool = False  # by the process itself, perhaps without living to record more

    @property
    def final(self) -> dict[str, Any] | None:
        """The last answer that was final, if there was one."""
        return self.answers[-1] if self.answers else None


def read(folder: Path) -> dict[str, Intent]:
    """Read all histories of a campaign, by the name of the intent."""
    facts = [
        json.loads(line)
        for file in sorted(folder.glob("*.jsonl"))
        for line in file.read_text().splitlines()
    ]
    intents: dict[str, Intent] = {}
    for fact in sorted(facts, key=lambda fact: fact["at"]):
        if fact["fact"] == "invoke" and fact["intent"] not in intents:
            about = ("intent", "command", "arguments", "at", "journaled")
            intents[fact["intent"]] = Intent(*(fact[name] for name in about))
        _take(intents[fact["intent"]], fact)
    return intents


def _take(intent: Intent, fact: dict[str, Any]) -> None:
    if fact["fact"] == "invoke":
        intent.keys.append(fact["key"])
    elif fact["fact"] == UNKNOWN:
        intent.lost += 1
    elif fact["fact"] == HEARD:
        intent.heard = True
    else:
        intent.answers.append(fact)
