"""The chain of the audit: every row is linked, and whatever was done to a row is found."""

from __future__ import annotations

import getpass
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from boxoffice.core import errors, schema
from boxoffice.core.audit import Break, read_head, verify_chain
from tests.conftest import PRICE, key, plain, staff

CLERKS = 6
ENTRY = (
    "INSERT INTO audit (action, principal, detail, operation_key)"
    " VALUES ('charge', 'clerk:kim', '{}', %s)"
)


def chain(box) -> Break | None:
    with box.office().stores.database() as connection:
        return verify_chain(connection)


def head(box):
    with box.office().stores.database() as connection:
        return read_head(connection)


@contextmanager
def tampered(box, *statements: str):
    """Do what only a superuser can, write without any trigger or key, and undo it afterwards."""
    engine = create_engine(box.settings.database_url)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")
        for statement in statements:
            connection.exec_driver_sql(statement)
        yield connection
        connection.rollback()
    engine.dispose()


def found_in(box, *statements: str) -> Break | None:
    """Say what is found after such statements."""
    with tampered(box, *statements) as connection:
        return verify_chain(connection)


@pytest.fixture
def audited(world):
    """A box whose audit has ten and more rows, the last five of them charges."""
    for number in range(5):
        world.office.charge(PRICE, "user1", key=f"charge {number}")
    return world.box


def test_every_row_of_the_audit_is_a_link_in_the_order_of_the_commits(audited):
    assert chain(audited) is None
    rows = audited.one("SELECT count(*) FROM audit")
    assert rows >= 10
    assert head(audited).number == rows
    assert audited.rows("SELECT number FROM audit_chain ORDER BY number") == [
        (number,) for number in range(1, rows + 1)
    ]


def test_clerks_at_work_at_once_write_one_chain_without_a_gap(world):
    def serve(clerk: int) -> None:
        office = world.box.office(role="clerk")
        for seat in range(1, 6):
            held = office.reserve(
                world.performance, staff("user1"), seats=[f"{'ABCDE'[clerk % 5]}-{seat}"], key=key()
            ) if clerk < 5 else office.charge(PRICE, "user1", key=key())  # fmt: skip
            if clerk < 5:
                office.cancel(held.reservation, staff("user1"), key=key())

    before = head(world.box).number
    with ThreadPoolExecutor(CLERKS) as pool:
        list(pool.map(serve, range(CLERKS)))
    assert head(world.box).number == before + 5 * 5 * 2 + 5
    assert chain(world.box) is None


def test_what_was_audited_before_there_was_a_chain_is_chained_by_the_migration(box):
    box.execute("DROP SCHEMA public CASCADE")
    box.execute("CREATE SCHEMA public")
    migrate(box, "0004")
    for number in range(3):
        box.execute(ENTRY, f"old {number}")
    migrate(box, "head")
    assert head(box).number == 3
    assert chain(box) is None
    box.execute(ENTRY, "new")
    assert head(box).number == 4
    assert chain(box) is None


def migrate(box, revision: str) -> None:
    config = Config()
    config.set_main_option(
        "script_location", schema.__file__.replace("schema.py", "migrations").replace("%", "%%")
    )
    engine = create_engine(box.settings.database_url)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()
    engine.dispose()


COLUMNS = {
    "at": "'2000-01-01'",
    "action": "'look'",
    "principal": "'clerk:nobody'",
    "database_user": "'somebody'",
    "terminal": "'/dev/tty9'",
    "user_id": "99",
    "operation_key": "'another'",
    "detail": "'{}'",
    "before": "'{}'",
}


def test_a_change_of_any_column_of_a_row_is_found(audited):
    link, entry = audited.rows("SELECT number, audit_id FROM audit_chain ORDER BY number")[-3]
    for column, value in COLUMNS.items():
        done = f"UPDATE audit SET {column} = {value} WHERE id = {entry}"
        assert found_in(audited, done) == Break(fault="changed", link=link, entry=entry), column
    assert chain(audited) is None


def test_every_column_of_the_audit_is_in_the_chain(audited):
    columns = audited.rows(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = 'audit' AND is_generated = 'NEVER'"
    )
    assert {name for (name,) in columns} == {*COLUMNS, "id"}


FAULTS = {
    "UPDATE audit_chain SET hash = sha256('x') WHERE number = {link}": ("changed", 3),
    "DELETE FROM audit WHERE id = {entry}": ("removed", 3),
    "DELETE FROM audit_chain WHERE number = {link}": ("hole", 2),
    "UPDATE audit_head SET number = number + 1": ("cut", 1),
    "DELETE FROM audit_head": ("cut", 1),
}


def test_a_changed_removed_or_missing_link_is_found(audited):
    links = audited.rows("SELECT number, audit_id FROM audit_chain ORDER BY number")
    link, entry = links[-3]
    for done, (fault, back) in FAULTS.items():
        found = found_in(audited, done.format(link=link, entry=entry))
        assert (found.fault, found.link) == (fault, links[-back][0]), done


def test_an_audit_that_was_cut_at_its_end_is_found_by_its_head(audited):
    last = audited.one("SELECT max(audit_id) FROM audit_chain")
    assert (
        found_in(
            audited,
            f"DELETE FROM audit WHERE id = {last}",
            f"DELETE FROM audit_chain WHERE audit_id = {last}",
        ).fault
        == "cut"
    )


def test_a_row_that_was_slipped_in_beside_the_chain_is_found(audited):
    with tampered(audited, ENTRY.replace("%s", "'slipped in'")) as connection:
        entry = connection.exec_driver_sql("SELECT max(id) FROM audit").scalar_one()
        assert verify_chain(connection) == Break(fault="unchained", link=None, entry=entry)


def test_a_chain_rewritten_from_its_beginning_differs_from_a_head_written_down_before(audited):
    written_down = head(audited)
    with tampered(
        audited,
        "UPDATE audit SET principal = 'clerk:nobody'",
        "DELETE FROM audit_chain",
        "UPDATE audit_head SET number = 0, hash = sha256('boxoffice')",
        "DO $$ DECLARE a audit; BEGIN FOR a IN SELECT * FROM audit ORDER BY id LOOP"
        " PERFORM link_audit(a); END LOOP; END $$",
    ) as connection:
        assert verify_chain(connection) is None
        now = read_head(connection)
    assert now.number == written_down.number
    assert now.hash != written_down.hash


def test_audit_chain_and_ledger_are_append_only_even_for_a_superuser(audited):
    for table, column in {"audit": "at", "audit_chain": "hash", "ledger_entries": "type"}.items():
        before = audited.rows(f"SELECT * FROM {table}")
        for act in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            refused(audited, act)
        refused(audited, f"TRUNCATE {table} CASCADE")
        assert audited.rows(f"SELECT * FROM {table}") == before
    refused(audited, "DELETE FROM audit_head")


def refused(box, act: str) -> None:
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="append-only"):
        box.execute(act)


def test_whoever_pauses_in_the_middle_of_a_transaction_keeps_nobody_from_the_audit(world):
    with psycopg.connect(plain(world.box.settings.database_url)) as paused:
        paused.execute(ENTRY, ("paused",))
        world.office.charge(PRICE, "user1", key="k")
        assert head(world.box).number == world.box.one("SELECT count(*) FROM audit")
    assert world.box.one(
        "SELECT audit_id = (SELECT id FROM audit WHERE operation_key = 'paused')"
        " FROM audit_chain ORDER BY number DESC LIMIT 1"
    )
    assert chain(world.box) is None


def test_a_database_role_of_customers_writes_no_deed_of_staff(world):
    deed = "INSERT INTO audit (action, principal, detail, database_user)"
    with pytest.raises(psycopg.errors.CheckViolation, match="audit_is_of_staff"):
        world.box.execute(f"{deed} VALUES ('pay', 'clerk:kim', '{{}}', 'boxoffice_app')")


def test_the_audit_names_the_account_of_the_host(audited):
    assert audited.one("SELECT DISTINCT host_user FROM audit WHERE user_id IS NOT NULL") == (
        getpass.getuser()
    )


def test_a_refusal_leaves_no_link(audited):
    before = head(audited)
    with pytest.raises(errors.NotFound):
        audited.office().charge(1, "nobody like that", key="k")
    assert head(audited) == before
