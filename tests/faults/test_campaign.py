"""Nothing is lost, doubled or told wrongly, whatever fails in the middle of a sale."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.faults import report
from tests.faults.campaign import Campaign
from tests.faults.plans import FULL, SHORT

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
    pytest.mark.timeout(0 if os.environ.get("FAULTS_FULL") else 300),
]
MINUTE_SECONDS = 60


def test_nothing_is_lost_whatever_fails(pair, tmp_path):
    full = bool(os.environ.get("FAULTS_FULL"))
    plan = FULL if full else SHORT
    seed = int(os.environ.get("FAULTS_SEED", "1"))
    folder = Path(os.environ.get("FAULTS_REPORT", tmp_path))
    deadline = time.monotonic() + MINUTE_SECONDS * float(os.environ.get("FAULTS_MINUTES", "0"))
    outcomes = []
    while not outcomes or time.monotonic() < deadline:
        campaign = Campaign(pair, plan, str(seed + len(outcomes)))
        try:
            outcomes.append(campaign.run())
        finally:
            campaign.close()
        report.write(outcomes, folder)
        print(outcomes[-1].text())  # noqa: T201 - what the run is for
        assert not outcomes[-1].violations, outcomes[-1].text()
        totals = outcomes[-1].totals()
        few = {name: totals[name] for name, least in plan.least.items() if totals[name] < least}
        assert not few, f"too little came about: {few}\n{outcomes[-1].text()}"
