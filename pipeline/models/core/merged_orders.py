"""One row per order that is merged with another one by amount, time and buyer: the order that stands for them.

grain: number_id
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.analysis.pairing import merge_one_to_one

READS = ("core.order_candidates", "core.source_orders", "config.order_priority")
COLUMNS = {
    "number_id": ("varchar", "The order as its numbers tell it."),
    "order_id": ("varchar", "The order that stands for all it is merged with: that of the system whose money stands."),
}

_GROUPS = """
    with likely as (
        select number_id from core.order_candidates union select other_number_id from core.order_candidates
    ),
    systems as (
        select source_system, row_number() over (order by source_system) - 1 as place
        from (select distinct source_system from core.source_orders)
    )
    select
        number_id,
        row_number() over (order by min(coalesce(ranks.priority, 1000)), number_id) - 1 as place,
        bit_or(cast(1 as ubigint) << systems.place) as members
    from core.source_orders as orders
    semi join likely using (number_id)
    join systems using (source_system)
    left join config.order_priority as ranks using (source_system)
    group by number_id
"""


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Merge the likely pairs one to one, the closest first; `query` runs a SELECT and gives an Arrow table."""
    groups = query(f"select number_id, members from ({_GROUPS}) order by place")
    pairs = query(
        f"""with groups as ({_GROUPS})
        select one.place as one, other.place as other
        from core.order_candidates as pairs
        join groups as one on one.number_id = pairs.number_id
        join groups as other on other.number_id = pairs.other_number_id
        order by amount_apart, seconds_apart, pairs.source_system, order_ref, other_source_system, other_order_ref"""
    )
    root = merge_one_to_one(
        pairs.column("one").to_numpy().astype(np.int64),
        pairs.column("other").to_numpy().astype(np.int64),
        groups.column("members").to_numpy().astype(np.uint64),
    )
    is_merged = np.bincount(root, minlength=len(root))[root] > 1 if len(root) else np.zeros(0, bool)
    numbers = groups.column("number_id")
    return pa.table(
        {"number_id": numbers.filter(pa.array(is_merged)), "order_id": numbers.take(pa.array(root[is_merged]))}
    )
