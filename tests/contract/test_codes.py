"""Error codes, kinds and exit codes are an API: they may be added to, never changed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from boxoffice.commands import reference
from boxoffice.commands.output import EXITS, Exit, data_fields, exit_code
from boxoffice.core import model
from boxoffice.core.config import SETTABLE
from boxoffice.core.errors import BoxOfficeError, all_errors

PINNED = {
    "already_cancelled": ("refused", 4),
    "already_in_use": ("refused", 4),
    "already_paid": ("refused", 4),
    "amount_invalid": ("refused", 4),
    "answer_lost": ("unknown", 7),
    "concert_not_found": ("not_found", 3),
    "date_taken": ("conflict", 5),
    "database_unavailable": ("unavailable", 6),
    "draw_not_found": ("not_found", 3),
    "draw_refused": ("refused", 4),
    "event_not_found": ("not_found", 3),
    "forbidden": ("refused", 4),
    "hold_expired": ("refused", 4),
    "input_invalid": ("invalid", 2),
    "insufficient_balance": ("refused", 4),
    "interrupted": ("unknown", 130),
    "key_reused": ("refused", 4),
    "local_disk_failed": ("unavailable", 6),
    "name_taken": ("conflict", 5),
    "not_admitted": ("refused", 4),
    "not_marked": ("refused", 4),
    "operation_abandoned": ("refused", 4),
    "operation_not_seen": ("unavailable", 6),
    "outcome_unknown": ("unknown", 7),
    "performance_begun": ("refused", 4),
    "performance_cancelled": ("refused", 4),
    "performance_not_found": ("not_found", 3),
    "place_held": ("refused", 4),
    "place_not_found": ("not_found", 3),
    "price_changed": ("conflict", 5),
    "price_type_not_found": ("not_found", 3),
    "queue_closed": ("refused", 4),
    "queue_unavailable": ("unavailable", 6),
    "workers_away": ("unavailable", 6),
    "workers_late": ("unavailable", 6),
    "reservation_not_found": ("not_found", 3),
    "reservation_not_paid": ("refused", 4),
    "sale_closed": ("refused", 4),
    "sale_not_open": ("refused", 4),
    "schema_outdated": ("unavailable", 6),
    "seat_blocked": ("refused", 4),
    "seat_not_found": ("not_found", 3),
    "seat_taken": ("conflict", 5),
    "staff_allowance_used": ("refused", 4),
    "store_not_embedded": ("refused", 4),
    "store_unavailable": ("unavailable", 6),
    "ticket_cancelled": ("refused", 4),
    "ticket_not_found": ("not_found", 3),
    "ticket_used": ("conflict", 5),
    "token_invalid": ("refused", 4),
    "too_many_seats": ("refused", 4),
    "user_not_found": ("not_found", 3),
    "venue_not_found": ("not_found", 3),
    "walk_in_has_no_balance": ("refused", 4),
    "wait_timed_out": ("unavailable", 6),
    "wrong_performance": ("refused", 4),
}
EXIT_CODES = {
    "DONE": 0,
    "BUG": 1,
    "USAGE": 2,
    "NOT_FOUND": 3,
    "REFUSED": 4,
    "CONFLICT": 5,
    "UNAVAILABLE": 6,
    "UNKNOWN": 7,
    "INTERRUPTED": 130,
}
SHORT_OPTIONS = {"-u", "-c", "-p", "-s", "-k", "-y", "-q"}
PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


def test_every_error_code_keeps_its_kind_and_its_exit_code():
    found = {error.code: (error.kind, int(exit_code(error()))) for error in all_errors()}
    assert found == PINNED


def test_exit_codes_keep_their_numbers():
    assert {code.name: code.value for code in Exit} == EXIT_CODES
    assert EXITS.keys() == {kind.kind for kind in BoxOfficeError.__subclasses__()}
    assert reference.EXIT_MEANINGS.keys() == set(Exit)


@pytest.mark.parametrize("error", all_errors(), ids=lambda error: error.code)
def test_every_error_has_a_sentence_and_a_hint(error):
    raised = error()
    assert raised.message[0].islower()
    assert not raised.message.endswith(".")
    assert raised.advice


def test_every_command_is_one_sentence_with_one_example_and_known_short_options():
    for name, command in reference.walk():
        assert command.help.count(". ") == 0, name
        assert command.help.endswith("."), name
        assert command.epilog.startswith(f"Example: boxoffice {name}"), name
        short = {o for p in command.params for o in p.opts if len(o) == 2 and o[0] == "-"}
        assert short <= SHORT_OPTIONS, name


def test_every_command_that_prints_json_is_described():
    json_commands = {
        name
        for name, command in reference.walk()
        if any("--json" in parameter.opts for parameter in command.params)
    }
    assert json_commands == reference.RESULTS.keys()


def test_every_setting_is_described():
    assert reference.SETTING_MEANINGS.keys() == SETTABLE.keys()


def test_a_name_that_captions_a_number_is_no_field_of_the_data():
    assert "concert_name" not in data_fields(model.Reservation)
    assert data_fields(model.User) == ["user", "name", "replayed"]


def test_the_page_of_the_command_line_is_not_stale():
    made = subprocess.run(
        [sys.executable, "-m", "boxoffice.commands.reference"],
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert made.stdout.decode() == PAGE.read_text(), "run: make docs"
