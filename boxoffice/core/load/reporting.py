"""What is said of a load test: while it runs, and at its end with what the database holds."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from boxoffice.core.load.histogram import Histogram
from boxoffice.core.load.house import count_outcome
from boxoffice.core.load.visit import FAILED, PAID, UNFINISHED
from boxoffice.core.model import LatencyBar, LoadProgress, LoadReport, StepLatency

if TYPE_CHECKING:
    from boxoffice.core.load.house import House
    from boxoffice.core.load.tally import Tally
    from boxoffice.core.model import Load
    from boxoffice.core.office import Office

# Whole stretches of a visit; all other steps are one call each.
QUEUED, FLOW = "queue", "flow"
STEPS = (
    *("join", "poll", QUEUED, "concerts", "dates", "seats"),
    *("hold", "lost", "pay", "leave", FLOW),
)
SECONDS_MIN = 0.001
MS_DIGITS = 1


def progress(total: Tally, seconds: float, buyers: int) -> LoadProgress:
    """Say how far a load test is."""
    calls = Histogram()
    for step, histogram in total.steps.items():
        if step not in (QUEUED, FLOW):
            calls.merge(histogram)
    return LoadProgress(
        seconds=max(seconds, 0.0),
        buyers=buyers,
        arrived=total.arrived,
        under_way=total.under_way,
        ended=dict(total.ended),
        p95_ms=calls.quantile_ms(0.95),
    )


def report(  # noqa: PLR0913 - all that is known of it
    office: Office,
    load: Load,
    house: House,
    total: Tally,
    *,
    began: float,
    buyers: int,
    interrupted: bool,
) -> LoadReport:
    """Count what came of it in the database, ask `verify`, and put the figures together."""
    seconds = max(total.last_end - began, SECONDS_MIN)
    outcome, violations = count_outcome(office, house), len(office.verify())
    ended = dict(sorted(total.ended.items()))
    if total.under_way:
        ended[UNFINISHED] = total.under_way
    paid = ended.get(PAID, 0)
    open_ended = ended.get(FAILED, 0) + ended.get(UNFINISHED, 0)  # they may have paid untold
    steps = {step: total.steps[step] for step in STEPS if step in total.steps}
    return LoadReport(
        run=house.run,
        model="closed" if load.rate is None else "open",
        rate=load.rate,
        buyers=buyers,
        arrived=total.arrived,
        seconds=round(seconds, 3),
        seed=load.seed,
        mix=asdict(load.mix),
        processes=load.processes,
        admitted=load.admitted,
        interrupted=interrupted,
        ended=ended,
        failures=dict(sorted(total.failures.items())),
        turned_away=total.turned_away,
        paid_per_second=round(paid / seconds, 2),
        concert=house.concert,
        performance=house.performance,
        outcome=outcome,
        violations=violations,
        agrees=not violations
        and outcome.paid == outcome.sold
        and paid <= outcome.paid <= paid + open_ended,
        latencies=tuple(_latency(step, histogram) for step, histogram in steps.items()),
        histogram=tuple(
            LatencyBar(step=step, to_ms=to_ms, count=count)
            for step, histogram in steps.items()
            for to_ms, count in histogram.bars()
        ),
    )


def _latency(step: str, histogram: Histogram) -> StepLatency:
    return StepLatency(
        step=step,
        count=histogram.count,
        p50_ms=round(histogram.quantile_ms(0.50), MS_DIGITS),
        p95_ms=round(histogram.quantile_ms(0.95), MS_DIGITS),
        p99_ms=round(histogram.quantile_ms(0.99), MS_DIGITS),
        max_ms=round(histogram.max_ms, MS_DIGITS),
    )
