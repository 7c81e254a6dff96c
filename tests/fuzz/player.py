"""Somebody at the counter who presses, clicks, pastes and resizes at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

from boxoffice.tui.dialogs import Choice, Dialog, Question
from boxoffice.tui.keys import ACTIONS
from boxoffice.tui.screen import too_small
from boxoffice.tui.sell.screen import SellScreen
from tests.fuzz.hostile import letters, word

if TYPE_CHECKING:
    import random

    from tests.tui.stage import Stage

KEYS = (
    *(key for action in ACTIONS for key in action.keys),
    *("tab", "shift+tab", "backspace", "ctrl+a", "ctrl+c", "ctrl+d", "ctrl+l", "ctrl+u", "ctrl+z"),
    *(f"f{number}" for number in range(1, 13)),
    *(
        "shift+up",
        "shift+down",
        "ctrl+left",
        "alt+x",
        "insert",
        "a",
        "Z",
        "7",
        ".",
        "ㅁ",
        "김",
        "🎸",
    ),
)
# Beginnings of what a clerk does, so that chance gets further than the first dialog.
PHRASES = (
    ("home", "space"),
    ("2", "b"),
    ("1", "b", "enter", *"cash", "enter", "enter", "right", "enter"),
    ("3", "b", "enter", *"card", "enter", *"0042", "enter", "right", "enter"),
    ("v", *"user", "enter"),
    ("v", "enter", "enter"),
    ("ctrl+p", *"que", "enter"),
    ("/", *"A-3", "enter"),
    ("H", *"Kim", "enter", "enter", "enter"),
    ("o", "x", "right", "enter"),
    ("o", "e", "enter"),
    ("w", "c", *"5", "enter"),
    ("X",),
)
WIDTH_MAX, HEIGHT_MAX = 300, 100
PATIENCE_SHARE = 0.9
USUAL_SIZES = ((80, 24), (80, 24), (120, 40), (60, 18))


class Player:
    """Plays one session, and counts what it has asked for."""

    def __init__(self, stage: Stage, chance: random.Random) -> None:
        self.stage, self.chance = stage, chance
        self.agreed = 0  # answers that may have moved money
        self.done = 0
        self.asked = 0  # presses and clicks of any kind
        self.told: list[str] = []  # the last deeds, for who reads of a failure

    @property
    def is_over(self) -> bool:
        """Tell whether the counter was left."""
        return self.stage.app._exit

    async def play(self, steps: int) -> None:
        """Do so many things, unless the counter is left before, and look after each for a bug."""
        deeds = (
            self.press,
            self.phrase,
            self.click,
            self.drag,
            self.wheel,
            self.paste,
            self.resize,
        )
        while self.done < steps and not self.is_over:
            self.done += 1
            (deed,) = self.chance.choices(deeds, (40, 20, 10, 2, 4, 2, 6))
            await deed()
            self.look()

    async def watch(self, steps: int) -> None:
        """Ask for nothing: change the size, move the mouse."""
        for _ in range(steps):
            await self.chance.choice((self.resize, self.hover))()
            self.look()

    def look(self) -> None:
        """Fail where the counter speaks of a bug."""
        said = [
            line
            for screen in self.stage.app.screen_stack
            if isinstance(screen, Question)
            for line in screen._lines
            if "bug" in line
        ]
        assert not said, (said, self.told)

    # --- deeds ---

    async def press(self) -> None:
        await self._press(self.chance.choice(KEYS))

    async def phrase(self) -> None:
        if self.chance.random() < PATIENCE_SHARE:
            await self._go_to_the_map()
        for key in self.chance.choice(PHRASES):
            await self._press(key)
            if self.chance.random() < PATIENCE_SHARE:
                await self.stage.until(self._is_quiet, "the change is over")

    async def _go_to_the_map(self) -> None:
        """Close what is open, as far as three keys do."""
        for _ in range(3):
            if isinstance(self.stage.app.screen, Dialog):
                await self._press("escape")
            elif not isinstance(self.stage.app.screen, SellScreen):
                await self._press("enter" if self.stage.app.current_mode == "sell" else "p")

    def _is_quiet(self) -> bool:
        return self.is_over or not self.stage.app.desk.busy

    async def _press(self, key: str) -> None:
        if self.is_over:
            return
        self._tell(key)
        self.asked += 1
        self.agreed += key == "enter" and self._is_agreement()
        await self.stage.press(key)

    def _is_agreement(self) -> bool:
        """Tell whether an Enter would press a button that is not the safe one."""
        focused = self.stage.app.focused
        return isinstance(focused, Choice) and bool(focused.value)

    async def click(self) -> None:
        self._touch()
        await self.stage.pilot.click(
            offset=self._place(),
            times=self.chance.choice((1, 1, 1, 2)),
            shift=self.chance.random() < 0.2,
            control=self.chance.random() < 0.1,
        )

    async def drag(self) -> None:
        self._touch()
        await self.stage.pilot.mouse_down(offset=self._place())
        await self.stage.pilot.hover(offset=self._place())
        await self.stage.pilot.mouse_up(offset=self._place())

    async def hover(self) -> None:
        self._tell("hover")
        await self.stage.pilot.hover(offset=self._place())

    async def wheel(self) -> None:
        kind = self.chance.choice((events.MouseScrollUp, events.MouseScrollDown))
        self._tell(kind.__name__)
        control = self.chance.random() < 0.5
        await self.stage.pilot._post_mouse_events(
            [kind], offset=self._place(), button=0, control=control
        )

    async def paste(self) -> None:
        text = word(self.chance) if self.chance.random() < 0.5 else letters(self.chance)
        self._tell(f"paste {text[:40]!r}")
        self.stage.app.post_message(events.Paste(text))
        await self.stage.pilot.pause()

    async def resize(self) -> None:
        usual = self.chance.random() < 0.6
        width, height = (
            self.chance.choice(USUAL_SIZES)
            if usual
            else (self.chance.randint(1, WIDTH_MAX), self.chance.randint(1, HEIGHT_MAX))
        )
        self._tell(f"{width}x{height}")
        await self.stage.resize(width, height)
        if too_small(self.stage.app.size):  # where every key is dropped
            await self.stage.resize(*USUAL_SIZES[0])
        assert self.stage.text.strip()

    def _touch(self) -> None:
        self._tell("mouse")
        self.asked += 1
        self.agreed += isinstance(self.stage.app.screen, Dialog)

    def _place(self) -> tuple[int, int]:
        width, height = self.stage.app.size
        return self.chance.randrange(max(width, 1)), self.chance.randrange(max(height, 1))

    def _tell(self, deed: str) -> None:
        self.told = [*self.told, deed][-60:]
