"""Numbers of the ledger: what became of every order row, the order book, and what is credited."""

from __future__ import annotations

from pipeline.reporting import sql
from pipeline.reporting.facts import Numbers
from pipeline.warehouse import Warehouse


def credit_numbers(warehouse: Warehouse) -> Numbers:
    """Return the steps from booked orders to credited ones; they are the same for every model."""
    return warehouse.records(
        f"""with summed as (
            select step, min(step_index) as step_index, bool_or(is_total) as is_total,
                abs(sum(count_orders)) as count_orders, abs(sum(amount)) as amount
            from marts.reconciliation join config.settings on default_model = model
            where section = 'credit' group by step
        ),
        counted as (select *, max(count_orders) filter (where step = 'net') over () as count_booked from summed)
        select step, step_index, is_total, cast(round(count_orders) as bigint) as count_orders,
            cast(amount as decimal(38, 4)) as amount, cast(round(count_booked) as bigint) as count_booked,
            {sql.rate("count_orders", "count_booked", "orders_share")}
        from counted order by step_index"""
    )


def sources_numbers(warehouse: Warehouse) -> Numbers:
    """Return, per system, what became of the order rows it delivered."""
    return warehouse.records(
        """select source_system, step, min(step_index) as step_index, bool_or(is_total) as is_total,
            cast(abs(sum(count_orders)) as bigint) as count_rows, cast(abs(sum(amount)) as decimal(38, 4)) as amount
        from marts.reconciliation where section = 'source'
        group by source_system, step order by source_system, step_index"""
    )


def book_numbers(warehouse: Warehouse) -> Numbers:
    """Return the order book by month: before refunds, and with them on the order's date and on their own."""
    return warehouse.records(
        """with steps as (
            select month, step, count_orders, amount, section = 'book' as by_order
            from marts.reconciliation where section in ('book', 'book_by_refund_date')
        ),
        sums as (
            select month,
                sum(count_orders) filter (where by_order and step = 'net') as count_orders,
                sum(amount) filter (where by_order and step like 'known%') as ordered,
                sum(amount) filter (where by_order and step = 'refunded') as refunded,
                sum(amount) filter (where by_order and step = 'net') as net,
                sum(amount) filter (where not by_order and step = 'refunded') as refunded_then,
                sum(amount) filter (where not by_order) as net_then
            from steps group by month
        )
        select month, cast(coalesce(count_orders, 0) as bigint) as count_orders,
            coalesce(columns(['ordered', 'refunded', 'net', 'refunded_then', 'net_then']), 0)::decimal(38, 4)
        from sums order by month"""
    )
