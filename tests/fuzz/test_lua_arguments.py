"""Every script of the queue, called past the core with keys and arguments that nobody means."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from redis.exceptions import ResponseError

from boxoffice.core.errors import BoxOfficeError
from boxoffice.core.queue import places, scripts
from tests.conftest import key as new_key
from tests.fuzz.hostile import NUMBERS, letters
from tests.fuzz.seeds import SEED, chance_of, share

if TYPE_CHECKING:
    import random

CONCERT, OTHER, CAPACITY = 1, 2, 3
USERS = 12
PARTS = {part for parts in scripts.PARTS.values() for part in parts}
SCRIPTS = sorted({file.stem for file in scripts.LUA.glob("*.lua")} - PARTS)
ALONE = ("verify",)  # sent without the prelude: it moves nothing
# An operator's words may set any capacity, and begin a queue of another database anew.
SETTERS = ("configure", "found")
NUMBER_TEXTS = (*NUMBERS, "", " ", "5", "60", "1e3", "1e15", "1e16", "-1e16", "0/0", "1e309", "x")
BINARY = (b"\x00", b"\xff\xfe", b"5\x00", b"\n", b"%d", b"c" * 70_000)


class Line:
    """A concert's queue in which something goes on, and what of it must stay so."""

    def __init__(self, world, redis, chance: random.Random) -> None:
        self.office, self.redis, self.chance = world.office, redis, chance
        self.office.create_concert("Other", "Room", key=new_key())
        for number in range(len(world.users), USERS):
            self.office.add_user(f"user{number + 1}", key=new_key())
        self.tokens: list[str] = []
        self.number = self.time = 0
        for concert in (CONCERT, OTHER):
            self.office.configure_queue(str(concert), capacity=CAPACITY, state="open")
            for user in range(1, USERS // 3):
                self.office.enqueue(str(concert), str(user), key=new_key())
        self.others = self.contents(OTHER)

    def contents(self, concert: int) -> dict[bytes, bytes]:
        """Return everything that a concert has in Redis."""
        return {key: self.redis.dump(key) for key in self.redis.keys(f"{scripts.tag(concert)}:*")}

    def go_on(self) -> None:
        """Let somebody come or go properly, so that the line never runs dry."""
        with suppress(BoxOfficeError):
            user = self.chance.randint(1, USERS)
            self.tokens.append(self.office.enqueue(str(CONCERT), str(user), key=new_key()).token)
            if self.chance.random() < 0.3:
                self.office.leave(self.chance.choice(self.tokens))

    def key(self, name: str) -> str:
        return f"{scripts.tag(CONCERT)}:{name}"

    def some_key(self) -> str | bytes:
        """Draw a key of this concert that stands where a token or an operation should."""
        known = [places.key_of(token) for token in self.tokens[-USERS:]]
        strange = self.key(f"token:{letters(self.chance)}").encode(errors="replace")
        return self.chance.choice([*known, *known, strange, self.key("op:x")])

    def call(self, script: str, defaults: list[float]) -> tuple[list, list]:
        """Make up the keys and the arguments of one call."""
        chance = self.chance
        keys = [self.key(name) for name in scripts.KEYS]
        keys += [self.some_key() for _ in range(chance.randrange(5))]
        own = [
            str(chance.randint(1, USERS)) if chance.random() < 0.5 else value(chance)
            for _ in range(chance.randrange(6))
        ]
        if script in ALONE or (script in scripts.PARTS and not scripts.PARTS[script]):
            return keys, own
        arguments = [value(chance) if chance.random() < 0.1 else given for given in defaults]
        if chance.random() < 0.1:
            arguments = arguments[: chance.randrange(len(arguments))]
        if chance.random() < 0.1:
            keys = keys[: chance.randrange(len(keys))]
        return keys, [*arguments, *own]

    def require_order(self, *, numbered: bool) -> None:
        """Check that the line is one, and that nothing of the other concert changed."""
        waiting, admitted, seen = (
            set(self.redis.zrange(self.key(name), 0, -1))
            for name in ("waiting", "admitted", "seen")
        )
        assert not waiting & admitted, "somebody waits and is admitted"
        assert seen <= waiting, "somebody was seen who does not wait"
        assert set(self.redis.hkeys(self.key("places"))) >= admitted, "admitted without a place"
        if numbered:
            self._require_numbers(len(admitted))
        assert self.contents(OTHER) == self.others, "another concert was touched"

    def _require_numbers(self, admitted: int) -> None:
        assert admitted <= CAPACITY, "more are admitted than may be"
        number, time = (int(self.redis.hget(self.key("line"), n) or 0) for n in ("number", "time"))
        assert number >= self.number, "a number came twice"
        assert time >= self.time, "time went back"
        self.number, self.time = number, time


def source(script: str) -> str:
    """Return a script as the core sends it."""
    if script in ALONE:
        return (scripts.LUA / f"{script}.lua").read_text()
    return scripts._script(script)[0]


def value(chance: random.Random) -> str | bytes:
    """Draw an argument: a number in some spelling, bytes, letters."""
    kind = chance.random()
    if kind < 0.6:
        return chance.choice(NUMBER_TEXTS)
    if kind < 0.8:
        return chance.choice(BINARY)
    return letters(chance).encode(errors="replace")


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_arguments_break_the_line(world, script):
    defaults = [getattr(world.box.settings, name) for name in scripts.SETTINGS.values()]
    text, answered = source(script), 0
    with world.office.stores.redis() as redis:
        line = Line(world, redis, chance_of(f"lua {script}"))
        for number in range(share(60, 1_000)):
            line.go_on()
            keys, arguments = line.call(script, defaults)
            try:
                with suppress(ResponseError):
                    reply = redis.eval(text, len(keys), *keys, *arguments)
                    assert reply is None or isinstance(reply, int | list | bytes)
                    answered += 1
                line.require_order(numbered=script not in SETTERS)
            except AssertionError as error:
                told = f"FUZZ_SEED={SEED}, {script} {number}: {keys!r} {arguments!r}"
                raise AssertionError(f"{error}\n{told}") from error
    assert answered
