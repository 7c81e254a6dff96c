"""docs/operations.md tells what these tests have tried."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from boxoffice.core import config, errors
from boxoffice.core.database import LIMITS, SESSION
from tests.portability.failover import HAPROXY, PATRONI
from tests.portability.masters import OPTIONS
from tests.portability.pooling import CONFIG

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()


def codes_of(kind: type) -> set[str]:
    return {kind.code} | {code for each in kind.__subclasses__() for code in codes_of(each)}


def test_every_variable_is_a_setting():
    named = set(re.findall(r"BOXOFFICE_[A-Z_]+", PAGE))
    assert len(named) > 5
    assert named <= {f"BOXOFFICE_{name.upper()}" for name in config.SETTABLE}


def test_every_code_is_one_that_an_error_has():
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", PAGE))
    told = {name for name in named if name.split("_")[-1] in ("unavailable", "outdated", "failed")}
    assert len(told) >= 3
    assert told <= codes_of(errors.BoxOfficeError)


@pytest.mark.parametrize(
    ("lines", "tried"),
    [
        (("pool_mode = transaction", "ignore_startup_parameters = {ignored}"), CONFIG),
        (("option httpchk GET /primary", "http-check expect status 200"), HAPROXY),
        (("default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions",), HAPROXY),
        (("synchronous_mode: true", "use_pg_rewind: true", 'synchronous_commit: "on"'), PATRONI),
    ],
)
def test_what_is_to_be_set_was_set_in_a_test(lines, tried):
    for line in lines:
        assert line in tried
        assert line.format(ignored="options") in PAGE


def test_the_limits_and_the_setting_of_a_cluster_are_named():
    assert OPTIONS["cluster-require-full-coverage"] == "no"
    assert "cluster-require-full-coverage no" in PAGE
    for name in LIMITS:
        assert f"{name} = '{SESSION[name]}'" in PAGE
