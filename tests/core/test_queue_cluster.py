"""The same scripts on a node in cluster mode, which refuses keys of two slots."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from boxoffice.core import queue
from tests.core.conftest import begin

START_SECONDS = 30


@pytest.fixture
def cluster(valkey_binary):
    folder = Path(tempfile.mkdtemp(prefix="bo-"))
    command = [valkey_binary, "--port", "0", "--unixsocket", folder / "s", "--dir", folder]
    command += ["--cluster-enabled", "yes", "--save", "", "--logfile", "log"]
    deadline = time.monotonic() + START_SECONDS
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as server:
        try:
            while not (folder / "s").exists():
                assert time.monotonic() < deadline, (folder / "log").read_text()
                time.sleep(0.01)
            client = queue.connect(f"unix://{folder}/s", connect_seconds=20, answer_seconds=20)
            client.execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)
            while client.execute_command("CLUSTER INFO")["cluster_state"] != "ok":
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield client
            client.close()
        finally:
            server.kill()
    shutil.rmtree(folder)


def test_every_operation_stays_in_the_slot_of_its_concert(cluster, settings):
    for concert in range(1, 20):
        begin(cluster, concert)
        queue.configure(cluster, concert, settings, capacity=1, state="open")
        first = queue.join(cluster, concert, 1, settings, key="k")
        assert queue.join(cluster, concert, 1, settings, key="k", token=first.token).replayed
        second = queue.join(cluster, concert, 2, settings)
        assert queue.poll(cluster, second.token, settings).position == 1
        assert queue.renew(cluster, first.token, settings, 5).state == "admitted"
        assert queue.finish(cluster, first.token, settings)
        assert queue.check(cluster, second.token, settings).state == "admitted"
        assert queue.leave(cluster, second.token, settings).state == "left"
        assert queue.admit(cluster, concert, settings).waiting == 0
