"""One line of a checkup."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at: its value, where the value comes from, and what mends it."""

    name: str
    ok: bool
    value: str
    source: str
    hint: str


def fine(name: str, value: str, source: str) -> Check:
    """Tell of something that is as it should be, or needs no judgement."""
    return Check(name=name, ok=True, value=value, source=source, hint="")


def judged(name: str, value: str, source: str, *, ok: bool, hint: str) -> Check:
    """Tell of something that is as it should be or not; the hint is said where it is not."""
    return Check(name=name, ok=ok, value=value, source=source, hint="" if ok else hint)
