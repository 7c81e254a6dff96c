"""What must be true of a campaign: at any moment, and of its whole history at the end."""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boxoffice.core import answers, errors
from boxoffice.core.office import Office
from tests.faults import chain
from tests.faults.acts import told
from tests.faults.history import OK

if TYPE_CHECKING:
    import psycopg

    from boxoffice.core.config import Settings
    from tests.faults.history import Intent
    from tests.faults.workers import Stage

DONE = "SELECT key, command, result FROM operations WHERE command = ANY (%s)"
CHARGED = "SELECT coalesce(sum(amount), 0)::bigint FROM ledger_entries WHERE type = 'charge'"
EVENTS = "SELECT dedupe_key, sent_at IS NOT NULL FROM outbox"
EXCHANGE_STEPS = ("cancel", "reserve", "pay")


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """Something that must never be, and the seat or the intent it is about."""

    rule: str
    about: str
    seat: int | None = None
    intent: str | None = None


# --- at any moment ---


def keep_looking(stage: Stage, settings: Settings) -> None:
    """Verify every few seconds until killed; each violation is a line of a file."""
    office = Office(settings)
    with (stage.folder / "violations.txt").open("a") as file:
        while True:
            with suppress(errors.Unavailable):
                found = office.verify()
                stage.levers.verified.value += 1
                file.writelines(f"{violation}\n" for violation in found)
                file.flush()
                stage.levers.violated.value += len(found)
            time.sleep(stage.plan.look_seconds)


# --- at the end ---

Rows = dict[str, tuple[str, dict[str, Any]]]


def done_by(connection: psycopg.Connection) -> Rows:
    """Return what was done by key: the command and its stored answer."""
    found = connection.execute(DONE, (list(answers.BUILDERS),)).fetchall()
    return {key: (command, result) for key, command, result in found}


def charged(connection: psycopg.Connection) -> int:
    """Return all that was ever charged."""
    ((total,),) = connection.execute(CHARGED).fetchall()
    return total


def judge(
    connection: psycopg.Connection, intents: dict[str, Intent], before: Rows, charged_before: int
) -> list[Violation]:
    """Hold every change of a seat and every answer that was given against the database."""
    found = [
        Violation(rule=rule, about=f"seat {seat}, version {version}", seat=seat)
        for rule, seat, version in chain.broken(connection)
    ]
    rows = done_by(connection)
    for intent in intents.values():
        found += [
            Violation(rule=rule, about=f"{intent.command} {intent.arguments}", intent=intent.name)
            for rule in _faults_of(intent, rows)
        ]
    known = {key for intent in intents.values() for key in intent.keys}
    steps = {_step(key, step) for key in known for step in EXCHANGE_STEPS}
    found += [
        Violation(rule="something was done that nobody asked for", about=key)
        for key in rows.keys() - known - steps - before.keys()
    ]
    wanted = charged_before + sum(
        intent.arguments["amount"]
        for intent in intents.values()
        if intent.command == "charge" and intent.final and intent.final["fact"] == OK
    )
    if charged(connection) != wanted:
        rule = "the ledger has other charges than those that were acknowledged"
        found.append(Violation(rule=rule, about=f"{charged(connection)}, not {wanted}"))
    return found


def _faults_of(intent: Intent, rows: Rows) -> list[str]:
    """Say what is wrong between the answers to one intent and what was done for it."""
    done = [key for key in intent.keys if key in rows]
    facts = sorted({answer["fact"] for answer in intent.answers})
    if len(done) > 1:
        return ["what was wanted once was done twice"]
    if not facts:
        return ["nobody found out what became of it"]
    if len(facts) > 1:
        return [f"it was answered in different ways: {', '.join(facts)}"]
    if facts == [OK]:
        return _faults_of_done(intent, rows[done[0]] if done else None)
    return ["it was not done, people were told, and it was"] if done else []


def _faults_of_done(intent: Intent, row: tuple[str, dict[str, Any]] | None) -> list[str]:
    """Compare what people were told with what is stored."""
    if row is None:
        # A second cancel is told the same again, and leaves no trace.
        again = intent.command == "cancel" and intent.final["replayed"]
        return [] if again else ["it was acknowledged, and is not there"]
    command, result = row
    stored = told(answers.BUILDERS[command](result))
    wrong = any(answer["told"] != stored for answer in intent.answers)
    return ["what is stored is not what people were told"] if wrong else []


def _step(key: str, name: str) -> str:
    """Make the key of a step of an exchange, as the exchange does."""
    return hashlib.sha256(f"{key}:{name}".encode()).hexdigest()


def judge_events(connection: psycopg.Connection, received: set[str]) -> list[Violation]:
    """Hold what was published against what happened: everything at least once, nothing else."""
    rows = dict(connection.execute(EVENTS).fetchall())
    lost = [name for name, sent in rows.items() if sent and name not in received]
    return [
        Violation(rule="an event was marked as sent, and nobody received it", about=name)
        for name in lost
    ] + [
        Violation(rule="an event of nothing was received", about=name)
        for name in received - rows.keys()
    ]


def judge_journal(
    connection: psycopg.Connection, intents: dict[str, Intent], left: set[str]
) -> list[Violation]:
    """See that what was done, with nobody told, stands in the journal of its client."""
    rows = done_by(connection)
    return [
        Violation(rule="it was done, nobody was told, and no journal knows", about=intent.command)
        for intent in intents.values()
        if intent.journaled and intent.final is None and not intent.heard
        for key in intent.keys
        if key in rows and key not in left
    ]
