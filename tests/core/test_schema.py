"""The schema: what the code believes, what the migrations make, and which version is needed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from boxoffice.core import errors, schema
from boxoffice.core.stores import Stores
from boxoffice.core.tables import metadata
from tests.conftest import plain
from tests.waiting import blocked

LOCK_NUMBER = 0x626F786F  # as migrations/env.py has it, which only Alembic can import
NAMES_ASKED = (
    "SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
    " AND contype IN ('p', 'u', 'f') AND conrelid::regclass::text <> 'alembic_version'"
    " UNION SELECT indexname FROM pg_indexes WHERE schemaname = 'public'"
    " AND tablename <> 'alembic_version'"
)


def test_tables_py_is_what_the_migrations_make(box):
    with box.office().stores.database() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_tables_py_names_every_key_and_index_as_the_migrations_do(box):
    named = set()
    for table in metadata.tables.values():
        named |= {f"{table.name}_pkey"} | {index.name for index in table.indexes}
        named |= {c.name for c in table.constraints if c.name is not None}
    assert named == {name for (name,) in box.rows(NAMES_ASKED)}


def test_the_version_in_the_code_is_the_newest_migration():
    config = Config()
    config.set_main_option(
        "script_location", schema.__file__.replace("schema.py", "migrations").replace("%", "%%")
    )
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [schema.REVISION]


def empty(box):
    box.execute("DROP SCHEMA public CASCADE")
    box.execute("CREATE SCHEMA public")


@pytest.mark.parametrize(
    ("version", "said"),
    [("0000", "this version needs"), ("9999", "newer than this version")],
)
def test_an_old_or_newer_schema_is_refused_before_anything_else(box, version, said):
    box.execute("UPDATE alembic_version SET version_num = %s", version)
    office = box.office()
    for act in (office.list_concerts, lambda: office.charge(1, "user1", key="k")):
        with pytest.raises(errors.SchemaOutdated, match=said):
            act()


def test_a_database_without_a_schema_is_refused_and_not_migrated_unasked(box):
    empty(box)
    with pytest.raises(errors.SchemaOutdated, match="no box office in it"):
        box.office().add_user("kim", key="k")
    assert box.one("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


def test_migrating_makes_the_schema_and_again_changes_nothing(box):
    empty(box)
    stores = Stores(box.settings, connections=1)
    assert [stores.migrate(), stores.migrate()] == [schema.REVISION] * 2
    stores.close()
    assert box.office().add_user("kim", key="k").name == "kim"


def test_two_migrators_at_once_take_turns(box):
    empty(box)
    with ThreadPoolExecutor(2) as pool:
        ran = list(pool.map(lambda _: box.run("store", "migrate"), range(2)))
    assert [(each.code, each.err) for each in ran] == [(0, "")] * 2
    assert box.rows("SELECT version_num FROM alembic_version") == [(schema.REVISION,)]


def test_a_migrator_waits_for_another_that_is_at_work(box):
    empty(box)
    stores = Stores(box.settings, connections=1)
    with psycopg.connect(plain(box.settings.database_url), autocommit=True) as other:
        other.execute(f"SELECT pg_advisory_lock({LOCK_NUMBER})")
        with blocked(box, stores.migrate) as migrating:
            other.execute(f"SELECT pg_advisory_unlock({LOCK_NUMBER})")
    assert migrating.result() == schema.REVISION
    stores.close()


def test_a_schema_that_changes_under_a_command_is_told_as_such(box):
    office = box.office()
    office.add_user("kim", key="k")
    box.execute("ALTER TABLE operations RENAME COLUMN request TO ask")
    with pytest.raises(errors.SchemaOutdated):
        office.charge(1, "kim", key="c")
    with pytest.raises(errors.SchemaOutdated):
        office.add_user("lee", key="l")
