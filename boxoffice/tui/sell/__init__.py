"""Sell: performances, seat maps, the cart, payment."""
