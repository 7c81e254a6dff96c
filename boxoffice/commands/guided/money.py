"""Money as it is written for people, also where the terminal has no sign for it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from boxoffice.core import language

if TYPE_CHECKING:
    from boxoffice.core.model import Money


def written(money: Money) -> str:
    """Write an amount with its sign, or its code where the sign cannot be encoded."""
    text = language.money(money)
    try:
        text.encode(sys.stderr.encoding or "utf-8")
    except UnicodeEncodeError:
        plain = "".join(character for character in text if character.isascii())
        return f"{money.currency} {plain}"
    return text
