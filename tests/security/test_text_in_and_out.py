"""What steers a terminal gets in nowhere, and what got in another way reaches no terminal."""

from __future__ import annotations

import io
import json
import sys
import unicodedata

import psycopg
import pytest

from boxoffice.commands import run
from boxoffice.core import errors
from boxoffice.core.model import Tender
from tests.commands.conftest import invoke, surroundings
from tests.conftest import PRICE, key, plain, staff
from tests.security import corpus
from tests.tui.stage import counter, played

ONE = staff("1")


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def on_terminal(box, *arguments: str) -> str:
    """Run a command in this process as on a terminal without colours; return all it printed."""
    environment = box.environment | {"TERM": "dumb", "COLUMNS": "200"}
    with surroundings(environment, b""):
        sys.stdout, sys.stderr = (
            Terminal(io.BytesIO(), encoding="utf-8", errors="backslashreplace") for _ in range(2)
        )
        run(list(arguments))
        sys.stdout.flush()
        sys.stderr.flush()
        return (sys.stdout.buffer.getvalue() + sys.stderr.buffer.getvalue()).decode()


TYPED = {
    "a user's name": lambda office, _, text: office.add_user(text, key=key()),
    "a concert's name": lambda office, _, text: office.create_concert(text, "Room", key=key()),
    "a hold's name": lambda office, held, text: office.extend_hold(
        held, ONE, key=key(), seconds=60, name=text
    ),
    "a hold's note": lambda office, held, text: office.extend_hold(
        held, ONE, key=key(), seconds=60, note=text
    ),
    "a payment's note": lambda office, held, text: office.pay(
        held, ONE, key=key(), tender=Tender(kind="card", note=text)
    ),
    "a key to settle": lambda office, _, text: office.settle(text),
}


def test_what_cannot_be_shown_is_refused_wherever_text_is_typed(world):
    office = world.office
    held = office.reserve(world.performance, ONE, best=1, key=key()).reservation
    for what, typed in TYPED.items():
        for name, bad in corpus.CHARACTERS.items():
            with pytest.raises(errors.InputInvalid) as refused:
                typed(office, held, f"a{bad}b")
            assert corpus.found_in(refused.value.message) == [], (what, name)
    assert world.box.one("SELECT count(*) FROM users") == 4
    assert world.box.one("SELECT hold_name FROM reservations") is None


def test_what_is_typed_is_kept_in_composed_form(world):
    name = unicodedata.normalize("NFD", "Zoë 콘서트")
    assert world.office.add_user(name, key=key()).name == unicodedata.normalize("NFC", name)


def test_a_refusal_never_repeats_what_it_refuses(world):
    for text in [*corpus.SEQUENCES.values(), *corpus.STORABLE.values()]:
        for arguments in (
            ("user", "add", f"a{text}b"),
            ("show-concert", f"a{text}b"),
            ("reserve", "1", "--seat", f"A{text}", "--staff", "--user", f"u{text}"),
            (f"fro{text}b",),
            ("charge", f"1{text}", "--user", "user1"),
        ):
            for form in ((), ("--json",)):
                ran = invoke(world.box, *arguments, *form)
                assert ran.code != 0
                assert corpus.found_in(ran.out + ran.err) == [], (arguments, ran)


@pytest.fixture
def seeded(world):
    """A world whose every text was written by SQL, past every check."""
    texts = iter(corpus.lines() * 9)
    with psycopg.connect(plain(world.box.settings.database_url)) as connection:
        held = world.office.reserve(world.performance, ONE, seats=["A-1", "A-2"], key="held")
        world.office.charge(9 * PRICE, "1", key="charged")
        paid = world.office.reserve(world.performance, ONE, seats=["B-1"], key="reserved")
        world.office.pay(
            paid.reservation, ONE, key="paid", tender=Tender(kind="card", note="a card")
        )

        def seed(table: str, column: str, where: str) -> None:
            # A name that is asked for by number, and unlike every other.
            text = f"{next(texts)}{table}"
            connection.execute(f"UPDATE {table} SET {column} = %s WHERE {where}", (text,))

        seed("venues", "name", "id = 1")
        seed("concerts", "name", "id = 1")
        for user in world.users:
            seed("users", "name", f"id = {user}")
        seed("sections", "name", "section_no = 0")
        seed("categories", "name", "category_no = 0")
        for row in range(2):
            seed("seat_rows", "name", f"row_no = {row}")
        for seat in (0, 1, 10, 11):
            seed("venue_seats", "label", f"seat_no = {seat}")
            seed("venue_seats", "number", f"seat_no = {seat}")
        seed("reservations", "hold_name", "state = 'held'")
        seed("reservations", "hold_note", "state = 'held'")
        seed("payments", "note", "note IS NOT NULL")
        results = connection.execute("SELECT key, result FROM operations").fetchall()
        for name, result in results:
            if "seats" in result and isinstance(result["seats"], list):
                told = json.dumps(result | {"seats": [next(texts)] * len(result["seats"])})
                connection.execute("UPDATE operations SET result = %s WHERE key = %s", (told, name))
    return world, held.reservation, paid.reservation


def looks(held: str, paid: str) -> list[tuple[str, ...]]:
    return [
        ("list-concerts",),
        ("show-concert", "1"),
        ("list-dates", "1", "--staff"),
        ("list-seats", "1", "--staff"),
        ("list-seats", "1", "--staff", "--all"),
        ("list-seats", "1", "--staff", "--best", "2"),
        ("list-reservations", "--user", "1"),
        ("balance", "--user", "1", "--history"),
        ("status", "held"),
        ("status", "paid"),
        ("reserve", "1", "--seat", "A-1", "--staff", "--user", "1", "--key", "held"),
        ("pay", held, "--staff", "--user", "1"),
        ("cancel", paid, "--staff", "--user", "1"),
        ("concert", "create", "Again", "--venue", "1"),
        ("show-concert", "nothing like that"),
    ]


def test_what_was_seeded_past_every_check_reaches_no_output_raw(seeded):
    world, held, paid = seeded
    for arguments in looks(held, paid):
        shown = on_terminal(world.box, *arguments)
        assert corpus.found_in(shown) == [], (arguments, shown)
        piped = invoke(world.box, *arguments)
        assert corpus.found_in(piped.out + piped.err, but="\n\t") == [], (arguments, piped)
        quiet = invoke(world.box, *arguments, "--json")
        assert corpus.found_in(quiet.out + quiet.err) == [], (arguments, quiet)


def test_json_says_everything_though_nothing_in_it_steers_a_terminal(seeded):
    world, _, _ = seeded
    stored = world.box.one("SELECT name FROM concerts")
    told = invoke(world.box, "show-concert", "1", "--json")
    assert told.json["name"] == stored
    assert stored not in told.out


# Through the counter: what is pressed, and what is seen then.
WALK = [
    ("enter", "STAGE"),
    ("plus", "a3"),
    ("b", "A-5..6"),
    ("ctrl+g", "Section"),
    ("escape", "STAGE"),
    ("ctrl+p", "What is to be done?"),
    ("escape", "STAGE"),
    ("o", "reservation"),
    ("down", "paid"),
    ("enter", "[ Back ]"),
    ("escape", "reservation"),
    ("w", "waiting"),
]


def around(text: str) -> str:
    """Show a screen's lines with what is wrong in them."""
    return ascii([line.split() for line in text.split("\n") if corpus.found_in(line)])


@played
async def test_what_was_seeded_past_every_check_steers_no_counter(seeded):
    world, _, _ = seeded
    async with counter(world.box.settings, size=(120, 40)) as stage:
        await stage.until_seen("n40")
        for key_, seen in WALK:
            await stage.press(key_)
            await stage.until_seen(seen)
            assert corpus.found_in(stage.text) == [], (key_, around(stage.text))


@played
async def test_names_that_look_like_markup_are_names_in_the_counter(world):
    concert, venue = "[red]x[/red] [/] [b", "[@click=app.quit]x"
    with psycopg.connect(plain(world.box.settings.database_url)) as connection:
        connection.execute("UPDATE concerts SET name = %s", (concert,))
        connection.execute("UPDATE venues SET name = %s", (venue,))
    async with counter(world.box.settings, size=(120, 40)) as stage:
        await stage.until_seen(concert)
        await stage.until_seen(venue)
