"""A schema of its own for tables that show something, dropped when that was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

import raw

if TYPE_CHECKING:
    from boxoffice.core.config import Settings


class Scratch:
    """A schema made by some statements; as a context, it is dropped at the end."""

    def __init__(self, settings: Settings, *statements: str) -> None:
        self.name = f"scratch_{uuid4().hex[:8]}"
        self._connection = raw.connect(settings)
        self._connection.execute(f"CREATE SCHEMA {self.name}")
        self._connection.execute(f"SET search_path = {self.name}")
        for statement in statements:
            self._connection.execute(statement)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.execute(f"DROP SCHEMA {self.name} CASCADE")
        self._connection.close()

    def ask(self, statement: str, given: tuple[Any, ...] = ()) -> list[Any]:
        """Run a statement in the schema, and return the rows that it has."""
        done = self._connection.execute(statement, given)
        return done.fetchall() if done.description else []
