"""How the servers are reached: over the network only where their certificates are verified.

libpq and redis-py both take the server's word for who it is unless they are told otherwise, so
each address is completed here, and one that asks for less is refused unless that was allowed by
name. A socket of this host needs no TLS: the kernel says who is at its other end.
"""

from __future__ import annotations

import os
import ssl
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from boxoffice.core import errors
from boxoffice.core.errors import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boxoffice.core.config import Settings

HINT = Words("see docs/security.md; BOXOFFICE_ALLOW_INSECURE={server} does without")
VERIFIED = {"ssl_cert_reqs": "required", "ssl_check_hostname": "true"}
DATABASE, QUEUE = Words("the database"), Words("Redis")
UNTRUSTED = Words("the certificate of {server} is not trusted")
OTHER_HOST = Words("the certificate of {server} is for another host")
NO_AUTHORITIES = Words("the file of authorities for {server} cannot be read")
NO_TLS = Words("{server} does not speak TLS here")
REFUSED = Words("the certificate of {server} is refused: {reason}")
TLS_HINT = Words("see docs/security.md")
# What is said of a failed handshake, which has no SQLSTATE, and what it means.
HANDSHAKE = {
    "certificate verify failed": UNTRUSTED,
    "does not match host name": OTHER_HOST,
    "root certificate file": NO_AUTHORITIES,
    "server does not support SSL": NO_TLS,
    "handshake operation timed out": NO_TLS,  # so Redis, which waits for the end of a line
}


def database_url(settings: Settings, url: str) -> str:
    """Return the URL with what a verified connection needs.

    Raises InputInvalid for a URL that is none, or that asks for less over the network.
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in ("postgresql", "postgres"):
            raise errors.InputInvalid("the database URL must begin with postgresql://")
    except (ArgumentError, ValueError):
        raise errors.InputInvalid("the database URL is not a URL") from None
    query = dict(parsed.query)
    if _is_local(parsed.host, query) or settings.allows_insecure("database"):
        return url
    if query.get("sslmode", "verify-full") != "verify-full":
        raise _refused("the database URL leads over the network without sslmode=verify-full")
    if settings.database_ca:
        query["sslrootcert"] = _readable(settings.database_ca, "database_ca")
    # GSS would be tried first, and encrypts without looking at any certificate.
    query |= {"sslmode": "verify-full", "gssencmode": "disable"}
    query.setdefault("sslrootcert", "system")
    return parsed.set(query=query).render_as_string(hide_password=False)


def redis_url(settings: Settings, url: str) -> str:
    """Return the URL with what a verified connection needs.

    Raises InputInvalid for one that asks for less over the network.
    """
    try:
        parsed = urlsplit(url)
        query = dict(parse_qsl(parsed.query))
    except ValueError:
        raise errors.InputInvalid("redis_url is not a Redis address") from None
    scheme = parsed.scheme.removesuffix("+cluster")
    if scheme not in ("redis", "rediss") or settings.allows_insecure("redis"):
        return url  # a socket of this host; what is none of these is refused by its client
    if scheme == "redis":
        raise _refused("the Redis URL leads over the network without rediss://", "redis")
    if any(query.get(name, value).lower() != value for name, value in VERIFIED.items()):
        raise _refused("the Redis URL asks not to look at the certificate", "redis")
    query |= VERIFIED
    if settings.redis_ca:
        query["ssl_ca_certs"] = _readable(settings.redis_ca, "redis_ca")
    return urlunsplit(parsed._replace(query=urlencode(query)))


def database_away(error: BaseException | None) -> errors.DatabaseUnavailable | None:
    """Return what to say of a connection that failed, where its handshake did."""
    failed = _failed_handshake(error, DATABASE)
    return errors.DatabaseUnavailable(failed, hint=TLS_HINT) if failed else None


def queue_away(error: BaseException) -> errors.QueueUnavailable:
    """Return what to say of a Redis that did not answer."""
    failed = _failed_handshake(error, QUEUE)
    return errors.QueueUnavailable(failed, hint=TLS_HINT if failed else None)


def _failed_handshake(error: BaseException | None, server: Words) -> Words | None:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Words(REFUSED.template, server=server, reason=cause.verify_message)
        if isinstance(cause, ssl.SSLError):
            return Words(NO_TLS.template, server=server)
    said = " ".join(map(str, _causes(error)))
    for part, meant in HANDSHAKE.items():
        if part in said:
            return Words(meant.template, server=server)
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _readable(path: str, name: str) -> str:
    if not os.access(path, os.R_OK):
        raise errors.InputInvalid(
            "{name} names a file that cannot be read: {path}", hint=TLS_HINT, name=name, path=path
        )
    return path


def _is_local(host: str | None, query: dict[str, str | tuple[str, ...]]) -> bool:
    """Tell whether every host of a database URL is a socket of this machine."""
    if {"hostaddr", "service"} & query.keys() or {"PGHOSTADDR", "PGSERVICE"} & os.environ.keys():
        return False
    named = query.get("host", host or "")
    hosts = ",".join(named if isinstance(named, tuple) else (named,)).split(",")
    return all(each.startswith(("/", "@")) for each in hosts)


def _refused(message: str, server: str = "database") -> errors.InputInvalid:
    return errors.InputInvalid(message, hint=Words(HINT.template, server=server))
