"""CSV on stdout: RFC 4180 in UTF-8, amounts as numbers in minor units, no cell a formula."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from boxoffice.commands import output, people
from boxoffice.core.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def print_csv(values: Iterable[Any], names: Sequence[str], *, mark: bool = False) -> None:
    """Print nouns as CSV, a few in memory at once; ``mark`` puts a byte order mark before them.

    Raises LocalDiskFailed; BrokenPipeError when the reader has gone.
    """
    from boxoffice.core.csv_files import write_rows  # not for `--help`

    rows = ([_cell(getattr(value, name)) for name in names] for value in values)
    output.print_file(partial(write_rows, header=names, rows=rows, mark=mark))


def _cell(value: Any) -> Any:  # noqa: ANN401 - whatever a noun holds
    """Return a number as one, and anything else as text of one line, or None for nothing."""
    if people.is_money(value):
        return value.amount
    if isinstance(value, dict | bool):
        return output.dump(output.plain(value))
    if isinstance(value, tuple):
        return ",".join(map(str, map(_cell, value)))
    if value is None or isinstance(value, int | float):
        return value
    return visible(str(output.plain(value)))
