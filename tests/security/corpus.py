"""Text that steers terminals, hides, or pretends: what must get in nowhere, and out nowhere."""

from __future__ import annotations

CONTROLS = {f"U+{code:04X}": chr(code) for code in (*range(0x20), 0x7F, *range(0x80, 0xA0))}
BIDI = {
    f"U+{code:04X}": chr(code)
    for code in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
UNSEEN = {
    f"U+{code:04X}": chr(code)
    for code in (
        0x00AD, 0x180E, 0x200B, 0x200C, 0x200D, 0x2060, 0x2061, 0x2064, 0xFEFF, 0xFFF9, 0xFFFB,
        0x2800, 0x3164, 0x115F, 0xFFA0, 0xE0001, 0xE0041,
    )
}  # fmt: skip
LINES = {"U+2028": "\u2028", "U+2029": "\u2029"}
STRANGE = {"U+E000": "\ue000", "U+0378": "\u0378", "U+FFFF": "\uffff", "U+F0000": "\U000f0000"}
SURROGATES = {"high surrogate": "\ud800", "low surrogate": "\udc80", "last": "\udfff"}

CHARACTERS = CONTROLS | BIDI | UNSEEN | LINES | STRANGE | SURROGATES
# A database takes neither of these at all.
STORABLE = {
    name: text for name, text in CHARACTERS.items() if text != "\0" and name not in SURROGATES
}
SEQUENCES = {
    "colour": "\x1b[31mred\x1b[0m",
    "title": "\x1b]0;owned\x07",
    "clipboard": "\x1b]52;c;ZXZpbA==\x07",
    "link": "\x1b]8;;http://evil.example\x07text\x1b]8;;\x07",
    "clear": "\x1b[2J\x1b[H",
    "one-byte introducer": "\x9b31m",
    "report": "\x1b[6n",
    "overwritten": "paid\rfree",
    "erased": "abc\b\b\bxyz",
    "another line": "kim\nINJECTED",
    "another field": "kim\tINJECTED",
    "turned around": "\u202egnp.exe",
}
# Rich and Textual take these for markup; they are names like all others.
MARKUP = (
    "[red]x[/red]",
    "[@click=app.quit]x[/]",
    "[/]",
    "[link=http://e.example]x",
    "\\[bold]",
    "[b",
)


def lines() -> list[str]:
    """Return all characters a database can store, in texts that fit into every column."""
    characters = list(STORABLE.values())
    return [
        f"n{part}" + "".join(f"{c}." for c in characters[part : part + 40])
        for part in range(0, len(characters), 40)
    ] + list(SEQUENCES.values())


def found_in(text: str, *, but: str = "\n") -> list[str]:
    """Name what of the corpus stands in a text, beside the characters that may."""
    found = [name for name, bad in CHARACTERS.items() if bad not in but and bad in text]
    if any(line.startswith("INJECTED") for line in text.splitlines()):
        found.append("a line of its own")
    return found
