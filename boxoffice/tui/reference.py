"""Writes docs/counter.md from the table of actions: ``python -m boxoffice.tui.reference``."""

from __future__ import annotations

import sys

from boxoffice.tui.action import JAMO, Action
from boxoffice.tui.actions import by_group
from boxoffice.tui.keys import BY_ID

INTRODUCTION = """\
# The counter

`boxoffice counter` sells at a live seat map, with the queue and the orders beside it. It is for
clerks and admins, works by keyboard alone and from 60x18 characters on. Below is every key; this
page is made from the program by `make docs`. `?` shows what works at the moment, and `ctrl+p`
(shown `^p`) finds it by name.

- Letters work in Korean input mode too: `j` is also `ㅓ`. Capital letters whose jamo has no
  shifted form (`H` `N` `X` `L`) need the Latin mode, or the palette.
- Money moves only by Enter on a button that was deliberately moved to: dialogs begin on the safe
  answer, and an Enter held down presses nothing.
- When the connection is lost in the middle of a change, the counter finds out by the operation's
  key what became of it: "checking, do not charge again". Nothing is done twice.
- `● live`; `◐ polling 2 s` while Redis is away, and selling goes on; `○ offline since 14:03`
  while Postgres is away.
"""


def main() -> None:
    """Print the page."""
    sys.stdout.write(page())


def page() -> str:
    """Return the whole page."""
    parts = [INTRODUCTION]
    for title, actions in by_group(BY_ID):
        parts.append(f"## {title}\n")
        parts.append("| keys | action |\n| --- | --- |\n" + "".join(map(_row, actions)))
    return "\n".join(parts)


def _row(action: Action) -> str:
    jamo = [JAMO[key] for key in action.keys if key in JAMO]
    keys = " ".join(f"`{key}`" for key in (*action.shown_keys, *jamo))
    return f"| {keys} | {action.words} |\n"


if __name__ == "__main__":
    main()
