"""What undo takes back."""

from __future__ import annotations

from boxoffice.tui.sell.deeds import Deed, Deeds


def test_a_pick_is_released_and_a_release_is_picked_again():
    deeds = Deeds()
    deeds.add(["A-1"], picked=True)
    deeds.add(["B-1"], picked=False)
    assert deeds.last(["A-1"]) == Deed(picked=True, labels=("B-1",))
    assert deeds.last(["A-1"]) == Deed(picked=False, labels=("A-1",))
    assert deeds.last(["A-1"]) is None


def test_a_pick_that_did_not_succeed_is_passed_over():
    deeds = Deeds()
    deeds.add(["A-1"], picked=True)
    deeds.add(["A-2", "A-3"], picked=True)
    assert deeds.last(["A-1", "A-3"]) == Deed(picked=False, labels=("A-3",))
    deeds.add(["A-9"], picked=True)
    assert deeds.last(["A-1"]) == Deed(picked=False, labels=("A-1",))


def test_only_so_many_are_remembered():
    deeds = Deeds()
    for number in range(1_000):
        deeds.add([f"A-{number}"], picked=False)
    taken_back = 0
    while deeds.last([]):
        taken_back += 1
    assert taken_back == 100
