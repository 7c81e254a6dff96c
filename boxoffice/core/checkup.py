"""A look at everything the box office stands on: one line a thing, with what would mend it."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from boxoffice.core.config import SETTABLE, Settings
from boxoffice.core.errors import BoxOfficeError, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from boxoffice.core.stores import Stores

SECRETS = ("token", "database_url", "redis_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at: its value, where the value comes from, and what mends it."""

    name: str
    ok: bool
    value: str
    source: str
    hint: str


def examine(settings: Settings) -> list[Check]:
    """Look at the program, every setting with its source, and both servers."""
    return [*_program(), *_settings(settings), *_servers(settings)]


def _program() -> Iterator[Check]:
    yield _fine("python", platform.python_version(), platform.python_implementation())
    yield _fine("boxoffice", version("boxoffice"), "package")


def _settings(settings: Settings) -> Iterator[Check]:
    for folder in ("data_dir", "state_dir", "config_file"):
        yield _fine(folder, str(getattr(settings, folder)), "environment")
    yield _fine("role in force", settings.acting_role, settings.sources.get("role", "default"))
    for name in SETTABLE:
        value = getattr(settings, name)
        hidden = name in SECRETS and value is not None
        shown = Words("(set, not shown)") if hidden else "" if value is None else str(value)
        yield _fine(name, shown, settings.sources.get(name, "default"))


def _servers(settings: Settings) -> Iterator[Check]:
    from boxoffice.core.stores import Stores

    stores = Stores(settings, connections=1)
    try:
        yield _server("postgres", lambda: _postgres_version(stores))
        yield _server("schema", lambda: _schema(stores))
        yield _server("redis", lambda: _redis_version(stores))
    finally:
        stores.close()


def _server(name: str, look: Callable[[], str]) -> Check:
    try:
        return _fine(name, look(), "server")
    except BoxOfficeError as error:
        return Check(name=name, ok=False, value=error.message, source="server", hint=error.advice)


def _postgres_version(stores: Stores) -> str:
    with stores.bare_database() as connection:
        return str(connection.exec_driver_sql("SHOW server_version").scalar_one())


def _schema(stores: Stores) -> str:
    with stores.database():
        from boxoffice.core.schema import REVISION

        return REVISION


def _redis_version(stores: Stores) -> str:
    with stores.redis() as redis:
        server = redis.info("server")
    name = server.get("server_name", "redis")
    return f"{name} {server.get(f'{name}_version', server['redis_version'])}"


def _fine(name: str, value: str, source: str) -> Check:
    return Check(name=name, ok=True, value=value, source=source, hint="")
