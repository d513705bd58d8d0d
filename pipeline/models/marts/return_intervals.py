"""One row per date basis, level, period, model, channel and campaign with spend: how far chance alone moves its return.

People are drawn anew in their groups of chance (`person_group`) and spend stands still: the interval of a return is
that of the credit of the same days, divided by the spend. What stands on fewer orders than settings ask for has no row.

grain: date_basis, level, period, model, channel, campaign
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.analysis.bootstrap import group_draws, percentile_interval
from pipeline.analysis.credits import table_of

READS = (
    "config.settings", "core.campaign_names", "core.order_money", "core.path_counts", "core.spend_coverage",
    "marts.attribution_touches", "marts.returns",
)  # fmt: skip
_KEYS = {
    "date_basis": "order_date or refund_date.",
    "level": "channel or campaign.",
    "period": "Month as 2026-09, or all.",
    "model": "Credit model.",
    "channel": "Channel.",
    "campaign": "Campaign; (all) at the level channel.",
}
COLUMNS = {
    **{name: ("varchar", meaning) for name, meaning in _KEYS.items()},
    "drawn_revenue": ("double", "Revenue that the drawn people add up to when each is taken once."),
    "roas_low": ("double", "Low end of the 95 % interval of revenue for one unit of spend."),
    "roas_high": ("double", "High end of it."),
    "margin_return_low": (
        "double",
        "Low end of the 95 % interval of margin for one unit of spend; null without costs.",
    ),
    "margin_return_high": ("double", "High end of it."),
    "cac_low": ("double", "Low end of the 95 % interval of spend for one first-ever order; null on too few of them."),
    "cac_high": ("double", "High end of it; null when one draw in forty credits no first-ever order."),
    "cac_after_refunds_low": ("double", "The same of first-ever orders that were not given back whole: low end."),
    "cac_after_refunds_high": ("double", "High end of it."),
}
#: Cells that are drawn at once, so that memory does not grow with the number of campaigns.
_AT_ONCE = 500


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Return the intervals; `query` runs a SELECT and gives an Arrow table."""
    given = query("select interval_draws, guard_n from config.settings").to_pylist()[0]
    groups = query("select distinct person_group from core.path_counts order by person_group").column(0).to_numpy()
    cells = query(f"select * from ({_cells(given['guard_n'])}) order by cell")
    models = query("select distinct model from marts.returns where level <> 'all' order by model").column("model")
    if not cells.num_rows or not len(groups):
        return pa.table({name: pa.array([], pa.null()) for name in COLUMNS})
    sums = query(_sums(models.to_pylist(), _cells(given["guard_n"])))
    taken = group_draws(len(groups), given["interval_draws"])
    place = sums.column("cell").to_numpy(), np.searchsorted(groups, sums.column("person_group").to_numpy())
    parts = []
    for model in models.to_pylist():
        tables = {
            name: table_of(
                *place, np.nan_to_num(sums.column(f"{name}_{model}").to_numpy()), (cells.num_rows, len(groups))
            ).toarray()
            for name in ("revenue", "margin", "new", "kept")
        }
        for begin in range(0, cells.num_rows, _AT_ONCE):
            part = cells.slice(begin, _AT_ONCE)
            drawn = {name: table[begin : begin + _AT_ONCE] for name, table in tables.items()}
            parts.append(_rows(model, part, drawn, taken, given["guard_n"]))
    return pa.concat_tables(parts)


def _rows(model: str, cells: pa.Table, sums: dict[str, np.ndarray], taken: np.ndarray, guard_n: int) -> pa.Table:
    """Return the rows of some cells by one model; sums are of shape (cells, groups)."""
    spend = cells.column("spend").to_numpy()
    drawn = {name: table @ taken.T for name, table in sums.items()}
    roas = percentile_interval(drawn["revenue"].T / spend)
    margin = percentile_interval(drawn["margin"].T / spend)
    least, most = _price(spend, drawn["new"])
    kept_least, kept_most = _price(spend, drawn["kept"])
    has_new = cells.column("count_first_orders").to_numpy() >= guard_n
    has_costs = cells.column("has_costs").to_numpy(zero_copy_only=False)
    made: dict[str, Any] = {name: cells.column(name) for name in _KEYS if name != "model"}
    made |= {
        "model": pa.array([model] * cells.num_rows),
        "drawn_revenue": pa.array(sums["revenue"].sum(axis=1)),
        "roas_low": pa.array(roas[0]),
        "roas_high": pa.array(roas[1]),
        "margin_return_low": _known(margin[0], has_costs),
        "margin_return_high": _known(margin[1], has_costs),
        "cac_low": _known(least, has_new),
        "cac_high": _known(most, has_new),
        "cac_after_refunds_low": _known(kept_least, has_new),
        "cac_after_refunds_high": _known(kept_most, has_new),
    }
    return pa.table({name: made[name] for name in COLUMNS})


def _price(spend: np.ndarray, drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of spend for one of what is drawn, of shape (cells, draws)."""
    # Divided after the interval is taken: a draw without anybody new costs any price for one.
    few, many = (np.where(end > 1e-9, spend / np.maximum(end, 1e-9), np.nan) for end in percentile_interval(drawn.T))
    return many, few


def _known(values: np.ndarray, is_known: np.ndarray) -> pa.Array:
    return pa.array(values, mask=~is_known | np.isnan(values))


def _cells(guard_n: int) -> str:
    """Return a SELECT of what gets an interval, numbered from 0; every model has the same."""
    return f"""
        select *, row_number() over (order by date_basis, level, period, channel, campaign) - 1 as cell
        from (
            select date_basis, level, period, channel, campaign, max(compared_spend)::double as spend,
                max(count_first_orders) as count_first_orders, bool_or(costed_share is not null) as has_costs
            from marts.returns
            where level <> 'all' and compared_spend > 0 and count_orders >= {guard_n}
            group by all
        )"""


def _sums(models: list[str], cells: str) -> str:
    """Return a SELECT of credit on the days compared, by cell and group of people, a column a model and measure."""
    wide = ", ".join(f"sum(revenue_{m})::double as revenue_{m}, sum(orders_{m})::double as orders_{m}" for m in models)
    measured = ", ".join(
        f"""sum(if(entries.date_basis = 'order_date', revenue_{m}, orders_{m} * amount)) as revenue_{m},
        sum(orders_{m} * margin) as margin_{m}, sum(orders_{m} * is_new) as new_{m},
        sum(orders_{m} * is_new) filter (where is_kept) as kept_{m}"""
        for m in models
    )
    return f"""
        with cells as ({cells}),
        by_order as (
            select order_id, person_group(min(customer_id)) as person_group, touches.channel,
                coalesce(names.campaign_name, touches.campaign) as campaign, {wide}
            from marts.attribution_touches as touches
            left join core.campaign_names as names
                on names.channel = touches.channel and names.campaign = touches.campaign
            where touches.channel in (select channel from cells)
            group by all
        ),
        entries as (
            select order_id, 'order_date' as date_basis, ordered_on as day, sum(amount)::double as amount,
                sum(margin) as margin, bool_or(is_first_order)::int as is_new, bool_and(is_kept) as is_kept
            from core.order_money group by order_id, ordered_on
            union all
            select order_id, 'refund_date', day, amount::double, margin, (is_order and is_first_order)::int, is_kept
            from core.order_money
        ),
        grouped as (
            select entries.date_basis, if(grouping(by_order.campaign) = 0, 'campaign', 'channel') as level,
                coalesce(strftime(entries.day, '%Y-%m'), 'all') as period, by_order.channel,
                if(grouping(by_order.campaign) = 0, by_order.campaign, '(all)') as campaign, person_group, {measured}
            from by_order
            join entries using (order_id)
            join core.spend_coverage as covered
                on covered.channel = by_order.channel and covered.platform = '(all platforms)'
                and covered.day = entries.day
            group by grouping sets (
                (entries.date_basis, by_order.channel, strftime(entries.day, '%Y-%m'), person_group),
                (entries.date_basis, by_order.channel, person_group),
                (entries.date_basis, by_order.channel, by_order.campaign, person_group))
        )
        select cells.cell, grouped.* exclude (date_basis, level, period, channel, campaign)
        from grouped join cells using (date_basis, level, period, channel, campaign)
        order by cells.cell, person_group"""
