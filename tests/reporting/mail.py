"""Mail of the invented tea shop: a message that people and a scanner clicked, and an experiment with two letters."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

#: What speaks for a scanner.
SCANNED = {"score": 2, "reason": "several links of the message within a second"}


def mail_of(begin: datetime, people: int) -> list[dict[str, Any]]:
    """Return a message: 15 of a hundred people clicked, and a scanner did for 10."""
    sent = {"source_system": "mailchimp", "campaign": "june-harvest", "campaign_id": "7", "channel": "Email"}
    deeds = [
        ("email_sent", people, False),
        ("email_open", people * 6 // 10, False),
        ("email_click", people * 15 // 100, False),
        ("email_click", people // 10, True),
    ]
    return [
        {
            "touchpoint_id": f"00000000-0000-0001-{number:04d}-{person:012d}",
            "customer_id": 1000 + person + (100 if is_machine else 0),
            "occurred_at": begin + timedelta(days=30, minutes=number),
            "interaction": interaction,
            "is_machine": is_machine,
            "machine_reason": SCANNED["reason"] if is_machine else None,
            **sent,
        }
        for number, (interaction, count, is_machine) in enumerate(deeds)
        for person in range(count)
    ]


def letter_of(touches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return an experiment: half of the people seen by the end of June got another letter, a few got both."""
    seen = sorted({touch["customer_id"] for touch in touches if touch["occurred_at"] < datetime(2026, 7, 1)})
    arms = [(n, "letter A" if n % 2 else "letter B <b>") for n in seen]
    arms += [(n, "letter B <b>") for n in seen[1:30:10] if n % 2]
    return [
        {
            "touchpoint_id": f"00000000-0000-0002-0000-{number:012d}",
            "customer_id": customer,
            "occurred_at": datetime(2026, 7, 1) + timedelta(minutes=number),
            "interaction": "other",
            "channel": "Email",
            "experiment": "summer letter",
            "variant": arm,
        }
        for number, (customer, arm) in enumerate(arms)
    ]
