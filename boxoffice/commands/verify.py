"""Whether all that must hold does hold, and the little that may be tidied."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from boxoffice.commands import options, output
from boxoffice.commands.runtime import open_office
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from boxoffice.core.model import Inspection, Repair, Violation

EXAMPLES = {"verify": "boxoffice verify"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A violation as a line of text."""

    check: str
    keys: str
    detail: str


def verify(
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="First end holds that are over, deliver events and drop unknown people from the"
            " queues; never touches a balance (admin).",
        ),
    ] = False,
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """Check that seats, money, events, audit and queues are as they must be; exit 1 if not."""
    from boxoffice.core.model import Violation

    shape = output.form(as_json, fields=fields)
    names = output.columns_of(Violation, shape)
    with open_office() as office:
        repaired = office.repair() if repair else None
        found = replace(office.inspect(), repair=repaired)
    if as_json:
        told = output.plain(found)
        told["violations"] = [{name: one[name] for name in names} for one in told["violations"]]
        output.print_mapping(told, as_json=True)
    else:
        if found.violations:
            output.print_many(list(map(_line, found.violations)), Line, shape, identity="check")
        _say(found)
    if found.violations:
        # What must hold and does not is a bug, if not of this program then of its surroundings.
        raise typer.Exit(output.Exit.BUG)


def _line(found: Violation) -> Line:
    keys = " ".join(f"{name}={value}" for name, value in found.keys.items())
    return Line(check=found.check, keys=keys, detail=found.detail)


def _say(found: Inspection) -> None:
    if found.repair:
        _say_repair(found.repair)
    if found.queue == "away":
        output.say(tr("the queue's server is away: the queues were not checked"))
    checks, count = found.checks, len(found.violations)
    if count:
        output.say(tr("{checks} checks, {count} violations", checks=checks, count=count))
    else:
        output.say(tr("{checks} checks: everything is as it must be", checks=checks))


def _say_repair(done: Repair) -> None:
    output.say(tr("{count} holds that were over have been ended", count=done.expired))
    if done.redelivered is not None:
        output.say(tr("{count} events delivered", count=done.redelivered))
    if done.dropped is not None:
        output.say(tr("{count} unknown people dropped from the queues", count=done.dropped))
    for wrong in done.corrections:
        output.say(
            tr(
                "user {user}: the balance is {balance} {currency} and the ledger says {ledger};"
                " nothing was changed. If the balance is right, this writes the entry that is"
                " missing: boxoffice user correct {user} --amount {entry:+} --currency {currency}"
                " --reason TEXT",
                user=wrong.user,
                balance=wrong.balance,
                currency=wrong.currency,
                ledger=wrong.ledger,
                entry=wrong.entry,
            )
        )
