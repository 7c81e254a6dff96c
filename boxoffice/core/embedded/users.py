"""As whom the servers run: oneself, or as root an unprivileged user that exists already."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boxoffice.core.errors import StoreUnavailable

if TYPE_CHECKING:
    from pathlib import Path

UNPRIVILEGED = ("nobody", "daemon")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerUser:
    """The servers' user, and the caller's name where the two differ."""

    uid: int
    gid: int
    name: str
    caller: str
    switch: bool

    @property
    def process_options(self) -> dict[str, Any]:
        """What a child process must be told to run as this user."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_user(postgres_folder: Path) -> ServerUser:
    """Choose the servers' user; raises StoreUnavailable for a user without a name.

    Postgres refuses to run as root, and names its peers by the password database.
    """
    caller = _named(os.geteuid())
    if os.geteuid() != 0:
        return ServerUser(
            uid=caller.pw_uid,
            gid=os.getegid(),
            name=caller.pw_name,
            caller=caller.pw_name,
            switch=False,
        )
    entry = _owner(postgres_folder) or _unprivileged()
    return ServerUser(
        uid=entry.pw_uid, gid=entry.pw_gid, name=entry.pw_name, caller=caller.pw_name, switch=True
    )


def _owner(folder: Path) -> pwd.struct_passwd | None:
    try:
        return _named(folder.lstat().st_uid)
    except FileNotFoundError:
        return None


def _named(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise StoreUnavailable(
            "user id {uid} has no name on this machine, and Postgres needs one",
            hint="run as a user listed in /etc/passwd,"
            " or set BOXOFFICE_DATABASE_URL and BOXOFFICE_REDIS_URL",
            uid=uid,
        ) from None


def _unprivileged() -> pwd.struct_passwd:
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise StoreUnavailable(
        "Postgres refuses to run as root, and there is no user {names}",
        hint="run as an ordinary user",
        names=" / ".join(UNPRIVILEGED),
    )
