"""Numbers of attribution: credit by channel and model, by source and by campaign, and what was booked."""

from __future__ import annotations

from typing import Any

from pipeline.reporting import channels, sql, text
from pipeline.reporting.facts import Numbers
from pipeline.warehouse import Warehouse

_MOST_CHANNELS = 16
#: What shares of credit stand on.
_BOOKED = "select coalesce(sum(orders), 0)::bigint as count_booked from marts.monthly_totals"


def booked_numbers(warehouse: Warehouse) -> Numbers:
    """Return orders and revenue of the order book, which every model must add up to, in one row."""
    return warehouse.records(
        """select coalesce(sum(orders), 0)::bigint as orders, coalesce(sum(revenue), 0) as revenue
        from marts.monthly_totals"""
    )


def models(warehouse: Warehouse) -> list[str]:
    """Return the credit models there are, in the order people know them."""
    found = [row[0] for row in warehouse.rows("select distinct model from marts.attribution")]
    return sorted(found, key=text.model_order)


def _credit(warehouse: Warehouse, measure: str) -> Numbers:
    """Return what channels earn by each model; small channels added up, untracked orders last."""
    rows = warehouse.records(
        f"""with credited as (select * from marts.attribution where level = 'channel'),
        main as (select credited.* from credited join config.settings on default_model = model),
        shown as ({sql.pooled_channels("main", "channel", "sum(credited_revenue)", _MOST_CHANNELS)}),
        summed as (
            select coalesce(shown.shown, credited.channel) as channel,
                coalesce(shown.place, {_MOST_CHANNELS + 1}) as channel_place,
                model, sum({measure}) as {measure}
            from credited left join shown using (channel) group by all
        )
        select channel, channel_place, model, {measure},
            {measure} / nullif(sum({measure}) over (partition by model), 0) as credit_share, count_booked
        from summed cross join ({_BOOKED})"""
    )
    return sorted(rows, key=lambda row: (row["channel_place"], row["channel"], text.model_order(row["model"])))


def revenue_numbers(warehouse: Warehouse) -> Numbers:
    """Return credited revenue by channel and model."""
    return _credit(warehouse, "credited_revenue")


def orders_numbers(warehouse: Warehouse) -> Numbers:
    """Return credited orders by channel and model."""
    return _credit(warehouse, "conversions")


def source_numbers(warehouse: Warehouse, level: str) -> Numbers:
    """Return orders and revenue of sources or campaigns by the default model, untracked orders last."""
    return warehouse.records(
        f"""with summed as (
            select channel, source, medium, campaign,
                sum(conversions) as conversions,
                sum(credited_revenue) as credited_revenue,
                {"content," if level == "content" else ""}
                sum(count_orders)::bigint as count_orders
            from marts.attribution join config.settings on default_model = model where level = $1 group by all
        )
        select *, credited_revenue / nullif(sum(credited_revenue) over (), 0) as revenue_share
        from summed cross join ({_BOOKED}) order by
            {channels.UNTRACKED_LAST}, credited_revenue desc, conversions desc, channel, source, medium, campaign
            {", content" if level == "content" else ""}""",
        [level],
    )


def order_kinds_numbers(warehouse: Warehouse) -> Numbers:
    """Return what each channel earns of first orders and of later ones by the default model, untracked orders last."""
    return warehouse.records(
        f"""select channel,
            sum(conversions) filter (where is_first_order) as first_orders,
            sum(credited_revenue) filter (where is_first_order) as first_revenue,
            sum(conversions) filter (where not is_first_order) as later_orders,
            sum(credited_revenue) filter (where not is_first_order) as later_revenue
        from marts.attribution join config.settings on default_model = model where level = 'channel'
        group by channel
        order by {channels.UNTRACKED_LAST}, first_revenue desc nulls last, later_revenue desc nulls last, channel"""
    )


def left_out_numbers(warehouse: Warehouse) -> Numbers:
    """Return the Direct touches that earn nothing because settings leave Direct out, and the orders they led to."""
    return warehouse.records(
        """select coalesce(sum(direct_left_out), 0)::bigint as touches,
            count(*) filter (where direct_left_out > 0) as orders
        from marts.attribution_touches where credit_index = 1"""
    )


def intervals_numbers(warehouse: Warehouse) -> Numbers:
    """Return the share of orders that each model gives each channel with its interval, and the channel's verdict."""
    rows = warehouse.records(
        """select intervals.*, verdicts.verdict, verdicts.mean_share, verdicts.tolerance
        from marts.attribution_intervals as intervals
        left join marts.attribution_verdicts as verdicts on verdicts.channel = intervals.channel
        where intervals.level = 'conversions' and (intervals.is_additive or intervals.model = 'markov_global')"""
    )
    return sorted(rows, key=lambda row: (-row["mean_share"], row["channel"], text.model_order(row["model"])))


def verdicts_numbers(warehouse: Warehouse) -> Numbers:
    """Return whether the models agree, on all channels first and then on each, by how many orders had it."""
    return warehouse.records(
        """select * from marts.attribution_verdicts
        order by channel <> '(all channels)', count_orders desc, channel"""
    )


def effects_numbers(warehouse: Warehouse) -> Numbers:
    """Return one row per channel: removal effect, Shapley value and share of orders touched, with their credit."""
    return warehouse.records(
        """select channel, min(count_pooled) as count_pooled, min(count_journeys) as count_journeys,
            max(max(count_closed)) over () as count_closed,
            any_value(effect) filter (where model = 'markov_global') as removal_effect,
            any_value(conversions) filter (where model = 'markov_global') as markov_orders,
            any_value(effect) filter (where model = 'shapley_rate') as shapley_value,
            any_value(conversions) filter (where model = 'shapley_rate') as shapley_orders,
            any_value(effect) filter (where model = 'participation') as participation_share,
            min(count_orders) as participation_orders, min(markov_order) as markov_order,
            bool_and(is_collapsed) as is_collapsed, any_value(held_out_by_order) as held_out_by_order
        from marts.attribution_effects group by channel order by removal_effect desc, channel"""
    )


def silent_numbers(warehouse: Warehouse) -> Numbers:
    """Return the referrers that bring nobody, and what became of the visits that came back from them."""
    return warehouse.records("select * from marts.silent_referrers order by visits desc, silent_kind, source")


def wide(numbers: Numbers, measure: str) -> Numbers:
    """Return one row per channel with a column per model and the spread between them."""
    rows: dict[str, dict[str, Any]] = {}
    for row in numbers:
        rows.setdefault(row["channel"], {"channel": row["channel"]})[row["model"]] = row[measure]
    for made in rows.values():
        values = [value for key, value in made.items() if key != "channel"]
        made["spread"] = max(values) - min(values)
    return list(rows.values())


def first_touch_numbers(warehouse: Warehouse) -> Numbers:
    """Return orders by first touch with and without those at the beginning of the data, the largest channel first."""
    return warehouse.records(
        "select *, cast(sum(count_orders) over () as bigint) as all_orders from marts.first_touch "
        "order by count_orders desc, channel"
    )
