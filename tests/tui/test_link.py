"""What is known of the servers after each answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from boxoffice.core import errors
from boxoffice.tui.link import Link

AT = datetime(2026, 11, 20, 14, 3, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)


def test_a_counter_begins_live():
    assert Link().words(ascii_only=False) == "● live"
    assert Link().words(ascii_only=True) == "* live"


def test_without_redis_it_polls_and_an_answer_of_postgres_does_not_change_that():
    link = Link().after(errors.QueueUnavailable(), AT)
    assert link.words(ascii_only=False) == "◐ polling 2 s"
    assert link.after(None, LATER).state == "polling"
    assert link.told("live", LATER).state == "live"


@pytest.mark.parametrize(
    "error", [errors.DatabaseUnavailable(), errors.StoreUnavailable(), errors.OutcomeUnknown()]
)
def test_without_postgres_it_is_offline_since_the_first_failure(error):
    link = Link().after(error, AT).after(error, LATER)
    assert link.words(ascii_only=False) == "○ offline since 14:03"
    assert link.after(None, LATER) == Link()


def test_a_refusal_is_an_answer():
    offline = Link().after(errors.DatabaseUnavailable(), AT)
    assert offline.after(errors.SeatTaken(), LATER).state == "live"


def test_a_watcher_that_is_offline_keeps_the_first_time():
    link = Link().told("offline", AT).told("offline", LATER)
    assert (link.state, link.since) == ("offline", AT)
    assert link.told("polling", LATER).state == "polling"
