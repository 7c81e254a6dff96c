"""A batch on a terminal: how far it is, rewritten in place while its results go elsewhere."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys

from tests.waiting import wait_until

LINE = json.dumps({"command": "balance", "user": "user1"}) + "\n"


def test_who_watches_is_told_how_far_it_is_and_a_pipe_gets_results_alone(world):
    screen, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "boxoffice", "batch", "--staff"],
        env=world.box.environment | {"TERM": "xterm"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
    ) as process:
        os.close(terminal)

        def do_one() -> bool:
            process.stdin.write(LINE)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["ok"]
            return bool(select.select([screen], [], [], 0)[0])

        wait_until(do_one, "the progress is shown")
        shown = os.read(screen, 4_096).decode()
        process.communicate()
        said = read_all(screen)
    assert shown.startswith("\r")
    assert shown.endswith(" done, 0 done before, 0 not done")
    assert "\n" not in shown
    *_, last = said.split("\r\x1b[K")
    assert last.endswith(" done, 0 done before, 0 not done\r\n")
    assert process.returncode == 0


def read_all(screen: int) -> str:
    """Read a terminal to its end, which Linux tells by an error."""
    parts = []
    try:
        while part := os.read(screen, 4_096):
            parts.append(part)
    except OSError:
        pass
    os.close(screen)
    return b"".join(parts).decode()
