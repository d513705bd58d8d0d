"""One row per link that a split of the user's cuts: the fewest rows of evidence that hold the two sides together.

grain: node_id, other_node_id
"""

from __future__ import annotations

import pyarrow as pa

from pipeline.analysis.graphs import cut_between

READS = ("identity.nodes", "identity.accepted_links", "identity.overrides")
COLUMNS = {
    "node_id": ("bigint", "Number of the stronger identifier in identity.nodes."),
    "other_node_id": ("bigint", "Number of the other one."),
    "line_number": ("bigint", "Line of data/raw/overrides/identity.csv that cuts it."),
}


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Cut the links of each split, in the order of the file; `query` runs a SELECT and gives an Arrow table."""
    splits = query(
        "select line_number, node_id, other_node_id from identity.overrides "
        "where action = 'split' and node_id <> other_node_id order by line_number"
    ).to_pylist()
    schema = pa.schema([(name, pa.int64()) for name in COLUMNS])
    if not splits:
        return schema.empty_table()
    count = query("select count(*) as n from identity.nodes").column("n")[0].as_py()
    # What somebody joined by hand holds as much as ten thousand rows.
    links = query(
        "select node_id - 1 as one, other_node_id - 1 as other, "
        "case when strength = 0 then 10000 else greatest(least(coalesce(count_rows, 10000), 10000), 1) end as weight "
        "from identity.accepted_links order by all"
    )
    left, right, weight = (links.column(name).to_numpy() for name in ("one", "other", "weight"))
    cut = cut_between(
        count, left, right, weight, [(split["node_id"] - 1, split["other_node_id"] - 1) for split in splits]
    )
    lines = [split["line_number"] for split in splits]
    rows = [
        {"node_id": int(left[link]) + 1, "other_node_id": int(right[link]) + 1, "line_number": lines[pair]}
        for link, pair in cut
    ]
    return pa.Table.from_pylist(rows, schema=schema)
