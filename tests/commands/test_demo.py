"""The demo, as a new user runs it."""

from __future__ import annotations


def test_the_demo_plays_a_whole_booking_and_can_be_played_again(box):
    first = box.run("demo", "--yes")
    assert first.code == 0, first.err
    for said in ("waiting at position", "admitted until", "[seat_taken]", "refunded"):
        assert said in first.out
    sold = box.one("SELECT count(*) FROM performance_seats WHERE status = 'sold'")
    assert sold > 1_000
    again = box.run("demo", "--yes")
    assert again.code == 0, again.err
    assert box.one("SELECT count(*) FROM performance_seats WHERE status = 'sold'") == sold
    assert box.one("SELECT count(*) FROM performances") == 3
    assert box.rows(
        "SELECT state, count(*) FROM reservations r JOIN users u ON u.id = r.user_id"
        " WHERE u.name = 'mina' GROUP BY 1"
    ) == [("cancelled", 2)]


def test_the_demo_asks_before_it_writes_to_a_database_that_was_named(box):
    refused = box.run("demo")
    assert refused.code == 2
    assert "--yes" in refused.err
    assert box.one("SELECT count(*) FROM concerts") == 0
