"""One row per share of a funnel that is set against another: the difference, its interval, and whether it is chance.

Values of an attribute are set against all others together, named pairs against each other, and complete periods are
tested for a steady rise or fall. All tests of one funnel, kind and attribute share a false discovery rate of 10 %.
Nothing is tested where the value itself follows from how far somebody got: of the last step or of all steps, of a named
step until it is reached, and where it is not known.

grain: funnel_index, comparison, breakdown, value_of, breakdown_value, other_value, level
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.analysis.proportions import difference_interval, false_discovery_rate, trend, two_shares

READS = (
    "config.settings",
    "config.funnels",
    "config.funnel_breakdowns",
    "config.funnel_steps",
    "marts.funnel_steps",
    "marts.funnel_trends",
)
COLUMNS = {
    "funnel_index": ("integer", "Funnel in config.funnels."),
    "comparison": ("varchar", "others: a value against all others; pair: two values; trend: complete periods."),
    "breakdown": ("varchar", "Attribute; period for a trend."),
    "value_of": ("varchar", "Whose value stands, as in marts.funnel_steps."),
    "breakdown_value": ("varchar", "The value; of a trend the last period."),
    "other_value": ("varchar", "What it is set against; of a trend the first period."),
    "level": ("integer", "Step whose rate is compared; of a trend the last step, as share of all who entered."),
    "count_hits": ("bigint", "Of the value, those who went on."),
    "count_cases": ("bigint", "Of the value, those at the step before."),
    "other_hits": ("bigint", "The same of what it is set against."),
    "other_cases": ("bigint", "The same of what it is set against."),
    "difference": ("double", "Share of the value less the other share."),
    "difference_low": ("double", "Lower end of its 95 % interval (Newcombe 1998); null where there is too little."),
    "difference_high": ("double", "Upper end."),
    "p_value": ("double", "Two-sided: score test, Fisher's on few cases, Cochran and Armitage's for a trend."),
    "p_adjusted": ("double", "The same, adjusted for the number of comparisons (Benjamini and Hochberg 1995)."),
    "verdict": ("varchar", "above or below when p_adjusted is at most 0.1; no difference shown; too few to say; or "
                "no test: the value follows from how far they got."),
}  # fmt: skip

_RATE = 0.1
_NO_TEST = "no test: the value follows from how far they got"
_SHARES = """
with broken as (
    select
        steps.funnel_index, breakdown, value_of, breakdown_value, steps.level, count_went_on as hits,
        count_previous as cases,
        case value_of
            when 'journey' then true
            when 'first' then true
            when 'last' then false
            when 'all' then false
            else breakdown_value <> '(not known)' and mode is distinct from 'any' and steps.level > named.level
        end as is_fair
    from marts.funnel_steps as steps
    left join config.funnels as declared using (funnel_index)
    left join (select funnel_index, step, level from marts.funnel_steps where breakdown = 'all') as named
        on named.funnel_index = steps.funnel_index and named.step = steps.value_of
    where breakdown <> 'all' and count_previous is not null
),
others as (
    select *, sum(hits) over every - hits as other_hits, sum(cases) over every - cases as other_cases
    from broken window every as (partition by funnel_index, breakdown, value_of, level, is_fair)
),
pairs as (
    select one.* replace (one.is_fair and other.is_fair as is_fair), other.breakdown_value as other_value,
        other.hits as other_hits, other.cases as other_cases
    from config.funnel_breakdowns as declared
    left join config.funnel_steps as steps
        on steps.funnel_index = declared.funnel_index and steps.step_index = declared.step_index
    join broken as one
        on one.funnel_index = declared.funnel_index and one.breakdown = declared.breakdown
        and one.value_of = case declared.value_of when 'step' then steps.step else declared.value_of end
        and one.breakdown_value = declared.first_value
    join broken as other
        on other.funnel_index = one.funnel_index and other.breakdown = one.breakdown and other.value_of = one.value_of
        and other.level = one.level and other.breakdown_value = declared.second_value
)
select
    funnel_index, comparison, breakdown, value_of, breakdown_value, other_value, level,
    cast(hits as bigint) as count_hits, cast(cases as bigint) as count_cases, cast(other_hits as bigint) as other_hits,
    cast(other_cases as bigint) as other_cases, is_fair,
    is_fair and cases >= guard_n and other_cases >= guard_n as is_enough
from (
    select 'others' as comparison, *, '(all others)' as other_value from others
    union all by name
    select 'pair' as comparison, * from pairs
)
cross join config.settings
order by funnel_index, comparison, breakdown, value_of, breakdown_value, other_value, level
"""
_PERIODS = """
select funnel_index, period, count_converted, count_entries, guard_n,
    (select max(level) from marts.funnel_steps as steps where steps.funnel_index = trends.funnel_index) as level
from marts.funnel_trends as trends cross join config.settings
where is_complete order by funnel_index, period
"""


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Return the comparisons; `query` runs a SELECT and gives an Arrow table."""
    rows = query(_SHARES).to_pylist()
    for row, p in zip(rows, _tested(rows), strict=True):
        row["p_value"] = p
    rows += _trends(query(_PERIODS).to_pylist())
    numbers = [np.array([row[key] for row in rows], dtype=np.int64) for key in (
        "count_hits", "count_cases", "other_hits", "other_cases")]  # fmt: skip
    low, high = difference_interval(*numbers)
    p = np.array([row["p_value"] for row in rows], dtype=float)
    families = [(row["funnel_index"], row["comparison"], row["breakdown"], row["value_of"]) for row in rows]
    adjusted = np.full(len(rows), np.nan)
    for family in sorted(set(families)):
        mine = np.array([other == family for other in families])
        adjusted[mine] = false_discovery_rate(p[mine])
    for place, row in enumerate(rows):
        is_enough = row["is_enough"]
        one, other = (
            row[k] / row[n] if row[n] else np.nan
            for k, n in (("count_hits", "count_cases"), ("other_hits", "other_cases"))
        )
        row |= {"difference": one - other, "difference_low": low[place], "difference_high": high[place]}
        row["p_adjusted"] = adjusted[place]
        row["verdict"] = _verdict(is_enough, adjusted[place], row["difference"]) if row["is_fair"] else _NO_TEST
        for key in ("difference", "difference_low", "difference_high", "p_value", "p_adjusted"):
            row[key] = None if np.isnan(row[key]) or not is_enough else float(row[key])
    return pa.table({name: pa.array([row[name] for row in rows]) for name in COLUMNS})


def _verdict(is_enough: bool, p: float, difference: float) -> str:
    if not is_enough or np.isnan(p):
        return "too few to say"
    return ("above" if difference > 0 else "below") if p <= _RATE else "no difference shown"


def _tested(rows: list[dict[str, Any]]) -> np.ndarray:
    numbers = [np.array([row[key] for row in rows], dtype=np.int64) for key in (
        "count_hits", "count_cases", "other_hits", "other_cases")]  # fmt: skip
    enough = np.array([bool(row["is_enough"]) for row in rows], dtype=bool)
    p = np.full(len(rows), np.nan)
    if enough.any():
        p[enough] = two_shares(*(values[enough] for values in numbers))
    return p


def _trends(periods: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a test for a steady change per funnel, told as the last complete period against the first."""
    rows: list[dict[str, Any]] = []
    for index in sorted({period["funnel_index"] for period in periods}):
        mine = [period for period in periods if period["funnel_index"] == index]
        k, n = (np.array([p[key] for p in mine], dtype=np.int64) for key in ("count_converted", "count_entries"))
        p = trend(k, n)
        rows.append(
            {
                "funnel_index": index, "comparison": "trend", "breakdown": "period", "value_of": "",
                "breakdown_value": str(mine[-1]["period"]), "other_value": str(mine[0]["period"]),
                "level": mine[0]["level"], "count_hits": int(k[-1]), "count_cases": int(n[-1]),
                "other_hits": int(k[0]), "other_cases": int(n[0]), "p_value": p,
                "is_fair": True,
                "is_enough": len(mine) >= 3 and bool((n >= mine[0]["guard_n"]).all()),
            }
        )  # fmt: skip
    return rows
