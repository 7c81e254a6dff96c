"""Forgetting who a user is: the name goes everywhere it can, and money and seats stay."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from boxoffice.core import errors
from boxoffice.core.model import WALK_IN
from boxoffice.core.office import Office
from tests.conftest import PRICE, key, staff
from tests.invariants import assert_consistent

NO_REDIS = "unix:///nonexistent"


def names(world):
    return dict(world.box.rows("SELECT id, name FROM users WHERE id > 0"))


def test_a_forgotten_user_keeps_reservations_and_money_under_the_number(world):
    office, number = world.office, world.users[0]
    office.charge(3 * PRICE, "user1", key=key())
    paid = office.reserve(world.performance, staff("user1"), seats=["A-1"], key=key()).reservation
    office.pay(paid, staff("user1"), key=key())
    held = office.reserve(world.performance, staff("user1"), seats=["A-2"], key=key()).reservation
    office.extend_hold(held, staff("user1"), name="Kim", note="by phone", key=key())
    done = office.anonymise_user("user1", key=key())
    assert (done.user, done.name, done.holds) == (number, f"anonymous-{number}", 1)
    with pytest.raises(errors.UserNotFound):
        office.balance("user1")
    assert office.balance(str(number)).balance.amount == 2 * PRICE
    assert {r.reservation for r in office.list_reservations(done.name)} == {paid, held}
    assert world.box.rows("SELECT DISTINCT hold_name, hold_note FROM reservations") == [
        (None, None)
    ]
    assert office.find_users("user1") == []
    assert_consistent(world.box)


def test_the_record_of_forgetting_names_the_number_and_not_the_name(world):
    world.office.anonymise_user("user1", key="k")
    ((user, text),) = world.box.rows(
        "SELECT user_id, audit::text FROM audit WHERE operation_key = 'k'"
    )
    assert user == world.users[0]
    assert "user1" not in text
    assert "user1" not in world.box.one("SELECT operations::text FROM operations WHERE key = 'k'")


def test_the_same_key_gives_the_same_answer_though_the_name_is_gone(world):
    first = world.office.anonymise_user("user1", key="k")
    again = world.office.anonymise_user("user1", key="k")
    assert again == replace(first, replayed=True)
    with pytest.raises(errors.UserNotFound):
        world.office.anonymise_user("user1", key=key())
    with pytest.raises(errors.KeyReused):
        world.office.anonymise_user("user2", key="k")
    assert names(world)[world.users[1]] == "user2"


def test_places_in_queues_end_and_the_name_is_free_for_somebody_else(world):
    """Whoever takes the name later is not taken for the former one by what Redis remembers."""
    office = world.office
    place = office.enqueue("Concert", "user1")
    assert office.anonymise_user("user1", key=key()).places == 1
    with pytest.raises(errors.PlaceNotFound):
        office.position(place.token)
    newcomer = office.add_user("user1", key=key()).user
    assert office.enqueue("Concert", "user1").user == newcomer


def test_a_name_typed_with_other_letters_of_the_same_look_is_forgotten_too(world):
    office = world.office
    office.add_user("김하나", key=key())
    office.enqueue("Concert", unicodedata.normalize("NFD", "김하나"))
    office.anonymise_user("김하나", key=key())
    newcomer = office.add_user("김하나", key=key()).user
    assert office.enqueue("Concert", unicodedata.normalize("NFD", "김하나")).user == newcomer


def test_without_redis_nobody_is_forgotten_by_half(world):
    before = names(world)
    office = world.box.office(redis_url=NO_REDIS)
    with pytest.raises(errors.QueueUnavailable):
        office.anonymise_user("user1", key="k")
    assert names(world) == before
    assert world.office.anonymise_user("user1", key="k").name != "user1"


def test_a_name_that_somebody_chose_for_themselves_is_passed_over(world):
    number = world.users[0]
    world.office.add_user(f"anonymous-{number}", key=key())
    assert world.office.anonymise_user("user1", key=key()).name == f"anonymous-{number}'"


def test_only_an_admin_forgets_and_nobody_the_walk_in_customer(world):
    before = names(world)
    for role in ("clerk", "customer"):
        with pytest.raises(errors.Forbidden):
            world.box.office(role=role).anonymise_user("user1", key=key())
    with pytest.raises(errors.Forbidden):
        world.office.anonymise_user(WALK_IN, key=key())
    with pytest.raises(errors.UserNotFound):
        world.office.anonymise_user("99", key=key())
    assert names(world) == before


def test_a_rehearsal_forgets_nobody_and_ends_no_place(world):
    place = world.office.enqueue("Concert", "user1")
    before = names(world)
    office = Office(world.box.settings, dry_run=True)
    try:
        assert office.anonymise_user("user1", key="k").name != "user1"
    finally:
        office.close()
    assert names(world) == before
    assert world.office.position(place.token).state == "admitted"


def test_a_key_given_again_leaves_whoever_has_the_name_now_where_they_wait(world):
    office = world.office
    office.anonymise_user("user1", key="k")
    office.add_user("user1", key=key())
    place = office.enqueue("Concert", "user1")
    with pytest.raises(errors.KeyReused):
        office.anonymise_user("user1", key="k")
    assert office.position(place.token).state == "admitted"
