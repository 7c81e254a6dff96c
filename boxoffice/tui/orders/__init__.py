"""Orders: finding a reservation, its receipt, its refund, other seats."""
