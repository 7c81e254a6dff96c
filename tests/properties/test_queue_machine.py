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
from boxoffice.core.errors import (
    DrawRefused,
    KeyReused,
    PlaceHeld,
    PlaceNotFound,
    QueueClosed,
    TokenInvalid,
)
from boxoffice.core.queue import draw
from tests.core.conftest import begin

CONCERTS = itertools.count(os.getpid() * 1_000_000 + 900_000)
USERS = st.integers(1, 6)
KEYS = st.none() | st.sampled_from(["a", "b", "c"])
BURST = 12
SEED = "a seed"


class QueueMachine(RuleBasedStateMachine):
    redis = None
    defaults = None

    def __init__(self):
        super().__init__()
        self.concert = next(CONCERTS)
        self.state, self.capacity, self.left_of_burst = "open", 2, BURST
        self.waiting, self.admitted = [], []  # (user, place number), in order
        self.numbers = itertools.count(1)
        self.base = 0
        self.drawn, self.is_drawn = set(), False  # places, and whether the draw was held
        self.terminals = {}  # place -> how many terminals have had it
        self.tokens = {}  # token -> (place, terminal)
        self.stubs = {}  # token -> stub
        self.gone_by_leaving = set()  # tokens
        self.keys = {}  # key -> (place, terminal, token)
        begin(self.redis, self.concert)
        queue.configure(
            self.redis,
            self.concert,
            self.defaults,
            burst=BURST,
            rate_per_minute=1,
            capacity=2,
            state="open",
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

    def is_in_force(self, token):
        place, terminal = self.tokens[token]
        return token not in self.gone_by_leaving and self.terminals.get(place) == terminal

    def expect(self, answer, place):
        assert answer.user == place[0]
        if place in self.admitted:
            assert (answer.state, answer.position) == ("admitted", None)
        elif self.state == "pre":
            assert (answer.state, answer.position) == ("waiting", None)
        else:
            assert (answer.state, answer.position) == ("waiting", self.waiting.index(place) + 1)

    def enter(self, place):
        self.waiting.append(place)
        self.waiting.sort(key=self.order)
        self.terminals[place] = 1

    def order(self, place):
        return (0, draw.lot(SEED, place[0])) if place in self.drawn else (1, place[1])

    def refusal_to_join(self, user, earlier, take_over):
        place = earlier[0] if earlier else self.place_of(user)
        live = place in self.waiting + self.admitted
        if earlier and place[0] != user:
            return KeyReused
        if earlier and not live:
            return PlaceNotFound
        if earlier and self.terminals[place] != earlier[1]:
            return TokenInvalid
        if not earlier and live and not take_over:
            return PlaceHeld
        if not live and self.state not in ("pre", "open", "paused"):
            return QueueClosed
        return None

    @rule(user=USERS, key=KEYS, take_over=st.booleans())
    def join(self, user, key, take_over):
        earlier = self.keys.get(key) if key else None
        place = earlier[0] if earlier else self.place_of(user)
        refusal = self.refusal_to_join(user, earlier, take_over)
        if refusal is None:
            if place is None:
                place = (user, next(self.numbers))
                if self.state == "pre":
                    self.drawn.add(place)
                self.enter(place)
            elif not earlier:
                self.terminals[place] += 1
            self.move()
            if place in self.waiting and self.state == "closed":
                refusal = QueueClosed
        asked = (self.redis, self.concert, user, self.defaults)
        if refusal:
            with pytest.raises(refusal):
                queue.join(*asked, key=key, take_over=take_over)
            return
        answer = queue.join(*asked, key=key, take_over=take_over)
        self.expect(answer, place)
        assert answer.replayed == bool(earlier)
        held = (place, self.terminals[place])
        assert self.tokens.setdefault(answer.token, held) == held
        self.stubs[answer.token] = answer.stub
        if earlier:
            assert answer.token == earlier[2]
        elif key:
            self.keys[key] = (*held, answer.token)

    def refusal_of(self, token):
        """What anybody is told who asks about a token's place."""
        place, _ = self.tokens[token]
        if place not in self.waiting + self.admitted or token in self.gone_by_leaving:
            return PlaceNotFound
        if not self.is_in_force(token):
            return TokenInvalid
        if place in self.waiting and self.state == "closed":
            return QueueClosed
        return None

    @precondition(lambda self: self.tokens)
    @rule(data=st.data())
    def poll(self, data):
        token = data.draw(st.sampled_from(list(self.tokens)))
        self.move()
        refusal = self.refusal_of(token)
        if refusal:
            with pytest.raises(refusal):
                queue.poll(self.redis, token, self.defaults)
        else:
            self.expect(queue.poll(self.redis, token, self.defaults), self.tokens[token][0])

    @precondition(lambda self: self.tokens)
    @rule(data=st.data(), seconds=st.sampled_from([0, 10]))
    def check(self, data, seconds):
        token = data.draw(st.sampled_from(list(self.tokens)))
        place, _ = self.tokens[token]
        self.move()
        answer = queue.renew(self.redis, token, self.defaults, seconds)
        refusal = self.refusal_of(token)
        if refusal is PlaceNotFound:
            assert (answer.user, answer.state) == (place[0], "ended")
        elif refusal is TokenInvalid:
            assert (answer.user, answer.state) == (place[0], "taken")
        else:
            self.expect(answer, place)

    @precondition(lambda self: self.tokens)
    @rule(data=st.data())
    def finish(self, data):
        token = data.draw(st.sampled_from(list(self.tokens)))
        place, _ = self.tokens[token]
        live = place in self.admitted and self.is_in_force(token)
        if live:
            self.admitted.remove(place)
        self.move()
        assert queue.finish(self.redis, token, self.defaults) == live

    @precondition(lambda self: self.tokens)
    @rule(data=st.data())
    def leave(self, data):
        token = data.draw(st.sampled_from(list(self.tokens)))
        place, _ = self.tokens[token]
        again = token in self.gone_by_leaving
        refusal = self.refusal_of(token)
        if not again and refusal in (PlaceNotFound, TokenInvalid):
            with pytest.raises(refusal):
                queue.leave(self.redis, token, self.defaults)
            return
        if not again:
            self.waiting = [p for p in self.waiting if p != place]
            self.admitted = [p for p in self.admitted if p != place]
        self.gone_by_leaving.add(token)
        self.move()
        answer = queue.leave(self.redis, token, self.defaults)
        assert (answer.user, answer.state, answer.replayed) == (place[0], "left", again)

    @rule(state=st.sampled_from(queue.STATES) | st.just("open"))
    def change_state(self, state):
        asked = (self.redis, self.concert, self.defaults)
        if state == "pre" != self.state and (self.is_drawn or self.waiting or self.admitted):
            with pytest.raises(DrawRefused):
                queue.configure(*asked, seed=SEED, state=state)
            return
        was, self.state = self.state, state
        counted = queue.configure(*asked, seed=SEED, state=state)
        self.is_drawn = self.is_drawn or was == "pre" != state
        assert counted == (len(self.waiting) if was == "pre" != state else None)

    @rule()
    def lose_everything(self):
        """The server is emptied; every terminal comes back with its stub, in any order."""
        queue_keys = list(self.redis.scan_iter(f"{{concert:{self.concert}}}:*"))
        settings = self.redis.hgetall(f"{{concert:{self.concert}}}:settings")
        kept = {name.decode(): value.decode() for name, value in settings.items()}
        bucket = self.redis.hmget(f"{{concert:{self.concert}}}:line", "bucket", "bucket_time")
        self.redis.delete(*queue_keys)
        self.base += 2**32
        seed = SEED if self.drawn or self.state == "pre" else None
        known = {"base": self.base, "lost": True, "seed": seed, "settings": kept}
        begin(self.redis, self.concert, **known)
        queue.admit_holders(self.redis, self.concert, self.defaults, [])
        tag = f"{{concert:{self.concert}}}:line"
        if bucket[0] is not None:
            self.redis.hset(tag, mapping={"bucket": bucket[0], "bucket_time": bucket[1]})
        if self.is_drawn:
            self.redis.hset(tag, "drawn", 0)
        self.come_back()
        self.redis.hdel(tag, "recover_from")  # and the minute is over

    def come_back(self):
        """Tokens whose place lives are restored; the others' ends were lost with them."""
        known = [token for token in self.tokens if self.is_in_force(token)]
        lost = [token for token in self.tokens if token not in known]
        for token in lost:
            del self.tokens[token]
        self.gone_by_leaving.clear()
        self.keys.clear()
        live = [token for token in known if self.tokens[token][0] in self.waiting + self.admitted]
        self.tokens = {token: self.tokens[token] for token in live}
        self.waiting = sorted(self.waiting + self.admitted, key=self.order)
        self.admitted = []
        held = {self.tokens[token][0] for token in live}
        self.waiting = [place for place in self.waiting if place in held]
        for token in sorted(live):
            assert queue.restore(self.redis, token, self.stubs[token], self.defaults)
            assert not queue.restore(self.redis, token, self.stubs[token], self.defaults)
        self.numbers = itertools.count(self.base + 1)

    @rule(capacity=st.integers(1, 5))
    def change_capacity(self, capacity):
        self.capacity = capacity
        queue.configure(self.redis, self.concert, self.defaults, capacity=capacity)

    @rule()
    def work(self):
        self.move()
        line = queue.admit(self.redis, self.concert, self.defaults)
        assert (line.waiting, line.admitted) == (len(self.waiting), len(self.admitted))

    @invariant()
    def sets_are_those_of_the_model(self):
        tag = f"{{concert:{self.concert}}}"
        waiting = self.redis.zrange(f"{tag}:waiting", 0, -1, withscores=True)
        assert [int(user) for user, _ in waiting] == [user for user, _ in self.waiting]
        for user, number in waiting:
            assert (number < 0) == (self.place_of(int(user)) in self.drawn)
        admitted = {int(user) for user in self.redis.zrange(f"{tag}:admitted", 0, -1)}
        assert admitted == {user for user, _ in self.admitted}
        placed = {int(user) for user in self.redis.hkeys(f"{tag}:places")}
        assert placed == {user for user, _ in self.waiting + self.admitted}
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
