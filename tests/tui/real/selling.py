"""What a sale in a real terminal comes to, step by step and counted in the database."""

from __future__ import annotations

from tests.tui.sell.desk import labels
from tests.waiting import wait_until

PAYMENTS = "SELECT state, tender, received FROM payments ORDER BY reservation_id"
ENTRIES = "SELECT type, tender, amount FROM ledger_entries"


def pays_cash(terminal, amount: str = "") -> None:
    """Take cash for the cart, by keys: the last question first stands on the safe button."""
    reaches_the_charge_button(terminal, amount)
    terminal.enter()
    terminal.sees("PAID")


def reaches_the_charge_button(terminal, amount: str = "") -> None:
    """Go as far as the one key that moves money."""
    terminal.enter()
    terminal.sees("how?")
    terminal.enter()
    terminal.sees("Cash for")
    terminal.type(amount)
    terminal.enter()
    terminal.sees("[ Back ]")
    terminal.press("Right")
    terminal.sees("[ Charge")


def wait_for(world, status: str, seats: set[str]) -> None:
    """Wait until exactly these seats are in a state."""
    wait_until(lambda: labels(world, status) == seats, f"{status}: {seats}")
