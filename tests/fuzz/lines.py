"""Command lines made up from the commands that there are: a new command is tried by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from boxoffice.commands.app import command_line
from tests.fuzz.hostile import word

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

NOISE_SHARE, SOUND_SHARE = 0.04, 0.4
HOSTILE_SHARE, OPTION_SHARE, DAMAGED_SHARE = 0.3, 0.3, 0.5
CHANGES_WEIGHT = 4
IDENTITIES = ("staff", "user", "token")
DAMAGES_MAX = 3
NOISE_WORDS_MAX = 8
WAIT_SECONDS = "0.01"
LEARNED_MAX = 40
COMPLETION = ("--install-completion", "--show-completion")

# What a person might well type, by the name of the parameter; others are only fuzzed.
PLAUSIBLE = {
    "amount": ("5", "60000", "1000000"),
    "best": ("1", "2", "3"),
    "category": ("Standard",),
    "concert": ("1", "Concert", "2"),
    "currency": ("KRW",),
    "date": ("2099-12-24T19:30", "2099-12-25T19:30+09:00"),
    "fields": ("id,name", "seat,price", "reservation,state"),
    "key": ("k1", "k2", "k3", "k4", "k5"),
    "lang": ("en", "ko"),
    "performance": ("1", "1", "1", "2"),
    "price": ("Standard=50000",),
    "sale_closes": ("2099-12-24T18:00",),
    "sale_opens": ("2020-01-01T00:00",),
    "seat": tuple(f"{row}-{number}" for row in "ABCDE" for number in range(1, 11)),
    "section": ("Floor",),
    "timeout": (WAIT_SECONDS,),
    "user": ("user1", "user2", "user3", "1"),
    "venue": ("Room", "1"),
}
REFERENCE = re.compile(r"\bR(?:-[0-9A-Z]{3,4}){3,}\b")
TOKEN = re.compile(r"\bc\d+-[0-9A-Z]{34}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """An argument, or an option by all its names."""

    name: str
    options: tuple[str, ...]
    takes_value: bool
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command by its words, with all that it takes."""

    path: tuple[str, ...]
    parameters: tuple[Parameter, ...]


@dataclass(slots=True)
class Learned:
    """What the answers told and the next lines use: references and tokens."""

    file: str
    references: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    names: int = 0

    def hear(self, answer: str) -> None:
        """Keep the newest references and tokens of an answer."""
        for kept, pattern in ((self.references, REFERENCE), (self.tokens, TOKEN)):
            kept.extend(pattern.findall(answer))
            del kept[:-LEARNED_MAX]

    def values(self, command: Command, name: str) -> tuple[str, ...]:
        """Return what fits a parameter of a command, if anything is known to."""
        if name == "reservation":
            return tuple(self.references)
        if name == "token":
            return (*self.tokens, "-")
        if name == "file":
            return (self.file, "-")
        if name == "name" and command.path[-1] == "example":
            return ("club",)
        if name == "name":
            self.names += 1
            return (f"name {self.names}",)
        return PLAUSIBLE.get(name, ())


def commands() -> tuple[Command, ...]:
    """Return every command and group of the program, the program itself first."""
    return tuple(_walk(command_line(), ()))


def _changes(command: Command) -> bool:
    return any(parameter.name == "key" and parameter.options for parameter in command.parameters)


def _walk(command: Any, path: tuple[str, ...]) -> Iterator[Command]:
    yield Command(path=path, parameters=tuple(map(_parameter, command.params)))
    for name, inner in getattr(command, "commands", {}).items():
        yield from _walk(inner, (*path, name))


def _parameter(parameter: Any) -> Parameter:
    is_option = parameter.param_type_name == "option"
    return Parameter(
        name=parameter.name,
        options=(*parameter.opts, *parameter.secondary_opts) if is_option else (),
        takes_value=not (is_option and parameter.is_flag),
        required=parameter.required,
    )


class Lines:
    """Makes up command lines: many sound, most with something wrong, a few pure noise."""

    def __init__(self, chance: random.Random, learned: Learned) -> None:
        self.chance, self.learned = chance, learned
        self.commands = commands()
        self.options = sorted({o for c in self.commands for p in c.parameters for o in p.options})

    def command(self) -> Command:
        """Draw a command, those that change something more often than others."""
        weights = [CHANGES_WEIGHT if _changes(command) else 1 for command in self.commands]
        return self.chance.choices(self.commands, weights)[0]

    def line(self, command: Command) -> list[str]:
        """Make up a line of a command."""
        mood = self.chance.random()
        if mood < NOISE_SHARE:
            return [self._anything() for _ in range(self.chance.randrange(NOISE_WORDS_MAX))]
        if mood < SOUND_SHARE:
            return [*command.path, *self._arguments(command, self._sound(command), 0.0)]
        wild = [p for p in command.parameters if p.required or self.chance.random() < OPTION_SHARE]
        words = [*command.path, *self._arguments(command, wild, HOSTILE_SHARE)]
        if self.chance.random() < DAMAGED_SHARE:
            for _ in range(self.chance.randint(1, DAMAGES_MAX)):
                self._damage(words)
        return words

    def _sound(self, command: Command) -> list[Parameter]:
        """Choose parameters that go together: who asks by one of three ways, and one seat."""
        who = self.chance.choice((("staff", "user"), ("staff", "user"), ("user",), ("token",)))
        shares = dict.fromkeys(IDENTITIES, 0.0) | dict.fromkeys(who, 1.0)
        shares |= {"seat": 1.0, "best": 0.0} if self.chance.random() < 0.8 else {"best": 1.0}
        return [
            parameter
            for parameter in command.parameters
            if parameter.required or self.chance.random() < shares.get(parameter.name, 0.15)
        ]

    def _arguments(
        self, command: Command, chosen: list[Parameter], hostile_share: float
    ) -> list[str]:
        groups = [self._given(command, parameter, hostile_share) for parameter in chosen]
        self.chance.shuffle(groups)
        return [each for group in groups for each in group]

    def _given(self, command: Command, parameter: Parameter, hostile_share: float) -> list[str]:
        option = [self.chance.choice(parameter.options)] if parameter.options else []
        if not parameter.takes_value:
            return option
        fitting = self.learned.values(command, parameter.name)
        if not fitting or self.chance.random() < hostile_share:
            return [*option, word(self.chance)]
        return [*option, self.chance.choice(fitting)]

    def _damage(self, words: list[str]) -> None:
        at = self.chance.randrange(len(words) + 1)
        kind = self.chance.randrange(8)
        if kind <= 2 or not words:
            words.insert(at, self._anything())
        elif kind == 3:
            del words[at - 1]
        elif kind == 4:
            words.insert(at, words[at - 1])
        elif kind == 5:
            self.chance.shuffle(words)
        elif kind == 6:
            words[at - 1 : at + 1] = ["=".join(words[at - 1 : at + 1])]
        else:
            words[at - 1] = words[at - 1][: self.chance.randrange(len(words[at - 1]) + 1)]

    def _anything(self) -> str:
        kind = self.chance.random()
        if kind < 0.5:
            return self.chance.choice(self.options)
        if kind < 0.6:
            return self.chance.choice(("--", "-qq", "-qh", "-", "--json", "--help", "-u"))
        return word(self.chance)


def kept_inside(words: list[str]) -> list[str]:
    """Take out what would leave the box or never end, and nothing else."""
    # Typer's own: they write into the files of the shell that happens to be above the tests.
    words = [each for each in words if not each.startswith(COMPLETION)]
    if "demo" in words:  # plays for a minute; without a yes it is refused
        words = [each for each in words if not re.match(r"-\w*y|--yes", each)]
    if "worker" in words:  # would work until it is told to end
        words.insert(words.index("worker") + 1, "--once")
    if "counter" in words:  # would serve pages until it is stopped
        words = [each for each in words if not each.startswith("--web")]
    for waiting in ("--wait", "book"):  # would wait for a turn that need not come
        if waiting in words:
            words = [WAIT_SECONDS if _is_long_wait(each) else each for each in words]
            at = words.index(waiting) + 1
            words = [*words[:at], "--timeout", WAIT_SECONDS, *words[at:]]
    return words


def _is_long_wait(text: str) -> bool:
    try:
        return float(text.rpartition("=")[2]) > float(WAIT_SECONDS)
    except ValueError:
        return False


def asks_for_json(words: list[str], known: tuple[Command, ...]) -> bool:
    """Tell whether a line that succeeded must have answered in JSON: asked for, and nothing else.

    `-q` wants ids alone, help and the version are texts, and behind an option that takes a
    value, or behind `--`, the word is no option.
    """
    valued = {o for c in known for p in c.parameters if p.takes_value for o in p.options}
    others = ("--quiet", "--help", "--version", "--show-completion", "--install-completion", "--")
    if any(each in others or re.match(r"-\w*[qh]", each) for each in words):
        return False
    before = dict(zip(words[1:], words, strict=False))
    return "--json" in words and before.get("--json") not in valued
