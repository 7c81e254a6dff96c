"""One line after the other: done by the command it names, with one office for all."""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from boxoffice.commands import output
from boxoffice.commands.batch.lines import Keys, read_object
from boxoffice.commands.batch.operations import LEFT_OUT, operations
from boxoffice.commands.batch.references import References
from boxoffice.commands.output import Exit
from boxoffice.commands.runtime import lending
from boxoffice.core.errors import InputInvalid, Interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boxoffice.commands.batch.lines import Line
    from boxoffice.commands.batch.operations import Operation
    from boxoffice.core.errors import BoxOfficeError
    from boxoffice.core.office import Office


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the lines of a run are done: by staff, rehearsed, under keys of which ``name``."""

    staff: bool = False
    dry_run: bool = False
    name: str = ""
    stop_on_error: bool = False


def manner_of(key: str | None, **how: bool) -> Manner:
    """Return the manner of a run whose keys are named; raises InputInvalid for no good name."""
    from boxoffice.core.text import clean_key

    return Manner(name="" if key is None else clean_key(key), **how)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a line: what its command ``found``, or the ``error`` that it ended in.

    A bug is told by a mapping.
    """

    number: int
    key: str | None
    exit: int
    found: Any = None
    error: BoxOfficeError | dict[str, str] | None = None

    @property
    def replayed(self) -> bool:
        """Whether it was done before, under the same key."""
        return bool(getattr(self.found, "replayed", False))

    def written(self) -> str:
        """Write the result line."""
        told = {"line": self.number, "key": self.key, "ok": self.exit == Exit.DONE}
        if self.error is None:
            return output.dump(told | {"result": output.plain(self.found)})
        error = self.error if isinstance(self.error, dict) else output.described(self.error)
        return output.dump(told | {"error": error})


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a line asks for: a command with all its arguments."""

    number: int
    key: str | None
    operation: Operation
    values: dict[str, Any]


class Actor:
    """Does lines, each one alone: whatever is wrong with one is its own answer."""

    def __init__(self, office: Office, manner: Manner) -> None:
        self._office, self._manner = office, manner
        self._keys = Keys(manner.name, office.settings.user)
        self._references = References(office)
        self._operations = operations()

    def act(self, line: Line) -> Answer:
        """Do a line and return its answer; raises Interrupted and KeyboardInterrupt alone."""
        task = self.understand(line)
        return task if isinstance(task, Answer) else self.do(task)

    def understand(self, line: Line) -> Task | Answer:
        """Return what a line asks for, or the answer of one that nobody understands."""
        key: str | None = None
        try:
            given = read_object(line)
            operation = self._operation(given)
            key = self._key(operation, given, line)
            values = operation.arguments(given)
            self._prepare(operation, values, key)
        except Exception as error:  # noqa: BLE001 - whatever is wrong is this line's alone
            return failed(line.number, key, error)
        return Task(number=line.number, key=key, operation=operation, values=values)

    def do(self, task: Task, *, in_doubt: bool = False) -> Answer:
        """Do what a line asks for, which it may have done before; raises what `act` does."""
        try:
            exit_code, found = self._call(task, in_doubt=in_doubt)
        except Exception as error:  # noqa: BLE001 - a bug, too, ends its own line only
            return failed(task.number, task.key, error)
        return self.done(task, found, exit_code)

    def done(self, task: Task, found: Any, exit_code: int = Exit.DONE) -> Answer:  # noqa: ANN401
        """Return the answer of what was done, and remember it for lines that refer to it."""
        self._references.keep(task.key, found)
        return Answer(number=task.number, key=task.key, exit=exit_code, found=found)

    def _operation(self, given: dict[str, Any]) -> Operation:
        """Take the command out of the fields, and find it."""
        name = given.pop("command", None)
        operation = self._operations.get(name) if isinstance(name, str) else None
        if operation is not None:
            return operation
        if name is None:
            raise InputInvalid("command is missing", hint='as in "command": "reserve"')
        if isinstance(name, str) and {name, name.partition(" ")[0]} & LEFT_OUT.keys():
            raise InputInvalid("this command is not for a batch", hint="run it by itself")
        raise InputInvalid("there is no such command", hint="`boxoffice --help` lists them")

    def _key(self, operation: Operation, given: dict[str, Any], line: Line) -> str | None:
        """Return the key of a line that changes something: its own, or that of its text."""
        if not operation.is_keyed:
            return None
        own = given.get("key")
        if own is None:
            return self._keys.key_of(line)
        return str(own) if isinstance(own, str | int) else None

    def _prepare(self, operation: Operation, values: dict[str, Any], key: str | None) -> None:
        """Complete the fields with what holds for the whole run."""
        if self._manner.staff and operation.has_flag("staff"):
            values["staff"] = True
        if self._manner.dry_run and operation.has_flag("dry_run"):
            values["dry_run"] = True
        reservation = values.get("reservation")
        if isinstance(reservation, str):
            token = values.get("token")
            values["reservation"] = self._references.find(reservation, token)
        if key is not None:
            values["key"] = key

    def _call(self, task: Task, *, in_doubt: bool) -> tuple[int, Any]:
        lent = lending(self._office, in_doubt=in_doubt)
        with _own_streams() as printed, output.collecting() as found, lent:
            try:
                code = task.operation.call(**task.values) or Exit.DONE
            except typer.Exit as left:
                code = left.exit_code
        if text := printed.getvalue():
            found.append({"text": _decoded(text)})
        return int(code), found[0] if len(found) == 1 else (found or None)


class _NoStdin(io.TextIOBase):
    """What a command reads instead of the lines."""

    def _refuse(self, *_: object) -> NoReturn:
        raise InputInvalid("- reads stdin, which is the lines of the batch", hint="name a file")

    read = readline = readlines = read1 = __next__ = _refuse

    @property
    def buffer(self) -> _NoStdin:
        """Refuse bytes as well."""
        return self


NO_STDIN = _NoStdin()


@contextmanager
def _own_streams() -> Iterator[io.BytesIO]:
    """Keep what a command prints on its own way, and what it would read, out of the streams."""
    streams = sys.stdin, sys.stdout
    printed = io.BytesIO()
    own = io.TextIOWrapper(printed, encoding=sys.stdout.encoding, write_through=True)
    sys.stdin, sys.stdout = NO_STDIN, own
    try:
        yield printed
    finally:
        sys.stdin, sys.stdout = streams
        own.detach()


def _decoded(text: bytes) -> str:
    try:
        return text.decode(sys.stdout.encoding)
    except UnicodeDecodeError:
        raise InputInvalid("the answer is no text", hint="have it written to a file") from None


def failed(number: int, key: str | None, error: Exception) -> Answer:
    """Return the answer of a line that ended in an error; raises Interrupted."""
    from boxoffice.commands import meaning, place_of

    meant = meaning(error)
    if isinstance(meant, Interrupted):
        raise meant
    if meant is not None:
        code = output.exit_code(meant)
        return Answer(number=number, key=key, exit=code, error=meant)
    message = f"a bug: {type(error).__name__} at {place_of(error)}"
    bug = {"code": "bug", "kind": "bug", "message": message, "hint": "please report it"}
    return Answer(number=number, key=key, exit=Exit.BUG, error=bug)
