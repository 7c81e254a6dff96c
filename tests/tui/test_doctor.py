"""The start: what is missing, and the command that mends it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from boxoffice.core.checkup import Check
from boxoffice.core.config import load
from boxoffice.core.errors import SchemaOutdated
from boxoffice.tui.doctor import mending
from tests.tui.stage import counter, played

NO_DATABASE = "postgresql://boxoffice@/boxoffice?host=/nonexistent"
NO_REDIS = "unix:///nonexistent/socket"


@played
async def test_without_a_database_the_start_says_what_mends_it_and_goes_nowhere(world):
    lost = replace(world.box.settings, database_url=NO_DATABASE)
    async with counter(lost) as stage:
        await stage.until_seen("The counter cannot begin yet")
        await stage.until_seen("start Postgres, or mend BOXOFFICE_DATABASE_URL")
        await stage.press("w", "o", "p", "enter")
        assert stage.app.current_mode == "start"


@played
async def test_trying_again_begins_once_the_schema_is_there(box, servers):
    empty = f"{urlsplit(box.settings.database_url).path[1:]}_empty"
    servers.execute(f"CREATE DATABASE {empty}")
    url = servers.named(empty)
    try:
        async with counter(replace(box.settings, database_url=url)) as stage:
            await stage.until_seen("boxoffice store migrate")
            assert box.run("store", "migrate", BOXOFFICE_DATABASE_URL=url).code == 0
            await stage.press("r")
            await stage.until_seen("no concert")
    finally:
        servers.execute(f"DROP DATABASE {empty} WITH (FORCE)")


@played
async def test_without_redis_selling_can_go_on(world):
    async with counter(replace(world.box.settings, redis_url=NO_REDIS)) as stage:
        await stage.until_seen("start Redis, or mend BOXOFFICE_REDIS_URL")
        await stage.press("enter")
        await stage.until_seen("Concert")
        assert "polling 2 s" in stage.text


@played
async def test_no_secret_is_shown(world):
    secret = "postgresql://clerk:geheim@localhost:1/boxoffice"
    async with counter(replace(world.box.settings, database_url=secret), size=(200, 60)) as stage:
        await stage.until_seen("cannot begin yet")
        assert "geheim" not in stage.text


@played
async def test_a_house_without_concerts_says_how_to_make_one(box):
    async with counter(box.settings) as stage:
        await stage.until_seen("`boxoffice demo` makes one")


@pytest.mark.parametrize(
    ("name", "hint", "command"),
    [
        ("postgres", "`boxoffice doctor` shows what is wrong", "boxoffice store start"),
        ("redis", "`boxoffice doctor` shows what is wrong", "boxoffice store start"),
        ("schema", SchemaOutdated.hint, "boxoffice store migrate"),
    ],
)
def test_on_private_servers_everything_is_mended_by_a_command(tmp_path, name, hint, command):
    settings = load({"BOXOFFICE_HOME": str(tmp_path)})
    check = Check(name=name, ok=False, value="away", source="server", hint=hint)
    assert command in mending(check, settings)
