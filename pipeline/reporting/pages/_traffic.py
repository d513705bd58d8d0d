"""Tables of the tracking page about what was put right and what was left out before anything was counted."""

from __future__ import annotations

from pipeline.reporting.facts import SHARES, Facts
from pipeline.reporting.numbers.tracking import click_id_numbers, email_numbers, excluded_numbers
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse


def click_ids(warehouse: Warehouse, facts: Facts) -> Table:
    """Return which visits a platform's click id put right."""
    rows = click_id_numbers(warehouse)
    columns = (
        Column("click_id_kind", "Click id"),
        Column("exported_source", "Exported source", most=32),
        Column("exported_medium", "and medium", most=24),
        Column("source", "Became source", most=32),
        Column("medium", "and medium", most=24),
        Column("channel", "Counted under", "channel"),
        Column("visits", "Visits", "count"),
        Column("count_orders", "Orders they led to", "count"),
        Column("revenue", f"Their revenue, {facts.currency}", "money"),
    )
    return Table(
        "click-ids",
        "Sources that a click id put right",
        columns,
        rows,
        source="marts.click_id_repairs",
        note="Advertisements are often exported as organic, direct or without any source; the click id in the page's "
        "address tells. A campaign tag set by hand stands. click_ids in journeys.yaml changes the list.",
        definition=facts.define(
            "Visits whose address carries a click id and whose exported source says nothing else.",
            sum(row["visits"] for row in rows),
            "visit",
            money=True,
            visits=True,
        ),
    )


def excluded(warehouse: Warehouse, facts: Facts) -> Table:
    """Return what is kept and counted, and left out of everything else."""
    rows = excluded_numbers(warehouse)
    columns = (
        Column("kind", "What", "words"),
        Column("reason", "What speaks for it", most=80),
        Column("count_events", "Events", "count"),
        Column("visits", "Visits", "count"),
        Column("people", "People", "count"),
        Column("count_orders", "Orders", "count"),
        Column("amount", f"Their goods, {facts.currency}", "money"),
    )
    return Table(
        "excluded",
        "Machines, tests and staff: kept, counted and left out",
        columns,
        rows,
        source="marts.excluded_traffic",
        note="None of it is a visit, a touch or a sale on any page. A visit with one such event is left out whole. "
        "What counts as such: internal and scanners in journeys.yaml.",
        definition=facts.define(
            "Events that a machine or the business itself made.",
            sum(row["count_events"] for row in rows),
            "event",
            money=True,
            visits=True,
        ),
    )


def emails(warehouse: Warehouse, facts: Facts) -> Table:
    """Return messages with the vendor's click rate beside the one of people."""
    rows = email_numbers(warehouse)
    columns = (
        Column("campaign", "Message", most=48),
        Column("source_system", "Sent by"),
        Column("first_at", "First seen", "moment"),
        Column("count_delivered", "Delivered to", "count"),
        Column("count_openers", "Opened for", "count"),
        Column("count_openers_machine", "of these machines", "count"),
        Column("count_clickers_vendor", "Clicked, as the vendor counts", "count"),
        Column("count_clickers", "Clicked, people", "count"),
        Column("click_rate_vendor", "Click rate, vendor", "share", n="count_delivered"),
        Column(
            "click_rate",
            "Click rate, people",
            "rate",
            low="click_rate_low",
            high="click_rate_high",
            n="count_delivered",
        ),
    )
    return Table(
        "emails",
        "Messages, with the clicks of machines told apart",
        columns,
        rows,
        shown=12,
        source="marts.email_engagement",
        note="Security scanners click every link of a message within a second, or follow one as soon as it arrives. "
        "Mail programs open messages by themselves: opens earn no credit.",
        definition=facts.define(
            "People a message was delivered to, and those who clicked a link in it.",
            len(rows),
            "message",
            interval=SHARES,
        ),
    )
