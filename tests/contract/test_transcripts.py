"""Whole sessions, written down: what each command prints, word for word.

A file in transcripts/ is a session, on a world of one concert in a room of 50 seats with the users
user1, user2, user3. Those in REAL are played by real processes, the others by the same code in this
one. `$ boxoffice ...` is a command, perhaps with variables before it; the lines below are its
stdout, those after `! ` its stderr, and `= N` its exit code.
What differs from run to run stands as a placeholder, numbered as it first appears, and can be used
in later commands: <reservation-1>, <payment-1>, <token-1>, <key-1>, <code-1>, <digest-1>. <stub>
differs from second to second, and <time>, <number> and <home> are not numbered either.

To write them anew from what the program says now, and then read the difference:

    WRITE_TRANSCRIPTS=1 pytest tests/contract/test_transcripts.py; git diff tests/contract
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
import shutil
from functools import partial
from pathlib import Path

import pytest

from tests.commands.conftest import invoke

FOLDER = Path(__file__).parent / "transcripts"
REAL = ("book", "korean", "script")  # a process speaks one language
NUMBERED = {
    "token": re.compile(r"\bc[0-9]+-[0-9A-Z]{34,}\b"),
    "reservation": re.compile(r"\bR(?:-[0-9A-Z]{2,4}){3,8}\b"),
    "payment": re.compile(r"\bP(?:-[0-9A-Z]{2,4}){3,8}\b"),
    "code": re.compile(r"\bT(?:-[0-9A-Z]{1,4}){6,12}\b"),
    "digest": re.compile(r"\b[0-9a-f]{64}\b"),
    "key": re.compile(r"\b[0-9a-f]{32}\b"),
}
# The show is in 2099, so every other year is that of the run.
DAY = r"\b20[0-8][0-9]-[0-9]{2}-[0-9]{2}"
TIME = re.compile(rf"{DAY}(?:T[0-9:.]+(?:\+[0-9]{{2}}:[0-9]{{2}}|Z)| [0-9:]{{8}}\b)")
STUB = re.compile(r"\bS[0-9A-Z]{44,}\b")
NUMBER = re.compile(r'("(?:poll_seconds|wait_seconds)": )[0-9.]+')
VARIABLE = re.compile(r"[A-Z_]+=.*")


class Session:
    """One run of a transcript: its box and the names of what differs from run to run."""

    def __init__(self, box, *, real: bool) -> None:
        self.box = box
        self.run = box.run if real else partial(invoke, box)
        self.names: dict[str, str] = {str(box.home): "<home>"}

    def play(self, line: str) -> str:
        """Run one command and write down what it did."""
        words = shlex.split(self._with_values(line))
        variables = {}
        while VARIABLE.fullmatch(words[0]):
            name, _, value = words.pop(0).partition("=")
            variables[name] = value
        assert words[0] == "boxoffice", line
        ran = self.run(*words[1:], **variables)
        said = [self._named(text) for text in ran.out.splitlines()]
        words_said = [f"! {self._named(text)}" for text in ran.err.splitlines()]
        return "\n".join([f"$ {line}", *said, *words_said, f"= {ran.code}", ""])

    def _with_values(self, text: str) -> str:
        for value, name in self.names.items():
            text = text.replace(name, value)
        return text

    def _named(self, text: str) -> str:
        for kind, pattern in NUMBERED.items():
            for value in pattern.findall(text):
                count = sum(name.startswith(f"<{kind}-") for name in self.names.values())
                self.names.setdefault(value, f"<{kind}-{count + 1}>")
        for value, name in self.names.items():
            text = text.replace(value, name)
        text = STUB.sub("<stub>", TIME.sub("<time>", text))
        return NUMBER.sub(r"\1<number>", text).rstrip()


def played(session: Session, text: str) -> str:
    """Play the commands of a transcript, its comments kept in their places."""
    lines = []
    for line in text.splitlines():
        if line.startswith("$ "):
            lines.append(session.play(line.removeprefix("$ ")))
        elif line.startswith("#"):
            lines.append(line)
    return "\n".join(lines)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_a_session_reads_as_written_down(world, path):
    shutil.copy(FOLDER / "tiny.json", world.box.home)
    wanted = path.read_text()
    found = played(Session(world.box, real=path.stem in REAL), wanted)
    if os.environ.get("WRITE_TRANSCRIPTS"):
        path.write_text(found)
        return
    if found != wanted:
        difference = difflib.unified_diff(
            wanted.splitlines(), found.splitlines(), "written down", "said now", lineterm="", n=4
        )
        pytest.fail("\n".join(difference), pytrace=False)
