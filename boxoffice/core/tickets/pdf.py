"""Tickets as PDF, a page each, to be printed or shown on a telephone.

No font travels with this program. Latin text is in Helvetica, Korean, Japanese and Chinese in the
fonts that PDF names for them (ISO 32000-1, 9.7.5.2), which every viewer has or replaces by its
own. What is in none of these (emoji, right-to-left scripts) is drawn as a square; the ticket is
known by its code, and its holder by number.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from boxoffice.core import language
from boxoffice.core.text import EMOJI_STYLE, JOINER
from boxoffice.core.tickets import pictures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from boxoffice.core.model import Ticket

# A page of A6 upright, in points of 1/72 inch.
WIDTH, HEIGHT, MARGIN = 297.6, 419.5, 28.0
QR_POINTS = 150.0
LARGE, USUAL, SMALL = 17.0, 11.0, 8.0
LEADING = 1.5
# Of all sizes, where names are so long that they would run into the code.
SCALES = (1.0, 0.85, 0.7, 0.55)
# In this order: each has all characters of the encoding, which Python knows too.
FONTS = (
    ("Helvetica", "cp1252"),
    ("HYSMyeongJo-Medium", "cp949"),
    ("HeiseiMin-W3", "cp932"),
    ("STSong-Light", "gbk"),
    ("MSung-Light", "big5"),
)
SQUARE, SQUARE_FONT = "□", "HYSMyeongJo-Medium"
UNDRAWN = (JOINER, EMOJI_STYLE)
# Of the won sign the fonts have only the wide one.
DRAWN_AS = {"₩": "￦"}


def write(tickets: Sequence[Ticket]) -> bytes:
    """Return the PDF of these tickets."""
    from reportlab.pdfbase import cidfonts, pdfmetrics
    from reportlab.pdfgen.canvas import Canvas

    for name, _ in FONTS[1:]:
        pdfmetrics.registerFont(cidfonts.UnicodeCIDFont(name))
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), pageCompression=1, invariant=1)
    canvas.setTitle(tickets[0].concert_name)
    canvas.setCreator("boxoffice")
    for ticket in tickets:
        _page(canvas, ticket)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _page(canvas: Any, ticket: Ticket) -> None:  # noqa: ANN401 - reportlab has no types
    top = HEIGHT - MARGIN
    for line, size in _lines(ticket):
        _draw(canvas, line, size, top - size)
        top -= size * LEADING
    _draw_code(canvas, ticket.code)


def _lines(ticket: Ticket) -> list[tuple[str, float]]:
    """Return the lines above the code with their sizes in points, as large as there is room."""
    room = HEIGHT - 2 * MARGIN - SMALL - QR_POINTS
    lines: list[tuple[str, float]] = []
    for scale in SCALES:
        sizes = ((text, size * scale) for text, size in _texts(ticket))
        lines = [(line, size) for text, size in sizes for line in _wrapped(text, size)]
        if sum(size * LEADING for _, size in lines) <= room:
            break
    return lines


def _texts(ticket: Ticket) -> Iterator[tuple[str, float]]:
    tr = language.tr
    yield ticket.concert_name, LARGE
    yield f"{ticket.date:%Y-%m-%d %H:%M}", LARGE
    yield ticket.venue, USUAL
    yield tr("section {section}, row {row}", section=ticket.section, row=ticket.row), USUAL
    yield tr("seat {seat}", seat=ticket.seat), LARGE
    yield f"{language.money(ticket.price)} ({ticket.price_type})", USUAL
    yield f"{ticket.user_name} (#{ticket.user})", USUAL
    yield ticket.reservation, SMALL


def _draw_code(canvas: Any, code: str) -> None:  # noqa: ANN401
    rows = pictures.modules(code)
    size = QR_POINTS / len(rows)
    left, bottom = (WIDTH - QR_POINTS) / 2, MARGIN + SMALL
    path = canvas.beginPath()
    for y, row in enumerate(reversed(rows)):
        for x, dark in enumerate(row):
            if dark:
                path.rect(left + x * size, bottom + y * size, size, size)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.setFont("Courier", SMALL)
    canvas.drawCentredString(WIDTH / 2, MARGIN, code)


def _draw(canvas: Any, line: str, size: float, y: float) -> None:  # noqa: ANN401
    """Draw a line, each part of it in the font that has it."""
    text = canvas.beginText(MARGIN, y)
    for name, part in _runs(line):
        text.setFont(name, size)
        text.textOut(part)
    canvas.drawText(text)


def _wrapped(text: str, size: float) -> Iterator[str]:
    """Yield the lines that a text takes, broken at spaces where there are some."""
    room, line, taken = WIDTH - 2 * MARGIN, "", 0.0
    for character in text:
        width = _width(character, size)
        if line and taken + width > room:
            kept, space, rest = line.rpartition(" ")
            whole, line = (kept, rest) if space else (line, "")
            yield whole
            taken = sum(_width(each, size) for each in line)
        line, taken = line + character, taken + width
    yield line


def _runs(line: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a line with the font of each."""
    name, part = "", ""
    for character in line:
        if character in UNDRAWN:
            continue
        font, drawn = _font_of(character)
        if font != name and part:
            yield name, part
            part = ""
        name, part = font, part + drawn
    if part:
        yield name, part


def _width(character: str, size: float) -> float:
    from reportlab.pdfbase import pdfmetrics

    if character in UNDRAWN:
        return 0.0
    font, drawn = _font_of(character)
    return float(pdfmetrics.stringWidth(drawn, font, size))


def _font_of(character: str) -> tuple[str, str]:
    """Return the font of a character, and it, or a square in its place."""
    drawn = DRAWN_AS.get(character, character)
    for name, encoding in FONTS:
        try:
            drawn.encode(encoding)
        except UnicodeEncodeError:
            continue
        return name, drawn
    return SQUARE_FONT, SQUARE
