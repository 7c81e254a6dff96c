"""How much the servers bear: virtual buyers by rate or number, timed and counted."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from boxoffice.commands import options, output, people
from boxoffice.commands.output import Exit
from boxoffice.commands.runtime import open_office
from boxoffice.core import language
from boxoffice.core.errors import Words
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import FrameType

    from boxoffice.core.model import LatencyBar, LoadProgress, LoadReport

EXAMPLES = {"bench": "boxoffice bench --rate 50 --seconds 60"}
RATE, SECONDS = 20.0, 30.0
QUIET_SECONDS = 1.0
ADMITTED = 1_000
BAR_CELLS = 40
BAR, PLAIN_BAR = "█", "#"
# How a visit ended, for people.
ENDED = {
    "paid": Words("paid"),
    "browsed": Words("only looked"),
    "refused": Words("had no money"),
    "abandoned": Words("abandoned their seats"),
    "sold_out": Words("found nothing free"),
    "beaten": Words("were beaten to every seat"),
    "failed": Words("failed"),
    "unfinished": Words("had not ended"),
}
# What is drawn: the whole visit where anybody paid, else what everybody does.
DRAWN = ("flow", "join")


def bench(
    rate: Annotated[
        float | None,
        typer.Option("--rate", metavar="N", help="Buyers a second, by chance; 20 unless told."),
    ] = None,
    buyers: Annotated[
        int | None,
        typer.Option("--buyers", metavar="N", help="Instead of a rate: so many, all at once."),
    ] = None,
    seconds: Annotated[
        float, typer.Option("--seconds", metavar="N", help="How long buyers come, by a rate.")
    ] = SECONDS,
    mix: Annotated[
        str,
        typer.Option(
            "--mix",
            metavar="MIX",
            help="Who comes: usual, buyers, or shares as in buy=60,browse=25,fail=5,abandon=10.",
        ),
    ] = "usual",
    seats: Annotated[
        int | None,
        typer.Option("--seats", metavar="N", help="Seats of the hall; one a buyer unless told."),
    ] = None,
    admitted: Annotated[
        int,
        typer.Option("--admitted", metavar="N", help="How many the queue lets in at once."),
    ] = ADMITTED,
    processes: Annotated[
        int | None,
        typer.Option(
            "--processes", metavar="N", help="Processes that play buyers; one a processor."
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", help="The same number makes the same buyers."),
    ] = None,
    mark: Annotated[
        bool,
        typer.Option("--mark", help="Mark an unused database for load tests, for ever, and end."),
    ] = False,
    as_json: options.JsonOption = False,
) -> int:
    """Let virtual buyers come, time what they do, and count what came of it; exit 1 if not right.

    Only in a database that is marked for it (admin).
    """
    with open_office() as office:
        if mark:
            return _mark(office.mark_for_load(), as_json=as_json)
        from boxoffice.core.load.populations import read_mix
        from boxoffice.core.model import Load

        load = Load(
            mix=read_mix(mix),
            rate=RATE if rate is None and buyers is None else rate,
            buyers=buyers,
            seconds=seconds,
            seats=seats,
            admitted=admitted,
            processes=(os.cpu_count() or 1) if processes is None else processes,
            seed=int.from_bytes(os.urandom(4)) if seed is None else seed,
        )
        with _progress() as tell, _stoppable() as is_stopped:
            found = office.run_load(load, tell, is_stopped)
    _print(found, as_json=as_json)
    if found.interrupted:
        return Exit.INTERRUPTED
    return Exit.DONE if found.agrees else Exit.BUG


def _mark(given: bool, *, as_json: bool) -> int:
    if as_json:
        output.print_mapping({"marked": True, "replayed": not given}, as_json=True)
    elif given:
        output.say(tr("this database is now marked for load tests"))
    else:
        output.say(tr("this database was marked for load tests before"))
    return Exit.DONE


@contextmanager
def _stoppable() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C or SIGTERM end the test with what it has, and the second one all."""
    stopped: list[int] = []
    names = (signal.SIGTERM, signal.SIGINT)
    before = {name: signal.getsignal(name) for name in names}

    def ask(number: int, _frame: FrameType | None) -> None:
        stopped.append(number)
        for name in names:
            signal.signal(name, signal.default_int_handler)

    for name in names:
        signal.signal(name, ask)
    try:
        yield lambda: bool(stopped)
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


@contextmanager
def _progress() -> Iterator[Callable[[LoadProgress], None]]:
    """Yield what shows how far it is, on a terminal's stderr only."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(stderr=True)
    with Live(console=console, transient=True, refresh_per_second=4) as live:
        yield lambda now: live.update(Text(_line(now) if now.seconds >= QUIET_SECONDS else ""))


def _line(now: LoadProgress) -> str:
    return tr(
        "{seconds} s: {arrived} of {buyers} came, {under_way} under way, {paid} paid,"
        " {others} ended otherwise, p95 {p95} ms",
        seconds=round(now.seconds),
        arrived=now.arrived,
        buyers=now.buyers,
        under_way=now.under_way,
        paid=now.ended.get("paid", 0),
        others=sum(now.ended.values()) - now.ended.get("paid", 0),
        p95=round(now.p95_ms),
    )


def _print(found: LoadReport, *, as_json: bool) -> None:
    from boxoffice.core.model import StepLatency

    shape = output.form(as_json)
    if as_json:
        output.print_one(found, shape, identity="run")
        return
    output.print_many(found.latencies, StepLatency, shape, identity="step")
    if sys.stdout.isatty():
        output.print_drawn(partial(_draw, found.histogram))
    for line in _words(found):
        output.say(line)


def _draw(histogram: Sequence[LatencyBar]) -> None:
    """Draw how long the visits took: a line a range, as wide as its share."""
    from rich.text import Text

    step = next((name for name in DRAWN if any(bar.step == name for bar in histogram)), None)
    bars = [bar for bar in histogram if bar.step == step]
    most = max((bar.count for bar in bars), default=0)
    lines = ["", f"{step} (ms)"] if bars else []
    for bar in bars:
        cells = _bar_cell() * -(-BAR_CELLS * bar.count // most)
        lines.append(
            f"{'≤' if _bar_cell() == BAR else '<='} {bar.to_ms:>9g} {bar.count:>7} {cells}"
        )
    people.print_lines(Text(line) for line in lines)


def _bar_cell() -> str:
    try:
        BAR.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return PLAIN_BAR
    return BAR


def _words(found: LoadReport) -> Iterator[str]:
    if found.interrupted:
        yield tr("interrupted: these are the figures so far")
    yield tr(
        "{run}: {arrived} of {buyers} buyers came in {seconds} s (seed {seed}): {ended}",
        run=found.run,
        arrived=found.arrived,
        buyers=found.buyers,
        seconds=f"{found.seconds:.1f}",
        seed=found.seed,
        ended=_counts(found.ended),
    )
    yield tr("{rate} paid a second", rate=f"{found.paid_per_second:.1f}")
    if found.failures:
        yield tr("failures: {failures}", failures=_counts(found.failures))
    if found.turned_away:
        yield tr(
            "{count} were turned away: more were under way than one process keeps;"
            " the servers, or this host, are past their limit",
            count=found.turned_away,
        )
    outcome: Any = found.outcome
    yield tr(
        "the database counts {sold} of {seats} seats sold, {held} held, {paid} payments, {taken}",
        sold=outcome.sold,
        seats=outcome.seats,
        held=outcome.held,
        paid=outcome.paid,
        taken=language.money(outcome.taken),
    )
    if found.agrees:
        yield tr("everything is as it must be")
    else:
        yield tr(
            "not as it must be: {count} violations, see `boxoffice verify`", count=found.violations
        )


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(
        f"{count} {language.spoken(ENDED.get(name, name))}" for name, count in counts.items()
    )
