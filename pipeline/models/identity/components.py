"""One row per identifier: the group of identifiers that are one person, as certain and then probable links say.

grain: node_id
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.analysis.graphs import smallest_member_of_component

READS = ("identity.certain_groups", "identity.probable_joins")
COLUMNS = {
    "node_id": ("bigint", "Number of the identifier in identity.nodes."),
    "component_id": ("bigint", "Smallest number among the identifiers of its group: its oldest identifier."),
}


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Join the groups that probable links join; `query` runs a SELECT and gives an Arrow table."""
    groups = query("select node_id, group_id from identity.certain_groups order by node_id")
    group = groups.column("group_id").to_numpy()
    joins = query(
        "select node_id - 1 as one, other_node_id - 1 as other from identity.probable_joins where rule is null"
    )
    if joins.num_rows:
        one, other = (joins.column(name).to_numpy() for name in ("one", "other"))
        nodes = np.arange(len(group))
        group = 1 + smallest_member_of_component(
            len(group), np.concatenate([nodes, one]), np.concatenate([group - 1, other])
        )
    return pa.table({"node_id": groups.column("node_id"), "component_id": pa.array(group, pa.int64())})
