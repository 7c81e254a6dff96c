"""The store's folder on disk: what is in it, whose it is, and how its files are written.

The folder belongs to whoever runs the commands. As root the two data folders in it belong
to the servers' unprivileged user, so nothing is written into those through a name that
user could have turned into a link.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from boxoffice.core.embedded import warm
from boxoffice.core.errors import StoreUnavailable

if TYPE_CHECKING:
    from boxoffice.core.config import Settings
    from boxoffice.core.embedded.users import ServerUser

MARKER_FILE = "made-by-boxoffice"
LOCK_FILE = "starting.lock"
WRITE_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
SOCKET_BASES = ("/tmp", "/var/tmp")  # noqa: S108 - a private folder of random name is made below
# Locks inherited by children do not cross the network, and Postgres wants a local disk.
NETWORK_FILESYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "afs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The folder and the word by which this store's processes are known."""

    folder: Path
    tag: str

    @property
    def lock(self) -> Path:
        """The file that the one starter holds."""
        return self.folder / LOCK_FILE

    def data(self, server: str) -> Path:
        """Return the data folder of `postgres` or `valkey`."""
        return self.folder / server

    def new(self, server: str) -> Path:
        """Return the folder in which a server's data is made before it gets its name."""
        return self.folder / f"{server}.new"

    def life(self, server: str) -> Path:
        """Return the file whose lock all processes of a server hold."""
        return self.folder / f"{server}.life"

    def log(self, server: str) -> Path:
        """Return the file that a server's words go to."""
        return self.folder / f"{server}.log"


def prepare(settings: Settings) -> Store:
    """Make the folder if needed and return it; raises StoreUnavailable if it is not ours."""
    folder = Path(warm.store_folder(settings))
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    _refuse_network(folder)
    _refuse_foreign(folder)
    marker = folder / MARKER_FILE
    if not marker.exists():
        write_whole(marker, f"boxoffice-{os.urandom(6).hex()}\n", replace=False)
    return existing(settings) or Store(folder=folder, tag="")


def existing(settings: Settings) -> Store | None:
    """Return the store if there is one of this user's making, else None."""
    folder = Path(warm.store_folder(settings))
    try:
        tag, owner = warm.read_small(str(folder / MARKER_FILE))
    except OSError:
        return None
    if owner != os.geteuid():
        return None
    return Store(folder=folder, tag=tag.decode("ascii", "replace").strip())


def _refuse_foreign(folder: Path) -> None:
    if folder.stat().st_uid != os.geteuid():
        raise StoreUnavailable(
            "{folder} belongs to another user",
            hint="run as that user, or set BOXOFFICE_HOME to a folder of your own",
            folder=folder,
        )
    # The marker is the first file made; until it has its name it is a draft beside it.
    strangers = [path for path in folder.iterdir() if not path.name.startswith(MARKER_FILE)]
    if strangers and not (folder / MARKER_FILE).exists():
        raise StoreUnavailable(
            "{folder} was not made by boxoffice",
            hint="move it away, or set BOXOFFICE_HOME to another folder",
            folder=folder,
        )


def _refuse_network(folder: Path) -> None:
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return  # no such file outside Linux
    kind = filesystem_kind(folder.stat().st_dev, mounts)
    if kind in NETWORK_FILESYSTEMS:
        raise StoreUnavailable(
            "{folder} is on a network file system ({kind}), which cannot carry a database",
            hint="set BOXOFFICE_HOME to a folder on a local disk",
            folder=folder,
            kind=kind,
        )


def filesystem_kind(device: int, mountinfo: str) -> str | None:
    """Return the file system type of a device number, as Linux's mountinfo lists it."""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in mountinfo.splitlines():
        place, _, kind = line.partition(" - ")
        if place.split(" ")[2:3] == [wanted]:
            return kind.split(" ")[0]
    return None


def write_whole(path: Path, text: str, *, replace: bool = True) -> None:
    """Write a file so that it is there whole or not at all, even after a power cut."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(new, WRITE_NEW & ~os.O_EXCL | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:  # noqa: PTH123 - a descriptor
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if replace:
        new.replace(path)
        return
    with contextlib.suppress(FileExistsError):  # somebody was first, with as good a text
        os.link(new, path)
    new.unlink()


def write_for(user: ServerUser, path: Path, text: str) -> None:
    """Write a file anew for the servers' user, inside a folder that user may change."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, WRITE_NEW, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor
        if user.switch:
            os.fchown(descriptor, user.uid, user.gid)
        file.write(text)


def make_for(user: ServerUser, folder: Path) -> None:
    """Make a folder that only the servers' user may enter."""
    folder.mkdir(mode=0o700)
    folder.chmod(0o700)
    if user.switch:
        os.chown(folder, user.uid, user.gid)


def make_socket_folder(user: ServerUser) -> str:
    """Make a folder of a short and unguessable name, because socket paths end at 107 bytes."""
    for base in SOCKET_BASES:
        folder = Path(base, f"boxoffice-{os.urandom(6).hex()}")
        try:
            make_for(user, folder)
        except OSError:
            continue
        return str(folder)
    raise StoreUnavailable(
        "cannot make a folder for sockets in {folders}",
        hint="make /tmp writable (mode 1777)",
        folders=" / ".join(SOCKET_BASES),
    )


def remove_sockets(state: warm.State) -> None:
    """Remove the sockets and their folder, if it still is the servers' own."""
    if warm.sound(state):
        shutil.rmtree(state.socket_folder, ignore_errors=True)


def remove_all(store: Store) -> None:
    """Delete what this package made, the marker last, so that a cut here can be repeated."""
    for server in ("postgres", "valkey"):
        for folder in (store.data(server), store.new(server)):
            if folder.exists():
                shutil.rmtree(folder)
        store.log(server).unlink(missing_ok=True)
        store.life(server).unlink(missing_ok=True)
    for name in (warm.STATE_FILE, LOCK_FILE, MARKER_FILE):
        for draft in store.folder.glob(f"{name}.[0-9]*"):
            draft.unlink(missing_ok=True)
        (store.folder / name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # somebody keeps something of their own in it
        store.folder.rmdir()
