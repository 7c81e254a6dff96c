"""Hold and pay by pgbench: the raw limit of a sale, by the project's own two statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from raw import pgbench, sql
from stage import ROW_SEATS

if TYPE_CHECKING:
    from stage import Stage

# Each client sells its own seats, one after the other, to its own user.
SETS = (
    "\\set i :i + 1\n"
    "\\set seat :client_id * :pairs + :i - 1\n"
    "\\set user :first_user + :client_id\n"
    "\\set number :client_id * 1000000 + :i\n"
)
LABEL = f"(:seat / {ROW_SEATS} + 1)::text || '-' || (:seat % {ROW_SEATS} + 1)::text"
PARAMETERS = {
    "performance": ":performance::bigint",
    "concert": "NULL",
    "labels": f"ARRAY[{LABEL}]",
    "reservation": ":number::bigint",
    "reference": "'R-' || :number::text",
    "payment_reference": "'P-' || :number::text",
    "event": "'pay' || chr(58) || 'R-' || :number::text",  # a colon would begin a variable
    "user": ":user::bigint",
    "hold_seconds": "300",
    "request": "'benchmark'",
    "staff": "'benchmark'",
    "terminal": "NULL",
    "types": "NULL",
    "tender": "'balance'",
    "received": "NULL",
    "note": "NULL",
    "total": "NULL",
}


def hold_and_pay(stage: Stage, clients: int, pairs: int) -> float:
    """Sell a new performance, so many pairs a client; return pairs a second.

    The hall needs ``clients * pairs`` seats; every one is counted as sold afterwards.
    """
    performance = stage.performance()
    rate = sell(stage, performance, clients, pairs)
    sold = stage.counted(performance)["sold"]
    assert sold == clients * pairs, sold
    return rate


def sell(
    stage: Stage, performance: int, clients: int, pairs: int, staff: str = PARAMETERS["staff"]
) -> float:
    """Hold and pay seats of a performance, so many a client; return pairs a second."""
    script = SETS
    for name in ("hold", "pay"):
        key = f"'{name}-' || :performance::text || '-' || :number::text"
        script += sql(name, PARAMETERS | {"key": key, "staff": staff})
    variables = {
        "i": 0,
        "pairs": pairs,
        "performance": performance,
        "first_user": stage.users[0],
    }
    return pgbench(stage.settings, script, clients=clients, transactions=pairs, variables=variables)
