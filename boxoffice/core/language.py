"""The language in which people are spoken to: English, or a catalogue of translations."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from boxoffice.core.errors import InputInvalid, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from gettext import NullTranslations

    from boxoffice.core.errors import BoxOfficeError
    from boxoffice.core.model import Money

DOMAIN = "boxoffice"
SOURCE = "en"
LANGUAGES = (SOURCE, "ko")


@dataclass(slots=True, kw_only=True)
class _InForce:
    """The language of this process; English has no catalogue, its words are in the code."""

    name: str = SOURCE
    catalogue: NullTranslations | None = None


_in_force = _InForce()


def use(name: str | None = None, environ: Mapping[str, str] | None = None) -> None:
    """Speak a language from now on: the named one, else the first that the locale wishes for.

    Raises InputInvalid for a name that is no language of ours; a locale's is passed over.
    """
    if name is None:
        wished = (
            _language_of(wish) for wish in _wishes(os.environ if environ is None else environ)
        )
        name = next((language for language in wished if language in LANGUAGES), SOURCE)
    elif name not in LANGUAGES:
        raise InputInvalid(
            "there is no language {name}", hint="one of: {known}", name=name, known=_known()
        )
    _in_force.name, _in_force.catalogue = name, None if name == SOURCE else _load(name)


def current() -> str:
    """Return the language in force, as Babel names locales."""
    return _in_force.name


def tr(text: str, /, **values: object) -> str:
    """Return a text in the language in force, with its values filled in by ``str.format``.

    Without values its braces stand for themselves. The text is the key of its translation.
    """
    if _in_force.catalogue is None or not text:
        return text.format(**values) if values else text
    said = _in_force.catalogue.gettext(text)
    return said.format(**{n: spoken(value) for n, value in values.items()}) if values else said


def spoken(value: object) -> object:
    """Return Words in the language in force, and anything else as it is."""
    return tr(value.template, **value.values) if isinstance(value, Words) else value


def of(error: BoxOfficeError) -> tuple[str, str]:
    """Return an error's sentence and its hint in the language in force."""
    return str(spoken(error.message)), str(spoken(error.advice))


def money(value: Money) -> str:
    """Write an amount as people do: minor units become the currency's own."""
    from decimal import Decimal

    from babel.numbers import format_currency, get_currency_precision  # not for a line of words

    digits = get_currency_precision(value.currency)
    return format_currency(Decimal(value.amount).scaleb(-digits), value.currency, locale=current())


def _wishes(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield what the environment asks for, as gettext does: LANGUAGE counts outside of C only."""
    given = (environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, given), "C")
    if _language_of(locale) not in ("c", "posix"):
        yield from environ.get("LANGUAGE", "").split(":")
        yield locale


def _language_of(locale: str) -> str:
    return re.split(r"[_.@-]", locale, maxsplit=1)[0].lower()


def _known() -> str:
    return ", ".join(LANGUAGES)


def _load(name: str) -> NullTranslations:
    import gettext  # not for English
    from pathlib import Path

    folder = Path(__file__).parent.parent / "locale"
    return gettext.translation(DOMAIN, str(folder), [name])
