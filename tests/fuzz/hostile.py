"""Words that nobody means: what is typed by mistake, pasted by accident or sent on purpose."""
# ruff: noqa: RUF001 - look-alikes are what this is about

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

NUMBERS = (
    *("0", "-0", "+0", "00", "1", "-1", "+1", "1.0", "1e9", "1E400", "-1e-9", ".5", "5.", "0x10"),
    *(
        "1_000",
        "1,000",
        "nan",
        "NaN",
        "-nan",
        "inf",
        "-inf",
        "Infinity",
        "١٢",
        "¹",
        "½",
        "１２",
        "𝟙",
    ),
    *(str(10**30), str(-(10**30)), str(2**31), str(2**63 - 1), str(2**63), str(2**64)),
    *("9" * 40, "9" * 41, "9" * 4_301, "0" * 5_000 + "1"),
)
TIMES = (
    *("2099-01-01T10:00", "2099-01-01", "20990101", "2099-W01-1", "2099-13-01T00:00", "now"),
    *("0001-01-01T00:00", "9999-12-31T23:59:59", "9999-12-31T23:59:59-23:59", "24:00"),
    *("2099-01-01T00:00+99:99", "2099-01-01T10:00Z", "2099-02-30T10:00", "0001-01-01T00:00+23:59"),
)
UNSEEN = (
    *("", " ", "  ", "\t", "\n", "\r\n", "\x00", "\x07", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07"),
    *("\x7f", "\x85", "\x9b31m", "\u00ad", "\u061c", "\u200b", "\u200d", "\u200e", "\u200f"),
    *(
        "\u2028",
        "\u2029",
        "\u202edesrever",
        "\u2066x\u2069",
        "\u3164",
        "\ufeff",
        "\ufffe",
        "\U000e0041",
    ),
    *("\ud800", "\udcff", "\udfff\ud800", "a\x00b", "A-1\n", "\ue000", "\u0378"),
)
SCRIPTS = (
    *(
        "김철수",
        "ﷺ",
        "שלום",
        "مرحبا",
        "🎸" * 60,
        "👩‍👩‍👧",
        "e\u0301",
        "Z" + "\u0300" * 300,
        "ｱ",
        "ß",
        "İ",
    ),
    *("\U0001f1f0\U0001f1f7", "ㅛ", "ᄒ" * 120, "\u1160"),
)
SYNTAX = (
    *("-", "--", "---", "-=", "--=", "=", "==", "=5", "Standard=", "=Standard=5", "Standard=5=5"),
    *("'", '"', "'; DROP TABLE users; --", "%s%n", "%(x)s", "{}", "{0}", "{key}", "{{", "}", "\\"),
    *("[red]x[/]", "[/]", "[bold", "$(id)", "`id`", "${HOME}", "~", "*", "?", ";", "|", "&", "#"),
    *(
        "../../etc/nobody-is-here/passwd",  # below no folder: what writes there must fail
        "/",
        "/dev/null",
        ".",
        "file:///etc/nobody-is-here/passwd",
        "null",
        "None",
        "true",
        "KEY",
    ),
    *(",", ",,", "id,", ",id", "id,id", "id,name,nothing", "a,b", "\\u0000", "<script>"),
)
LONG = ("k" * 200, "k" * 201, "김" * 50, "김" * 51, "x" * 10_000, "-" * 1_000, "x" * 100_000)
BROKEN = (
    *("c1-", "c1-" + "0" * 34, "c0-" + "0" * 34, "c999999999999999999999-" + "0" * 34),
    *("c1-" + "Z" * 34, "R-", "R-0", "R-0G00-0000-0000-0A", "P-0G00-0000-0000-0A", "R-" + "Z" * 99),
    *("KRW", "krw", "KR", "KRWW", "K\u212aW", "XXX", "club", "Nowhere", "A-0", "A-1,A-2", "a-1"),
)
WORDS = (*NUMBERS, *TIMES, *UNSEEN, *SCRIPTS, *SYNTAX, *LONG, *BROKEN)
LETTERS_MAX = 40


def word(chance: random.Random) -> str:
    """Draw a word: one of the known bad ones, two in one, or letters of anywhere."""
    kind = chance.random()
    if kind < 0.7:
        return chance.choice(WORDS)
    if kind < 0.8:
        return chance.choice(WORDS[:60]) + chance.choice(WORDS)
    return letters(chance)


def letters(chance: random.Random) -> str:
    """Draw letters of a few blocks of Unicode, surrogates among them."""
    starts = [chance.choice((0, 0x80, 0x300, 0x600, 0x2000, 0xAC00, 0xD800, 0xE000, 0x1F300))]
    starts.append(chance.randrange(0x110000 - 256))
    return "".join(
        chr(chance.choice(starts) + chance.randrange(256))
        for _ in range(chance.randrange(1, LETTERS_MAX))
    )
