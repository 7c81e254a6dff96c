"""Text from people: what a name may hold, and how any text is made safe to show.

Names reach terminals, so nothing invisible and nothing that steers a terminal gets in.
"""

from __future__ import annotations

import re
import unicodedata

from boxoffice.core.errors import InputInvalid, Words

NAME_CELLS_MAX = 100
KEY_CHARACTERS_MAX = 200
# What a new key is made of: 128 random bits, written as hexadecimal digits.
NEW_KEY_DIGITS = 32
HEXADECIMAL = frozenset("0123456789abcdef")
# Combining marks take no cell, so cells alone would let a name grow without end.
CHARACTERS_PER_CELL_MAX = 4
NAME_CHARACTERS_MAX = 200  # what the database holds

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
JOINER = "\N{ZERO WIDTH JOINER}"
EMOJI_STYLE = "\N{VARIATION SELECTOR-16}"
# Every space of Unicode but no control character: a pasted line end is refused, not cut off.
SPACES = " \u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
# Letters and symbols by category, but blank on the screen (Hangul fillers, empty Braille).
BLANK = "\u115f\u1160\u2800\u3164\uffa0"
# All but printable ASCII and Hangul syllables, which are looked at one by one.
UNSURE = re.compile("[^ -~가-힣]")
REFUSED = {
    "Cc": Words("a control character"),
    "Cf": Words("an invisible character"),
    "Cn": Words("an unassigned character"),
    "Co": Words("a private-use character"),
    "Cs": Words("half of a surrogate pair"),
    "Zl": Words("a line separator"),
    "Zp": Words("a paragraph separator"),
}


def clean_name(
    text: str, what: str, *, cells_max: int = NAME_CELLS_MAX, digits: bool = False
) -> str:
    """Return a typed name stripped and in NFC, at most ``cells_max`` terminal cells wide.

    ``what`` is the noun of the message (Words("venue name")). ``digits`` allows a name of digits
    alone, for things that have no number of their own. Raises InputInvalid.
    """
    name = unicodedata.normalize("NFC", text.strip(SPACES))
    if not name:
        raise InputInvalid("the {what} is empty", what=what)
    _refuse_unseen(name, what)
    characters_max = min(cells_max * CHARACTERS_PER_CELL_MAX, NAME_CHARACTERS_MAX)
    if cells(name) > cells_max or len(name) > characters_max:
        raise InputInvalid("the {what} is wider than {most} cells", what=what, most=cells_max)
    if not digits and name.isdigit():
        raise InputInvalid("the {what} is a number alone: it would be taken for an id", what=what)
    return name


def clean_key(text: str) -> str:
    """Return an operation key unchanged, at most 200 printable characters.

    Raises InputInvalid.
    """
    if not text.strip(SPACES):
        raise InputInvalid("the key is empty")
    if len(text) > KEY_CHARACTERS_MAX:
        raise InputInvalid("the key is longer than {most} characters", most=KEY_CHARACTERS_MAX)
    _refuse_unseen(text, Words("key"))
    return text


def not_text() -> InputInvalid:
    """Say that half a surrogate pair came as text, before anything was sent to a server."""
    return InputInvalid("what was given is not valid text", hint="write it in UTF-8")


def is_unguessable(key: str) -> bool:
    """Tell whether a key has the shape of a generated one, or of a step of one (``KEY:pay``)."""
    digits, step = key[:NEW_KEY_DIGITS], key[NEW_KEY_DIGITS:]
    whole = len(digits) == NEW_KEY_DIGITS and HEXADECIMAL.issuperset(digits)
    return whole and (not step or step.startswith(":"))


def visible(text: str) -> str:
    """Return the text with U+FFFD for every character that a name may not hold."""
    return UNSURE.sub(
        lambda found: REPLACEMENT if _refusal(text, found.start()) else found[0], text
    )


def escaped(json: str) -> str:
    """Return JSON with an escape for every character that a name may not hold.

    It means the same to whoever parses it, and steers no terminal that it is printed on.
    """
    return UNSURE.sub(
        lambda found: _escape(found[0]) if _refusal(json, found.start()) else found[0], json
    )


def cells(text: str) -> int:
    """Count the terminal cells of clean text: 2 for wide East Asian characters and emoji."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _refuse_unseen(text: str, what: str) -> None:
    if text.isascii() and text.isprintable():
        return
    for at, character in enumerate(text):
        refusal = _refusal(text, at)
        if refusal:
            raise InputInvalid(
                "the {what} has {found} (U+{code:04X})",
                what=what,
                found=refusal,
                code=ord(character),
            )


def _refusal(text: str, at: int) -> str | None:
    character = text[at]
    if character == JOINER and _joins_emoji(text, at):
        return None
    if character in BLANK:
        return Words("a blank character")
    category = unicodedata.category(character)
    # An emoji newer than this Python's tables is still an emoji to the terminal.
    if category == "Cn" and _is_pictograph(character):
        return None
    return REFUSED.get(category)


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _joins_emoji(text: str, at: int) -> bool:
    """Say whether a joiner stands inside an emoji such as a family or a flag."""
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    return bool(before) and (before == EMOJI_STYLE or _is_symbol(before)) and _is_symbol(after)


def _is_symbol(character: str) -> bool:
    if not character:
        return False
    # So: hearts and signs older than emoji; Sm: arrows that turn a face.
    return _is_pictograph(character) or unicodedata.category(character) in ("So", "Sm")


def _is_pictograph(character: str) -> bool:
    return "\U0001f300" <= character <= "\U0001faff"


def _cells(character: str) -> int:
    if character == EMOJI_STYLE:
        return 1  # turns the narrow symbol before it into a wide one
    if character == JOINER or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    wide = unicodedata.east_asian_width(character) in "WF" or _is_pictograph(character)
    return 2 if wide else 1
