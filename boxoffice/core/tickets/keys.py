"""The keys of a database's tickets: one proves codes, the other signs lists for doors."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from boxoffice.core.tables import ticket_keys

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from sqlalchemy import Column, Connection

KEY_BYTES = 32


def code_key(connection: Connection) -> bytes:
    """Return the key of the codes, made where there is none yet."""
    return _read(connection, ticket_keys.c.code_key)


def signing_key(connection: Connection) -> Ed25519PrivateKey:
    """Return the key that lists are signed with (RFC 8032), made where there is none yet."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    seed = _read(connection, ticket_keys.c.signing_key)
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_name(key: Ed25519PrivateKey) -> str:
    """Return the public half of a key as 64 hexadecimal digits."""
    return key.public_key().public_bytes_raw().hex()


def _read(connection: Connection, column: Column[bytes]) -> bytes:
    found = connection.execute(select(column)).scalar()
    if found is None:
        made = {
            "code_key": secrets.token_bytes(KEY_BYTES),
            "signing_key": secrets.token_bytes(KEY_BYTES),
        }
        # Of two who come first at once, one makes them, and both read what was made.
        connection.execute(insert(ticket_keys).values(**made).on_conflict_do_nothing())
        found = connection.execute(select(column)).scalar_one()
    return bytes(found)
