"""CSV in: each row is a line of one command, done and answered as in a batch."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from boxoffice.commands import output
from boxoffice.commands.batch.acting import Actor
from boxoffice.commands.batch.lines import Line
from boxoffice.commands.batch.running import office_of, running
from boxoffice.commands.given_files import anew, given_file
from boxoffice.core import csv_files, language
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from boxoffice.commands.batch.acting import Answer, Manner
    from boxoffice.commands.batch.telling import Tally
    from boxoffice.commands.output import Format

TABLE_ROWS = 1_000
Columns = tuple[tuple[str, ...], tuple[str, ...]]


def do_rows(
    path: str, command: str, columns: Columns, manner: Manner, form: Format, *, identity: str
) -> int:
    """Do a command once a row, with the required and the optional columns as its fields.

    Returns the exit code. Raises InputInvalid for a file that is wrong anywhere, and then
    nothing was done.
    """
    with given_file(path, csv_files.open_rows, bytes_max=csv_files.FILE_BYTES_MAX) as file:
        for _ in csv_files.read_rows(file, *columns):
            pass
        with office_of(manner) as office, running(as_json=form.as_json) as tally:
            actor, teller = Actor(office, manner), Teller(form, tally, identity)
            try:
                for number, row in csv_files.read_rows(anew(file), *columns):
                    teller.tell(actor.act(_line(number, command, row)))
            finally:
                teller.flush()
    return tally.worst


def _line(number: int, command: str, row: dict[str, str]) -> Line:
    fields = {name: cell for name, cell in sorted(row.items()) if cell}
    return Line(number=number, text=json.dumps({"command": command, **fields}).encode())


class Teller:
    """Tells answers as `--json`, a pipe or a terminal has them; errors are words where not JSON."""

    def __init__(self, form: Format, tally: Tally, identity: str) -> None:
        self._form, self._tally, self._identity = form, tally, identity
        self._rows: list[Any] = []

    def tell(self, answer: Answer) -> None:
        """Tell what came of a row; raises AnswerLost."""
        if self._form.as_json:
            self._tally.tell(answer.written(), answer.exit, replayed=answer.replayed)
            return
        self._tally.count(answer.exit, replayed=answer.replayed)
        if answer.error is not None:
            self._tally.remember(answer.number, _say(answer))
            return
        self._rows.append(answer.found)
        if len(self._rows) >= (TABLE_ROWS if sys.stdout.isatty() else 1):
            self.flush()

    def flush(self) -> None:
        """Print the rows that are kept, for a table; raises AnswerLost."""
        rows, self._rows = self._rows, []
        if rows:
            self._tally.print(
                lambda: output.print_many(rows, type(rows[0]), self._form, identity=self._identity)
            )


def _say(answer: Answer) -> str:
    """Say why a row was not done; return the error's code."""
    error = answer.error
    if isinstance(error, dict):
        code, message = error["code"], error["message"]
    else:
        assert error is not None
        code, message = error.code, language.of(error)[0]
    told = tr("line {line}: {message}", line=answer.number, message=message)
    output.say(f"boxoffice: {told}. [{code}]")
    return code
