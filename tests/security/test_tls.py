"""TLS to both servers: verified over any network, and every weaker way is refused by name."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from boxoffice.core import errors, transport
from boxoffice.core.config import load
from boxoffice.core.office import Office
from tests.conftest import key, plain
from tests.security.authority import Authority
from tests.security.tls_front import tls_front

HOST = "localhost"
TOKEN = "c1-" + "0" * 34


@dataclass(frozen=True)
class Served:
    """Both servers behind TLS, and the box they belong to."""

    database: str
    redis: str
    environment: dict[str, str]


@pytest.fixture
def serve(box, authority):
    """Put both servers of a box behind TLS with some certificate, or behind none."""
    sockets = box.settings.database_url.split("host=")[1]
    database = box.settings.database_url.split("/")[3].split("?")[0]
    with ExitStack() as running:

        def start(certificate: tuple[Path, Path] | None, trusted: Path = authority.file) -> Served:
            asked, plain = (
                running.enter_context(tls_front(f"{sockets}/{name}", certificate, asked=asked))
                for name, asked in ((".s.PGSQL.5432", True), ("valkey.sock", False))
            )
            urls = {
                "BOXOFFICE_DATABASE_URL": f"postgresql://boxoffice@{HOST}:{asked}/{database}",
                "BOXOFFICE_REDIS_URL": f"rediss://{HOST}:{plain}/0",
                "BOXOFFICE_DATABASE_CA": str(trusted),
                "BOXOFFICE_REDIS_CA": str(trusted),
            }
            return Served(
                database=urls["BOXOFFICE_DATABASE_URL"],
                redis=urls["BOXOFFICE_REDIS_URL"],
                environment=box.environment | urls,
            )

        yield start


def checks(box, served: Served, **changes: str) -> dict[str, dict]:
    """Let the doctor look at both servers, as a process of its own."""
    ran = box.run("doctor", "--json", **{**served.environment, **changes})
    assert len(ran.err.splitlines()) == 0, ran.err
    return {check["name"]: check for check in json.loads(ran.out)}


def test_both_servers_are_spoken_to_with_their_certificates_verified(box, authority, serve):
    served = serve(authority.certify(HOST))
    found = checks(box, served)
    assert (found["postgres"]["ok"], found["redis"]["ok"]) == (True, True)
    office = Office(load(served.environment))
    office.add_user("kim", key=key())
    assert office.charge(100, "kim", key=key()).balance.amount == 100
    office.close()


REFUSED = {
    "another authority": ("the certificate of the database is not trusted", "is refused: "),
    "another host": ("the certificate of the database is for another host", "is refused: "),
    "out of date": ("the certificate of the database is not trusted", "certificate has expired"),
    "no TLS": ("the database does not speak TLS here", "Redis does not speak TLS here"),
}


def certificate_of(what: str, authority: Authority, other: Authority) -> tuple[Path, Path] | None:
    return {
        "another authority": other.certify(HOST),
        "another host": authority.certify("elsewhere.example"),
        "out of date": authority.certify(HOST, days=(-3, -1)),
        "no TLS": None,
    }[what]


@pytest.mark.parametrize("what", REFUSED)
def test_a_server_that_cannot_prove_who_it_is_is_refused_in_one_line(
    authority, serve, tmp_path_factory, what
):
    other = Authority(tmp_path_factory.mktemp("other"))
    served = serve(certificate_of(what, authority, other))
    office = Office(load(served.environment))
    with pytest.raises(errors.DatabaseUnavailable) as database:
        office.add_user("kim", key=key())
    with pytest.raises(errors.QueueUnavailable) as queue:
        office.position(TOKEN)
    office.close()
    for told, said in zip((database.value, queue.value), REFUSED[what], strict=True):
        assert said in told.message
        assert "\n" not in told.message
        assert told.advice == "see docs/security.md"


def test_a_file_of_authorities_that_is_not_there_is_told_as_such(authority, serve):
    served = serve(authority.certify(HOST), trusted=Path("/nonexistent.pem"))
    office = Office(load(served.environment))
    with pytest.raises(errors.InputInvalid, match="database_ca names a file"):
        office.add_user("kim", key=key())
    with pytest.raises(errors.InputInvalid, match="redis_ca names a file"):
        office.position(TOKEN)
    office.close()


OVER_THE_NETWORK = "the database URL leads over the network without sslmode=verify-full"
DATABASE_URLS = {
    "postgresql://app@db.example/boxoffice?sslmode=require": OVER_THE_NETWORK,
    "postgresql://app@db.example/boxoffice?sslmode=verify-ca": OVER_THE_NETWORK,
    "postgresql://app@db.example/boxoffice?sslmode=disable": OVER_THE_NETWORK,
    "postgresql://app@127.0.0.1/boxoffice?sslmode=prefer": OVER_THE_NETWORK,
    "postgresql://app@/boxoffice?host=/run/postgresql&hostaddr=192.0.2.1&sslmode=allow": (
        OVER_THE_NETWORK
    ),
    "postgresql://app@/boxoffice?host=/run/postgresql,db.example&sslmode=allow": OVER_THE_NETWORK,
    "postgresql://app@/boxoffice?service=elsewhere&sslmode=allow": OVER_THE_NETWORK,
}
REDIS_URLS = {
    "redis://redis.example:6379/0": "the Redis URL leads over the network without rediss://",
    "redis://127.0.0.1:6379/0": "the Redis URL leads over the network without rediss://",
    "redis+cluster://one:1,two:2": "the Redis URL leads over the network without rediss://",
    "rediss://one:1/0?ssl_cert_reqs=none": "the Redis URL asks not to look at the certificate",
    "rediss://one:1/0?ssl_check_hostname=false": (
        "the Redis URL asks not to look at the certificate"
    ),
    "rediss+cluster://one:1,two:2?ssl_cert_reqs=optional": (
        "the Redis URL asks not to look at the certificate"
    ),
}


@pytest.mark.parametrize("url", DATABASE_URLS)
def test_a_database_url_that_asks_for_less_is_refused_unless_it_is_allowed_by_name(box, url):
    settings = replace(box.settings, allow_insecure="redis")
    with pytest.raises(errors.InputInvalid, match=DATABASE_URLS[url]) as refused:
        transport.database_url(settings, url)
    assert "BOXOFFICE_ALLOW_INSECURE=database" in refused.value.advice
    allowed = replace(box.settings, allow_insecure="database,redis")
    assert transport.database_url(allowed, url) == url


@pytest.mark.parametrize("url", REDIS_URLS)
def test_a_redis_url_that_asks_for_less_is_refused_unless_it_is_allowed_by_name(box, url):
    settings = replace(box.settings, allow_insecure="database")
    with pytest.raises(errors.InputInvalid, match=REDIS_URLS[url]) as refused:
        transport.redis_url(settings, url)
    assert "BOXOFFICE_ALLOW_INSECURE=redis" in refused.value.advice
    assert transport.redis_url(replace(box.settings, allow_insecure="redis"), url) == url


def test_a_url_over_the_network_is_completed_and_keeps_its_password(box):
    file = box.home / "authority of redis.pem"
    file.touch()
    settings = replace(box.settings, database_ca=str(file), redis_ca=str(file))
    written = quote_plus(str(file))
    completed = transport.database_url(settings, "postgresql://app:s%40cret@db.example/boxoffice")
    for part in ("app:s%40cret@db.example", "sslmode=verify-full", "gssencmode=disable"):
        assert part in completed
    assert f"sslrootcert={written}" in completed
    assert "sslrootcert=system" in transport.database_url(
        box.settings, "postgresql://app@db.example/boxoffice"
    )
    assert transport.redis_url(settings, "rediss://app:s%40cret@one:1/0") == (
        "rediss://app:s%40cret@one:1/0?ssl_cert_reqs=required&ssl_check_hostname=true"
        f"&ssl_ca_certs={written}"
    )


def test_a_socket_of_this_host_needs_no_tls(box):
    for url in (box.settings.database_url, "postgresql:///boxoffice?host=/run/postgresql"):
        assert transport.database_url(box.settings, url) == url
    assert transport.redis_url(box.settings, box.settings.redis_url) == box.settings.redis_url


def test_what_is_allowed_by_name_is_no_more_than_the_names_of_servers(box):
    for value in ("all", "database redis", "postgres"):
        with pytest.raises(errors.InputInvalid, match="names servers: database, redis"):
            load(box.environment | {"BOXOFFICE_ALLOW_INSECURE": value})


def test_doctor_names_what_is_allowed_to_be_insecure_as_wrong(box, serve):
    found = checks(box, serve(None), BOXOFFICE_ALLOW_INSECURE="database,redis",
                   BOXOFFICE_DATABASE_URL=plain(box.settings.database_url),
                   BOXOFFICE_REDIS_URL=box.settings.redis_url)  # fmt: skip
    assert found["postgres"]["ok"]
    assert not found["allow_insecure"]["ok"]
    assert found["allow_insecure"]["value"] == "database,redis"


def test_an_insecure_url_is_told_before_anything_is_sent(box):
    url = "postgresql://app:geheim@192.0.2.1/x?sslmode=require"
    ran = box.run("balance", "--user", "user1", "--json", BOXOFFICE_DATABASE_URL=url)
    assert (ran.code, ran.error["message"]) == (2, OVER_THE_NETWORK)
    assert "geheim" not in ran.out + ran.err
    url = "redis://:geheim@192.0.2.1:6379/0"
    ran = box.run("position", "--token", TOKEN, "--json", BOXOFFICE_REDIS_URL=url)
    assert (ran.code, ran.error["kind"]) == (2, "invalid")
    assert "geheim" not in ran.out + ran.err
