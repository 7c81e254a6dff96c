"""The table of actions: what bindings, footer, help, palette and docs are made from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from boxoffice.core.text import cells
from boxoffice.tui import dialogs, pick, receipt
from boxoffice.tui.actions import bindings, by_group, find, footer_words
from boxoffice.tui.app import CounterApp
from boxoffice.tui.checking import Checking
from boxoffice.tui.doctor import DoctorScreen
from boxoffice.tui.keys import ACTIONS, BY_ID, GROUPS
from boxoffice.tui.orders.screen import OrdersScreen
from boxoffice.tui.queue.screen import QueueScreen
from boxoffice.tui.table import Table

PAGE = Path(__file__).parents[2] / "docs" / "counter.md"
# A terminal keeps these for itself, or sends another key for them.
KEPT_BY_TERMINALS = {f"ctrl+{letter}" for letter in "shijm"}
BINDERS = (
    CounterApp,
    DoctorScreen,
    QueueScreen,
    OrdersScreen,
    Table,
    dialogs.Dialog,
    dialogs.Choice,
    pick.Pick,
    receipt.ReceiptDialog,
    Checking,
)


def bound(binder):
    """Return the actions that a class binds by itself."""
    return [BY_ID[one.id] for one in binder.__dict__.get("BINDINGS", []) if one.id]


def test_every_action_has_an_id_of_its_own_in_a_group_that_has_a_title():
    assert len(BY_ID) == len(ACTIONS)
    assert {action.group for action in ACTIONS} == GROUPS.keys()


@pytest.mark.parametrize("binder", BINDERS, ids=lambda binder: binder.__name__)
def test_whatever_is_bound_is_there_to_be_done(binder):
    for action in bound(binder):
        name = action.id.partition(".")[2]
        assert hasattr(binder, f"action_{name}"), action.id


@pytest.mark.parametrize("binder", BINDERS, ids=lambda binder: binder.__name__)
def test_no_key_means_two_things_on_one_screen(binder):
    keys = [key for action in bound(binder) for key in action.keys]
    assert len(keys) == len(set(keys))


def test_no_action_needs_a_key_that_terminals_keep_or_a_function_key():
    for action in ACTIONS:
        assert not KEPT_BY_TERMINALS & set(action.keys), action.id
        assert not action.keys[0].startswith("f") or len(action.keys[0]) == 1, action.id
        assert action.keys != ("ctrl+q",), action.id


def test_a_letter_works_in_korean_input_mode_too():
    (binding,) = bindings("app.queue")
    assert binding.key.split(",") == ["w", "f4", "ㅈ"]
    (both,) = bindings("sell.reprint")
    assert both.key.split(",") == ["R", "ㄲ"]


def test_the_footer_drops_what_matters_least_and_never_the_way_to_the_rest():
    ids = ["sell.charge", "sell.pick", "sell.best", "app.help", "app.palette", "app.quit"]
    wide = footer_words(ids, 200)
    assert [keys for keys, _ in wide] == ["Enter", "Space", "b", "?", "^p", "q"]
    narrow = footer_words(ids, 40)
    assert [keys for keys, _ in narrow] == ["Enter", "?", "^p"]
    for width in range(20, 100):
        line = "".join(f"{keys} {words}  " for keys, words in footer_words(ids, width))
        assert cells(line) <= width


def test_help_groups_actions_under_titles():
    titles = dict(by_group(["app.help", "queue.pause", "app.quit"]))
    assert list(titles) == ["Queue", "Everywhere"]
    assert titles["Everywhere"] == [find("app.help"), find("app.quit")]


def test_the_page_of_the_keys_is_not_stale():
    made = subprocess.run(
        [sys.executable, "-m", "boxoffice.tui.reference"],
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert made.stdout.decode() == PAGE.read_text(), "run: make docs"
