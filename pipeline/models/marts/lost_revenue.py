"""One row per breakdown, segment and step: who went on, who stopped, and what it costs that no more went on.

Lost revenue = people who stopped x the share of them who would have gone on at the reference rate x the share of those
that buy x the mean net order of converters x the share not recovered within `drop_off.recovery_days`. The reference is
the lower end of the interval of the best segment of the same breakdown and step, at which people stop as well. Of
stages attempts count whose days to come back are over, each cycle of a customer once a step; of funnels each customer
once, whose window is over, up to the step before a purchase. Breakdowns show the same people again: they never add up.

grain: basis, breakdown, breakdown_value, stage
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.analysis.bootstrap import group_draws
from pipeline.analysis.losses import Steps, is_below_rest, loss_intervals, losses, references, share_lows

READS = (
    "config.settings",
    "config.stages",
    "core.attempts",
    "core.drop_offs",
    "core.funnel_people",
    "core.funnel_steps",
    "core.orders",
)
COLUMNS = {
    "basis": ("varchar", "What the steps are: stages, or those of a funnel: funnel and its number in config.funnels."),
    "breakdown": ("varchar", "device, channel of the first touch, country, or landing_page; each holds everybody."),
    "breakdown_value": ("varchar", "The device, channel, country or page of the attempt's first touch."),
    "stage_index": ("integer", "Place of the stage, or the step of the funnel, that was reached."),
    "stage": ("varchar", "That stage or step."),
    "next_stage": ("varchar", "The one that comes next."),
    "count_reached": (
        "bigint",
        "Attempts that got there, one a cycle of a customer; of a funnel people; n of the rates.",
    ),
    "count_went_on": ("bigint", "Of these, went on to the next one in the same attempt, or on the same way."),
    "count_dropped": ("bigint", "Of these, stopped here."),
    "step_rate": ("double", "Share that went on."),
    "step_rate_low": ("double", "Lower end of its 95 % interval."),
    "step_rate_high": ("double", "Upper end."),
    "count_orders": (
        "bigint",
        "Of those that went on, ended in an order, of a funnel within its window; n of the mean order.",
    ),
    "reference_value": ("varchar", "Segment that shows what is possible; null when none has cases enough."),
    "reference_rate": ("double", "Lower end of that segment's interval: the rate this step could run at."),
    "recovered_share": (
        "double",
        "Of those who stopped and whose days are over, the share who bought within them after all.",
    ),
    "addressable_share": ("double", "Share of them not recovered who would have gone on at the reference rate."),
    "not_recoverable_share": ("double", "The rest: neither came back nor would have gone on; adds up to 1."),
    "lost_orders": ("double", "Orders that would have come at the reference rate, without those recovered."),
    "mean_order": ("double", "What an order is worth: own converters, or those of the whole step where they are few."),
    "lost_revenue": ("double", "Lost orders x mean order, in the reporting currency; null where it cannot be told."),
    "lost_revenue_low": ("double", "Lower end of its 95 % interval (bootstrap by person, the reference held fixed)."),
    "lost_revenue_high": ("double", "Upper end."),
    "place": (
        "bigint",
        "What to fix first, of its basis: what is no chance before the rest, the largest lower end first; no channels.",
    ),
    "verdict": (
        "varchar",
        "lost: above nothing, and fewer go on than elsewhere by more than chance (false discovery rate 5 %); "
        "may be chance; at its reference; too few to say; not known; no reference; no order values; too recent to say.",
    ),
}
_FEW, _UNKNOWN = "too few to say", ("(not known)", "(no page)")

_GROUPS = """
with settings as (select * from config.settings),
stops as (
    select
        basis, drop_id,
        case recovery_days when 7 then outcome_7 when 30 then outcome_30 else outcome_90 end as outcome
    from core.drop_offs cross join settings
),
cases as (
    -- One a cycle of a customer and stage, or a customer and funnel: the steps got through and the order that followed.
    select
        'stages' as basis, attempts.attempt_id as case_id, attempts.customer_id, attempts.first_channel,
        attempts.landing_page, attempts.device_category, attempts.country,
        attempts.earlier_index + 1 as first_index, attempts.reached_index as last_index, attempts.order_id
    from core.attempts as attempts cross join settings
    where attempts.is_decided and attempts.ended_at + recovery_days * interval 1 day < settings.as_of
        and attempts.reached_index > attempts.earlier_index
    union all
    select
        'funnel ' || funnel_index, customer_id, customer_id, first_channel, landing_page, device_category, country,
        first_level, last_level, case when bought_at <= window_ends_at then order_id end
    from core.funnel_people
),
seen as (
    select
        cases.*, cases.order_id is not null as is_bought, coalesce(orders.revenue, 0) as revenue,
        stops.outcome <> 'open' as is_closed, stops.outcome in ('online', 'store', 'other') as is_recovered
    from cases
    left join core.orders as orders on orders.order_id = cases.order_id
    left join stops on stops.basis = cases.basis and stops.drop_id = cases.case_id
),
steps as (
    select 'stages' as basis, here.stage_index, here.stage, ahead.stage as next_stage
    from config.stages as here join config.stages as ahead on ahead.stage_index = here.stage_index + 1
    where here.stage_index < (select stage_index from config.stages where stage = 'purchase')
    union all
    select 'funnel ' || here.funnel_index, here.level, here.step, ahead.step
    from core.funnel_steps as here
    join core.funnel_steps as ahead on ahead.funnel_index = here.funnel_index and ahead.level = here.level + 1
    where here.is_on_the_way
),
grouped as (
    select
        seen.basis,
        case
            when grouping(device_category) = 0 then 'device'
            when grouping(first_channel) = 0 then 'channel'
            when grouping(country) = 0 then 'country'
            else 'landing_page'
        end as breakdown,
        coalesce(device_category, first_channel, country, landing_page) as breakdown_value,
        stage_index, stage, next_stage, person_group(seen.customer_id) as person_group,
        count(*) as reached,
        count(*) filter (where last_index > stage_index) as went_on,
        count(*) filter (where last_index > stage_index and is_bought) as bought,
        count(*) filter (where last_index = stage_index and is_closed) as closed,
        count(*) filter (where last_index = stage_index and is_recovered) as recovered,
        coalesce(sum(revenue) filter (where last_index > stage_index and is_bought), 0)::double as revenue
    from seen
    join steps on steps.basis = seen.basis and stage_index between first_index and last_index
    group by
        grouping sets ((device_category), (first_channel), (country), (landing_page)),
        seen.basis, stage_index, stage, next_stage, person_group(seen.customer_id)
)
-- Of pages most are landed on by a handful; they would fill the table to say that they are too few.
select * from grouped cross join (select guard_n from settings)
qualify breakdown <> 'landing_page'
    or sum(reached) over (partition by basis, breakdown, breakdown_value, stage_index) >= guard_n
order by basis = 'stages' desc, basis, breakdown, breakdown_value, stage_index, person_group
"""


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Return the losses; `query` runs a SELECT and gives an Arrow table."""
    given = query("select guard_n, interval_draws from config.settings").to_pylist()[0]
    found = query(_GROUPS)
    bases = found["basis"].to_pylist()
    made: list[dict[str, Any]] = []
    # Each basis by itself, so that no funnel that is declared moves a number of another, or of the stages.
    for basis in dict.fromkeys(bases):
        mine = found.slice(bases.index(basis), bases.count(basis))
        made += [row | {"basis": basis} for row in _of_basis(mine, given["guard_n"], given["interval_draws"])]
    if not made:
        return pa.table({name: pa.array([], pa.null()) for name in COLUMNS})
    return pa.Table.from_pylist([{name: row[name] for name in COLUMNS} for row in made])


def _of_basis(found: pa.Table, guard_n: int, draws: int) -> list[dict[str, Any]]:
    keys = [found[name].to_pylist() for name in ("breakdown", "breakdown_value", "stage_index", "stage", "next_stage")]
    rows = list(zip(*keys, strict=True))
    names = list(dict.fromkeys(rows))
    columns = {name: column for column, name in enumerate(names)}
    places, groups = np.unique(found["person_group"].to_numpy(), return_inverse=True)
    at = (groups, np.array([columns[row] for row in rows]))
    by_group = Steps(*(_table(at, found[name], (len(places), len(names))) for name in Steps.__dataclass_fields__))
    return _told(names, by_group, guard_n, draws)


def _table(at: tuple[np.ndarray, np.ndarray], values: Any, shape: tuple[int, int]) -> np.ndarray:
    made = np.zeros(shape)
    made[at] = values.to_numpy()
    return made


def _told(names: list[tuple[Any, ...]], by_group: Steps, guard_n: int, draws: int) -> list[dict[str, Any]]:
    """Write the rows: rates for all, money where there are cases enough."""
    families = np.unique([f"{name[0]} {name[2]}" for name in names], return_inverse=True)[1]
    whole = by_group.total()
    pool = whole.pooled(families)
    is_known = np.array([name[1] not in _UNKNOWN for name in names])
    is_enough = whole.reached >= guard_n
    # Where hardly anybody stops, people begin behind the step, as on a product's page: that is no rate to reach for.
    is_comparable = is_known & is_enough & (whole.dropped >= guard_n)
    reference, best = references(whole, families, is_comparable)
    is_own = {
        "buying": whole.went_on >= guard_n,
        "recovered": whole.closed >= guard_n,
        "order": whole.bought >= guard_n,
    }
    has_values = (pool.bought >= guard_n) & (pool.revenue > 0)
    is_over = pool.closed >= guard_n
    is_told = is_known & is_enough & has_values & is_over & (best >= 0)
    loss = losses(whole, pool, is_own, reference)
    low, high = loss_intervals(by_group, families, is_own, reference, group_draws(len(by_group.reached), draws))
    lows, misses = share_lows(whole.went_on, whole.reached), share_lows(whole.dropped, whole.reached)
    revenue, ends = np.where(is_told, loss.revenue, np.nan), np.where(is_told, low, np.nan)
    is_certain = is_below_rest(whole, families, is_known & is_enough) & (ends > 0)
    # Who comes through a channel is no fault of the step: a channel is no thing to mend.
    places = _places(np.array([name[0] != "channel" for name in names]), revenue, ends, is_certain)
    made = []
    for i, (breakdown, value, index, stage, ahead) in enumerate(names):
        reason = _reason(is_known[i], is_enough[i], best[i] >= 0, has_values[i], is_over[i])
        verdict = "lost" if is_certain[i] else "may be chance" if revenue[i] > 0 else "at its reference"
        row: dict[str, Any] = {
            "breakdown": breakdown, "breakdown_value": value, "stage_index": index, "stage": stage, "next_stage": ahead,
            "count_reached": int(whole.reached[i]), "count_went_on": int(whole.went_on[i]),
            "count_dropped": int(whole.dropped[i]), "count_orders": int(whole.bought[i]),
            "step_rate": whole.went_on[i] / whole.reached[i], "step_rate_low": lows[i], "step_rate_high": 1 - misses[i],
            "reference_value": names[best[i]][1] if best[i] >= 0 else None, "reference_rate": reference[i],
            "lost_revenue": revenue[i], "lost_revenue_low": ends[i],
            "lost_revenue_high": high[i] if is_told[i] else np.nan, "place": places[i], "verdict": reason or verdict,
        }  # fmt: skip
        for name in ("recovered_share", "addressable_share", "not_recoverable_share"):
            row[name] = getattr(loss, name)[i] if is_known[i] and is_enough[i] else np.nan
        row |= {"lost_orders": loss.orders[i], "mean_order": loss.mean_order[i]} if is_told[i] else {}
        made.append({name: _cell(row.get(name)) for name in COLUMNS})
    return made


def _reason(is_known: bool, is_enough: bool, has_reference: bool, has_values: bool, is_over: bool) -> str:
    """Say why there is no money, or nothing when there is."""
    said = (
        (is_known, "not known"),
        (is_enough, _FEW),
        (has_reference, "no reference"),
        (has_values, "no order values"),
        (is_over, "too recent to say"),
    )
    return next((name for holds, name in said if not holds), "")


def _places(is_mendable: np.ndarray, revenue: np.ndarray, low: np.ndarray, is_certain: np.ndarray) -> list[int | None]:
    """Return the order in which losses are worth mending: what is no chance first, then by the least it may be."""
    listed = [i for i in range(len(revenue)) if is_mendable[i] and revenue[i] > 0]
    listed.sort(key=lambda i: (not is_certain[i], -low[i], -revenue[i], i))
    place = {i: number for number, i in enumerate(listed, 1)}
    return [place.get(i) for i in range(len(revenue))]


def _cell(value: Any) -> Any:
    """Return a plain value; not a number becomes null."""
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and np.isnan(value) else value
