"""The report that somebody downloaded from the Google Analytics interface: totals, no people."""

from __future__ import annotations

import numpy as np

from pipeline.demo.events import Site
from pipeline.demo.world import BUSINESS, CHANNELS
from pipeline.demo.write import Files

_HEADER = (
    "Session default channel group,Users,Sessions,Engaged sessions,Average engagement time per session,"
    "Engaged sessions per user,Events per session,Engagement rate,Event count,Conversions,Total revenue"
)
_EVENTS_BY_DEPTH = np.array([2.9, 6.2, 7.4, 9.8, 12.1, 15.6])


def write_report(site: Site, files: Files) -> None:
    """Write the traffic by channel; users are estimates there, so that nothing adds up exactly."""
    world, visits, orders = site.world, site.bought.visits, site.bought.orders
    seen = site.trails.is_seen
    told = (orders.visit >= 0) & (orders.reports > 0)
    baskets = site.bought.baskets
    value = baskets.total(baskets.gross - baskets.discount + baskets.tax)
    rows = []
    for number, channel in enumerate(CHANNELS):
        mine = seen & (visits.channel == number)
        sessions = int(mine.sum())
        if not sessions:
            continue
        users = round(len(np.unique(site.trails.client[mine])) * 1.02)
        engaged = int((mine & (visits.depth > 0)).sum())
        events = round(float(_EVENTS_BY_DEPTH[visits.depth[mine]].sum()))
        bought = told & mine[np.maximum(orders.visit, 0)]
        cells = (
            channel.name, users, sessions, engaged, 41.5 + number * 3.25, engaged / users, events / sessions,
            engaged / sessions, events, int(bought.sum()), int(value[bought].sum()) / 100,
        )  # fmt: skip
        rows.append(",".join(str(cell) for cell in cells))
    start, end = world.calendar.start, world.calendar.date_of(world.days - 1)
    rule = "# ----------------------------------------"
    top = (
        rule, "# Traffic acquisition: Session default channel group", f"# Account: {BUSINESS}",
        f"# Property: {BUSINESS} - GA4", rule, "# ", "# All Users", f"# Start date: {start:%Y%m%d}",
        f"# End date: {end:%Y%m%d}", "", _HEADER,
    )  # fmt: skip
    text = "\n".join((*top, *rows)) + "\n"
    files.text("data/raw/ga4/Traffic_acquisition_Session_default_channel_group.csv", [text.encode()])
