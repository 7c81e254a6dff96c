"""A disk that fills up in the middle of a sale: refused, not lost, and sold on with room again."""

from __future__ import annotations

import os
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.campaign import Campaign
from tests.faults.plans import Plan
from tests.faults.servers import Pair

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
# Room for the servers' data, and for a log of 16 MB a file.
DISK_MEGABYTES = 250
PLAN = Plan(operations=150, customers=0, wire={}, faults={"fill the disk": 1})
COMMITTED_MIN = 15
FULL = "the database's disk is full"


@contextmanager
def small_disk():
    """Mount a small disk in memory, which takes the right to."""
    folder = Path(tempfile.mkdtemp(prefix="boxoffice-disk-"))
    mount = f"mount -t tmpfs -o size={DISK_MEGABYTES}m,mode=755 tmpfs".split()
    if (
        os.geteuid()
        or subprocess.run([*mount, folder], capture_output=True, check=False).returncode
    ):
        folder.rmdir()
        pytest.skip("a small disk can only be mounted by root, with the right to mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()


def test_a_full_disk_refuses_and_loses_nothing_and_sells_on_once_there_is_room():
    with small_disk() as disk:
        pair = Pair(disk / "home")
        try:
            campaign = Campaign(pair, PLAN, "full")
            try:
                outcome = campaign.run()
            finally:
                campaign.close()
        finally:
            pair.close()
    print(outcome.text())  # noqa: T201 - seen with -s
    assert not outcome.violations, outcome.text()
    assert any(FULL in refusal for refusal in outcome.refused), outcome.text()
    assert outcome.counts["committed"] > COMMITTED_MIN
