"""What a booking is asked with: the request that its key remembers, and its statement's parameters.

Whatever holds, changes, pays or cancels, one by one or in sets, is told the same here.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from boxoffice.core.errors import PerformanceNotFound
from boxoffice.core.idempotency import keyed, make_request
from boxoffice.core.references import (
    NONCE_BITS,
    PERFORMANCE_BITS,
    parse_reservation,
    payment_reference,
    reservation_reference,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from boxoffice.core.access import Buyer
    from boxoffice.core.idempotency import Request
    from boxoffice.core.model import Tender
    from boxoffice.core.seats import Wanted

Terms = tuple["Request", dict[str, Any]]


def hold_request(performance: int, wanted: Wanted, buyer: Buyer, key: str) -> Request:
    """Build the request of a hold; raises PerformanceNotFound for a number that none can have."""
    if not 0 < performance < 1 << PERFORMANCE_BITS:
        raise no_performance(performance)
    return make_request(
        key,
        "reserve",
        performance=performance,
        user=buyer.user,
        labels=sorted(wanted.labels),
        best=[wanted.best, wanted.section, wanted.category],
        **wanted.type_terms(),
    )


def hold_parameters(  # noqa: PLR0913
    performance: int,
    labels: Sequence[str],
    buyer: Buyer,
    request: Request,
    hold_seconds: float,
    types: Sequence[str] = (),
) -> dict[str, Any]:
    """Return what core/sql/hold.sql takes, under a new reference."""
    parameters = {
        **_named(performance, secrets.randbits(NONCE_BITS), buyer),
        "labels": list(labels),
        "types": list(types) or None,
        "hold_seconds": hold_seconds,
    }
    return keyed(request, parameters)


def settlement(
    command: str, reference: str, buyer: Buyer, key: str, tender: Tender | None = None
) -> Terms:
    """Return the request of a pay or cancel, and what its statement takes beside it.

    Raises ReservationNotFound for what is no reference.
    """
    request, parameters = of_reservation(
        command, reference, buyer, key, {} if tender is None else asdict(tender)
    )
    return request, {
        **parameters,
        "event": f"{command}:{parameters['reference']}",
        "tender": tender and tender.kind,
        "received": tender and tender.received,
        "note": tender and tender.note,
        "total": tender and tender.total,
    }


def of_reservation(
    command: str, reference: str, buyer: Buyer, key: str, terms: Mapping[str, Any]
) -> Terms:
    """Return the request of a change on such terms, and whose reservation its statement changes.

    Raises ReservationNotFound for what is no reference.
    """
    parameters = _named(*parse_reservation(reference), buyer)
    canonical = parameters["reference"]
    request = make_request(key, command, reservation=canonical, user=buyer.user, **terms)
    return request, parameters


def no_performance(performance: int) -> PerformanceNotFound:
    """Build the error for a performance that there is not."""
    return PerformanceNotFound("there is no performance {performance}", performance=performance)


def _named(performance: int, nonce: int, buyer: Buyer) -> dict[str, Any]:
    """Name the parameters that say of which reservation a statement is, and by whom it is asked."""
    return {
        "performance": performance,
        "reservation": nonce,
        "reference": reservation_reference(performance, nonce),
        "payment_reference": payment_reference(performance, nonce),
        "user": buyer.user,
        "concert": buyer.concert,
        "staff": buyer.staff and buyer.staff.name,
        "terminal": buyer.staff and buyer.staff.terminal,
    }
