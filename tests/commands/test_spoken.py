"""Commands in another language: people's words follow the locale, what scripts read does not."""

from __future__ import annotations

import json
import unicodedata

import pytest

from boxoffice.core import language, model
from tests.commands.test_output import on_terminal

KOREAN = {"LANG": "ko_KR.UTF-8"}  # installed on few machines, and needed on none
STAFF = ("--staff", "--user", "user1")


@pytest.fixture
def _korean():
    language.use("ko")
    yield
    language.use(language.SOURCE)


def test_people_are_told_in_korean_and_scripts_read_what_they_always_read(world):
    taken = ("reserve", "1", "--seat", "A-1", *STAFF)
    assert world.box.run(*taken, **KOREAN).code == 0
    told = world.box.run(*taken, **KOREAN)
    assert (told.code, told.out) == (5, "")
    assert "이미 선택된 좌석입니다. [seat_taken]\n  도움말: " in told.err
    script, english = world.box.run(*taken, "--json", **KOREAN), world.box.run(*taken, "--json")
    assert (script.code, script.out, script.err) == (english.code, english.out, english.err)
    assert json.loads(script.err)["error"]["message"].isascii()


def test_what_a_pipe_gets_is_the_same_in_every_language(world):
    for command in (
        ("list-seats", "1", *STAFF),
        ("list-concerts",),
        ("list-concerts", "--json"),
        ("doctor", "--json", "--fields", "name,value,source"),
    ):
        assert world.box.run(*command, **KOREAN).out == world.box.run(*command).out


def test_a_table_on_a_terminal_has_korean_headings_over_columns_that_line_up(world):
    shown, code = on_terminal(world.box, "list-seats", "1", "--best", "2", *STAFF, **KOREAN)
    assert code == 0
    heading, first, *_ = shown.splitlines()
    for word in ("좌석", "구역", "열", "등급", "가격", "상태"):
        assert word in heading
    assert "예매 가능" in first
    assert "₩50,000" in first
    assert place_of(heading, "상태") == place_of(first, "예매 가능")


def place_of(line: str, word: str) -> int:
    """Count the terminal cells before a word."""
    before = line[: line.index(word)]
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in before)


def test_a_question_is_asked_in_korean_and_answered_in_either(world):
    held = world.box.run("reserve", "1", "--seat", "A-1", *STAFF, "-q").out.strip()
    asked, code = on_terminal(world.box, "cancel", held, *STAFF, typed=b"\n", **KOREAN)
    assert f"{held} 예매를 취소하시겠습니까? [y/N]" in asked
    assert "확인하지 않아 아무것도 처리하지 않았습니다" in asked
    assert code == 130
    answered = "예\n".encode()
    _, code = on_terminal(world.box, "cancel", held, *STAFF, typed=answered, **KOREAN)
    assert code == 0


def test_facts_and_an_empty_table_are_told_in_korean(world):
    listed, _ = on_terminal(world.box, "list-reservations", "--user", "user1", **KOREAN)
    assert listed == "표시할 내용이 없습니다\n"
    held, code = on_terminal(world.box, "reserve", "1", "--seat", "A-1", *STAFF, **KOREAN)
    assert code == 0
    facts = dict(line.rstrip().split(maxsplit=1) for line in held.splitlines())
    assert (facts["상태"], facts["좌석"], facts["합계"]) == ("선점", "A-1", "₩50,000")


@pytest.mark.usefixtures("_korean")
def test_money_is_written_as_the_language_writes_it():
    assert language.money(model.Money(amount=154_000, currency="KRW")) == "₩154,000"
    assert language.money(model.Money(amount=1_050, currency="USD")) == "US$10.50"


def test_an_unknown_locale_is_answered_in_english(world):
    ran = world.box.run("show-concert", "Nothing", LANG="fr_FR.UTF-8")
    assert ran.err.startswith("boxoffice: there is no concert Nothing. [concert_not_found]")
