"""Numbers of dropping off: where people stop, what came next, who bought later, and what was lost."""

from __future__ import annotations

from pipeline.reporting.facts import Numbers
from pipeline.warehouse import Warehouse

#: What the furthest stage is called in reports.
_STAGE = "case reached when 'none' then 'no stage' else reached end"
_REACHED = f"{_STAGE} as reached"


def recovered_numbers(warehouse: Warehouse) -> Numbers:
    """Return those who stopped at each stage and what became of them within 7, 30 and 90 days."""
    return warehouse.records(
        f"""select reached_index, {_REACHED}, next_step, window_days, count_dropped,
            count_online, count_store, count_other, count_not, count_open, count_closed, count_recovered,
            recovered_share, recovered_share_low, recovered_share_high,
            store_share, store_share_low, store_share_high, revenue
        from marts.recovered_later where basis = 'stages' and breakdown = 'all'
        order by reached_index, window_days"""
    )


def next_numbers(warehouse: Warehouse) -> Numbers:
    """Return what came next after stopping at each stage and leaving a cart; what was bought first, nothing last."""
    return warehouse.records(
        f"""select basis = 'carts' as is_cart, reached_index,
            if(is_cart, reached || ' left', {_STAGE}) as reached, breakdown_value as action, count_stops, count_known,
            stops_share, stops_share_low, stops_share_high, median_days
        from marts.next_steps where basis in ('stages', 'carts') and breakdown = 'action'
        order by is_cart, reached_index, action = 'nothing', not starts_with(action, 'bought'), action <> 'visit',
            action"""
    )


def next_place_numbers(warehouse: Warehouse, breakdown: str) -> Numbers:
    """Return through which channel, or on which page, people came back after stopping; all stages."""
    return warehouse.records(
        f"""select reached_index, {_REACHED}, breakdown_value, count_stops, count_known,
            stops_share, stops_share_low, stops_share_high, median_days
        from marts.next_steps where basis = 'stages' and breakdown = $1
        order by count_stops desc, reached_index, breakdown_value limit 500""",
        [breakdown],
    )


def recovered_by_numbers(warehouse: Warehouse, breakdown: str) -> Numbers:
    """Return those won back by a breakdown of `marts.recovered_later`, within the days that count as recovered."""
    return warehouse.records(
        f"""select breakdown_value, reached_index, {_REACHED}, window_days, count_dropped, count_open, count_closed,
            count_recovered, recovered_share, recovered_share_low, recovered_share_high,
            count_store, store_share, store_share_low, store_share_high
        from marts.recovered_later join config.settings on window_days = recovery_days
        where basis = 'stages' and breakdown = $1
        order by count_dropped desc, reached_index, breakdown_value limit 500""",
        [breakdown],
    )


def carts_numbers(warehouse: Warehouse) -> Numbers:
    """Return carts that were left, by how far they got, within the days that count as recovered; all of them first."""
    return warehouse.records(
        """select breakdown_value as furthest_step, carts.* exclude (breakdown, breakdown_value)
        from marts.cart_recovery as carts join config.settings on window_days = recovery_days
        where breakdown in ('all', 'step')
        order by list_position(['all', 'cart', 'checkout', 'payment'], breakdown_value)"""
    )


def carts_by_numbers(warehouse: Warehouse) -> Numbers:
    """Return carts that were left, by channel, device and month, within the days that count as recovered."""
    return warehouse.records(
        """select carts.*
        from marts.cart_recovery as carts join config.settings on window_days = recovery_days
        where breakdown in ('channel', 'device', 'month')
        order by list_position(['device', 'channel', 'month'], breakdown),
            case when breakdown = 'month' then breakdown_value end desc, count_carts desc, breakdown_value limit 500"""
    )


#: What is not told has no n, so that one cell alone says why.
_LOSS = """losses.*, case when recovered_share is not null then count_reached end as count_shared,
            case when lost_revenue is not null then count_reached end as count_told"""
#: Rows of lost revenue drawn of what can be mended, and of channels.
_MOST_LOSSES, _MOST_SEGMENTS = 6, 12


def losses_numbers(warehouse: Warehouse) -> Numbers:
    """Return what to fix first: where money is lost, and below it by channel, which tells of who comes as well."""
    return warehouse.records(
        f"""select {_LOSS}, breakdown = 'channel' as is_channel
        from marts.lost_revenue as losses where basis = 'stages' and lost_revenue > 0
        qualify row_number() over (
            partition by is_channel order by place, verdict <> 'lost', lost_revenue_low desc, lost_revenue desc,
                stage_index, breakdown_value) <= {_MOST_LOSSES}
        order by is_channel, place, verdict <> 'lost', lost_revenue_low desc, lost_revenue desc, stage_index,
            breakdown_value"""
    )


def all_losses_numbers(warehouse: Warehouse) -> Numbers:
    """Return lost revenue of every segment and step; where it cannot be told, why."""
    return warehouse.records(
        f"""select {_LOSS} from marts.lost_revenue as losses where basis = 'stages'
        order by place nulls last, breakdown, stage_index, count_reached desc, breakdown_value limit 500"""
    )


def stops_channel_numbers(warehouse: Warehouse) -> Numbers:
    """Return the share that stopped at each stage by channel of the first touch."""
    return _stops(warehouse, "channel")


def stops_device_numbers(warehouse: Warehouse) -> Numbers:
    """Return the share that stopped at each stage by device."""
    return _stops(warehouse, "device")


def stops_page_numbers(warehouse: Warehouse) -> Numbers:
    """Return the share that stopped at each stage by landing page."""
    return _stops(warehouse, "landing_page")


def _stops(warehouse: Warehouse, breakdown: str) -> Numbers:
    return warehouse.records(
        f"""with given as (
            select *, max(count_reached) over (partition by breakdown_value) as count_largest
            from marts.lost_revenue where basis = 'stages' and breakdown = $1
        )
        select breakdown_value, stage_index, stage, next_stage, count_reached, count_dropped,
            1 - step_rate as dropped_share,
            1 - step_rate_high as dropped_share_low, 1 - step_rate_low as dropped_share_high
        from given
        qualify dense_rank() over (order by count_largest desc, breakdown_value) <= {_MOST_SEGMENTS}
        order by count_largest desc, breakdown_value, stage_index""",
        [breakdown],
    )
