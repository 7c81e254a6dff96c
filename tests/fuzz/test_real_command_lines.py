"""The same lines as real processes, in places where streams, folders and patience end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import Ran, make_world
from tests.fuzz.circumstances import as_bytes, circumstances, run, run_signalled
from tests.fuzz.lines import Learned, Lines, asks_for_json, kept_inside
from tests.fuzz.manners import CODES, require_manners
from tests.fuzz.materials import write_materials
from tests.fuzz.seeds import SEED, chance_of, share
from tests.invariants import assert_consistent

pytestmark = pytest.mark.timeout(1_200)
PROCESSES_AT_ONCE = 3
# The frames around the program: it was interrupted before it began, or after it ended.
AROUND = (b"<frozen ", b"/lib/python", b"<string>")


def made_up(chance, count: int) -> list[list[str]]:
    """Make up so many lines that a process can be given."""
    lines = Lines(chance, Learned())
    made: list[list[str]] = []
    while len(made) < count:
        words = kept_inside(lines.line(lines.command()))
        if as_bytes(words) is not None:
            made.append(words)
    return made


def test_no_circumstance_breaks_a_real_process(box, tmp_path):
    make_world(box)
    chance = chance_of("processes")
    write_materials(tmp_path)
    places = circumstances(tmp_path)
    lines = made_up(chance, share(34, 300))
    environment = box.environment | {"HOME": str(tmp_path)}
    jobs = [(number, words, places[number % len(places)]) for number, words in enumerate(lines)]
    with ThreadPoolExecutor(max_workers=PROCESSES_AT_ONCE) as pool:
        ended = pool.map(lambda job: ran(environment, *job), jobs)
        for (number, words, place), end in zip(jobs, ended, strict=True):
            try:
                require_end(end, words, place)
            except (AssertionError, ValueError) as error:
                told = (
                    f"{error}\nFUZZ_SEED={SEED}, process {number}, {place.name}: {words!r}\n{end}"
                )
                raise AssertionError(told) from error
    assert_consistent(box)


def ran(environment, number, words, place):
    """Run one of the lines where it belongs."""
    arguments = as_bytes(words)
    if place.signals:
        return run_signalled(arguments, environment, place, chance_of(f"signal {number}"))
    return run(arguments, environment, place)


def require_end(end, words, place) -> None:
    """Check how a process ended; what it said only where it could."""
    assert b"Exception ignored" not in end.err
    if place.signals:
        assert end.code in CODES or -end.code in place.signals
        for line in end.err.splitlines():
            assert not line.startswith(b"  File ") or any(part in line for part in AROUND), line
        return
    if place.redirection in ("", "<&-") and not place.variables.keys() & {"PYTHONIOENCODING"}:
        ran = Ran(end.code, end.out.decode(), end.err.decode())
        json = asks_for_json(words, Lines(chance_of(""), Learned()).commands)
        require_manners(ran, words, as_json=json, secrets=())
    assert end.code in CODES
    assert b"Traceback" not in end.out + end.err
