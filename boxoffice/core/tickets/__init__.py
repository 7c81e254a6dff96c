"""Tickets: their codes, who came in with them, and doors without network."""
