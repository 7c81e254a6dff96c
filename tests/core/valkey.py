"""A Valkey of a test's own, with an append-only file: to kill, to start again, to cut."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from redis.exceptions import RedisError

from boxoffice.core import queue
from tests.waiting import wait_until

START_SECONDS = 30


class Server:
    """One server and its files; `client` speaks to whichever process of it runs."""

    def __init__(self, binary: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bo-"))
        self.url = f"unix://{self.folder}/s"
        self.client = queue.connect(self.url, connect_seconds=20, answer_seconds=60)
        self._binary = binary
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        command = [self._binary, "--port", "0", "--unixsocket", self.folder / "s"]
        command += ["--dir", self.folder, "--save", "", "--logfile", "log"]
        command += ["--appendonly", "yes", "--appendfsync", "everysec"]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.01)

    def _answers(self) -> bool:
        with suppress(RedisError):
            return bool(self.client.ping())
        return False

    def kill(self) -> None:
        """End it at once, when all it answered for is in its file; `cut` takes that back."""
        wait_until(self._has_written, "the file has it all")
        self._end()

    def _has_written(self) -> bool:
        figures = self.client.info("persistence")
        return not (figures["aof_buffer_length"] or figures["aof_pending_bio_fsync"])

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()

    def cut(self, share: float) -> int:
        """Keep only the first part of what was appended, as a disk would that lost the rest."""
        (file,) = self.folder.glob("appendonlydir/*.incr.aof")
        size = int(file.stat().st_size * share)
        with file.open("r+b") as appended:
            appended.truncate(size)
        return size

    def close(self) -> None:
        self.client.close()
        if self._process:
            self._end()
        shutil.rmtree(self.folder)


@contextmanager
def running(binary: Path):
    server = Server(binary)
    try:
        server.start()
        yield server
    finally:
        server.close()
