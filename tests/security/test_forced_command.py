"""The forced command of the documentation: a customer does what customers do, as one person."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).parents[2] / "docs" / "security.md"


@pytest.fixture
def sell(world, tmp_path_factory):
    """Give the documented program, with the paths of this host, as user1's key would run it."""
    folder = tmp_path_factory.mktemp("host")
    home = folder / "user1"
    home.mkdir(mode=0o700)
    config = home / "config.toml"
    config.touch(mode=0o600)
    settings = world.box.settings
    config.write_text(
        f'database_url = "{settings.database_url}"\nredis_url = "{settings.redis_url}"\n'
    )
    (text,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    here = f'"{sys.executable}", ["{sys.executable}", "-m", "boxoffice"'
    text, found = re.subn(r'"/usr/bin/boxoffice",\s*\["boxoffice"', lambda _: here, text)
    assert found == 1
    program = folder / "sell"
    program.write_text(text.replace("/var/lib/boxoffice/sessions", str(folder)))

    def run(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", str(program)],
            env={"SSH_ORIGINAL_COMMAND": command, "BOXOFFICE_USER": "user1",
                 "BOXOFFICE_ROLE": "admin"},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return run


def test_a_customer_books_and_is_nobody_else(sell, world):
    world.office.charge(100_000, "user1", key="k")
    assert sell("enqueue 1").returncode == 0
    assert sell("reserve 1 --best 1").returncode == 0
    assert world.box.one("SELECT user_id FROM reservations") == world.users[0]
    assert sell("balance --user user2").returncode == 4
    assert sell("reserve 1 --best 1 --staff --user user2").returncode == 4
    for command in ("charge 100", "store reset -y", "user add lee", "balance; id", "$(id)"):
        refused = sell(command)
        assert refused.returncode != 0
        assert "uid=" not in refused.stdout + refused.stderr
    assert world.seats("held") == 1
