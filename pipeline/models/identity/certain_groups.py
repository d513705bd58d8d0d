"""One row per identifier: the group of identifiers that certain links hold together, before any probable one.

grain: node_id
"""

from __future__ import annotations

import pyarrow as pa

from pipeline.analysis.graphs import places_of, smallest_member_of_component

READS = ("identity.groups", "identity.accepted_links", "identity.unfollowed_links")
COLUMNS = {
    "node_id": ("bigint", "Number of the identifier in identity.nodes."),
    "group_id": ("bigint", "Smallest number among the identifiers of its group: its oldest identifier."),
}

_TOUCHED = """
    select groups.node_id
    from identity.groups as groups
    where group_id in (
        select group_id from identity.groups where node_id in (select node_id from identity.unfollowed_links))
    order by groups.node_id"""


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Part the groups that hold links which are not followed; `query` runs a SELECT and gives an Arrow table."""
    groups = query("select node_id, group_id from identity.groups order by node_id")
    nodes, group = groups.column("node_id"), groups.column("group_id").to_numpy().copy()
    touched = query(_TOUCHED).column("node_id").to_numpy()
    if len(touched):
        links = query(
            f"select node_id, other_node_id from identity.accepted_links semi join ({_TOUCHED}) as touched "
            "using (node_id) anti join identity.unfollowed_links using (node_id, other_node_id)"
        )
        left, right = (places_of(touched, links.column(name).to_numpy()) for name in ("node_id", "other_node_id"))
        group[touched - 1] = touched[smallest_member_of_component(len(touched), left, right)]
    return pa.table({"node_id": nodes, "group_id": pa.array(group, pa.int64())})
