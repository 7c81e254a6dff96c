"""Completion: the shell has every word of the command line, and starts nothing for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from boxoffice.commands import completion, reference
from boxoffice.commands.app import command_line

COMMAND = [sys.executable, "-m", "boxoffice"]
SECONDS = 60
TRY = """
source "$1"
PATH=
while IFS= read -r line; do
    read -ra COMP_WORDS <<< "$line"
    if [[ $line == *" " ]]; then COMP_WORDS+=(""); fi
    COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
    COMPREPLY=()
    _boxoffice
    echo "${COMPREPLY[*]}"
done
"""


@pytest.fixture
def typed(tmp_path):
    """Return what bash offers for lines that end where TAB is pressed; it can start no program."""
    script = tmp_path / "boxoffice.bash"
    script.write_text(completion.script(command_line(), "bash"))

    def offered(*lines: str) -> list[set[str]]:
        ran = subprocess.run(
            ["bash", "--norc", "-c", TRY, "bash", str(script)],
            input="".join(f"{line}\n" for line in lines),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
        assert ran.stderr == ""
        return [set(words.split()) for words in ran.stdout.split("\n")[:-1]]

    return offered


def run(*arguments: str, **environment: str):
    """Run a process without a home of its own, a terminal or a known shell."""
    known = {"PATH": os.environ["PATH"]}
    return subprocess.run(
        [*COMMAND, *arguments],
        env=known | environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_tab_completes_every_command_and_every_option(typed):
    commands = dict(reference.walk())
    first = {name.split()[0] for name in commands}
    groups = {name.split()[0] for name in commands if " " in name}
    offered = typed("boxoffice ", *(f"boxoffice {group} " for group in groups))
    assert offered[0] == first
    for group, words in zip(groups, offered[1:], strict=True):
        assert words == {n.split()[1] for n in commands if n.startswith(f"{group} ")}
    # Behind a value, but where the next word is a command of the group.
    lines = [f"boxoffice {name} {'' if name in groups else 'x '}-" for name in commands]
    for (name, command), words in zip(commands.items(), typed(*lines), strict=True):
        options = {o for p in command.params for o in p.opts if o.startswith("-")}
        assert words == options | {"--help", "-h"}, name


def test_what_was_begun_is_completed_and_a_value_is_left_to_the_shell(typed):
    assert typed("boxoffice enq", "boxoffice venue im", "boxoffice status k --set") == [
        {"enqueue"},
        {"import"},
        {"--settle"},
    ]
    assert typed("boxoffice venue import ", "boxoffice charge 5 ", "boxoffice nothing --") == [
        set(),
        set(),
        set(),
    ]
    assert "--version" in typed("boxoffice --")[0]


@pytest.mark.parametrize("shell", completion.PLACES)
def test_each_shell_has_each_word_with_no_program_behind_it(shell):
    script = completion.script(command_line(), shell)
    for name, command in reference.walk():
        assert name in script
        for option in (o for p in command.params for o in p.opts if o.startswith("-")):
            dashes = "-l " if option.startswith("--") else "-s "  # as fish has it
            assert option in script or dashes + option.lstrip("-") in script
    assert "_COMPLETE" not in script


@pytest.mark.parametrize("shell", completion.PLACES)
def test_each_shell_reads_its_script(shell, tmp_path):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed here")
    script = tmp_path / "script"
    script.write_text(completion.script(command_line(), shell))
    subprocess.run([shell, "-n", str(script)], timeout=SECONDS, check=True)


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["--show-completion"], {}),
        (["--install-completion"], {"SHELL": "/bin/sh"}),
        (["--show-completion", "csh"], {"SHELL": "/bin/bash"}),
        (["--install-completion", ""], {}),
    ],
    ids=["cron", "sh", "csh", "empty"],
)
def test_without_a_known_shell_it_is_exit_2_with_a_hint(arguments, environment, tmp_path):
    ran = run(*arguments, HOME=str(tmp_path), **environment)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.count("\n") == 2
    assert "[input_invalid]" in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_it_is_written_where_each_shell_looks_and_once_more_is_the_same(tmp_path):
    for shell in ("bash", *completion.PLACES):
        home = tmp_path / shell
        ran = run("--install-completion", shell, HOME=str(home))
        assert (ran.returncode, ran.stdout) == (0, "")
        (written,) = (path for path in home.rglob("*") if path.is_file())
        assert str(written) in ran.stderr
        assert written.read_text() == completion.script(command_line(), shell)


def test_a_home_that_cannot_be_written_is_exit_6():
    ran = run("--install-completion", "bash", HOME="/proc/nowhere")
    assert (ran.returncode, "[local_disk_failed]" in ran.stderr) == (6, True)
