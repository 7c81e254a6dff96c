"""Codes from a scanner that types, one a line: an answer a line, until the input ends."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from boxoffice.commands import output
from boxoffice.commands.output import Exit
from boxoffice.commands.runtime import Change, open_office, operation_key
from boxoffice.core import language
from boxoffice.core.errors import BoxOfficeError, InputInvalid
from boxoffice.core.language import tr
from boxoffice.core.text import cells, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from boxoffice.core.model import DoorList

LINE_BYTES_MAX = 1_000
LINES_MAX = 1_000_000


def check_in_stream(
    performance: int | None, gate: str | None, key: str | None, *, dry_run: bool, as_json: bool
) -> int:
    """Check the codes of stdin in, each under a key of its own; return the worst exit code."""
    given = None if key is None else operation_key(key)
    if given is not None:
        operation_key(f"{given}:{LINES_MAX}")  # or every line would be refused, one by one
    with open_office(dry_run=dry_run) as office:

        def check_in(number: int, code: str) -> Any:  # noqa: ANN401 - a noun
            own = operation_key(None if given is None else f"{given}:{number}")
            with ExitStack() as since_sent:
                change = Change(office, "ticket check-in", own, since_sent)
                came = change.once(
                    lambda key: office.check_in(code, performance=performance, gate=gate, key=key),
                    performance=performance,
                    gate=gate,
                )
                change.told()
            return came

        worst = _answer_all(check_in, as_json=as_json)
    if dry_run:
        output.say(tr("would {command}: nothing was changed", command="ticket check-in"))
    return worst


def keep_door(
    file: str, journal: str, public_key: str | None, gate: str | None, *, as_json: bool
) -> int:
    """Let people in by a signed list and a journal; return the worst exit code."""
    from boxoffice.core.tickets import lists
    from boxoffice.core.tickets.door import Door
    from boxoffice.core.tickets.gates import clean_gate

    where = clean_gate(gate)
    with lists.open_file(file) as opened:
        tickets, signed_by = lists.read(opened, public_key=public_key)
    if public_key is None:
        output.say(tr("the list is signed with {key}; is that yours?", key=signed_by))
    if sys.stderr.isatty():
        output.say(_about(tickets))
    with Door(tickets, signed_by, journal) as door:
        return _answer_all(
            lambda _, code: door.admit(code, at=datetime.now(UTC), gate=where), as_json=as_json
        )


def _answer_all(act: Callable[[int, str], Any], *, as_json: bool) -> int:
    worst = int(Exit.DONE)
    for number, text in _lines():
        try:
            if text is None:
                raise InputInvalid("the line is no text, or too long", hint="a code a line")
            line = _admitted(number, act(number, text), as_json=as_json)
        except BoxOfficeError as error:
            worst = max(worst, int(output.exit_code(error)))
            line = _refused(number, error, as_json=as_json)
        output.print_line(line)
    return worst


def _lines() -> Iterator[tuple[int, str | None]]:
    """Yield the number and the text of each line that is not empty; None for what is no text."""
    stream, number = sys.stdin.buffer, 0
    while line := stream.readline(LINE_BYTES_MAX + 1):
        number += 1
        whole = line
        while whole and not whole.endswith(b"\n"):  # what is too long is read to its end
            whole = stream.readline(LINE_BYTES_MAX + 1)
        if not line.strip():
            continue
        is_text = len(line) <= LINE_BYTES_MAX and line.isascii()
        yield number, line.decode().strip() if is_text else None


def _about(tickets: DoorList) -> str:
    """Say which list this is: an old one knows nothing of what was given back since."""
    return tr(
        "{concert}, {venue}, {date:%Y-%m-%d %H:%M}: {count} tickets as of {made_at:%Y-%m-%d %H:%M}",
        concert=tickets.concert,
        venue=tickets.venue,
        date=tickets.date,
        count=len(tickets.tickets),
        made_at=tickets.made_at.astimezone(tickets.date.tzinfo),
    )


def _admitted(number: int, came: Any, *, as_json: bool) -> str:  # noqa: ANN401
    if as_json:
        return output.dump({"line": number, "ok": True, "result": output.plain(came)})
    if sys.stdout.isatty():
        place = tr("section {section}, row {row}", section=came.section, row=came.row)
        return _said(tr("admitted"), tr("seat {seat}", seat=came.seat), place, came.price_type)
    return f"admitted\t{came.seat}\t{came.section}\t{came.row}\t{came.price_type}"


def _refused(number: int, error: BoxOfficeError, *, as_json: bool) -> str:
    told = output.described(error)
    if as_json:
        return output.dump({"line": number, "ok": False, "error": told})
    if sys.stdout.isatty():
        message, _ = language.of(error)
        return _said(tr("refused"), visible(message), f"[{error.code}]")
    return f"{told['code']}\t{told['message']}"


def _said(outcome: str, *parts: str) -> str:
    """Write a line for people, the outcomes one below the other."""
    width = max(cells(tr("admitted")), cells(tr("refused")))
    return "  ".join((outcome + " " * (width - cells(outcome)), *parts))
