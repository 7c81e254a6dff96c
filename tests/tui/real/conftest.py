"""These tests need tmux; a machine without it tests the terminal only by tests/tui/terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.real.tmux import TMUX

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    if TMUX is None:
        missing = pytest.mark.skip(reason="NO TMUX: the counter in a real terminal is NOT TESTED")
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(missing)
