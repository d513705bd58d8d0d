"""One row per share that is compared with the rest: whether it differs by more than chance.

Where many rows stand side by side, some look different by chance alone. Each row is tested against the rest of its rows
together, and all tests of one measure and breakdown share a false discovery rate of 10 %.

grain: measure, breakdown, breakdown_value, stage
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.analysis.proportions import found_differences

READS = (
    "marts.stage_conversion",
    "marts.journey_paths",
    "marts.tracking_gap",
    "config.settings",
)
COLUMNS = {
    "measure": (
        "varchar",
        "step_rate: share who went on to the stage; conversion_rate: share of the path's ended journeys with an order; "
        "untracked_share: web orders unseen.",
    ),
    "breakdown": (
        "varchar",
        "first_channel, country, device, month; or channel_path, stage_path, page_group_path, interaction_path.",
    ),
    "breakdown_value": ("varchar", "The channel, device, country or month; of a path its steps between chr(31)."),
    "stage": ("varchar", "Stage; empty where the measure has none."),
    "count_hits": ("bigint", "Cases that count for the share."),
    "count_cases": ("bigint", "Cases it is a share of."),
    "other_hits": ("bigint", "Hits of the rows it is compared with: the others; of a month those before it."),
    "other_cases": ("bigint", "Their cases."),
    "p_value": (
        "double",
        "Two-sided (score test; Fisher's exact one on few cases); null when either side has too few cases to say.",
    ),
    "p_adjusted": ("double", "The same, adjusted for the number of comparisons (Benjamini and Hochberg 1995)."),
    "verdict": ("varchar", "above or below when p_adjusted is at most 0.1; no difference shown; too few to say."),
}

_SHARES = """
with given as (
    select 'step_rate' as measure, breakdown, breakdown_value, stage, count_mature as hits, count_decided as cases
    from marts.stage_conversion where breakdown = 'first_channel' and count_decided is not null
    union all
    select 'conversion_rate', path_kind || '_path',
        array_to_string(path, chr(31)) || case when is_cut then chr(31) else '' end,
        '', count_converted, count_converted + count_lost
    from marts.journey_paths where count_steps is distinct from 0
    union all
    select 'untracked_share', breakdown, breakdown_value, '', count_untracked, count_orders
    from marts.tracking_gap where breakdown in ('country', 'device', 'month')
),
compared as (
    select
        given.* exclude (hits, cases), cast(hits as bigint) as hits, cast(cases as bigint) as cases,
        case when breakdown = 'month' then sum(hits) over before else sum(hits) over every - hits end
            as other_hits,
        case when breakdown = 'month' then sum(cases) over before else sum(cases) over every - cases end
            as other_cases
    from given
    window
        every as (partition by measure, breakdown, stage),
        before as (
            partition by measure, breakdown, stage order by breakdown_value
            rows between unbounded preceding and 1 preceding)
)
select
    measure, breakdown, breakdown_value, stage, hits as count_hits, cases as count_cases,
    cast(coalesce(other_hits, 0) as bigint) as other_hits, cast(coalesce(other_cases, 0) as bigint) as other_cases,
    cases >= guard_n and coalesce(other_cases, 0) >= guard_n as is_enough
from compared cross join config.settings
-- Most paths are taken by a handful; they would fill the table to say that they are too few.
where measure <> 'conversion_rate' or cases >= guard_n
order by measure, breakdown, breakdown_value, stage
"""


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Return the comparisons; `query` runs a SELECT and gives an Arrow table."""
    rows = query(_SHARES)
    k, n, other_k, other_n = (
        rows[name].to_numpy() for name in ("count_hits", "count_cases", "other_hits", "other_cases")
    )
    enough = rows["is_enough"].to_numpy(zero_copy_only=False)
    families = np.array(
        [f"{a} {b}" for a, b in zip(rows["measure"].to_pylist(), rows["breakdown"].to_pylist(), strict=True)],
        dtype=object,
    )
    found = found_differences(k, n, other_k, other_n, enough, families)
    return pa.table({name: found[name] if name in found else rows[name] for name in COLUMNS})
