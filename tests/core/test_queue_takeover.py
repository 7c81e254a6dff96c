"""One place a user, one terminal a place: who is told of the other, and how one goes on."""

from __future__ import annotations

import pytest

from boxoffice.core import queue, tokens
from boxoffice.core.errors import NotAdmitted, PlaceHeld, TokenInvalid

SALT = "0" * 32


def places(redis, concert):
    return redis.hlen(f"{{concert:{concert}}}:places")


def test_a_second_terminal_is_told_since_when_another_has_the_place(redis, concert, settings):
    place = queue.join(redis, concert, 1, settings)
    with pytest.raises(PlaceHeld, match=r"since [0-2][0-9]:[0-5][0-9]$"):
        queue.join(redis, concert, 1, settings)
    assert queue.check(redis, place.token, settings).state == "admitted"
    assert places(redis, concert) == 1


def test_who_takes_over_keeps_the_place_and_the_other_terminals_tokens_end(
    redis, concert, settings
):
    queue.configure(redis, concert, settings, state="paused")
    first = queue.join(redis, concert, 1, settings)
    queue.join(redis, concert, 2, settings)
    second = queue.join(redis, concert, 1, settings, take_over=True)
    assert second.position == 1
    for act in (queue.poll, queue.leave):
        with pytest.raises(TokenInvalid, match="another terminal"):
            act(redis, first.token, settings)
    admission = queue.check(redis, first.token, settings)
    assert (admission.user, admission.state) == (1, "taken")
    with pytest.raises(TokenInvalid, match="another terminal"):
        queue.require_admitted(admission)
    with pytest.raises(NotAdmitted):
        queue.require_admitted(queue.check(redis, second.token, settings))


def test_a_terminal_that_was_taken_over_from_cannot_end_the_admission(redis, concert, settings):
    first = queue.join(redis, concert, 1, settings)
    second = queue.join(redis, concert, 1, settings, take_over=True)
    assert queue.finish(redis, first.token, settings) is False
    assert queue.finish(redis, second.token, settings) is True


def test_the_first_terminal_may_take_the_place_back(redis, concert, settings):
    first = queue.join(redis, concert, 1, settings)
    second = queue.join(redis, concert, 1, settings, take_over=True)
    with pytest.raises(PlaceHeld):
        queue.join(redis, concert, 1, settings, token=first.token)
    again = queue.join(redis, concert, 1, settings, token=first.token, take_over=True)
    assert len({first.token, second.token, again.token}) == 3
    assert queue.check(redis, again.token, settings).state == "admitted"
    assert queue.check(redis, second.token, settings).state == "taken"


def test_to_take_over_where_nobody_is_takes_a_place(redis, concert, settings):
    assert queue.join(redis, concert, 1, settings, take_over=True).state == "admitted"
    assert places(redis, concert) == 1


def test_who_shows_the_token_in_force_takes_nothing_over(redis, concert, settings):
    first = queue.join(redis, concert, 1, settings)
    again = queue.join(redis, concert, 1, settings, token=first.token, take_over=True)
    assert again.token == first.token
    assert queue.check(redis, first.token, settings).state == "admitted"


def test_a_call_repeated_for_a_lost_answer_is_not_another_terminal(redis, concert, settings):
    """The client sends the same call again by itself: the token made for it is the same."""
    made = tokens.make(concert, 1, bytes.fromhex(SALT), "")
    for take_over, number in (("0", 1), ("0", 1), ("1", 1), ("1", 1)):
        reply = queue.places.run(
            redis,
            "join",
            concert,
            settings,
            (
                queue.places.key_of(made),
                f"{{concert:{concert}}}:token:",
                f"{{concert:{concert}}}:op:",
            ),
            1,
            SALT,
            "0",
            take_over,
            "",
        )
        assert (reply[0], reply[7], reply[10]) == ("admitted", SALT, str(number))
    assert queue.check(redis, made, settings).state == "admitted"


def test_a_key_whose_place_was_taken_over_says_so_and_makes_nothing(redis, concert, settings):
    first = queue.join(redis, concert, 1, settings, key="k")
    second = queue.join(redis, concert, 1, settings, take_over=True)
    for _ in range(2):
        with pytest.raises(TokenInvalid, match="another terminal"):
            queue.join(redis, concert, 1, settings, key="k", take_over=True)
    assert queue.check(redis, first.token, settings).state == "taken"
    assert queue.check(redis, second.token, settings).state == "admitted"


def test_a_take_over_is_done_once_a_key(redis, concert, settings):
    queue.join(redis, concert, 1, settings)
    taken = [queue.join(redis, concert, 1, settings, key="k", take_over=True) for _ in range(3)]
    assert len({place.token for place in taken}) == 1
    assert [place.replayed for place in taken] == [False, True, True]
    assert queue.check(redis, taken[0].token, settings).state == "admitted"
