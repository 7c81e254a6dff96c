"""Files that made-up command lines may name, and what else comes from stdin; all of them sound."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from boxoffice.core import plans
from tests.conftest import small_plan

if TYPE_CHECKING:
    from pathlib import Path

PLAN, PEOPLE, SEASON, MONEY, LINES = "plan.json", "people.csv", "season.csv", "money.csv", "lines"
# What commands write, beside the files that are there.
PDF, DOOR, JOURNAL = "tickets.pdf", "door.list", "door.list.journal"
ROWS = {
    PEOPLE: "name,key\nperson 1,k6\nperson 2,\n",
    SEASON: "concert,date,price:Standard\nConcert,2099-12-26T19:30,70000\n1,2099-12-27T19:30,0\n",
    MONEY: "user,amount\nuser1,60000\nuser2,1\nnobody,1\n",
}
JOBS = (
    {"command": "charge", "user": "user1", "amount": 60_000},
    {"command": "list-concerts"},
    {"command": "reserve", "performance": 1, "best": 1, "user": "user1", "key": "k7"},
    {"command": "pay", "reservation": "@k7", "user": "user1"},
)
# By the words of the command and the name of its parameter.
FILES = {
    ("batch", "file"): LINES,
    ("charge", "source"): MONEY,
    ("user import", "file"): PEOPLE,
    ("performance import", "file"): SEASON,
    ("venue import", "file"): PLAN,
    ("ticket pdf", "file"): PDF,
    ("ticket export", "file"): DOOR,
    ("ticket door", "file"): DOOR,
    ("ticket door", "journal"): JOURNAL,
    ("ticket upload", "journal"): JOURNAL,
}


def write_materials(folder: Path) -> tuple[bytes, ...]:
    """Write the files that are read, and return what they hold."""
    with (folder / PLAN).open("wb") as plan:
        plans.write_plan(small_plan("Other room", rows=1, seats=2), plan)
    for name, text in ROWS.items():
        (folder / name).write_text(text)
    (folder / LINES).write_text("".join(f"{json.dumps(job)}\n" for job in JOBS))
    return tuple((folder / name).read_bytes() for name in (PLAN, *ROWS, LINES))
