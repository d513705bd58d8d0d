"""Numbers of the overview: totals, months and channels."""

from __future__ import annotations

from pipeline.reporting import channels, sql
from pipeline.reporting.facts import Numbers
from pipeline.warehouse import Warehouse

#: Deals that are to close one day give months ahead rows; nothing has happened in them.
_UP_TO_NOW = """month <= (
    select cast(timezone(reporting_zone, timezone('UTC', as_of)) as date) from config.settings)"""


#: Days that the overview draws.
MOST_DAYS = 91


def totals_numbers(warehouse: Warehouse) -> Numbers:
    """Return the totals of the whole period, in one row."""
    return warehouse.records(
        f"""with sums as (
            select
                coalesce(sum(visits), 0)::bigint as visits,
                coalesce(sum(new_people), 0)::bigint as new_people,
                coalesce(sum(orders), 0)::bigint as orders,
                coalesce(sum(new_customers), 0)::bigint as new_customers,
                coalesce(sum(revenue), 0) as revenue,
                coalesce(sum(orders_untracked), 0)::bigint as orders_untracked
            from marts.monthly_totals
        )
        select *, {sql.rate("orders_untracked", "orders", "untracked_share")} from sums"""
    )


def months_numbers(warehouse: Warehouse) -> Numbers:
    """Return the monthly totals, up to the month the data is looked at from."""
    return warehouse.records(
        f"""select month, visits, new_people, orders, new_customers, revenue, refunded, orders_untracked,
            orders_left_out, is_provisional
        from marts.monthly_totals where {_UP_TO_NOW} order by month"""
    )


def revenue_numbers(warehouse: Warehouse) -> Numbers:
    """Return revenue by month with its interval, and what an order was worth, from the first month with an order."""
    return _from_first(
        warehouse.records(
            f"""with worth as (select * from marts.order_values where breakdown = 'month')
            select month, totals.revenue, orders, coalesce(count_buyers, 0) as count_buyers,
                revenue_low, revenue_high, mean_order, mean_order_low, mean_order_high
            from marts.monthly_totals as totals
            left join worth on breakdown_value = strftime(month, '%Y-%m')
            where {_UP_TO_NOW} order by month"""
        ),
        "revenue",
    )


def values_numbers(warehouse: Warehouse) -> Numbers:
    """Return by sale channel what orders brought and what one is worth, all of them last."""
    return warehouse.records(
        """select breakdown = 'all' as is_all, case when is_all then 'All' else breakdown_value end as sale_channel,
            count_orders, count_buyers, revenue, revenue_low, revenue_high, mean_order, mean_order_low, mean_order_high
        from marts.order_values where breakdown in ('all', 'sale_channel')
        order by is_all, revenue desc, sale_channel"""
    )


def orders_numbers(warehouse: Warehouse) -> Numbers:
    """Return orders by month, first ones and later ones."""
    found = warehouse.records(
        f"""select month, orders, new_customers, orders - new_customers as repeat_orders
        from marts.monthly_totals where {_UP_TO_NOW} order by month"""
    )
    return _from_first(found, "orders")


def visits_numbers(warehouse: Warehouse) -> Numbers:
    """Return visits by month, from the first with one."""
    return _from_first(
        warehouse.records(f"select month, visits from marts.monthly_totals where {_UP_TO_NOW} order by month"), "visits"
    )


def daily_numbers(warehouse: Warehouse) -> Numbers:
    """Return visits, orders and revenue of the last whole days, those without anything included."""
    return warehouse.records(
        f"""with ends as (
            -- The day the data is looked at from has not ended.
            select
                cast(timezone(min(reporting_zone), timezone('UTC', min(as_of))) as date) - 1 as last_day,
                min(day) as first_day
            from marts.daily_totals cross join config.settings
        ),
        calendar as (
            select unnest(generate_series(
                greatest(first_day, last_day - interval {MOST_DAYS - 1} day), last_day, interval 1 day))::date as day
            from ends
        )
        select day, coalesce(visits, 0) as visits, coalesce(orders, 0) as orders, coalesce(revenue, 0) as revenue,
            day >= (select provisional_from from config.settings) as is_provisional
        from calendar left join marts.daily_totals using (day) order by day"""
    )


def untracked_numbers(warehouse: Warehouse) -> Numbers:
    """Return by month which share of orders no tracked touchpoint led to."""
    return warehouse.records(
        f"""select month, orders, orders_untracked, {sql.rate("orders_untracked", "orders", "untracked_share")}
        from marts.monthly_totals where orders > 0 order by month"""
    )


def channel_totals_numbers(warehouse: Warehouse) -> Numbers:
    """Return what each channel brought in the whole period, the largest first, what no channel earned last."""
    return warehouse.records(
        f"""select
            channel,
            sum(visits)::bigint as visits,
            sum(leads)::bigint as leads,
            sum(orders) as orders,
            sum(count_orders)::bigint as count_orders,
            sum(new_customers)::bigint as new_customers,
            sum(revenue) as revenue,
            sum(revenue) / nullif(sum(sum(revenue)) over (), 0) as revenue_share,
            cast(round(sum(sum(orders)) over ()) as bigint) as count_booked,
            sum(spend) as spend
        from marts.channel_performance group by channel
        order by {channels.UNTRACKED_LAST}, revenue desc, orders desc, visits desc, channel"""
    )


def channels_numbers(warehouse: Warehouse) -> Numbers:
    """Return visits, orders and revenue of the channels, small ones added up."""
    keys = ("visits", "orders", "revenue")
    picked = [{key: row[key] for key in ("channel", *keys)} for row in channel_totals_numbers(warehouse)]
    return channels.pooled(picked, keys)


def _from_first(rows: Numbers, key: str) -> Numbers:
    """Leave out the months before the first with a value; none is left when no month has one."""
    first = next((i for i, row in enumerate(rows) if row[key]), len(rows))
    return rows[first:]
