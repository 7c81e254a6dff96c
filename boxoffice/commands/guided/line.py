"""A line while it is typed, and what stands above it, drawn anew as often as time passes.

The kernel, which edits lines elsewhere, tells nobody what is typed before its end. A countdown
can only be drawn above a line of which it is known how many lines of the screen it takes.
"""

from __future__ import annotations

import codecs
import unicodedata
from math import ceil

from boxoffice.commands.guided.folding import fitted, wrapped
from boxoffice.core.text import cells, visible

CHARACTERS_MAX = 1_000  # so that all of it stays on any screen
ERASE, ERASE_ALL, ERASE_WORD, END = ("\x7f", "\b"), "\x15", "\x17", "\x04"
ESCAPE, LONGER = "\x1b", ("\x1b[", "\x1bO")
UP, CLEAR_BELOW = "\x1b[{rows}A", "\x1b[J"
# Where only time has passed, the cursor goes back to where it was.
ABOVE, BACK_DOWN = "\x1b7\x1b[{rows}A\r", "\x1b[K\x1b8"


class Line:
    """What has been typed so far below a question."""

    def __init__(self, question: str, encoding: str) -> None:
        self.text = ""
        self.is_ended = False  # by Ctrl-D, and nothing was typed
        self._question = question
        self._escape = ""
        self._above: str | None = None
        self._drawn: list[str] = []
        self._columns = 0
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")

    def take(self, typed: bytes) -> bytes | None:
        """Take keys; return what was typed after Enter, None where that was not pressed."""
        keys, enter, rest = typed.partition(b"\n")
        for key in self._decoder.decode(keys):
            self._press(key)
        return rest if enter else None

    def _press(self, key: str) -> None:
        if self._escape or key == ESCAPE:
            self._skip(key)
        elif key in ERASE:
            self.text = self.text[:-1]
        elif key == ERASE_ALL:
            self.text = ""
        elif key == ERASE_WORD:
            self.text = self.text.rstrip().rpartition(" ")[0]
        elif key == END:
            self.is_ended = not self.text
        elif len(self.text) < CHARACTERS_MAX and not unicodedata.category(key).startswith("C"):
            self.text += key

    def _skip(self, key: str) -> None:
        """Pass over what arrows and other keys send that mean nothing here."""
        self._escape += key
        if self._escape in (ESCAPE, *LONGER):
            return
        if not self._escape.startswith(LONGER) or "@" <= key <= "~":
            self._escape = ""

    def drawing(self, above: str | None, columns: int) -> str:
        """Return what draws the line and the one above it over what was drawn before."""
        *asked, last = wrapped(self._question, columns - 1)
        above = above and fitted(above, columns - 1)
        drawn = [*asked, *_flowing(f"{last} {visible(self.text)}", columns - 1)]
        if columns == self._columns and _goes_on(self._drawn, drawn):
            changed = self._above_anew(above) + drawn[-1][len(self._drawn[-1]) :]
        else:
            changed = self._back(columns) + "\n".join([above, *drawn] if above else drawn)
        self._above, self._drawn, self._columns = above, drawn, columns
        return changed

    def _above_anew(self, above: str | None) -> str:
        if above is None or above == self._above:
            return ""
        return ABOVE.format(rows=len(self._drawn)) + above + BACK_DOWN

    def _back(self, columns: int) -> str:
        """Return to where the drawing began; a terminal that is narrower now has parted it."""
        if not self._drawn:
            return ""
        lines = [self._above, *self._drawn] if self._above else self._drawn
        rows = sum(max(1, ceil(cells(line) / columns)) for line in lines) - 1
        return "\r" + (UP.format(rows=rows) if rows else "") + CLEAR_BELOW


def _goes_on(former: list[str], lines: list[str]) -> bool:
    """Tell whether all that is new stands at the end of the last line."""
    return (
        len(former) == len(lines) and former[:-1] == lines[:-1] and lines[-1].startswith(former[-1])
    )


def _flowing(text: str, width: int) -> list[str]:
    """Part what is typed wherever a line is full."""
    lines = []
    while cells(text) > width:
        line = fitted(text, width) or text[:1]
        lines.append(line)
        text = text[len(line) :]
    return [*lines, text]
