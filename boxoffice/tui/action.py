"""What an action of the counter is, and how its keys are bound and written."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding

# A keyboard left in Korean mode sends these for the letters; a shifted letter without a jamo
# of its own cannot be told from the plain one.
JAMO = dict(
    zip(
        "qwertyuiopasdfghjklzxcvbnmQWERTOP",
        "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ",
        strict=True,
    )
)
SHOWN = {
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "tab": "Tab",
    "delete": "Delete",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "left": "Left",
    "right": "Right",
    "up": "Up",
    "down": "Down",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something a key does; ``id`` is GROUP.NAME and runs ``action_NAME`` where it is bound.

    ``words`` are for help, palette and docs; ``short`` for the footer (empty: not there), with
    ``label`` in place of the first key. ``always`` keeps it in the narrowest footer.
    """

    id: str
    keys: tuple[str, ...]
    words: str
    short: str = ""
    label: str = ""
    always: bool = False

    @property
    def group(self) -> str:
        """Return the part of the counter that it belongs to."""
        return self.id.partition(".")[0]

    @property
    def shown_keys(self) -> tuple[str, ...]:
        """Return the keys as people read them, the usual one first."""
        return tuple(map(shown, self.keys))

    def binding(self) -> Binding:
        """Return what Textual needs, the jamo of each letter among the keys."""
        keys = (*self.keys, *(JAMO[key] for key in self.keys if key in JAMO))
        name = self.id.partition(".")[2]
        return Binding(",".join(keys), name, self.words, id=self.id, show=False)


def shown(key: str) -> str:
    """Write a key as people read it."""
    if key.startswith("ctrl+"):
        return f"^{key.removeprefix('ctrl+')}"
    modifier, plus, plain = key.rpartition("+")
    if plus and modifier:
        return f"{modifier.title()}+{shown(plain)}"
    if len(key) > 1 and key[0] == "f" and key[1:].isdigit():
        return key.upper()
    return SHOWN.get(key, key)
