"""What Alembic runs: every pending migration in one transaction, under one advisory lock."""

from alembic import context

from boxoffice.core.database import allow
from boxoffice.core.tables import metadata

MIGRATION_SECONDS = 600
LOCK_NUMBER = 0x626F786F  # "boxo": two migrators at once take turns
connection = context.config.attributes["connection"]

context.configure(connection=connection, target_metadata=metadata)
with context.begin_transaction():
    connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
    allow(connection, MIGRATION_SECONDS)
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_NUMBER})")
    context.run_migrations()
