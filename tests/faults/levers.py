"""What the director of a campaign sets and every process of it sees.

Plain shared memory: a lock would stay taken when its holder is killed. Each cell has one writer.
"""

from __future__ import annotations

import ctypes
from multiprocessing.sharedctypes import RawArray, RawValue

# What the proxy does to a statement that decides, by what the client and the server get of it.
WIRE_FAULTS = (
    "cut before",  # the server gets nothing
    "cut at once",  # the server gets it while the client's wire is cut
    "cut after",  # the server did it, the answer is lost
    "late",  # the client's wire is cut, and only then the statement sets out
    "stall",  # the statement sets out late, and is answered
    "half open",  # done, and the wire stands there silent for a while
    "kill before",  # the client is killed: nothing was sent
    "kill at once",  # the client is killed: sent, not yet answered
    "kill after",  # the client is killed: answered, not yet told
)
REFERENCE_BYTES = 80
BOARD_PLACES = 24


class Levers:
    """The switches and counters of one campaign."""

    def __init__(self, slots: int) -> None:
        self.stopped = RawValue(ctypes.c_bool, False)
        self.rates = RawArray(ctypes.c_double, len(WIRE_FAULTS))
        self.counts = RawArray(ctypes.c_ulong, len(WIRE_FAULTS))
        self.executed = RawArray(ctypes.c_ulong, slots)
        self.late = RawValue(ctypes.c_ulong, 0)  # statements that are still under way
        self.verified = RawValue(ctypes.c_ulong, 0)
        self.violated = RawValue(ctypes.c_ulong, 0)
        self._board = RawArray(ctypes.c_char, BOARD_PLACES * REFERENCE_BYTES)

    def set_rates(self, rates: dict[str, float]) -> None:
        """Set the probability of each fault a deciding statement; none by default."""
        for number, kind in enumerate(WIRE_FAULTS):
            self.rates[number] = rates.get(kind, 0.0)

    def faults(self) -> dict[str, int]:
        """Return what the wire did so far, by kind."""
        return dict(zip(WIRE_FAULTS, self.counts, strict=True))

    def done(self) -> int:
        """Return how many operations were begun so far."""
        return sum(self.executed)

    def pin(self, place: int, text: str) -> None:
        """Write a reservation and its user on the board, for any worker to act on."""
        at = place % BOARD_PLACES * REFERENCE_BYTES
        self._board[at : at + REFERENCE_BYTES] = text.encode().ljust(REFERENCE_BYTES)

    def look(self, place: int) -> str:
        """Read the board; a text that is being written is at worst a reservation of nobody."""
        at = place % BOARD_PLACES * REFERENCE_BYTES
        return self._board[at : at + REFERENCE_BYTES].rstrip(b" \0").decode(errors="replace")
