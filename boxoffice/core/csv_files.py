"""CSV files that people bring and take away (RFC 4180, UTF-8): read with limits, written safely.

A spreadsheet computes a cell that begins like a formula, whoever wrote it; text that does is
written with an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
import os
import stat
from contextlib import contextmanager
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, BinaryIO

from boxoffice.core.errors import InputInvalid, Words
from boxoffice.core.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

FILE_BYTES_MAX = 64 * 1024 * 1024
LINE_BYTES_MAX = 64 * 1024
ROWS_MAX = 1_000_000
ROWS_WRITTEN_AT_ONCE = 1_000
SHOWN_CHARACTERS_MAX = 40
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# The wide ones are the same signs to a spreadsheet in East Asian languages.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
HINT = Words("CSV in UTF-8, with a line of headers; - reads stdin")


def safe_cell(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def write_rows(
    file: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[Any]], *, mark: bool = False
) -> None:
    """Write rows below a header, a page of them in memory at once; None is an empty cell.

    Text is neutralised; a number is written as one, below zero too. ``mark`` puts the byte order
    mark before all that some spreadsheets want.
    """
    file.write(BYTE_ORDER_MARK if mark else b"")
    source: Iterator[Sequence[Any]] = chain((header,), rows)
    while page := list(islice(source, ROWS_WRITTEN_AT_ONCE)):
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        for row in page:
            writer.writerow([safe_cell(cell) if isinstance(cell, str) else cell for cell in row])
        file.write(text.getvalue().encode())


@contextmanager
def open_rows(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a CSV file for reading; raises InputInvalid unless it is a regular file."""
    try:
        # Without waiting: opening a pipe that nobody writes to would hang.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or Words("not a file name")
        raise InputInvalid("cannot read the file: {reason}", hint=HINT, reason=reason) from None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise InputInvalid("cannot read the file: it is not a regular file", hint=HINT)
        yield file


def read_rows(
    file: BinaryIO,
    required: Sequence[str],
    optional: Sequence[str] = (),
    prefixes: Sequence[str] = (),
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of each line (from 1) and its cells by header, spaces about them cut off.

    Headers may come in any order; those that begin with one of `prefixes` may be there too.
    Empty lines are passed over. Raises InputInvalid with the number of the line.
    """
    reader = csv.reader(_lines(file), strict=True)
    header: list[str] = []
    count = 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _wrong(reader.line_num, Words("{reason}", reason=str(error))) from None
        if cells is None:
            break
        if not any(cell.strip() for cell in cells):
            continue
        if not header:
            header = [cell.strip() for cell in cells]
            _check_header(header, required, optional, prefixes, reader.line_num)
            continue
        if len(cells) != len(header):
            wrong = Words("{found} cells of {wanted}", found=len(cells), wanted=len(header))
            raise _wrong(reader.line_num, wrong)
        count += 1
        if count > ROWS_MAX:
            raise _wrong(reader.line_num, Words("more than {most:,} lines", most=ROWS_MAX))
        yield reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True))
    if not header:
        raise InputInvalid("the file is empty", hint=HINT)


def _lines(file: BinaryIO) -> Iterator[str]:
    total = number = 0
    while line := file.readline(LINE_BYTES_MAX + 1):
        number += 1
        total += len(line)
        if len(line) > LINE_BYTES_MAX:
            raise _wrong(number, Words("longer than {most:,} bytes", most=LINE_BYTES_MAX))
        if total > FILE_BYTES_MAX:
            raise InputInvalid(
                "the file is larger than {most:,} bytes", hint=HINT, most=FILE_BYTES_MAX
            )
        if number == 1:
            line = line.removeprefix(BYTE_ORDER_MARK)
        if b"\0" in line:
            raise _wrong(number, Words("a NUL"))
        try:
            yield line.decode()
        except UnicodeDecodeError:
            raise _wrong(number, Words("not UTF-8")) from None


def _check_header(
    header: Sequence[str],
    required: Sequence[str],
    optional: Sequence[str],
    prefixes: Sequence[str],
    line: int,
) -> None:
    known = (*required, *optional)
    for name in header:
        shown = visible(name[:SHOWN_CHARACTERS_MAX])
        if name not in known and not name.startswith(tuple(prefixes)):
            columns = ", ".join((*known, *(f"{prefix}..." for prefix in prefixes)))
            raise _wrong(
                line, Words("unknown column {name}; known: {known}", name=shown, known=columns)
            )
        if header.count(name) > 1:
            raise _wrong(line, Words("the column {name} is there twice", name=shown))
    for name in required:
        if name not in header:
            raise _wrong(line, Words("there is no column {name}", name=name))


def _wrong(line: int, what: str) -> InputInvalid:
    return InputInvalid("line {line}: {what}", hint=HINT, line=line, what=what)
