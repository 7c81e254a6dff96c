"""Events on their way to others: each configured sink is told of each, at least once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boxoffice.core.delivery.command import CommandSink
from boxoffice.core.delivery.file import FileSink
from boxoffice.core.delivery.mail import MailSink
from boxoffice.core.delivery.webhook import WebhookSink

if TYPE_CHECKING:
    from boxoffice.core.config import Settings
    from boxoffice.core.delivery.letters import Sink

DEFAULT_FILE = "events.jsonl"


def make_sinks(settings: Settings) -> list[Sink]:
    """Make every sink that is set up, or, where none is, a file in the state folder.

    Raises InputInvalid for a setting that cannot be meant.
    """
    sinks: list[Sink] = []
    if settings.webhook_url:
        sinks.append(WebhookSink(settings, settings.webhook_url))
    if settings.smtp_url:
        sinks.append(MailSink(settings, settings.smtp_url))
    if settings.event_command:
        sinks.append(CommandSink(settings, settings.event_command))
    if settings.event_file or not sinks:
        sinks.append(FileSink(settings.event_file or str(settings.state_dir / DEFAULT_FILE)))
    return sinks
