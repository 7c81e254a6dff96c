"""A season from a CSV file: every performance of it or none, and each wrong cell named."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

from boxoffice.core import errors
from tests.conftest import PRICE, key
from tests.core.test_scheduling import refused
from tests.invariants import assert_consistent

SEASON = f"""\ufeffdate,concert,price:Standard,sale_closes
2099-01-01T19:30,Concert,{PRICE},
2099-01-02T19:30,1,0,2099-01-01T10:00+00:00

"2099-01-03T19:30",  Concert ,7,
"""


def season(world, text, office=None):
    data = text if isinstance(text, bytes) else text.encode()
    return (office or world.office).import_season(io.BytesIO(data), key=key())


def test_a_season_is_made_whole_in_the_order_of_its_file(world):
    made = season(world, SEASON)
    assert made.seats == 150
    rows = world.office.list_performances("Concert")
    assert [row.performance for row in rows[:3]] == list(made.performances)
    assert [f"{row.date:%m-%d}" for row in rows[:3]] == ["01-01", "01-02", "01-03"]
    asked = "SELECT amount FROM prices WHERE performance_id = %s"
    assert [world.box.one(asked, each) for each in made.performances] == [PRICE, 0, 7]
    assert rows[1].sale_closes == datetime(2099, 1, 1, 10, tzinfo=UTC)
    assert_consistent(world.box)


def test_a_season_is_made_once_a_key_and_another_file_is_refused_that_key(world):
    office = world.office
    first = office.import_season(io.BytesIO(SEASON.encode()), key="k")
    again = office.import_season(io.BytesIO(SEASON.encode()), key="k")
    assert again == replace(first, replayed=True)
    other = SEASON.replace("2099-01-03", "2099-01-04").encode()
    refused(world, errors.KeyReused, lambda: office.import_season(io.BytesIO(other), key="k"))


HEAD = "concert,date,price:Standard\n"
WRONG = {
    HEAD + "Concert,soon,x\nConcert,,-1\n": (
        "line 2, date: no time, as in 2026-12-24T19:30; line 2, price:Standard: no whole number of"
        " minor units up to 1000000000000; line 3, date: no time, as in 2026-12-24T19:30; line 3,"
        " price:Standard: no whole number of minor units up to 1000000000000"
    ),
    HEAD + ",2099-01-01T10:00,1\n": "line 2, concert: empty",
    HEAD + "Concert,9999-01-01T10:00,1\n": "line 2, date: a year must be from 1970 to 9000",
    HEAD + "Concert,2099-01-01T10:00,\n": "line 2: no price for Standard; the venue has: Standard",
    "concert,date,price:VIP\nConcert,2099-01-01T10:00,1\n": "line 2: unknown category VIP",
    HEAD + "Concert,2099-01-01T10:00\n": "line 2: 2 cells of 3",
    "concert,date,colour\n": "line 1: unknown column colour",
    "concert,date,date\n": "line 1: the column date is there twice",
    "concert,price:Standard\n": "line 1: there is no column date",
    HEAD: "the file has no performance",
    "": "the file is empty",
    HEAD + '"Concert\n': "line 2: unexpected end of data",
    (HEAD + "Concert\0,x,1\n"): "line 2: a NUL",
    (HEAD + "Conc").encode() + b"\xff": "line 2: not UTF-8",
    HEAD + "x" * 70_000: "line 2: longer than 65,536 bytes",
    HEAD + "Nowhere,2099-01-01T10:00,1\n": "line 2: there is no concert Nowhere",
}  # fmt: skip


def test_a_wrong_season_is_refused_naming_line_and_column_and_leaves_nothing(world):
    for text, expected in WRONG.items():
        kinds = (errors.InputInvalid, errors.NotFound)
        said = refused(world, kinds, lambda text=text: season(world, text))
        assert said.startswith(expected)


def test_a_date_twice_takes_the_whole_season_back_and_names_its_line(world):
    twice = HEAD + "Concert,2099-01-01T10:00,1\n" * 2
    said = refused(world, errors.DateTaken, lambda: season(world, twice))
    assert said == "line 3: the concert already has a performance at that time"
