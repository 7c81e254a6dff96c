"""The roles of the database: each does its own work, and every other act is refused to it."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from boxoffice.core import errors, plans
from boxoffice.core.model import Caller, Tender
from boxoffice.core.office import Office
from tests.conftest import PRICE, SHOW, key, small_plan, staff
from tests.security.conftest import OWNER, ROLES

# What each role may do with each table: S(elect), I(nsert), U(pdate), D(elete).
COLUMNS = ("app", "clerk", "admin", "reader")
RIGHTS = {
    "alembic_version": ("S", "S", "S", "S"),
    "venues": ("S", "S", "SI", "S"),
    "sections": ("S", "S", "SI", "S"),
    "categories": ("S", "S", "SI", "S"),
    "seat_rows": ("S", "S", "SI", "S"),
    "venue_seats": ("S", "S", "SI", "S"),
    "concerts": ("S", "S", "SI", "S"),
    "performances": ("S", "S", "SIU", "S"),
    "prices": ("S", "S", "SIU", "S"),
    "type_prices": ("S", "S", "SIU", "S"),
    "seat_blocks": ("", "SD", "SIUD", "S"),
    "users": ("S", "SI", "SIU", "S"),
    "accounts": ("SIU", "SIU", "SIU", "S"),
    "reservations": ("SIU", "SIU", "SIU", "S"),
    "performance_seats": ("SU", "SU", "SIU", "S"),
    "reservation_seats": ("SIU", "SIUD", "SIUD", "S"),
    "check_ins": ("S", "SI", "SI", "S"),
    "ticket_keys": ("SI", "SI", "SI", ""),
    "payments": ("SIU", "SIU", "SIU", "S"),
    "ledger_entries": ("SI", "SI", "SI", "S"),
    "operations": ("SI", "SIU", "SIUD", "S"),
    "outbox": ("I", "SIU", "SIUD", "S"),
    "jobs": ("", "S", "SIUD", "S"),
    "deliveries": ("", "SI", "SIUD", "S"),
    "queue_identity": ("SI", "SI", "SI", "S"),
    "queues": ("SIU", "SIU", "SIU", "S"),
    "draws": ("SU", "SIU", "SIU", "S"),
    "ledger_postings": ("", "S", "S", "S"),
    "audit": ("I", "SI", "SI", "S"),
    "audit_chain": ("", "S", "S", "S"),
    "audit_head": ("", "S", "S", "S"),
}
# Where only some columns may be changed or filled in.
UPDATED = {
    "accounts": {"app": "balance", "clerk": "balance"},
    "performance_seats": {"app": "held_until reservation_id status version"},
    "reservations": {
        "app": "cancelled_at paid_at state",
        "clerk": "cancelled_at checked_in_at held_until hold_name hold_note paid_at seat_count"
        " state total user_id",
    },
    "reservation_seats": {"app": "live", "clerk": "live price price_type"},
    "performances": {"admin": "cancelled_at sale_closes sale_opens starts_at"},
    "users": {"admin": "name"},
    "prices": {"admin": "amount"},
    "type_prices": {"admin": "amount"},
    "seat_blocks": {"admin": "created_at kind note release_at"},
    "operations": {"clerk": "result", "admin": "result"},
    "outbox": {"clerk": "sent_at", "admin": "sent_at"},
    "deliveries": {"clerk": "", "admin": "attempts last_error next_at state"},
    "queues": {"app": "founded_at number_base", "clerk": "founded_at number_base settings"},
    "draws": dict.fromkeys(("app", "clerk", "admin"), "drawn held_at"),
    "payments": {"app": "note received settled_at state tender"},
}
INSERTED = {
    "users": {"clerk": "name", "admin": "name"},
    "ticket_keys": dict.fromkeys(("app", "clerk", "admin"), "code_key signing_key"),
    "check_ins": dict.fromkeys(
        ("clerk", "admin"),
        "checked_in_at gate operation_key performance_id principal reservation_id seat_no",
    ),
    "queues": dict.fromkeys(("app", "clerk", "admin"), "concert_id"),
    "jobs": {"admin": "name sink"},
    "deliveries": dict.fromkeys(("clerk", "admin"), "event_id performance_id sink"),
    "draws": {"clerk": "commitment concert_id seed"},
    "audit": dict.fromkeys(
        ("app", "clerk", "admin"),
        "action before detail operation_key principal terminal user_id",
    ),
}
ASKED = (
    "SELECT c.relname, string_agg(letter, '' ORDER BY n)"
    " FROM pg_class c, unnest(%s::text[], %s::text[]) WITH ORDINALITY right_of (letter, act, n)"
    " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v')"
    " AND (has_table_privilege(%s, c.oid, act) OR act <> 'DELETE'"
    "      AND has_any_column_privilege(%s, c.oid, act))"
    " GROUP BY 1"
)
SOON = datetime(2098, 1, 1, tzinfo=UTC)
CASH = Tender(kind="cash", received=PRICE)


def test_every_role_has_the_rights_of_the_table_and_no_other(house):
    tables = house.rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'v')"
    )
    assert {name for (name,) in tables} == RIGHTS.keys(), "a table without its grants"
    for at, role in enumerate(COLUMNS):
        name = f"boxoffice_{role}"
        acts = ["SELECT", "INSERT", "UPDATE", "DELETE"]
        found = dict(house.rows(ASKED, [act[0] for act in acts], acts, name, name))
        assert {t: found.get(t, "") for t in RIGHTS} == {t: r[at] for t, r in RIGHTS.items()}, role


@pytest.mark.parametrize(("act", "expected"), [("UPDATE", UPDATED), ("INSERT", INSERTED)])
def test_where_a_role_may_write_it_may_write_these_columns_alone(house, act, expected):
    for table, roles in expected.items():
        for role, columns in roles.items():
            found = house.rows(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
                " AND has_column_privilege(%s, attrelid, attnum, %s) ORDER BY attname",
                table,
                f"boxoffice_{role}",
                act,
            )
            assert " ".join(name for (name,) in found) == columns, (table, role)


NEVER = {
    "the ledger is changed": "UPDATE ledger_entries SET amount = 1",
    "the ledger is emptied": "DELETE FROM ledger_entries",
    "the audit is changed": "UPDATE audit SET principal = 'x'",
    "the audit is emptied": "DELETE FROM audit",
    "the audit is cut": "TRUNCATE audit CASCADE",
    "a time is made up in the audit": "INSERT INTO audit (action, principal, detail, at)"
    " VALUES ('x', 'x', '{}', '2000-01-01')",
    "another role is named in the audit": "INSERT INTO audit (action, principal, detail,"
    " database_user) VALUES ('x', 'x', '{}', 'boxoffice_admin')",
    "the chain is written": "INSERT INTO audit_chain VALUES (1, 1, sha256('x'))",
    "the head is moved": "UPDATE audit_head SET number = 0",
    "a link is made by hand": "SELECT link_audit(a) FROM audit a",
    "a trigger is switched off": "ALTER TABLE audit DISABLE TRIGGER ALL",
    "triggers are switched off": "SET session_replication_role = replica",
    "a category of a price is changed": "UPDATE prices SET category_no = 0",
    "a price type is renamed": "UPDATE type_prices SET price_type = 'x'",
    "a venue is deleted": "DELETE FROM venues",
    "the key of tickets is changed": "UPDATE ticket_keys SET code_key = signing_key",
    "who came in goes out again": "DELETE FROM check_ins",
    "who came in is older": "UPDATE check_ins SET checked_in_at = '2000-01-01'",
    "a draw is changed": "UPDATE draws SET seed = 'x'",
    "a user is made older": "UPDATE users SET created_at = '2000-01-01'",
    "a performance is of another concert": "UPDATE performances SET concert_id = 1",
    "a table is made": "CREATE TABLE public.own (id integer)",
    "a temporary table is made": "CREATE TEMP TABLE own (id integer)",
    "a file is read": "SELECT pg_read_file('/etc/passwd')",
    "a program is run": "COPY users TO PROGRAM 'true'",
    "another becomes the owner": "SET ROLE boxoffice_owner",
    "a role is made": "CREATE ROLE intruder",
    "a password is read": "SELECT rolpassword FROM pg_authid",
}


def test_what_nobody_who_sells_or_reads_may_do_is_refused_to_each(house):
    for role in COLUMNS:
        with house.connect(role) as connection:
            connection.execute("SET default_transaction_read_only = off")
            for what, statement in NEVER.items():
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    pytest.fail(f"{role}: {what}: {connection.execute(statement)}")


def sell_out(office: Office, caller: Caller, performance: int) -> None:
    """Do everything that is done to a reservation, by whoever it is."""
    held = office.reserve(performance, caller, seats=["A-1"], key=key())
    office.cancel(held.reservation, caller, key=key())
    held = office.reserve(performance, caller, best=2, key=key())
    office.pay(held.reservation, caller, key="paid")
    office.cancel(held.reservation, caller, key=key())
    assert office.status("paid", token=caller.token).state == "done"


@pytest.fixture
def stage(house):
    """A house with a concert, made by the admin's role, and a user, made by the clerk's."""
    admin = house.office("admin", role="admin")
    file = io.BytesIO()
    plans.write_plan(small_plan(), file)
    file.seek(0)
    admin.import_venue(file, key=key())
    concert = admin.create_concert("Concert", "Room", key=key()).id
    made = admin.create_performance(str(concert), SHOW, prices={"Standard": PRICE}, key=key())
    house.office("clerk", role="clerk").add_user("user1", key=key())
    return house, concert, made.performance


def test_the_role_of_customers_does_all_that_customers_do(stage):
    house, concert, performance = stage
    customer = house.office("app", role="customer", user="user1")
    caller = Caller(token=customer.enqueue(str(concert), key=key()).token)
    assert customer.list_concerts()
    assert customer.show_concert(str(concert)).dates
    assert customer.list_dates(str(concert), caller)
    assert len(customer.list_seats(performance, caller)) == 50
    customer.charge(10 * PRICE, key=key())
    held = customer.reserve(performance, caller, seats=["B-1"], key=key())
    customer.cancel(held.reservation, caller, key=key())
    held = customer.reserve(performance, caller, best=2, key=key())
    customer.pay(held.reservation, caller, key="paid")
    assert len(customer.show_tickets(held.reservation)) == 2
    customer.cancel(held.reservation, Caller(token=caller.token), key=key())
    assert customer.balance(history=True).balance.amount == 10 * PRICE
    assert len(customer.list_reservations()) == 2
    assert customer.status("paid").state == "done"
    assert customer.settle(key()).state == "abandoned"


def test_the_role_of_customers_cannot_act_as_staff_whatever_the_session_says(stage):
    house, _, performance = stage
    for said in ("clerk", "admin"):
        intruder = house.office("app", role=said)
        for act in (
            lambda office: office.charge(PRICE, "user1", key=key()),
            lambda office: office.reserve(performance, staff("user1"), best=1, key=key()),
            lambda office: office.add_user("lee", key=key()),
            lambda office: office.ticket_key(),
            lambda office: office.create_concert("Own", "Room", key=key()),
        ):
            with pytest.raises(errors.Forbidden):
                act(intruder)
    assert house.rows("SELECT count(*) FROM accounts") == [(0,)]
    assert house.rows("SELECT count(*) FROM reservations") == [(0,)]


def test_the_role_of_clerks_does_all_that_a_counter_does(stage):
    house, concert, performance = stage
    clerk, one = house.office("clerk", role="clerk"), staff("user1")
    clerk.add_user("user2", key=key())
    clerk.charge(20 * PRICE, "user1", key=key())
    sell_out(clerk, one, performance)
    held = clerk.reserve(performance, one, seats=["C-1"], key=key()).reservation
    clerk.add_seats(held, one, seats=["C-2", "C-3"], key=key())
    clerk.release_seats(held, one, seats=["C-3"], key=key())
    clerk.extend_hold(held, one, key=key(), seconds=900, name="kim", note="calls at six")
    clerk.assign(held, one, user="user2", key=key())
    cash = Tender(kind="cash", received=2 * PRICE)
    clerk.pay(held, staff("user2"), key=key(), tender=cash)
    code = clerk.show_tickets(held, staff=True)[0].code
    clerk.check_in(code, gate="West", key=key())
    assert len(clerk.list_tickets(performance)) == 2
    assert clerk.export_tickets(performance)
    clerk.exchange(held, staff("user2"), seats=["D-1", "D-2"], key=key(),
                   tender=Tender(kind="card", note="1234"))  # fmt: skip
    assert clerk.find_orders("user2")
    assert clerk.find_users("user")
    assert clerk.seat_map(performance)
    assert clerk.seat_states(performance)
    clerk.configure_queue(str(concert), capacity=5)
    assert clerk.show_queue(concert).line.capacity == 5
    assert clerk.settle("never sent").state == "abandoned"
    clerk.sweep()
    assert clerk.relay_events() > 0
    assert clerk.verify() == ()


def test_the_role_of_clerks_makes_nothing_that_is_for_sale(stage):
    house, _, _ = stage
    intruder = house.office("clerk", role="admin")
    with pytest.raises(errors.Forbidden, match="database role"):
        intruder.create_concert("Own", "Room", key=key())
    with pytest.raises(errors.Forbidden, match="make roles"):
        intruder.apply_grants()


def test_the_role_of_admins_verifies_repairs_and_makes_no_roles(stage):
    house, concert, _ = stage
    admin = house.office("admin", role="admin")
    admin.configure_queue(str(concert), rate_per_minute=30)
    assert admin.verify() == ()
    assert admin.repair().corrections == ()
    with pytest.raises(errors.Forbidden, match="make roles"):
        admin.apply_grants()


def test_the_role_of_admins_keeps_the_programme_and_the_users(stage):
    house, concert, performance = stage
    admin, clerk = (house.office(role, role=role) for role in ("admin", "clerk"))
    admin.correct_balance("user1", PRICE, reason="a gift", key=key())
    held = clerk.reserve(performance, staff("user1"), seats=["A-1"], key=key())
    clerk.pay(held.reservation, staff("user1"), key=key())
    admin.reschedule(performance, SHOW + timedelta(days=1), key=key())
    admin.set_sale(performance, closes=SHOW, key=key())
    file = io.BytesIO(b"concert,date,price:Standard\nConcert,2099-01-01T10:00,1\n")
    admin.import_season(file, key=key())
    admin.change_queue(str(concert), {"burst": 3}, key=key())
    assert admin.cancel_concert(str(concert), reason="ill", key=key()).refunded == 1
    assert admin.anonymise_user("user1", key=key()).name != "user1"
    assert admin.verify() == ()


def test_the_role_of_admins_prices_and_blocks_and_the_role_of_clerks_says_who_is_a_child(stage):
    house, _, performance = stage
    admin, clerk = (house.office(role, role=role) for role in ("admin", "clerk"))
    admin.set_prices(performance, {"Standard": PRICE, "Standard:child": 1}, key=key())
    admin.block_seats(performance, row="A", kind="house", key=key())
    admin.block_seats(performance, seats=["A-1"], kind="technical", until=SOON, key=key())
    admin.unblock_seats(performance, seats=["A-2"], key=key())
    house.server.execute(
        house.database, "UPDATE seat_blocks SET release_at = now() WHERE seat_no = 0"
    )
    assert clerk.release_blocks() == 1
    held = clerk.reserve(
        performance, staff("user1"), seats=["A-1", "A-2"], types=["child"], key=key()
    ).reservation
    asked = {"seats": ["A-2"], "price_type": "adult", "key": key()}
    assert clerk.set_price_type(held, staff("user1"), **asked).total.amount == PRICE + 1
    clerk.release_seats(held, staff("user1"), seats=["A-1"], key=key())
    assert clerk.pay(held, staff("user1"), key=key(), tender=CASH).paid.amount == PRICE
    assert admin.verify() == ()


def test_the_role_of_readers_verifies_and_changes_nothing(stage):
    house, _, performance = stage
    reader = house.office("reader", role="admin")
    assert reader.verify() == ()
    assert len(reader.list_seats(performance, Caller(staff=True), everything=True)) == 50
    for act in (
        lambda: reader.charge(1, "user1", key=key()),
        lambda: reader.reserve(performance, staff("user1"), best=1, key=key()),
        lambda: reader.add_user("lee", key=key()),
    ):
        with pytest.raises((errors.Forbidden, errors.DatabaseUnavailable)):
            act()


def test_the_role_of_migrators_migrates_and_what_it_makes_is_the_owners(house):
    migrator = house.office("migrator", role="admin")
    assert migrator.stores.migrate() == house.rows("SELECT version_num FROM alembic_version")[0][0]
    with house.connect("migrator") as connection:
        connection.execute("CREATE TABLE later (id integer)")
    owners = house.rows(
        "SELECT DISTINCT relowner::regrole::text FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S')"
    )
    assert owners == [("boxoffice_owner",)]
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        house.connect("clerk") as connection,
    ):
        connection.execute("SELECT * FROM later")


def test_the_owner_cannot_log_in_and_no_role_can_without_its_password(house):
    for role, password in [("boxoffice_owner", "owner"), ("boxoffice_app", "wrong")]:
        with pytest.raises(psycopg.OperationalError):
            house.server.connect(house.database, role, password)


def test_each_role_has_its_limits_whatever_its_client_asks_for(house):
    for role in ROLES:
        with house.connect(role) as connection:
            limits = [
                connection.execute(f"SHOW {name}").fetchone()[0]
                for name in (
                    "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"
                )
            ]  # fmt: skip
        assert limits == ["5s", "3s", "5s"], role
    limits = house.rows(
        "SELECT rolname, rolconnlimit FROM pg_roles WHERE rolcanlogin AND rolname <> %s", OWNER
    )
    assert dict(limits) == {
        "boxoffice_app": 40,
        "boxoffice_clerk": 40,
        "boxoffice_admin": 20,
        "boxoffice_reader": 5,
        "boxoffice_migrator": 2,
    }


def test_a_connection_past_the_limit_of_its_role_is_told_to_try_again(house):
    held = [house.connect("migrator") for _ in range(2)]
    with pytest.raises(errors.DatabaseUnavailable):
        house.office("migrator", role="admin").list_concerts()
    for connection in held:
        connection.close()


def command(house, *arguments):
    environment = {
        "BOXOFFICE_DATABASE_URL": house.settings.database_url,
        "BOXOFFICE_REDIS_URL": house.settings.redis_url,
        "BOXOFFICE_HOME": str(house.settings.state_dir),
    }
    return arguments, environment


def test_grants_are_printed_and_applied_again_without_a_change(house, box):
    arguments, environment = command(house, "store", "grants")
    printed = box.run(*arguments, **environment)
    assert (printed.code, "CREATE ROLE" in printed.out) == (0, True)
    rights = (
        "SELECT relname, relacl::text FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace ORDER BY 1"
    )
    before = house.rows(rights)
    told = box.run(*arguments, "--apply", "--json", **environment).json
    assert told == {"applied": True, "sql": printed.out}
    assert house.rows(rights) == before
    acts = house.rows("SELECT action, principal FROM audit WHERE action = 'store grants'")
    assert len(acts) == 2  # with the one of the pattern
    assert acts[0][1].startswith("admin:")


def test_grants_are_an_admins_and_want_a_connection_that_may_make_roles(house, box):
    arguments, environment = command(house, "store", "grants", "--apply", "--json")
    refused = box.run(*arguments, **environment, BOXOFFICE_ROLE="clerk")
    assert json.loads(refused.err)["error"]["code"] == "forbidden"
    as_admin = environment | {"BOXOFFICE_DATABASE_URL": house.url("admin")}
    refused = box.run(*arguments, **as_admin)
    assert refused.code == 4
    assert "superuser" in refused.error["hint"]


def test_a_right_given_by_hand_is_taken_away_again(house):
    house.server.execute(house.database, "GRANT DELETE ON audit TO boxoffice_clerk")
    master = Office(replace(house.settings, role="admin"))
    master.apply_grants()
    master.close()
    assert house.rows("SELECT has_table_privilege('boxoffice_clerk', 'audit', 'DELETE')") == [
        (False,)
    ]


def test_the_audit_names_the_role_that_logged_in_and_is_one_chain_for_all(stage):
    house, _, _ = stage
    with ThreadPoolExecutor(2) as pool:
        for role in ("clerk", "admin"):
            office = house.office(role, role=role)
            pool.submit(office.charge, PRICE, "user1", key=key()).result()
    assert house.rows(
        "SELECT database_user, principal FROM audit WHERE action = 'charge' ORDER BY id"
    ) == [(f"boxoffice_{role}", f"{role}:{account()}") for role in ("clerk", "admin")]
    assert house.office("reader", role="admin").verify() == ()


def account() -> str:
    import getpass

    return getpass.getuser()
