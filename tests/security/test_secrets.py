"""Passwords and tokens: in no output, no log, no argument list, no store; files for one alone."""

from __future__ import annotations

import socket
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from redis import Redis

from boxoffice.core import tokens
from boxoffice.core.model import Caller
from tests.commands.conftest import invoke
from tests.conftest import PRICE, key, plain

CANARY = "canary7Vq2"
TOKEN = "c1-" + "7k3m9v2q" * 4
SECRETS = (CANARY, TOKEN, TOKEN.upper(), TOKEN[3:])
COMMANDS = [
    ("list-concerts",),
    ("show-concert", "1"),
    ("list-dates", "1"),
    ("list-seats", "1"),
    ("list-reservations",),
    ("enqueue", "1"),
    ("position",),
    ("leave",),
    ("reserve", "1", "--best", "1"),
    ("pay", "R-1JWK-29B2-6KCH-QRA"),
    ("cancel", "R-1JWK-29B2-6KCH-QRA"),
    ("charge", "100"),
    ("balance", "--history"),
    ("status", "some key"),
    ("doctor",),
    ("verify",),
    ("store", "status"),
    ("store", "migrate"),
    ("store", "grants", "--apply"),
    ("user", "add", "lee"),
    ("frobnicate",),
]


def secrets_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret.casefold() in text.casefold()]


def broken(box, house) -> dict[str, dict[str, str]]:
    """Return surroundings in which something is wrong, each with its secrets."""
    gone = f"postgresql://app:{CANARY}@/boxoffice?host=/nonexistent"
    locked = house.server.url(house.database, "boxoffice_app", CANARY)
    return {
        "as it should be": {"BOXOFFICE_ROLE": "customer", "BOXOFFICE_USER": "user1"},
        "no database": {"BOXOFFICE_DATABASE_URL": gone},
        "wrong password": {"BOXOFFICE_DATABASE_URL": locked},
        "wrong password of Redis": {
            "BOXOFFICE_REDIS_URL": f"unix://app:{CANARY}@{box.settings.redis_url[7:]}"
        },
        "no Redis": {"BOXOFFICE_REDIS_URL": f"unix://:{CANARY}@/nonexistent"},
        "insecure": {"BOXOFFICE_REDIS_URL": f"redis://:{CANARY}@192.0.2.1/0"},
        "no URL": {"BOXOFFICE_DATABASE_URL": f"postgresql:// :{CANARY}@[x", "BOXOFFICE_ROLE": ""},
        "no URL of Redis": {"BOXOFFICE_REDIS_URL": f"rediss://:{CANARY}@a..b:x/0"},
    }


def test_no_command_says_a_secret_whatever_is_wrong(world, house):
    for what, changes in broken(world.box, house).items():
        environment = {"BOXOFFICE_TOKEN": TOKEN, "BOXOFFICE_STUB": f"s1-{CANARY}", **changes}
        for command in COMMANDS:
            for form in ((), ("--json",)):
                ran = invoke(world.box, *command, *form, **environment)
                said = secrets_in(ran.out + ran.err)
                assert not said, (what, command, ran)
    kept = files_of(world.box.home)
    assert not [path for path, text in kept.items() if secrets_in(text)]


def files_of(folder: Path) -> dict[Path, str]:
    """Read every file below a folder: the journal and whatever else a command leaves."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path: path.read_bytes().decode(errors="replace") for path in found}


def test_a_bug_is_told_by_its_place_and_none_of_its_values(world):
    world.office.charge(PRICE, "user1", key="charged")
    world.box.execute(
        "UPDATE operations SET result = jsonb_build_object('secret', %s::text)", CANARY
    )
    ran = world.box.run("status", "charged")
    assert (ran.code, ran.out) == (1, "")
    assert "[bug]" in ran.err
    assert "Traceback" not in ran.err
    assert not secrets_in(ran.err)


def test_a_refusal_of_the_database_names_none_of_its_rows(world):
    world.box.execute(
        f"ALTER TABLE users ADD CONSTRAINT odd CHECK (name <> '{CANARY}')"  # as a bug would meet it
    )
    ran = invoke(world.box, "user", "add", CANARY)
    assert (ran.code, secrets_in(ran.err)) == (1, [])


def dump(box) -> str:
    """Read everything that both stores hold, as text."""
    held = []
    with psycopg.connect(plain(box.settings.database_url), autocommit=True) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        for (table,) in tables:
            query = sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table))
            held += [row for (row,) in connection.execute(query)]
    readers = {"string": "get", "hash": "hgetall", "set": "smembers", "stream": "xrange"}
    with Redis.from_url(box.settings.redis_url, decode_responses=True) as redis:
        for name in redis.scan_iter():
            kind = redis.type(name)
            value = (
                redis.zrange(name, 0, -1, withscores=True)
                if kind == "zset"
                else getattr(redis, readers[kind])(name)
            )
            held.append(f"{name} {value}")
    return "\n".join(held)


def test_neither_store_holds_a_token_but_only_its_hash(world):
    customer = world.box.office(role="customer", user="user1")
    token = customer.enqueue(str(world.concert), key="k").token
    caller = Caller(token=token)
    customer.charge(PRICE, key=key())
    held = customer.reserve(world.performance, caller, best=1, key=key())
    everything = dump(world.box).casefold()
    assert tokens.fingerprint(token) in everything
    customer.pay(held.reservation, caller, key=key())
    everything += dump(world.box).casefold()
    bare = token.partition("-")[2].casefold()
    for form in (token.casefold(), bare, bare.replace("-", "")):
        assert form not in everything
    assert tokens.TOKEN_BITS >= 128
    assert tokens.SALT_BYTES * 8 >= 128


@contextmanager
def deaf_postgres(folder: Path):
    """Listen as Postgres would and never answer, so that a command can be looked at."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / ".s.PGSQL.5432"))
        listener.listen()
        listener.settimeout(30)
        yield listener


def test_a_running_command_has_no_secret_in_its_arguments_and_leaves_no_core(box, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pg")
    url = f"postgresql://app:{CANARY}@/boxoffice?host={folder}"
    environment = box.environment | {"BOXOFFICE_DATABASE_URL": url, "BOXOFFICE_TOKEN": TOKEN}
    with deaf_postgres(folder) as listener:
        process = subprocess.Popen(
            [sys.executable, "-m", "boxoffice", "balance", "--user", "user1"],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        client, _ = listener.accept()
        limits = Path(f"/proc/{process.pid}/limits").read_text()
        lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if alive(path)]
        process.kill()
        process.communicate()
        client.close()
    (core,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    assert core.split()[4:6] == ["0", "0"]
    assert not [line for line in lines if secrets_in(line.decode(errors="replace"))]


def alive(path: Path) -> bool:
    try:
        return bool(path.read_bytes())
    except OSError:
        return False


def test_what_a_command_leaves_is_for_its_owner_alone_whatever_the_umask(world):
    environment = world.box.environment | {"BOXOFFICE_HOME": str(world.box.home / "new")}
    for arguments in ("enqueue 1 --user user1", "charge 100 --user user1"):
        subprocess.run(
            ["/bin/sh", "-c", f"umask 0; exec {sys.executable} -m boxoffice {arguments}"],
            env=environment, check=True, capture_output=True, timeout=60,
        )  # fmt: skip
    made = [world.box.home / "new", *(world.box.home / "new").rglob("*")]
    assert {path.name for path in made} >= {"session.json", "journal"}
    for path in made:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), (path, oct(mode))


def test_the_logs_of_the_servers_hold_no_secret(world):
    """Both are asked in wrong ways with secrets in the question."""
    with psycopg.connect(plain(world.box.settings.database_url), autocommit=True) as connection:
        for wrong in ("SELECT 1/0 WHERE %s <> ''", "SELECT %s::integer", "SELEC %s"):
            with_error(lambda wrong=wrong: connection.execute(wrong, (CANARY,)))
        folder = Path(f"/proc/{connection.info.backend_pid}/cwd").resolve().parent
    with Redis.from_url(world.box.settings.redis_url) as redis:
        with_error(lambda: redis.execute_command("AUTH", CANARY, CANARY))
        with_error(lambda: redis.execute_command("GET", CANARY, CANARY))
    logs = {path: path.read_text(errors="replace") for path in folder.glob("*.log")}
    assert len(logs) == 2
    assert not [path for path, text in logs.items() if secrets_in(text)]


def with_error(act) -> None:
    from redis.exceptions import RedisError

    try:
        act()
    except (psycopg.Error, RedisError):
        return
    raise AssertionError
