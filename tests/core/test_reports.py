"""Reports: every total is the ledger's, every seat is counted once, and who may see what."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from boxoffice.core import errors
from boxoffice.core.audit import current_principal
from boxoffice.core.model import OCCUPANCY_BY, SALES_BY, WALK_IN, Caller, Tender
from tests.clock import end_holds
from tests.conftest import PRICE, SHOW, import_plan, key, small_plan, staff
from tests.invariants import assert_consistent

WALKING = staff(WALK_IN)
CHARGED = 5_000_000
ACCOUNT = current_principal("clerk").name.partition(":")[2]
LEDGER = """
    SELECT currency, type, sum(amount)::bigint FROM ledger_entries
    WHERE type IN ('use', 'refund', 'charge') {where} GROUP BY 1, 2
"""
FETCHING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'idle in transaction' AND query LIKE 'FETCH %'
"""


def tender_of(name, total):
    given = {"cash": {"received": total + 1000}, "card": {"note": "T"}, "balance": {}}
    return Tender(kind=name, **given.get(name, {"note": "press"}))


def two_categories(name="House", zone="Asia/Seoul"):
    """A hall of five rows of ten: rows A and B are a section and a category of their own."""
    plan = small_plan(name)
    return replace(
        plan,
        time_zone=zone,
        categories=("Best", "Rest"),
        sections=("Stalls", "Circle"),
        rows=tuple(replace(row, section=int(at > 1)) for at, row in enumerate(plan.rows)),
        seats=tuple(
            replace(seat, section=int(seat.row > 1), category=int(seat.row > 1))
            for seat in plan.seats
        ),
    )


class House:
    """Two performances with price types, and everybody who sells: a clerk, an admin, customers."""

    def __init__(self, box) -> None:
        self.box = box
        self.admin, self.clerk = box.office(), box.office(role="clerk")
        import_plan(self.admin, two_categories())
        self.concert = str(self.admin.create_concert("Gala", "House", key=key()).id)
        prices = {"Best": PRICE, "Rest": PRICE // 2, "Best:child": 7, "Rest:child": 0}
        self.performances = [
            self.admin.create_performance(
                self.concert, SHOW + timedelta(days=day), prices=prices, key=key()
            ).performance
            for day in range(2)
        ]
        self.user = str(self.admin.add_user("kim", key=key()).user)
        self.clerk.charge(CHARGED, self.user, key=key())

    def ledger(self, where="", *parameters):
        """What the ledger's entries come to, by currency and type."""
        found = defaultdict(int)
        for currency, kind, total in self.box.rows(LEDGER.format(where=where), *parameters):
            found[currency, kind] = total
        return found

    def queued(self, name="kim"):
        """A customer's own session, admitted, and the caller it makes."""
        customer = self.box.office(role="customer", user=name)
        return customer, Caller(token=customer.enqueue(self.concert, key=key()).token)


@pytest.fixture
def house(box):
    return House(box)


def sell(office, performance, *seats, caller=WALKING, tender="card", types=()):
    held = office.reserve(performance, caller, seats=seats, types=types, key=key())
    given = tender_of(tender, held.total.amount) if caller.staff else None
    office.pay(held.reservation, caller, key=key(), tender=given)
    return held.reservation


def trade(house, chance):
    """Do a hundred things that a box office does, by everybody, in some order."""
    sold = []
    for _ in range(40):
        office = chance.choice([house.admin, house.clerk])
        performance = chance.choice(house.performances)
        caller = chance.choice([staff(house.user), WALKING])
        tenders = ["cash", "card", "complimentary"] + ["balance"] * (caller is not WALKING)
        count = chance.randint(1, 3)
        tender = chance.choice(tenders)
        types = [chance.choice(["adult", "child"]) for _ in range(count)]
        act = chance.random()
        free = [s.seat for s in office.list_seats(performance, Caller(staff=True))]
        if act < 0.6 or not sold:
            seats = chance.sample(free, count)
            made = sell(office, performance, *seats, caller=caller, tender=tender, types=types)
            sold.append((made, caller, performance))
        elif act < 0.8:
            made, owner, _ = sold.pop(chance.randrange(len(sold)))
            office.cancel(made, owner, key=key())
        elif act < 0.95:
            made, owner, performance = sold.pop(chance.randrange(len(sold)))
            free = [s.seat for s in office.list_seats(performance, Caller(staff=True))]
            exchanged = office.exchange(
                made,
                owner,
                seats=chance.sample(free, count),
                types=types,
                key=key(),
                tender=tender_of(chance.choice(["cash", "card"]), 3 * PRICE),
            )
            sold.append((exchanged.paid.reservation, owner, performance))
        else:
            house.admin.correct_balance(
                house.user, chance.choice([-3, 5]), reason="a mistake", key=key()
            )
    customer, caller = house.queued()
    sell(customer, house.performances[0], "E-10", caller=caller)
    house.box.execute(
        "INSERT INTO audit (action, principal, detail, operation_key)"
        " SELECT 'look again', 'admin:else', '{}', operation_key FROM audit WHERE action = 'pay'"
    )


def money(lines, *names):
    return sum(getattr(line, name).amount for line in lines for name in names)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_breakdown_comes_to_what_the_ledger_does(house, seed):
    trade(house, random.Random(seed))
    office = house.admin
    for scope in ({}, {"concert": house.concert}, {"performance": house.performances[1]}):
        where = "AND performance_id = %s" if "performance" in scope else ""
        ledger = house.ledger(where, *([scope["performance"]] if where else []))
        all_of_it = ledger["KRW", "use"] - ledger["KRW", "refund"]
        for by in SALES_BY:
            lines = office.report_sales(by=by, **scope)
            assert money(lines, "net", "waived") == all_of_it, (by, scope)
            assert money(lines, "gross") - money(lines, "refunds") == money(lines, "net")
            seats = office.report_occupancy(by="performance", **scope)
            tickets = sum(line.tickets + line.complimentary for line in lines)
            assert tickets == sum(line.sold for line in seats), (by, scope)
    tenders = {line.group: line for line in office.report_sales(by="tender")}
    assert tenders["cash"].gross.amount == house.box.one(
        "SELECT sum(amount)::bigint FROM ledger_entries WHERE type = 'use' AND tender = 'cash'"
    )
    assert {line.group for line in office.report_sales(by="clerk")} == {
        f"admin:{ACCOUNT}",
        f"clerk:{ACCOUNT}",
        "customers",
    }
    cash = office.report_cash_up()
    ledger = house.ledger()
    assert money(cash, "takings") == ledger["KRW", "use"] + ledger["KRW", "charge"]
    assert money(cash, "refunds") == ledger["KRW", "refund"]
    with office.export_ledger() as rows:
        effects = defaultdict(int)
        for row in rows:
            effects[f"house:{row.house_account}"] += row.effect
    posted = house.box.rows(
        "SELECT account, sum(credit)::bigint FROM ledger_postings"
        " WHERE account IN ('house:sales', 'house:deposits', 'house:corrections') GROUP BY 1"
    )
    assert effects == dict(posted)
    assert_consistent(house.box)


def test_days_are_those_of_the_venue_and_hours_carry_its_offset(house):
    zones = {"Pacific/Kiritimati": "+14:00", "Pacific/Pago_Pago": "-11:00"}
    for zone in zones:
        import_plan(house.admin, two_categories(zone, zone))
        concert = house.admin.create_concert(zone, zone, key=key()).id
        performance = house.admin.create_performance(
            str(concert), SHOW, prices={"Best": 1, "Rest": 1}, key=key()
        ).performance
        sell(house.clerk, performance, "A-1")
    days = [line.group for line in house.admin.report_sales(by="day")]
    assert len(days) == 2  # twenty-five hours are never one day
    hours = [line.group for line in house.admin.report_sales(by="hour")]
    assert sorted(hour[-6:] for hour in hours) == sorted(zones.values())


def test_a_period_begins_with_its_first_moment_and_ends_before_its_last(house):
    sell(house.clerk, house.performances[0], "A-1")
    at = house.box.one("SELECT max(created_at) FROM ledger_entries")
    moment = timedelta(microseconds=1)

    def sold(**period):
        return sum(line.sold for line in house.admin.report_sales(**period))

    assert sold(since=at, until=at + moment) == 1
    assert sold(since=at + moment) == sold(until=at) == 0
    local = at.astimezone(house.admin.list_dates(house.concert, Caller(staff=True))[0].date.tzinfo)
    assert sold(concert=house.concert, since=local.replace(tzinfo=None)) == 1


def test_a_period_may_be_as_long_as_the_calendar(house):
    sell(house.clerk, house.performances[0], "A-1")
    beginning, end = (datetime.fromisoformat(time) for time in ("0001-01-01", "9999-12-31T23:59"))
    (line,) = house.admin.report_sales(since=beginning, until=end)
    assert line.sold == 1
    for day in (date.min, date.max):
        assert house.admin.report_cash_up(day=day) == []


def test_amounts_of_two_currencies_are_never_one_sum(house):
    concert = str(house.admin.create_concert("Abroad", "House", currency="EUR", key=key()).id)
    performance = house.admin.create_performance(
        concert, SHOW, prices={"Best": 250, "Rest": 250}, key=key()
    ).performance
    sell(house.clerk, performance, "A-1")
    sell(house.clerk, house.performances[0], "A-1")
    for by in ("tender", "category", "clerk"):
        lines = house.admin.report_sales(by=by)
        assert [(line.currency, line.net.amount) for line in lines] == [
            ("EUR", 250),
            ("KRW", PRICE),
        ]
    assert {line.currency for line in house.admin.report_cash_up()} == {"EUR", "KRW"}


def test_complimentary_tickets_are_counted_and_bring_no_money(house):
    gift = sell(house.clerk, house.performances[0], "A-1", "A-2", tender="complimentary")
    (line,) = house.admin.report_sales()
    assert (line.tickets, line.complimentary) == (0, 2)
    assert (line.gross.amount, line.net.amount, line.waived.amount) == (0, 0, 2 * PRICE)
    house.clerk.cancel(gift, WALKING, key=key())
    (line,) = house.admin.report_sales()
    assert (line.complimentary, line.waived.amount, line.refunds.amount) == (0, 0, 0)


def test_the_drawer_holds_what_was_taken_in_cash_less_what_was_given_back(house):
    first, second = house.performances
    sell(house.clerk, first, "A-1", tender="cash")
    back = sell(house.clerk, second, "C-1", tender="cash")
    house.clerk.cancel(back, WALKING, key=key())
    sell(house.clerk, first, "A-2")
    sell(house.admin, first, "A-3", tender="cash")
    customer, caller = house.queued()
    sell(customer, first, "A-4", caller=caller)
    lines = {(line.clerk, line.tender): line for line in house.admin.report_cash_up(days_ago=0)}
    clerk, admin = f"clerk:{ACCOUNT}", f"admin:{ACCOUNT}"
    cash = lines[clerk, "cash"]
    assert (cash.sales, cash.returns) == (2, 1)
    assert cash.takings.amount == PRICE + PRICE // 2
    assert (cash.drawer.amount, cash.change.amount) == (PRICE, 2000)
    assert lines[clerk, "card"].drawer is None
    assert lines[clerk, "charge"].takings.amount == CHARGED
    assert lines[admin, "cash"].drawer.amount == PRICE
    assert lines["customers", "balance"].takings.amount == PRICE
    assert house.admin.report_cash_up(day=SHOW.date()) == []
    assert {line.clerk for line in house.admin.report_cash_up(clerk=clerk)} == {clerk}
    assert {line.clerk for line in house.admin.report_cash_up(clerk=ACCOUNT)} == {clerk, admin}


def test_every_seat_is_counted_once_as_it_stands_now(house):
    first = house.performances[0]
    sell(house.clerk, first, "A-1", "C-1")
    house.clerk.reserve(first, WALKING, seats=["A-2"], key=key())
    over = house.clerk.reserve(first, WALKING, seats=["A-3"], key=key())
    end_holds(house.box, over.reservation)
    house.admin.block_seats(first, seats=["E-9", "E-10"], kind="house", key=key())
    found = {line.group: line for line in house.admin.report_occupancy(performance=first)}
    told = {
        name: (line.seats, line.sold, line.held, line.blocked, line.free)
        for name, line in found.items()
    }
    assert told == {"Stalls": (20, 1, 1, 0, 18), "Circle": (30, 1, 0, 2, 27)}
    assert found["Stalls"].percent == 5.0
    for by in OCCUPANCY_BY:
        lines = house.admin.report_occupancy(by=by, concert=house.concert)
        assert sum(line.seats for line in lines) == 100
        for line in lines:
            assert line.seats == line.sold + line.held + line.blocked + line.free
    names = [line.group_name for line in house.admin.report_occupancy(concert=house.concert)]
    assert names == ["Gala 2099-12-24 19:30", "Gala 2099-12-25 19:30"]


def test_who_came_in_is_counted_until_the_ticket_is_given_back(house):
    first = house.performances[0]
    paid = sell(house.clerk, first, "A-1", "A-2")
    one, _ = house.clerk.show_tickets(paid, staff=True)
    house.clerk.check_in(one.code, key=key())
    (line,) = house.admin.report_occupancy(by="performance", performance=first)
    assert (line.sold, line.checked_in) == (2, 1)
    house.clerk.cancel(paid, WALKING, key=key())
    (line,) = house.admin.report_occupancy(by="performance", performance=first)
    assert (line.sold, line.checked_in) == (0, 0)


def test_the_queue_is_told_beside_the_seats_that_are_left_for_it(house):
    sell(house.clerk, house.performances[0], "A-1")
    house.queued()
    told = house.box.office(role="reader").report_queue("Gala")
    assert (told.concert_name, told.state, told.admitted) == ("Gala", "open", 1)
    assert (told.free_seats, told.held_seats, told.sold_seats) == (99, 0, 1)


def test_the_audit_is_told_newest_first_as_asked_for(house):
    sell(house.clerk, house.performances[0], "A-1", caller=staff(house.user))
    newest, *_, oldest = house.admin.report_audit()
    assert (newest.action, newest.before) == ("pay", {"state": "held"})
    assert (newest.clerk, newest.user_name) == (f"clerk:{ACCOUNT}", "kim")
    assert newest.entry > oldest.entry
    assert [entry.action for entry in house.admin.report_audit(user="kim", limit=2)] == [
        "pay",
        "reserve",
    ]
    made = house.admin.report_audit(clerk=f"admin:{ACCOUNT}", action="user add")
    assert [entry.detail for entry in made] == [{"name": "kim"}]
    assert house.admin.report_audit(until=oldest.at) == []
    for limit in (0, 10_001):
        with pytest.raises(errors.InputInvalid, match="from 1 to"):
            house.admin.report_audit(limit=limit)


def test_an_export_has_all_of_it_in_one_snapshot_and_is_on_the_record(house):
    paid = sell(house.clerk, house.performances[0], "A-1", "A-2", types=["child", "adult"])
    back = sell(house.clerk, house.performances[1], "C-1")
    house.clerk.cancel(back, WALKING, key=key())
    with house.admin.export_reservations() as rows:
        first = next(rows)
        assert house.box.one(FETCHING) == 1, "the server keeps what was not asked for yet"
        sell(house.clerk, house.performances[0], "A-3")  # after the snapshot
        rest = list(rows)
    assert [row.reservation for row in (first, *rest)] == [paid, back]
    assert (first.seats, first.price_types) == (("A-1", "A-2"), ("child", "adult"))
    assert (first.total, first.tender, first.customer) == (PRICE + 7, "card", "walk-in")
    assert (rest[0].state, rest[0].cancelled_at is None) == ("cancelled", False)
    with house.admin.export_reservations(performance=house.performances[1]) as rows:
        assert [row.reservation for row in rows] == [back]
    with house.admin.export_ledger() as rows:
        entries = list(rows)
    assert [entry.type for entry in entries] == ["charge", "use", "use", "refund", "use"]
    assert [entry.reservation for entry in entries][:2] == [None, paid]
    noted = house.box.rows("SELECT action, detail FROM audit WHERE action LIKE 'export%'")
    assert noted == [
        ("export reservations", {"performances": None}),
        ("export reservations", {"performances": [house.performances[1]]}),
        ("export ledger", {"since": None, "until": None}),
    ]


def test_a_clerk_sees_the_house_and_the_own_drawer_and_a_customer_nothing(house):
    sell(house.admin, house.performances[0], "A-1", tender="cash")
    clerk = house.clerk
    assert clerk.report_sales()
    assert clerk.report_occupancy()
    assert clerk.report_queue("Gala")
    assert {line.clerk.partition(":")[2] for line in clerk.report_cash_up()} == {ACCOUNT}
    assert clerk.report_cash_up(clerk=f"clerk:{ACCOUNT}") == clerk.report_cash_up()
    customer, _ = house.queued()
    for act in (
        lambda: clerk.report_cash_up(clerk="clerk:somebody"),
        clerk.report_audit,
        lambda: clerk.export_ledger().__enter__(),
        lambda: clerk.export_reservations().__enter__(),
        customer.report_sales,
        customer.report_occupancy,
        customer.report_cash_up,
        customer.report_audit,
        lambda: customer.report_queue("Gala"),
        lambda: customer.report_map(house.performances[0]),
        lambda: customer.export_ledger().__enter__(),
    ):
        with pytest.raises(errors.Forbidden):
            act()


def test_what_is_not_there_is_refused_and_what_was_not_sold_is_nothing(house):
    office = house.admin
    assert office.report_sales() == []
    for wrong, refused in (
        (lambda: office.report_sales(by="moon"), errors.InputInvalid),
        (lambda: office.report_occupancy(by="day"), errors.InputInvalid),
        (lambda: office.report_sales(performance=99), errors.PerformanceNotFound),
        (lambda: office.report_sales(performance=-1), errors.PerformanceNotFound),
        (lambda: office.report_sales(performance=2**70), errors.PerformanceNotFound),
        (lambda: office.report_occupancy(concert="Nothing"), errors.ConcertNotFound),
        (lambda: office.report_sales(performance=1, concert="1"), errors.InputInvalid),
        (lambda: office.report_audit(user="nobody"), errors.UserNotFound),
    ):
        with pytest.raises(refused):
            wrong()


def test_sections_of_two_venues_are_two_whatever_they_are_called(house):
    import_plan(house.admin, two_categories("Annexe"))
    concert = str(house.admin.create_concert("Small", "Annexe", key=key()).id)
    prices = {"Best": 1, "Rest": 1}
    other = house.admin.create_performance(concert, SHOW, prices=prices, key=key()).performance
    sell(house.clerk, other, "A-1")
    lines = house.admin.report_occupancy(by="section")
    assert [(line.venue, line.group, line.seats, line.sold) for line in lines] == [
        ("Annexe", "Circle", 30, 0),
        ("Annexe", "Stalls", 20, 1),
        ("House", "Circle", 60, 0),
        ("House", "Stalls", 40, 0),
    ]
    assert lines[1].group_name == "Annexe: Stalls"
    (one, _) = house.admin.report_occupancy(performance=other)
    assert (one.venue, one.group, one.group_name) == ("Annexe", "Circle", None)


def test_a_period_that_ends_before_it_begins_is_refused(house):
    for since, until in ((SHOW, SHOW), (SHOW + timedelta(days=1), SHOW)):
        for ask in (
            house.admin.report_sales,
            house.admin.report_audit,
            lambda **period: house.admin.export_ledger(**period).__enter__(),
        ):
            with pytest.raises(errors.InputInvalid, match="ends before it begins"):
                ask(since=since, until=until)


def test_yesterday_is_that_of_the_settings_and_a_sale_is_of_its_venues_day(box):
    # Between these two it is always the same time, a day apart.
    admin = box.office(time_zone="Pacific/Kiritimati")
    import_plan(admin, two_categories(zone="Pacific/Honolulu"))
    concert = str(admin.create_concert("Gala", "House", key=key()).id)
    prices = {"Best": PRICE, "Rest": PRICE}
    performance = admin.create_performance(concert, SHOW, prices=prices, key=key()).performance
    sell(admin, performance, "A-1", tender="cash")
    told = [len(admin.report_cash_up(days_ago=days)) for days in (0, 1, 2)]
    assert told == [0, 1, 0]


# Of New York in 2025: a spring day of 23 hours, an autumn day in which the hour after one is two.
CHANGES = {
    "2025-03-09": ("01:59:59-05:00", "03:00:00-04:00", "23:59:59-04:00"),
    "2025-11-02": ("00:00:00-04:00", "01:30:00-04:00", "01:30:00-05:00", "23:59:59-05:00"),
}


def test_days_of_23_and_25_hours_have_all_their_sales_and_every_hour_its_own(box):
    admin = box.office()
    import_plan(admin, two_categories(zone="America/New_York"))
    concert = str(admin.create_concert("Gala", "House", key=key()).id)
    prices = {"Best": PRICE, "Rest": PRICE}
    performance = admin.create_performance(concert, SHOW, prices=prices, key=key()).performance
    times = [f"{day}T{time}" for day, at in CHANGES.items() for time in at]
    for number, time in enumerate(times, 1):
        sell(admin, performance, f"A-{number}", tender="cash")
        box.execute(
            "ALTER TABLE ledger_entries DISABLE TRIGGER USER;"
            f"UPDATE ledger_entries SET created_at = '{time}'"
            " WHERE id = (SELECT max(id) FROM ledger_entries);"
            "ALTER TABLE ledger_entries ENABLE TRIGGER USER"
        )
    days = {line.group: line.sold for line in admin.report_sales(by="day")}
    assert days == {day: len(at) for day, at in CHANGES.items()}
    hours = [line.group for line in admin.report_sales(by="hour")]
    assert hours == [f"{time[:13]}:00:00{time[-6:]}" for time in times]
    for day, at in CHANGES.items():
        (line,) = admin.report_cash_up(day=date.fromisoformat(day))
        assert line.sales == len(at)
        since = datetime.fromisoformat(day)
        (line,) = admin.report_sales(
            concert=concert, since=since, until=since + timedelta(days=1), by="day"
        )
        assert (line.group, line.sold) == (day, len(at))
