"""One row per kind of path and part of paths that journeys share: whether those with it end in an order more often.

A part is a run of two to four steps, or a pair of steps with others between them, among the first
`paths.longest_path` steps. Journeys with it are compared with those without it that are as long at least, since a
journey too short to hold it says nothing about it. A journey counts once however often it holds the part.

grain: path_kind, form, path
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.analysis.proportions import found_differences

READS = ("core.taken_paths", "core.path_nodes", "config.settings")
COLUMNS = {
    "path_kind": ("varchar", "What its steps are: channel, stage, page_group or interaction."),
    "form": ("varchar", "run: the steps follow one another; gap: the second comes later, with others between."),
    "path": ("varchar[]", "Its steps in order."),
    "count_steps": ("integer", "Steps in it."),
    "count_journeys": ("bigint", "Journeys that hold it, open ones included: its support."),
    "count_converted": ("bigint", "Those that ended in an order."),
    "count_ended": ("bigint", "Those that ended, with an order or in silence: n of its rate."),
    "conversion_rate": ("double", "Converted among ended journeys with it."),
    "conversion_rate_low": ("double", "Lower end of its 95 % interval."),
    "conversion_rate_high": ("double", "Upper end."),
    "other_converted": ("bigint", "Journeys without it that are as long at least, and ended in an order."),
    "other_ended": ("bigint", "Such journeys that ended: n of their rate."),
    "other_rate": ("double", "Converted among them."),
    "other_rate_low": ("double", "Lower end of its 95 % interval."),
    "other_rate_high": ("double", "Upper end."),
    "p_value": ("double", "Two-sided (score test; Fisher's exact one on few cases); null with too few cases to say."),
    "p_adjusted": ("double", "The same, adjusted for the parts of its kind (Benjamini and Hochberg 1995)."),
    "verdict": ("varchar", "above or below when p_adjusted is at most 0.1; no difference shown; too few to say."),
}

# A run is one number, seven bits of it the form and eight each step, so that parts are counted as whole numbers.
_PARTS = """
with settings as (select * from config.settings),
names as (
    select path_kind, list(step order by code) as names
    from (select distinct path_kind, code, step from core.path_nodes) group by path_kind
),
numbered as (
    select
        path_kind, row_number() over () as path_number, count_journeys as journeys, count_converted as converted,
        count_converted + count_lost as ended, least(len(path_codes), settings.longest_path) as size,
        cast(path_codes[:settings.longest_path] as bigint[]) as codes
    from core.taken_paths
    cross join settings
    where len(path_codes) > 1
),
runs as (
    select path_kind, journeys, converted, ended, unnest(list_distinct(flatten([
        list_transform(range(1, size), lambda i: (2::bigint << 32) + codes[i] * 256 + codes[i + 1]),
        list_transform(range(1, size - 1), lambda i: (3::bigint << 32) + codes[i] * 65536 + codes[i + 1] * 256
            + codes[i + 2]),
        list_transform(range(1, size - 2), lambda i: (4::bigint << 32) + codes[i] * 16777216 + codes[i + 1] * 65536
            + codes[i + 2] * 256 + codes[i + 3])
    ]))) as part
    from numbered
),
placed as (
    select path_number, code, min(place) as first_place, max(place) as last_place
    from (select path_number, unnest(codes) as code, unnest(range(1, size + 1)) as place from numbered where size > 2)
    group by all
),
gaps as (
    select
        numbered.path_kind, numbered.journeys, numbered.converted, numbered.ended,
        (1::bigint << 32) + a.code * 256 + b.code as part
    from placed as a
    join placed as b on b.path_number = a.path_number and b.last_place >= a.first_place + 2
    join numbered on numbered.path_number = a.path_number
),
counted as (
    select
        path_kind, part, sum(journeys) as count_journeys, sum(converted) as count_converted, sum(ended) as count_ended
    from (select * from runs union all select * from gaps)
    group by path_kind, part
),
listed as (
    select *, part >> 32 as form_number, case form_number when 1 then 3 else form_number end as least_steps
    from counted
    where count_journeys > 1
    qualify row_number() over (partition by path_kind order by count_ended desc, count_journeys desc, part)
        <= (select most_paths from settings)
),
totals as (
    select path_kind, least_steps, sum(converted) as converted, sum(ended) as ended
    from numbered join (values (2), (3), (4)) as sizes (least_steps) on numbered.size >= sizes.least_steps
    group by all
),
compared as (
    select
        listed.*, totals.converted - count_converted as other_converted, totals.ended - count_ended as other_ended,
        case form_number
            when 4 then [part >> 24 & 255, part >> 16 & 255, part >> 8 & 255, part & 255]
            when 3 then [part >> 16 & 255, part >> 8 & 255, part & 255]
            else [part >> 8 & 255, part & 255]
        end as codes
    from listed
    join totals on totals.path_kind = listed.path_kind and totals.least_steps = listed.least_steps
)
select
    compared.path_kind, case form_number when 1 then 'gap' else 'run' end as form,
    list_transform(codes, lambda code: names.names[code]) as path, cast(len(codes) as integer) as count_steps,
    cast(count_journeys as bigint) as count_journeys, cast(count_converted as bigint) as count_converted,
    cast(count_ended as bigint) as count_ended, count_converted / nullif(count_ended, 0) as conversion_rate,
    share_low(count_converted, count_ended) as conversion_rate_low,
    share_high(count_converted, count_ended) as conversion_rate_high,
    cast(other_converted as bigint) as other_converted, cast(other_ended as bigint) as other_ended,
    other_converted / nullif(other_ended, 0) as other_rate, share_low(other_converted, other_ended) as other_rate_low,
    share_high(other_converted, other_ended) as other_rate_high,
    count_ended >= guard_n and other_ended >= guard_n as is_enough
from compared
join names on names.path_kind = compared.path_kind
cross join settings
order by compared.path_kind, count_ended desc, count_journeys desc, part
"""


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Return the parts; `query` runs a SELECT and gives an Arrow table."""
    rows = query(_PARTS)
    k, n, other_k, other_n = (
        rows[name].to_numpy() for name in ("count_converted", "count_ended", "other_converted", "other_ended")
    )
    is_enough = rows["is_enough"].to_numpy(zero_copy_only=False)
    found = found_differences(k, n, other_k, other_n, is_enough, np.array(rows["path_kind"].to_pylist(), dtype=object))
    return pa.table({name: found[name] if name in found else rows[name] for name in COLUMNS})
