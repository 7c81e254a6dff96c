"""A pair of servers that campaigns may crash, one a test process."""

from __future__ import annotations

import pytest

from tests.faults.servers import Pair


@pytest.fixture(scope="session")
def pair():
    made = Pair()
    yield made
    made.close()
