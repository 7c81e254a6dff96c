"""What is served loads nothing from outside, and says so to the browser."""

from __future__ import annotations

import re

import pytest

OUTSIDE = re.compile(r"https?://|(?:src|href)\s*=\s*[\"']?//|url\([\"']?//|@import", re.IGNORECASE)
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
LINK = re.compile(r"""(?:href|src)="(/[^"]+)"|url\("([^"]+)"\)""")


def links(text: str) -> set[str]:
    return {in_page or in_style for in_page, in_style in LINK.findall(text)}


def test_no_page_script_or_style_names_an_address_outside(served):
    headers = served.enter()
    pages, seen = {"/"}, set()
    while pages:
        path = pages.pop()
        seen.add(path)
        answer = served.get(path, **headers)
        assert answer.status == 200, path
        if not path.endswith(".ttf"):
            assert not OUTSIDE.findall(CSS_COMMENT.sub("", answer.text)), path
            pages |= links(answer.text) - seen
    assert {path.rpartition(".")[2] for path in seen} == {"/", "js", "css", "ttf"}


@pytest.mark.parametrize("path", ["/", "/ws", "/static/counter.css", "/nothing"])
def test_every_answer_forbids_other_sources_frames_and_being_kept(served, path):
    for headers in ({}, served.enter()):
        answer = served.get(path, **headers)
        policy = answer.headers["Content-Security-Policy"].split("; ")
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert f"connect-src {served.origin.replace('http', 'ws')}" in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_no_folder_is_listed_and_no_file_beside_the_served_ones_is_reached(served):
    headers = served.enter()
    for path in ("/static/", "/terminal/", "/terminal/js/", "/static/../page.html"):
        assert served.get(path, **headers).status in {403, 404}, path
