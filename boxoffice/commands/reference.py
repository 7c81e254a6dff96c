"""Writes docs/cli.md from the program itself: ``python -m boxoffice.commands.reference``."""

from __future__ import annotations

import inspect
import sys
import types
import typing
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import typer.main

from boxoffice.commands import script
from boxoffice.commands.app import app
from boxoffice.commands.guided.booked import Booked
from boxoffice.commands.output import Exit, data_fields, exit_code
from boxoffice.core import checkup, embedded, model
from boxoffice.core.config import NOT_IN_FILE, SETTABLE
from boxoffice.core.errors import OperationNotSeen, all_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

# One operation of a file, in the order of the file: `charge --from` answers by them as well.
LINES = (
    'a line each: `{"line": number, "key": text or null, "ok": true or false, "result": what the'
    ' command answers with by itself, or "error": {"code", "kind", "message", "hint"}}`'
)
# What a command answers with; a list where it answers with an array, text where it is no noun.
RESULTS: dict[str, Any] = {
    "batch": LINES,
    "user import": LINES,
    "enqueue": model.Place,
    "position": model.Place,
    "leave": model.Left,
    "list-concerts": [model.Concert],
    "show-concert": model.ConcertDetail,
    "list-dates": [model.Performance],
    "list-seats": [model.Seat],
    "list-reservations": [model.Reservation],
    "reserve": model.HeldReservation,
    "pay": model.PaidReservation,
    "cancel": model.CancelledReservation,
    "book": Booked,
    "charge": model.Charge,
    "balance": model.Balance,
    "status": model.Operation,
    "doctor": [checkup.Check],
    "verify": model.Inspection,
    "bench": model.LoadReport,
    "venue import": model.Venue,
    "venue list": [model.ListedVenue],
    "concert create": model.ConcertDetail,
    "concert list": [model.ListedConcert],
    "concert cancel": model.CancelledConcert,
    "performance create": model.CreatedPerformance,
    "performance list": [model.ListedPerformance],
    "performance reschedule": model.ScheduledPerformance,
    "performance sale": model.ScheduledPerformance,
    "performance cancel": model.CancelledPerformance,
    "performance import": model.Season,
    "performance prices": [model.CategoryPrice],
    "performance set-price": model.PriceList,
    "performance block": model.BlockedSeats,
    "performance unblock": model.UnblockedSeats,
    "performance blocks": [model.SeatBlock],
    "user add": model.User,
    "user find": [model.Customer],
    "user correct": model.CorrectedBalance,
    "user anonymise": model.AnonymisedUser,
    "queue show": model.QueueStatus,
    "queue open": model.Line,
    "queue pause": model.Line,
    "queue drain": model.Line,
    "queue close": model.Line,
    "queue pre": model.Line,
    "queue resume": model.Line,
    "queue set": model.Line,
    "queue draw": model.Draw,
    "worker": {"at": "time", "what": "text", "job": "text", "count": "int", "message": "text"},
    "worker status": model.WorkerStatus,
    "outbox list": [model.Delivery],
    "outbox dead": [model.Delivery],
    "outbox retry": model.OutboxChange,
    "outbox discard": model.OutboxChange,
    "report sales": [model.SalesLine],
    "report occupancy": [model.OccupancyLine],
    "report cash-up": [model.CashLine],
    "report queue": model.QueueReport,
    "report audit": [model.AuditEntry],
    "ticket show": [model.Ticket],
    "ticket list": [model.ListedTicket],
    "ticket check-in": model.CheckIn,
    "ticket key": {"public_key": "text"},
    "ticket door": {"line": "int", "ok": "true or false", "result": "ticket", "error": "error"},
    "ticket upload": [model.UploadedCheckIn],
    "store start": embedded.StoreStatus,
    "store stop": embedded.StoreStatus,
    "store status": embedded.StoreStatus,
    "store reset": embedded.StoreStatus,
    "store migrate": {"schema": "text"},
    "store grants": {"applied": "true or false", "sql": "text"},
}
EXIT_MEANINGS = {
    Exit.DONE: "done, or it was so already",
    Exit.BUG: "a bug; please report the line. Of `verify` and `bench`: something that must"
    " hold does not",
    Exit.USAGE: "the input cannot be meant",
    Exit.NOT_FOUND: "no such thing",
    Exit.REFUSED: "a rule refuses; the same request will fail again",
    Exit.CONFLICT: "somebody was faster; choose again",
    Exit.UNAVAILABLE: "a server is away, or the time ran out; the same request may work later",
    Exit.UNKNOWN: "nobody can say, or the answer was lost; ask `boxoffice status KEY`, or give"
    " `enqueue` and `leave` again",
    Exit.INTERRUPTED: "interrupted",
}
SETTING_MEANINGS = {
    "database_url": "Postgres, as postgresql://...; unset together with the next: embedded servers",
    "redis_url": "Redis or Valkey, as redis://, rediss:// or unix://",
    "database_ca": "the file of authorities that Postgres's certificate is verified with",
    "redis_ca": "the same for Redis",
    "allow_insecure": "servers that need no TLS over a network: `database`, `redis` or both",
    "role": "`customer`, `reader` (of reports), `clerk` or `admin`; default `admin` on embedded"
    " servers, else `customer`",
    "token": "the queue token of this session",
    "stub": "the stub of that token, which gives its place back should the queue lose it",
    "user": "the customer of this session, where customers' sessions are run for them",
    "pg_bindir": "the folder of Postgres's programs, instead of the package's",
    "redis_server": "the server program for the queue, instead of the package's",
    "currency": "the currency of new concerts, and of balances where none is named",
    "time_zone": "the zone of venues whose plan names none, and of times of no venue",
    "prepare_threshold": "how often a statement runs before it is prepared; 0 never prepares",
    "hold_seconds": "how long reserved seats wait for their payment",
    "seats_per_reservation_max": "seats that one reservation may have",
    "charge_max": "the largest single charge, in minor units",
    "outcome_seconds": "how long a lost answer is asked for; 30 through a proxy that fails over",
    "queue_capacity": "how many are admitted to a concert at once",
    "queue_rate_per_minute": "how many are admitted a minute",
    "queue_burst": "how many may be admitted at one moment",
    "admission_seconds": "how long an admission lives",
    "admission_seconds_max": "the longest an admission may become by holds made under it",
    "claim_seconds": "how long an admission waits for its owner to come",
    "absence_seconds": "how long a waiting place is kept without being asked for",
    "poll_near_seconds": "when to ask again near the front",
    "poll_middle_seconds": "when to ask again further back",
    "poll_far_seconds": "when to ask again far back",
    "recover_seconds": "how long people come back, and nobody is admitted, after a loss of Redis",
    "staff_allowance": "how many staff sessions may sell beside the queue of a concert at once",
    "webhook_url": "who is told of events by webhook, as https://HOST/PATH; see docs/events.md",
    "webhook_secret": "what webhooks are signed with: `whsec_` and 24 bytes or more in base64",
    "webhook_allow_private": "whether a webhook may lead into a private network, and by http",
    "smtp_url": "the mail server for events, as smtp://USER:PASSWORD@HOST:PORT, or smtps://",
    "smtp_from": "whose mails these are",
    "smtp_to": "who gets them",
    "event_file": "the file that events are appended to; where no sink is set up, `events.jsonl`"
    " in the state folder",
    "event_command": "the program that is run for each event, which it reads on stdin",
    "delivery_seconds": "how long one attempt to tell an event may take",
    "outbox_kept_days": "how long events are kept after everybody was told of them",
}
INTRODUCTION = """\
# The command line

This page is made from the program by `make docs`. Names, JSON fields, error codes and exit codes
only ever grow; nothing is renamed.

- Results go to stdout, words to stderr. On a terminal results are tables; in a pipe they are lines
  with tabs and without a header, in the order of the JSON fields (of `balance --history` and
  `show-concert` a pipe gets the lines of the list); `--json` prints one object, or an array for
  lists; `-q` prints only ids; `--fields a,b` chooses the fields of a list.
- Times are RFC 3339 with offset. Money is `{"amount": 154000, "currency": "KRW"}`, in the minor
  unit of its currency. `replayed` appears, as true, when a key had its answer before.
- Errors are two lines, `boxoffice: WHAT HAPPENED. [code]` and `  hint: WHAT TO DO`, or with
  `--json` one: `{"error": {"code", "kind", "message", "hint"}}`. Where the outcome is open the
  operation's key is in `key`, and on stdout.
- People are spoken to in the language of the locale (`LC_ALL`, `LC_MESSAGES`, `LANG`; `LANGUAGE`
  goes before them as gettext reads it), English or Korean: the words on stderr, and tables on a
  terminal. JSON, its `message` and `hint` too, what a pipe gets, codes and this help are the same
  in every language; scripts tell errors apart by `code`.
- A concert, a venue and a user are named by id or by their unique name.
- Commands behind the queue act by the token of an admission: `--token` (`-` reads stdin), else
  `BOXOFFICE_TOKEN`, else the session that `enqueue` keeps. Clerks and admins act for anybody with
  `--staff --user USER`, and each such act is kept in the audit.
"""


def main() -> None:
    """Print the page."""
    sys.stdout.write(page())


def page() -> str:
    """Return the whole page."""
    parts = [INTRODUCTION, "## Commands\n", *_commands(), *_exits(), *_errors(), *_settings()]
    return "\n".join(parts)


# --- commands ---


def walk() -> Iterator[tuple[str, Any]]:
    """Yield every command with its full name, in the order of the help."""
    root: Any = typer.main.get_command(app)
    for name, command in root.commands.items():
        if getattr(command, "invoke_without_command", False):  # a command that has others
            yield name, command
        for part, inner in getattr(command, "commands", {"": command}).items():
            yield f"{name} {part}".strip(), inner


def _commands() -> Iterator[str]:
    for name, command in walk():
        context = typer.Context(command, info_name=f"boxoffice {name}")
        yield f"### `boxoffice {name}`\n"
        yield f"{command.help}\n"
        example = command.epilog.removeprefix("Example: ")
        yield f"Usage: `{_usage(name, command)}`\n\n```sh\n{example}\n```\n"
        yield from _parameters(command, context)
        if name in RESULTS:
            yield f"Answers with {_result(RESULTS[name])}.\n"
        if name == "status":
            rows = [(f"`{state}`", str(int(code))) for state, code in script.EXITS.items()]
            not_seen = (f"`{OperationNotSeen.code}`", str(int(exit_code(OperationNotSeen()))))
            yield _table(("what became of it", "exit"), [*rows, not_seen])


def _usage(name: str, command: Any) -> str:  # noqa: ANN401 - Typer keeps its classes to itself
    words = [p.metavar for p in command.params if p.param_type_name == "argument"]
    return " ".join(["boxoffice", name, *words, "[OPTIONS]"])


def _parameters(command: Any, context: typer.Context) -> Iterator[str]:  # noqa: ANN401
    rows = [_parameter(parameter) for parameter in command.get_params(context)]
    yield _table(("option", "meaning"), [row for row in rows if row])


def _parameter(parameter: Any) -> tuple[str, str] | None:  # noqa: ANN401
    if parameter.name == "help":
        return None
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar}`", parameter.help
    written = ", ".join(f"`{option}`" for option in parameter.opts)
    value = "" if parameter.is_flag else f" `{parameter.metavar}`"
    return written + value, parameter.help + (" Required." if parameter.required else "")


def _result(kind: Any) -> str:  # noqa: ANN401
    if isinstance(kind, str):
        return kind
    if isinstance(kind, list):
        return f"an array of {_shape(kind[0])}"
    if isinstance(kind, dict):
        return "`{" + ", ".join(f'"{name}": {what}' for name, what in kind.items()) + "}`"
    return _shape(kind)


def _shape(kind: type) -> str:
    written = ", ".join(f'"{name}": {_type(hint)}' for name, hint in _fields(kind))
    return f"`{{{written}}}`"


def _fields(kind: type) -> Iterator[tuple[str, Any]]:
    hints = typing.get_type_hints(kind)
    assert is_dataclass(kind)
    assert {field.name for field in fields(kind)} <= hints.keys()
    return ((name, hints[name]) for name in data_fields(kind) if name != "replayed")


def _type(hint: Any) -> str:  # noqa: ANN401
    """Write a type as JSON has it."""
    if hint is Any:  # the noun of another command, or nothing yet
        return "object or null"
    if isinstance(hint, types.UnionType):
        options = [option for option in typing.get_args(hint) if option is not type(None)]
        null = "" if _is_list(options[0]) else " or null"  # a list nobody asked for is left out
        return " or ".join(map(_type, options)) + null
    if _is_list(hint):
        return f"[{_type(typing.get_args(hint)[0])}, ...]"
    if is_dataclass(hint):
        return "money" if hint is model.Money else _shape(typing.cast("type", hint)).strip("`")
    names = {"int": "int", "float": "number", "bool": "true or false", "datetime": "time"}
    return names.get(getattr(hint, "__name__", ""), "object" if _is_mapping(hint) else "text")


def _is_list(hint: Any) -> bool:  # noqa: ANN401
    return typing.get_origin(hint) is tuple


def _is_mapping(hint: Any) -> bool:  # noqa: ANN401
    return typing.get_origin(hint) is dict


# --- codes and settings ---


def _exits() -> Iterator[str]:
    yield "## Exit codes\n"
    yield _table(
        ("exit", "meaning"), [(str(int(code)), EXIT_MEANINGS[code]) for code in EXIT_MEANINGS]
    )


def _errors() -> Iterator[str]:
    yield "## Error codes\n"
    yield _table(
        ("code", "kind", "exit", "meaning", "hint"),
        [
            (
                f"`{error.code}`",
                error.kind,
                str(int(exit_code(error()))),
                inspect.getdoc(error) or "",
                error.hint,
            )
            for error in all_errors()
        ],
    )


def _settings() -> Iterator[str]:
    yield "## Settings\n"
    yield (
        "An option goes before `BOXOFFICE_*`, that before the config file, that before the\n"
        "default. The config file is `~/.config/boxoffice/config.toml`, mode 0600.\n"
        "`BOXOFFICE_HOME` puts data, state and config below one folder; otherwise the XDG folders\n"
        "are used.\n"
        "`boxoffice doctor` shows every value with its source.\n"
    )
    yield _table(
        ("setting", "variable", "default", "bounds", "meaning"),
        [_setting(name) for name in SETTABLE],
    )


def _setting(name: str) -> tuple[str, ...]:
    spec = SETTABLE[name]
    low, high = spec.metadata.get("low"), spec.metadata.get("high")
    bounds = "" if low is None else f"{_number(low)} to {_number(high)}"
    default = "" if spec.default is None else str(spec.default)
    shown = "variable only" if name in NOT_IN_FILE else f"`{name}`"
    return shown, f"`BOXOFFICE_{name.upper()}`", default, bounds, SETTING_MEANINGS[name]


def _number(value: Any) -> str:  # noqa: ANN401
    return f"{value:,}".removesuffix(".0")


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    lines = [header, ("---",) * len(header), *rows]
    return "".join(f"| {' | '.join(c.replace('|', chr(92) + '|') for c in r)} |\n" for r in lines)


if __name__ == "__main__":
    main()
