"""Lines that fit a terminal: cut or parted by cells, of which a wide character takes two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boxoffice.core.text import cells

if TYPE_CHECKING:
    from collections.abc import Sequence


def fitted(text: str, width: int) -> str:
    """Return a line cut to a width in cells."""
    if cells(text) <= width:
        return text
    while text and cells(text) > width:
        text = text[:-1]
    return text


def folded(facts: Sequence[str], width: int) -> list[str]:
    """Join facts by commas, in as many lines as it takes; a fact is never parted."""
    lines = [facts[0]]
    for fact in facts[1:]:
        joined = f"{lines[-1]}, {fact}"
        if cells(joined) <= width:
            lines[-1] = joined
        else:
            lines[-1] += ","
            lines.append(fact)
    return lines


def wrapped(text: str, width: int) -> list[str]:
    """Part a line between words; one that fits, and a word that fits nowhere, stay as they are."""
    lines: list[str] = []
    while cells(text) > width:
        end = len(fitted(text, width)) + 1
        cut = text.rfind(" ", 1, end)
        if cut < 1 or not text[:cut].strip():
            cut = text.find(" ", end)
        if cut < 0:
            break
        lines.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*lines, text]
