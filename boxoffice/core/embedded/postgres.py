"""The private Postgres: made once, configured anew at every start."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from typing import TYPE_CHECKING

from boxoffice.core.embedded import locks, processes, warm
from boxoffice.core.embedded.store import make_for, write_for
from boxoffice.core.errors import StoreUnavailable

if TYPE_CHECKING:
    from pathlib import Path

    from boxoffice.core.embedded.store import Store
    from boxoffice.core.embedded.users import ServerUser

NAME = "postgres"
# Postgres is given its folder as "where you stand": then it needs no right to walk there (a
# folder of root's is closed to its user), and no path is too long or too odd for it.
HERE = "/proc/self/cwd"
DATABASE = "boxoffice"
MAP = "boxoffice"

CONFIG = """\
# Written anew at every start.
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 250
shared_buffers = 128MB
dynamic_shared_memory_type = mmap
io_method = sync
fsync = on
full_page_writes = on
synchronous_commit = on
wal_level = minimal
max_wal_senders = 0
max_logical_replication_workers = 0
autovacuum = on
jit = off
update_process_title = off
timezone = 'UTC'
datestyle = 'iso, ymd'
# Few words, and never a statement, a parameter or a row: they may carry customers' data.
log_destination = 'stderr'
logging_collector = off
log_timezone = 'UTC'
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_statement = 'none'
log_checkpoints = off
log_connections = ''
log_autovacuum_min_duration = -1
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"""
ACCESS = f"local all all peer map={MAP}\n"


def start(store: Store, user: ServerUser, state: warm.State) -> int:
    """Start Postgres, make its data first if there is none; return where its log begins."""
    with locks.life(store.life(NAME)) as life:
        if not store.data(NAME).exists():
            _create(store, user, state, life)
        _refuse_other_version(store.data(NAME), state)
        _configure(store.data(NAME), user, state)
        _forget_the_dead(store.data(NAME), state)
        log = store.log(NAME)
        offset = log.stat().st_size if log.exists() else 0
        program = [f"{state.bindir}/postgres", "-D", HERE, *_tag(store)]
        processes.leave_running(user, program, cwd=store.data(NAME), log=log, life=life)
    return offset


def stop(store: Store) -> None:
    """Stop Postgres: open transactions are rolled back, everything committed is on disk."""
    processes.stop(store, NAME, main=main_process(store), gently=signal.SIGINT)


def main_process(store: Store) -> int | None:
    """Return the postmaster's pid while it lives."""
    lines = warm.postmaster_lines(str(store.folder))
    return processes.main_process(store, NAME, lines[0] if lines else "")


def socket(state: warm.State) -> str:
    """Return the path of Postgres's socket."""
    return f"{state.socket_folder}/{warm.POSTGRES_SOCKET}"


def _tag(store: Store) -> tuple[str, str]:
    return "-c", f"cluster_name={store.tag}-{NAME}"


def _create(store: Store, user: ServerUser, state: warm.State, life: int) -> None:
    """Make the data beside its place and move it there whole, database included."""
    new = store.new(NAME)
    if new.exists():  # whoever began this was killed
        shutil.rmtree(new)
    make_for(user, new)
    initdb = (
        f"{state.bindir}/initdb", "-D", HERE, "-U", "boxoffice", "--auth=peer",
        "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        "--no-instructions", "--set=dynamic_shared_memory_type=mmap", "--set=timezone=UTC",
        "--set=log_timezone=UTC", "--set=max_connections=250", "--set=shared_buffers=128MB",
        *_tag(store),
    )  # fmt: skip
    # Renaming the empty database is four times faster than making another from the template.
    single = (f"{state.bindir}/postgres", "--single", "-j", "-D", HERE, *_tag(store), "template1")
    try:
        _run(user, initdb, new, life)
        _run(user, single, new, life, words=f"ALTER DATABASE postgres RENAME TO {DATABASE};\n\n")
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    new.rename(store.data(NAME))
    _sync(store.folder)


def _run(user: ServerUser, argv: tuple[str, ...], cwd: Path, life: int, words: str = "") -> None:
    done = processes.run(user, argv, cwd=cwd, words=words, keep=(life,))
    # The single-user server ends well even if its statement failed.
    if done.returncode != 0 or "ERROR:" in done.stderr:
        raise StoreUnavailable(
            "Postgres could not make its data: {reason}",
            hint="see that the disk has 100 MB free and the folder can be written",
            reason=processes.shortened(done.stderr),
        )


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_other_version(data: Path, state: warm.State) -> None:
    written, _ = warm.read_small(f"{data}/PG_VERSION")
    major = written.decode("ascii", "replace").strip()
    if major != state.postgres_version.split(".")[0]:
        raise StoreUnavailable(
            "{folder} was written by Postgres {major}, and this is {found}",
            hint="set BOXOFFICE_PG_BINDIR to the programs of Postgres {major}",
            folder=data,
            major=major,
            found=state.postgres_version,
        )


def _configure(data: Path, user: ServerUser, state: warm.State) -> None:
    names = dict.fromkeys((user.name, user.caller))
    write_for(user, data / "postgresql.conf", CONFIG.format(sockets=state.socket_folder))
    write_for(user, data / "pg_hba.conf", ACCESS)
    write_for(
        user, data / "pg_ident.conf", "".join(f'{MAP} "{name}" boxoffice\n' for name in names)
    )


def _forget_the_dead(data: Path, state: warm.State) -> None:
    """Remove the pid files of a killed Postgres: by now another process may have its pid.

    Safe because the caller holds the lock that any living process of it would hold.
    """
    (data / "postmaster.pid").unlink(missing_ok=True)
    for leftover in (socket(state), f"{socket(state)}.lock"):
        try:
            os.unlink(leftover)  # noqa: PTH108 - a plain path from the state
        except FileNotFoundError:
            continue


def supported() -> bool:
    """Whether the system knows the folder by which Postgres is told where it is."""
    return sys.platform == "linux"
