"""Command lines made up from the commands that there are: a new command is tried by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from boxoffice.commands.app import command_line
from tests.fuzz.hostile import word
from tests.fuzz.materials import FILES, PDF

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

NOISE_SHARE, SOUND_SHARE = 0.04, 0.4
HOSTILE_SHARE, OPTION_SHARE, DAMAGED_SHARE = 0.3, 0.3, 0.5
SELDOM_SHARE, ARGUMENT_SHARE = 0.15, 0.85
SALE_WEIGHT, CHANGES_WEIGHT, ENDING_WEIGHT = 8, 3, 0.2
NAMED_SEAT = {"seat": 1.0, "best": 0.0, "section": 0.0, "row": 0.0, "category": 0.0}
IDENTITIES = ("staff", "user", "token")
DAMAGES_MAX = 3
NOISE_WORDS_MAX = 8
WAIT_SECONDS = "0.01"
LEARNED_MAX = 40
COMPLETION = ("--install-completion", "--show-completion")

# What has more to try than others that change nothing.
OFTEN = {"ticket", "report", "export", "outbox", "worker"}
SALE = {"enqueue", "leave", "reserve", "pay", "cancel", "charge"}
# What ends the sale that all other lines are about.
ENDINGS = {"performance cancel", "concert cancel", "user anonymise"}
ENDINGS |= {f"queue {state}" for state in ("pause", "drain", "close", "pre")}

# What a person might well type, by the name of the parameter; others are only fuzzed.
PLAUSIBLE = {
    "absence": ("60", "default"),
    "action": ("pay", "charge"),
    "amount": ("5", "60000", "1000000"),
    "best": ("1", "2", "3"),
    "burst": ("5", "default"),
    "by": ("performance", "day", "hour", "clerk", "tender", "category", "price-type", "section"),
    "capacity": ("20", "default"),
    "category": ("Standard",),
    "charge": ("60000",),
    "claim": ("60",),
    "clerk": ("admin:root", "anna"),
    "closes": ("2099-12-24T18:00",),
    "concert": ("1", "Concert", "2"),
    "currency": ("KRW",),
    "date": ("2099-12-24T19:30", "2099-12-25T19:30+09:00"),
    "day": ("today", "all", "2026-12-24"),
    "fields": ("id,name", "seat,price", "reservation,state"),
    "form": ("csv", "jsonl"),
    "gate": ("West",),
    "jobs": ("1", "2"),
    "key": ("k1", "k2", "k3", "k4", "k5"),
    "kind": ("house", "technical", "companion"),
    "lang": ("en", "ko"),
    "life": ("300",),
    "life_max": ("900", "default"),
    "limit": ("1", "100"),
    "note": ("for the band",),
    "opens": ("2020-01-01T00:00",),
    "performance": ("1", "1", "1", "2"),
    "plan_format": ("boxoffice", "pretix"),
    "price": ("Standard=50000", "Standard:child=20000"),
    "price_type": ("adult", "child"),
    "rate": ("600", "default"),
    "reason": ("asked for",),
    "recover": ("0",),
    "row": ("C", "E"),
    "sale_closes": ("2099-12-24T18:00",),
    "sale_opens": ("2020-01-01T00:00",),
    "seat": tuple(f"{row}-{number}" for row in "ABCDE" for number in range(1, 11)),
    "section": ("Floor",),
    "since": ("2020-01-01", "2026-12-24T19:30"),
    "staff": ("20", "default"),  # how many may sell beside the queue
    "state": ("waiting", "retrying", "dead", "sent"),
    "text": ("user", "1"),
    "timeout": (WAIT_SECONDS,),
    "until": ("2099-12-24T10:00", "2099-12-24"),
    "user": ("user1", "user1", "user1", "user2", "user3", "1"),
    "venue": ("Room", "1"),
}
REFERENCE = re.compile(r"\bR(?:-[0-9A-Z]{3,4}){3,}\b")
TOKEN = re.compile(r"\bc\d+-[0-9A-Z]{34}\b")
CODE = re.compile(r"\bT(?:[0-9A-Z]{1,4}-){5,}[0-9A-Z]{1,4}\b")
EVENT = re.compile(r"\b(?:pay|cancel):R-[0-9A-Z-]+\b")


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
    """What the answers told and the next lines use: references, tokens, tickets and events."""

    references: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    names: int = 0

    def hear(self, answer: str) -> None:
        """Keep the newest of each in an answer."""
        kinds = (self.references, self.tokens, self.codes, self.events)
        for kept, pattern in zip(kinds, (REFERENCE, TOKEN, CODE, EVENT), strict=True):
            kept.extend(pattern.findall(answer))
            del kept[:-LEARNED_MAX]

    def values(self, command: Command, name: str) -> tuple[str, ...]:
        """Return what fits a parameter of a command, if anything is known to."""
        if file := FILES.get((" ".join(command.path), name)):
            return (file, file, "-")
        if name == "name":
            return self._name(command.path[-1])
        if name == "reservation" and command.path[0] == "ticket":
            return tuple(event.partition(":")[2] for event in self.events)
        known = {"reservation": self.references, "events": self.events}
        if name in known:
            return tuple(known[name])
        if name in ("token", "code"):
            return (*(self.tokens if name == "token" else self.codes), "-")
        return PLAUSIBLE.get(name, ())

    def _name(self, command: str) -> tuple[str, ...]:
        if command in ("example", "export"):
            return ("club",) if command == "example" else PLAUSIBLE["venue"]
        self.names += 1
        return (f"name {self.names}",)


def commands() -> tuple[Command, ...]:
    """Return every command and group of the program, the program itself first."""
    return tuple(_walk(command_line(), ()))


def _weight(command: Command) -> float:
    name = " ".join(command.path)
    if name in SALE | ENDINGS:
        return SALE_WEIGHT if name in SALE else ENDING_WEIGHT
    is_change = any(each.name == "key" and each.options for each in command.parameters)
    return CHANGES_WEIGHT if is_change or OFTEN.intersection(command.path[:1]) else 1


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
        self.weights = [_weight(command) for command in self.commands]
        self.options = sorted({o for c in self.commands for p in c.parameters for o in p.options})

    def command(self) -> Command:
        """Draw a command, those that change something more often than others."""
        return self.chance.choices(self.commands, self.weights)[0]

    def line(self, command: Command) -> list[str]:
        """Make up a line of a command."""
        mood = self.chance.random()
        if mood < NOISE_SHARE:
            return [self._anything() for _ in range(self.chance.randrange(NOISE_WORDS_MAX))]
        if mood < SOUND_SHARE:
            return [*command.path, *self._arguments(command, self._sound(command), 0.0)]
        wild = [p for p in command.parameters if self._is_given(p, OPTION_SHARE)]
        words = [*command.path, *self._arguments(command, wild, HOSTILE_SHARE)]
        if self.chance.random() < DAMAGED_SHARE:
            for _ in range(self.chance.randint(1, DAMAGES_MAX)):
                self._damage(words)
        return words

    def _sound(self, command: Command) -> list[Parameter]:
        """Choose parameters that go together: who asks by one of three ways, and one seat."""
        who = self.chance.choice((*[("staff", "user")] * 4, ("user",), ("token",)))
        shares = dict.fromkeys(IDENTITIES, 0.0) | dict.fromkeys(who, 1.0)
        shares |= NAMED_SEAT if self.chance.random() < 0.8 else {"best": 1.0}
        return [
            parameter
            for parameter in command.parameters
            if self._is_given(parameter, shares.get(parameter.name, SELDOM_SHARE))
        ]

    def _is_given(self, parameter: Parameter, share: float) -> bool:
        """Tell whether to give what may be left out, of which arguments seldom are."""
        if parameter.required:
            return True
        return self.chance.random() < (share if parameter.options else ARGUMENT_SHARE)

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
    if "bench" in words:  # takes its time; without the mark it is refused
        words = [each for each in words if not each.startswith("--m")]
    if "worker" in words:  # would work until it is told to end
        words = _after("worker", words, "--once")
    if "ticket" in words:  # writes files: none but here, since tests run as root, too
        words = [re.sub("[/\0]", "", each) for each in words]
    if "pdf" in words:  # is no text: into a file, then
        words = [re.sub(r"(^|=)-$", rf"\1{PDF}", each) for each in words]
    if "counter" in words:  # would serve pages until it is stopped
        words = [each for each in words if not each.startswith("--web")]
    for waiting in ("--wait", "book"):  # would wait for a turn that need not come
        if waiting in words:
            words = [WAIT_SECONDS if _is_long_wait(each) else each for each in words]
            words = _after(waiting, words, "--timeout", WAIT_SECONDS)
    return words


def _after(word: str, words: list[str], *more: str) -> list[str]:
    at = words.index(word) + 1
    return [*words[:at], *more, *words[at:]]


def _is_long_wait(text: str) -> bool:
    try:
        return float(text.rpartition("=")[2]) > float(WAIT_SECONDS)
    except ValueError:
        return False


def asks_for_json(words: list[str], known: tuple[Command, ...]) -> bool:
    """Tell whether a line that succeeded must have answered in JSON: asked for, and nothing else.

    `-q` wants ids alone, help and the version are texts, and behind an option that takes a
    value, or behind `--`, the word is no option. What answers line by line, or on stderr alone,
    may have nothing to say.
    """
    valued = {o for c in known for p in c.parameters if p.takes_value for o in p.options}
    others = ("--quiet", "--help", "--version", "--show-completion", "--install-completion", "--")
    if any(each in others or re.match(r"-\w*[qh]", each) for each in words):
        return False
    before = dict(zip(words[1:], words, strict=False))
    return "--json" in words and before.get("--json") not in valued
