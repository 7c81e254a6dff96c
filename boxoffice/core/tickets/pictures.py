"""The code of a ticket as a QR code (ISO/IEC 18004), dark on light whatever it is shown on."""

from __future__ import annotations

from boxoffice.core.tickets import codes

# A quarter of it may be dirty or torn.
ERROR_CORRECTION = "Q"
QUIET_MODULES = 4
# Two modules, one above the other, a character: which of them are dark.
HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
DARK_ON_LIGHT, PLAIN = "\x1b[38;5;16;48;5;231m", "\x1b[0m"
Matrix = tuple[tuple[bool, ...], ...]


def modules(code: str) -> Matrix:
    """Return the modules of a code, dark ones true, with the quiet border around them.

    Only capitals and digits are in it, which is the densest way of writing text there is.
    """
    import segno

    made = segno.make_qr(codes.parse(code).scanned, error=ERROR_CORRECTION, boost_error=False)
    return tuple(
        tuple(bool(module) for module in row) for row in made.matrix_iter(border=QUIET_MODULES)
    )


def for_terminal(code: str) -> str:
    """Return the lines of a code for a terminal that knows 256 colours and Unicode."""
    rows = modules(code)
    light = (False,) * len(rows[0])
    pairs = [(rows[at], rows[at + 1] if at + 1 < len(rows) else light)
             for at in range(0, len(rows), 2)]  # fmt: skip
    return "\n".join(
        DARK_ON_LIGHT + "".join(HALVES[pair] for pair in zip(*both, strict=True)) + PLAIN
        for both in pairs
    )
