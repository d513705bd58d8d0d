"""Tell somebody that a night failed: by webhook or e-mail, and only when journeys.yaml says so."""

from __future__ import annotations

import json
import smtplib
import urllib.request
from email.message import EmailMessage
from http.client import HTTPException

from pipeline.config.settings import Settings
from pipeline.errors import JourneysError, Problem

_SECONDS = 20


class UndeliveredError(JourneysError):
    """A message did not reach every place it should have reached."""

    heading = "Somebody could not be told"


def notify(settings: Settings, subject: str, text: str) -> list[str]:
    """Send a message to every place journeys.yaml names and return those places; usually none.

    Raises:
        UndeliveredError: a place could not be reached; the others were told all the same.
    """
    wanted = []
    if settings.notify.webhook:
        wanted.append(("webhook", "webhook", _post))
    if settings.notify.email_to:
        wanted.append(("e-mail", "email_to", _mail))
    told, problems = [], []
    for place, setting, send in wanted:
        try:
            send(settings, subject, text)
        except (OSError, HTTPException) as error:
            problems.append(Problem(f"The message was not delivered: {error}.", f"journeys.yaml: notify.{setting}"))
        else:
            told.append(place)
    if problems:
        raise UndeliveredError(*problems)
    return told


def _post(settings: Settings, subject: str, text: str) -> None:
    body = json.dumps({"business": settings.business.name, "subject": subject, "text": text}).encode()
    request = urllib.request.Request(  # noqa: S310  settings take http and https only
        str(settings.notify.webhook), data=body, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=_SECONDS):  # noqa: S310
        pass


def _mail(settings: Settings, subject: str, text: str) -> None:
    message = EmailMessage()
    message["Subject"] = f"{settings.business.name}: {subject}"
    message["From"] = settings.notify.email_from
    message["To"] = settings.notify.email_to
    message.set_content(text)
    with smtplib.SMTP(settings.notify.smtp_host, settings.notify.smtp_port, timeout=_SECONDS) as server:
        server.send_message(message)
