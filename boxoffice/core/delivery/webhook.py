"""Events by webhook, as the Standard Webhooks convention has it (standardwebhooks.com)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import ssl
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import h11

from boxoffice.core.delivery.addresses import PrivateAddress
from boxoffice.core.delivery.letters import Failure
from boxoffice.core.delivery.wire import Answer, Place, Wire
from boxoffice.core.errors import InputInvalid, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.core.config import Settings
    from boxoffice.core.delivery.letters import Letter

LANES = 8
PORTS = {"https": 443, "http": 80}
SECRET_PREFIX = "whsec_"  # noqa: S105 - what a secret begins with
SECRET_BYTES_MIN = 24
SECRET_HINT = Words("make one: echo whsec_$(openssl rand -base64 32)")
WRITTEN = re.compile(r"[!-~]+")  # RFC 3986: neither spaces nor other alphabets
GONE, BUSY = 410, (429, 503)
GONE_SECONDS = 3_600.0
ASKED_SECONDS_MAX = 3_600.0  # of what a receiver may ask for by Retry-After


class WebhookSink:
    """Posts each event to the receiver, signed."""

    name = "webhook"
    lanes = LANES
    at_once = 1

    def __init__(self, settings: Settings, url: str) -> None:
        self._place = _place(url, private=settings.webhook_allow_private)
        self._secret = _secret(settings.webhook_secret)
        self._seconds = settings.delivery_seconds
        self._idle: SimpleQueue[Wire] = SimpleQueue()
        port = "" if self._place.port in PORTS.values() else f":{self._place.port}"
        host = f"[{self._place.host}]" if ":" in self._place.host else self._place.host
        self._fixed = [
            ("Host", host + port),
            ("User-Agent", "boxoffice"),
            ("Content-Type", "application/json"),
        ]

    def deliver(self, letters: Sequence[Letter]) -> Failure | None:
        """Post one event; anything but 2xx is a failure, a redirect too."""
        (letter,) = letters
        try:
            return _judged(self._post(letter, time.monotonic() + self._seconds))
        except (OSError, h11.ProtocolError) as error:
            return _failed(error, self._seconds)

    def close(self) -> None:
        """Hang up every kept connection."""
        with suppress(Empty):
            while True:
                self._idle.get_nowait().close()

    def _post(self, letter: Letter, deadline: float) -> Answer:
        body = letter.body()
        headers = self._headers(letter, body)
        with suppress(Empty):
            kept = self._idle.get_nowait()
            # Closed by its other end meanwhile, it takes nothing: then a new one is made.
            with suppress(ConnectionError, ssl.SSLError, h11.ProtocolError):
                return self._ask(kept, headers, body, deadline)
        return self._ask(Wire(self._place, deadline), headers, body, deadline)

    def _ask(self, wire: Wire, headers: list[tuple[str, str]], body: bytes, until: float) -> Answer:
        kept = False
        try:
            answer = wire.post(self._place.target, headers, body, until)
            kept = wire.rewind()
        finally:
            if kept:
                self._idle.put(wire)
            else:
                wire.close()
        return answer

    def _headers(self, letter: Letter, body: bytes) -> list[tuple[str, str]]:
        at = str(int(letter.taken))
        signed = b".".join((letter.id.encode(), at.encode(), body))
        signature = base64.b64encode(hmac.digest(self._secret, signed, hashlib.sha256)).decode()
        return [
            *self._fixed,
            ("Content-Length", str(len(body))),
            ("webhook-id", letter.id),
            ("webhook-timestamp", at),
            ("webhook-signature", f"v1,{signature}"),
        ]


def _judged(answer: Answer) -> Failure | None:
    status = answer.status
    if 200 <= status < 300:  # noqa: PLR2004 - RFC 9110: taken
        return None
    if 300 <= status < 400:  # noqa: PLR2004 - RFC 9110: elsewhere
        return Failure(reason=f"it redirects ({status}), which is not followed")
    if status == GONE:
        return Failure(reason="it is gone (410)", means="never", after_seconds=GONE_SECONDS)
    if status in BUSY:
        return Failure(
            reason=f"it is busy ({status})", means="away", after_seconds=_asked(answer.headers)
        )
    return Failure(reason=f"it answered {status}")


def _asked(headers: dict[str, str]) -> float | None:
    """Return for how many seconds the receiver asks to be left alone, within bounds."""
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        seconds = float(said[:9])
    else:
        try:  # a date is as good as the clocks of both ends: by the receiver's own
            until, now = (parsedate_to_datetime(t) for t in (said, headers.get("date", "")))
            seconds = (until - now).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 1.0), ASKED_SECONDS_MAX)


def _failed(error: Exception, seconds: float) -> Failure:
    """Say what failed, in words that hold nothing of what was sent or answered."""
    if isinstance(error, PrivateAddress):
        reason = "it leads to a private address, which webhook_allow_private would allow"
    elif isinstance(error, TimeoutError):
        reason = f"no answer within {seconds:g} s"
    elif isinstance(error, ssl.SSLCertVerificationError):
        reason = f"its certificate is refused: {error.verify_message}"
    elif isinstance(error, ssl.SSLError):
        reason = "it does not speak TLS"
    elif isinstance(error, h11.ProtocolError):
        return Failure(reason="what it answered is not HTTP")
    else:
        assert isinstance(error, OSError)
        reason = f"it cannot be reached: {error.strerror or 'it hung up'}"
    return Failure(reason=reason, means="away")


def _place(url: str, *, private: bool) -> Place:
    hint = Words("write https://HOST/PATH")
    try:
        parsed = urlsplit(url)
        port = parsed.port or PORTS[parsed.scheme]
        host = (parsed.hostname or "").encode("idna").decode()
    except (ValueError, KeyError):
        raise InputInvalid("webhook_url is no address of a receiver", hint=hint) from None
    if not host or parsed.username is not None or not WRITTEN.fullmatch(url):
        raise InputInvalid("webhook_url is no address of a receiver", hint=hint)
    if parsed.scheme == "http" and not private:
        raise InputInvalid(
            "webhook_url leads over the network without https",
            hint="webhook_allow_private allows it, for a receiver in your own network",
        )
    target = (parsed.path or "/") + (f"?{parsed.query}" if parsed.query else "")
    return Place(
        secure=parsed.scheme == "https", host=host, port=port, target=target, private=private
    )


def _secret(written: str | None) -> bytes:
    """Read a secret, which is never repeated; raises InputInvalid."""
    try:
        secret = base64.b64decode((written or "").removeprefix(SECRET_PREFIX), validate=True)
    except (ValueError, binascii.Error):
        secret = b""
    if len(secret) < SECRET_BYTES_MIN:
        raise InputInvalid(
            "webhook_secret must be whsec_ and {least} bytes or more in base64",
            hint=SECRET_HINT,
            least=SECRET_BYTES_MIN,
        )
    return secret
