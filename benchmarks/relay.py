"""How fast a worker tells events to a webhook, next to bare posts of the same bytes.

    python benchmarks/relay.py [--events 10000]

Events that nobody was told of yet are relayed and delivered by a worker's two jobs at the same
time. Beside: as many threads that post the same bytes over the worker's own connections and do
nothing else. The receiver is another process; what it received is counted.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING

import raw
from harness import Comparison, Findings, Turn, parser_of, servers, take_turns

from boxoffice.core.delivery import make_sinks
from boxoffice.core.delivery.letters import Letter
from boxoffice.core.delivery.postman import Postman
from boxoffice.core.delivery.webhook import LANES
from boxoffice.core.delivery.wire import Wire
from boxoffice.core.office import Office

if TYPE_CHECKING:
    from boxoffice.core.config import Settings

SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSBiZW5jaG1hcmssIDMyIGJ5dGVz"
OK = b"HTTP/1.1 204 No Content\r\n\r\n"
PAYLOAD = {"reservation": "R-1V2J-FD5T-J2HR-FAW", "seats": ["A-1", "A-2"], "state": "paid"}
UNTOLD = """
SELECT (SELECT count(*) FROM outbox WHERE sent_at IS NULL) + (SELECT count(*) FROM deliveries)
"""
RATE, WORKER, BARE = "events a second", "worker", "bare posts"


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    options = parser.parse_args()
    here, there = multiprocessing.Pipe()
    receiver = multiprocessing.get_context("fork").Process(target=_receive, args=(there,))
    receiver.start()
    address = f"http://127.0.0.1:{here.recv()}/"
    told = {"webhook_url": address, "webhook_secret": SECRET, "webhook_allow_private": True}
    with servers(options, **told) as settings:
        Office(settings).close()  # the schema is there before the first round
        figures = take_turns(
            options.rounds,
            {
                BARE: lambda _: _rate(options.events, _post_bare(settings, options.events)),
                WORKER: lambda n: _rate(options.events, _tell(settings, options.events, n)),
            },
        )
        with raw.connect(settings) as connection:
            (untold,) = connection.execute(UNTOLD).fetchone()
        assert untold == 0, untold
    here.send(None)
    received = here.recv()
    receiver.join()
    assert received == 2 * options.rounds * options.events, received
    comparisons = [Comparison(ours=f"{WORKER}: {RATE}", beside=f"{BARE}: {RATE}")]
    Findings(
        title="Events told to a webhook",
        figures=figures,
        comparisons=comparisons,
        counted={"posts received": received, "events not told": untold},
    ).tell(options)


def _rate(events: int, seconds: float) -> Turn:
    return {RATE: events / seconds}


def _tell(settings: Settings, events: int, number: int) -> float:
    """Let events happen, and return how many seconds it took to tell them."""
    office = Office(settings, connections=2)
    office.worker(lambda _: None)  # makes the sink known
    _happen(office, events, number)
    seconds = _work(office, settings)
    office.close()
    return seconds


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
        list(pool.map(post, [len(range(lane, events, LANES)) for lane in range(LANES)]))
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
