"""Servers of the small counter, ended after the test with all their tabs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.web.served import WAIT_SECONDS, Served

SERVING = Path(__file__).with_name("serving.py")


@pytest.fixture
def start_server(tmp_path):
    """Start a server: `start_server(*words, sessions_max=4)`."""
    started = []

    def start(*words: str, sessions_max: int = 4) -> Served:
        log = tmp_path / "log"
        process = subprocess.Popen(
            [sys.executable, str(SERVING), str(sessions_max), *words],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"BOXOFFICE_TINY_LOG": str(log)},
        )
        started.append(process)
        return Served(process=process, address=process.stdout.readline().strip(), log=log)

    yield start
    for process in started:
        process.terminate()
        process.wait(WAIT_SECONDS)
        process.stdout.close()


@pytest.fixture
def served(start_server) -> Served:
    return start_server()
