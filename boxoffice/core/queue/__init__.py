"""The waiting line of a concert: who may try to book, in the order of coming.

Redis orders, Postgres decides: nothing here is worth a seat or a cent. Each operation is
one Lua script in ``lua/`` that first moves the line and then answers, so that no daemon is
needed. Functions take the Redis client first and let its errors through; they raise Recall
where Postgres has to be asked about the queue first (``recovery.py``).
"""

from boxoffice.core.queue.admissions import Admission, check, finish, renew, require_admitted
from boxoffice.core.queue.connection import connect
from boxoffice.core.queue.founding import Founding, admit_holders, found, note_payers
from boxoffice.core.queue.line import Shown, admit, drawn, may_sell, serve, show
from boxoffice.core.queue.places import join, leave, poll, restore
from boxoffice.core.queue.scripts import LUA, SETTINGS, Foreign, Recall
from boxoffice.core.queue.settings import STATES, check_settings, configure

__all__ = [
    "LUA",
    "SETTINGS",
    "STATES",
    "Admission",
    "Foreign",
    "Founding",
    "Recall",
    "Shown",
    "admit",
    "admit_holders",
    "check",
    "check_settings",
    "configure",
    "connect",
    "drawn",
    "finish",
    "found",
    "join",
    "leave",
    "may_sell",
    "note_payers",
    "poll",
    "renew",
    "require_admitted",
    "restore",
    "serve",
    "show",
]
