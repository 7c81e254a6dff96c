"""What a command loads before it works: nobody pays for what they do not use."""

from __future__ import annotations

import subprocess
import sys

import pytest

from boxoffice.commands.app import command_line
from boxoffice.commands.contents import PANELS
from boxoffice.core import model
from boxoffice.core.concert_cache import CACHE_KEY
from tests.conftest import PRICE, key, staff

HEAVY = ("sqlalchemy", "psycopg", "redis", "rich", "textual", "alembic", "babel", "ijson")
COMMAND_SECONDS = 60


def loaded(box, *arguments):
    """Return which heavy packages a command loaded."""
    return modules(box, *arguments) & {*HEAVY}


def modules(box, *arguments):
    """Run a command as a real process and return the modules that it loaded."""
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "boxoffice", *arguments],
        env=box.environment,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    told = [line for line in ran.stderr.splitlines() if not line.startswith("import time:")]
    assert ran.returncode == 0, told
    names = {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines()}
    assert "boxoffice.commands" in names  # the list is really of this process
    return names


def below(package, names):
    return {name.removeprefix(f"{package}.") for name in names if name.startswith(f"{package}.")}


def test_importing_the_package_imports_nothing_else():
    code = "import sys; before = {*sys.modules}; import boxoffice; print(*{*sys.modules} - before)"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=True,
    )
    assert ran.stdout.split() == ["boxoffice"]


def test_the_version_needs_no_server_and_no_driver(box):
    assert loaded(box, "--version") == set()


def test_help_needs_no_server_and_no_driver(box):
    assert loaded(box, "--help") == set()
    assert loaded(box, "reserve", "--help") == set()


def commands_among(names):
    return {entry for panel in PANELS.values() for entry, _ in panel.values()} & below(
        "boxoffice.commands", names
    )


def test_the_overview_loads_no_command_and_a_command_no_other(box):
    assert commands_among(modules(box, "--help")) == set()
    assert commands_among(modules(box, "balance", "--help")) == {"money"}
    assert commands_among(modules(box, "venue", "list", "--help")) == {"admin.venues"}


@pytest.mark.parametrize("name", command_line().commands)
def test_the_overview_says_of_a_command_what_the_command_says_itself(name):
    panels = {name: panel for panel, entries in PANELS.items() for name in entries}
    command = command_line().commands[name]
    _, sentence = PANELS[panels[name]][name]
    assert command.help.partition("\n\n")[0] == sentence
    assert command.rich_help_panel == panels[name]
    assert command.name == name


def test_a_balance_makes_no_nouns_that_it_does_not_answer_with(world):
    names = modules(world.box, "balance", "--user", "user1")
    assert below("boxoffice.core.model", names) == {"booking"}


@pytest.mark.parametrize("name", model.__all__)
def test_every_noun_is_found_in_its_module(name):
    assert getattr(model, name) is not None


def test_what_is_no_noun_is_not_looked_for():
    code = (
        "import sys; from boxoffice.core import model; hasattr(model, 'Nobody');"
        "print(*(name for name in sys.modules if name.startswith('boxoffice.core.model.')))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []


def test_a_balance_needs_neither_the_queue_nor_a_table(world):
    assert loaded(world.box, "balance", "--user", "user1") == {"sqlalchemy", "psycopg"}
    assert loaded(world.box, "charge", "5", "--user", "user1") == {"sqlalchemy", "psycopg"}


def test_joining_a_queue_that_was_joined_before_needs_no_database_driver(world):
    again = ("enqueue", str(world.concert), "--user", "user1", "--json")
    assert "sqlalchemy" in loaded(world.box, *again)  # somebody has to look the names up
    assert loaded(world.box, *again) == {"redis"}
    assert loaded(world.box, "position") == {"redis"}
    assert loaded(world.box, "leave") == {"redis"}


def test_the_list_of_concerts_needs_no_database_driver_while_a_copy_is_kept(world):
    world.office.list_concerts()
    with world.office.stores.redis() as redis:
        redis.persist(CACHE_KEY)
    assert loaded(world.box, "list-concerts") == {"redis"}
    assert loaded(world.box, "list-concerts", "--json") == {"redis"}


@pytest.fixture
def commands(world):
    """One working call of each command that books or looks."""
    world.office.charge(5 * PRICE, "user1", key=key())
    held = [
        world.office.reserve(world.performance, staff("user1"), seats=[f"A-{n}"], key=key())
        for n in (1, 2)
    ]
    for_user = ("--staff", "--user", "user1")
    performance, concert = str(world.performance), str(world.concert)
    return (
        ("show-concert", concert),
        ("list-dates", concert, *for_user),
        ("list-seats", performance, *for_user),
        ("list-seats", performance, "--best", "2", *for_user),
        ("list-reservations", "--user", "user1"),
        ("reserve", performance, "--best", "2", *for_user),
        ("reserve", performance, "--seat", "C-1", *for_user),
        ("pay", held[0].reservation, *for_user),
        ("cancel", held[1].reservation, *for_user),
        ("balance", "--history", "--user", "user1"),
        ("user", "add", "kim"),
    )


def test_no_command_loads_what_is_for_a_terminal_or_for_migrating(world, commands):
    """Not a terminal: no tables, no counter, no words of a locale."""
    expected = {"sqlalchemy", "psycopg", "redis"}
    for number, arguments in enumerate(commands):
        form = ("--json",) if number % 2 else ()
        assert loaded(world.box, *arguments, *form) <= expected, arguments
