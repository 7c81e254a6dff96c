"""Hold and pay through `Office`, beside what psycopg and pgbench do with the same statements.

    python benchmarks/hold_pay.py [--clients 1 2 8 32] [--pairs 1600] [--rounds 5] [--json]

Every client is a process that sells seats of its own, one by one, each by a hold and a payment,
for staff and on the record. "office" is `Office`; "psycopg" are the bare statements through
psycopg, and so what Python and the driver cost; "pgbench" are the same statements, prepared, from
a program in C, and so what Postgres can do. What lies between the first two is ours: whose seat
it is, the allowance of staff in Redis, keys, answers, and the hint to live maps. All of them sell
each round a performance of their own; as many pairs with few clients as with many. Outcomes are
counted in the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import holding
import raw
from crowd import Crowd
from harness import Comparison, Findings, parser_of, servers, take_turns
from stage import Stage

from boxoffice.core.database import statement
from boxoffice.core.model import Caller

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from crowd import Client
    from harness import Turn

GOAL, GOAL_CLIENTS = ">=0.65", 8
# What pgbench fills in for each parameter of the statements.
SETS = (
    "\\set i :i + 1\n"
    "\\set seat :client_id * :pairs + :i - 1\n"
    "\\set number :client_id * 1000000 + :i\n"
    "\\set user :user + 0\n"
)
