"""Paying on the stage, as far as a test of the servers needs it."""

from __future__ import annotations


async def reaches_the_charge_button(stage) -> None:
    """Go as far as the one key that moves money."""
    await stage.press("enter")
    await stage.until_seen("how?")
    await stage.press("enter")
    await stage.until_seen("Cash for")
    await stage.press("enter", "right")
    await stage.until_seen("[ Charge")


async def charges(stage) -> None:
    """Take cash for the cart, down to the key that moves the money."""
    await reaches_the_charge_button(stage)
    await stage.press("enter")


async def pays_cash(stage) -> None:
    await charges(stage)
    await stage.until_seen("PAID")
