"""Ten thousand command lines that nobody means: no trace, no stray character, no lost cent."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from boxoffice.core import language
from tests.commands.conftest import invoke
from tests.conftest import PRICE, key, make_world, staff
from tests.fuzz.confined import OutsideError, within
from tests.fuzz.hostile import word
from tests.fuzz.lines import TOKEN, Learned, Lines, asks_for_json, kept_inside
from tests.fuzz.manners import require_manners
from tests.fuzz.materials import DOOR, write_materials
from tests.fuzz.seeds import SEED, chance_of, share
from tests.invariants import assert_consistent

PORTIONS, SOLD = 4, 3
# Not the servers' addresses, nor whom events are told: a made-up one would leave the box.
VARIABLES = ("USER", "TOKEN", "ROLE", "CURRENCY", "TIME_ZONE", "HOLD_SECONDS", "POLL_NEAR_SECONDS")
PASSWORD = "hunter2-canary"
ROWS_WORDS = {"import", "--from"}
# What a portion must have done, by command or by group, or it has tried nothing.
SUCCESSES_MIN = {"charge": 1, "enqueue": 2, "leave": 2, "reserve": 1, "user": 3, "store": 1}
SUCCESSES_MIN |= {"performance": 3, "queue": 3, "ticket": 3, "worker": 1, "outbox": 1}
SUCCESSES_MIN |= {"report": 1, "export": 1}


class Typist:
    """Types made-up lines at the command line of a world, and checks every answer."""

    def __init__(self, world, name: str, folder) -> None:
        self.world, self.box = world, world.box
        self.chance = chance_of(name)
        self.files = write_materials(folder)
        self.lines = Lines(self.chance, Learned())
        self.done: Counter[str] = Counter()
        self._sell(folder / DOOR)

    def _sell(self, door_list) -> None:
        """Have money and tickets for the lines that want them: few pay by themselves."""
        office, user = self.world.office, staff("user1")
        for name in ("user1", "user2", "user3"):
            office.charge(10 * PRICE, name, key=key())
        for _ in range(SOLD):
            held = office.reserve(self.world.performance, user, best=1, key=key())
            office.pay(held.reservation, user, key=key())
            (ticket,) = office.show_tickets(held.reservation, user="user1")
            self.lines.learned.hear(f"{ticket.code} pay:{held.reservation}")
        door_list.write_bytes(office.export_tickets(self.world.performance))

    def type(self, number: int) -> None:
        command = self.lines.command()
        # Jobs are forked, and want a stdin that the system knows: real processes have them.
        words = [w for w in kept_inside(self.lines.line(command)) if not w.startswith("--jobs")]
        environment, stdin = self.environment(), self.stdin()
        ran = self.run(words, environment, stdin)
        try:
            require_manners(
                ran,
                words,
                as_json=asks_for_json(words, self.lines.commands),
                secrets=secrets(words, environment, stdin),
            )
        except (AssertionError, ValueError) as error:
            raise AssertionError(
                f"{error}\nFUZZ_SEED={SEED}, line {number}: {words!r}\n{ran}"
            ) from error
        self.lines.learned.hear(ran.out)
        for name in {" ".join(command.path), *command.path[:1]}:
            self.done[name] += ran.code == 0

    def run(self, words: list[str], environment: dict[str, str], stdin: bytes):
        language.use(environ=environment)
        try:
            with within(self.box.home):
                return invoke(self.box, *words, stdin=stdin, **environment)
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
        kind, learned = self.chance.random(), self.lines.learned
        if kind < 0.2:
            return self.chance.choice(self.files)
        if kind < 0.4 and learned.tokens:
            return learned.tokens[-1].encode()
        if kind < 0.5:
            return "\n".join([*learned.codes[-3:], word(self.chance)]).encode(errors="replace")
        return word(self.chance).encode(errors="surrogatepass") if kind < 0.65 else b""


def secrets(words: list[str], environment: dict[str, str], stdin: bytes) -> tuple[str, ...]:
    """Return what must not be told; of a file of rows its columns are, whatever their names."""
    typed = stdin.decode(errors="replace") if ROWS_WORDS.intersection(words) else ""
    tokens = TOKEN.findall(environment.get("BOXOFFICE_TOKEN", ""))
    return (PASSWORD, *(token for token in tokens if token not in typed))


@pytest.mark.parametrize("portion", range(PORTIONS))
def test_no_command_line_breaks_the_program_or_the_books(box, tmp_path, portion):
    box.environment["BOXOFFICE_DATABASE_URL"] = box.settings.database_url.replace(
        "boxoffice@", f"boxoffice:{PASSWORD}@"
    )
    typist = Typist(make_world(box), f"lines {portion}", tmp_path)
    for number in range(share(3_200, 10_000) // PORTIONS):
        typist.type(number)
    assert_consistent(box)
    assert typist.world.office.verify() == ()
    done = typist.done
    assert {name: done[name] for name, least in SUCCESSES_MIN.items() if done[name] < least} == {}


def test_every_command_and_option_there_is_is_known():
    lines = Lines(chance_of("known"), Learned())
    paths = {" ".join(command.path) for command in lines.commands}
    assert {"", "pay", "store reset", "venue import"} <= paths
    assert {"--json", "-k", "--sale-opens", "--version", "--ascii"} <= set(lines.options)


@pytest.mark.parametrize("words", [["demo", "--yes"], ["demo", "-y"], ["demo", "-qy"]])
def test_a_demonstration_is_never_agreed_to(words):
    assert kept_inside(words) == ["demo"]


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (["worker", "--json"], ["worker", "--once", "--json"]),
        (["worker", "status"], ["worker", "--once", "status"]),
        (
            ["ticket", "export", "--output", "/dev/null"],
            ["ticket", "export", "--output", "devnull"],
        ),
        (["ticket", "pdf", "--output=-"], ["ticket", "pdf", "--output=tickets.pdf"]),
    ],
)
def test_what_would_go_on_for_ever_or_write_elsewhere_is_kept_inside(words, kept):
    assert kept_inside(words) == kept


def test_a_write_outside_the_folder_of_the_test_is_stopped(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.touch()
    ways = (
        lambda: outside.open("w"),
        lambda: outside.chmod(0o600),
        lambda: (inside / "file").replace(outside),
        (inside / "link" / "new").touch,
    )
    for way in ways:
        with pytest.raises(AssertionError), within(inside):  # noqa: PT012 - both, always
            (inside / "file").touch()
            (inside / "link").symlink_to(tmp_path)
            with pytest.raises(OutsideError):
                way()


def test_the_private_servers_are_neither_stopped_nor_emptied(box):
    for words in (["store", "start"], ["store", "stop"], ["store", "reset", "--yes"]):
        ran = invoke(box, *words, "--json")
        assert ran.error["code"] == "store_not_embedded"
