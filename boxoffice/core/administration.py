"""What there is to sell, and to whom: the operations of whoever runs the box office."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from boxoffice.core import errors
from boxoffice.core.foundation import Foundation
from boxoffice.core.scheduling import clean_reason, require_years

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from boxoffice.core import model


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

    def correct_balance(
        self, user: str, amount: int, *, reason: str, currency: str | None = None, key: str
    ) -> model.CorrectedBalance:
        """Credit a balance, or debit it by an amount below zero, in minor units.

        The balance is afterwards what the ledger says. Raises AmountInvalid, UserNotFound,
        InsufficientBalance, WalkInHasNoBalance, InputInvalid, Forbidden, KeyReused.
        """
        from boxoffice.core import answers, catalogue, corrections
        from boxoffice.core.model import Money

        self._access.require_admin()
        money = Money(amount=amount, currency=self._currency(currency))
        corrections.require_amount(money)
        why = clean_reason(reason)
        with self.stores.database() as connection:
            number = catalogue.user_id(connection, user)
        stored, replayed = self._administer(
            key,
            "user correct",
            {"user": number, "amount": amount, "currency": money.currency, "reason": why},
            lambda c: corrections.correct(c, number, money, key=key),
            before=lambda c: corrections.lock_account(c, number, money.currency),
            user=number,
        )
        return answers.corrected(stored, replayed=replayed)

    def anonymise_user(self, user: str, *, key: str) -> model.AnonymisedUser:
        """Forget a user's name and end their places in queues; money and reservations stay.

        Raises UserNotFound, QueueUnavailable before anything changed, Forbidden, KeyReused.
        """
        from boxoffice.core import answers, forgetting
        from boxoffice.core.idempotency import make_request, recall

        self._access.require_admin()
        with self.stores.database() as connection:
            number, name = forgetting.find_user(connection, user, key=key)
            # Places are not in the transaction of the key: a used one must not end any.
            former = recall(connection, make_request(key, forgetting.COMMAND, user=number))
            if former is not None:
                return answers.anonymised(former, replayed=True)
            concerts = forgetting.concerts_with_queues(connection)
        places = 0
        if not self.stores.dry_run:
            self._forget_name(name)
            places = self._leave_queues(number, concerts)
        stored, replayed = self._administer(
            key,
            forgetting.COMMAND,
            {"user": number},
            lambda c: forgetting.forget(c, number) | {"places": places},
            user=number,
        )
        if not self.stores.dry_run:
            with suppress(errors.QueueUnavailable):  # somebody may have asked for it meanwhile
                self._forget_name(name)
        return answers.anonymised(stored, replayed=replayed)

    def _forget_name(self, name: str) -> None:
        """Keep nothing of a name beside the queues, however its letters were composed."""
        from unicodedata import normalize

        from boxoffice.core import directory

        with self.stores.redis() as redis:
            directory.forget_user(redis, {normalize(form, name) for form in ("NFC", "NFD")})

    def _leave_queues(self, user: int, concerts: Sequence[int]) -> int:
        """End a user's places; return how many there were."""
        from boxoffice.core import queue
        from boxoffice.core.queue import recovery

        ended = 0
        for concert in concerts:
            question = partial(queue.serve, concert=concert, user=user, settings=self.settings)
            ended += recovery.ask(self.stores, self.settings, concert, question)
        return ended

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

    def list_venues(self) -> list[model.ListedVenue]:
        """Return every venue, the newest first; raises Forbidden."""
        from boxoffice.core import venue_plans

        self._access.require_operator()
        with self.stores.database() as connection:
            return venue_plans.list_venues(connection)

    def export_venue(self, venue: str) -> model.Plan:
        """Return the plan of a venue, by id or name; raises VenueNotFound, Forbidden."""
        from boxoffice.core import venue_plans

        self._access.require_operator()
        with self.stores.database() as connection:
            return venue_plans.read_venue(connection, venue)

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
        require_years(*times.values())
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
