"""Who comes: buyers, people who only look, people without money, people who change their mind."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from boxoffice.core.errors import InputInvalid
from boxoffice.core.model import Mix

if TYPE_CHECKING:
    from random import Random

MIXES = {
    "usual": Mix(buy=60, browse=25, fail=5, abandon=10),
    "buyers": Mix(buy=100),
}
BUY, BROWSE, FAIL, ABANDON = KINDS = tuple(field.name for field in fields(Mix))


def read_mix(text: str) -> Mix:
    """Read the name of a mix, or shares as in ``buy=70,browse=30``; raises InputInvalid."""
    named = MIXES.get(text.strip())
    if named is not None:
        return named
    shares: dict[str, float] = {}
    for part in text.split(","):
        kind, _, share = (word.strip() for word in part.partition("="))
        if kind not in KINDS or kind in shares or not share.isdecimal():
            raise InputInvalid(
                "a mix is {names}, or shares of {kinds}",
                hint="as in buy=70,browse=30",
                names=", ".join(MIXES),
                kinds=", ".join(KINDS),
            )
        shares[kind] = int(share)
    if not sum(shares.values()):
        raise InputInvalid("the shares of a mix add up to nothing", hint="as in buy=70,browse=30")
    return Mix(**shares)


def choose_kinds(mix: Mix, count: int, chance: Random) -> list[str]:
    """Say what each of so many buyers does, by lot."""
    shares = asdict(mix)
    return chance.choices(list(shares), list(shares.values()), k=count)
