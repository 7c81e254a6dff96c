"""A process that serves the small counter: `serving.py SESSIONS_MAX WORD...`."""

import sys
from pathlib import Path

from boxoffice.tui.web import serve

TINY = [sys.executable, str(Path(__file__).with_name("tiny.py"))]

serve(
    [*TINY, *sys.argv[2:]],
    announce=lambda address: print(address, flush=True),  # noqa: T201
    sessions_max=int(sys.argv[1]),
)
