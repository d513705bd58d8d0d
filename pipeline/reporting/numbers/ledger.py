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


#: Finds the file and the line of every order row that was rejected.
REJECTED = (
    "select file_name, line_number, string_agg(reason, '; ' order by reason) as reason, min(raw_text) as raw_text "
    "from ops.rejected_rows where shape = 'orders' group by all order by 1, 2"
)


def rejected_numbers(warehouse: Warehouse) -> Numbers:
    """Return the first order rows that were rejected; the page masks what may be personal in them."""
    return warehouse.records(f"{REJECTED} limit 200") if warehouse.exists("ops.rejected_rows") else []


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
                sum(amount) filter (where by_order and step = 'gift_cards') as gift_cards,
                sum(amount) filter (where by_order and step = 'net') as net,
                sum(amount) filter (where not by_order and step = 'refunded') as refunded_then,
                sum(amount) filter (where not by_order) as net_then
            from steps group by month
        )
        select month, cast(coalesce(count_orders, 0) as bigint) as count_orders,
            coalesce(columns(['ordered', 'refunded', 'gift_cards', 'net', 'refunded_then', 'net_then']), 0)
                ::decimal(38, 4)
        from sums order by month"""
    )


def refunds_numbers(warehouse: Warehouse) -> Numbers:
    """Return, per system that reports refunds, how many it reports and how many lower revenue."""
    return warehouse.records(
        """with sums as (
            select source_system, step, cast(abs(sum(count_orders)) as bigint) as n,
                cast(sum(amount) as decimal(38, 4)) as amount
            from marts.reconciliation where section = 'refunds' group by all
        )
        select source_system,
            coalesce(max(n) filter (where step = 'refunds_reported'), 0) as reported,
            coalesce(max(amount) filter (where step = 'refunds_reported'), 0) as reported_amount,
            coalesce(max(n) filter (where step = 'refunds_of_unknown_orders'), 0) as unknown,
            coalesce(max(n) filter (where step = 'refunds_another_system_tells'), 0) as elsewhere,
            coalesce(max(n) filter (where step = 'refunds_the_books_lack'), 0) as lacking,
            coalesce(max(n) filter (where step = 'refunds_of_no_purchase'), 0) as no_purchase,
            coalesce(max(n) filter (where step = 'refunds_counted'), 0) as counted,
            coalesce(max(amount) filter (where step = 'refunds_counted'), 0) as counted_amount
        from sums group by source_system order by source_system"""
    )


def matched_numbers(warehouse: Warehouse) -> Numbers:
    """Return, per rule and two systems, how many of their orders are one."""
    return warehouse.records(
        """select tier, source_system, other_source_system, is_merged, count_pairs, amount, count_amounts_differ,
            median_minutes_apart
        from marts.matched_orders order by tier, source_system, other_source_system"""
    )


def pairs_numbers(warehouse: Warehouse, is_merged: bool) -> Numbers:
    """Return the pairs that no shared number joins, the largest first, with the names of their files and the lines."""
    has_files = warehouse.exists("ops.files")
    known = "select file_id, min(file_name) as file_name from ops.files group by file_id"
    files = f"({known})" if has_files else "(select '' as file_id, '' as file_name)"
    return warehouse.records(
        f"""select ordered_at, amount, evidence, minutes_apart,
            source_system || ' ' || order_ref as one, other_source_system || ' ' || other_order_ref as other,
            coalesce(one.file_name, pairs.file_id) || ', line ' || line_number as one_line,
            coalesce(other.file_name, other_file_id) || ', line ' || other_line_number as other_line
        from marts.pairs_to_judge as pairs
        left join {files} as one on one.file_id = pairs.file_id
        left join {files} as other on other.file_id = other_file_id
        where is_merged = $1
        order by amount desc, source_system, order_ref, other_source_system, other_order_ref limit 500""",
        [is_merged],
    )


def interface_numbers(warehouse: Warehouse) -> Numbers:
    """Return the figures of interface reports beside what was counted from the export."""
    return warehouse.records(
        """select platform, object_kind, starts_on, ends_on, metric, round(reported, 2) as reported,
            round(exported, 2) as exported, round(modelled_or_untracked, 2) as modelled_or_untracked
        from marts.interface_gap order by starts_on desc, platform, object_kind, metric, ends_on"""
    )
