"""A concert box office in the terminal, on Postgres and Redis."""
