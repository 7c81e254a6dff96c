"""Only the browser that was given the address comes in, and only through our own page."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.tui.web.served import play

PATHS = ["/", "/ws", "/static/counter.css", "/terminal/js/textual.js", "/download/x", "/nothing"]


@pytest.mark.parametrize("path", PATHS)
def test_without_a_token_nothing_is_served(served, path):
    assert served.get(path).status == 403


def test_a_wrong_token_is_refused_and_uses_nothing_up(served):
    for token in ("", "x", "%FF", "ü".encode().hex(), served.path[-5:]):
        assert served.get(f"/?token={token}").status == 403
    assert served.get(served.path).status == 303


def test_the_token_works_once_and_becomes_a_cookie_that_no_script_and_no_other_site_gets(served):
    first = served.get(served.path)
    assert (first.status, first.headers["Location"]) == (303, "/")
    cookie = first.headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "domain" not in cookie
    assert served.path.removeprefix("/?token=") not in first.headers["Set-Cookie"]
    assert served.get(served.path).status == 403


def test_the_browser_that_was_let_in_may_load_the_address_again(served):
    headers = served.enter()
    assert served.get(served.path, **headers).status == 303
    assert served.get("/", **headers).status == 200


def test_a_token_does_not_open_anything_but_the_page(served):
    assert served.get("/static/counter.css" + served.path[1:]).status == 403
    assert served.get(served.path).status == 303


def test_a_wrong_cookie_is_no_cookie(served):
    name = served.enter()["Cookie"].partition("=")[0]
    assert served.get("/", Cookie=f"{name}=guessed").status == 403


def test_a_request_that_was_addressed_to_another_host_is_refused(served):
    """A foreign name that was pointed at this machine still stands in Host."""
    headers = served.enter()
    port = urlsplit(served.origin).port
    for host in (f"evil.example:{port}", f"localhost:{port}", "127.0.0.1", "127.0.0.1:1", ""):
        assert served.get("/", **headers, Host=host).status in {400, 403}
        assert served.get(served.path, Host=host).status in {400, 403}
    assert served.get("/", **headers).status == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", ""])
def test_a_foreign_page_is_refused(served, origin):
    headers = served.enter() | {"Origin": origin}
    assert served.get("/", **headers).status == 403

    async def scenario():
        assert await served.refusal(headers) == 403
        assert not served.children()

    play(scenario())


def test_a_websocket_needs_the_cookie_the_origin_and_the_host(served):
    headers = served.enter()

    async def scenario():
        for missing in headers:
            fewer = {name: value for name, value in headers.items() if name != missing}
            assert await served.refusal(fewer) == 403
        assert await served.refusal(headers | {"Host": "evil.example"}) == 403
        assert not served.children()
        assert await served.refusal(headers) == 101

    play(scenario())
