"""What the tracking misses: orders that no visit was seen to make, and mistakes in campaign tags."""

from __future__ import annotations

from pipeline.reporting import text
from pipeline.reporting.charts import points as pointed
from pipeline.reporting.charts.dots import Rate
from pipeline.reporting.facts import FOUND, NOT_ORDERS, NOT_PEOPLE, SHARES, Facts, Numbers
from pipeline.reporting.numbers.tracking import gap_by, gap_numbers, gap_total, tag_numbers
from pipeline.reporting.page import Content, Figure
from pipeline.reporting.pages import _traffic
from pipeline.reporting.sheet import WIDE, Sheet
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

ORDER = 60
TITLE = "Tracking"
SUMMARY = "Orders that no visit was seen to make, and mistakes in campaign tags."

_COUNTED = "Orders on the web whose purchase no visit reported: blocked, refused or lost on the way."
_RATE = Column(
    "untracked_share",
    "Share",
    "rate",
    low="untracked_share_low",
    high="untracked_share_high",
    n="count_orders",
)


def headline(warehouse: Warehouse, facts: Facts) -> str:
    """Say how much of the web shop's business the tracking does not see."""
    total = gap_total(warehouse)
    if not total:
        return "No web orders yet."
    if not text.enough(total["count_orders"], facts.guard_n):
        return f"What the tracking misses: {text.too_few(total['count_orders'])}."
    between = text.interval(total["untracked_share_low"], total["untracked_share_high"])
    concerned = {(row["source"], row["medium"], row["campaign"]): row["visits"] for row in tag_numbers(warehouse)}
    visits = sum(concerned.values())
    tags = f"; mistakes in tags concern {text.plural(visits, 'visit')}" if visits else ""
    return f"The tracking misses {text.share(total['untracked_share'])} of web orders ({between}){tags}."


def draw_gap(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw the share of web orders without a visit, by month."""
    given = []
    for row in numbers:
        label = text.month(row["month"])
        tip = f"{label}: {text.count(row['count_untracked'])} of {text.plural(row['count_orders'], 'web order')}"
        rate = Rate.of(row, "untracked_share", "count_orders", fill="warn", tip=tip)
        given.append(pointed.Point(label, rate, facts.month_note(row["month"])))
    return pointed.points(given, facts.guard_n, width=WIDE)


def content(warehouse: Warehouse, facts: Facts) -> Content:
    """Return the page."""
    return Content(
        figures=(_gap(warehouse, facts),),
        tables=(
            _by(warehouse, facts, "sale_channel", "By sale channel", "Sale channel"),
            _by(warehouse, facts, "device", "By the buyer's usual device", "Device"),
            _by(warehouse, facts, "country", "By country of the buyer", "Country"),
            _tags(warehouse, facts),
            _traffic.click_ids(warehouse, facts),
            _traffic.emails(warehouse, facts),
            _traffic.excluded(warehouse, facts),
        ),
        values={"rules": _rules(warehouse)},
    )


_NOTES = {
    "sale_channel": "A till sees no visits: its orders are told apart, not missed.",
    "device": "An order without a visit has no device. Orders are told apart by what their buyer uses most in any "
    "visit; the device of buyers whom no visit shows is not known, and most of what is missed stands there.",
}


def _measures(facts: Facts) -> tuple[Column, ...]:
    return (
        Column("count_orders", "Orders", "count"),
        Column("count_untracked", "Without a visit", "count"),
        _RATE,
        Column("revenue_untracked", f"Their revenue, {facts.currency}", "money"),
        Column(
            "revenue_share",
            "Share of revenue",
            "rate",
            low="revenue_share_low",
            high="revenue_share_high",
            n="count_orders",
        ),
    )


def _gap(warehouse: Warehouse, facts: Facts) -> Figure:
    numbers = gap_numbers(warehouse)
    count = sum(row["count_orders"] for row in numbers)
    columns = (
        Column("month", "Month", "month"),
        *_measures(facts),
        Column("verdict", "Against the months before", nothing=""),
        Column("count_booked", "In the books", "count"),
        Column("reported_ratio", "Reported by visits, of these", "share", n="count_booked"),
    )
    return Figure(
        "gap",
        "Web orders that no visit was seen to make",
        numbers,
        draw_gap,
        facts.define(f"{_COUNTED} {FOUND}", count, "web order", money=True, interval=SHARES, without=NOT_ORDERS),
        Table("gap", "Web orders without a visit", columns, numbers, source="marts.tracking_gap"),
        reading="What is missed here is missing from every channel's numbers. Lines are 95 % intervals.",
        empty="No web orders yet.",
        is_wide=True,
    )


def _by(warehouse: Warehouse, facts: Facts, breakdown: str, title: str, heading: str) -> Table:
    rows = gap_by(warehouse, breakdown)
    verdict = (Column("verdict", "Against the rest", nothing=""),) if breakdown in ("device", "country") else ()
    return Table(
        breakdown.replace("_", "-"),
        title,
        (Column("breakdown_value", heading, most=40), *_measures(facts), *verdict),
        rows,
        shown=8,
        source="marts.tracking_gap",
        note=_NOTES.get(breakdown, ""),
        definition=facts.define(
            f"Orders{'' if breakdown == 'sale_channel' else ' on the web'} whose purchase no visit reported. "
            f"{FOUND if verdict else ''}".rstrip(),
            sum(row["count_orders"] for row in rows), "order", money=True, interval=SHARES, without=NOT_ORDERS,
        ),
    )  # fmt: skip


def _tags(warehouse: Warehouse, facts: Facts) -> Table:
    rows = tag_numbers(warehouse)
    has_unassigned = any(row["visits_unassigned"] for row in rows)
    columns = (
        Column("finding", "What is wrong", "words"),
        Column("source", "Source", most=24),
        Column("medium", "Medium", most=20),
        Column("campaign", "Campaign", most=32),
        Column("meant", "Probably meant", most=32),
        Column("channel", "Counted under", "channel"),
        Column("visits", "Visits", "count"),
        *((Column("visits_unassigned", "Leave Unassigned", "count"),) if has_unassigned else ()),
        Column("file_name", "For example in", "file", most=30),
        Column("line_number", "Line", "count"),
    )
    return Table(
        "campaign-tags",
        "Campaign tags to mend",
        columns,
        rows,
        shown=20,
        source="marts.campaign_tags",
        note="The spelling with most visits is taken for the right one. Mend the links, or name the channel with "
        "channel_rules in journeys.yaml.",
        definition=facts.define(
            "Mistakes in source, medium and campaign, as visits came in with them."
            + (" “Leave Unassigned”: visits that get a channel once that row is set right." if has_unassigned else ""),
            sum({(row["source"], row["medium"], row["campaign"]): row["visits"] for row in rows}.values()), "visit",
            without=NOT_PEOPLE,
        ),
    )  # fmt: skip


def _rules(warehouse: Warehouse) -> list[str]:
    """Return lines for journeys.yaml that give what is Unassigned a channel, those for most visits first."""
    found = [row for row in tag_numbers(warehouse) if row["rule"]]
    lines = [
        f"{text.mask_email(text.clean(row['rule']))}   # {text.plural(row['visits_unassigned'], 'visit')}"
        for row in found
    ]
    return [f"  {line}" for line in lines]
