"""How the cart is told: one line below the map, and the side panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from boxoffice.core.language import tr
from boxoffice.core.model import Money
from boxoffice.core.text import cells, visible
from boxoffice.tui.map.raster import BLOCKED, HELD, LETTERS, MINE, SOLD
from boxoffice.tui.words import fitted, minutes, money, padded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.core.model import HeldReservation, SeatMap
    from boxoffice.tui.map.palette import Appearance, Look

AMBER_SECONDS, RED_SECONDS = 60, 15
BAR_CELLS = 8
SEATS_SHOWN_MAX = 6
SIDE_CELLS = 27


class CartLine(Static):
    """The cart in one line: seats, total, how long it is held, and a warning."""

    def __init__(self) -> None:
        super().__init__("", id="cart", markup=False)


class StatusLine(Static):
    """The seat under the cursor, the zoom, the queue."""

    def __init__(self) -> None:
        super().__init__("", id="status", markup=False)


def cart_words(
    held: HeldReservation | None,
    seconds_left: float,
    hold_seconds: float,
    *,
    alone: Sequence[str],
    ascii_only: bool,
) -> Content:
    """Tell the cart in a line."""
    if held is None:
        return Content.styled(tr(" Cart empty"), "dim")
    left = countdown(seconds_left, hold_seconds, ascii_only=ascii_only)
    parts: list[Content | str] = [
        Content.styled(tr(" Cart {count}", count=len(held.seats)), "bold"),
        f"  {short_list(held.seats)}   {money(held.total)}   ",
        left,
    ]
    if held.hold_name:
        parts.append(f"  {tr('for {name}', name=visible(held.hold_name))}")
    if alone:
        parts.append(Content.styled(f"   {alone_words(alone)}", "$text-warning"))
    return Content.assemble(*parts)


def alone_words(alone: Sequence[str]) -> str:
    """Warn of single seats that the cart would leave alone."""
    return "! " + tr("leaves {seats} alone", seats=short_list(alone))


def countdown(seconds_left: float, hold_seconds: float, *, ascii_only: bool) -> Content:
    """Draw how long a hold lasts: amber in the last minute, red in the last 15 seconds."""
    filled = min(BAR_CELLS, max(0, round(BAR_CELLS * seconds_left / hold_seconds)))
    full, empty = ("#", "-") if ascii_only else ("▓", "░")
    words = tr("hold {time}", time=minutes(seconds_left))
    style = ""
    if seconds_left < AMBER_SECONDS:
        style = "bold $text-error" if seconds_left < RED_SECONDS else "bold $text-warning"
    return Content.styled(f"{words} {full * filled}{empty * (BAR_CELLS - filled)}", style)


def short_list(labels: Sequence[str]) -> str:
    """Name a few seats and count the rest."""
    shown = " ".join(labels[:SEATS_SHOWN_MAX])
    more = len(labels) - SEATS_SHOWN_MAX
    return f"{shown} +{more}" if more > 0 else shown


def legend(seat_map: SeatMap, appearance: Appearance, free: Sequence[int]) -> Content:
    """Tell what the letters mean and cost, and what the signs are; ``free`` is by category."""
    lines: list[Content] = [Content.styled(tr("Prices"), "bold")]
    for at, name in enumerate(seat_map.categories):
        price = money(Money(amount=seat_map.prices[at], currency=seat_map.currency))
        letter = chr(ord("a") + at % LETTERS)
        look = appearance.palette.categories[at % len(appearance.palette.categories)]
        right = padded(price, SIDE_CELLS - 15, right=True)
        lines.append(
            Content.assemble(
                Content.styled(letter, style_of(look)),
                f" {padded(fitted(visible(name), 12), 12)} {right}",
            )
        )
        lines.append(Content.styled("  " + tr("free {count}", count=free[at]), "dim"))
    return Content("\n").join(lines)


def signs(appearance: Appearance) -> Content:
    """Tell what the signs on the map are."""
    glyphs = appearance.glyphs.states
    names = {HELD: tr("held"), MINE: tr("yours"), SOLD: tr("sold"), BLOCKED: tr("house")}
    return Content("  ".join(f"{glyphs[code]} {name}" for code, name in names.items()))


def style_of(look: Look) -> str:
    """Write a look as a style of Textual."""
    words = [look.colour] if look.colour and look.colour.startswith("#") else []
    return " ".join(["bold", *words])


def cart_lines(held: HeldReservation | None, prices: dict[str, int], buyer: str) -> list[str]:
    """Tell the cart seat by seat, for the side panel."""
    if held is None:
        return [tr("empty"), "", buyer]
    currency = held.total.currency
    lines = [
        _pair(seat, money(Money(amount=prices[seat], currency=currency))) for seat in held.seats
    ]
    total = _pair(tr("total"), money(held.total))
    return [*lines, "-" * SIDE_CELLS, total, "", buyer]


def _pair(left: str, right: str) -> str:
    left = fitted(left, SIDE_CELLS - 12)
    return left + padded(right, SIDE_CELLS - cells(left), right=True)
