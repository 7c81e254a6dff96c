"""The campaign finds the mistakes that it is for: a search that finds nothing proves nothing."""

from __future__ import annotations

import pytest

from tests.faults.campaign import DIED, Campaign
from tests.faults.mutants import MUTANTS
from tests.faults.plans import BRINK, EVENTS, LATENESS, LOSSES, MONEY

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
ATTEMPTS_MAX = 5
DIRECTED = {
    "no row lock": BRINK,
    "a hold steals live holds": BRINK,
    "a payment ignores the end of its hold": LATENESS,
    "a new key after an unknown outcome": LOSSES,
    "a lost commit is reported as refused": LOSSES,
    "an event is marked before it is sent": EVENTS,
    "a balance is read, changed and written": MONEY,
    "a status without a fence": LOSSES,
}
PLANS = {"brink": BRINK, "lateness": LATENESS, "losses": LOSSES, "events": EVENTS, "money": MONEY}


def run(pair, plan, seed, mutant=None):
    campaign = Campaign(pair, plan, seed, mutant)
    try:
        return campaign.run()
    finally:
        campaign.close()


@pytest.mark.parametrize("name", MUTANTS)
def test_every_mutant_is_caught(pair, name):
    for attempt in range(ATTEMPTS_MAX):
        outcome = run(pair, DIRECTED[name], f"{name} {attempt}", MUTANTS[name])
        if any(found.rule != DIED for found in outcome.violations):
            print(outcome.text())  # noqa: T201 - seen with -s
            return
    raise AssertionError(f"{ATTEMPTS_MAX} campaigns did not find: {name}\n{outcome.text()}")


@pytest.mark.parametrize("name", PLANS)
def test_the_same_campaigns_find_nothing_wrong_with_the_product(pair, name):
    outcome = run(pair, PLANS[name], name)
    assert not outcome.violations, outcome.text()
    assert outcome.counts["committed"] > 0
