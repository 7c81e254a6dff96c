"""What cannot be served is refused with one clear line before anything listens."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from boxoffice.core.errors import InputInvalid
from boxoffice.tui.web import serve

WITHOUT_THE_EXTRA = """
import sys
sys.modules["textual_serve"] = None
from boxoffice.core.errors import InputInvalid
from boxoffice.tui.web import serve
try:
    serve("true", announce=print)
except InputInvalid as refusal:
    print(refusal.message, refusal.advice, sep="\\n")
"""


def never(address: str) -> None:
    raise AssertionError(address)


def test_without_the_extra_the_hint_names_it():
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_EXTRA], capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines() == [
        "the counter in a browser needs packages that are not installed",
        "pip install 'boxoffice[web]'",
    ]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "localhost", "evil.example", ""])
def test_nothing_but_a_loopback_address_is_listened_on(host):
    with pytest.raises(InputInvalid, match="not a loopback address"):
        serve("true", host=host, announce=never)


@pytest.mark.parametrize("port", [-1, 70_000])
def test_a_port_that_cannot_be_is_refused(port):
    with pytest.raises(InputInvalid, match=f"{port} is not a port"):
        serve("true", port=port, announce=never)


def test_a_port_in_use_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputInvalid, match=f"port {port}"):
            serve("true", port=port, announce=never)
