"""A Redis Cluster of three masters without replicas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import redis
from redis.crc import key_slot

from boxoffice.core import config
from boxoffice.core.embedded import binaries
from tests.portability.daemons import LOOPBACK, answers, free_port
from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.portability.daemons import Daemons

SLOTS = ((0, 5_460), (5_461, 10_922), (10_923, 16_383))
OPTIONS = {
    "bind": LOOPBACK,
    "cluster-enabled": "yes",
    # Without it the death of one master stops all of them.
    "cluster-require-full-coverage": "no",
    "cluster-node-timeout": "1000",
    "appendonly": "yes",
    "save": "",
}


class Masters:
    """Three masters that share the slots, numbered from 0."""

    def __init__(self, daemons: Daemons) -> None:
        self._daemons = daemons
        settings = config.load({"BOXOFFICE_HOME": str(daemons.folder)})
        self._program = binaries.find_valkey(settings, daemons.user).path
        self._ports = [(free_port(), free_port()) for _ in SLOTS]
        for master in range(len(SLOTS)):
            daemons.make_folder(_name(master))
            self.start(master)
        self._meet()

    @property
    def url(self) -> str:
        """Name two of the three: a client finds the others through one that lives."""
        hosts = ",".join(f"{LOOPBACK}:{port}" for port, _ in self._ports[:2])
        return f"redis+cluster://{hosts}"

    def start(self, master: int) -> None:
        """Start a master, again with what it had."""
        port, bus = self._ports[master]
        folder: Path = self._daemons.folder / _name(master)
        options = OPTIONS | {"port": str(port), "cluster-port": str(bus), "dir": str(folder)}
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        self._daemons.start(_name(master), [self._program, *words], lambda: answers(port))

    def kill(self, master: int) -> None:
        """Kill a master, and wait until the others know."""
        self._daemons.kill(_name(master))
        alive = [other for other in range(len(SLOTS)) if other != master]
        wait_until(lambda: all(self._sees(other, failed=1) for other in alive), "it is missed")

    def wait_whole(self) -> None:
        """Wait until all three know that all three live."""
        masters = range(len(SLOTS))
        wait_until(lambda: all(self._sees(each, failed=0) for each in masters), "all are there")

    def flush(self) -> None:
        """Forget everything."""
        for master in range(len(SLOTS)):
            self._ask(master, "FLUSHALL")

    def _meet(self) -> None:
        for master, (first, last) in enumerate(SLOTS):
            self._ask(master, "CLUSTER ADDSLOTSRANGE", first, last)
            self._ask(master, "CLUSTER SET-CONFIG-EPOCH", master + 1)
        for port, bus in self._ports[1:]:
            self._ask(0, "CLUSTER MEET", LOOPBACK, port, bus)
        self.wait_whole()

    def _sees(self, master: int, *, failed: int) -> bool:
        if self._ask(master, "CLUSTER INFO")["cluster_state"] != "ok":
            return False  # so it is for a moment after it comes back
        nodes = self._ask(master, "CLUSTER NODES").values()
        lost = sum("fail" in node["flags"] for node in nodes)
        linked = sum(node["connected"] for node in nodes)
        return len(nodes) == len(SLOTS) and (lost, linked) == (failed, len(SLOTS) - failed)

    def _ask(self, master: int, *command: str | int):
        with redis.Redis(host=LOOPBACK, port=self._ports[master][0]) as client:
            return client.execute_command(*command)


def master_of(concert: int) -> int:
    """Return the number of the master that has the queue of a concert."""
    return master_of_key(f"{{concert:{concert}}}")


def master_of_key(key: str) -> int:
    """Return the number of the master that has a key."""
    slot = key_slot(key.encode())
    return next(number for number, (_, last) in enumerate(SLOTS) if slot <= last)


def _name(master: int) -> str:
    return f"master{master}"
