"""What seats cost: by category, and by type (adult, child, senior...) of who sits there.

`prices` has what everybody pays whom nothing else is said of, `type_prices` the rest. Whoever
holds or bought a seat keeps the price of that moment.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import literal, select
from sqlalchemy.dialects.postgresql import insert

from boxoffice.core import errors
from boxoffice.core.catalogue import concert_of
from boxoffice.core.model import ORDINARY, CategoryPrice, Money
from boxoffice.core.tables import categories, concerts, performances, prices, type_prices
from boxoffice.core.text import clean_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

PRICE_MAX = 10**12
TYPE_CELLS_MAX = 40
SEPARATOR = ":"
# By category and type, in minor units.
Amounts = dict[tuple[str, str], int]


def parse(amounts: Mapping[str, int], known: Sequence[str]) -> Amounts:
    """Read CATEGORY or CATEGORY:TYPE against the known categories; the longest name that fits.

    Raises InputInvalid, AmountInvalid.
    """
    parsed: Amounts = {}
    for name, amount in amounts.items():
        priced = _parse_name(name, known)
        if priced in parsed:
            raise errors.InputInvalid("{category} has two prices", category=name)
        if not 0 <= amount <= PRICE_MAX:
            raise errors.AmountInvalid(
                "the price of {category} must be from 0 to {most}", category=name, most=PRICE_MAX
            )
        parsed[priced] = amount
    return parsed


def _parse_name(name: str, known: Sequence[str]) -> tuple[str, str]:
    if name in known:
        return name, ORDINARY
    fitting = [category for category in known if name.startswith(category + SEPARATOR)]
    if not fitting:
        raise errors.InputInvalid(
            "unknown category {category}; the venue has: {known}",
            hint="give --price CATEGORY=AMOUNT for each category",
            category=name,
            known=", ".join(known),
        )
    category = max(fitting, key=len)
    return category, clean_type(name[len(category) + len(SEPARATOR) :])


def clean_type(text: str) -> str:
    """Return a price type as it is stored; raises InputInvalid."""
    cleaned = clean_name(text, errors.Words("price type"), cells_max=TYPE_CELLS_MAX, digits=True)
    if SEPARATOR in cleaned or "," in cleaned:
        raise errors.InputInvalid("a price type has no colon and no comma")
    return cleaned


def store(connection: Connection, performance: int, venue: int, amounts: Mapping[str, int]) -> None:
    """Price a new performance; every category needs its ordinary price.

    Raises InputInvalid, AmountInvalid.
    """
    numbers = _category_numbers(connection, venue)
    parsed = parse(amounts, list(numbers))
    missing = [name for name in numbers if (name, ORDINARY) not in parsed]
    if missing:
        raise errors.InputInvalid(
            "no price for {category}; the venue has: {known}",
            hint="give --price CATEGORY=AMOUNT for each category",
            category=missing[0],
            known=", ".join(numbers),
        )
    _write(connection, performance, numbers, parsed)


def change(connection: Connection, performance: int, amounts: Mapping[str, int]) -> dict[str, Any]:
    """Set some prices; those that are not named, and what is held or sold, keep theirs.

    Raises PerformanceNotFound, InputInvalid, AmountInvalid.
    """
    concert_of(connection, performance)
    venue = select(performances.c.venue_id).where(performances.c.id == performance)
    numbers = _category_numbers(connection, connection.execute(venue).scalar_one())
    _write(connection, performance, numbers, parse(amounts, list(numbers)))
    return {"performance": performance, "prices": as_stored(read(connection, performance))}


def as_stored(found: Sequence[CategoryPrice]) -> list[dict[str, Any]]:
    """Write prices as JSON keeps them."""
    return [{"category": p.category, "type": p.type, "price": asdict(p.price)} for p in found]


def lock(connection: Connection, performance: int) -> dict[str, Any]:
    """Keep others from changing prices until the end of the transaction; return them.

    Raises PerformanceNotFound.
    """
    concert_of(connection, performance)
    connection.execute(
        select(prices.c.category_no)
        .where(prices.c.performance_id == performance)
        .order_by(prices.c.category_no)
        .with_for_update(key_share=True)  # seats refer to these rows and must not wait
    )
    return {"prices": as_stored(read(connection, performance))}


def read(connection: Connection, performance: int) -> list[CategoryPrice]:
    """Return all prices of a performance, by category, the ordinary one first.

    Raises PerformanceNotFound.
    """
    concert_of(connection, performance)
    ordinary = select(
        prices.c.performance_id,
        prices.c.category_no,
        literal(ORDINARY).label("price_type"),
        prices.c.amount,
    )
    every = ordinary.union_all(select(type_prices)).subquery()
    rows = connection.execute(
        select(categories.c.name, every.c.price_type, every.c.amount, concerts.c.currency)
        .join(performances, performances.c.id == every.c.performance_id)
        .join(concerts, concerts.c.id == performances.c.concert_id)
        .join(
            categories,
            (categories.c.venue_id == performances.c.venue_id)
            & (categories.c.category_no == every.c.category_no),
        )
        .where(every.c.performance_id == performance)
        .order_by(every.c.category_no, every.c.price_type != ORDINARY, every.c.price_type)
    )
    return [
        CategoryPrice(category=name, type=kind, price=Money(amount=amount, currency=currency))
        for name, kind, amount, currency in rows
    ]


def unknown_type(
    connection: Connection, performance: int, types: Sequence[str]
) -> errors.PriceTypeNotFound:
    """Build the error for a type that some of the seats asked for have no price for."""
    found = read(connection, performance)
    known = list(dict.fromkeys(price.type for price in found))
    unknown = [kind for kind in types if kind not in known]
    if unknown:
        return errors.PriceTypeNotFound(
            "there is no price type {type}",
            hint="this performance has: {known}",
            type=unknown[0],
            known=", ".join(known),
        )
    return errors.PriceTypeNotFound("not every category of these seats has that price type")


def types_of(connection: Connection, numbers: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the price types that performances have beside the ordinary one, by performance."""
    rows = connection.execute(
        select(type_prices.c.performance_id, type_prices.c.price_type)
        .where(type_prices.c.performance_id.in_(numbers))
        .distinct()
        .order_by(type_prices.c.performance_id, type_prices.c.price_type)
    )
    found: dict[int, tuple[str, ...]] = {}
    for number, kind in rows:
        found[number] = (*found.get(number, ()), kind)
    return found


def by_type(
    connection: Connection, performance: int, category_count: int
) -> dict[str, tuple[int | None, ...]]:
    """Return the prices of every other type than the ordinary one, by category number."""
    rows = connection.execute(
        select(type_prices.c.price_type, type_prices.c.category_no, type_prices.c.amount)
        .where(type_prices.c.performance_id == performance)
        .order_by(type_prices.c.price_type)
    )
    found: dict[str, list[int | None]] = {}
    for kind, category, amount in rows:
        found.setdefault(kind, [None] * category_count)[category] = amount
    return {kind: tuple(amounts) for kind, amounts in found.items()}


def _category_numbers(connection: Connection, venue: int) -> dict[str, int]:
    rows = connection.execute(
        select(categories.c.name, categories.c.category_no)
        .where(categories.c.venue_id == venue)
        .order_by(categories.c.category_no)
    )
    return {row.name: row.category_no for row in rows}


def _write(
    connection: Connection, performance: int, numbers: Mapping[str, int], amounts: Amounts
) -> None:
    """Write prices, over those that there are."""
    for table, is_ordinary in ((prices, True), (type_prices, False)):
        rows = [
            {"performance_id": performance, "category_no": numbers[category], "amount": amount}
            | ({} if is_ordinary else {"price_type": kind})
            for (category, kind), amount in amounts.items()
            if (kind == ORDINARY) is is_ordinary
        ]
        if rows:
            added = insert(table)
            key = [column.name for column in table.primary_key]
            written = added.on_conflict_do_update(
                index_elements=key, set_={"amount": added.excluded.amount}
            )
            connection.execute(written, rows)
