"""A tab is a process: counted, ended with its page, and never left behind."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import aiohttp
import pytest

from tests.tui.web.served import WAIT_SECONDS, alive, play, until


def test_more_tabs_than_allowed_are_refused_until_one_is_closed(start_server):
    served = start_server(sessions_max=1)
    headers = served.enter()

    async def scenario():
        async with served.connect(headers):
            assert await served.refusal(headers) == 503
            assert len(served.children()) == 1
        assert await served.refusal(headers) == 101

    play(scenario())


def test_the_counter_gets_keys_its_size_and_the_environment(served):
    headers = served.enter()

    async def scenario():
        async with served.connect(headers) as websocket:
            await served.told("opened 80x24")
            await websocket.send_json(["stdin", "k"])
            await served.told("pressed k")

    play(scenario())


@pytest.mark.parametrize("words", [[], ["deaf"]])
def test_a_closed_tab_ends_its_counter_even_one_that_hears_nothing(start_server, words):
    served = start_server(*words)
    headers = served.enter()

    async def scenario():
        async with served.connect(headers):
            await served.told("opened")
            (child,) = served.children()
        await until(lambda: not alive(child), "the counter ended")

    play(scenario())


def test_the_page_learns_that_its_counter_was_killed(served):
    headers = served.enter()

    async def scenario():
        async with served.connect(headers) as websocket:
            await served.told("opened")
            os.kill(*served.children(), signal.SIGKILL)
            async for _ in websocket:
                pass
            assert websocket.closed

    play(scenario())


@pytest.mark.parametrize("nonsense", ["", "{", "[]", "7", '["resize"]', '["stdin", 7]'])
def test_nonsense_from_the_page_ends_its_session_and_no_other(served, nonsense):
    headers = served.enter()

    async def scenario():
        async with served.connect(headers) as good, served.connect(headers) as bad:
            await served.told("opened", times=2)
            await bad.send_str(nonsense)
            async for _ in bad:
                pass
            await good.send_json(["stdin", "k"])
            await served.told("pressed k")

    play(scenario())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_server_and_every_counter(served, number):
    headers = served.enter()

    async def scenario():
        async with served.connect(headers) as one, served.connect(headers) as other:
            await served.told("opened", times=2)
            children = served.children()
            served.process.send_signal(number)
            for websocket in (one, other):
                async for message in websocket:
                    assert message.type == aiohttp.WSMsgType.BINARY
            await until(lambda: served.process.poll() is not None, "the server ended")
            assert served.process.returncode == 0
            assert not any(map(alive, children))

    play(scenario())


def test_counters_leave_when_their_server_was_killed(served):
    headers = served.enter()

    async def scenario():
        async with served.connect(headers):
            await served.told("opened")
            (child,) = served.children()
            served.process.kill()
            await until(lambda: not alive(child), "the counter ended")

    play(scenario())


def start_of(pid: int) -> str:
    """Return what a process was started with, as other programs can see it."""
    names = ("cmdline", "environ")
    return "".join(Path(f"/proc/{pid}/{name}").read_bytes().decode() for name in names)


def test_no_secret_is_in_an_argument_or_in_the_environment_of_a_counter(served):
    headers = served.enter()
    secrets = [served.path.partition("=")[2], headers["Cookie"].partition("=")[2]]

    async def scenario():
        async with served.connect(headers):
            await served.told("opened")
            (child,) = served.children()
            for pid in (child, served.process.pid):
                assert not any(secret in start_of(pid) for secret in secrets)

    play(scenario())


def test_the_server_ends_at_once_when_nobody_is_connected(served):
    served.process.terminate()
    assert served.process.wait(WAIT_SECONDS) == 0
