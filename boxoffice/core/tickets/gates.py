"""Gates: where and when people come in, as it is written down."""

from __future__ import annotations

from datetime import UTC, datetime

from boxoffice.core.errors import Words
from boxoffice.core.text import clean_name

GATE_CELLS_MAX = 50
# Where the clock of a gate may stand: one that was never set begins in 1970.
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def clean_gate(gate: str | None) -> str | None:
    """Return the name of a gate as it is kept; raises InputInvalid."""
    if gate is None:
        return None
    return clean_name(gate, Words("gate"), cells_max=GATE_CELLS_MAX, digits=True)
