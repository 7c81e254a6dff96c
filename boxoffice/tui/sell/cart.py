"""How the cart and the prices are told."""

from __future__ import annotations

from collections import Counter
from itertools import compress
from typing import TYPE_CHECKING

from textual.content import Content

from boxoffice.core.language import money, tr
from boxoffice.core.model import FREE, ORDINARY, Money
from boxoffice.core.text import cells, visible
from boxoffice.tui.map.raster import BLOCKED, HELD, LETTERS, MINE, SOLD
from boxoffice.tui.words import fitted, minutes, padded, short_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.core.model import HeldReservation, SeatMap
    from boxoffice.tui.map.palette import Appearance, Look

AMBER_SECONDS, RED_SECONDS = 60, 15
COUNTDOWN_SECONDS_MAX = 3_600
BAR_CELLS = 8
SIDE_CELLS = 27
NAME_CELLS = 12


def cart_words(  # noqa: PLR0913 - what a line tells
    held: HeldReservation | None,
    seconds_left: float,
    hold_seconds: float,
    *,
    alone: Sequence[str],
    lost: Sequence[str],
    ascii_only: bool,
) -> Content:
    """Tell the cart in a line; what matters most comes first, for narrow screens cut the end."""
    if held is None and lost:
        words = tr(" Hold ended: {seats}   Enter tries them again", seats=short_list(lost))
        return Content.styled(words, "bold $text-error")
    if held is None:
        return Content.styled(tr(" Cart empty"), "dim")
    parts: list[Content | str] = [
        Content.styled(tr(" Cart {count}", count=len(held.seats)), "bold"),
        f"  {money(held.total)}  ",
        hold_words(held, seconds_left, hold_seconds, ascii_only=ascii_only),
        "  ",
    ]
    if alone:
        parts.append(Content.styled(f"{alone_words(alone)}  ", "$text-warning"))
    parts.append(short_list(held.seats))
    if held.hold_name:
        parts.append(f"  {tr('for {name}', name=visible(held.hold_name))}")
    return Content.assemble(*parts)


def hold_words(
    held: HeldReservation, seconds_left: float, hold_seconds: float, *, ascii_only: bool
) -> Content:
    """Tell how long a hold lasts: a countdown with a bar, or the time where it is long."""
    if seconds_left > COUNTDOWN_SECONDS_MAX:
        return Content(end_words(held, seconds_left))
    return countdown(seconds_left, hold_seconds, ascii_only=ascii_only)


def end_words(held: HeldReservation, seconds_left: float) -> str:
    """Say how long a hold lasts, or until when where it is long."""
    if seconds_left > COUNTDOWN_SECONDS_MAX:
        return tr("held until {time}", time=f"{held.held_until:%m/%d %H:%M}")
    return tr("hold {time}", time=minutes(seconds_left))


def alone_words(alone: Sequence[str]) -> str:
    """Warn of single seats that the cart would leave alone."""
    return "! " + tr("{seats} left alone", seats=short_list(alone))


def countdown(seconds_left: float, hold_seconds: float, *, ascii_only: bool) -> Content:
    """Draw how long a hold lasts: amber in the last minute, red in the last 15 seconds."""
    filled = min(BAR_CELLS, max(0, round(BAR_CELLS * seconds_left / hold_seconds)))
    full, empty = ("#", "-") if ascii_only else ("▓", "░")
    words = tr("hold {time}", time=minutes(seconds_left))
    style = ""
    if seconds_left < AMBER_SECONDS:
        style = "bold $text-error" if seconds_left < RED_SECONDS else "bold $text-warning"
    return Content.styled(f"{words} {full * filled}{empty * (BAR_CELLS - filled)}", style)


def legend(seat_map: SeatMap, appearance: Appearance, states: Sequence[int]) -> Content:
    """Tell what the letters mean, what they cost and how many are free."""
    free = Counter(compress(seat_map.seat_categories, map(FREE.__eq__, states)))
    lines: list[Content] = [Content.styled(tr("Prices"), "bold")]
    for at, name in enumerate(seat_map.categories):
        price = money(Money(amount=seat_map.prices[at], currency=seat_map.currency))
        letter = chr(ord("a") + at % LETTERS)
        look = appearance.palette.categories[at % len(appearance.palette.categories)]
        words = f" {padded(fitted(visible(name), NAME_CELLS), NAME_CELLS)}"
        right = padded(price, SIDE_CELLS - NAME_CELLS - 2, right=True)
        lines.append(Content.assemble(Content.styled(letter, style_of(look)), words, right))
        lines.append(Content.styled("  " + tr("free {count}", count=free[at]), "dim"))
    return Content("\n").join(lines)


def signs(appearance: Appearance) -> Content:
    """Tell what the signs on the map are."""
    glyphs = appearance.glyphs.states
    names = {HELD: tr("held"), MINE: tr("yours"), SOLD: tr("sold"), BLOCKED: tr("house")}
    told = [f"{glyphs[code]} {name}" for code, name in names.items()]
    return Content("\n".join("   ".join(told[at : at + 2]) for at in (0, 2)))


def style_of(look: Look) -> str:
    """Write a look as a style of Textual."""
    words = [look.colour] if look.colour and look.colour.startswith("#") else []
    return " ".join(["bold", *words])


def cart_lines(
    held: HeldReservation | None, prices: Sequence[int], buyer: str, seconds_left: float
) -> list[str]:
    """Tell the cart seat by seat, with the prices that go with its seats, and its end."""
    if held is None:
        return [tr("cart empty"), "", buyer]
    currency = held.total.currency
    types = held.types or (ORDINARY,) * len(held.seats)
    lines = [
        _pair(_seat_words(seat, kind), money(Money(amount=price, currency=currency)))
        for seat, kind, price in zip(held.seats, types, prices, strict=True)
    ]
    total = _pair(tr("total"), money(held.total))
    return [*lines, "-" * SIDE_CELLS, total, "", buyer, end_words(held, seconds_left)]


def _seat_words(seat: str, price_type: str) -> str:
    """Name a seat, and who sits there where that is not the ordinary customer."""
    return visible(seat if price_type == ORDINARY else f"{seat} {price_type}")


def _pair(left: str, right: str) -> str:
    left = fitted(left, SIDE_CELLS - 12)
    return left + padded(right, SIDE_CELLS - cells(left), right=True)
