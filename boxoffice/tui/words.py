"""How amounts and times are written at the counter."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from babel.numbers import get_currency_precision

from boxoffice.core.language import tr
from boxoffice.core.model import WALK_IN
from boxoffice.core.text import cells, visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from boxoffice.core.model import Order

ELLIPSIS_DOTS = ".."
RUNS_SHOWN_MAX = 4
AMOUNT = re.compile(r"([0-9]{1,15}|[0-9]{1,3}(,[0-9]{3}){1,4})(\.[0-9]+)?", re.ASCII)


def minor_units(text: str, currency: str) -> int:
    """Return the minor units of an amount as people type it (154,000 or 12.50).

    Raises ValueError.
    """
    digits = get_currency_precision(currency)
    typed = text.strip()
    if not AMOUNT.fullmatch(typed) or len(typed.partition(".")[2]) > digits:
        raise ValueError(f"not an amount of {currency}: {text!r}")
    return int(Decimal(typed.replace(",", "")).scaleb(digits))


def day_and_time(value: datetime) -> str:
    """Write when a performance begins, as the clocks of its venue show it."""
    return f"{value:%m/%d %H:%M}"


def minutes(seconds: float) -> str:
    """Write a stretch of time as minutes and seconds."""
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02}"


def fitted(text: str, width: int) -> str:
    """Cut a text to so many cells, and say with dots that it was cut."""
    if cells(text) <= width:
        return text
    kept = ""
    for character in text:
        if cells(kept + character) > width - len(ELLIPSIS_DOTS):
            break
        kept += character
    return f"{kept}{ELLIPSIS_DOTS}"[:width]


def padded(text: str, width: int, *, right: bool = False) -> str:
    """Fill a text up to so many cells; Korean letters take two."""
    gap = " " * max(0, width - cells(text))
    return gap + text if right else text + gap


def customer_name(order: Order) -> str:
    """Return whose an order is, in our words where it is nobody's."""
    return tr("walk-in") if str(order.user) == WALK_IN else order.user_name


def short_list(labels: Sequence[str]) -> str:
    """Name seats, neighbours as a range (B-12..15), and count what is left out."""
    runs = _runs(labels)
    shown = " ".join(_run_words(run) for run in runs[:RUNS_SHOWN_MAX])
    more = sum(map(len, runs[RUNS_SHOWN_MAX:]))
    return f"{shown} +{more}" if more else shown


def _runs(labels: Sequence[str]) -> list[list[str]]:
    """Part labels where the next one is not the next number of the same row."""
    runs: list[list[str]] = []
    for label in labels:
        row, number = _parted(label)
        if runs and number is not None and _parted(runs[-1][-1]) == (row, number - 1):
            runs[-1].append(label)
        else:
            runs.append([label])
    return runs


def _run_words(run: Sequence[str]) -> str:
    return visible(run[0] if len(run) == 1 else f"{run[0]}..{_parted(run[-1])[1]}")


def _parted(label: str) -> tuple[str, int | None]:
    """Part a label from the number it ends with, None where it ends with none."""
    row = label.rstrip("0123456789")
    number = label[len(row) :]
    return row, int(number) if number else None
