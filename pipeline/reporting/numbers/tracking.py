"""Numbers of what the tracking misses: orders without a visit, and mistakes in campaign tags."""

from __future__ import annotations

from datetime import date
from typing import Any

from pipeline.reporting.facts import Numbers
from pipeline.warehouse import Warehouse

_GAP = """select gap.breakdown_value, count_orders, count_untracked, untracked_share, untracked_share_low,
    untracked_share_high, revenue, revenue_untracked, revenue_share, revenue_share_low, revenue_share_high,
    count_booked, reported_ratio, differences.verdict, differences.other_hits / nullif(other_cases, 0) as share_before
    from marts.tracking_gap as gap left join marts.differences as differences
    on measure = 'untracked_share' and differences.breakdown = gap.breakdown
    and differences.breakdown_value = gap.breakdown_value where gap.breakdown = $1"""


def gap_numbers(warehouse: Warehouse) -> Numbers:
    """Return by month which share of web orders no visit was seen to make."""
    rows = warehouse.records(f"{_GAP} order by gap.breakdown_value", ["month"])
    return [{**row, "month": date.fromisoformat(f"{row.pop('breakdown_value')}-01")} for row in rows]


def gap_by(warehouse: Warehouse, breakdown: str) -> Numbers:
    """Return the gap by a breakdown of `marts.tracking_gap`, the largest first."""
    return warehouse.records(f"{_GAP} order by count_orders desc, gap.breakdown_value", [breakdown])


def gap_total(warehouse: Warehouse) -> dict[str, Any] | None:
    """Return the gap of all web orders; None when there are none."""
    found = warehouse.records(_GAP, ["all"])
    return found[0] if found else None


def tag_numbers(warehouse: Warehouse) -> Numbers:
    """Return mistakes in campaign tags, those that concern most visits first."""
    is_read = warehouse.exists("ops.files")
    named = "left join (select file_id, file_name from ops.files) as files using (file_id)" if is_read else ""
    return warehouse.records(
        f"""select tags.*, {"file_name" if is_read else "null as file_name"} from marts.campaign_tags as tags {named}
        order by visits_unassigned desc, visits desc, finding, source, medium, campaign limit 500"""
    )


def click_id_numbers(warehouse: Warehouse) -> Numbers:
    """Return what click ids put right, the most visits first."""
    return warehouse.records(
        "select * from marts.click_id_repairs "
        "order by visits desc, count_events desc, click_id_kind, exported_source, exported_medium limit 500"
    )


def excluded_numbers(warehouse: Warehouse) -> Numbers:
    """Return what is kept and left out, by kind and reason, the most events first."""
    return warehouse.records("select * from marts.excluded_traffic order by count_events desc, kind, reason limit 500")


def email_numbers(warehouse: Warehouse) -> Numbers:
    """Return messages with their clicks as the vendor counts and without machines, the newest first."""
    return warehouse.records(
        "select * from marts.email_engagement order by first_at desc, source_system, message limit 500"
    )
