"""What there is to sell, and to whom: the operations of whoever runs the box office."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, BinaryIO

from boxoffice.core import errors
from boxoffice.core.foundation import Foundation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from boxoffice.core import model

# What every server, language and offset can still count with.
YEAR_MIN, YEAR_MAX = 1970, 9_000


class Administration(Foundation):
    """Users, venues, concerts, performances and the settings of queues."""

    def add_user(self, name: str, *, key: str) -> model.User:
        """Add a user; raises NameTaken, InputInvalid, Forbidden, KeyReused."""
        from boxoffice.core import answers, programme
        from boxoffice.core.text import clean_name

        self._access.require_operator()
        name = clean_name(name, errors.Words("user name"))
        stored, replayed = self._administer(
            key, "user add", {"name": name}, lambda c: programme.add_user(c, name)
        )
        return answers.added(stored, replayed=replayed)

    def import_venue(
        self, file: BinaryIO, *, name: str | None = None, strict: bool = False, key: str
    ) -> model.Venue:
        """Make a venue from a plan file; `strict` refuses what would otherwise be mended.

        Raises NameTaken, InputInvalid, Forbidden, KeyReused.
        """
        from boxoffice.core import answers, programme
        from boxoffice.core.plans import read_plan

        self._access.require_admin()
        plan = read_plan(file, name=name, strict=strict)
        stored, replayed = self._administer(
            key,
            "venue import",
            {"name": plan.name, "plan": programme.fingerprint(plan)},
            lambda c: programme.import_venue(c, plan, self.settings.time_zone),
        )
        return answers.imported(stored, replayed=replayed)

    def create_concert(
        self, name: str, venue: str, *, currency: str | None = None, key: str
    ) -> model.ConcertDetail:
        """Create a concert at a venue; raises VenueNotFound, NameTaken, Forbidden, KeyReused."""
        from boxoffice.core import answers, programme
        from boxoffice.core.text import clean_name

        self._access.require_admin()
        name = clean_name(name, errors.Words("concert name"))
        money = self._currency(currency)
        stored, replayed = self._administer(
            key,
            "concert create",
            {"name": name, "venue": venue, "currency": money},
            lambda c: programme.create_concert(c, name, venue, money),
        )
        return answers.concert(stored, replayed=replayed)

    def create_performance(  # noqa: PLR0913 - the parts of a performance
        self,
        concert: str,
        date: datetime,
        *,
        prices: Mapping[str, int],
        sale_opens: datetime | None = None,
        sale_closes: datetime | None = None,
        key: str,
    ) -> model.CreatedPerformance:
        """Create a performance with a free seat for every seat of its venue.

        Times without an offset are the venue's. Raises ConcertNotFound, AmountInvalid,
        NameTaken when the concert has one at that time, InputInvalid, Forbidden, KeyReused.
        """
        from boxoffice.core import answers, programme

        self._access.require_admin()
        times = {"date": date, "sale_opens": sale_opens, "sale_closes": sale_closes}
        for time in times.values():
            if time and not YEAR_MIN <= time.year <= YEAR_MAX:
                raise errors.InputInvalid(
                    "a year must be from {first} to {last}", first=YEAR_MIN, last=YEAR_MAX
                )
        stored, replayed = self._administer(
            key,
            "performance create",
            {"concert": concert, "prices": dict(sorted(prices.items()))}
            | {name: time and time.isoformat() for name, time in times.items()},
            lambda c: programme.create_performance(
                c,
                concert,
                date=date,
                sale_opens=sale_opens,
                sale_closes=sale_closes,
                amounts=prices,
            ),
        )
        self.stores.hint(stored["performance"])
        return answers.performance(stored, replayed=replayed)

    def apply_grants(self) -> str:
        """Make the database roles and give them their rights; return the SQL that did it.

        It takes a superuser's connection. Raises Forbidden.
        """
        from boxoffice.core import grants
        from boxoffice.core.audit import current_principal, record

        self._access.require_admin()
        by = current_principal(self.settings.acting_role)
        done = grants.script()
        with self.stores.transaction() as connection:
            grants.apply(connection)
            digest = hashlib.sha256(done.encode()).hexdigest()
            record(connection, by, "store grants", detail={"sha256": digest})
        return done
