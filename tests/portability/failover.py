"""Two Postgres nodes that Patroni keeps in step, and HAProxy before whichever leads."""

from __future__ import annotations

import json
import os
import signal
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from boxoffice.core import config
from boxoffice.core.embedded import binaries
from tests.portability.daemons import LOOPBACK, answers, free_port, require_program
from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.portability.daemons import Daemons

NAMES = ("one", "two")
PACKAGES = {"patroni": "patroni", "etcd": "etcd-server", "haproxy": "haproxy"}
ASK_SECONDS = 2
# A lease so short is for tests: a leader that pauses for longer is deposed.
LEASE_SECONDS = 10
PATRONI = """\
scope: boxoffice
name: {name}
restapi: {{listen: "{host}:{rest}", connect_address: "{host}:{rest}"}}
etcd3: {{host: "{host}:{etcd}"}}
bootstrap:
  dcs:
    ttl: {lease}
    loop_wait: 1
    retry_timeout: 3
    synchronous_mode: true
    postgresql:
      use_pg_rewind: true
      parameters: {{synchronous_commit: "on", max_connections: 100, shared_buffers: 64MB}}
  initdb: [encoding: UTF8, {{locale: C}}]
  pg_hba:
    - local all all trust
    - host all all {host}/32 trust
    - host replication all {host}/32 trust
postgresql:
  listen: "{host}:{port}"
  connect_address: "{host}:{port}"
  bin_dir: {programs}
  data_dir: {folder}/{name}/data
  pgpass: {folder}/{name}/pgpass
  authentication:
    superuser: {{username: boxoffice, password: secret}}
    replication: {{username: follower, password: secret}}
  parameters: {{unix_socket_directories: "{folder}/{name}", dynamic_shared_memory_type: mmap}}
"""
HAPROXY = """\
defaults
  mode tcp
  timeout connect 2s
  timeout client 60s
  timeout server 60s
listen primary
  bind {host}:{port}
  option httpchk GET /primary
  http-check expect status 200
  default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
{servers}
"""


@dataclass(frozen=True)
class Node:
    """A Postgres with its Patroni."""

    name: str
    port: int
    rest: int


class Failover:
    """A leader, its synchronous standby, and one address for both."""

    def __init__(self, daemons: Daemons) -> None:
        self._daemons = daemons
        self._programs = {name: require_program(name, PACKAGES[name]) for name in PACKAGES}
        self._etcd, self._port = free_port(), free_port()
        self.nodes = {name: Node(name, free_port(), free_port()) for name in NAMES}

    def start(self) -> None:
        """Start everything and wait until the leader has a synchronous standby."""
        self._start_etcd()
        for node in self.nodes.values():
            self._start_node(node)
        wait_until(lambda: len(self.roles()) == len(NAMES), "the standby is synchronous")
        self._start_haproxy()

    @property
    def url(self) -> str:
        """Name the leader, whoever it is."""
        return f"postgresql://boxoffice@{LOOPBACK}:{self._port}/postgres"

    def roles(self) -> dict[str, Node]:
        """Return the nodes by role: leader, sync_standby; others are left out."""
        return {
            member["role"]: self.nodes[member["name"]]
            for member in self._members()
            if member["role"] in ("leader", "sync_standby")
        }

    def kill_leader(self) -> Node:
        """Kill the leader's Patroni and Postgres in one moment; return who that was."""
        leader = self.roles()["leader"]
        postmaster = self._postmaster(leader)
        self._daemons.kill(leader.name)
        os.kill(postmaster, signal.SIGKILL)
        return leader

    def close(self) -> None:
        """End the Postgres servers, which outlive their Patroni."""
        for node in self.nodes.values():
            with suppress(KeyError):
                self._daemons.kill(node.name)
            with suppress(OSError):
                os.kill(self._postmaster(node), signal.SIGQUIT)

    def _postmaster(self, node: Node) -> int:
        file: Path = self._daemons.folder / node.name / "data" / "postmaster.pid"
        return int(file.read_text().splitlines()[0])

    def _members(self) -> list[dict]:
        for node in self.nodes.values():
            with suppress(OSError, ValueError):
                address = f"http://{LOOPBACK}:{node.rest}/cluster"
                with urllib.request.urlopen(address, timeout=ASK_SECONDS) as answer:
                    return json.load(answer)["members"]
        return []

    def _start_etcd(self) -> None:
        client, peer = (f"http://{LOOPBACK}:{port}" for port in (self._etcd, free_port()))
        folder = self._daemons.make_folder("etcd")
        words = {
            "data-dir": str(folder),
            "listen-client-urls": client,
            "advertise-client-urls": client,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"default={peer}",
        }
        argv = [self._programs["etcd"], *(f"--{name}={value}" for name, value in words.items())]
        self._daemons.start("etcd", argv, lambda: answers(self._etcd))

    def _start_node(self, node: Node) -> None:
        folder = self._daemons.folder
        settings = config.load({"BOXOFFICE_HOME": str(folder)})
        programs = binaries.find_postgres(settings, self._daemons.user).path.parent
        self._daemons.make_folder(node.name)
        text = PATRONI.format(
            name=node.name,
            host=LOOPBACK,
            rest=node.rest,
            etcd=self._etcd,
            port=node.port,
            programs=programs,
            folder=folder,
            lease=LEASE_SECONDS,
        )
        file = self._daemons.write(f"{node.name}.yml", text)
        argv = [self._programs["patroni"], file]
        self._daemons.start(node.name, argv, lambda: answers(node.port), HOME=str(folder))

    def _start_haproxy(self) -> None:
        servers = "\n".join(
            f"  server {node.name} {LOOPBACK}:{node.port} check port {node.rest}"
            for node in self.nodes.values()
        )
        text = HAPROXY.format(host=LOOPBACK, port=self._port, servers=servers)
        argv = [self._programs["haproxy"], "-db", "-f", self._daemons.write("haproxy.cfg", text)]
        # At first it takes both for leaders.
        self._daemons.start("haproxy", argv, lambda: "is DOWN" in self._daemons.words("haproxy"))
