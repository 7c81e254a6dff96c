"""The catalogues hold a translation of every text there is, and of nothing else."""

from __future__ import annotations

import gettext
import re
import string

import pytest

from boxoffice.core.language import LANGUAGES, SOURCE
from boxoffice.locale import __main__ as words
from boxoffice.locale.extraction import unfit

STALE = "run: make words"
TRANSLATED = [language for language in LANGUAGES if language != SOURCE]
# What is typed, set or replaced is the same in every language.
VERBATIM = re.compile(r"`[^`]+`|\bBOXOFFICE_[A-Z_]+|\b[A-Z]+=[A-Z]+|(?<![\w-])--[a-z-]+")


def messages(catalogue):
    return {message.id: message for message in catalogue if message.id}


def fields(text: str) -> set[tuple]:
    """Return the placeholders of a template, each with its format."""
    return {parsed[1:] for parsed in string.Formatter().parse(text) if parsed[1] is not None}


def told(catalogue) -> dict[str, str]:
    return {key: text for key, text in catalogue._catalog.items() if key}


def test_every_text_stands_word_for_word_where_it_is_said():
    assert unfit() == []


def test_the_template_has_every_text_that_is_said_and_no_other():
    with words.TEMPLATE.open("rb") as file:
        written = words.read_po(file)
    assert messages(written).keys() == messages(words.extracted()).keys(), STALE


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_and_no_translation_is_left_over(language):
    catalogue = words.read(language)
    assert messages(catalogue).keys() == messages(words.extracted()).keys(), STALE
    assert [m.id for m in messages(catalogue).values() if not m.string or m.fuzzy] == []
    assert dict(catalogue.obsolete) == {}


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_keeps_the_placeholders_and_what_is_typed(language):
    translated = [m for m in messages(words.read(language)).values() if m.string]
    assert translated
    for message in translated:
        assert fields(message.string) == fields(message.id), message.id
        typed = (sorted(VERBATIM.findall(text)) for text in (message.id, message.string))
        assert next(typed) == next(typed), message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogue_says_what_is_written(language):
    with words.catalogue_file(language, "mo").open("rb") as file:
        compiled = told(gettext.GNUTranslations(file))
    written = {m.id: m.string for m in messages(words.read(language)).values() if m.string}
    assert compiled == written, STALE
