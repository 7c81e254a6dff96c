"""Events by TLS to servers that a known authority vouches for; to nobody else."""

from __future__ import annotations

import ssl

import pytest

from tests.core.receivers import OK, SECRET, serving
from tests.core.test_deliveries import MAIL, happen, open_of
from tests.security.authority import Authority

# It leads to this machine, but not by a name that may do without TLS.
HERE = "127.1"


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


def secured(authority, host: str, converse):
    """Hold a conversation by TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.certify(host))

    def securely(connection):
        with context.wrap_socket(connection, server_side=True) as secure:
            converse(secure)

    return securely


def work(world, authority, **settings):
    """Let a worker, a process of its own, trust the authority and do what is due."""
    given = {f"BOXOFFICE_{name}".upper(): str(value) for name, value in settings.items()}
    ran = world.box.run("worker", "--once", SSL_CERT_FILE=str(authority.file), **given)
    assert ran.code == 0, ran.err


def test_a_webhook_by_tls_reaches_a_receiver_that_is_vouched_for(world, authority):
    requests = []

    def answer(connection):
        with connection.makefile("rb") as lines:
            head = b"".join(iter(lines.readline, b"\r\n")).decode()
            requests.append(head)
            lines.read(int(head.lower().split("content-length: ")[1].split()[0]))
            connection.sendall(OK)

    (event,) = happen(world)
    with serving(secured(authority, "localhost", answer)) as (port, _):
        hook = {"webhook_url": f"https://localhost:{port}/", "webhook_secret": SECRET}
        work(world, authority, webhook_allow_private="true", **hook)
    (head,) = requests
    assert f"webhook-id: {event}" in head
    assert open_of(world) == []


def talk(connection, messages, tls=None):
    """Take messages as a mail server does; with `tls`, only after STARTTLS."""
    with connection.makefile("rwb", buffering=0) as line:
        if not isinstance(connection, ssl.SSLSocket):
            line.write(b"220 here\r\n")
        while word := line.readline():
            verb = word[:4].upper().strip()
            if verb == b"STAR":
                line.write(b"220 go\r\n")
                return tls(connection)
            if verb == b"MAIL":
                messages.append(isinstance(connection, ssl.SSLSocket))
            if verb == b"DATA":
                line.write(b"354 go on\r\n")
                messages.append(b"".join(iter(line.readline, b".\r\n")).decode())
            line.write(b"250-fine\r\n250 STARTTLS\r\n" if verb == b"EHLO" else b"250 fine\r\n")
    return None


def test_mail_begins_by_tls_where_the_server_is_elsewhere(world, authority):
    messages = []
    secure = secured(authority, HERE, lambda connection: talk(connection, messages))
    (event,) = happen(world)
    with serving(lambda connection: talk(connection, messages, secure)) as (port, _):
        work(world, authority, smtp_url=f"smtp://{HERE}:{port}", **MAIL)
    by_tls, message = messages
    assert by_tls
    assert event in message
    assert open_of(world) == []


def test_mail_by_tls_from_the_first_byte_goes_to_a_server_that_is_vouched_for(world, authority):
    messages = []

    def greet(connection):
        connection.sendall(b"220 here\r\n")
        talk(connection, messages)

    (event,) = happen(world)
    with serving(secured(authority, "localhost", greet)) as (port, _):
        work(world, authority, smtp_url=f"smtps://localhost:{port}", **MAIL)
    assert event in messages[1]
    assert open_of(world) == []


def test_no_mail_goes_to_a_server_with_the_certificate_of_another(world, authority):
    messages = []
    secure = secured(authority, "other.example", lambda connection: talk(connection, messages))
    happen(world)
    with serving(lambda connection: talk(connection, messages, secure)) as (port, _):
        work(world, authority, smtp_url=f"smtp://{HERE}:{port}", **MAIL)
    assert messages == []
    assert "certificate is refused" in world.office.list_outbox()[0].error
