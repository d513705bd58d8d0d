"""One row per experiment, arm and metric: what its people did after they saw it, and how that differs from the control.

People count from their first exposure, for the same days each; who saw several arms, or whose days are not over, is
left out and counted. An experiment whose arms have not the sizes that were planned is not read.

grain: experiment, variant, metric
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.analysis.proportions import false_discovery_rate
from pipeline.analysis.trials import RATIO_LEVEL, Difference, mean_interval, means_differ, sample_ratio, shares_differ

READS = ("core.experiment_exposures", "config.experiments", "config.experiment_arms", "config.settings")
COLUMNS = {
    "experiment": ("varchar", "Experiment."),
    "variant": ("varchar", "Arm."),
    "metric": ("varchar", "conversion: share of people with an order; revenue: net revenue per person."),
    "is_main": ("boolean", "The experiment is judged by this metric."),
    "is_control": ("boolean", "The others are compared with this arm."),
    "channel": ("varchar", "Channel that the control is kept from; null when it is no hold-out."),
    "window_days": ("integer", "Days after the first exposure that count."),
    "count_assigned": ("bigint", "People who saw this arm and no other."),
    "count_not_over": ("bigint", "Those of them whose days are not over; they are left out."),
    "count_people": ("bigint", "Those who are read: n."),
    "count_several": ("bigint", "People of the experiment who saw several arms and are read in none."),
    "expected_share": ("double", "Part of the people that was planned for the arm."),
    "ratio_p_value": ("double", "Chance of arms so unlike what was planned; below 0.001 nothing is read."),
    "value": ("double", "The metric."),
    "value_low": ("double", "Lower end of its 95 % interval."),
    "value_high": ("double", "Upper end."),
    "difference": ("double", "The metric less that of the control; null for the control and where nothing is read."),
    "difference_low": ("double", "Lower end of its 95 % interval."),
    "difference_high": ("double", "Upper end."),
    "p_adjusted": ("double", "Two-sided, adjusted for the number of arms (Benjamini and Hochberg 1995)."),
    "before_difference": (
        "double",
        "The same difference in as many days before the exposure: nothing, if chance chose.",
    ),
    "before_low": ("double", "Lower end of its 95 % interval."),
    "before_high": ("double", "Upper end."),
    "before_p_value": ("double", "Two-sided, of no difference before; at most 0.01 is a warning."),
    "verdict": (
        "varchar",
        "control; higher or lower when p_adjusted is at most 0.05; no difference shown; too few to say; "
        "differed before; arms are not as planned; one arm only.",
    ),
}

_LEVEL, _BEFORE_LEVEL = 0.05, 0.01
_READ = "filter (where is_over and not is_in_several_arms)"
_ARMS = f"""
with arms as (
    select
        experiment, variant,
        count(*) filter (where not is_in_several_arms) as count_assigned,
        count(*) filter (where not is_in_several_arms and not is_over) as count_not_over,
        count(*) {_READ} as n,
        count(*) filter (where is_in_several_arms) as several,
        count(*) filter (where is_over and not is_in_several_arms and is_converted) as hits,
        count(*) filter (where is_over and not is_in_several_arms and has_bought_before) as hits_before,
        coalesce(sum(revenue::double) {_READ}, 0) as total,
        coalesce(sum(revenue::double ** 2) {_READ}, 0) as squares,
        coalesce(sum(revenue_before::double) {_READ}, 0) as total_before,
        coalesce(sum(revenue_before::double ** 2) {_READ}, 0) as squares_before
    from core.experiment_exposures group by experiment, variant
),
planned as (
    select experiment, variant from arms
    union
    select experiment, variant from config.experiment_arms where experiment in (select experiment from arms)
    union
    select experiment, trim(control) from config.experiments
    where control is not null and experiment in (select experiment from arms)
)
select
    planned.experiment, planned.variant, arms.* exclude (experiment, variant),
    sum(arms.several) over (partition by planned.experiment)::bigint as count_several,
    share_low(hits, n) as share_low, share_high(hits, n) as share_high,
    case when given.has_split then coalesce(expected.expected_share, 0)
        else 1 / count(*) over (partition by planned.experiment) end as expected_share,
    declared.channel, coalesce(declared.metric, 'conversion') as metric,
    coalesce(declared.window_days, settings.experiment_days) as window_days,
    row_number() over (
        partition by planned.experiment
        order by
            coalesce(planned.variant = trim(declared.control), false) desc,
            regexp_full_match(
                lower(planned.variant),
                '(.*[ _-])?(control|hold[ _-]?out|held[ _-]?out|off|none)([ _-].*)?') desc,
            planned.variant
    ) = 1 as is_control,
    settings.guard_n
from planned
left join arms on arms.experiment = planned.experiment and arms.variant = planned.variant
left join config.experiments as declared on declared.experiment = planned.experiment
left join config.experiment_arms as expected
    on expected.experiment = planned.experiment and expected.variant = planned.variant
left join (select experiment, true as has_split from config.experiment_arms group by experiment) as given
    on given.experiment = planned.experiment
cross join config.settings as settings
order by planned.experiment, is_control desc, planned.variant
"""


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Return the arms of every experiment; `query` runs a SELECT and gives an Arrow table."""
    given = [{key: _number(key, value) for key, value in row.items()} for row in query(_ARMS).to_pylist()]
    rows = [row for _, arms in groupby(given, key=lambda arm: arm["experiment"]) for row in _experiment(list(arms))]
    types = {
        "varchar": pa.string(),
        "boolean": pa.bool_(),
        "integer": pa.int32(),
        "bigint": pa.int64(),
        "double": pa.float64(),
    }
    return pa.table(
        {
            name: pa.array([row[name] for row in rows], types[kind], from_pandas=kind == "double")
            for name, (kind, _) in COLUMNS.items()
        }
    )


def _number(key: str, value: Any) -> Any:
    """Return nothing as 0 where an arm that was planned has nobody."""
    return 0 if value is None and key not in ("channel", "share_low", "share_high") else value


def _experiment(arms: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the rows of one experiment; its control comes first."""
    ratio = sample_ratio([arm["count_assigned"] for arm in arms], [arm["expected_share"] for arm in arms])
    for metric in ("conversion", "revenue"):
        after = [_compared(arm, arms[0], metric, "") for arm in arms]
        adjusted = false_discovery_rate(np.array([np.nan, *(found.p_value for found in after[1:])]))
        for arm, found, p in zip(arms, after, adjusted, strict=True):
            before = _compared(arm, arms[0], metric, "_before")
            verdict = _verdict(arm, arms, ratio, found, before, p)
            is_read = verdict not in ("control", "arms are not as planned", "too few to say", "one arm only")
            shown = found if is_read else Difference(*[float("nan")] * 4)
            earlier = before if is_read else Difference(*[float("nan")] * 4)
            value, low, high = _value(arm, metric)
            yield {
                **{name: arm[name] for name in ("experiment", "variant", "is_control", "channel", "window_days")},
                **{name: arm[name] for name in ("count_assigned", "count_not_over", "count_several", "expected_share")},
                "metric": metric, "is_main": arm["metric"] == metric, "count_people": arm["n"], "ratio_p_value": ratio,
                "value": value, "value_low": low, "value_high": high,
                "difference": shown.value, "difference_low": shown.low, "difference_high": shown.high,
                "p_adjusted": p if is_read else np.nan,
                "before_difference": earlier.value, "before_low": earlier.low, "before_high": earlier.high,
                "before_p_value": earlier.p_value, "verdict": verdict,
            }  # fmt: skip


def _compared(arm: dict[str, Any], control: dict[str, Any], metric: str, when: str) -> Difference:
    names = ("hits",) if metric == "conversion" else ("total", "squares")
    mine, others = ([side[f"{name}{when}"] for name in names] + [side["n"]] for side in (arm, control))
    return shares_differ(*mine, *others) if metric == "conversion" else means_differ(*mine, *others)


def _value(arm: dict[str, Any], metric: str) -> tuple[float | None, float | None, float | None]:
    if metric == "revenue":
        return mean_interval(arm["total"], arm["squares"], arm["n"])
    return (arm["hits"] / arm["n"] if arm["n"] else None), arm["share_low"], arm["share_high"]


def _verdict(
    arm: dict[str, Any], arms: list[dict[str, Any]], ratio: float, found: Difference, before: Difference, p: float
) -> str:
    if len(arms) == 1:
        return "one arm only"
    if ratio < RATIO_LEVEL:
        return "arms are not as planned"
    if arm["is_control"]:
        return "control"
    # That nobody bought in either arm is no sign that both buy alike.
    if min(arm["n"], arms[0]["n"]) < arm["guard_n"] or not arm["hits"] + arms[0]["hits"]:
        return "too few to say"
    if before.p_value <= _BEFORE_LEVEL:
        return "differed before"
    if p <= _LEVEL:
        return "higher" if found.value > 0 else "lower"
    return "no difference shown"
