"""The queue against a model of it in a few lines, over random walks of operations.

No time passes in the model: the limits are hours long, and the rate gives back one
admission a minute, so that the burst is all there is.
"""

from __future__ import annotations

import itertools
import os

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from boxoffice.core import queue
from boxoffice.core.errors import KeyReused, PlaceNotFound, QueueClosed

CONCERTS = itertools.count(os.getpid() * 1_000_000 + 900_000)
USERS = st.integers(1, 6)
KEYS = st.none() | st.sampled_from(["a", "b", "c"])
BURST = 12


class QueueMachine(RuleBasedStateMachine):
    redis = None
    defaults = None

    def __init__(self):
        super().__init__()
        self.concert = next(CONCERTS)
        self.state, self.capacity, self.left_of_burst = "open", 2, BURST
        self.waiting, self.admitted = [], []  # (user, place number), in order
        self.numbers = itertools.count(1)
        self.tokens = {}  # token -> (user, place number)
        self.gone_by_leaving = set()  # tokens
        self.keys = {}  # key -> (user, place number, token)
        queue.configure(
            self.redis, self.concert, burst=BURST, rate_per_minute=1, capacity=2, state="open"
        )

    def move(self):
        while (
            self.state in ("open", "drain")
            and self.waiting
            and len(self.admitted) < self.capacity
            and self.left_of_burst
        ):
            self.admitted.append(self.waiting.pop(0))
            self.left_of_burst -= 1

    def place_of(self, user):
        return next((p for p in self.waiting + self.admitted if p[0] == user), None)

    def expect(self, answer, place):
        assert answer.user == place[0]
        if place in self.admitted:
            assert (answer.state, answer.position) == ("admitted", None)
        else:
            assert (answer.state, answer.position) == ("waiting", self.waiting.index(place) + 1)

    @rule(user=USERS, key=KEYS)
    def join(self, user, key):
        earlier = self.keys.get(key) if key else None
        place = earlier[:2] if earlier else self.place_of(user)
        refusal = None
        if earlier and earlier[0] != user:
            refusal = KeyReused
        elif earlier and place not in self.waiting + self.admitted:
            refusal = PlaceNotFound
        elif place is None and self.state not in ("pre", "open", "paused"):
            refusal = QueueClosed
        elif place is None:
            place = (user, next(self.numbers))
            self.waiting.append(place)
        if refusal is None:
            self.move()
            if place in self.waiting and self.state == "closed":
                refusal = QueueClosed
        if refusal:
            with pytest.raises(refusal):
                queue.join(self.redis, self.concert, user, self.defaults, key=key)
            return
        answer = queue.join(self.redis, self.concert, user, self.defaults, key=key)
        self.expect(answer, place)
        assert answer.replayed == bool(earlier)
        assert self.tokens.setdefault(answer.token, place) == place
        if earlier:
            assert answer.token == earlier[2]
        elif key:
            self.keys[key] = (*place, answer.token)

    @precondition(lambda self: self.tokens)
    @rule(data=st.data())
    def poll(self, data):
        token = data.draw(st.sampled_from(list(self.tokens)))
        place = self.tokens[token]
        self.move()
        if place not in self.waiting + self.admitted:
            with pytest.raises(PlaceNotFound):
                queue.poll(self.redis, token, self.defaults)
        elif place in self.waiting and self.state == "closed":
            with pytest.raises(QueueClosed):
                queue.poll(self.redis, token, self.defaults)
        else:
            self.expect(queue.poll(self.redis, token, self.defaults), place)

    @precondition(lambda self: self.tokens)
    @rule(data=st.data(), seconds=st.sampled_from([0, 10]))
    def check(self, data, seconds):
        token = data.draw(st.sampled_from(list(self.tokens)))
        place = self.tokens[token]
        self.move()
        answer = queue.renew(self.redis, token, self.defaults, seconds)
        if place in self.waiting + self.admitted:
            self.expect(answer, place)
        else:
            assert (answer.user, answer.state) == (place[0], "ended")

    @precondition(lambda self: self.tokens)
    @rule(data=st.data())
    def finish(self, data):
        token = data.draw(st.sampled_from(list(self.tokens)))
        place = self.tokens[token]
        live = place in self.admitted
        if live:
            self.admitted.remove(place)
        self.move()
        assert queue.finish(self.redis, token, self.defaults) == live

    @precondition(lambda self: self.tokens)
    @rule(data=st.data())
    def leave(self, data):
        token = data.draw(st.sampled_from(list(self.tokens)))
        place = self.tokens[token]
        if place not in self.waiting + self.admitted and token not in self.gone_by_leaving:
            with pytest.raises(PlaceNotFound):
                queue.leave(self.redis, token, self.defaults)
            return
        again = token in self.gone_by_leaving
        self.waiting = [p for p in self.waiting if p != place]
        self.admitted = [p for p in self.admitted if p != place]
        self.gone_by_leaving.add(token)
        self.move()
        answer = queue.leave(self.redis, token, self.defaults)
        assert (answer.user, answer.state, answer.replayed) == (place[0], "left", again)

    @rule(state=st.sampled_from(queue.STATES) | st.just("open"))
    def change_state(self, state):
        self.state = state
        queue.configure(self.redis, self.concert, state=state)

    @rule(capacity=st.integers(1, 5))
    def change_capacity(self, capacity):
        self.capacity = capacity
        queue.configure(self.redis, self.concert, capacity=capacity)

    @rule()
    def work(self):
        self.move()
        line = queue.admit(self.redis, self.concert, self.defaults)
        assert (line.waiting, line.admitted) == (len(self.waiting), len(self.admitted))

    @invariant()
    def sets_are_those_of_the_model(self):
        tag = f"{{concert:{self.concert}}}"
        waiting = self.redis.zrange(f"{tag}:waiting", 0, -1, withscores=True)
        assert [(int(user), int(number)) for user, number in waiting] == self.waiting
        admitted = {int(user) for user in self.redis.zrange(f"{tag}:admitted", 0, -1)}
        assert admitted == {user for user, _ in self.admitted}
        assert {int(user) for user in self.redis.hkeys(f"{tag}:places")} == admitted
        seen = {int(user) for user in self.redis.zrange(f"{tag}:seen", 0, -1)}
        assert seen == {user for user, _ in self.waiting}


def test_a_random_walk_over_the_queue_never_leaves_its_model(redis, settings):
    QueueMachine.redis = redis
    QueueMachine.defaults = settings
    run_state_machine_as_test(
        QueueMachine,
        settings=hypothesis.settings(
            max_examples=100,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=[hypothesis.HealthCheck.too_slow],
        ),
    )
