"""Servers beside the embedded ones: each test has its own, or is left out where one is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.portability.daemons import Daemons

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def daemons() -> Iterator[Daemons]:
    """The servers of one test, ended with it, however it ends."""
    made = Daemons()
    yield made
    made.close()
