"""How fast a worker sweeps ended holds and tells events, next to the raw limits in the same run.

    python benchmarks/worker.py [--holds 100000] [--events 10000] [--rounds 3] [--json]

Sweep: ``share`` is the time of one plain UPDATE a table that changes the same rows, as a part of
the sweep's. Webhook: ``share`` is the worker's rate as a part of that of as many threads that
post the same bytes over the worker's own connections and do nothing else. The receiver is another
process; what it received, and what was swept, is counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path

from boxoffice.core import embedded, examples, plans
from boxoffice.core.config import Settings, load
from boxoffice.core.delivery import make_sinks
from boxoffice.core.delivery.letters import Letter
from boxoffice.core.delivery.postman import Postman
from boxoffice.core.delivery.webhook import LANES
from boxoffice.core.delivery.wire import Wire
from boxoffice.core.office import Office

SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSBiZW5jaG1hcmssIDMyIGJ5dGVz"
OK = b"HTTP/1.1 204 No Content\r\n\r\n"
HOLD = (
    """
    INSERT INTO reservations (performance_id, id, user_id, state, seat_count, total, currency,
                              held_until)
    SELECT {performance}, s.seat_no + 1, 1, 'held', 1, 1000, 'KRW', now() - interval '1 minute'
    FROM performance_seats s WHERE s.performance_id = {performance} AND s.seat_no < {holds}
    """,
    """
    UPDATE performance_seats s
    SET status = 'held', reservation_id = seat_no + 1, held_until = r.held_until,
        version = version + 1
    FROM reservations r
    WHERE r.performance_id = {performance} AND r.id = s.seat_no + 1
      AND s.performance_id = {performance} AND s.seat_no < {holds}
    """,
    """
    INSERT INTO reservation_seats (performance_id, reservation_id, seat_no, price)
    SELECT {performance}, seat_no + 1, seat_no, 1000
    FROM performance_seats WHERE performance_id = {performance} AND seat_no < {holds}
    """,
    """
    INSERT INTO payments (performance_id, reservation_id, state)
    SELECT {performance}, seat_no + 1, 'waiting'
    FROM performance_seats WHERE performance_id = {performance} AND seat_no < {holds}
    """,
)
FREE = (
    "UPDATE reservations SET state = 'expired' WHERE state = 'held'",
    (
        "UPDATE performance_seats SET status = 'free', reservation_id = NULL, held_until = NULL,"
        " version = version + 1 WHERE status = 'held'"
    ),
    "UPDATE reservation_seats SET live = false WHERE live",
    "UPDATE payments SET state = 'cancelled', settled_at = now() WHERE state = 'waiting'",
)
PAYLOAD = {"reservation": "R-1V2J-FD5T-J2HR-FAW", "seats": ["A-1", "A-2"], "state": "paid"}


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="boxoffice-bench-") as home:
        Path(home).chmod(0o755)
        settings = load({"BOXOFFICE_HOME": home})
        embedded.start(settings)
        try:
            results = {"sweep": _sweep(settings, options), "webhook": _tell(settings, options)}
        finally:
            embedded.stop(settings)
    if options.json:
        print(json.dumps(results))
        return
    for what, rounds in results.items():
        for one in rounds:
            print(what, "  ".join(f"{name} {value:,.2f}" for name, value in one.items()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--holds", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


# --- the sweep ---


def _sweep(settings: Settings, options: argparse.Namespace) -> list[dict[str, float]]:
    office = Office(settings)
    file = BytesIO()
    plans.write_plan(examples.EXAMPLES["stadium"](), file)
    file.seek(0)
    venue = office.import_venue(file, name="Hall", key="venue")
    prices = dict.fromkeys(venue.categories, 1_000)
    office.add_user("kim", key="kim")
    office.create_concert("Concert", "Hall", key="concert")
    results = []
    for number in range(options.rounds):
        seconds = {}
        for what in ("plain", "sweep"):
            _hold(office, options.holds, venue.seats, prices, f"{number}{what}")
            start = time.perf_counter()
            done = _free(office) if what == "plain" else _sweep_all(office)
            seconds[what] = time.perf_counter() - start
            assert done == options.holds, done
        share = seconds["plain"] / seconds["sweep"]
        results.append({"seconds": seconds["sweep"], "plain": seconds["plain"], "share": share})
    office.close()
    return results


def _hold(office: Office, holds: int, seats: int, prices: dict[str, int], name: str) -> None:
    """Make ended holds of one seat each, in as many performances as they need."""
    for part in range(-(-holds // seats)):
        date = datetime(2099, 1, 1 + part, 0, 0)  # noqa: DTZ001 - the venue's
        concert = f"{name}-{part}"
        office.create_concert(concert, "Hall", key=f"concert {concert}")
        made = office.create_performance(concert, date, prices=prices, key=f"date {concert}")
        given = {"performance": made.performance, "holds": min(seats, holds - part * seats)}
        with office.stores.transaction() as connection:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            for statement in HOLD:
                connection.exec_driver_sql(statement.format(**given))
    with office.stores.database() as connection:
        for table in ("reservations", "performance_seats", "reservation_seats", "payments"):
            connection.exec_driver_sql(f"ANALYZE {table}")


def _free(office: Office) -> int:
    with office.stores.transaction() as connection:
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        freed, *_ = [connection.exec_driver_sql(statement).rowcount for statement in FREE]
    return freed


def _sweep_all(office: Office) -> int:
    total = 0
    while ended := office.sweep():
        total += ended
    return total


# --- the webhook ---


class Receiver(asyncio.Protocol):
    """Takes posts as fast as Python can, and counts them."""

    received = 0

    def connection_made(self, transport):
        self.transport, self.data = transport, b""

    def data_received(self, data):
        self.data += data
        while (end := self.data.find(b"\r\n\r\n")) >= 0:
            length = int(self.data[:end].lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            if len(self.data) < end + 4 + length:
                return
            self.data = self.data[end + 4 + length :]
            Receiver.received += 1
            self.transport.write(OK)


def _receive(told) -> None:
    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Receiver, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await loop.run_in_executor(None, told.recv)
        told.send(Receiver.received)

    asyncio.run(serve())


def _tell(settings: Settings, options: argparse.Namespace) -> list[dict[str, float]]:
    here, there = multiprocessing.Pipe()
    receiver = multiprocessing.get_context("fork").Process(target=_receive, args=(there,))
    receiver.start()
    settings = replace(
        settings,
        webhook_url=f"http://127.0.0.1:{here.recv()}/",
        webhook_secret=SECRET,
        webhook_allow_private=True,
    )
    results = []
    for number in range(options.rounds):
        bare = options.events / _post_bare(settings, options.events)
        office = Office(settings, connections=2)
        office.worker(lambda _: None)  # makes the sink known
        _happen(office, options.events, number)
        seconds = _work(office, settings)
        office.close()
        rate = options.events / seconds
        results.append({"events a second": rate, "bare": bare, "share": rate / bare})
    here.send(None)
    assert here.recv() == 2 * options.rounds * options.events
    receiver.join()
    return results


def _happen(office: Office, events: int, number: int) -> None:
    with office.stores.transaction() as connection:
        connection.exec_driver_sql(
            "INSERT INTO outbox (performance_id, dedupe_key, type, payload)"
            " SELECT 1, %(round)s || ':' || n, 'reservation.paid', %(payload)s::jsonb"
            " FROM generate_series(1, %(events)s) n",
            {"round": str(number), "payload": json.dumps(PAYLOAD), "events": events},
        )


def _work(office: Office, settings: Settings) -> float:
    """Relay and deliver all there is, as a worker's two jobs do at the same time."""
    (sink,) = make_sinks(settings)
    postman = Postman(office.stores, sink, threading.Event(), settings.delivery_seconds)
    start = time.perf_counter()
    with ThreadPoolExecutor(1) as pool:
        relaying = pool.submit(lambda: list(iter(office.relay_events, 0)))
        while not (postman.go() is None and relaying.done() and postman.go() is None):
            pass
    seconds = time.perf_counter() - start
    postman.close()
    return seconds


def _post_bare(settings: Settings, events: int) -> float:
    (sink,) = make_sinks(settings)
    now = datetime(2099, 1, 1)  # noqa: DTZ001 - any
    letter = Letter(
        performance=1, number=1, key="bare:1", type="reservation.paid", data=PAYLOAD,
        created_at=now, attempts=0, lease=now, taken=0.0,
    )  # fmt: skip
    body = letter.body()
    headers = sink._headers(letter, body)  # noqa: SLF001 - the same bytes

    def post(count: int) -> None:
        wire = Wire(sink._place, time.monotonic() + 60)  # noqa: SLF001
        for _ in range(count):
            wire.post("/", headers, body, time.monotonic() + 60)
            assert wire.rewind()
        wire.close()

    start = time.perf_counter()
    with ThreadPoolExecutor(LANES) as pool:
        list(pool.map(post, [events // LANES] * LANES))
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
