"""One row per bridge: a single row through a phone or a browser that alone holds two large groups together.

grain: node_id, other_node_id
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.analysis.graphs import places_of
from pipeline.analysis.merging import bridges, refused_bridges

READS = (
    "identity.nodes",
    "identity.groups",
    "identity.accepted_links",
    "identity.cut_links",
    "identity.conflict_links",
    "config.identifier_strengths",
    "config.settings",
)
COLUMNS = {
    "node_id": ("bigint", "Number of the stronger identifier in identity.nodes."),
    "other_node_id": ("bigint", "Number of the other one."),
    "count_identifiers": ("bigint", "Identifiers on the side of the one, order numbers aside."),
    "other_count_identifiers": ("bigint", "Identifiers on the side of the other, order numbers aside."),
    "is_refused": ("boolean", "Both sides have an account or card, so it is not followed; else it is one to look at."),
}

#: A link weak enough to be a bridge: one row that a phone or a browser makes.
_IS_WEAK = "links.strength > 2 and links.count_rows = 1"

#: Identifiers of groups large enough to have two large sides, and that hold such a link.
_MEMBERS = f"""
    with weak as (
        select distinct groups.group_id
        from identity.accepted_links as links
        join identity.groups as groups using (node_id)
        where {_IS_WEAK}
    ),
    large as (
        select groups.group_id
        from weak
        join identity.groups as groups using (group_id)
        join identity.nodes as nodes using (node_id)
        where nodes.kind <> 'order'
        group by groups.group_id
        having count(*) >= 2 * (select bridge_identifiers from config.settings)
    )
    select nodes.node_id, (nodes.kind <> 'order')::bigint as size, strengths.is_strong
    from large
    join identity.groups as groups using (group_id)
    join identity.nodes as nodes using (node_id)
    join config.identifier_strengths as strengths using (kind)
    order by nodes.node_id"""

_LINKS = f"""
    select links.node_id, links.other_node_id, {_IS_WEAK} as is_weak
    from identity.accepted_links as links
    semi join ({_MEMBERS}) as members using (node_id)
    anti join identity.cut_links using (node_id, other_node_id)
    anti join identity.conflict_links using (node_id, other_node_id)
    order by links.strength, links.first_seen_at nulls last, links.node_id, links.other_node_id"""


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Find the bridges of large groups; `query` runs a SELECT and gives an Arrow table."""
    members = query(_MEMBERS)
    nodes, size = members.column("node_id").to_numpy(), members.column("size").to_numpy()
    least = query("select bridge_identifiers as least from config.settings").column("least")[0].as_py()
    links = query(_LINKS)
    left, right = (places_of(nodes, links.column(name).to_numpy()) for name in ("node_id", "other_node_id"))
    is_weak = links.column("is_weak").to_numpy()
    found = [
        bridge
        for bridge in bridges(size, left, right)
        if is_weak[bridge.link] and min(bridge.left_size, bridge.right_size) >= least
    ]
    weakest = np.array([bridge.link for bridge in found], dtype=np.int64)
    is_strong = members.column("is_strong").to_numpy()
    refused = set(refused_bridges(size, is_strong, left, right, weakest, least))
    rows = [
        {
            "node_id": int(nodes[left[bridge.link]]),
            "other_node_id": int(nodes[right[bridge.link]]),
            "count_identifiers": bridge.left_size,
            "other_count_identifiers": bridge.right_size,
            "is_refused": bridge.link in refused,
        }
        for bridge in found
    ]
    types = {"bigint": pa.int64(), "boolean": pa.bool_()}
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, types[kind]) for name, (kind, _) in COLUMNS.items()]))
