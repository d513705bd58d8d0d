"""One row per comparison, kind of path, and passage or path that two groups of journeys take: whether shares differ.

The share is of all journeys of a group: those that pass from one step to the next at least once, or take the path from
beginning to end. A first row per comparison and kind, the rate, compares how often an order comes within the look-back
of a first order, of the journeys that began so long before the end of the data: none of them is too young to tell.

grain: comparison, path_kind, form, path
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.analysis.proportions import difference_interval, found_differences

READS = (
    "core.journey_codes",
    "core.taken_paths",
    "core.journeys",
    "core.journey_traits",
    "core.path_nodes",
    "config.path_comparisons",
    "config.settings",
)
COLUMNS = {
    "comparison": ("integer", "Number of the comparison, in the order of paths.compare in journeys.yaml."),
    "trait": ("varchar", "What tells the two groups apart."),
    "first_value": ("varchar", "The first group."),
    "second_value": ("varchar", "The group it is compared with."),
    "path_kind": ("varchar", "What the steps are: channel, stage, page_group or interaction."),
    "form": (
        "varchar",
        "rate: an order within the look-back of a first order; passage: from a step to the next; path: all steps.",
    ),
    "path": (
        "varchar[]",
        "The steps; (start) and (conversion) are ends of a passage. Passages to a drop-off or silence are left out.",
    ),
    "first_hits": ("bigint", "Journeys of the first group that take it."),
    "first_cases": ("bigint", "Journeys of the first group; of a rate those that began so long ago."),
    "first_share": ("double", "Share of them."),
    "second_hits": ("bigint", "Journeys of the second group that take it."),
    "second_cases": ("bigint", "Journeys of the second group; of a rate those that began so long ago."),
    "second_share": ("double", "Share of them."),
    "least_cases": ("bigint", "Journeys of the smaller group: what is said rests on no fewer."),
    "difference": ("double", "First share minus second share."),
    "difference_low": ("double", "Lower end of its 95 % interval (Newcombe 1998, hybrid score)."),
    "difference_high": ("double", "Upper end."),
    "p_value": ("double", "Two-sided (score test; Fisher's exact one on few cases); null with too few cases to say."),
    "p_adjusted": ("double", "The same, adjusted for all of its comparison, kind and form (Benjamini, Hochberg 1995)."),
    "verdict": ("varchar", "above or below when p_adjusted is at most 0.1; no difference shown; too few to say."),
}

# Journeys are first counted by path and by the groups they are in, so that passages are cut out of few paths.
_SHARES = """
with settings as (select * from config.settings),
names as (
    select path_kind, list(step order by code) as names
    from (select distinct path_kind, code, step from core.path_nodes) group by path_kind
),
sided as (
    -- A side is twice the number of the comparison, and one more for its first group.
    select traits.journey_id, list_sort(list(pairs.comparison * 2 + cast(value = pairs.first as integer))) as sides
    from core.journey_traits as traits
    join core.journeys as journeys on journeys.journey_id = traits.journey_id
    cross join config.path_comparisons as pairs
    cross join lateral (select case pairs.trait
        when 'customer_kind' then traits.customer_kind when 'device_category' then traits.device_category
        when 'first_channel' then traits.first_channel when 'source_medium' then traits.source_medium
        when 'campaign' then traits.campaign when 'landing_page' then traits.landing_page
        when 'country' then traits.country when 'started_month' then strftime(traits.started_month, '%Y-%m')
        when 'outcome' then journeys.outcome end as value) as chosen
    where value in (pairs.first, pairs.second)
    group by traits.journey_id
),
-- Few lists of groups differ; a number stands for each.
kinds_of_sides as (
    select sides, row_number() over (order by sides) as side_code from (select distinct sides from sided)
),
sides as (
    select sided.journey_id, kinds_of_sides.side_code
    from sided
    join kinds_of_sides using (sides)
),
dated as (
    select
        journeys.journey_id, side_code, outcome,
        started_at + first_order_lookback_days * interval 1 day <= as_of as is_old,
        is_old and outcome = 'converted' and duration_days <= first_order_lookback_days as is_old_order
    from core.journeys as journeys
    join sides on sides.journey_id = journeys.journey_id
    cross join settings
),
kinds as (select distinct path_kind from core.taken_paths),
seen as (
    select
        steps.path_kind, steps.path_codes[:(select longest_path from settings)] as codes,
        len(steps.path_codes) > (select longest_path from settings) as is_cut, dated.side_code, dated.outcome,
        count(*) as journeys,
        count(*) filter (where is_old) as old_journeys,
        count(*) filter (where is_old_order) as old_orders
    from core.journey_codes as steps
    join dated on dated.journey_id = steps.journey_id
    group by all
),
everyone as (
    select
        side_code, outcome, count(*) as journeys, count(*) filter (where is_old) as old_journeys,
        count(*) filter (where is_old_order) as old_orders
    from dated group by side_code, outcome
),
paths as (
    select * from seen
    union all
    -- Journeys without a step of the kind are those left over.
    select path_kind, [], false, side_code, outcome, any_value(everyone.journeys) - coalesce(sum(seen.journeys), 0),
        any_value(everyone.old_journeys) - coalesce(sum(seen.old_journeys), 0),
        any_value(everyone.old_orders) - coalesce(sum(seen.old_orders), 0)
    from everyone cross join kinds left join seen using (path_kind, side_code, outcome)
    group by path_kind, side_code, outcome
    having any_value(everyone.journeys) > coalesce(sum(seen.journeys), 0)
),
ended as (
    select
        *,
        case
            when is_cut then 254 when outcome = 'converted' then 251 when outcome = 'lost' then 252 else 253
        end as ending
    from paths
),
passages as (
    -- A passage is one number until few are left.
    select path_kind, side_code, part, sum(journeys) as hits
    from (
        select path_kind, side_code, journeys, unnest(list_distinct(list_transform(range(0, len(codes) + 1), lambda i:
            cast(case when i = 0 then 250 else codes[i] end as integer) * 256
                + case when i = len(codes) then ending else codes[i + 1] end))) as part
        from ended
    )
    group by path_kind, side_code, part
),
taken as (
    select path_kind, 'passage' as form, cast([part // 256, part % 256] as integer[]) as codes, side_code, hits
    from passages
    union all
    select path_kind, 'path', case when is_cut then list_append(codes, 254) else codes end, side_code, sum(journeys)
    from ended group by path_kind, codes, is_cut, side_code
    union all
    select path_kind, 'rate', [], side_code, sum(old_orders) from paths group by path_kind, side_code
),
forms as (select * from (values ('rate'), ('passage'), ('path')) as forms (form)),
groups as (
    select
        path_kind, form, side // 2 as comparison, side % 2 = 1 as is_first,
        sum(case when form = 'rate' then old_journeys else journeys end) as cases
    from (
        select path_kind, old_journeys, journeys, unnest(sides) as side
        from (
            select path_kind, side_code, sum(old_journeys) as old_journeys, sum(journeys) as journeys
            from paths group by path_kind, side_code
        )
        join kinds_of_sides using (side_code)
    )
    cross join forms
    group by all
),
hits as (
    select path_kind, form, codes, side // 2 as comparison, sum(hits) filter (where side % 2 = 1) as first_hits,
        sum(hits) filter (where side % 2 = 0) as second_hits
    from (
        select path_kind, form, codes, hits, unnest(sides) as side from taken join kinds_of_sides using (side_code)
    ) group by all
),
cases as (
    select
        kinds.path_kind, forms.form, pairs.*, coalesce(a.cases, 0) as first_cases, coalesce(b.cases, 0) as second_cases
    from config.path_comparisons as pairs
    cross join kinds
    cross join forms
    left join groups as a
        on a.path_kind = kinds.path_kind and a.form = forms.form and a.comparison = pairs.comparison and a.is_first
    left join groups as b
        on b.path_kind = kinds.path_kind and b.form = forms.form and b.comparison = pairs.comparison and not b.is_first
),
counted as (
    select cases.*, coalesce(hits.codes, []) as codes, coalesce(hits.first_hits, 0) as first_hits,
        coalesce(hits.second_hits, 0) as second_hits,
        coalesce(hits.first_hits, 0) / greatest(first_cases, 1)
            + coalesce(hits.second_hits, 0) / greatest(second_cases, 1) as both_shares
    from cases left join hits using (path_kind, form, comparison)
    -- When a silence is a drop-off depends on the group, and how a journey ends is no difference of groups made by it.
    where case when cases.form = 'rate' then trait <> 'outcome'
        else hits.codes is not null
            and (form = 'path' or hits.codes[2] not in (case when trait = 'outcome' then 251 else 252 end, 252, 253))
        end
),
-- Most paths share few shares: only those that fewer than are listed stand before need be sorted.
ahead as (
    select path_kind, form, comparison, both_shares, sum(count(*)) over (
        partition by path_kind, form, comparison order by both_shares desc) - count(*) as count_before
    from counted group by path_kind, form, comparison, both_shares
),
listed as (
    select counted.*
    from counted
    join ahead using (path_kind, form, comparison, both_shares)
    where count_before < (select most_paths from settings)
    qualify row_number() over (partition by path_kind, form, comparison order by both_shares desc, codes)
        <= (select most_paths from settings)
),
shares as (
    select *, first_hits / nullif(first_cases, 0) as a, second_hits / nullif(second_cases, 0) as b
    from listed
)
select
    cast(comparison as integer) as comparison, trait, first as first_value, second as second_value,
    shares.path_kind, form,
    case when form = 'path' and len(codes) = 0 then ['(nothing seen)'] else list_transform(codes, lambda code: case code
        when 250 then '(start)' when 251 then '(conversion)' when 252 then '(drop-off)' when 253 then '(still open)'
        when 254 then '(more steps)' else names.names[code] end) end as path,
    cast(first_hits as bigint) as first_hits, cast(first_cases as bigint) as first_cases, a as first_share,
    cast(second_hits as bigint) as second_hits, cast(second_cases as bigint) as second_cases, b as second_share,
    cast(least(first_cases, second_cases) as bigint) as least_cases, a - b as difference,
    first_cases >= guard_n and second_cases >= guard_n as is_enough
from shares
left join names on names.path_kind = shares.path_kind
cross join settings
order by comparison, shares.path_kind, form, a + b desc, codes
"""


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Return the comparisons; `query` runs a SELECT and gives an Arrow table."""
    rows = query(_SHARES)
    k, n, other_k, other_n = (
        rows[name].to_numpy() for name in ("first_hits", "first_cases", "second_hits", "second_cases")
    )
    is_enough = rows["is_enough"].to_numpy(zero_copy_only=False)
    families = ["comparison", "path_kind", "form"]
    named = zip(*(rows[name].to_pylist() for name in families), strict=True)
    found = found_differences(k, n, other_k, other_n, is_enough, np.array([str(each) for each in named], dtype=object))
    for name, end in zip(
        ("difference_low", "difference_high"), difference_interval(k, n, other_k, other_n), strict=True
    ):
        found[name] = pa.array(end, pa.float64(), from_pandas=True)
    return pa.table({name: found[name] if name in found else rows[name] for name in COLUMNS})
