"""How values look to people on a terminal: tables, local times, money as it is written."""

from __future__ import annotations

import shutil
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from boxoffice.core import language
from boxoffice.core.language import tr
from boxoffice.core.text import cells, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


# A column is never narrower than its longest word, so that ids, prices and times stay whole.
WORD_CELLS_MAX = 32
# Where the table has no room otherwise, words are broken that are longer than a state, and those
# with digits (references, prices, times) that are longer than a reservation's name.
WORD_CELLS_MIN, FIGURES_CELLS_MIN = 9, 20
GAP_CELLS = 2
CAPTIONS = {
    "performances": "dates",
    "first_date": "first",
    "last_date": "last",
    "total_seats": "seats",
    "free_seats": "free",
    "held_seats": "held",
    "sold_seats": "sold",
    "blocked_seats": "blocked",
    "price_from": "from",
    "price_to": "to",
}
# Fields whose values are words of ours, and those words; what else is text came from people.
STATED = ("state", "tender", "source", "by")
STATES = (
    *("free", "held", "sold", "blocked", "paid", "cancelled", "expired"),
    *("waiting", "admitted", "left", "closed", "pre", "open", "paused", "drain"),
    *("announced", "cancelling"),
    *("balance", "cash", "card", "complimentary"),
    *("done", "abandoned", "in_progress", "running", "starting", "stopped"),
    *("retrying", "dead", "sent", "recorded", "known", "used", "unknown"),
    *("default", "environment", "package", "server", "host", "journal"),
)


def print_table(names: Sequence[str], values: Sequence[Any], zone: str | None) -> None:
    """Print nouns as a table; an empty one says so in words."""
    from rich.table import Table

    if not values:
        _print(_text(tr("nothing to show")))
        return
    columns = _columns(names, values, zone)
    widths = _widths(columns)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, column, width in zip(names, columns, widths, strict=True):
        is_number = _is_number(_captioned(values[0], name))
        justify: Any = "right" if is_number else "left"
        table.add_column(column[0], justify=justify, overflow="fold", width=width)
    for row in zip(*(column[1:] for column in columns), strict=True):
        table.add_row(*(_text(cell) for cell in row))
    _print(table, sum(widths) + GAP_CELLS * (len(widths) - 1))


def cells_left(names: Sequence[str], values: Sequence[Any]) -> int:
    """Return how many cells a table leaves on the terminal for one column more."""
    widths = map(_whole, _columns(names, values, None))
    return shutil.get_terminal_size().columns - sum(width + GAP_CELLS for width in widths)


def print_pairs(facts: Mapping[str, Any], zone: str | None) -> None:
    """Print facts a line each."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in facts.items():
        words = ".".join(tr(part.replace("_", " ")) for part in name.split("."))
        grid.add_row(_text(words, style="bold"), _text(_shown(_said(value, name), zone)))
    _print(grid)


def print_lines(lines: Iterable[Any]) -> None:
    """Print lines of rich text, none of them folded."""
    for line in lines:
        _print(line)


def caption(name: str) -> str:
    """Return the English heading of a field's column."""
    return CAPTIONS.get(name, name.replace("_", " "))


def is_money(value: Any) -> bool:  # noqa: ANN401
    """Tell whether a value is an amount in minor units."""
    from boxoffice.core.model import Money  # not for `--help`

    return isinstance(value, Money)


def evening(moment: datetime) -> str:
    """Write the start of a performance without its year, on the clock that it carries."""
    from babel.dates import format_skeleton

    day = format_skeleton("MMMEd", moment, locale=language.current())
    return f"{day} {moment:%H:%M}"


def _captioned(value: Any, name: str) -> Any:  # noqa: ANN401
    """Return a field, or the name that stands beside a number."""
    return getattr(value, f"{name}_name", None) or _said(getattr(value, name), name)


def _said(value: Any, name: str) -> Any:  # noqa: ANN401
    """Return a state in the language in force, and any other value as it is."""
    return tr(value) if name.rpartition(".")[2] in STATED and value in STATES else value


def _is_number(value: Any) -> bool:  # noqa: ANN401
    return is_money(value) or (isinstance(value, int | float) and not isinstance(value, bool))


def _columns(names: Sequence[str], values: Sequence[Any], zone: str | None) -> list[list[str]]:
    """Return the texts of a table, by column, each below its heading."""
    return [
        [tr(caption(name)), *(_shown(_captioned(value, name), zone) for value in values)]
        for name in names
    ]


def _whole(column: Sequence[str]) -> int:
    """Return how wide a column is where nothing in it is folded."""
    return max(cells(line) for text in column for line in text.split("\n"))


def _widths(columns: Sequence[Sequence[str]]) -> list[int]:
    """Return how wide columns are: as their texts, the widest folded until the terminal has room.

    Rich itself folds columns below their longest word and then makes the table too wide.
    """
    room = shutil.get_terminal_size().columns - GAP_CELLS * (len(columns) - 1)
    least = [_longest_word(column) for column in columns]
    widths = [_whole(column) for column in columns]
    for floor in (least, [_shortest_cells(column) for column in columns]):
        while sum(widths) > room and widths != floor:
            folds = [at for at, width in enumerate(widths) if width > floor[at]]
            widths[max(folds, key=widths.__getitem__)] -= 1
    return widths


def _longest_word(texts: Sequence[str]) -> int:
    return min(max(cells(word) for text in texts for word in text.split() or [""]), WORD_CELLS_MAX)


def _shortest_cells(texts: Sequence[str]) -> int:
    words = [word for text in texts for word in text.split() or [""]]
    return max(
        min(cells(word), FIGURES_CELLS_MIN if any(map(str.isdigit, word)) else WORD_CELLS_MIN)
        for word in words
    )


def _shown(value: Any, zone: str | None) -> str:  # noqa: ANN401, PLR0911 - one for each type
    if value is None:
        return "-"
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if is_money(value):
        return language.money(value)
    if isinstance(value, datetime):
        return _time(value, zone)
    if isinstance(value, tuple):
        return ", ".join(_shown(item, zone) for item in value) or "-"
    if is_dataclass(value):
        said = {field.name: getattr(value, field.name) for field in fields(value)}
        return "\n".join(
            f"{tr(caption(name))}: {_shown(_said(part, name), zone)}" for name, part in said.items()
        )
    return visible(str(language.spoken(value)))


def _time(value: datetime, zone: str | None) -> str:
    """Write a time as the clocks of its place show it; times of the day itself to the second."""
    if zone is not None:
        from zoneinfo import ZoneInfo

        value = value.astimezone(ZoneInfo(zone))
    if value.date() != datetime.now(value.tzinfo).date():
        return f"{value:%Y-%m-%d %H:%M}"
    return tr("today {time:%H:%M:%S}", time=value)


def _text(words: str, style: str = "") -> Any:  # noqa: ANN401 - a rich Text, imported late
    from rich.text import Text

    return Text(words, style=style)


def _print(renderable: Any, width_min: int = 0) -> None:  # noqa: ANN401
    """Print as wide as the terminal; wider, and wrapped by it, rather than cut off."""
    from rich.console import Console

    console = Console(highlight=False)
    console.width = max(console.width, width_min)
    console.print(renderable, crop=False)
