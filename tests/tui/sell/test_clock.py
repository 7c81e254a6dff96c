"""The server's clock decides, whatever the host's says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from boxoffice.tui.sell.clock import ServerClock
from tests.tui.stage import Clock


def test_the_time_left_follows_the_server_and_our_own_steady_clock():
    own = Clock()
    clock = ServerClock(own)
    server = datetime(2001, 1, 1, tzinfo=UTC)  # a host whose date is far off
    clock.set(server.timestamp(), own())
    end = server + timedelta(seconds=300)
    assert clock.seconds_until(end) == 300
    own.pass_by(250)
    assert clock.seconds_until(end) == 50
    own.pass_by(60)
    assert clock.seconds_until(end) == -10
