"""One row per identifier: the group of identifiers that all evidence holds together, before groups are protected.

grain: node_id
"""

from __future__ import annotations

import pyarrow as pa

from pipeline.analysis.graphs import smallest_member_of_component

READS = ("identity.nodes", "identity.accepted_links", "identity.cut_links")
COLUMNS = {
    "node_id": ("bigint", "Number of the identifier in identity.nodes."),
    "group_id": ("bigint", "Smallest number among the identifiers of its group."),
}


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Return the connected components of the identity graph; `query` runs a SELECT and gives an Arrow table."""
    count = query("select count(*) as n from identity.nodes").column("n")[0].as_py()
    links = query(
        "select node_id - 1 as one, other_node_id - 1 as other from identity.accepted_links "
        "anti join identity.cut_links using (node_id, other_node_id)"
    )
    group = smallest_member_of_component(count, links.column("one").to_numpy(), links.column("other").to_numpy())
    return pa.table({"node_id": pa.array(range(1, count + 1), pa.int64()), "group_id": pa.array(group + 1, pa.int64())})
