"""What a terminal may do to the counter: vanish, stall, or draw wider than expected."""

from boxoffice.tui.terminal.leaving import Guard, end_soon, guard
from boxoffice.tui.terminal.width import probe_width

__all__ = ["Guard", "end_soon", "guard", "probe_width"]
