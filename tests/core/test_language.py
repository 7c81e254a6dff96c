"""The language in force: who chooses it, and how texts, errors and their values are said in it."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from boxoffice.core import errors, language
from boxoffice.core.errors import Words
from boxoffice.core.language import tr

ENGLISH_ONLY = """
import sys
from boxoffice.core import errors, language
language.use(environ={"LANG": "en_US.UTF-8", "LANGUAGE": "en"})
assert language.of(errors.SeatTaken())[0] == "the seat is already taken"
print(*{"gettext", "babel"} & {*sys.modules})
"""


@pytest.fixture(autouse=True)
def _english_again():
    yield
    language.use(language.SOURCE)


@pytest.mark.parametrize(
    ("environ", "chosen"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko"}, "ko"),
        ({"LANG": "ko_KR.EUC-KR@modified"}, "ko"),
        ({"LANG": "KO-kr"}, "ko"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "kok_IN.UTF-8"}, "en"),
        ({"LANG": "../../tmp/ko"}, "en"),
        ({"LANG": "ko_KR.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ko_KR.UTF-8"}, "ko"),
        ({"LC_MESSAGES": "en_US.UTF-8", "LC_ALL": "ko_KR.UTF-8"}, "ko"),
        ({"LC_ALL": "", "LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "ko:en"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LANGUAGE": "en:ko"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "fr:ko:en"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LANGUAGE": "fr"}, "ko"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "ko"}, "en"),
        ({"LANG": "POSIX", "LANGUAGE": "ko"}, "en"),
        ({"LANGUAGE": "ko"}, "en"),
    ],
)
def test_the_locale_chooses_as_gettext_reads_it(environ, chosen):
    language.use(environ=environ)
    assert language.current() == chosen


def test_a_named_language_goes_before_the_locale():
    language.use("ko", {"LANG": "en_US.UTF-8"})
    assert language.current() == "ko"
    language.use("en", {"LANG": "ko_KR.UTF-8"})
    assert language.current() == "en"
    assert tr("the seat is already taken") == "the seat is already taken"


def test_a_language_without_a_catalogue_is_refused_and_the_one_in_force_stays():
    language.use("ko")
    with pytest.raises(errors.InputInvalid, match="there is no language fr") as refused:
        language.use("fr")
    assert language.of(refused.value) == ("fr 언어는 지원하지 않습니다", "다음 중 하나: en, ko")


def test_english_loads_no_catalogue():
    ran = subprocess.run(
        [sys.executable, "-c", ENGLISH_ONLY], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout == "\n"


def test_a_text_is_said_with_its_values_in_the_language_in_force():
    assert tr("position {at}", at=7) == "position 7"
    language.use("ko")
    assert tr("position {at}", at=7) == "대기 순번 7번"
    assert tr("nobody has translated {this}", this="{x}") == "nobody has translated {x}"


def test_braces_without_values_stand_for_themselves():
    assert tr("{") == "{"
    assert errors.InputInvalid("{x} is odd").message == "{x} is odd"
    language.use("ko")
    assert (tr("{"), tr("")) == ("{", "")


def test_an_error_is_told_in_the_language_in_force_and_keeps_its_english():
    error = errors.UserNotFound("there is no user {user}", user="{kim}")
    assert language.of(error) == ("there is no user {kim}", "`boxoffice user add NAME` makes one")
    language.use("ko")
    assert language.of(error) == (
        "{kim} 고객이 없습니다",
        "`boxoffice user add NAME`으로 추가하십시오",
    )
    assert error.message == "there is no user {kim}"


def test_an_error_without_a_message_says_its_own_sentence():
    language.use("ko")
    assert language.of(errors.SeatTaken())[0] == "이미 선택된 좌석입니다"
    assert language.of(errors.Interrupted("interrupted", hint="")) == ("중단되었습니다", "")


def test_a_hint_takes_the_values_of_its_error():
    error = errors.InputInvalid(
        "{path} is open to other users", hint="run: chmod 600 {path}", path="/a{"
    )
    assert error.advice == "run: chmod 600 /a{"
    language.use("ko")
    assert language.of(error)[1] == "실행: chmod 600 /a{"


def test_an_error_that_is_told_on_by_another_is_told_in_the_language_too():
    inner = errors.InputInvalid("the {what} is empty", what=Words("venue name"))
    forwarded = errors.InputInvalid(inner.message, hint="try again")
    outer = errors.InputInvalid("line {line}: {reason}", line=3, reason=inner.message)
    assert outer.message == "line 3: the venue name is empty"
    language.use("ko")
    assert language.of(forwarded) == ("공연장 이름 값이 비어 있습니다", "다시 시도하십시오")
    assert language.of(outer)[0] == "3번째 줄: 공연장 이름 값이 비어 있습니다"


def test_words_cross_to_another_process_with_what_they_are_made_of():
    error = pickle.loads(pickle.dumps(errors.UserNotFound("there is no user {user}", user="kim")))
    assert error.message == "there is no user kim"
    language.use("ko")
    assert language.of(error)[0] == "kim 고객이 없습니다"
