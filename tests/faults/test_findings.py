"""What campaigns found, each as a test of its own that needs no luck."""

from __future__ import annotations

from tests.conftest import key


def test_a_key_that_was_settled_before_anything_was_done_is_no_violation(world):
    assert world.office.settle(key()).state == "abandoned"
    assert world.office.verify() == ()
