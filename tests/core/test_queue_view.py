"""The queue as staff see it, and the end of a place whose owner was served at the counter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from boxoffice.core import errors, queue
from boxoffice.core.model import Caller
from tests.conftest import key, staff
from tests.waiting import wait_until


@pytest.fixture
def line(world):
    """One user admitted, the two others waiting behind."""
    world.office.configure_queue(str(world.concert), capacity=1)
    for user in ("user1", "user2", "user3"):
        world.office.enqueue(str(world.concert), user, token=None, key=key())
    return world


def people(view):
    return (
        [(each.name, each.until is not None) for each in view.admitted],
        [(each.name, each.position) for each in view.waiting],
    )


def test_an_empty_queue_is_shown_as_empty(world):
    view = world.office.show_queue(world.concert)
    assert people(view) == ([], [])
    assert (view.line.state, view.line.waiting, view.line.admitted) == ("open", 0, 0)
    assert (view.held_seats, view.line.capacity) == (0, world.office.settings.queue_capacity)


def test_staff_see_who_is_admitted_until_when_and_who_waits_in_order(line):
    view = line.office.show_queue(line.concert)
    assert people(view) == ([("user1", True)], [("user2", 1), ("user3", 2)])
    assert (view.line.waiting, view.line.admitted, view.line.capacity) == (2, 1, 1)
    assert [each.user for each in (*view.admitted, *view.waiting)] == list(line.users)
    (admitted,) = view.admitted
    assert admitted.until > datetime.now(UTC)
    assert admitted.until.utcoffset() == timedelta(0)


def test_seats_held_now_are_counted_over_the_concerts_performances(line):
    line.office.reserve(line.performance, staff("user1"), seats=["A-1", "A-2"], key=key())
    assert line.office.show_queue(line.concert).held_seats == 2
    line.box.execute("UPDATE performance_seats SET held_until = now() WHERE status = 'held'")
    assert line.office.show_queue(line.concert).held_seats == 0


def test_a_paused_queue_says_so_and_knows_no_waiting_time(line):
    line.office.configure_queue(str(line.concert), state="paused")
    view = line.office.show_queue(line.concert)
    assert (view.line.state, view.wait_seconds) == ("paused", None)
    assert people(view) == ([("user1", True)], [("user2", 1), ("user3", 2)])


def test_to_be_looked_at_is_not_to_have_come(redis, settings, concert):
    """Staff looking again and again keep nobody's place alive."""
    queue.configure(redis, concert, settings, capacity=1, absence_seconds=0.3)
    first, late = (queue.join(redis, concert, user, settings) for user in (1, 2))
    assert (first.state, late.state) == ("admitted", "waiting")
    wait_until(
        lambda: queue.show(redis, concert, settings, 10).waiting == (), "the absent one is gone"
    )
    assert [user for user, _ in queue.show(redis, concert, settings, 10).admitted] == [1]


def test_no_more_people_are_named_than_asked_for(redis, settings, concert):
    queue.configure(redis, concert, settings, capacity=3)
    for user in range(1, 8):
        queue.join(redis, concert, user, settings)
    shown = queue.show(redis, concert, settings, 2)
    assert (shown.line.waiting, shown.line.admitted) == (4, 3)
    assert (len(shown.waiting), len(shown.admitted)) == (2, 2)
    assert shown.waiting == (4, 5)


def test_a_user_served_at_the_counter_leaves_the_line_and_the_next_comes_in(line):
    assert line.office.serve(line.concert, line.users[0])
    with line.office.stores.redis() as redis:  # without a look, which would admit as well
        admitted = redis.zrange(f"{{concert:{line.concert}}}:admitted", 0, -1)
    assert admitted == [str(line.users[1]).encode()]
    assert people(line.office.show_queue(line.concert)) == ([("user2", True)], [("user3", 1)])
    assert line.office.serve(line.concert, line.users[2])  # who still waited
    assert people(line.office.show_queue(line.concert)) == ([("user2", True)], [])


def test_serving_again_or_somebody_who_is_not_there_changes_nothing(line):
    assert line.office.serve(line.concert, line.users[0])
    before = people(line.office.show_queue(line.concert))
    assert not line.office.serve(line.concert, line.users[0])
    assert not line.office.serve(line.concert, 99_999)
    assert not line.office.serve(99_999, line.users[1])
    assert people(line.office.show_queue(line.concert)) == before


def test_serving_in_a_paused_queue_admits_nobody(line):
    line.office.configure_queue(str(line.concert), state="paused")
    line.office.serve(line.concert, line.users[0])
    assert people(line.office.show_queue(line.concert)) == ([], [("user2", 1), ("user3", 2)])


def test_the_token_of_a_served_user_ends_and_the_user_may_queue_again(line):
    token = line.office.enqueue(str(line.concert), "user1", key=key(), take_over=True).token
    line.office.serve(line.concert, line.users[0])
    customer = line.box.office(role="customer")
    with pytest.raises(errors.TokenInvalid):
        customer.reserve(line.performance, Caller(token=token), seats=["A-1"], key=key())
    again = line.office.enqueue(str(line.concert), "user1", token=None, key=key())
    assert (again.state, again.position) == ("waiting", 2)


def test_somebody_in_the_queue_whom_postgres_does_not_know_is_shown_by_number(line):
    with line.office.stores.redis() as redis:
        queue.join(redis, line.concert, 777, line.office.settings)
    assert people(line.office.show_queue(line.concert))[1][-1] == ("777", 3)


def test_a_clerk_pauses_and_widens_a_queue_and_the_rest_is_the_admins(line):
    clerk = line.box.office(role="clerk")
    assert clerk.configure_queue(str(line.concert), state="paused", capacity=2).capacity == 2
    with pytest.raises(errors.Forbidden):
        clerk.configure_queue(str(line.concert), capacity=3, rate_per_minute=5)
    assert line.office.show_queue(line.concert).line.capacity == 2
    assert (
        line.box.one(
            "SELECT count(*) FROM audit WHERE action = 'configure queue'"
            " AND principal LIKE 'clerk:%'"
        )
        == 1
    )


def test_no_customer_sees_or_moves_the_queue_of_others(line):
    customer = line.box.office(role="customer", user="user2")
    for act in (
        lambda: customer.show_queue(line.concert),
        lambda: customer.serve(line.concert, line.users[0]),
        lambda: customer.configure_queue(str(line.concert), state="open"),
    ):
        with pytest.raises(errors.Forbidden):
            act()
    assert people(line.office.show_queue(line.concert))[0] == [("user1", True)]


def test_a_queue_that_cannot_be_reached_is_told_as_such(line):
    office = line.box.office(redis_url="unix:///nonexistent/socket")
    for act in (
        lambda: office.show_queue(line.concert),
        lambda: office.serve(line.concert, line.users[0]),
    ):
        with pytest.raises(errors.QueueUnavailable):
            act()
