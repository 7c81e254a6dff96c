"""Commands run inside the test's process: the same code as `boxoffice`, without its start-up."""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager

import pytest

from boxoffice.commands import run
from tests.conftest import Ran, World


@contextmanager
def surroundings(environment: dict[str, str], stdin: bytes):
    """Lend the process other variables and streams, and give its own back."""
    streams = sys.stdin, sys.stdout, sys.stderr
    variables = dict(os.environ)
    sys.stdin, sys.stdout, sys.stderr = (
        io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", errors="backslashreplace")
        for data in (stdin, b"", b"")
    )
    os.environ.clear()
    os.environ.update(environment)
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
        os.environ.clear()
        os.environ.update(variables)


def invoke(box, *arguments: str, stdin: bytes = b"", **environment: str) -> Ran:
    """Run one command in this process, without a terminal."""
    with surroundings(box.environment | environment, stdin):
        code = run(list(arguments))
        sys.stdout.flush()
        sys.stderr.flush()
        out, err = (stream.buffer.getvalue().decode() for stream in (sys.stdout, sys.stderr))
    return Ran(int(code), out, err)


class Desk:
    """A world and its command line."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.box = world.box

    def run(self, *arguments: str, stdin: bytes = b"", **environment: str) -> Ran:
        return invoke(self.box, *arguments, stdin=stdin, **environment)

    def json(self, *arguments: str, **environment: str):
        return self.run(*arguments, "--json", **environment).json

    def refused(self, *arguments: str, stdin: bytes = b"", **environment: str) -> tuple[str, int]:
        """Run a command that must fail: its error code and exit code; nothing on stdout."""
        ran = self.run(*arguments, "--json", stdin=stdin, **environment)
        assert ran.out == ""
        assert ran.err.count("\n") == 1, ran.err
        return ran.error["code"], ran.code

    def admitted(self, user: str = "user1", **environment: str) -> str:
        """Queue a user and return the token of an admission."""
        place = self.json("enqueue", "1", "--user", user, **environment)
        assert place["state"] == "admitted"
        return place["token"]


@pytest.fixture
def desk(world):
    """A concert with one performance of 50 seats, three users, and a command line."""
    return Desk(world)
