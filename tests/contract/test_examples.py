"""The examples of the commands are command lines that mean something."""

from __future__ import annotations

import re
import shlex

import pytest

from boxoffice.commands.batch.operations import every_command
from boxoffice.core.references import parse_reservation

COMMANDS = dict(every_command())
# What they mean differs by their command, and is promised: a file or a time, a day or a moment,
# a flag or the number of staff.
OF_MANY_KINDS = {"--from", "--date", "--staff"}
REFERENCE = re.compile(r"R-[0-9A-Z-]+")


def words_of(name: str) -> list[str]:
    """Return the words of a command's example behind its name, without the shell's own."""
    line = COMMANDS[name].epilog.removeprefix("Example: boxoffice ")
    assert line.startswith(name)
    words = shlex.split(line.removeprefix(name))
    return words[: words.index(">")] if ">" in words else words


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_is_taken_by_its_command(name):
    words = words_of(name)
    COMMANDS[name].make_context(name, list(words))  # raises where an option is not known
    for reference in REFERENCE.findall(" ".join(words)):
        assert parse_reservation(reference)


def test_options_of_one_name_take_one_kind_of_value():
    kinds: dict[str, set[str]] = {}
    for command in COMMANDS.values():
        for option in command.params:
            if option.opts[0].startswith("--"):
                kinds.setdefault(option.opts[0], set()).add(option.metavar or "")
    assert {option for option, found in kinds.items() if len(found) > 1} == OF_MANY_KINDS
