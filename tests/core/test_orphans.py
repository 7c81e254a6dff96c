"""Single seats left alone: an aisle ends a run, held and blocked seats count as taken."""

from __future__ import annotations

from boxoffice.core.hall import lay_out
from boxoffice.core.orphans import left_alone


def hall(*xs):
    """A hall of one row with seats at these places."""
    count = len(xs)
    return lay_out(
        sections=[0] * count,
        rows=[0] * count,
        xs=list(map(float, xs)),
        ys=[0.0] * count,
        set_apart=[False] * count,
        focal=(0.0, -1.0),
    )


def alone(row, taking, *, at=None):
    """Seats are free where the row has a dot; return the places left alone by taking others."""
    free = [each == "." for each in row]
    for seat in taking:
        free[seat] = False
    return left_alone(hall(*(at or range(len(row)))), free, taking)


def test_a_seat_between_taken_ones_is_left_alone():
    assert alone("......", [1, 2]) == [0]
    assert alone("......", [1, 4]) == [0, 5]
    assert alone(".....", [1, 3]) == [0, 2, 4]


def test_two_left_together_are_not_alone():
    assert alone("......", [2, 3]) == []
    assert alone("......", [0, 1, 2, 3]) == []


def test_a_seat_that_was_alone_before_is_nobodys_fault():
    assert alone(".x....", [3, 4]) == [2, 5]
    assert alone(".x.x..", [4]) == [5]


def test_an_aisle_ends_a_run():
    assert alone("......", [1, 2], at=[0, 1, 2, 5, 6, 7]) == [0]
    assert alone("......", [3, 4], at=[0, 1, 2, 5, 6, 7]) == [5]


def test_taking_the_whole_run_leaves_nobody_alone():
    assert alone("...", [0, 1, 2]) == []
