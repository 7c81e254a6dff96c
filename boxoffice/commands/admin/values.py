"""Times and prices as people type them."""

from __future__ import annotations

from datetime import datetime

from boxoffice.commands.money import whole_number
from boxoffice.core.errors import InputInvalid, Words
from boxoffice.core.text import visible

TIME_HELP = Words("As 2026-12-24T19:30; without an offset it is the venue's time.")


def read_time(text: str) -> datetime:
    """Read a time that a person typed; raises InputInvalid."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise InputInvalid("that is no time", hint=TIME_HELP) from None


def read_optional_time(text: str | None) -> datetime | None:
    """Read a time that may be left out; raises InputInvalid."""
    return None if text is None else read_time(text)


def read_prices(texts: list[str]) -> dict[str, int]:
    """Read CATEGORY=AMOUNT, one a category; raises InputInvalid, AmountInvalid."""
    prices: dict[str, int] = {}
    for text in texts:
        category, equals, amount = text.rpartition("=")
        if not equals or not category:
            raise InputInvalid(
                "a price is CATEGORY=AMOUNT, the amount in minor units",
                hint="as in --price Standard=99000",
            )
        if category in prices:
            raise InputInvalid("category {category} has two prices", category=visible(category))
        prices[category] = whole_number(amount)
    return prices
