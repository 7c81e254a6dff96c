"""What the buyers of a load test come for, and who they are: all under the name of the run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

from boxoffice.core.load.populations import FAIL
from boxoffice.core.model import LoadOutcome, Money, Plan, PlanRow, PlanSeat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.core.model import Load
    from boxoffice.core.office import Office

PRICE = 1_000  # minor units, of every seat
BALANCE = 100 * PRICE
SECTION_SEATS, ROW_SEATS = 500, 50
SEATS_MAX = 60_000
USERS_A_STATEMENT = 2_000
CATEGORY, ZONE = "Any", "Asia/Seoul"
DATE = datetime(2099, 1, 1, 19, 30)  # noqa: DTZ001 - the venue's
# The pace of the queue is not what is measured; how many it lets in at once is an option.
QUEUE_RATE, QUEUE_BURST = 10_000_000, 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The one performance of a run, as its buyers know it."""

    run: str
    concert: int
    performance: int
    sections: tuple[str, ...]


def make_house(office: Office, run: str, load: Load, seats: int) -> House:
    """Make a hall, a concert with a performance, and its queue."""
    plan, file = hall(run, seats), BytesIO()
    from boxoffice.core.plans import write_plan

    write_plan(plan, file)
    file.seek(0)
    office.import_venue(file, key=f"{run}-venue")
    concert = office.create_concert(run, run, key=f"{run}-concert").id
    made = office.create_performance(
        str(concert), DATE, prices={CATEGORY: PRICE}, key=f"{run}-performance"
    )
    office.configure_queue(
        str(concert),
        capacity=load.admitted,
        rate_per_minute=QUEUE_RATE,
        burst=QUEUE_BURST,
    )
    return House(
        run=run, concert=concert, performance=made.performance, sections=tuple(plan.sections)
    )


def hall(name: str, seats: int) -> Plan:
    """Return the plan of a hall of sections of rows, the last ones as short as need be."""
    rows = range(-(-seats // ROW_SEATS))
    rows_a_section = SECTION_SEATS // ROW_SEATS
    return Plan(
        name=name,
        time_zone=ZONE,
        focal=(ROW_SEATS / 2, -5.0),
        categories=(CATEGORY,),
        sections=tuple(f"S{number + 1}" for number in range(-(-seats // SECTION_SEATS))),
        rows=tuple(PlanRow(section=row // rows_a_section, name=str(row + 1)) for row in rows),
        seats=tuple(
            PlanSeat(
                label=f"{number // ROW_SEATS + 1}-{number % ROW_SEATS + 1}",
                section=number // SECTION_SEATS,
                row=number // ROW_SEATS,
                number=str(number % ROW_SEATS + 1),
                category=0,
                x=float(number % ROW_SEATS),
                y=float(number // ROW_SEATS),
            )
            for number in range(seats)
        ),
    )


def name_of(run: str, number: int) -> str:
    """Name the user that a buyer is."""
    return f"{run}-user-{number}"


def make_crowd(office: Office, run: str, load: Load, kinds: Sequence[str]) -> None:
    """Make a user of each buyer, with money unless it is one whose payment is to fail."""
    from boxoffice.core.audit import current_principal, record

    with office.stores.transaction() as connection:
        by = current_principal(office.settings.acting_role)
        detail = {"run": run, "buyers": len(kinds), "mix": asdict(load.mix)}
        record(connection, by, "bench", detail=detail)
    payers = [name_of(run, number) for number, kind in enumerate(kinds) if kind != FAIL]
    others = [name_of(run, number) for number, kind in enumerate(kinds) if kind == FAIL]
    for names, amount in ((payers, BALANCE), (others, 0)):
        for at in range(0, len(names), USERS_A_STATEMENT):
            _make_users(office, names[at : at + USERS_A_STATEMENT], amount)


def _make_users(office: Office, names: list[str], amount: int) -> None:
    from boxoffice.core.database import statement

    given = {"names": names, "amount": amount, "currency": office.settings.currency}
    with office.stores.database(changing=True) as connection:
        connection.exec_driver_sql(statement("load/crowd"), given)


def count_outcome(office: Office, house: House) -> LoadOutcome:
    """Ask the database what came of it."""
    from boxoffice.core.database import statement

    given = {"performance": house.performance}
    with office.stores.looking() as connection:
        row = connection.exec_driver_sql(statement("load/outcome"), given).one()
    seats, sold, held, paid, taken = row
    money = Money(amount=taken, currency=office.settings.currency)
    return LoadOutcome(seats=seats, sold=sold, held=held, paid=paid, taken=money)
