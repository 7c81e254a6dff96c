"""Ten thousand command lines that nobody means: no trace, no stray character, no lost cent."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from boxoffice.core import language, plans
from tests.commands.conftest import invoke
from tests.conftest import make_world, small_plan
from tests.fuzz.hostile import word
from tests.fuzz.lines import TOKEN, Learned, Lines, asks_for_json, kept_inside
from tests.fuzz.manners import require_manners
from tests.fuzz.seeds import SEED, chance_of, share
from tests.invariants import assert_consistent

PORTIONS = 4
# Not the servers' addresses: a made-up one would leave the box.
VARIABLES = ("USER", "TOKEN", "ROLE", "CURRENCY", "TIME_ZONE", "HOLD_SECONDS", "POLL_NEAR_SECONDS")
PASSWORD = "hunter2-canary"
# What a portion must have done, or it has tried nothing.
SUCCESSES_MIN = {"charge": 3, "enqueue": 3, "leave": 3, "user add": 3, "doctor": 1, "reserve": 1}


class Typist:
    """Types made-up lines at the command line of a world, and checks every answer."""

    def __init__(self, world, name: str, file) -> None:
        self.world, self.box = world, world.box
        self.chance = chance_of(name)
        with file.open("wb") as plan:
            plans.write_plan(small_plan("Other room", rows=1, seats=2), plan)
        self.plan = file.read_bytes()
        self.lines = Lines(self.chance, Learned(str(file)))
        self.done: Counter[str] = Counter()

    def type(self, number: int) -> None:
        command = self.lines.command()
        words = kept_inside(self.lines.line(command))
        environment = self.environment()
        ran = self.run(words, environment)
        try:
            require_manners(
                ran,
                words,
                as_json=asks_for_json(words, self.lines.commands),
                secrets=(PASSWORD, *TOKEN.findall(environment.get("BOXOFFICE_TOKEN", ""))),
            )
        except (AssertionError, ValueError) as error:
            raise AssertionError(
                f"{error}\nFUZZ_SEED={SEED}, line {number}: {words!r}\n{ran}"
            ) from error
        self.lines.learned.hear(ran.out)
        self.done[" ".join(command.path)] += ran.code == 0

    def run(self, words: list[str], environment: dict[str, str]):
        language.use(environ=environment)
        try:
            return invoke(self.box, *words, stdin=self.stdin(), **environment)
        finally:
            language.use("en")

    def environment(self) -> dict[str, str]:
        """Be somebody else each time: a role, a language, sometimes with a token or as a user."""
        known = self.lines.learned.tokens
        drawn = {
            "BOXOFFICE_ROLE": self.chance.choice(("admin", "admin", "clerk", "customer")),
            "LANG": self.chance.choice(("C.UTF-8", "C.UTF-8", "ko_KR.UTF-8")),
            "HOME": str(self.box.home),
        }
        if known and self.chance.random() < 0.3:
            drawn["BOXOFFICE_TOKEN"] = self.chance.choice(known)
        if self.chance.random() < 0.1:
            drawn["BOXOFFICE_USER"] = self.chance.choice(("user1", "user2", "nobody"))
        if self.chance.random() < 0.05:
            drawn[f"BOXOFFICE_{self.chance.choice(VARIABLES)}"] = self._variable()
        return drawn

    def _variable(self) -> str:
        """Draw what a variable can hold: no NUL, and no surrogate but those of stray bytes."""
        while True:
            text = word(self.chance)
            try:
                if b"\0" not in os.fsencode(text):
                    return text
            except UnicodeEncodeError:
                continue

    def stdin(self) -> bytes:
        kind = self.chance.random()
        if kind < 0.2:
            return self.plan
        if kind < 0.4 and self.lines.learned.tokens:
            return self.lines.learned.tokens[-1].encode()
        return word(self.chance).encode(errors="surrogatepass") if kind < 0.6 else b""


@pytest.mark.parametrize("portion", range(PORTIONS))
def test_no_command_line_breaks_the_program_or_the_books(box, tmp_path, portion):
    box.environment["BOXOFFICE_DATABASE_URL"] = box.settings.database_url.replace(
        "boxoffice@", f"boxoffice:{PASSWORD}@"
    )
    typist = Typist(make_world(box), f"lines {portion}", tmp_path / "plan.json")
    for number in range(share(2_500, 10_000) // PORTIONS):
        typist.type(number)
    assert_consistent(box)
    assert typist.world.office.verify() == ()
    assert all(typist.done[command] >= least for command, least in SUCCESSES_MIN.items()), (
        typist.done
    )


def test_every_command_and_option_there_is_is_known():
    lines = Lines(chance_of("known"), Learned(""))
    paths = {" ".join(command.path) for command in lines.commands}
    assert {"", "pay", "store reset", "venue import"} <= paths
    assert {"--json", "-k", "--sale-opens", "--version", "--ascii"} <= set(lines.options)


@pytest.mark.parametrize("words", [["demo", "--yes"], ["demo", "-y"], ["demo", "-qy"]])
def test_a_demonstration_is_never_agreed_to(words):
    assert kept_inside(words) == ["demo"]


def test_the_private_servers_are_neither_stopped_nor_emptied(box):
    for words in (["store", "start"], ["store", "stop"], ["store", "reset", "--yes"]):
        ran = invoke(box, *words, "--json")
        assert ran.error["code"] == "store_not_embedded"
