"""One row per probable link: whether it is followed, or the rule that refuses it.

Links are taken by weight. One that would bring two user ids or two loyalty cards together is refused, also when it
would do so through others, and so is one that would bring together whom a line of identity.csv splits. Without rows
unless probable links are switched on.

grain: node_id, other_node_id
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.merging import joins_without_conflict

READS = (
    "config.identifier_strengths",
    "identity.nodes",
    "identity.certain_groups",
    "identity.compared_people",
    "identity.overrides",
    "identity.probable_links",
)
COLUMNS = {
    "node_id": ("bigint", "Number of the one record in identity.nodes."),
    "other_node_id": ("bigint", "Number of the other one."),
    "value": ("varchar", "System and key of the one record."),
    "other_value": ("varchar", "System and key of the other one."),
    "match_weight": ("double", "Weight of the link in identity.probable_links."),
    "evidence": ("varchar", "The weight, what agrees, and what differs."),
    "source_systems": ("varchar", "Systems whose records these are."),
    "rule": ("varchar", "Rule that refuses the link; null when it is followed."),
}

#: Groups that hold something of which a person has but one; then, line by line, those that somebody wants apart.
_STRONG = """
    select distinct kind as mark, group_id
    from identity.nodes
    join config.identifier_strengths using (kind)
    join identity.certain_groups using (node_id)
    where is_strong order by all"""
_SPLIT = """
    select 'line ' || line_number as mark, group_id
    from (
        select line_number, unnest([node_id, other_node_id]) as node_id
        from identity.overrides where action = 'split'
    )
    join identity.certain_groups using (node_id) order by line_number, group_id"""


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Follow the links by weight; `query` runs a SELECT and gives an Arrow table."""
    links = query(
        """select links.node_id, links.other_node_id, one.record as value, other.record as other_value,
            links.match_weight, format('probable (weight {:.1f}): {}', links.match_weight, links.evidence) as evidence,
            concat_ws(', ', least(one.source_system, other.source_system),
                nullif(greatest(one.source_system, other.source_system), least(one.source_system, other.source_system))
            ) as source_systems,
            one_group.group_id as one_group, other_group.group_id as other_group
        from identity.probable_links as links
        join identity.compared_people as one on one.node_id = links.node_id
        join identity.compared_people as other on other.node_id = links.other_node_id
        join identity.certain_groups as one_group on one_group.node_id = links.node_id
        join identity.certain_groups as other_group on other_group.node_id = links.other_node_id
        order by links.match_weight desc, links.node_id, links.other_node_id"""
    )
    ends = (links.column("one_group").to_numpy(), links.column("other_group").to_numpy())
    groups, places = np.unique(np.concatenate(ends), return_inverse=True)
    left, right = places[: links.num_rows], places[links.num_rows :]
    strong, split = (_marks(query(sql), groups) for sql in (_STRONG, _SPLIT))
    marks = np.array(list(strong.values()), dtype=bool).reshape(len(strong), len(groups))
    is_followed = joins_without_conflict(left, right, marks)
    said = np.full(len(left), None, dtype=object)
    is_told = ~is_followed
    said[is_told] = "conflict_of_strong_ids"
    # Line by line, so that each refused link is told the first line that refuses it.
    for line, mark in split.items():
        marks = np.vstack([marks, mark])
        is_followed = joins_without_conflict(left, right, marks)
        said[~is_followed & ~is_told] = f"split_by_hand, {line}"
        is_told |= ~is_followed
    rule = pc.if_else(pa.array(is_followed), pa.scalar(None, pa.string()), pa.array(said, pa.string()))
    return links.drop_columns(["one_group", "other_group"]).append_column("rule", rule)


def _marks(holders: pa.Table, groups: np.ndarray) -> dict[str, np.ndarray]:
    """Return for each mark which of the groups carry it, shape (groups,)."""
    kinds = holders.column("mark").to_numpy(zero_copy_only=False)
    held = holders.column("group_id").to_numpy()
    return {kind: np.isin(groups, held[kinds == kind]) for kind in dict.fromkeys(kinds)}
