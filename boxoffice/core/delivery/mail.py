"""Events by mail, one message each."""

from __future__ import annotations

import json
import smtplib
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from boxoffice.core.delivery.letters import Failure
from boxoffice.core.errors import InputInvalid, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from boxoffice.core.config import Settings
    from boxoffice.core.delivery.letters import Letter

PORTS = {"smtp": 587, "smtps": 465}
READY, PERMANENT = 220, 500
GOODBYE_SECONDS = 2.0
# A connection that was about to be made when the time was over is hung up so much later.
HANG_UP_SECONDS = 0.1
HINT = Words("write smtp://USER:PASSWORD@HOST:PORT, or smtps://")


class MailSink:
    """Mails each event to the house; over the network by verified TLS alone."""

    name = "mail"
    lanes = 1
    at_once = 1

    def __init__(self, settings: Settings, url: str) -> None:
        try:
            self._url = urlsplit(url)
            self._port = self._url.port or PORTS[self._url.scheme]
            (self._url.hostname or "").encode("idna")
        except (ValueError, KeyError):
            raise InputInvalid("smtp_url is no address of a mail server", hint=HINT) from None
        if not self._url.hostname:
            raise InputInvalid("smtp_url names no host", hint=HINT)
        if not settings.smtp_from or not settings.smtp_to:
            raise InputInvalid("smtp_url needs smtp_from and smtp_to", hint="set both addresses")
        if not (settings.smtp_from + settings.smtp_to).isprintable():
            raise InputInvalid("smtp_from and smtp_to are addresses, each in one line", hint="")
        self._host = self._url.hostname
        self._from, self._to = settings.smtp_from, settings.smtp_to
        self._seconds = settings.delivery_seconds
        self._server: smtplib.SMTP | None = None

    def deliver(self, letters: Sequence[Letter]) -> Failure | None:
        """Send one event; a server that hung up meanwhile is called once more."""
        (letter,) = letters
        known = self._server is not None
        with self._within(self._seconds) as over:
            try:
                try:
                    self._send(letter)
                except smtplib.SMTPServerDisconnected:
                    if not known or over.is_set():
                        raise
                    self._send(letter)
            except (OSError, smtplib.SMTPException) as error:
                self._drop()
                return _failure(TimeoutError() if over.is_set() else error)
        return None

    def close(self) -> None:
        """Say goodbye, if anybody still listens."""
        if self._server:
            with self._within(GOODBYE_SECONDS), suppress(OSError, smtplib.SMTPException):
                self._server.quit()
        self._drop()

    def _drop(self) -> None:
        if self._server:
            self._server.close()
        self._server = None

    @contextmanager
    def _within(self, seconds: float) -> Iterator[threading.Event]:
        """Hang up when the time is over, since smtplib waits anew for every byte."""
        done, over = threading.Event(), threading.Event()

        def watch() -> None:
            wait = seconds
            while not done.wait(wait):
                over.set()
                wait = HANG_UP_SECONDS
                if (server := self._server) and server.sock:
                    with suppress(OSError):
                        server.sock.shutdown(socket.SHUT_RDWR)

        watching = threading.Thread(target=watch, daemon=True)
        watching.start()
        try:
            yield over
        finally:
            done.set()
            watching.join()

    def _send(self, letter: Letter) -> None:
        message = self._message(letter)
        try:
            if self._server is None:
                self._connect()
            assert self._server is not None
            self._server.send_message(message)
        except smtplib.SMTPServerDisconnected:
            self._drop()
            raise

    def _connect(self) -> None:
        name, context = socket.gethostname(), ssl.create_default_context()
        if self._url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                local_hostname=name, timeout=self._seconds, context=context
            )
        else:
            server = smtplib.SMTP(local_hostname=name, timeout=self._seconds)
        self._server = server
        # Whom TLS verifies. Its constructor would connect before anybody can hang up.
        server._host = self._host  # type: ignore[attr-defined] # noqa: SLF001
        code, _ = server.connect(self._host, self._port)
        if code != READY:
            raise smtplib.SMTPConnectError(code, "")
        if self._url.scheme == "smtp" and not _is_here(self._host):
            server.starttls(context=context)
        if self._url.username:
            server.login(unquote(self._url.username), unquote(self._url.password or ""))

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"] = self._from, self._to
        message["Subject"] = f"{letter.type} {letter.id}"
        message["Message-ID"] = f"<{letter.id.replace(':', '.')}@boxoffice>"
        message["Date"] = letter.created_at
        data = json.dumps(letter.data, indent=2, ensure_ascii=False)
        message.set_content(f"{letter.type}\n{letter.created_at.isoformat()}\n\n{data}\n")
        return message


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _failure(error: Exception) -> Failure:
    """Say what failed without the server's words, which may repeat what was sent."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Failure(reason="the mail server refuses the login", means="away")
    if codes := _codes(error):
        return _answered(min(codes), error)
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = f"its certificate is refused: {error.verify_message}"
    elif isinstance(error, smtplib.SMTPNotSupportedError):
        reason = "the mail server lacks what is needed (STARTTLS?)"
    elif isinstance(error, TimeoutError):
        reason = "the mail server did not answer in time"
    else:
        reason = "the mail server cannot be reached"
    return Failure(reason=reason, means="away")


def _answered(code: int, error: Exception) -> Failure:
    reason = f"the mail server answered {code}"
    if not isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError):
        return Failure(reason=reason, means="away")  # it is about the house, not this message
    return Failure(reason=reason, means="never" if code >= PERMANENT else "again")


def _codes(error: Exception) -> list[int]:
    """Return the codes that the server answered with, if it answered."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    if isinstance(error, smtplib.SMTPResponseException):
        return [error.smtp_code]
    return []
