"""Tell somebody that a night failed: by webhook or e-mail, and only when journeys.yaml says so."""

from __future__ import annotations

import json
import smtplib
import urllib.request
from email.message import EmailMessage

from pipeline.config.settings import Settings
from pipeline.errors import ConfigError, Problem

_SECONDS = 20


def notify(settings: Settings, subject: str, text: str) -> list[str]:
    """Send a message to every place journeys.yaml names and return those places; usually none.

    Raises:
        ConfigError: the webhook is not an http or https address.
        OSError: the message could not be delivered.
    """
    told = []
    if settings.notify.webhook:
        if not settings.notify.webhook.startswith(("https://", "http://")):
            raise ConfigError(Problem("A webhook is an http or https address.", "journeys.yaml: notify.webhook"))
        body = json.dumps({"business": settings.business.name, "subject": subject, "text": text}).encode()
        request = urllib.request.Request(  # noqa: S310  the scheme is checked above
            settings.notify.webhook, data=body, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=_SECONDS):  # noqa: S310
            told.append("webhook")
    if settings.notify.email_to:
        message = EmailMessage()
        message["Subject"] = f"{settings.business.name}: {subject}"
        message["From"] = settings.notify.email_from
        message["To"] = settings.notify.email_to
        message.set_content(text)
        with smtplib.SMTP(settings.notify.smtp_host, settings.notify.smtp_port, timeout=_SECONDS) as server:
            server.send_message(message)
        told.append("e-mail")
    return told
