"""One row per credit model, channel and level: what the channel earns, and how far chance alone could move it.

The interval holds the middle 95 % of draws of people; small channels beyond the limit of settings are one. Orders that
nothing led to are left out. Ends are null where fewer orders were touched than settings ask for.

grain: model, channel, level
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.analysis.bootstrap import differences, group_draws, percentile_interval, ranks
from pipeline.analysis.credits import Orders, drawn_credit, journeys_of, table_of
from pipeline.analysis.markov import chain_of
from pipeline.analysis.paths import read_paths

READS = (
    "config.settings", "core.channel_codes", "core.channel_effects", "core.model_channels", "core.path_counts",
    "marts.attribution_touches",
)  # fmt: skip
COLUMNS = {
    "model": ("varchar", "Credit model."),
    "channel": ("varchar", "Channel; (other channels) stands for the small ones together."),
    "level": ("varchar", "conversions: orders credited; revenue: their revenue in the reporting currency."),
    "value": ("double", "What the model credits."),
    "value_low": ("double", "Low end of its 95 % interval."),
    "value_high": ("double", "High end of its 95 % interval."),
    "share": ("double", "Share of all that the model credits to channels; of participation, of all orders."),
    "share_low": ("double", "Low end of the share's 95 % interval."),
    "share_high": ("double", "High end of the share's 95 % interval."),
    "rank": ("integer", "Place among the channels; 1 earns most."),
    "rank_low": ("integer", "Best place in the middle 95 % of draws."),
    "rank_high": ("integer", "Worst place in the middle 95 % of draws."),
    "lead_share": ("double", "Share of draws in which it earns most."),
    "difference": (
        "double",
        "Its share less the mean of its shares by all models that share out each order; null for others.",
    ),
    "difference_low": ("double", "Low end of the difference; with 99 % certainty all of these bounds hold together."),
    "difference_high": ("double", "High end of the difference."),
    "count_orders": ("bigint", "Orders that had it among the touches that earn credit."),
    "is_additive": (
        "boolean",
        "The model shares out each order, so that its credit adds up by order, product and refund.",
    ),
}

_RULES = (
    "first", "last", "last_non_direct", "last_paid", "linear", "time_decay", "position", "j_shaped", "inverse_j",
    "custom", "shapley_simple",
)  # fmt: skip
#: Models that look at all orders as a whole instead of sharing out each.
_WHOLE = ("markov_global", "participation", "shapley_rate")


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Return credit with intervals; `query` runs a SELECT and gives an Arrow table."""
    given = query("select * from config.settings").to_pylist()[0]
    effects = query("select * from core.channel_effects order by model_code").to_pylist()
    table = query("select model_codes, person_group, count_converted, count_lost from core.path_counts")
    there = np.unique(table.column("person_group").to_numpy())
    groups = len(there)
    orders, rules = _orders(query, there), _rules(query)
    if not effects or not len(orders.sets):
        return pa.table({name: pa.array([], pa.null()) for name in COLUMNS})
    taken = group_draws(groups, given["interval_draws"])
    paths = read_paths(table, len(effects))
    paths = replace(paths, groups=np.searchsorted(there, paths.groups))
    if effects[0]["is_collapsed"]:
        paths = paths.collapsed()
    journeys = journeys_of(paths, chain_of(paths, effects[0]["markov_order"], groups), given["shapley_prior"])
    whole = drawn_credit(journeys, orders, np.ones((1, groups)), tolerance=1e-13)
    drawn = drawn_credit(journeys, orders, taken)
    size = (len(effects), groups)
    for model in _RULES:
        if model == "custom" and given["custom_first"] is None:
            continue
        place = rules["model_code"] - 1, np.searchsorted(there, rules["person_group"])
        for name, level in (("orders", "orders"), ("revenue", "revenue")):
            sums = table_of(*place, rules[f"{name}_{model}"], size)
            whole.setdefault(model, {})[level] = (sums @ np.ones((groups, 1))).T
            drawn.setdefault(model, {})[level] = np.ascontiguousarray((sums @ taken.T).T)
    count_orders = whole["participation"]["orders"][0]
    is_enough = count_orders >= given["guard_n"]
    parts = [_level(level, whole, drawn, is_enough) for level in ("orders", "revenue")]
    channels = [row["model_channel"] for row in effects]
    return _rows(parts, channels, count_orders, is_enough)


def _level(level: str, whole: dict[str, Any], drawn: dict[str, Any], is_enough: np.ndarray) -> dict[str, Any]:
    """Return values, intervals, ranks and differences of all models, each of shape (models, channels)."""
    models = sorted(whole)
    value = np.stack([whole[model][level][0] for model in models])
    many = np.stack([drawn[model][level] for model in models], axis=1)
    total, totals = whole["first"][level].sum(), drawn["first"][level].sum(axis=1)[:, np.newaxis, np.newaxis]
    share = value / total if total > 0 else np.zeros_like(value)
    shares = np.divide(many, totals, out=np.zeros_like(many), where=totals > 0)
    places = ranks(many)
    compared = [number for number, model in enumerate(models) if model not in _WHOLE]
    apart = differences(share[compared], shares[:, compared], is_enough)
    bounds = {name: np.full(value.shape, np.nan) for name in ("difference", "difference_low", "difference_high")}
    for name, found in zip(bounds, (apart.value, apart.low, apart.high), strict=True):
        bounds[name][compared] = found
    low, high = percentile_interval(many)
    share_low, share_high = percentile_interval(shares)
    best, worst = (np.quantile(places, at, axis=0, method="inverted_cdf") for at in (0.025, 0.975))
    return bounds | {
        "models": models, "level": "conversions" if level == "orders" else level, "value": value, "value_low": low,
        "value_high": high, "share": share, "share_low": share_low, "share_high": share_high, "rank": ranks(value),
        "rank_low": best, "rank_high": worst, "lead_share": (places == 1).mean(axis=0),
    }  # fmt: skip


def _rows(parts: list[dict[str, Any]], channels: list[str], count_orders: Any, is_enough: Any) -> pa.Table:
    """Write the levels one below the other; what stands on too few orders has no interval."""
    guarded = {name for name in COLUMNS if name.endswith(("_low", "_high")) or name in ("difference", "lead_share")}
    rows: list[dict[str, Any]] = []
    for part in parts:
        for i, model in enumerate(part["models"]):
            for j, channel in enumerate(channels):
                row = {
                    "model": model,
                    "channel": channel,
                    "level": part["level"],
                    "count_orders": round(count_orders[j]),
                }
                row["is_additive"] = model not in _WHOLE
                for name in COLUMNS.keys() - row.keys():
                    value = part[name][i, j]
                    row[name] = None if np.isnan(value) or (name in guarded and not is_enough[j]) else value.item()
                rows.append(row)
    return pa.Table.from_pylist(rows).select(list(COLUMNS))


def _orders(query, there: np.ndarray) -> Orders:  # type: ignore[no-untyped-def]
    """Return orders by the set of channels that earn credit for them, per group of people that is there."""
    found = query(
        """with sets as (
            select touches.order_id, min(touches.customer_id) as customer_id,
                bit_or(1::bigint << (channels.model_code - 1)) as channel_set, sum(touches.revenue_linear) as revenue
            from marts.attribution_touches as touches
            join core.channel_codes as codes on codes.channel = touches.channel
            join core.model_channels as channels on channels.channel_code = codes.channel_code
            where touches.touch_id is not null
            group by touches.order_id
        )
        select person_group(customer_id) as person_group, channel_set, count(*) as orders,
            sum(revenue)::double as revenue
        from sets group by all order by all"""
    )
    sets, numbers = np.unique(found.column("channel_set").to_numpy(), return_inverse=True)
    place = numbers, np.searchsorted(there, found.column("person_group").to_numpy())
    shape = len(sets), len(there)
    return Orders(
        sets,
        table_of(*place, found.column("orders").to_numpy().astype(float), shape),
        table_of(*place, found.column("revenue").to_numpy(), shape),
    )


def _rules(query) -> dict[str, np.ndarray]:  # type: ignore[no-untyped-def]
    """Return what the rule models give each channel in each group of people."""
    found = query(
        """select person_group(touches.customer_id) as person_group, channels.model_code,
            sum(columns('^(orders|revenue)_'))
        from marts.attribution_touches as touches
        join core.channel_codes as codes on codes.channel = touches.channel
        join core.model_channels as channels on channels.channel_code = codes.channel_code
        where touches.touch_id is not null
        group by all order by all"""
    )
    return {name: np.nan_to_num(found.column(name).to_numpy().astype(float)) for name in found.column_names}
