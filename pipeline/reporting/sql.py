"""Pieces of SQL that several pages share."""

from __future__ import annotations

from pipeline.reporting import channels
from pipeline.reporting.style import UNTRACKED


def rate(k: str, n: str, name: str) -> str:
    """Return the columns of a rate: k of n, and the ends of its 95 % interval (see models/functions.sql)."""
    return f"{k} / nullif({n}, 0) as {name}, share_low({k}, {n}) as {name}_low, share_high({k}, {n}) as {name}_high"


def pooled_channels(table: str, channel: str, size: str, most: int = channels.MOST_CHANNELS) -> str:
    """Return a SELECT of every channel in a table, the name it is shown under, and its place.

    The smallest share one name that says how many they are; what no channel earned stays last and whole.
    """
    return f"""
        select {channel} as channel, {channel} = '{UNTRACKED}' as is_apart,
            row_number() over (order by is_apart, {size} desc, {channel}) as own_place,
            count(*) filter (where not is_apart) over () as count_named,
            is_apart or count_named <= {most + 1} or own_place <= {most} as is_shown,
            case when is_shown then {channel}
                else '{channels.POOLED[:-1]}: ' || (count_named - {most}) || ')' end as shown,
            case when is_apart then {most + 2} else least(own_place, {most + 1}) end as place
        from {table} group by {channel}"""
