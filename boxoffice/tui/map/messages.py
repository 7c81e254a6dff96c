"""What the seat map tells the screen around it."""

from __future__ import annotations

from textual.message import Message


class SeatChosen(Message):
    """A seat was clicked; ``index`` is its place in the map."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index


class CursorMoved(Message):
    """The cursor went to another seat."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index


class RunChanged(Message):
    """Other seats of a row are chosen together now, from left to right; maybe none."""

    def __init__(self, indexes: tuple[int, ...]) -> None:
        super().__init__()
        self.indexes = indexes


class ZoomChanged(Message):
    """The map is drawn at another zoom: overview, half, compact, normal or labels."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
