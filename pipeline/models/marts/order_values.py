"""One row per breakdown and value: what orders brought, what one is worth, and how far chance may have moved both.

The intervals ask: with other buyers of the same kind, how much more or less might it have been? Buyers are sorted into
groups by a hash, and groups are drawn anew many times, so the orders are read once and a buyer's orders stay together.

grain: breakdown, breakdown_value
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.analysis.intervals import draws, mean_interval, sum_interval

READS = ("core.orders", "config.settings")
COLUMNS = {
    "breakdown": ("varchar", "all, month of the order in the reporting zone, or sale_channel."),
    "breakdown_value": ("varchar", "The month or sale channel."),
    "count_orders": ("bigint", "Paid orders."),
    "count_buyers": ("bigint", "People who placed them; n of the intervals."),
    "revenue": ("decimal(18, 4)", "Revenue of the orders, net of refunds, in the reporting currency."),
    "revenue_low": ("decimal(18, 4)", "Lower end of its 95 % interval (bootstrap by buyer)."),
    "revenue_high": ("decimal(18, 4)", "Upper end."),
    "mean_order": ("double", "Revenue by order."),
    "mean_order_low": ("double", "Lower end of its 95 % interval (bootstrap by buyer)."),
    "mean_order_high": ("double", "Upper end."),
}

_GROUPS, _DRAWS, _SEED = 256, 1000, 1

_BUYERS = f"""
with orders as (
    select
        revenue,
        hash(coalesce(customer_id::varchar, order_id)) as buyer,
        strftime(timezone(reporting_zone, timezone('UTC', ordered_at)), '%Y-%m') as month,
        coalesce(sale_channel, 'not known') as sale_channel
    from core.orders cross join config.settings
    where is_conversion
),
broken_down as (
    select
        case when grouping(month) = 0 then 'month' when grouping(sale_channel) = 0 then 'sale_channel' else 'all' end
            as breakdown,
        coalesce(month, sale_channel, 'all') as breakdown_value,
        buyer, count(*) as count_orders, sum(revenue) as revenue
    from orders
    group by grouping sets ((buyer), (month, buyer), (sale_channel, buyer))
)
select
    breakdown, breakdown_value, cast(buyer % {_GROUPS} as integer) as place,
    count(*) as count_buyers, cast(sum(count_orders) as bigint) as count_orders,
    cast(sum(revenue) as decimal(18, 4)) as revenue
from broken_down group by all order by breakdown, breakdown_value, place
"""


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Return the sums and their intervals; `query` runs a SELECT and gives an Arrow table."""
    rows = query(_BUYERS)
    keys = list(zip(rows["breakdown"].to_pylist(), rows["breakdown_value"].to_pylist(), strict=True))
    names = list(dict.fromkeys(keys))
    if not names:
        return pa.table({name: pa.array([], pa.string()) for name in COLUMNS})
    columns = {name: column for column, name in enumerate(names)}
    at = (rows["place"].to_numpy(), np.array([columns[key] for key in keys]))
    sums, orders = np.zeros((_GROUPS, len(names))), np.zeros((_GROUPS, len(names)))
    sums[at] = rows["revenue"].cast(pa.float64()).to_numpy()
    orders[at] = rows["count_orders"].to_numpy()
    drawn = draws(_GROUPS, _DRAWS, _SEED)
    revenue_low, revenue_high = sum_interval(sums, drawn)
    mean_low, mean_high = mean_interval(sums, orders, drawn)
    whole = rows.group_by(["breakdown", "breakdown_value"], use_threads=False).aggregate(
        [("count_orders", "sum"), ("count_buyers", "sum"), ("revenue", "sum")]
    )
    return pa.table(
        {
            "breakdown": whole["breakdown"],
            "breakdown_value": whole["breakdown_value"],
            "count_orders": whole["count_orders_sum"],
            "count_buyers": whole["count_buyers_sum"],
            "revenue": whole["revenue_sum"],
            "revenue_low": revenue_low,
            "revenue_high": revenue_high,
            "mean_order": sums.sum(axis=0) / orders.sum(axis=0),
            "mean_order_low": mean_low,
            "mean_order_high": mean_high,
        }
    )
